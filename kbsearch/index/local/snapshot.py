"""Snapshots of the index on disk: a cache of the store, opened in seconds or thrown away.

Each generation has a folder of segment files, which are written once and never changed, and a manifest for each
snapshot, which names the segments of every tenant. So a snapshot writes only what is new (as a
commit of Lucene's does), and large files are mapped. A manifest is renamed into place when all of its files are
on disk; checksums tell if one was damaged later.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kbsearch.checksums import checksum
from kbsearch.errors import SnapshotInvalid
from kbsearch.index.local import lexical_segments
from kbsearch.index.local.lexical import LexicalIndex
from kbsearch.index.local.partitions import holds, marked_removed
from kbsearch.index.local.segment_files import SEGMENTS, new_name, read_arrays, sync, write_arrays
from kbsearch.index.port import SavedSegment, VectorIndex
from kbsearch.index.vectors import Ids
from kbsearch.model import TenantId

_FORMAT = 2
_FOLDER = re.compile(r"generation-(\d+)")
_FOLDER_OF_FORMAT_1 = re.compile(r"generation-\d+-\d+")
_MANIFEST = re.compile(r"manifest-(\d+)\.json")
_WITH_DOCUMENTS = (".flat", ".ids", ".terms")
"""Files that name the documents of their segment's rows."""
_WRITTEN_WITHIN_S = 60.0  # such a file
_TRIES = 3
_UNUSED_FOR_S = 3600.0  # files of a segment may wait so long for the manifest that names them


@dataclass(frozen=True, slots=True)
class State:
    """What is saved: the segments of every tenant, and the last change that they hold.

    ``kind`` names where the vectors are kept (VectorIndex.kind).
    """

    dense: Mapping[TenantId, Sequence[SavedSegment]]
    lexical: Mapping[TenantId, Sequence[SavedSegment]]
    seq: int
    kind: str

    @staticmethod
    def of(dense: VectorIndex, lexical: LexicalIndex, seq: int) -> State:
        """The state at this moment; both must hold at least every change up to ``seq``."""
        return State(dense.parts(), lexical.segments.all(), seq, dense.kind)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot is of.

    ``files`` maps names to their xxh3 checksums, ``removed`` names the file of dead rows, ``vectors`` the kind of
    vector index that it was saved with.
    """

    format: int
    generation: int
    model_id: str
    dimension: int
    seq: int
    dense: dict[str, list[str]]
    lexical: dict[str, list[str]]
    removed: str
    files: dict[str, str]
    vectors: str = SEGMENTS


def folder_of(folder: Path, generation: int) -> Path:
    """Where a generation's files are."""
    return folder / f"generation-{generation}"


def save(folder: Path, state: State, generation: int, model_id: str, dimension: int) -> Path:
    """Write a snapshot; older ones of the generation, and files that none needs, are dropped.

    Args:
        folder: where snapshots are kept; made if missing.
        state: what to save.
        generation: the generation's id.
        model_id: the model that made the vectors.
        dimension: length of a vector.

    Returns:
        The manifest's path.

    Raises:
        OSError: a file cannot be written.
    """
    for _ in range(_TRIES - 1):
        with suppress(FileNotFoundError):  # another process has just removed a file: it is written again
            return _save(folder, state, generation, model_id, dimension)
    return _save(folder, state, generation, model_id, dimension)


def _save(folder: Path, state: State, generation: int, model_id: str, dimension: int) -> Path:
    place = folder_of(folder, generation)
    place.mkdir(parents=True, exist_ok=True)
    target = place / f"manifest-{state.seq}.json"
    before = newest(folder, generation)
    known: dict[str, str] = {}
    if before is not None:
        with suppress(SnapshotInvalid):  # a file that is missing is written again, perhaps with other bytes
            known = {name: sum for name, sum in _manifest(before).files.items() if (place / name).exists()}
    names: list[str] = []
    removed: dict[str, NDArray[Any]] = {}
    for segment in (one for half in (state.dense, state.lexical) for some in half.values() for one in some):
        names += segment.save(place)
        if segment.dead_count:
            removed[segment.name] = np.packbits(segment.dead)
    dead_file = f"{new_name()}.removed"
    write_arrays(place / dead_file, {"": np.zeros(1, np.uint8), **removed})
    manifest = Manifest(
        format=_FORMAT,
        generation=generation,
        model_id=model_id,
        dimension=dimension,
        seq=state.seq,
        dense={tenant: [one.name for one in some] for tenant, some in state.dense.items()},
        lexical={tenant: [one.name for one in some] for tenant, some in state.lexical.items()},
        removed=dead_file,
        files={name: known.get(name) or checksum(place / name) for name in (*names, dead_file)},
        vectors=state.kind,
    )
    content = json.dumps(asdict(manifest), sort_keys=True)
    signed = {"manifest": content, "sha256": hashlib.sha256(content.encode()).hexdigest()}
    partial = place / f".{target.name}.{os.getpid()}"
    partial.write_text(json.dumps(signed, indent=1))
    sync(partial)
    written_at = partial.stat().st_mtime
    partial.rename(target)
    sync(place)
    _drop_unused(place, manifest, written_at)
    return target


def newest(folder: Path, generation: int) -> Path | None:
    """The manifest of a generation's newest snapshot, unverified."""
    found = list(_manifests(folder_of(folder, generation)))
    return max(found)[1] if found else None


