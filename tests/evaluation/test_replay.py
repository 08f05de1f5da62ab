import pytest

from kbsearch.errors import InvalidInput
from kbsearch.evaluation.collections import Collection, JudgedQuery
from kbsearch.evaluation.replay import Policy, replay
from kbsearch.model import Article, Ticket


def _collection(count=30):
    """What users say stands in no article, so that only earlier tickets tell the answer."""
    articles = [Article(f"a{number}", f"Title{number}", resolution=f"Fix{number}") for number in range(3)]
    queries = [
        JudgedQuery(f"q{n}", Ticket(f"trouble{n % 3} again"), {f"a{n % 3}": 1}, f"2026-01-{n // 3 + 1:02}", "en")
        for n in range(count)
    ]
    return Collection("made", articles, list(reversed(queries)))


def _replay(knowledge, *policies, **options):
    return replay(knowledge, _collection(), policies, lambda *_: None, **options)


def test_what_was_written_back_is_found_at_once_and_over_night_but_not_without(knowledge):
    told = {one.policy: one.summary() for one in _replay(knowledge, *Policy)}
    assert told[Policy.IMMEDIATE]["hit@1"] == 1
    assert told[Policy.NIGHTLY]["hit@1"] == 1
    assert told[Policy.ARTICLES_ONLY]["hit@1"] < 1
    assert {one["n"] for one in told.values()} == {12}


def test_the_first_of_a_kind_is_found_by_nothing_and_the_second_by_the_first(knowledge):
    [told] = _replay(knowledge, Policy.IMMEDIATE)
    assert [one.metrics["hit@1"] for one in told.asked[3:]] == [1.0] * 27
    [nightly] = _replay(knowledge, Policy.NIGHTLY)
    assert [one.metrics["hit@1"] for one in nightly.asked[3:]] == [1.0] * 27


def test_of_articles_taken_away_neither_they_nor_their_tickets_are_there(knowledge):
    [told] = _replay(knowledge, Policy.IMMEDIATE, without_answer=0.34)
    gone = [one for one in told.asked if not one.known]
    assert len(gone) == 10
    assert all(not one.metrics and not one.first_five[1] for one in gone)
    assert told.summary()["auroc_known"] is not None


def test_a_share_beyond_all_is_refused(knowledge):
    with pytest.raises(InvalidInput, match="between 0 and 1"):
        _replay(knowledge, Policy.IMMEDIATE, without_answer=1.5)
