"""From text to the terms that the lexical index holds.

Two streams are made of a text. *Surface* words, casefolded, serve quoted phrases. *Terms* are
what BM25 counts: lemmas, so that ``принтера`` finds ``принтерът``, plus identifiers (error codes,
host names, versions) whole and in parts, so that ``0x80070005`` or ``srv-print01`` match exactly.

Which lemmas are used depends only on the script of a word, never on a guess of the text's
language: query and document then always agree. simplemma's dictionaries give the lemma; what
they don't hold keeps its form, Bulgarian words less their definite article.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from kbsearch.text.dictionaries import dictionary_form, is_known, is_word
from kbsearch.text.remembered import remembered

ANALYZER = "words-3"
"""Names this analysis. An index made by another one must be rebuilt."""

# A word with inner joiners: host names, paths, versions, e-mail-like and hyphenated words.
_TOKEN = re.compile(r"\w+(?:[-.:/\\@_'’+]+\w+)*")
_JOINERS = re.compile(r"[^\w]+|_")
_SURFACE = re.compile(r"[^\W_]+")
_PATH = re.compile(r"[./\\@:_]")
_DIGIT = re.compile(r"\d")
# Cyrillic letters that look like Latin ones, as they get into codes that are typed in the wrong layout.
_LATIN = str.maketrans("авсенкмортхуіѕј", "abcehkmoptxyisj")
_LOOKS_LATIN = re.compile(r"[0-9a-zавсенкмортхуіѕј._:/\\-]+")
_ERROR_WORDS = "error|err|errors|code|грешка|грешки|греска|код|fehler|erreur|errore|fout|ошибка|eroare|greshka"
_GLUED = re.compile(rf"({_ERROR_WORDS})[-_:]?((?:0[xх])?[0-9][0-9a-f]{{2,15}})|([^\W\d]+)(0[xх][0-9a-f]{{4,16}})")
_WINDOWS_CODE = re.compile(r"[8c](?=[0-9a-f]*\d)[0-9a-f]{7}")
_APOSTROPHE = re.compile(r"['’]")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
# No group holds its own opening mark, so that a row of these is read once.
_QUOTED = re.compile(r'"([^"\n]+)"|„([^„“”"\n]+)[“”"]|“([^“”\n]+)”|«([^«»\n]+)»')

# Bulgarian definite articles (and counting form), longest first, with the shortest stem they may
# leave; only for words that simplemma doesn't know (product names, jargon: рутерът, линксисът).
_BG_ARTICLES = ("ията", "ият", "ите", "ета", "ове", "ът", "ят", "та", "то", "те", "ия", "а", "я", "и", "у")
_MIN_STEM = 4

# Fitted on the earlier queries of sumo_kb (docs/measurements.md). The saturation of repeated words is BM25's k3.
_SUBJECT = 2.0
_REPEATED = 2.0


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query.

    Attributes:
        terms: what to look up, in order of appearance, without repeats.
        phrases: quoted phrases, each as its surface words; a hit must contain every one.
        identifiers: those of ``terms`` that name one exact thing (error codes, hosts, versions).
        unknown: words as written that no dictionary of their script explains: names, products,
            other languages, Bulgarian typed in Latin letters, misspelt words.
        emphasis: term → how much it counts, 1 where it is not named.
        explained: those of ``terms`` that are looked up in another form as well, and so are not
            missed where no document has them.
    """

    terms: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    identifiers: frozenset[str]
    unknown: tuple[str, ...]
    emphasis: Mapping[str, float] = field(default_factory=dict[str, float])
    explained: frozenset[str] = frozenset()


def normalise(text: str) -> str:
    """NFKC, casefolded: ``ﬁ`` becomes ``fi``, full-width digits plain ones."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def surface(text: str) -> list[str]:
    """The words as written, casefolded and split at every joiner."""
    return _SURFACE.findall(normalise(text))


def terms(text: str) -> list[str]:
    """The terms of a text in order, repeats kept (BM25 counts them)."""
    return [term for token in _tokens(text) for term in _token_terms(token)]


def codes(text: str, most: int = 20) -> list[str]:
    """The first ``most`` different error codes and product numbers of a text: identifiers without a dot or a slash."""
    found: dict[str, None] = {}
    for token in _TOKEN.findall(normalise(text)):
        if is_identifier(token) and token.isascii() and not _PATH.search(token) and any(c.isalpha() for c in token):
            found[token] = None
            if len(found) == most:
                break
    return list(found)


def parse_query(text: str) -> Query:
    """Take a query apart: quoted phrases, terms, identifiers, words that may be transliterated."""
    phrases = tuple(words for groups in _QUOTED.findall(text) if (words := tuple(surface("".join(groups)))))
    return _query(text, phrases)


def parse_ticket(subject: str, description: str = "") -> Query:
    """Take a ticket apart. Its quotation marks are only quotation marks.

    What stands in the subject counts twice; what is repeated counts more, up to three times.
    """
    counts = Counter(terms(f"{subject}\n{description}"))
    in_subject = set(terms(subject))
    emphasis = {
        term: count * (_REPEATED + 1) / (count + _REPEATED) * (_SUBJECT if term in in_subject else 1.0)
        for term, count in counts.items()
    }
    return replace(_query(f"{subject}\n{description}", ()), emphasis=emphasis)


def id_term(id: str) -> str | None:
    """The term by which a document's id is found; None for an everyday word and for an id of several."""
    token = normalise(id)
    if not _TOKEN.fullmatch(token) or token.isalpha():
        return None
    return next(iter(_token_terms(token)), None)


