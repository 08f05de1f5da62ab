"""Snapshots of the dense index on disk: a cache of the store, opened in seconds or thrown away.

A snapshot is a folder ``generation-<id>-<seq>`` with a manifest and, for each tenant, a FAISS file
and the ids of its rows. It is written beside the others and renamed when complete, so that a folder of that
name is whole; checksums tell if it was damaged later.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import faiss
import numpy as np

from kbsearch.errors import SnapshotInvalid
from kbsearch.index.dense import DenseIndex, Segment
from kbsearch.model import TenantId

_FORMAT = 1
_FOLDER = re.compile(r"generation-(\d+)-(\d+)")
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot is of. ``seq`` is the last change it holds; ``files`` maps names to sha256."""

    format: int
    generation: int
    model_id: str
    dimension: int
    seq: int
    passages: dict[str, int]
    files: dict[str, str]


def save(folder: Path, index: DenseIndex, generation: int, model_id: str, seq: int) -> Path:
    """Write a snapshot and drop older ones of the same generation.

    Args:
        folder: where snapshots are kept; made if missing.
        index: what to save. It must hold at least every change up to ``seq``.
        generation: the generation's id.
        model_id: the model that made the vectors.
        seq: the last change that the index holds.
    """
    target = folder / f"generation-{generation}-{seq}"
    if target.exists():
        return target
    partial = folder / f".partial-{generation}-{seq}-{os.getpid()}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        files: dict[str, str] = {}
        passages: dict[str, int] = {}
        for tenant, (vectors, ids, documents) in index.partitions().items():
            flat = faiss.IndexFlatIP(index.dimension)
            flat.add(np.ascontiguousarray(vectors))
            faiss.write_index(flat, str(partial / f"{tenant}.faiss"))
            np.save(partial / f"{tenant}.npy", np.stack([ids, documents]))
            passages[tenant] = len(ids)
            for name in (f"{tenant}.faiss", f"{tenant}.npy"):
                files[name] = _sha256(partial / name)
                _sync(partial / name)
        manifest = Manifest(_FORMAT, generation, model_id, index.dimension, seq, passages, files)
        content = json.dumps(asdict(manifest), sort_keys=True)
        digest = hashlib.sha256(content.encode()).hexdigest()
        (partial / _MANIFEST).write_text(json.dumps({"manifest": content, "sha256": digest}, indent=1))
        _sync(partial / _MANIFEST)
        partial.rename(target)
        _sync(folder)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        if not target.exists():  # else another process saved the same state first
            raise
    for path, of_generation, of_seq in _folders(folder):
        if of_generation == generation and of_seq < seq:
            shutil.rmtree(path, ignore_errors=True)
    return target


def newest(folder: Path, generation: int) -> Path | None:
    """The newest snapshot folder of a generation, unverified."""
    found = [(seq, path) for path, of_generation, seq in _folders(folder) if of_generation == generation]
    return max(found)[1] if found else None


def load(path: Path, model_id: str, dimension: int) -> tuple[DenseIndex, int]:
    """Read a snapshot. Returns the index and the last change it holds.

    Raises:
        SnapshotInvalid: it is damaged, incomplete, or of another model or dimension.
    """
    manifest = _manifest(path)
    if manifest.format != _FORMAT:
        raise SnapshotInvalid(str(path), f"its format is {manifest.format}, this version reads {_FORMAT}")
    if manifest.dimension != dimension:
        raise SnapshotInvalid(str(path), f"its vectors have {manifest.dimension} dimensions, the model has {dimension}")
    if manifest.model_id != model_id:
        raise SnapshotInvalid(str(path), f"it was made with model {manifest.model_id}, not {model_id}")
    index = DenseIndex(dimension)
    for name, digest in manifest.files.items():
        if not (path / name).is_file():
            raise SnapshotInvalid(str(path / name), "the file is missing")
        if _sha256(path / name) != digest:
            raise SnapshotInvalid(str(path / name), "the file is damaged (its checksum differs)")
    for tenant, count in manifest.passages.items():
        try:
            flat = faiss.read_index(str(path / f"{tenant}.faiss"))
            ids = cast(np.ndarray[Any, np.dtype[np.int64]], np.load(path / f"{tenant}.npy"))
        except (OSError, ValueError, RuntimeError) as error:
            raise SnapshotInvalid(str(path / tenant), "the file cannot be read") from error
        if flat.ntotal != count or ids.shape != (2, count) or flat.d != dimension:
            raise SnapshotInvalid(str(path / tenant), "vectors and ids do not belong together")
        index.load(TenantId(tenant), Segment(flat, ids[0], ids[1], np.zeros(count, np.bool_), 0))
    return index, manifest.seq


def discard(path: Path) -> None:
    """Remove a snapshot that cannot be trusted."""
    shutil.rmtree(path, ignore_errors=True)


def drop_others(folder: Path, keep: set[int]) -> None:
    """Remove the snapshots of generations that are gone, and what killed processes left half written."""
    for path, generation, _ in _folders(folder):
        if generation not in keep:
            shutil.rmtree(path, ignore_errors=True)
    for path in folder.glob(".partial-*"):
        owner = int(path.name.rsplit("-", 1)[1])
        with suppress(OSError):
            os.kill(owner, 0)
            continue
        shutil.rmtree(path, ignore_errors=True)


def _folders(folder: Path) -> Iterator[tuple[Path, int, int]]:
    if folder.is_dir():
        for path in folder.iterdir():
            if matched := _FOLDER.fullmatch(path.name):
                yield path, int(matched.group(1)), int(matched.group(2))


def _manifest(path: Path) -> Manifest:
    try:
        signed = json.loads((path / _MANIFEST).read_text())
        content: str = signed["manifest"]
        if hashlib.sha256(content.encode()).hexdigest() != signed["sha256"]:
            raise SnapshotInvalid(str(path / _MANIFEST), "the manifest is damaged (its checksum differs)")
        return Manifest(**json.loads(content))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SnapshotInvalid(str(path / _MANIFEST), "the manifest cannot be read") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
