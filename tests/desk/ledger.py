"""A desk's history, noted event by event while it is played, and counted from these notes alone."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clocks import FakeClock

from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import Article, ArticleState, Feedback, FeedbackOutcome, Resolution, Scope, TenantId, Ticket

THINGS = ("printer", "mailbox", "vpn", "scanner", "badge", "monitor", "phone", "door")
ARTICLES = THINGS[:4]


@dataclass
class Note:
    """All that happened to a ticket."""

    created_at: datetime
    respond_by: datetime | None
    resolve_by: datetime | None
    asked: list[tuple[datetime, str, list[str]]] = field(default_factory=list)
    helped: bool = False
    judged: bool = False
    resolved: Resolution | None = None
    written_at: datetime | None = None
    outcome: str | None = None
    solution_id: str | None = None
    reopened_at: datetime | None = None
    open: bool = True


class Ledger:
    """Plays random events on a knowledge base and notes them."""

    def __init__(self, kb: KnowledgeBase, clock: FakeClock, seed: int, tenants: tuple[TenantId, ...]) -> None:
        self.kb, self.clock, self.chance, self.tenants = kb, clock, random.Random(seed), tenants
        self.notes: dict[tuple[TenantId, str], Note] = {}
        for tenant in tenants:
            for thing in ARTICLES:
                steps = f"Turn the {thing} off and on again. Update the software of the {thing}."
                article = Article(thing, f"The {thing} does not work", resolution=steps, state=ArticleState.VALIDATED)
                kb.articles.put(tenant, article)

    def play(self, events: int) -> None:
        for number in range(events):
            self.clock.advance(minutes=self.chance.randrange(1, 400))
            known = list(self.notes)
            drawn = self.chance.random()
            if drawn < 0.45 or not known:
                self._ask(self.chance.choice(self.tenants), f"T-{number}")
            elif drawn < 0.5:
                self._ask(*self.chance.choice(known))
            elif drawn < 0.6:
                self._say(*self.chance.choice(known))
            elif drawn < 0.85:
                self._resolve(*self.chance.choice(known))
            elif drawn < 0.9:
                self._resolve(self.chance.choice(self.tenants), f"R-{number}")
            elif drawn < 0.97:
                self._reopen(*self.chance.choice(known))
            else:
                self._erase(*self.chance.choice(known))
        self.kb._suggestions.flush()

    def _note(self, tenant: TenantId, id: str) -> Note:
        if (tenant, id) not in self.notes:
            now = self.clock.now
            reply = now + timedelta(minutes=self.chance.randrange(-30, 90)) if self.chance.random() < 0.5 else None
            fix = now + timedelta(minutes=self.chance.randrange(10, 600)) if self.chance.random() < 0.7 else None
            self.notes[tenant, id] = Note(now, reply, fix)
        return self.notes[tenant, id]

    def _ticket(self, note: Note, id: str) -> Ticket:
        thing = THINGS[sum(map(ord, id)) % len(THINGS)]
        return Ticket(
            f"The {thing} does not work", id=id, created_at=note.created_at, respond_by=note.respond_by,
            resolve_by=note.resolve_by,
        )  # fmt: skip

    def _ask(self, tenant: TenantId, id: str) -> None:
        note = self._note(tenant, id)
        found = self.kb.suggest(Scope(tenant), self._ticket(note, id))
        note.asked.append((self.clock.now, found.verdict.status, [one.solution.ref.id for one in found.solutions]))
        self._last = (tenant, id, found)

    def _say(self, tenant: TenantId, id: str) -> None:
        self._ask(tenant, id)
        _, _, found = self._last
        if found.solutions and found.solutions[0].solution.ref.id in ARTICLES:  # what ends takes what was said with it
            outcome = self.chance.choice(list(FeedbackOutcome))
            given = Feedback(found.id, found.solutions[0].solution.ref.id, outcome, "anna")
            self.kb.give_feedback(tenant, given)
            note = self.notes[tenant, id]
            note.judged = True
            note.helped |= outcome in (FeedbackOutcome.SOLVED, FeedbackOutcome.HELPFUL)

    def _resolve(self, tenant: TenantId, id: str) -> None:
        note = self._note(tenant, id)
        thing = THINGS[sum(map(ord, id)) % len(THINGS)]
        named = thing if thing in ARTICLES and self.chance.random() < 0.5 else None
        fixes = (
            f"Did what the article of the {thing} says.",
            f"Replaced part {id} of the {thing} in the cellar.",
            "done",
        )
        fix = fixes[0] if named else self.chance.choice(fixes[1:])
        resolution = Resolution(
            fix, level=self.chance.choice([None, 1, 1, 2, 3]), reassignments=self.chance.choice([None, 0, 1]),
            resolved_at=self.clock.now - timedelta(minutes=self.chance.randrange(1, 900)), solution_id=named,
            minutes_spent=self.chance.choice([None, 5, 30]),
        )  # fmt: skip
        written = self.kb.tickets.resolve(tenant, ResolvedTicketIn(id, self._ticket(note, id), resolution))
        if note.open or note.written_at is None:
            note.written_at = self.clock.now
        note.resolved, note.open = resolution, False
        note.outcome, note.solution_id = written.outcome, written.solution_id

    def _reopen(self, tenant: TenantId, id: str) -> None:
        note = self.notes[tenant, id]
        if note.resolved is not None and not note.open:
            self.kb.tickets.reopen(tenant, id)
            note.open, note.reopened_at = True, self.clock.now

    def _erase(self, tenant: TenantId, id: str) -> None:
        self.kb.tickets.erase(tenant, id)
        del self.notes[tenant, id]
