"""Which pieces of Cyrillic words get a row of their own, and the inflected forms of a word.

The English vocabulary stays as it is: a text without Cyrillic letters is cut as before. A Cyrillic
word is cut greedily into the longest pieces known, as WordPiece does with English ones.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

WORD = re.compile(r"[Ѐ-ӿ]+")
LATIN_WORD = re.compile(r"(?<!\w)[a-zßæðøþđħıłŋœ]+(?!\w)")
"""A word of a normalised text: what is left of other letters once their accents are off, no digits beside them."""
_NORMAL = normalizers.BertNormalizer(lowercase=True)
_FORMS_SHARE = 0.5  # unseen forms of a seen word count, all together, half of what its seen ones do
_MOST_FORMS = 60


def normal(text: str) -> str:
    """As MiniLM's tokenizer sees a text: lower case, without accents, so that й is и."""
    return _NORMAL.normalize_str(text)


class Inflections:
    """The forms of a language's words by simplemma's dictionary, normalised.

    Args:
        language: its two-letter code.
        word: what counts as a word.
    """

    def __init__(self, language: str, word: re.Pattern[str] = WORD) -> None:
        forms: dict[str, set[str]] = defaultdict(set)
        self._lemmas: dict[str, str] = {}
        for form, lemma in DefaultDictionaryFactory().get_dictionary(language).items():
            one, whole = normal(_text(form)), normal(_text(lemma))
            if word.fullmatch(one) and word.fullmatch(whole):
                forms[whole] |= {one, whole}
                self._lemmas.setdefault(one, whole)
        self._forms = {lemma: sorted(some)[:_MOST_FORMS] for lemma, some in forms.items()}
        self._language = language

    def lemma(self, word: str) -> str:
        """The dictionary form of a normalised word; the word itself where it is unknown."""
        return self._lemmas.get(word, word)

    def __contains__(self, word: str) -> bool:
        return word in self._lemmas

    def forms(self, word: str) -> list[str]:
        """Every form of the word's lemma; empty where it is unknown."""
        return self._forms.get(self.lemma(word), [])


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """How often each Cyrillic word occurs, normalised."""
    return Counter(word for text in texts for word in WORD.findall(normal(text)))


def with_forms(counts: Mapping[str, int], inflections: Inflections) -> dict[str, float]:
    """The counts, and for each word's other forms a share of them: tickets say ``влязох`` where menus say ``вход``."""
    expanded: dict[str, float] = defaultdict(float)
    lemmas: Counter[str] = Counter()
    for word, count in counts.items():
        expanded[word] += count
        lemmas[inflections.lemma(word)] += count
    for lemma, count in lemmas.items():
        forms = inflections.forms(lemma)
        for form in forms:
            expanded[form] += _FORMS_SHARE * count / len(forms)
    return dict(expanded)


def learn_pieces(counts: Mapping[str, float], size: int) -> list[str]:
    """WordPiece's pieces of these words, by merge order, letters first; ``##`` marks what continues a word."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106 - no password
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordPieceTrainer(vocab_size=size, min_frequency=2, special_tokens=["[UNK]"], show_progress=False)
    scaled = ((word, max(1, round(count * 4))) for word, count in sorted(counts.items()))
    tokenizer.train_from_iterator((" ".join([word] * min(times, 2000)) for word, times in scaled), trainer)
    ordered = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    return [piece for piece, _ in ordered if piece != "[UNK]"]
