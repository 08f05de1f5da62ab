"""What the words of a language translate to: English pieces, by all its forms and by each form itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from scripts.train import alignment
from scripts.train.vocabulary import LATIN_WORD, Inflections, normal, with_forms

_OTHER_FORMS = 5.0  # what all forms of a word count, beside the times that it was seen itself
MOST_PIECES = 4
_SHORTEST, _SHORT = 3, 5  # letters
_OFTEN, _SOMETIMES, _TWICE = 50, 3, 2
_MOST_WORDS = 20  # of a text that is learnt from: longer ones take half the time and say least of a word

Meaning = Mapping[int, float]
"""English piece → probability."""

Pieces = Callable[[Sequence[str]], list[list[int]]]
"""The numbers of the English pieces of texts."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of a language, how often each is met, and what each means."""

    counts: Mapping[str, float]
    meanings: Mapping[str, Meaning]


def learn(pairs: Sequence[tuple[str, str]], inflections: Inflections, pieces: Pieces, size: int) -> Vocabulary:
    """The vocabulary of some pairs of English and its translation, and the other forms of its words.

    Args:
        pairs: English first.
        inflections: of the language.
        pieces: cuts English texts.
        size: of the English vocabulary.
    """
    pairs = [pair for pair in pairs if len(pair[1].split()) <= _MOST_WORDS]
    english = pieces([one for one, _ in pairs])
    other = [LATIN_WORD.findall(normal(text)) for _, text in pairs]
    seen = Counter(word for words in other for word in words)
    by_form = _meanings(english, other, size)
    forms: dict[str, list[tuple[Meaning, float]]] = defaultdict(list)
    for word, meaning in by_form.items():
        forms[inflections.lemma(word)].append((meaning, float(seen[word])))
    by_lemma = {lemma: _blended(*some) for lemma, some in forms.items()}
    counts: dict[str, float] = {}
    meanings: dict[str, Meaning] = {}
    for word, count in with_forms(seen, inflections).items():
        if seen[word] < _least_seen(word, inflections):
            continue
        meaning = _blended(
            (by_lemma.get(inflections.lemma(word), {}), _OTHER_FORMS), (by_form.get(word, {}), float(seen[word]))
        )
        if meaning:
            counts[word], meanings[word] = count, meaning
    return Vocabulary(counts, meanings)


def merged(vocabularies: Iterable[Vocabulary], excluded: Callable[[str], bool]) -> Vocabulary:
    """One vocabulary of several languages: a word means what it does in each, by how often it is met there."""
    counts: Counter[str] = Counter()
    shares: dict[str, list[tuple[Meaning, float]]] = defaultdict(list)
    for vocabulary in vocabularies:
        for word, count in vocabulary.counts.items():
            if not excluded(word):
                counts[word] += count
                shares[word].append((vocabulary.meanings[word], count))
    return Vocabulary(counts, {word: _blended(*some) for word, some in shares.items()})


def heaviest(meaning: Meaning) -> list[tuple[int, float]]:
    """The few pieces that a word's row is the mean of, and their weights."""
    some = sorted(meaning.items(), key=lambda item: (-item[1], item[0]))[:MOST_PIECES]
    return [(piece, probability**alignment.SHARPER) for piece, probability in some]


def _least_seen(word: str, inflections: Inflections) -> int:
    """How often a word must be seen: a short one may be a code or a name in English, an unknown one a slip."""
    if len(word) <= _SHORTEST:
        return _OFTEN
    if word not in inflections:
        return _SOMETIMES
    return _TWICE if len(word) <= _SHORT else 0


def _meanings(english: Sequence[Sequence[int]], other: Sequence[Sequence[str]], size: int) -> dict[str, Meaning]:
    numbers: dict[str, int] = {}
    units = [[numbers.setdefault(word, len(numbers)) for word in words] for words in other]
    found = alignment.align(english, units, len(numbers), size)
    words = list(numbers)
    meanings: dict[str, dict[int, float]] = defaultdict(dict)
    for unit, piece, probability in zip(found.unit, found.piece, found.probability, strict=True):
        meanings[words[int(unit)]][int(piece)] = float(probability)
    return dict(meanings)


def _blended(*some: tuple[Meaning, float]) -> Meaning:
    """The weighted mean of several meanings; those that say nothing don't count."""
    known = [(meaning, weight) for meaning, weight in some if meaning and weight]
    total = sum(weight for _, weight in known)
    blend: dict[int, float] = defaultdict(float)
    for meaning, weight in known:
        for piece, probability in meaning.items():
            blend[piece] += probability * weight / total
    return dict(blend)
