"""The most likely reading of a question: its language, and the intended words where no document has them.

Three errors are corrected, in this order: text typed in another keyboard layout is replaced; Bulgarian in Latin letters
is looked up in Cyrillic as well; a misspelt word is looked up as the words it may stand for. Only words of documents in
scope are used, so no tenant learns another one's words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from kbsearch.index.port import Vocabulary
from kbsearch.model import Ticket
from kbsearch.text.dictionaries import is_word
from kbsearch.text.keyboard_layout import retyped
from kbsearch.text.language import guess_language
from kbsearch.text.spelling import one_slip_away
from kbsearch.text.trade_words import Name, TradeWords, form_for, is_product, shipped
from kbsearch.text.transliteration import cyrillic_readings
from kbsearch.text.words import Query, lemma, normalise, parse_query, parse_ticket, stem, surface
from kbsearch.text.words import terms as terms_of

_WORD = re.compile(r"[^\W_]+")
_COMPOUND = re.compile(r"(?<![^\W_])[^\W_]++(?:-[^\W_]++)+")  # from the start of a word only, so that it stays linear
_FORMS_KEPT = 2
_MOST_TRANSLITERATED = 100
_MOST_MISSPELT = 6
_LEAST_LETTERS = 5
_FEW, _LONG_ENOUGH = 8, 4
_TOO_FEW = 3
"""So few words do not tell a language."""
_SPELLED_SHARE = 0.7
"""What a word that may have been meant counts, as a share of the one that was written."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A question ready for look-up.

    Attributes:
        text: for the embedding model.
        query: for the lexical index.
        language: ISO 639 code.
    """

    text: str
    query: Query
    language: str


@dataclass(frozen=True, slots=True)
class _Meant:
    """A word as written, the term that it gives, how it reads when put right, and the terms looked up besides."""

    word: str
    instead_of: str
    reading: str
    terms: tuple[str, ...]
    share: float


def of_ticket(vocabulary: Vocabulary, ticket: Ticket, words: TradeWords | None = None) -> Wording:
    """What a ticket says (text.intake). ``words``: those of the tenant's trade; None for the shipped ones."""
    words = words or shipped()
    subject, description = (
        words.with_phrases_named(_retyped(vocabulary, text)) for text in (ticket.subject, ticket.description)
    )
    text = replace(ticket, subject=subject, description=description).text
    return _wording(vocabulary, words, text, parse_ticket(subject, "\n".join((description, *ticket.environment))))


def of_query(vocabulary: Vocabulary, q: str, words: TradeWords | None = None) -> Wording:
    """What a query says. Quoted phrases are left as they are. ``words``: see of_ticket()."""
    words, query = words or shipped(), parse_query(q)
    text = q if query.phrases else words.with_phrases_named(_retyped(vocabulary, q))
    return _wording(vocabulary, words, text, query if text == q else parse_query(text))


def _wording(vocabulary: Vocabulary, words: TradeWords, text: str, query: Query) -> Wording:
    language = guess_language(text)
    if language != "bg" and _is_transliterated(vocabulary, query):
        language = "bg"
    meant = _meant(vocabulary, words, text, query, language)
    if not meant:
        return Wording(text, query, language)
    emphasis: dict[str, float] = {}
    for one in meant:
        for term in one.terms:
            emphasis.setdefault(term, one.share * query.emphasis.get(one.instead_of, 1.0))
    expanded = replace(
        query,
        terms=tuple(dict.fromkeys((*query.terms, *(term for one in meant for term in one.terms)))),
        emphasis=emphasis | dict(query.emphasis),
        explained=frozenset(one.instead_of for one in meant if one.terms),
    )
    written = {one.word: one.reading for one in meant}
    return Wording(_WORD.sub(lambda word: written.get(normalise(word.group()), word.group()), text), expanded, language)


def _retyped(vocabulary: Vocabulary, text: str) -> str:
    def known(words: Sequence[str]) -> Collection[str]:
        terms = {word: stem(word) for word in words if not is_word(word)}
        frequencies = vocabulary.frequencies(list(terms.values()))
        return {word for word in words if word not in terms or terms[word] in frequencies}

    return retyped(text, known)


def _meant(vocabulary: Vocabulary, words: TradeWords, text: str, query: Query, language: str) -> list[_Meant]:
    transliterated = _transliterated(query, language)
    known = vocabulary.frequencies([*query.terms, *{lemma(one) for forms in transliterated.values() for one in forms}])
    for word in _parts_of_names(text, known):
        transliterated.pop(word, None)
    meant = _of_the_trade(vocabulary, words, text, transliterated, known)
    for one in meant:
        transliterated.pop(one.word, None)
    for word, readings in transliterated.items():
        if terms := list(dict.fromkeys(term for one in readings if (term := lemma(one)) in known)):
            reading = min((one for one in readings if lemma(one) in known), key=lambda one: not is_word(one))
            meant.append(_Meant(word, word, reading, tuple(terms[:_FORMS_KEPT]), 1.0))
        elif language == "bg" and word not in known and not is_word(word):
            # No document has it, but the model may know what it means.
            meant += [_Meant(word, word, one, (), 1.0) for one in filter(is_word, readings)][:1]
    if language in ("bg", "en") or len(query.terms) <= _TOO_FEW:
        explained = {one.word for one in meant}
        missing = [word for word in query.unknown if lemma(word) not in known and word not in explained]
        spoken = _spoken(query, known)
        meant += _misspelt(vocabulary, [word for word in missing if spoken[word.isascii()]])
    return meant


