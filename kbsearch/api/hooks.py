"""Messages of ticket systems: taken in at once, worked off in the background."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from pydantic import ValidationError

from kbsearch.api.records import record_error, ticket_record
from kbsearch.api.requests.tickets import TicketIn
from kbsearch.errors import InvalidInput, KBSearchError, NotFound, Unauthorized
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.upkeep import Task
from kbsearch.store import inbox
from kbsearch.store.acting import acting
from kbsearch.store.inbox import Message, MessageState
from kbsearch.ticketing.connector import Connector, EventKind
from kbsearch.ticketing.events import NoEvent, TicketEvent, event_of
from kbsearch.ticketing.fields import Rejected, text_of, value_at
from kbsearch.ticketing.verifying import NotVerified, verify

_log = logging.getLogger(__name__)

_EVERY_S = 1.0
_AT_ONCE = 50
_LEASE = timedelta(minutes=2)
_MOST_TRIES = 8
_FIRST_PAUSE = timedelta(seconds=5)
_KEPT = timedelta(days=30)
_CLEANED_EVERY = timedelta(minutes=5)
_NO_TEXT = "-"
"""Stands for the fix of a ticket that was resolved without a text: it is too little to become knowledge."""


@dataclass(frozen=True, slots=True)
class Source:
    """A connector and the secrets that hold for it."""

    connector: Connector
    secrets: list[bytes]


class Hooks:
    """Takes messages in and works them off. Safe to use from several threads and processes."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._unclean_since: datetime | None = None

    def begin(self, knowledge: KnowledgeBase) -> None:
        """Work off what waits, from now on, as long as the knowledge base is open."""
        if self._sources:
            task = Task("work off the ticket systems' messages", lambda: self.work_off(knowledge))
            knowledge.upkeep.every(_EVERY_S, task, thread="inbox")

    def verified(self, name: str, knowledge: KnowledgeBase, headers: Mapping[str, str], body: bytes) -> Connector:
        """The connector whose message this is.

        Raises:
            NotFound: there is no connector of this name.
            Unauthorized: nobody who knows its secret sent this.
        """
        source = self._sources.get(name)
        if source is None:
            raise NotFound("connector", name)
        try:
            verify(source.connector.verify, source.secrets, headers, body, knowledge.store.clock())
        except NotVerified as reason:
            _log.warning("a message for the connector %s was refused: %s", name, reason)
            raise Unauthorized("the message is not signed as this connector expects") from None
        return source.connector

    def take_in(self, connector: Connector, knowledge: KnowledgeBase, headers: Mapping[str, str], body: bytes) -> bool:
        """Keep a message until it is worked off. False: the same delivery came before.

        Raises:
            InvalidInput: it is no JSON object.
        """
        payload = _parsed(body)
        sent = {name: value for name, value in headers.items() if name.startswith("x-")}
        delivery = _delivery(connector, {**payload, "header": sent}, body)
        content = json.dumps({"headers": sent, "payload": payload}, ensure_ascii=False).encode()
        with knowledge.store.write() as tx:
            is_new = inbox.put(tx, connector.name, delivery, content)
        self.begin(knowledge)
        return is_new

    def work_off(self, knowledge: KnowledgeBase) -> int:
        """Do what the messages ask for that are due. Returns how many were taken up."""
        messages: list[Message] = []
        with knowledge.store.read() as tx:  # it looks every second: writers wait for it only where there is work
            has_work = inbox.has_work(tx, knowledge.store.clock(), _KEPT)
        if has_work:
            with knowledge.store.write() as tx:
                messages = inbox.take(tx, _LEASE, _AT_ONCE)
                if not messages:
                    inbox.trim(tx, _KEPT)
        for message in messages:
            self._attempt(knowledge, message)
        self._clean_up(knowledge, bool(messages))
        return len(messages)

    def _clean_up(self, knowledge: KnowledgeBase, worked: bool) -> None:
        """Messages hold what redaction takes out: some time after they were worked off no file holds them any more."""
        now = knowledge.store.clock()
        if worked:
            self._unclean_since = self._unclean_since or now
        elif self._unclean_since is not None and now - self._unclean_since >= _CLEANED_EVERY:
            self._unclean_since = None if knowledge.store.purge() else self._unclean_since

    def _attempt(self, knowledge: KnowledgeBase, message: Message) -> None:
        source = self._sources.get(message.connector)
        event: TicketEvent | None = None
        state, reason = MessageState.DONE, ""
        try:
            if source is None:
                raise Rejected("the connector is no longer configured")
            stored = json.loads(message.content)
            event = event_of(source.connector, stored["payload"], stored["headers"])
            with acting(f"connector:{message.connector}", message.delivery):
                reason = _done(knowledge, message.connector, event)
        except NoEvent as why:
            reason = str(why)
        except (Rejected, ValidationError, InvalidInput) as error:
            state = MessageState.REFUSED
            reason = record_error(error) if isinstance(error, ValidationError) else str(error)
        except (KBSearchError, OSError) as error:
            if message.tries < _MOST_TRIES:
                due_at = knowledge.store.clock() + _FIRST_PAUSE * 2 ** (message.tries - 1)
                with knowledge.store.write() as tx:
                    inbox.put_off(tx, message, due_at, str(error))
                return
            state, reason = MessageState.REFUSED, f"given up after {message.tries} tries: {error}"
        meaning = None if event is None else _meaning(event)
        with knowledge.store.write() as tx:
            inbox.finish(tx, message, state, reason, event.tenant if event is not None else None, meaning)


