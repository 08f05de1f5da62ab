"""Imports: lines become batches, each batch is prepared ahead and written in one transaction."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Generator, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from kbsearch.embedding.embedder import Embedder
from kbsearch.knowledge.indexing.documents import PassageVectors, SourceText, prepare
from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.knowledge.indexing.index_generations import IndexGenerations, Prepared
from kbsearch.knowledge.indexing.pipeline import batched, in_order
from kbsearch.model import IndexedDocument, Scope, TenantId
from kbsearch.store.port import Read, Store, Write

_Given = TypeVar("_Given")
_GivenIn = TypeVar("_GivenIn", contravariant=True)
_Clean = TypeVar("_Clean")
_K = TypeVar("_K", bound=Hashable)

Lines = Iterable[tuple[int, _Given | str]]
"""(line number, item or what is wrong with the line), by line number."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Progress of an import.

    ``unchanged`` of the ``accepted`` were stored already. ``errors`` are (line, detail). ``line`` is the last
    line that is taken in, ``redacted`` counts what was taken out of the accepted, by kind.
    """

    accepted: int
    unchanged: int
    errors: tuple[tuple[int, str], ...]
    revision: int
    line: int = 0
    redacted: dict[str, int] = field(default_factory=dict[str, int])


class Importing(Protocol[_GivenIn, _Clean]):
    """How items of one kind are imported for one tenant."""

    tenant: TenantId

    def characters(self, item: _GivenIn) -> int:
        """About how much text it has."""
        ...

    def cleaned(self, item: _GivenIn) -> _Clean:
        """The item as it will be stored."""
        ...

    def redacted(self, item: _Clean) -> Mapping[str, int]:
        """What was taken out of it, by kind."""
        ...

    def changing(self, tx: Read, items: Sequence[_Clean]) -> list[bool]:
        """For each item whether it changes anything, if they are stored one after the other."""
        ...

    def text(self, item: _Clean) -> SourceText | None:
        """What is to be indexed of it."""
        ...

    def write(
        self, tx: Write, generation: int, items: Sequence[tuple[_Clean, IndexedDocument | None]]
    ) -> dict[int, str]:
        """Store items, one after the other. Returns what is wrong with those refused, by position."""
        ...


@dataclass(frozen=True, slots=True)
class _Batch(Generic[_Clean]):
    """Items ready to be written. ``documents`` are by position in ``items``; unchanged items have none."""

    items: list[tuple[int, _Clean]]
    documents: dict[int, IndexedDocument | None]
    embedder: Embedder


@dataclass(frozen=True, slots=True)
class _Written(Generic[_Clean]):
    """A batch that is stored: how many items changed something, and (line, detail) of those refused."""

    batch: _Batch[_Clean]
    changed: int
    refused: list[tuple[int, str]]


def import_lines(
    store: Store, generations: IndexGenerations, kind: Importing[_Given, _Clean], lines: Lines[_Given]
) -> Generator[ImportReport]:
    """Import lines and yield a running report after each batch; a batch that was reported is durable.

    Ids that come again replace what came before. Closing the generator ends the import after the batch reported last.
    """
    vectors = PassageVectors(store)

    def clean(batch: list[tuple[int, _Given | str]], abandoned: threading.Event) -> Prepared[_Batch[_Clean]]:
        items = [(line, kind.cleaned(item)) for line, item in batch if not isinstance(item, str)]
        engine = generations.for_writing()
        return Prepared(engine, _prepared(store, engine, kind, items, vectors, abandoned))

    accepted = unchanged = 0
    errors: list[tuple[int, str]] = []
    redacted: Counter[str] = Counter()
    for batch, ready in in_order(batched(lines, lambda line: _characters(kind, line[1])), clean):
        written = _written(store, generations, kind, ready, vectors)
        errors += [(line, item) for line, item in batch if isinstance(item, str)]
        errors += written.refused
        items = written.batch.items
        accepted += len(items) - len(written.refused)
        unchanged += len(items) - written.changed
        for _, item in items:
            redacted.update(kind.redacted(item))
        revision = generations.revision(Scope(kind.tenant))
        yield ImportReport(accepted, unchanged, tuple(errors), revision, batch[-1][0], dict(redacted))


def changing(stored: Mapping[_K, object], items: Iterable[tuple[_K, object]]) -> list[bool]:
    """For each (id, content) whether it differs from what is stored, or from an earlier one of that id."""
    seen = dict(stored)
    answers: list[bool] = []
    for id, content in items:
        answers.append(id not in seen or seen[id] != content)
        seen[id] = content
    return answers


def _characters(kind: Importing[_Given, _Clean], item: _Given | str) -> int:
    return len(item) if isinstance(item, str) else kind.characters(item)


def _prepared(
    store: Store,
    engine: Engine,
    kind: Importing[_Given, _Clean],
    items: list[tuple[int, _Clean]],
    vectors: PassageVectors,
    abandoned: threading.Event | None = None,
) -> _Batch[_Clean]:
    with store.read() as tx:
        wanted = kind.changing(tx, [item for _, item in items])
    texts = {n: kind.text(item) for n, (_, item) in enumerate(items) if wanted[n]}
    documents = iter(prepare(vectors, engine.embedder, [text for text in texts.values() if text], abandoned))
    return _Batch(items, {n: next(documents) if text else None for n, text in texts.items()}, engine.embedder)


def _written(
    store: Store,
    generations: IndexGenerations,
    kind: Importing[_Given, _Clean],
    ready: Prepared[_Batch[_Clean]],
    vectors: PassageVectors,
) -> _Written[_Clean]:
    items = ready.content.items

    def prepared(engine: Engine) -> _Batch[_Clean]:
        return _prepared(store, engine, kind, items, vectors)

    def write(tx: Write, generation: int, batch: _Batch[_Clean]) -> _Written[_Clean] | None:
        # Asked again now that all batches before this one are stored.
        wanted = kind.changing(tx, [item for _, item in items])
        chosen = [n for n, changes in enumerate(wanted) if changes]
        if not batch.documents.keys() >= set(chosen):
            return None
        refused = kind.write(tx, generation, [(items[n][1], batch.documents[n]) for n in chosen])
        return _Written(batch, len(chosen), [(items[chosen[n]][0], detail) for n, detail in refused.items()])

    written = generations.write(prepared, write, ready)
    batch = written.batch
    vectors.forget(batch.embedder, [document for document in batch.documents.values() if document])
    return written
