"""Chooses the embedder of a model: the exported graph if possible, else sentence-transformers."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from kbsearch.embedding.embedder import Embedder
from kbsearch.embedding.export import CHECKED, REFUSED
from kbsearch.embedding.exported import (
    FORMAT,
    Description,
    ExportedEmbedder,
    ExportInvalid,
    Graph,
    Threads,
    cores,
    describe,
)
from kbsearch.embedding.weights import fingerprint
from kbsearch.errors import ModelNotLoadable

_log = logging.getLogger(__name__)

Precision = Literal["fp32", "int8"]

INT8 = "+int8"
"""Behind a model's name or folder: the same model with 8-bit weights."""

_REFUSED = "refused.txt"
_EXPORT_WITHIN_S = 900
_ROUNDS = 7
_BETTER = 0.95  # more threads are taken only if they need less than this share of the time


def load_embedder(model: str, folder: Path, threads: int | None = None) -> Embedder:
    """Load a model; export it first if there is no export.

    Args:
        model: ``default``, ``english``, a folder, or a name that sentence-transformers finds in its own cache; with
            ``+int8`` behind it a model of its own, faster and less exact.
        folder: where exports are kept, a folder for each model's weights; made if missing.
        threads: of one model call; None takes what is measured to be best.

    Raises:
        ModelNotLoadable: no such model, a folder without one, or weights that are not those
            published (the English model's).
    """
    base = model.removesuffix(INT8)
    precision: Precision = "fp32" if base == model else "int8"
    key = fingerprint(base) or _cached(base)
    if key is None and os.environ.get("HF_HUB_OFFLINE") == "1" and not Path(base).exists():
        raise ModelNotLoadable(model, "it is no folder and not in the local cache; nothing is fetched over the network")
    if key is None:
        return _sentence_transformer(model, threads, precision, "it is not in the local cache yet")
    place = folder / f"{key}-{precision}-{FORMAT}"
    try:
        with _one_at_a_time(folder, place.name):
            found = _open(place) or _export(base, place, precision)
        if isinstance(found, str):
            return _sentence_transformer(model, threads, precision, found)
        graph = Graph(place, found)
        use = Threads(threads, 1, threads) if threads else _measured(place, graph)
        return ExportedEmbedder(model, f"{model}@{found.fingerprint}", graph, found.dimension, use)
    except (OSError, ExportInvalid) as error:
        return _sentence_transformer(model, threads, precision, str(error))


def _open(place: Path) -> Description | str | None:
    """A valid export, the reason why this model has none, or None if it must be made."""
    if (place / _REFUSED).is_file():
        return (place / _REFUSED).read_text()
    if not place.is_dir():
        return None
    try:
        return describe(place)
    except ExportInvalid as error:
        _log.warning("%s; it is exported again", error)
        shutil.rmtree(place, ignore_errors=True)
        return None


def _export(model: str, place: Path, precision: Precision) -> Description | str:
    """Export in a separate process. Returns the export, or the reason for refusing it."""
    _log.info("exporting %s for onnxruntime (once, about 20 seconds)", model)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=place.parent) as partial:
        command = [sys.executable, "-m", "kbsearch.embedding.export", model, partial, precision]
        try:
            done = subprocess.run(  # noqa: S603 - our own module
                command, capture_output=True, text=True, check=False, timeout=_EXPORT_WITHIN_S
            )
        except subprocess.TimeoutExpired:
            return "the export took too long"
        if done.returncode not in (0, REFUSED):
            # A bug or a full memory rather than the model's fault: tried again at the next start.
            return f"the export failed: {next(iter(done.stderr.strip().splitlines()[-1:]), '')[:300]}"
        if done.returncode == REFUSED:
            reason = done.stderr.strip().splitlines()[-1]
            for left in Path(partial).iterdir():
                left.unlink()
            (Path(partial) / _REFUSED).write_text(reason)
        Path(partial).chmod(0o755)
        Path(partial).rename(place)
        Path(partial).mkdir()  # for the temporary folder's own end
    found = _open(place)
    if isinstance(found, Description) and precision != "fp32":
        _log.warning("%s against fp32: %s", precision, ", ".join(f"{k} {v:.3f}" for k, v in found.measured.items()))
    return found or "the export could not be read back"


def _sentence_transformer(model: str, threads: int | None, precision: Precision, reason: str) -> Embedder:
    from kbsearch.embedding.sentence_transformer import SentenceTransformerEmbedder

    if precision != "fp32":
        raise ModelNotLoadable(model, f"there is no {precision} of it: {reason}")
    embedder = SentenceTransformerEmbedder(model, threads)
    _log.warning("%s is served by sentence-transformers, which is slower and takes more memory: %s", model, reason)
    return embedder


def _cached(model: str) -> str | None:
    """A key for a model in the hub's local cache: its name and revision. None: it is not there."""
    import huggingface_hub
    from huggingface_hub.errors import HFValidationError

    download: Any = huggingface_hub.snapshot_download  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    name = model if "/" in model else f"sentence-transformers/{model}"
    try:
        found = Path(download(name, local_files_only=True))
    except (OSError, ValueError, HFValidationError):
        return None
    return f"{name.replace('/', '--')}-{found.name[:12]}"


def _measured(place: Path, graph: Graph) -> Threads:
    """The fastest use of the cores, measured at the first start with this number of cores."""
    path = place / f"threads-{cores()}.json"
    try:
        return Threads(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        pass
    counts = [count for count in (1, 2, 4, 8, 16, 32) if count <= cores()] or [1]
    query = [" ".join(CHECKED[3:8])]  # about as long as a ticket
    best = counts[0]
    times = {count: _seconds(graph, query, count) for count in counts}
    for count in counts[1:]:
        if times[count] < times[best] * _BETTER:
            best = count
    # One thread a batch and as many batches as cores: no batch waits for another one (docs/measurements.md).
    use = Threads(query=best, workers=cores(), document=1)
    graph.forget_sessions(keep=(use.query, use.document))
    try:
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps({"query": use.query, "workers": use.workers, "document": use.document}))
        partial.rename(path)
    except OSError:
        _log.info("the best number of threads could not be saved; it is measured again at the next start")
    return use


def _seconds(graph: Graph, texts: list[str], threads: int) -> float:
    graph.encode(texts, threads)
    times: list[float] = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        graph.encode(texts, threads)
        times.append(time.perf_counter() - started)
    return min(times)  # what other processes took of the cores only makes it longer


@contextmanager
def _one_at_a_time(folder: Path, name: str) -> Generator[None]:
    """If several processes need the same export, one makes it and the others wait."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
