"""Known fixes that a new resolution may repeat, and the differences."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from kbsearch.knowledge.indexing.documents import field_vectors
from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.model import Field, IndexedDocument, Scope, Similar, SolutionRef
from kbsearch.store import documents, fixes, solutions
from kbsearch.store.port import Read
from kbsearch.store.solutions import Known
from kbsearch.text.fixes import SIMILAR, Fingerprint, differences, likeness, telling_words

_NEAREST = 10
_QUERY_PASSAGES = 2
_LENGTHS_APART = 4
"""Texts whose lengths differ by more cannot share half of their words, but for very short ones."""
_SHORT = 80


@dataclass(frozen=True, slots=True)
class Alike:
    """A solution whose fix may be the one written back; ``likeness`` 0 .. 1."""

    known: Known
    likeness: float


def alike_fixes(
    tx: Read, engine: Engine, scope: Scope, resolution: str, fix: Fingerprint, document: IndexedDocument
) -> list[Alike]:
    """Solutions whose fix reads much like a resolution, the most alike first.

    They are looked for among those that share a sentence and the neighbours of the resolution's vectors: nothing is
    embedded for it.

    Args:
        tx: one view of the store.
        engine: caught up before ``tx`` began.
        scope: whose knowledge is searched.
        resolution: what was done.
        fix: its fingerprint.
        document: the ticket as it goes into the index.
    """
    shared = fixes.sharing(tx, scope, fix.statements)
    near = shared.keys() | _neighbours(tx, engine, scope, document)
    words = telling_words(resolution)
    best: dict[SolutionRef, Alike] = {}
    for ref, known in solutions.resolutions(tx, scope, near).items():
        part = shared.get(ref, 0) / max(1, len(fix.statements))
        if part < SIMILAR and not _lengths_agree(resolution, known.resolution):
            continue
        found = Alike(known, max(part, likeness(words, telling_words(known.resolution))))
        before = best.get(known.ref)  # what was merged into it may read more alike than itself
        if found.likeness >= SIMILAR and (before is None or found.likeness > before.likeness):
            best[known.ref] = found
    return sorted(best.values(), key=lambda one: (-one.likeness, one.known.ref.tenant, one.known.ref.id))


def similar_solutions(
    tx: Read,
    scope: Scope,
    resolution: str,
    language: str,
    alike: Sequence[Alike],
    by_issue: Collection[Similar],
    most: int,
) -> list[Similar]:
    """What the engineer sees: first the fixes that may be the same, then the solutions of like issues."""
    listed = {
        one.known.ref.id: Similar(
            one.known.ref.id, one.known.title, one.likeness, differences(resolution, one.known.resolution, language)
        )
        for one in alike[:most]
    }
    others = [one for one in by_issue if one.solution_id not in listed][: most - len(listed)]
    if not others:
        return list(listed.values())
    refs = solutions.find_many(tx, scope, [one.solution_id for one in others])
    known = solutions.resolutions(tx, scope, {ref for ref in refs.values() if ref is not None})
    for one in others:
        ref = refs[one.solution_id]
        if ref is not None and ref in known:
            listed[one.solution_id] = replace(one, differs=differences(resolution, known[ref].resolution, language))
    return list(listed.values())


def _neighbours(tx: Read, engine: Engine, scope: Scope, document: IndexedDocument) -> set[SolutionRef]:
    """The solutions of the documents nearest to what was done."""
    vectors = field_vectors(document, Field.RESOLUTION, _QUERY_PASSAGES, engine.generation.dimension)
    if not len(vectors):
        return set()
    found = documents.located(tx, scope, sorted(engine.index.candidates(scope, vectors, _NEAREST)))
    return {one.solution for one in found.values() if one.solution is not None}


def _lengths_agree(one: str, other: str) -> bool:
    short, long = sorted((len(one), len(other)))
    return long <= max(_SHORT, short) * _LENGTHS_APART
