"""Secrets in a column of a table whose heading is the word for one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kbsearch.text.redaction.finds import Find, Kind, Reading, Said
from kbsearch.text.redaction.values import is_no_secret, is_stated_secret
from kbsearch.text.redaction.vocabulary import PASSWORDS

_STEMS = Said("pass wachtwoord kennwort pwd парол parol лозинк lozink contrase senha mdp has hesl ifre κωδικ")
_MOST_ROWS = 200
_LONGEST_CELL = 64
_RULE = re.compile(r"[\s|:+=-]+")


def find_in_tables(reading: Reading) -> Iterator[Find]:
    text, lowered = reading.text, reading.lowered
    if "\n" not in text or not _STEMS(reading) or not any(mark in text for mark in "|\t;,"):
        return
    column = -1
    separator = ""
    rows = 0
    start = 0
    for line in text.splitlines(keepends=True):
        heading = _heading(lowered[start : start + len(line)])
        if heading:
            separator, column, rows = *heading, 0
        elif column >= 0:
            if separator not in line or rows >= _MOST_ROWS:
                column = -1
            elif not _RULE.fullmatch(line):
                rows += 1
                yield from _cell(line, start, separator, column)
        start += len(line)


def _heading(line: str) -> tuple[str, int] | None:
    """The separator and the column, if one cell of several is no more than the word."""
    separator = next((mark for mark in "|\t;," if mark in line), None)
    if separator is None or len(line) > 400:
        return None
    for column, cell in enumerate(line.split(separator)):
        name = cell.strip().strip("*_\"'` ")
        if 0 < len(name) <= 30 and any(
            stem in name
            and (found := pattern.search(name))
            and not name[found.end() :].strip()
            and len(name.split()) <= 3
            for stem, pattern in PASSWORDS
        ):
            return separator, column
    return None


def _cell(line: str, start: int, separator: str, column: int) -> Iterator[Find]:
    cells = line.split(separator)
    if column >= len(cells):
        return
    begin = start + sum(len(cell) + 1 for cell in cells[:column])
    cell = cells[column]
    value = cell.strip().strip("*`\"'")
    if 4 <= len(value) <= _LONGEST_CELL and " " not in value and not is_no_secret(value) and is_stated_secret(value):
        begin += cell.index(value)
        yield Find(begin, begin + len(value), Kind.SECRET)
