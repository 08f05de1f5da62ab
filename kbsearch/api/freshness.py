"""``min_revision``: a read with it sees at least that state of the tenant's knowledge."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from kbsearch.api.callers import CallerDep
from kbsearch.api.service import KnowledgeDep

MinRevision = Annotated[
    int | None,
    Query(ge=0, le=2**53, description="Answer from this `revision` on; 503 while it is not reached."),
]


def _fresh(caller: CallerDep, knowledge: KnowledgeDep, min_revision: MinRevision = None) -> None:
    if min_revision is not None:
        knowledge.check_revision(caller.scope, min_revision)


FreshDep = Depends(_fresh)
"""For reads of the store, which is never behind what it has answered."""
