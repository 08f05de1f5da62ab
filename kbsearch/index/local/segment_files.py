"""Arrays of segments as files: written once, read back whole or mapped into memory."""

from __future__ import annotations

import json
import os
import uuid
import weakref
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType]

MAPPED_FROM_BYTES = 4 * 1024 * 1024
"""Larger files are mapped: opened at once, and only what is used takes memory."""

SEGMENTS = "segments"
"""The kind of vector index whose vectors are in the snapshot itself."""

_TYPES = {"F64": "<f8", "I64": "<i8", "U64": "<u8", "U32": "<u4", "U8": "u1", "F16": "<f2", "BOOL": "?"}


def new_name() -> str:
    """A name for a segment's files that no other segment has."""
    return uuid.uuid4().hex


def write_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write named arrays into one safetensors file and see it onto the disk. Raises OSError."""
    try:
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)
    except SafetensorError as error:  # a full disk, most likely
        raise OSError(f"{path}: {error}") from error
    sync(path)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read what write_arrays wrote; a large file is mapped. Raises OSError, ValueError."""
    # asarray: plain arrays over the mapped memory, since np.memmap makes every slice slow.
    mapped = path.stat().st_size >= MAPPED_FROM_BYTES
    content = np.asarray(np.memmap(path, np.uint8, "r")) if mapped else np.fromfile(path, np.uint8)
    length = int.from_bytes(content[:8].tobytes(), "little")
    header: dict[str, Any] = json.loads(content[8 : 8 + length].tobytes())
    arrays: dict[str, NDArray[Any]] = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            arrays[name] = content[start:end].view(_TYPES[entry["dtype"]]).reshape(entry["shape"])
    return arrays


def sync(path: Path) -> None:
    """See a file's content, or a folder's entries, onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class RowFile:
    """Rows of float16 vectors in a file, read row by row without mapping it.

    What is mapped counts as memory of this process; what is only read stays the system's cache.

    Args:
        path: the file, rows one behind the other.
        dimension: length of a row.
    """

    def __init__(self, path: Path, dimension: int) -> None:
        self._dimension = dimension
        self._descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)

    def rows(self, wanted: NDArray[np.int64]) -> NDArray[np.float16]:
        """These rows (ascending), shape (len(wanted), dimension)."""
        size = 2 * self._dimension
        if not len(wanted):
            return np.empty((0, self._dimension), np.float16)
        # Rows that follow each other are read at once.
        starts = np.flatnonzero(np.concatenate(([True], np.diff(wanted) != 1)))
        counts = np.diff(np.append(starts, len(wanted)))
        parts = [
            os.pread(self._descriptor, count * size, first * size)
            for first, count in zip(wanted[starts].tolist(), counts.tolist(), strict=True)
        ]
        return np.frombuffer(b"".join(parts), "<f2").reshape(len(wanted), self._dimension)
