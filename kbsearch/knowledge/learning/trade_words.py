"""Learning the words of a desk's trade from its tickets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kbsearch.knowledge.indexing import boilerplate
from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.knowledge.indexing.index_generations import IndexGenerations
from kbsearch.knowledge.questions import ranked_solutions
from kbsearch.knowledge.questions import trade_words as used
from kbsearch.model import (
    Article,
    DocumentKind,
    Scope,
    SolutionRef,
    Source,
    TenantId,
    Ticket,
    TradeWord,
    WordOrigin,
)
from kbsearch.store import articles, history, tenants, trade_words
from kbsearch.store.history import Solved
from kbsearch.store.port import Read, Store
from kbsearch.text import intake
from kbsearch.text.dictionaries import is_word
from kbsearch.text.trade_lessons import Lesson, Told, lessons
from kbsearch.text.trade_words import TradeWords, shipped
from kbsearch.text.words import lemma, surface

_MOST_TICKETS = 2_000
_MOST_LEARNED, _MOST_ASKED = 20, 20
"""So many words are proved, each by so many of its newest tickets."""
_LEAST_LETTERS = 3
_PAGE = 200
_NAME = re.compile(r"(?<![\w-])[A-Z][\w.-]*\w")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a desk's articles say: names of products as written, by casefolded name, of each article, and all words."""

    names: Mapping[str, str]
    of_articles: Mapping[SolutionRef, frozenset[str]]
    words: frozenset[str]


def learn(store: Store, keeper: IndexGenerations, tenant: TenantId) -> int:
    """Learn anew from the tenant's newest tickets. Returns how many words it has learned.

    A word is kept only if the tickets that teach it are answered at least as well with it, each without what the index
    has of itself.
    """
    engine, scope = keeper.for_reading(), Scope(tenant)
    with store.read() as tx:
        desk = _desk(tx, scope)
        taught, solved = _taught(tx, engine, scope, desk)
        kept = [
            TradeWord(one.word, desk.names[one.name], WordOrigin.LEARNED, len(one.tickets))
            for one in taught[:_MOST_LEARNED]
            if _helps(tx, engine, scope, one, desk.names[one.name], solved)
        ]
    with store.write() as tx:
        kept = [one for one in kept if one.word not in trade_words.decided(tx, tenant)]
        if trade_words.put_learned(tx, tenant, kept):
            tenants.raise_revision(tx, tenant)
    return len(kept)


def forget_untaught(store: Store, keeper: IndexGenerations, tenant: TenantId) -> None:
    """Forget those learned words that the tenant's tickets do not teach any more: some of them were erased."""
    engine, scope = keeper.for_reading(), Scope(tenant)
    with store.read() as tx:
        taught, _ = _taught(tx, engine, scope, _desk(tx, scope))
    words = {one.word for one in taught}
    with store.write() as tx:
        if trade_words.put_learned(tx, tenant, [one for one in trade_words.learned(tx, tenant) if one.word in words]):
            tenants.raise_revision(tx, tenant)


def _taught(tx: Read, engine: Engine, scope: Scope, desk: _Desk) -> tuple[list[Lesson], list[Solved]]:
    """What the tenant's newest tickets teach, and those of them that an article solved."""
    decided = trade_words.decided(tx, scope.tenant)
    is_boilerplate = boilerplate.of_tenant(tx, scope.tenant)
    solved = history.solved(tx, engine.generation.id, scope, _MOST_TICKETS)
    solved = [one for one in solved if one.solution in desk.of_articles]
    told = [_told(one, intake.said(one.ticket, is_boilerplate).ticket, desk, decided) for one in solved]
    return lessons(told), solved


def _desk(tx: Read, scope: Scope) -> _Desk:
    names: dict[str, str] = {}
    of_articles: dict[SolutionRef, frozenset[str]] = {}
    words: set[str] = set()
    for ref, article in _articles(tx, scope):
        found = {name.casefold(): name for name in _names(article)}
        names |= found
        of_articles[ref] = frozenset(found)
        words.update(map(lemma, surface("\n".join((article.title, *article.issue, article.resolution)))))
    return _Desk(names, of_articles, frozenset(words))


def _articles(tx: Read, scope: Scope) -> Iterator[tuple[SolutionRef, Article]]:
    after = ("", "")
    while page := articles.page(tx, scope, after, _PAGE, None):
        yield from ((articles.ref(one), one.article) for one in page)
        after = (page[-1].tenant, page[-1].article.id)


def _names(article: Article) -> Iterator[str]:
    """Names of products: capitalised Latin words of the title and the environment.

    Any English title begins with a capital letter.
    """
    for entry in article.environment:
        yield from _NAME.findall(entry)
    for match in _NAME.finditer(article.title):
        word = match.group()
        if match.start() or _CYRILLIC.search(article.title) or any(map(str.isupper, word[1:])):
            yield word


def _told(solved: Solved, said: Ticket, desk: _Desk, decided: Iterable[str]) -> Told:
    written = frozenset(surface(said.text))
    return Told(
        frozenset(lemma(word) for word in written if _may_be(word, desk)).difference(decided),
        written,
        desk.of_articles[solved.solution],
        f"{solved.solution.tenant} {solved.solution.id}",
    )


def _may_be(word: str, desk: _Desk) -> bool:
    """Whether a word may stand for a name: neither a dictionary nor an article nor the shipped list has it."""
    return (
        word.isalpha()
        and len(word) >= _LEAST_LETTERS
        and word not in desk.names
        and not is_word(word)
        and lemma(word) not in desk.words
        and not shipped().has_name(word)
    )


def _helps(tx: Read, engine: Engine, scope: Scope, lesson: Lesson, name: str, solved: list[Solved]) -> bool:
    """Whether its newest tickets find their articles at least as high with the word as without it."""
    words = used.of_scope(tx, scope)
    with_it = TradeWords({lesson.word: (name,)}, words)
    gain = 0.0
    for one in (solved[at] for at in lesson.tickets[-_MOST_ASKED:]):
        itself = Source(scope.tenant, DocumentKind.TICKET, one.ticket.id or "")
        for sign, read_with in ((1, with_it), (-1, words)):
            ranked = ranked_solutions.rank(tx, engine, scope, one.ticket, other_than=itself, words=read_with)
            places = [group.ref for group in ranked.groups]
            gain += sign / (1 + places.index(one.solution)) if one.solution in places else 0.0
    return gain >= 0
