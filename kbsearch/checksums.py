"""Checksums of files, for damage and not for attackers: quick enough for gigabytes at each start."""

from __future__ import annotations

from pathlib import Path

import xxhash

_READ_AT_ONCE = 1 << 20


def checksum(path: Path) -> str:
    """xxh3 of a file's content, 128 bits as hex digits. Raises OSError."""
    digest = xxhash.xxh3_128()
    with path.open("rb") as opened:
        while block := opened.read(_READ_AT_ONCE):
            digest.update(block)
    return digest.hexdigest()