def _query(text: str, phrases: tuple[tuple[str, ...], ...]) -> Query:
    found: dict[str, None] = {}
    identifiers: set[str] = set()
    unknown: dict[str, None] = {}
    for token in _tokens(text):
        for term in _token_terms(token):
            found[term] = None
        if is_identifier(token):
            identifiers.add(_token_terms(token)[0])
        elif token.isalnum() and len(token) > 1 and not _is_explained(token):
            unknown[token] = None
    return Query(tuple(found), phrases, frozenset(identifiers), tuple(unknown))


def _tokens(text: str) -> list[str]:
    tokens = _TOKEN.findall(normalise(text))
    return [part for token in tokens for part in _unglued(token)] if _DIGIT.search(text) else tokens


@remembered
def _unglued(token: str) -> tuple[str, ...]:
    """A code apart from the word it is glued to, in Latin letters, a Windows code with its prefix."""
    if not _DIGIT.search(token):
        return (token,)
    if _CYRILLIC.search(token) and _LOOKS_LATIN.fullmatch(token):
        token = token.translate(_LATIN)
    if glued := _GLUED.fullmatch(token):
        word, code = (one for one in glued.groups() if one)
        return (word, *_unglued(code))
    return (f"0x{token}",) if _WINDOWS_CODE.fullmatch(token) else (token,)


def is_identifier(token: str) -> bool:
    """Whether a normalised token names one exact thing: 0x80070005, kb5034441, srv-print01, 10.0.0.7.

    Plain numbers count from five digits on; shorter ones are years and versions.
    """
    if token.isalpha():
        return False
    digits = sum(c.isdigit() for c in token)
    if not digits:
        return False
    letters = sum(c.isalpha() for c in token)
    return (letters > 0 and digits + letters >= 4) or digits >= 5 or (digits >= 3 and "." in token)


@remembered
def _token_terms(token: str) -> tuple[str, ...]:
    if token.isalpha():
        return (lemma(token),)
    parts = [part for part in _JOINERS.split(token) if part]
    if len(parts) < 2:
        return tuple(parts)
    if _APOSTROPHE.search(token) and len(parts) == 2 and len(parts[1]) <= 2:
        return (lemma("".join(parts)),)  # don't, user's
    whole = token if any(c.isdigit() for c in token) or "." in token or "@" in token else "".join(parts)
    return (whole, *(lemma(part) if part.isalpha() else part for part in parts))


@remembered
def lemma(word: str) -> str:
    """The dictionary form of one casefolded word, without accents on Latin letters."""
    found = dictionary_form(word)
    if not _CYRILLIC.search(word):
        return _without_accents(found.casefold())
    return (_without_article(word) if found == word and not is_known(word) else found).casefold()


@remembered
def _is_explained(word: str) -> bool:
    return is_known(word)


def _without_article(word: str) -> str:
    for ending in _BG_ARTICLES:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            return word[: -len(ending)]
    return word


def stem(word: str) -> str:
    """The term of a casefolded word, as lemma() gives it, but for words in no dictionary at a tenth of its time.

    For words that were made up to be looked for: hundreds of them, nearly all of which nobody ever wrote.
    """
    if is_word(word):
        return lemma(word)
    return _without_article(word) if _CYRILLIC.search(word) else _without_accents(word)


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)) or word


def words_found(text: str, wanted: frozenset[str]) -> Iterator[str]:
    """The words of ``text``, as written there, whose terms are among ``wanted``; no repeats."""
    seen: set[str] = set()
    for word in dict.fromkeys(_TOKEN.findall(text)):
        if not wanted.isdisjoint(_written_terms(word)) and (token := normalise(word)) not in seen:
            seen.add(token)
            yield word


@remembered
def _written_terms(word: str) -> tuple[str, ...]:
    return _token_terms(normalise(word))
