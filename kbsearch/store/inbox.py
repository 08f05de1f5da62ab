"""The inbox: messages of ticket systems from their arrival until they are worked off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kbsearch.model import TenantId
from kbsearch.store.columns import parse_time, time_text
from kbsearch.store.port import Read, Write


class MessageState(StrEnum):
    """``REFUSED`` messages could not be used; ``reason`` says why."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Message:
    """A message that waits. ``content`` is as it was sent; ``tries`` counts how often it was taken up."""

    connector: str
    delivery: str
    received_at: datetime
    content: bytes
    tries: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that could not be used."""

    connector: str
    delivery: str
    received_at: datetime
    reason: str


def put(tx: Write, connector: str, delivery: str, content: bytes) -> bool:
    """Take a message in. False: this delivery came before."""
    now = time_text(tx.now)
    return bool(
        tx.execute(
            "INSERT INTO inbox (connector, delivery, received_at, message, state, tries, due_at)"
            " VALUES (?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
            (connector, delivery, now, content, MessageState.WAITING, now),
        )
    )


def has_work(tx: Read, now: datetime, kept: timedelta) -> bool:
    """Whether a message is due, or one that was worked off is to be forgotten."""
    moment, old = time_text(now), time_text(now - kept)
    waiting = tx.row("SELECT 1 FROM inbox WHERE state = 'waiting' AND due_at <= ? LIMIT 1", (moment,))
    return waiting is not None or (
        tx.row("SELECT 1 FROM inbox WHERE received_at < ? AND state <> 'waiting' LIMIT 1", (old,)) is not None
    )


def take(tx: Write, lease: timedelta, most: int) -> list[Message]:
    """The oldest messages that are due, for this process alone until the lease is over."""
    rows = tx.rows(
        "SELECT connector, delivery, received_at, message, tries FROM inbox WHERE state = ? AND due_at <= ?"
        " ORDER BY received_at, delivery LIMIT ?",
        (MessageState.WAITING, time_text(tx.now), most),
    )
    for row in rows:
        tx.execute(
            "UPDATE inbox SET tries = tries + 1, due_at = ? WHERE connector = ? AND delivery = ?",
            (time_text(tx.now + lease), row["connector"], row["delivery"]),
        )
    return [
        Message(row["connector"], row["delivery"], parse_time(row["received_at"]), row["message"], row["tries"] + 1)
        for row in rows
    ]


def finish(
    tx: Write, message: Message, state: MessageState, reason: str, tenant: TenantId | None, meaning: str | None
) -> None:
    """Note what came of a message; its text is erased."""
    tx.execute(
        "UPDATE inbox SET state = ?, reason = ?, tenant = ?, meaning = ?, message = NULL"
        " WHERE connector = ? AND delivery = ?",
        (state, reason, tenant, meaning, message.connector, message.delivery),
    )


def put_off(tx: Write, message: Message, due_at: datetime, reason: str) -> None:
    """Take a message up again later."""
    tx.execute(
        "UPDATE inbox SET due_at = ?, reason = ? WHERE connector = ? AND delivery = ?",
        (time_text(due_at), reason, message.connector, message.delivery),
    )


def is_known(tx: Read, connector: str, meaning: str) -> bool:
    """Whether a message that asked for the same was worked off."""
    row = tx.row(
        "SELECT 1 FROM inbox WHERE connector = ? AND meaning = ? AND state = ? LIMIT 1",
        (connector, meaning, MessageState.DONE),
    )
    return row is not None


def counts(tx: Read) -> dict[tuple[str, MessageState], int]:
    """How many messages there are, by connector and state."""
    rows = tx.rows("SELECT connector, state, count(*) AS n FROM inbox GROUP BY connector, state")
    return {(row["connector"], MessageState(row["state"])): row["n"] for row in rows}


def refusals(tx: Read, most: int) -> list[Refusal]:
    """The latest messages that could not be used."""
    rows = tx.rows(
        "SELECT connector, delivery, received_at, reason FROM inbox WHERE state = ? ORDER BY received_at DESC LIMIT ?",
        (MessageState.REFUSED, most),
    )
    return [Refusal(row["connector"], row["delivery"], parse_time(row["received_at"]), row["reason"]) for row in rows]


def trim(tx: Write, kept: timedelta) -> int:
    """Forget what was worked off that long ago. A delivery that comes again after that is new."""
    return tx.execute(
        "DELETE FROM inbox WHERE state <> ? AND received_at < ?", (MessageState.WAITING, time_text(tx.now - kept))
    )
