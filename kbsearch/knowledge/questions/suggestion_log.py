"""Which suggestions were shown, and for which question: written a moment later so that no question waits for a disk.

Questions are redacted before they are written, by the policy that holds then. Until then they are in memory only.

A suggestion's id holds the time at which it was made. So another process of the same data folder knows whether an id
that it cannot find may still be written, and waits for it.
"""

from __future__ import annotations

import secrets
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kbsearch.knowledge.redaction import Redaction, redacted_question
from kbsearch.model import Suggestion, TenantId, Ticket
from kbsearch.store import asked, feedback
from kbsearch.store.asked import AskedTicket
from kbsearch.store.port import Clock, Store
from kbsearch.text.redaction import Redactor

_MOST_WAITING = 10_000
_MOST_CHARACTERS_WAITING = 8_000_000
"""Of questions. Where more wait, because nothing can be written, the next suggestions are kept without them."""
# SQLite's readers forget their pages with each commit of another connection: not too often, then.
WRITTEN_EVERY_S = 2.0
_WRITTEN_AFTER_S = WRITTEN_EVERY_S + 1.5
_LOOKED_UP_EVERY_S = 0.05
_MOST_TYPED = 10_000
"""Questions being typed of which the last suggestion is remembered."""
_TYPED_FOR_S = 120.0
"""What was suggested so long ago is no longer replaced: the pause is too long for the same typing."""


def new_id(now: datetime) -> str:
    """An id that no other suggestion has: a version 7 UUID (RFC 9562), 32 hexadecimal digits."""
    milliseconds = int(now.timestamp() * 1_000) & (1 << 48) - 1
    random = secrets.randbits(74)
    return f"{milliseconds << 80 | 7 << 76 | (random >> 62) << 64 | 2 << 62 | random & (1 << 62) - 1:032x}"


def _age_s(id: str, now: datetime) -> float | None:
    """How long ago an id was made; None for what new_id() did not make."""
    try:
        made = uuid.UUID(hex=id)
    except ValueError:
        return None
    return now.timestamp() - (made.int >> 80) / 1_000 if made.version == 7 else None


@dataclass(frozen=True, slots=True)
class _Noted:
    """A suggestion and the ticket that it was asked for, if that has an id. ``replaces`` names an earlier one."""

    shown: feedback.Shown
    asked: AskedTicket | None
    replaces: str | None = None

    def redacted(self, redactor: Redactor) -> _Noted:
        """Both as they are stored."""
        if self.shown.question is None:
            return self
        question = redacted_question(self.shown.question, redactor)
        ticket = self.asked and replace(self.asked, subject=question.subject)
        return replace(self, shown=replace(self.shown, question=question), asked=ticket)


def _asked(ticket: Ticket, shown: feedback.Shown, suggestion: Suggestion) -> AskedTicket:
    return AskedTicket(
        tenant=shown.tenant,
        id=ticket.id or "",
        asked_at=shown.created_at,
        status=shown.status,
        action=suggestion.verdict.action,
        offered=bool(shown.solutions),
        created_at=ticket.created_at,
        respond_by=ticket.respond_by,
        responded_at=ticket.responded_at,
        resolve_by=ticket.resolve_by,
        suggestion_id=shown.id,
        model_id=suggestion.model,
        vector=suggestion.vector,
    )


def _replaced_of(noted: Sequence[_Noted]) -> dict[TenantId, list[str]]:
    """The ids of the suggestions that others replace, by tenant."""
    found: dict[TenantId, list[str]] = {}
    for one in noted:
        if one.replaces is not None:
            found.setdefault(one.shown.tenant, []).append(one.replaces)
    return found


def _without_replaced(noted: Sequence[_Noted]) -> list[_Noted]:
    replaced = {(one.shown.tenant, one.replaces) for one in noted}
    return [one for one in noted if (one.shown.tenant, one.shown.id) not in replaced]


