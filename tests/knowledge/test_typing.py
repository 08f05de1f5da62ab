"""A question that is answered while it is typed counts once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from clocks import FakeClock

from kbsearch.bootstrap import embedded
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.writing.drafts import DraftFrom
from kbsearch.model import Article, ArticleState, Feedback, FeedbackOutcome, Scope, TenantId, Ticket
from scripts.harness.hashing import HashingEmbedder

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
WORDS = "The printer does not print since this morning"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 9, 7, 8, tzinfo=UTC))


@pytest.fixture
def kb(tmp_path: Path, clock: FakeClock) -> Iterator[KnowledgeBase]:
    opened = embedded(tmp_path, lambda model: HashingEmbedder(), clock=clock)
    article = Article("printer", "The printer does not print", resolution="Press.", state=ArticleState.VALIDATED)
    opened.articles.put(ACME, article)
    yield opened
    opened.close()


def typed(kb: KnowledgeBase, clock: FakeClock, flushed: bool, tenant: TenantId = ACME, name: str = "q") -> list[str]:
    """The ids of the suggestions for a question of eight words that is typed with a pause after each."""
    ids = []
    words = WORDS.split()
    for count in range(1, len(words) + 1):
        clock.advance(seconds=2)
        number = "RT-1042"[: count + 1]
        ids.append(kb.suggest(Scope(tenant), Ticket(" ".join(words[:count]), id=number), typing=name).id)
        if flushed:
            kb._suggestions.flush()
    return ids


def stored(kb: KnowledgeBase) -> tuple[set[str], set[str]]:
    """The ids of the stored suggestions, and of the tickets that were asked for."""
    kb._suggestions.flush()
    with kb.store.read() as tx:
        return (
            {row["id"] for row in tx.rows("SELECT id FROM suggestions")},
            {row["id"] for row in tx.rows("SELECT id FROM asked_tickets")},
        )


@pytest.mark.parametrize("flushed", [False, True])
def test_the_last_suggestion_of_a_typing_stays(kb: KnowledgeBase, clock: FakeClock, flushed: bool) -> None:
    ids = typed(kb, clock, flushed)
    assert stored(kb) == ({ids[-1]}, {"RT-1042"})


def test_other_questions_and_clients_count_for_themselves(kb: KnowledgeBase, clock: FakeClock) -> None:
    [*_, one] = typed(kb, clock, True)
    [*_, other] = typed(kb, clock, True, name="another")
    [*_, foreign] = typed(kb, clock, True, GLOBEX)
    unnamed = kb.suggest(Scope(ACME), Ticket(WORDS)).id
    assert stored(kb)[0] == {one, other, foreign, unnamed}


def test_after_a_long_pause_it_is_another_question(kb: KnowledgeBase, clock: FakeClock) -> None:
    first = kb.suggest(Scope(ACME), Ticket(WORDS), typing="q").id
    clock.advance(minutes=3)
    second = kb.suggest(Scope(ACME), Ticket(WORDS), typing="q").id
    assert stored(kb)[0] == {first, second}


def test_what_was_judged_or_begun_with_stays(kb: KnowledgeBase, clock: FakeClock) -> None:
    judged = kb.suggest(Scope(ACME), Ticket(WORDS), typing="q").id
    kb.give_feedback(ACME, Feedback(judged, "printer", FeedbackOutcome.SOLVED, "key:ana"))
    clock.advance(seconds=2)
    begun = kb.suggest(Scope(ACME), Ticket(WORDS, id="RT-1"), typing="q").id
    kb.draft(ACME, "draft", DraftFrom(begun))
    clock.advance(seconds=2)
    last = kb.suggest(Scope(ACME), Ticket(WORDS, id="RT-1"), typing="q").id
    assert stored(kb) == ({judged, begun, last}, {"RT-1"})


def test_a_ticket_that_was_asked_for_before_is_kept(kb: KnowledgeBase, clock: FakeClock) -> None:
    kb.suggest(Scope(ACME), Ticket(WORDS, id="RT-1"))
    clock.advance(minutes=30)
    kb.suggest(Scope(ACME), Ticket(WORDS, id="RT-1"), typing="q")
    kb._suggestions.flush()
    clock.advance(seconds=2)
    kb.suggest(Scope(ACME), Ticket(WORDS, id="RT-12"), typing="q")
    assert stored(kb)[1] == {"RT-1", "RT-12"}
