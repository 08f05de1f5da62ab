"""No history makes an answer worse than no history."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kbsearch.model import ArticleState, SolutionRef, Standing
from kbsearch.ranking.fusion import Signals
from kbsearch.ranking.grouping import group
from kbsearch.ranking.own_words import OwnWords
from kbsearch.ranking.signals import Candidate
from kbsearch.ranking.weights import shipped
from ranking.made import ACME

_SHARES = st.floats(0, 1)
_REFS = [SolutionRef(ACME, f"article-{number}") for number in range(8)]
_STATES = st.sampled_from([ArticleState.VALIDATED, ArticleState.NOT_VALIDATED])


def _article(ref, relevance, near, lexical, covered):
    signals = Signals(near, lexical, 0, nearest=near, mapped=near)
    return Candidate(ref, int(ref.id[-1]), relevance, signals, own_words=OwnWords(covered, covered * near))


_BASES = st.lists(st.tuples(_SHARES, _SHARES, _SHARES, _SHARES), min_size=2, max_size=8).map(
    lambda rows: [_article(ref, *row) for ref, row in zip(_REFS, rows, strict=False)]
)
# A ticket that has nothing to do with the question: far from it by meaning, and next to none of its words.
_FAR_TICKETS = st.lists(
    st.tuples(st.integers(0, 7), st.floats(-0.1, 0.35), st.floats(0, 0.15), _SHARES), min_size=1, max_size=60
)


def _order(candidates, standings):
    return [(one.ref, one.score, one.confidence) for one in group(candidates, standings, shipped())]


@given(_BASES, _FAR_TICKETS, st.data())
def test_tickets_about_something_else_move_no_article_and_make_none_surer(articles, tickets, data):
    states = {one.solution: data.draw(_STATES) for one in articles}
    before = _order(articles, {ref: Standing(state) for ref, state in states.items()})
    solved: dict[SolutionRef, int] = {}
    voting = list(articles)
    for number, (place, near, lexical, relevance) in enumerate(tickets):
        ref = articles[place % len(articles)].solution
        solved[ref] = solved.get(ref, 0) + 1
        signals = Signals(near, lexical, 0, near, near, issue=near, mapped_issue=near)
        voting.append(Candidate(ref, 100 + number, relevance, signals, is_ticket=True))
    after = {
        ref: Standing(state, solved.get(ref, 0), recent=solved.get(ref, 0), latest=solved.get(ref, 0))
        for ref, state in states.items()
    }
    assert _order(voting, after) == before


@given(st.integers(1, 30), st.floats(0.35, 0.6))
def test_the_own_words_of_an_article_are_stronger_than_a_young_desks_favourite(tickets, near):
    """As "I forgot my password" beside an article on locked accounts that every ticket so far was solved with."""
    right, popular = _REFS[:2]
    voting = [
        _article(right, 0.6, 0.62, 0.5, 1.0),
        _article(popular, 0.55, 0.58, 0.45, 0.3),
        *(
            Candidate(popular, 100 + number, near, Signals(near, 0.2, 0, near, near, near, near), is_ticket=True)
            for number in range(tickets)
        ),
    ]
    standings = {
        right: Standing(ArticleState.VALIDATED),
        popular: Standing(ArticleState.VALIDATED, tickets, recent=tickets, latest=tickets),
    }
    assert _order(voting, standings)[0][0] == right


@given(_BASES, st.integers(0, 7), st.integers(1, 1_000), st.floats(0.35, 0.55), st.floats(0, 0.3))
def test_an_article_in_the_very_words_of_the_question_stays_first(articles, place, tickets, near, lexical):
    """Whatever the other articles are, and however many loosely related tickets one of them has solved."""
    right = SolutionRef(ACME, "article-9")
    popular = articles[place % len(articles)].solution
    asked = [_article(right, 0.8, 0.8, 0.8, 1.0)]
    asked += [
        _article(
            one.solution, *(0.7 * share for share in (one.relevance, one.signals.nearest, one.signals.lexical)), 0.3
        )
        for one in articles
    ]
    signals = Signals(near, lexical, 0, near, near, issue=near, mapped_issue=near)
    asked += [Candidate(popular, 100 + number, near, signals, is_ticket=True) for number in range(min(tickets, 60))]
    standings = {one.solution: Standing(ArticleState.VALIDATED) for one in asked}
    standings[popular] = Standing(ArticleState.VALIDATED, tickets, recent=min(tickets, 100), latest=min(tickets, 20))
    assert _order(asked, standings)[0][0] == right


def test_one_ticket_in_the_same_words_says_much():
    right, other = _REFS[:2]
    same = Signals(0.97, 0.9, 0, 0.97, 0.97, 0.97, 0.97)
    voting = [
        _article(right, 0.4, 0.5, 0.2, 0.1),
        _article(other, 0.45, 0.55, 0.3, 0.2),
        Candidate(right, 100, 0.95, same, is_ticket=True),
    ]
    standings = {
        right: Standing(ArticleState.VALIDATED, 1, recent=1, latest=1),
        other: Standing(ArticleState.VALIDATED),
    }
    assert _order(voting, standings)[0][0] == right


def test_an_unproven_fix_that_fits_better_stays_behind_a_proven_one_and_is_reported():
    proven, fix = _REFS[:2]
    same = Signals(0.97, 0.9, 0, 0.97, 0.97, 0.97, 0.97)
    asked = [_article(proven, 0.9, 0.9, 0.8, 0.9), Candidate(fix, 100, 0.99, same, is_ticket=True)]
    standings = {
        proven: Standing(ArticleState.VALIDATED),
        fix: Standing(ArticleState.NOT_VALIDATED, 1, recent=1, latest=1),
    }
    first, second = group(asked, standings, shipped())
    assert (first.ref, second.has_rival) == (proven, False)
    alone = group(asked[1:], standings, shipped())[0].confidence
    assert first.has_rival == (alone > first.confidence)
    assert not group(asked[:1], standings, shipped())[0].has_rival