def load(path: Path, model_id: str, dimension: int, dense: VectorIndex) -> tuple[LexicalIndex, int]:
    """Read the snapshot of a manifest.

    Args:
        path: the manifest.
        model_id: the model whose vectors are expected.
        dimension: length of a vector.
        dense: an empty index that takes over the vectors.

    Returns:
        The words, and the last change that the snapshot holds.

    Raises:
        SnapshotInvalid: it is damaged, incomplete, or of another model, dimension or kind of vector index.
    """
    manifest = _manifest(path)
    if manifest.format != _FORMAT:
        raise SnapshotInvalid(str(path), f"its format is {manifest.format}, this version reads {_FORMAT}")
    if manifest.dimension != dimension:
        raise SnapshotInvalid(str(path), f"its vectors have {manifest.dimension} dimensions, the model has {dimension}")
    if manifest.model_id != model_id:
        raise SnapshotInvalid(str(path), f"it was made with model {manifest.model_id}, not {model_id}")
    if manifest.vectors != dense.kind:
        raise SnapshotInvalid(str(path), f"its vectors are kept in {manifest.vectors}, not in {dense.kind}")
    place = path.parent
    for name, expected in manifest.files.items():
        if not (place / name).is_file():
            raise SnapshotInvalid(str(place / name), "the file is missing")
        if checksum(place / name) != expected:
            raise SnapshotInvalid(str(place / name), "the file is damaged (its checksum differs)")
    lexical = LexicalIndex(place)
    try:
        removed = read_arrays(place / manifest.removed)
        dense.load(place, {TenantId(tenant): names for tenant, names in manifest.dense.items()}, removed)
        for tenant, names in manifest.lexical.items():
            terms = [lexical_segments.open_segment(place, name) for name in names]
            lexical.segments.load(TenantId(tenant), [marked_removed(one, removed) for one in terms])
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise SnapshotInvalid(str(path), "its segments cannot be read") from error
    return lexical, manifest.seq


def discard(path: Path) -> None:
    """Remove a snapshot that cannot be trusted."""
    path.unlink(missing_ok=True)


def drop_others(folder: Path, keep: set[int]) -> None:
    """Remove the files of generations that are gone."""
    if folder.is_dir():
        for path in folder.iterdir():
            matched = _FOLDER.fullmatch(path.name)
            if _FOLDER_OF_FORMAT_1.fullmatch(path.name) or (matched and int(matched.group(1)) not in keep):
                shutil.rmtree(path, ignore_errors=True)


def forget(folder: Path, generation: int, documents: Ids) -> bool:
    """Remove the files that hold rows of these documents. A snapshot that names one goes as well: it is a cache.

    Save a snapshot without them first, so that the next start need not rebuild the index.

    Returns:
        False while a file cannot be read that another process may be writing.
    """
    place = folder_of(folder, generation)
    holding = {name: state for name in _segment_names(place) if (state := _holds(place, name, documents)) is not False}
    found = {name for name, state in holding.items() if state}
    if found:
        for _, path in _manifests(place):
            if found & _segments_named(path):
                discard(path)
        for path in place.iterdir():
            if path.stem in found:
                path.unlink(missing_ok=True)
        sync(place)
    return len(found) == len(holding)


def any_holds(folder: Path, generation: int, documents: Ids) -> bool:
    """Whether a file of the generation may hold rows of these documents."""
    place = folder_of(folder, generation)
    return any(_holds(place, name, documents) is not False for name in _segment_names(place))


def saved_generations(folder: Path) -> list[int]:
    """The generations that have files."""
    found = [_FOLDER.fullmatch(path.name) for path in folder.iterdir()] if folder.is_dir() else []
    return [int(matched.group(1)) for matched in found if matched]


def _segment_names(place: Path) -> set[str]:
    """The segments that have files; a clustered one from its first file on."""
    return {path.stem for path in place.iterdir() if path.suffix in _WITH_DOCUMENTS} if place.is_dir() else set()


def _holds(place: Path, name: str, documents: Ids) -> bool | None:
    """Whether a segment's files hold rows of these documents; None if that cannot be read."""
    for suffix in _WITH_DOCUMENTS:
        with suppress(FileNotFoundError):
            try:
                return holds(read_arrays(place / f"{name}{suffix}")["documents"], documents)
            except (ValueError, KeyError, AttributeError):
                # Another process may be writing it; what nobody has written to for so long was left by a killed one.
                return True if time.time() - (place / f"{name}{suffix}").stat().st_mtime > _WRITTEN_WITHIN_S else None
    return False


def _segments_named(manifest: Path) -> set[str]:
    """Empty for a manifest that cannot be read: nothing is loaded by it."""
    with suppress(SnapshotInvalid):
        return {Path(name).stem for name in _manifest(manifest).files}
    return set()


def _drop_unused(place: Path, manifest: Manifest, written_at: float) -> None:
    """Older manifests, and files that have long been named by none: another process may still be about to name one.

    The manifest itself, written at ``written_at``, may be gone already: another process has saved a newer one.
    """
    for seq, path in _manifests(place):
        if seq < manifest.seq:
            path.unlink(missing_ok=True)
    for path in place.iterdir():
        if path.name not in manifest.files and not _MANIFEST.fullmatch(path.name):
            with suppress(OSError):
                if path.stat().st_mtime < written_at - _UNUSED_FOR_S:
                    path.unlink()


def _manifests(place: Path) -> Iterator[tuple[int, Path]]:
    if place.is_dir():
        for path in place.iterdir():
            if matched := _MANIFEST.fullmatch(path.name):
                yield int(matched.group(1)), path


def _manifest(path: Path) -> Manifest:
    try:
        signed = json.loads(path.read_text())
        content: str = signed["manifest"]
        if hashlib.sha256(content.encode()).hexdigest() != signed["sha256"]:
            raise SnapshotInvalid(str(path), "the manifest is damaged (its checksum differs)")
        return Manifest(**json.loads(content))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SnapshotInvalid(str(path), "the manifest cannot be read") from error
