"""Generations of the index: one answers, at most one is being built, older ones wait to be dropped."""

from __future__ import annotations

from datetime import datetime

from kbsearch.model import Generation, GenerationState
from kbsearch.store.columns import time_text
from kbsearch.store.port import Read, Row, Write

_DROPPED_AT_ONCE = 2_000


def current(tx: Read) -> Generation | None:
    """The generation that answers; None in a new data folder."""
    return _one(tx, GenerationState.CURRENT)


def current_id(tx: Read) -> int | None:
    row = tx.row("SELECT id FROM generations WHERE state = 'current'")
    return None if row is None else row[0]


def building(tx: Read) -> Generation | None:
    """The newest generation under construction."""
    return _one(tx, GenerationState.BUILDING)


def get(tx: Read, id: int) -> Generation | None:
    row = tx.row("SELECT * FROM generations WHERE id = ?", (id,))
    return None if row is None else _generation(row)


def create(tx: Write, model: str, model_id: str, dimension: int, recipe: str, state: GenerationState) -> Generation:
    now = time_text(tx.now)
    row = tx.row(
        "INSERT INTO generations (model, model_id, dimension, recipe, state, created_at, changed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (model, model_id, dimension, recipe, state, now, now),
    )
    assert row is not None
    return Generation(row["id"], model, model_id, dimension, recipe, state, 0)


def cover(tx: Write, id: int, seq: int) -> None:
    """Note the last change that a generation under construction has taken in."""
    tx.execute("UPDATE generations SET covered = ? WHERE id = ?", (seq, id))


def activate(tx: Write, id: int) -> None:
    """Let a built generation answer; the one before retires."""
    now = time_text(tx.now)
    tx.execute("UPDATE generations SET state = 'retired', changed_at = ? WHERE state = 'current'", (now,))
    tx.execute("UPDATE generations SET state = 'current', changed_at = ? WHERE id = ?", (now, id))


def abandon(tx: Write, id: int) -> None:
    """Give up a generation under construction; it is dropped with the retired ones."""
    tx.execute("UPDATE generations SET state = 'retired', changed_at = ? WHERE id = ?", (time_text(tx.now), id))


def live(tx: Read) -> list[int]:
    """The ids of all generations that still hold rows."""
    return [row["id"] for row in tx.rows("SELECT id FROM generations ORDER BY id")]


def retired(tx: Read, changed_before: datetime) -> list[int]:
    """Generations retired before a moment: no process reads them any more."""
    rows = tx.rows(
        "SELECT id FROM generations WHERE state = 'retired' AND changed_at < ?", (time_text(changed_before),)
    )
    return [row["id"] for row in rows]


def drop_some(tx: Write, id: int) -> bool:
    """Drop part of a retired generation, so that no writer waits long. True when nothing is left."""
    rows = tx.rows("SELECT id FROM documents WHERE generation = ? LIMIT ?", (id, _DROPPED_AT_ONCE))
    if rows:
        documents = [(row["id"],) for row in rows]
        tx.executemany("DELETE FROM passages WHERE document = ?", documents)
        tx.executemany("DELETE FROM document_terms WHERE document = ?", documents)
        tx.executemany("DELETE FROM documents WHERE id = ?", documents)
        return False
    tx.phrases.drop(id)
    tx.execute("DELETE FROM erased_documents WHERE generation = ?", (id,))
    tx.execute("DELETE FROM generations WHERE id = ?", (id,))
    return True


def _one(tx: Read, state: GenerationState) -> Generation | None:
    row = tx.row("SELECT * FROM generations WHERE state = ? ORDER BY id DESC LIMIT 1", (state,))
    return None if row is None else _generation(row)


def _generation(row: Row) -> Generation:
    return Generation(
        id=row["id"],
        model=row["model"],
        model_id=row["model_id"],
        dimension=row["dimension"],
        recipe=row["recipe"],
        state=GenerationState(row["state"]),
        covered=row["covered"],
    )