def _done(knowledge: KnowledgeBase, connector: str, event: TicketEvent) -> str:
    """Do what an event asks for. Returns what was done, in words."""
    id = str(event.ticket["id"])
    if event.kind in (EventKind.CREATED, EventKind.CHANGED):
        with knowledge.store.read() as tx:
            if inbox.is_known(tx, connector, _meaning(event)):
                return "the same was asked before"
        knowledge.suggest(event.scope, TicketIn.model_validate(event.ticket).to_ticket())
        return "asked"
    if event.kind == EventKind.RESOLVED:
        wire = {"ticket": event.ticket, **event.resolution}
        wire["resolution"] = event.resolution.get("resolution") or _NO_TEXT
        given = ticket_record(wire, _ignore, knowledge.tickets.lies_ahead)
        return f"written back: {knowledge.tickets.resolve(event.tenant, given).outcome}"
    if event.kind == EventKind.REOPENED:
        with suppress(NotFound):  # it was never written back
            knowledge.tickets.reopen(event.tenant, id)
            return "withdrawn"
        return "nothing to withdraw"
    return "merged tickets are left out"


def _ignore(detail: str) -> None:
    """A side field that cannot be used is left out; a message has nobody to tell."""


def _meaning(event: TicketEvent) -> str:
    """What an event asks for, so that two deliveries of the same are one."""
    texts = [event.ticket.get(name) for name in ("subject", "description", "environment")]
    asked = hashlib.blake2b(json.dumps(texts, ensure_ascii=False).encode(), digest_size=8).hexdigest()
    return f"{event.kind}:{event.tenant}:{event.ticket['id']}:{asked}"


def _delivery(connector: Connector, record: Mapping[str, Any], body: bytes) -> str:
    """Names the delivery: the sender's own id where it sends one, with the digest of the message."""
    digest = hashlib.blake2b(body, digest_size=12).hexdigest()
    rule = connector.delivery_id
    if rule is None:
        return digest
    places = (rule.path,) if rule.path is not None else rule.first
    own = next((text for place in places if (text := text_of(value_at(record, place)))), "")
    return own[:200] if own and own.isprintable() else digest


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidInput("", "the message is not JSON") from None
    if not isinstance(payload, dict):
        raise InvalidInput("", "the message is not a JSON object")
    return cast("dict[str, Any]", payload)
