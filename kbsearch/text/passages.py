"""Splitting documents into passages that an embedding model can read whole.

Markdown is cut at headings, then paragraphs, then sentences, then words, and packed again up to
the token budget. Every passage repeats the document's title and its heading in what is embedded
(``Passage.embedded``), so that a passage from the middle still says what it is about. Every
character of the text that is not white space comes into some passage.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kbsearch.model import Field

SPLITTER = "passages-2"
"""Names this way of splitting. An index made by another one must be rebuilt."""

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""Token counts of texts, special tokens not counted."""

_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*)$")
_FENCE = re.compile(r"^\s{0,3}(```+|~~~+)")
_CLOSING_MARKS = re.compile(r"(?:^|\s)#+$")  # only behind a space: "Install C#" keeps its sign
_SENTENCE_END = re.compile(r"(?<=[.!?…:;])\s+|\n+")
_WORD = re.compile(r"\S+")
_LONGEST_WORD = 64
_PREFIX_SHARE = 4  # title and heading together take at most a quarter of the budget


@dataclass(frozen=True, slots=True)
class Passage:
    """``text`` is shown to people, ``embedded`` goes to the model."""

    field: Field
    text: str
    embedded: str


@dataclass(frozen=True, slots=True)
class _Unit:
    heading: str
    text: str
    tokens: int


def split(title: str, fields: Sequence[tuple[Field, str]], max_tokens: int, count_tokens: CountTokens) -> list[Passage]:
    """Split a document's fields into passages of at most ``max_tokens`` tokens, title and heading included.

    Args:
        title: repeated in front of each passage, shortened to a quarter of the budget.
        fields: (field, Markdown text) in reading order; empty texts give no passage.
        max_tokens: what the model reads, special tokens not counted; at least 16.
        count_tokens: counts tokens as the model does.
    """
    if max_tokens < 16:
        raise ValueError("max_tokens must be at least 16")
    sentences = [(field, list(_sentences(text))) for field, text in fields]
    counted = _Counted(count_tokens)
    headings = {heading for _, some in sentences for heading, _ in some}
    counted([_plain(title), *map(_plain, headings), *(sentence for _, some in sentences for _, sentence in some)])
    prefix = _shortened(title, max_tokens // _PREFIX_SHARE, counted)
    prefix_tokens = counted([prefix])[0] + 1 if prefix else 0
    passages: list[Passage] = []
    for field, some in sentences:
        for heading, chunk in _chunks(some, max_tokens - prefix_tokens, counted):
            lines = [line for line in (prefix, heading) if line and not chunk.startswith(line)]
            embedded = "\n".join([*lines, chunk])
            passages.append(Passage(field, chunk, embedded))
    return passages


class _Counted:
    """Counts each text once, because a call of the tokenizer is expensive for a few words."""

    def __init__(self, count_tokens: CountTokens) -> None:
        self._count_tokens = count_tokens
        self._known: dict[str, int] = {}

    def __call__(self, texts: Sequence[str]) -> list[int]:
        known = self._known
        unknown = [text for text in dict.fromkeys(texts) if text not in known]
        if unknown:
            known.update(zip(unknown, self._count_tokens(unknown), strict=True))
        return [known[text] for text in texts]


def _chunks(sentences: Sequence[tuple[str, str]], budget: int, count_tokens: CountTokens) -> Iterator[tuple[str, str]]:
    packed: list[str] = []
    packed_heading, used = "", 0
    for unit in _units(sentences, budget, count_tokens):
        # A new heading starts a new passage once the old one is half full: short sections stay together.
        fits = used + unit.tokens <= budget
        same_section = unit.heading == packed_heading or used * 2 < budget
        if packed and not (fits and same_section):
            yield packed_heading, "\n".join(packed)
            packed, used = [], 0
        if not packed:
            packed_heading = unit.heading
            used = count_tokens([unit.heading])[0] + 1 if unit.heading else 0
            if used + unit.tokens > budget:
                packed_heading, used = "", 0
        packed.append(unit.text)
        used += unit.tokens
    if packed:
        yield packed_heading, "\n".join(packed)


def _units(sentences: Sequence[tuple[str, str]], budget: int, count_tokens: CountTokens) -> Iterator[_Unit]:
    """Sentences and headings that each fit the budget."""
    counts = count_tokens([sentence for _, sentence in sentences])
    headings: dict[str, str] = {}
    for (heading, sentence), tokens in zip(sentences, counts, strict=True):
        if tokens + 1 <= budget:
            if heading not in headings:
                headings[heading] = _shortened(heading, budget // _PREFIX_SHARE, count_tokens)
            yield _Unit(headings[heading], sentence, tokens + 1)
        else:
            for piece, piece_tokens in _pieces(sentence, budget - 1, count_tokens):
                yield _Unit("", piece, piece_tokens + 1)


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    heading, fence = "", ""
    for line in text.splitlines():
        if mark := _FENCE.match(line):
            fence = "" if fence and mark.group(1).startswith(fence) else fence or mark.group(1)
        matched = None if fence else _HEADING.match(line)  # within a fence, # begins a comment
        if matched:
            heading = _CLOSING_MARKS.sub("", matched.group(1).rstrip())
            if heading:
                yield heading, heading
            continue
        for sentence in _SENTENCE_END.split(line):
            if sentence.strip():
                yield heading, sentence.strip()


def _pieces(sentence: str, budget: int, count_tokens: CountTokens) -> Iterator[tuple[str, int]]:
    """A sentence longer than the budget, cut between words; words longer than _LONGEST_WORD are cut too."""
    words = [
        word[i : i + _LONGEST_WORD] for word in _WORD.findall(sentence) for i in range(0, len(word), _LONGEST_WORD)
    ]
    counts = count_tokens(words)
    piece: list[str] = []
    used = 0
    for word, tokens in zip(words, counts, strict=True):
        if piece and used + tokens > budget:
            yield from _fitting(piece, budget, count_tokens)
            piece, used = [], 0
        piece.append(word)
        used += tokens
    if piece:
        yield from _fitting(piece, budget, count_tokens)


def _fitting(words: list[str], budget: int, count_tokens: CountTokens) -> Iterator[tuple[str, int]]:
    """Words joined by spaces, in halves as long as the whole has more tokens than the budget."""
    piece = " ".join(words)
    tokens = count_tokens([piece])[0]
    if tokens <= budget or len(piece) == 1:
        yield piece, tokens
    elif len(words) == 1:
        half = len(piece) // 2
        yield from _fitting([piece[:half]], budget, count_tokens)
        yield from _fitting([piece[half:]], budget, count_tokens)
    else:
        half = len(words) // 2
        yield from _fitting(words[:half], budget, count_tokens)
        yield from _fitting(words[half:], budget, count_tokens)


def _shortened(text: str, budget: int, count_tokens: CountTokens) -> str:
    text = _plain(text)
    if not text or count_tokens([text])[0] <= budget:
        return text
    words = text.split(" ")
    counts = count_tokens(words)
    kept, used = 0, 0
    while kept < len(words) and used + counts[kept] <= budget:
        used += counts[kept]
        kept += 1
    return " ".join(words[:kept])


def _plain(text: str) -> str:
    return " ".join(text.split())