class SuggestionLog:
    """Collects suggestions; flush(), which upkeep calls every WRITTEN_EVERY_S, writes them in batches.

    A crash loses at most the last moment's. Whatever needs a suggestion awaits it first.

    Args:
        store: where they are written.
        clock: gives the time.
        redaction: cleans the questions.
    """

    def __init__(self, store: Store, clock: Clock, redaction: Redaction) -> None:
        self._store = store
        self._clock = clock
        self._redaction = redaction
        self._waiting: list[_Noted] = []
        self._typed: OrderedDict[tuple[TenantId, str], str] = OrderedDict()
        self._characters = 0
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._closing = threading.Event()

    def note(
        self, tenant: TenantId, ticket: Ticket, suggestion: Suggestion, now: datetime, typing: str | None = None
    ) -> None:
        """Write later what was suggested for a ticket.

        ``typing`` names a question that is still being typed: of the suggestions with this name the last one stays,
        and those that an agent judged or that something was begun with.
        """
        shown = feedback.Shown(
            tenant=tenant,
            id=suggestion.id,
            ticket_id=ticket.id,
            solutions=tuple((one.solution.ref, one.confidence) for one in suggestion.solutions),
            status=suggestion.verdict.status,
            confidence=suggestion.verdict.confidence,
            created_at=now,
            question=ticket,
        )
        size = len(ticket.text) + sum(map(len, ticket.environment))
        with self._lock:
            if self._characters + size > _MOST_CHARACTERS_WAITING:
                shown, size = replace(shown, question=None), 0
            if len(self._waiting) < _MOST_WAITING:
                replaced = None if typing is None else self._replaced(tenant, typing, shown.id, now)
                asked_for = None if ticket.id is None else _asked(ticket, shown, suggestion)
                self._waiting.append(_Noted(shown, asked_for, replaced))
                self._characters += size

    def _replaced(self, tenant: TenantId, typing: str, id: str, now: datetime) -> str | None:
        """The suggestion before this one of the same typing."""
        before = self._typed.pop((tenant, typing), None)
        self._typed[tenant, typing] = id
        while len(self._typed) > _MOST_TYPED:
            self._typed.popitem(last=False)
        age = None if before is None else _age_s(before, now)
        return before if age is not None and age <= _TYPED_FOR_S else None

    def flush(self) -> None:
        """Write what is waiting; what cannot be written stays waiting."""
        with self._flushing:
            with self._lock:
                waiting, self._waiting = self._waiting, []
                characters, self._characters = self._characters, 0
            if not waiting:
                return
            try:
                cleaned = self._cleaned(waiting)
                with self._store.write() as tx:
                    for tenant, ids in _replaced_of(cleaned).items():
                        asked.drop_replaced(tx, tenant, feedback.drop_replaced(tx, tenant, ids))
                    kept = _without_replaced(cleaned)
                    feedback.put_shown(tx, [one.shown for one in kept])
                    asked.put(tx, [one.asked for one in kept if one.asked is not None])
            except BaseException:
                with self._lock:
                    self._waiting = (waiting + self._waiting)[:_MOST_WAITING]
                    self._characters += characters
                raise

    def _cleaned(self, waiting: list[_Noted]) -> list[_Noted]:
        """The same with their questions redacted, the subjects of the tickets as well."""
        redactors = {tenant: self._redaction.of_tickets(tenant) for tenant in {one.shown.tenant for one in waiting}}
        return [one.redacted(redactors[one.shown.tenant]) for one in waiting]

    def await_written(self, tenant: TenantId, id: str) -> None:
        """Return once the suggestion of this id is stored, or cannot be on its way any more.

        This process writes its own at once. For those that another process may have made just now it waits some
        seconds at most.
        """
        self.flush()
        age = _age_s(id, self._clock())
        left = 0.0 if age is None or age < -_WRITTEN_AFTER_S else _WRITTEN_AFTER_S - max(age, 0.0)
        until = time.monotonic() + left
        while not self._is_written(tenant, id) and time.monotonic() < until:
            if self._closing.wait(_LOOKED_UP_EVERY_S):
                return

    def _is_written(self, tenant: TenantId, id: str) -> bool:
        with self._store.read() as tx:
            return feedback.get_shown(tx, tenant, id) is not None

    def close(self) -> None:
        """Write what is waiting. Whoever awaits a suggestion returns."""
        self._closing.set()
        self.flush()
