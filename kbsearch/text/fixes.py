"""Judging a resolution's text: is it of use to the next agent, is it the same fix as another, what differs?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kbsearch.model import RedactionPolicy
from kbsearch.text.closings import is_closing, tells_deed
from kbsearch.text.intake import Boilerplate, is_template, plain_text, read
from kbsearch.text.pleasantries import EMPTY_WORDS, FUNCTION_WORDS, sentences, words_of, written_sentences
from kbsearch.text.redaction import Redactor
from kbsearch.text.words import is_identifier, lemma, normalise, surface

_STRICTEST = Redactor(RedactionPolicy())
_FEWEST_WORDS = 2
_FEWEST_SENTENCES = 2
_EXACT = re.compile(r"(?=.*\d)(?=.*[^\W\d])")
_TICKET = re.compile(r"(?:inc|ritm|req|chg|prb|sctask|task|tkt|sr|cs|rt|hd|case|ticket|заявка)-?\d", re.IGNORECASE)
_SHORTEST_STATEMENT = 3  # in words: "Restart Thunderbird" stands in half of all articles
_SHORTEST_EXCERPT = 6  # in different words
_MOST_STATEMENTS = 256

SIMILAR = 0.5
"""From this likeness on a person has to say whether two fixes are one (docs/measurements.md, "Same fix")."""

_WORD = re.compile(r"[^\W_]+")
_WORD_OR_SIGN = re.compile(r"[^\W_]+|!=|[<>=≤≥≠+%&^~$@#\\/|*-]+")
_EMPHASIS = re.compile(r"(\*\*|__|~~|[*`])(?=\S)([^*`~\n]{1,300}?)(?<=\S)\1")
# Prepositions and "or" tell "from A to B" from "to A from B".
_MAKING_NO_DIFFERENCE = FUNCTION_WORDS - words_of("or to for by with as at или за на по с със от чрез")
_CITED = re.compile(r"[^\s,;()\[\]<>\"'„“”«»]+")
# Numbers of list items and tags: they say nothing of the fix.
_MARKUP = re.compile(r"^[ \t]*(?:\d{1,3}[.)]|[-*+•])(?=\s)|</?[a-z][a-z0-9]*(?:\s[^<>]{0,500})?/?>", re.I | re.M)
_LINK = re.compile(r"\b[a-z]{2,10}://[^\s<>()\[\]]+", re.IGNORECASE)
_MOST_CITED = 16
_MOST_WORDS_BESIDE_CITATION = 20
_WORDS_SHOWN = 6
_SENTENCES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What names a fix: ``whole`` (16 bytes) all that was done, ``statements`` (8 bytes each) its single sentences."""

    whole: bytes
    statements: tuple[bytes, ...] = ()