def _is_transliterated(vocabulary: Vocabulary, query: Query) -> bool:
    """Whether a few Latin words are Bulgarian: those that no dictionary and no document has stand in documents in
    Cyrillic letters, and one of them is long enough not to do so by chance.
    """
    unknown = [word for word in query.unknown if word.isascii()]
    if not unknown or len(query.terms) > _FEW or len(unknown) < len(query.unknown):
        return False
    known = vocabulary.frequencies([lemma(word) for word in unknown])
    foreign = {word: cyrillic_readings(word) for word in unknown if lemma(word) not in known}
    if max(map(len, foreign), default=0) < _LONG_ENOUGH:
        return False
    there = vocabulary.frequencies(list({lemma(one) for readings in foreign.values() for one in readings}))
    return all(any(lemma(one) in there for one in readings) for readings in foreign.values())


def _transliterated(query: Query, language: str) -> dict[str, list[str]]:
    """Latin words that may be Bulgarian → their Cyrillic readings, likeliest first."""
    latin = [term for term in query.terms if term.isascii() and term.isalnum()]
    bulgarian = language == "bg" and 2 * len(latin) > len(query.terms)
    chosen = latin if bulgarian else filter(str.isascii, query.unknown)
    return {word: cyrillic_readings(word) for word in list(chosen)[:_MOST_TRANSLITERATED] if not word.isdigit()}


def _parts_of_names(text: str, known: Collection[str]) -> set[str]:
    """Parts of hyphenated names that documents have whole, such as Wi-Fi: they are no words by themselves."""
    compounds = map(surface, _COMPOUND.findall(normalise(text)))
    return {part for parts in compounds if "".join(parts) in known for part in parts}


def _of_the_trade(
    vocabulary: Vocabulary, words: TradeWords, text: str, transliterated: dict[str, list[str]], known: Collection[str]
) -> list[_Meant]:
    """Words that people type for a name of the trade, where documents have the name.

    What documents have themselves, and a dictionary too, means what it says.
    """
    found: dict[str, tuple[str, Name]] = {}
    for word in dict.fromkeys(surface(text)):
        for typed in (word, *transliterated.get(word, ())):
            if (name := words.named(typed)) is not None and (not is_word(typed) or lemma(typed) not in known):
                found[word] = typed, name
                break
    terms = {name: [one for one in terms_of(" ".join(name)) if len(one) > 1] for _, name in found.values()}
    there = vocabulary.frequencies([term for some in terms.values() for term in some]) if found else {}
    return [
        _Meant(word, lemma(word), _as_read(typed, name, known), tuple(one for one in terms[name] if one in there), 1.0)
        for word, (typed, name) in found.items()
        if any(one in there for one in terms[name])
    ]


def _as_read(typed: str, name: Name, known: Collection[str]) -> str:
    """What the model is given for a word that was typed for a name: the form in the same letters, of a product any.

    A word without such a form stays if a dictionary or a document has it.
    """
    form = form_for(typed, name)
    is_fitting = is_product(name) or form.isascii() == typed.isascii()
    return form if is_fitting or not (is_word(typed) or lemma(typed) in known) else typed


def _spoken(query: Query, known: Collection[str]) -> dict[bool, bool]:
    """Whether the documents are in the language of words in Latin letters (True), and of words in others (False).

    They are if they have half of the query's other words in these letters.
    """
    found: dict[bool, list[bool]] = {True: [], False: []}
    for term in query.terms:
        if term.isalpha():
            found[term.isascii()].append(term in known)
    return {latin: 2 * sum(had) >= len(had) - 1 for latin, had in found.items()}


def _misspelt(vocabulary: Vocabulary, words: Sequence[str]) -> list[_Meant]:
    """What words that no document has may have been meant to be.

    Dictionary words come first, then whatever stands in a document; of these the commonest, of its forms the one that
    the likeliest slip makes.
    """
    meant: list[_Meant] = []
    for word in [word for word in words if len(word) >= _LEAST_LETTERS][:_MOST_MISSPELT]:
        near = list(one_slip_away(word))
        for candidates in (filter(is_word, near), near):
            forms: dict[str, str] = {}
            for candidate in candidates:
                forms.setdefault(stem(candidate), candidate)
            if found := vocabulary.frequencies(list(forms)):
                terms = sorted(found, key=lambda term: -found[term])[:_FORMS_KEPT]
                meant.append(_Meant(word, lemma(word), forms[terms[0]], tuple(terms), _SPELLED_SHARE))
                break
    return meant
