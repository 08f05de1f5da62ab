"""Tables: CSV and TSV as spreadsheets and ticket systems write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from kbsearch.errors import BrokenFile
from kbsearch.ticketing.records import LONGEST_RECORD, Numbered

_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_ENCODINGS = ("utf-8", "cp1251")
"""Tried in this order: text in cp1251 is hardly ever valid UTF-8."""
_DELIMITERS = ",;\t|"
_SAMPLE = 64 * 1024


class _Cells(Protocol):
    """A reader of the csv module."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


def table_rows(path: Path, encoding: str = "auto", delimiter: str = "auto") -> Iterator[Numbered]:
    """The rows of a table by the names in its first row. A name that comes several times holds a list.

    Args:
        path: the file.
        encoding: as Python names it; ``auto`` takes the byte order mark, else UTF-8, else cp1251.
        delimiter: one character; ``auto`` takes the one that divides the first row into most columns.

    Raises:
        BrokenFile: it cannot be read, or has no names.
    """
    with path.open("rb") as opened:
        sample = opened.read(_SAMPLE)
        opened.seek(0)
        text = io.TextIOWrapper(opened, encoding_of(path, sample) if encoding == "auto" else encoding, newline="")
        try:
            first = text.readline()
            text.seek(0)
            dialect = delimiter if delimiter != "auto" else max(_DELIMITERS, key=first.count)
            yield from _rows(path, csv.reader(text, delimiter=dialect), opened)
        except (UnicodeDecodeError, LookupError) as error:
            raise BrokenFile(str(path), f"it is not text in {encoding}: {type(error).__name__}") from None


def encoding_of(path: Path, sample: bytes) -> str:
    """The encoding that the whole file can be read in."""
    for mark, encoding in _BOMS.items():
        if sample.startswith(mark):
            return encoding
    for encoding in _ENCODINGS[:-1]:
        try:
            with path.open(encoding=encoding) as opened:
                while opened.read(_SAMPLE):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    return _ENCODINGS[-1]


def _rows(path: Path, reader: _Cells, opened: IO[bytes]) -> Iterator[Numbered]:
    before = csv.field_size_limit(LONGEST_RECORD)
    try:
        first = next(_readable(reader), "")
        names = [] if isinstance(first, str) else [name.strip().lstrip("\ufeff") for name in first]
        if not any(names):
            raise BrokenFile(str(path), "the first row does not name the columns")
        start = reader.line_num + 1
        for cells in _readable(reader):
            if isinstance(cells, str) or any(cell.strip() for cell in cells):
                yield Numbered(start, cells if isinstance(cells, str) else _named(names, cells), opened.tell())
            start = reader.line_num + 1
    finally:
        csv.field_size_limit(before)


def _readable(reader: _Cells) -> Iterator[list[str] | str]:
    """The rows; where one cannot be read, what is wrong with it, and then the rest."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"this row cannot be read: {error}"


def _named(names: Sequence[str], cells: Sequence[str]) -> dict[str, Any] | str:
    """A row by column. A formula stays the text that it is."""
    if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
        return f"the row has {len(cells)} cells, the first row names {len(names)}"
    row: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        if names.count(name) > 1:
            row.setdefault(name, [])
            if cell.strip():
                row[name].append(cell)
        else:
            row[name] = cell
    return row