def telling_words(resolution: str) -> frozenset[str]:
    """The lemmas of all that says what was done."""
    return frozenset(word for sentence in sentences(resolution) for word in sentence)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of common significant words among all of both (Jaccard), 0 .. 1.

    Read on pairs of real resolutions it is about the share of pairs that are one fix (docs/measurements.md).
    """
    union = one | other
    return len(one & other) / len(union) if union else 0.0


def is_thin(resolution: str, is_boilerplate: Boilerplate = is_template) -> bool:
    """Whether a resolution contains no fix: "Done, thanks!", "Оправено. Поздрави, Иван".

    Sentences do not count that only say why the ticket was closed, that it was passed on, merged or cancelled, or that
    monitoring recovered. It is thin with fewer than two words beyond these and closing formulas, unless it says what
    was done in one word (rebooted) or names an exact thing that is not a ticket (F9, KB5034441).
    """
    telling: set[str] = set()
    for written, words in written_sentences(said_in(resolution, is_boilerplate), questions=True):
        more = telling.union(words) - EMPTY_WORDS
        if len(more) > len(telling) and not is_closing(written):
            telling = more
            if len(telling) >= _FEWEST_WORDS:
                return False
    if telling and tells_deed(resolution):
        return False
    return not any(_EXACT.match(word) and not _TICKET.match(word) for word in telling)


def said_in(resolution: str, is_boilerplate: Boilerplate = is_template) -> str:
    """What a resolution says: no markup, quoted mails, signature or sentences of the ticket system."""
    return read(plain_text(resolution), is_boilerplate).message


def fingerprint(resolution: str) -> Fingerprint:
    """Two resolutions have the same ``whole`` if they have the same words in the same order.

    Markup, punctuation, forms of words, articles and pleasantries make no difference, nor does what redaction takes
    out: an article keeps its e-mail addresses, a ticket that copies it does not. Signs, prepositions and short words in
    capitals that would be others in small letters (US, IT, AT) do.
    """
    found = list(_statements(resolution))
    whole = [word for sentence in found for word in sentence] or surface(resolution)
    long = (sentence for sentence in found if len(sentence) >= _SHORTEST_STATEMENT)
    statements = dict.fromkeys(_digest(sentence, 8) for sentence in long)
    return Fingerprint(_digest(whole, 16), tuple(statements)[:_MOST_STATEMENTS])


def is_excerpt(part: str, whole: str, least: float) -> bool:
    """Whether one resolution is copied from another: each of its sentences is in the other, word for word.

    The last sentence may be cut off. A single sentence is not an excerpt, because other fixes may have it too.

    Args:
        part: the resolution that may be copied.
        whole: the one that it may be copied from.
        least: the share of the other's different words that it must have, 0 .. 1.
    """
    copied = list(_statements(part))
    words = {word for sentence in copied for word in sentence}
    if len(words) < _SHORTEST_EXCERPT or len(copied) < _FEWEST_SENTENCES:
        return False
    there = list(_statements(whole))
    all_words = {word for sentence in there for word in sentence}
    statements = {tuple(sentence) for sentence in there}
    cut = tuple(copied[-1])
    return (
        len(words) >= least * len(all_words)
        and words <= all_words
        and all(tuple(s) in statements for s in copied[:-1] if len(s) >= _SHORTEST_STATEMENT)
        and any(statement[: len(cut)] == cut for statement in statements)
    )


def _statements(resolution: str) -> Iterator[list[str]]:
    """The words of each sentence that distinguish fixes: lemmas, signs, meaningful capitals."""
    cleaned, _ = _STRICTEST.redact(said_in(resolution))
    for written, _ in written_sentences(cleaned):
        if not is_closing(written) and (words := _telling_apart(written)):
            yield words


def _telling_apart(sentence: str) -> list[str]:
    shouted = not any(c.islower() for c in sentence)
    words: list[str] = []
    for found in _WORD_OR_SIGN.finditer(_EMPHASIS.sub(r"\2", sentence)):
        written = found.group()
        if not written[0].isalnum():
            if _is_sign(written, found):
                words.append(written)
            continue
        word = lemma(normalise(written))
        if not shouted and written.isupper() and word in FUNCTION_WORDS and (len(written) > 1 or written == "A"):
            if len(written) > 1 or words:
                words.append(written)
        elif word not in _MAKING_NO_DIFFERENCE:
            words.append(word)
    return words


def _is_sign(sign: str, found: re.Match[str]) -> bool:
    """Whether a sign has a meaning: it is not a bullet, a mark of Markdown or a bracket."""
    before = found.string[found.start() - 1 : found.start()]
    after = found.string[found.end() : found.end() + 1]
    if sign in ("-", "--", "/"):  # of an option or a number, not within a word
        return (not before or before in " \t([=\"'`") and after.isalnum()
    if sign in ("*", "#", "\\"):
        return bool((before and not before.isspace()) or (after and not after.isspace()))
    return sign not in ("|", ">") or (bool(before.strip()) != bool(after.strip())) or (sign == ">" and after == " ")


def cited_ids(resolution: str) -> list[str]:
    """What may be ids of articles in a short resolution that says "see KB0012" or gives a link; else nothing."""
    beside = {word for sentence in sentences(_LINK.sub(" ", resolution)) for word in sentence} - EMPTY_WORDS
    if len(beside) > _MOST_WORDS_BESIDE_CITATION:
        return []
    found: dict[str, None] = {}
    for link in _LINK.findall(resolution):
        path = re.split(r"[?#]", link)[0].rstrip("/.,;")
        found[path.rsplit("/", 1)[-1]] = None
    for token in _CITED.findall(_LINK.sub(" ", resolution)):
        token = token.rstrip(".:!?")
        if len(token) > 3 and (is_identifier(token.casefold()) or "-" in token.strip("-")):
            found[token] = None
    return list(found)[:_MOST_CITED]


def differences(new: str, old: str, language: str) -> str:
    """What differs between a new resolution and a known one, in a sentence or two, in English or Bulgarian."""
    only_new, only_old = _only_in(new, old), _only_in(old, new)
    say_new, say_old, say_nothing = _SAID["bg" if language == "bg" else "en"]
    sentences = [
        say.format(words=", ".join(words)) for words, say in ((only_new, say_new), (only_old, say_old)) if words
    ]
    return " ".join(sentences) or say_nothing


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts side by side: sentences that both have, words that only one has; a few of each."""

    shared: tuple[str, ...]
    only_one: tuple[str, ...]
    only_other: tuple[str, ...]


def compared(one: str, other: str) -> Comparison:
    """What two articles share and where they differ."""
    there = {tuple(words) for words in sentences(other)}
    long = ((text, words) for text, words in written_sentences(one) if len(words) >= _SHORTEST_STATEMENT)
    shared = dict.fromkeys(text for text, words in long if tuple(words) in there)
    return Comparison(tuple(shared)[:_SENTENCES_SHOWN], tuple(_only_in(one, other)), tuple(_only_in(other, one)))


_SAID = {
    "en": (
        "Only the new resolution says: {words}.",
        "Only the known one says: {words}.",
        "They tell the same in other words or in another order.",
    ),
    "bg": (
        "Само новото решение казва: {words}.",
        "Само известното казва: {words}.",
        "Казват едно и също с други думи или в друг ред.",
    ),
}


def _only_in(here: str, there: str) -> list[str]:
    """A few telling words as written here that do not stand there, those with digits first."""
    here, there = _MARKUP.sub(" ", here), _MARKUP.sub(" ", there)
    only = telling_words(here) - telling_words(there) - EMPTY_WORDS
    written = {lemma(normalise(word)): word for word in reversed(_WORD.findall(here))}
    shown = [word for name, word in reversed(written.items()) if name in only]
    return sorted(shown, key=lambda word: not any(c.isdigit() for c in word))[:_WORDS_SHOWN]


def _digest(words: Iterable[str], size: int) -> bytes:
    return hashlib.blake2b(" ".join(words).encode(), digest_size=size).digest()
