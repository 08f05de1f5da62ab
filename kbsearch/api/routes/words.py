"""Words of a tenant's trade."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from kbsearch.api.callers import CallerDep
from kbsearch.api.cursors import read_cursor, write_cursor
from kbsearch.api.fields import MOST_RESULTS, Label
from kbsearch.api.freshness import FreshDep
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.requests.administration import WordIn
from kbsearch.api.responses.changes import ChangeOut
from kbsearch.api.responses.words import WordOut, WordsOut, WrittenWordOut
from kbsearch.api.service import KnowledgeDep

router = APIRouter(prefix="/v1/words", tags=["operation"], route_class=GuardedRoute)


@router.get("", dependencies=[FreshDep])
def list_words(
    caller: CallerDep,
    knowledge: KnowledgeDep,
    limit: Annotated[int, Query(ge=1, le=MOST_RESULTS)] = 50,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> WordsOut:
    """List the words of the tenant's trade.

    What people type, the name that is meant, and whether a lead said so or tickets taught it. Words that every desk
    uses are shipped and not listed.
    """
    after = "" if cursor is None else str(read_cursor(cursor, str)[0])
    found = knowledge.words.page(caller.tenant, after, limit + 1)
    more = len(found) > limit
    return WordsOut(
        words=[WordOut.model_validate(one) for one in found[:limit]],
        next_cursor=write_cursor(found[limit - 1].word) if more else None,
    )


@router.put("/{word:path}")
def put_word(word: Label, body: WordIn, caller: CallerDep, knowledge: KnowledgeDep) -> WrittenWordOut:
    """Set what a word means.

    From the next question on it is read as the name, whatever ending it has. `word` may be several words.
    """
    written, revision = knowledge.words.put(caller.tenant, word, body.name)
    return WrittenWordOut(**WordOut.model_validate(written).model_dump(), revision=revision)


@router.delete("/{word:path}")
def delete_word(word: Label, caller: CallerDep, knowledge: KnowledgeDep) -> ChangeOut:
    """Remove a word.

    A word that was learned from tickets is not learned again.
    """
    revision = knowledge.words.drop(caller.tenant, word)
    return ChangeOut(id=word, revision=revision)
