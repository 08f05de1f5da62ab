"""The port of the store: the truth, and what its callers may rely on.

Modules of this package are named for what they keep. Their functions take an open ``Read`` or ``Write``, so that a
caller decides what belongs to one transaction, and a Scope or TenantId: nothing is read without one. What they run is
SQL that every engine understands, with the few words of store.statements; an engine stands behind ``Store``.

The contract, which tests/store/test_port.py checks of each engine:

- A read is one snapshot: what others commit meanwhile stays unseen until the block ends.
- A write is one transaction: all of it is durable when the block ends, or none of it if the block raises.
- Writers of one tenant are serial: what a write reads is not changed by another one before it commits.
- Change numbers become visible in order: who has seen change n has seen all up to n, and a number that is not visible
  yet is higher than every visible one. Whatever follows the changes relies on it. Sequences that hand out numbers
  before the commit do not give that by themselves.
- A change and its entry in the audit log are one transaction, and no entry can be changed.
- What is erased is gone for every later read at once. ``purge`` takes it out of the engine's own files.
- Failures of the engine are raised as StorageError, or NotReady where trying again helps.

SQL, names of files, times as text and the engine's own errors stay inside this package.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Protocol

from kbsearch.store.acting import Acting

Clock = Callable[[], datetime]
SqlValue = str | int | float | bytes | None
Parameters = Sequence[SqlValue] | Mapping[str, SqlValue]
"""Of a statement: by place for ``?``, by name for ``:name``."""


def utc_now() -> datetime:
    """The real clock: now, aware, in UTC."""
    return datetime.now(UTC)


class Row(Protocol):
    """A row of an answer; columns by name or position."""

    def __getitem__(self, key: str | int, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def __len__(self) -> int: ...


class Phrases(Protocol):
    """The words of documents as written, for quoted phrases; a part for each generation and tenant."""

    def put(self, generation: int, tenant: int, words: Sequence[tuple[int, str]]) -> None:
        """Add or replace the words of documents: (document, words joined by spaces)."""
        ...

    def remove(self, generation: int, tenant: int, document: int) -> None: ...

    def find(
        self, generation: int, tenants: Collection[int], phrases: Sequence[Sequence[str]], limit: int
    ) -> list[int]:
        """Documents with all of the phrases, at most ``limit`` of each tenant, the newest."""
        ...

    def merge_some(self, generation: int, tenant: int, begin: bool) -> bool:
        """One step of the work after which no word of a removed document is left. False: nothing is left to do.

        Each step is short and belongs in a transaction of its own, so that other writers can go between. What was
        removed before the first step, which ``begin`` marks, is gone after the last one.
        """
        ...

    def drop(self, generation: int) -> None:
        """Drop all words of a generation."""
        ...


class Read(Protocol):
    """A consistent view of the store for the length of a ``with`` block."""

    @property
    def phrases(self) -> Phrases: ...

    def rows(self, sql: str, parameters: Parameters = ()) -> Sequence[Row]:
        """All rows of a statement's answer."""
        ...

    def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row, or None."""
        ...

    def tables_with(self, column: str) -> dict[str, tuple[str, ...]]:
        """The tables that have this column, by name, each with its primary key; those of phrases are left out."""
        ...

    def damage(self) -> list[str]:
        """What the engine finds wrong with what it stored. Reads all of it."""
        ...


class Write(Read, Protocol):
    """A transaction that no other writer of the same tenant can come between.

    ``now`` is its one moment in time, ``acting`` who makes it; ``tenant_numbers`` are those that it has looked up
    already.
    """

    @property
    def now(self) -> datetime: ...

    @property
    def acting(self) -> Acting: ...

    @property
    def tenant_numbers(self) -> dict[str, int]: ...

    def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Run a statement. Returns how many rows it changed."""
        ...

    def executemany(self, sql: str, rows: Sequence[Sequence[SqlValue]]) -> None: ...

    def record_change(self, tenant: str, kind: str, source_id: str) -> None:
        """Give a source the newest change number, in the place of the one that it had."""
        ...


class Use(Protocol):
    """Something that is in use until it is closed, which may happen more than once."""

    def close(self) -> None: ...


class Store(Protocol):
    """An open store."""

    @property
    def clock(self) -> Clock: ...

    def read(self) -> AbstractContextManager[Read]: ...

    def write(self) -> AbstractContextManager[Write]: ...

    def purge(self) -> bool:
        """Take what was erased out of the engine's own files, without letting anybody wait for long.

        Returns:
            False if something is in the way now; try again.
        """
        ...

    def use_generation(self, generation: int) -> Use:
        """Keep a generation of the index, its rows and its files, from being dropped, until it is closed."""
        ...

    def unless_in_use(self, generation: int) -> AbstractContextManager[bool]:
        """Whether no process uses a generation; while the block runs, none can begin to."""
        ...

    def alone(self, work: str) -> AbstractContextManager[None]:
        """Do a work in one process at a time; a killed process holds nothing. Raises AlreadyRunning."""
        ...

    def close(self) -> None:
        """Release everything. Blocks that are still open come to their end."""
        ...
