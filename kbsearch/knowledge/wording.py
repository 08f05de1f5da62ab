"""What a question most likely says: in which language, and what is meant where no document has a word of it.

Three things are mended, in this order: text typed in another keyboard layout is replaced; Bulgarian in Latin letters is
looked up in Cyrillic as well; a misspelt word is looked up as those it may have been meant to be. Only words of
documents that the scope sees are ever taken, so nobody learns another tenant's words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from kbsearch.index.lexical import LexicalView
from kbsearch.model import Ticket
from kbsearch.text.dictionaries import is_word
from kbsearch.text.keyboard_layout import retyped
from kbsearch.text.language import guess_language
from kbsearch.text.spelling import one_slip_away
from kbsearch.text.transliteration import cyrillic_readings, looks_transliterated
from kbsearch.text.words import Query, lemma, parse_query, parse_ticket, stem, surface

_FORMS_KEPT = 2
_MOST_TRANSLITERATED = 100
_MOST_MISSPELT = 6
_LEAST_LETTERS = 5
_SPELLED_SHARE = 0.7
"""What a word that may have been meant counts, as a share of the one that was written."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A question as it is looked up.

    Attributes:
        text: for the embedding model.
        query: for the lexical index.
        language: ISO 639 code.
    """

    text: str
    query: Query
    language: str


def of_ticket(view: LexicalView, ticket: Ticket) -> Wording:
    subject, description = (_retyped(view, text) for text in (ticket.subject, ticket.description))
    text = replace(ticket, subject=subject, description=description).text
    query = parse_ticket(subject, "\n".join((description, *ticket.environment)))
    language = guess_language(text)
    return Wording(text, _expanded(view, query, language), language)


def of_query(view: LexicalView, q: str) -> Wording:
    """Quoted phrases are left as they are."""
    text = q if parse_query(q).phrases else _retyped(view, q)
    language = guess_language(text)
    return Wording(text, _expanded(view, parse_query(text), language), language)


def _retyped(view: LexicalView, text: str) -> str:
    def known(words: Sequence[str]) -> Collection[str]:
        terms = {word: stem(word) for word in words if not is_word(word)}
        frequencies = view.frequencies(list(terms.values()))
        return {word for word in words if word not in terms or terms[word] in frequencies}

    return retyped(text, known)


def _expanded(view: LexicalView, query: Query, language: str) -> Query:
    """The query with the words that are meant."""
    transliterated = _transliterated(query)
    known = view.frequencies([*query.terms, *{one for forms in transliterated.values() for one in forms}])
    meant = {
        word: kept
        for word, forms in transliterated.items()
        if (kept := [one for one in forms if one in known][:_FORMS_KEPT])
    }
    emphasis = {form: query.emphasis.get(word, 1.0) for word, forms in meant.items() for form in forms}
    if language in ("bg", "en"):
        missing = [word for word in query.unknown if lemma(word) not in known and word not in meant]
        missing = [word for word in missing if _is_spoken(word, query, known)]
        for word, forms in _misspelt(view, missing).items():
            meant[lemma(word)] = forms
            share = _SPELLED_SHARE * query.emphasis.get(lemma(word), 1.0)
            emphasis = {form: share for form in forms} | emphasis
    if not meant:
        return query
    return replace(
        query,
        terms=tuple(dict.fromkeys((*query.terms, *(form for forms in meant.values() for form in forms)))),
        emphasis=emphasis | dict(query.emphasis),
        explained=frozenset(meant),
    )


def _transliterated(query: Query) -> dict[str, list[str]]:
    """Latin words that may be Bulgarian → the lemmas of their Cyrillic readings, likeliest first."""
    latin = [term for term in query.terms if term.isascii() and term.isalnum()]
    chosen = latin if looks_transliterated(surface(" ".join(query.terms))) else filter(str.isascii, query.unknown)
    return {
        word: list(dict.fromkeys(lemma(reading) for reading in cyrillic_readings(word)))
        for word in list(chosen)[:_MOST_TRANSLITERATED]
        if not word.isdigit()
    }


def _is_spoken(word: str, query: Query, known: Collection[str]) -> bool:
    """Whether the documents are in the word's language: they have most of the query's words in its letters."""
    alike = [term for term in query.terms if term.isalpha() and term.isascii() == word.isascii()]
    return 2 * sum(term in known for term in alike) >= len(alike)


def _misspelt(view: LexicalView, words: Sequence[str]) -> Mapping[str, list[str]]:
    """Words that no document has → the terms of documents that they may have been meant to be.

    Dictionary words come first, then whatever stands in a document; likelier slips before others, then the commoner
    term.
    """
    meant: dict[str, list[str]] = {}
    for word in [word for word in words if len(word) >= _LEAST_LETTERS][:_MOST_MISSPELT]:
        near = list(one_slip_away(word))
        for candidates in (filter(is_word, near), near):
            terms = list(dict.fromkeys(map(stem, candidates)))
            if found := view.frequencies(terms):
                meant[word] = sorted(found, key=lambda term: -found[term])[:_FORMS_KEPT]
                break
    return meant
