"""Secrets in a column of a table, or of an SQL statement, whose heading is the word for one."""

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
_TITLE = re.compile(r"[^\W\d]+(?:[ ./()_-]{1,3}[^\W\d]+){0,3}[.)]?")
_INSERT = re.compile(
    r"(?i)\binsert\s{1,4}into\s{1,4}[\w.\[\]`\"]{1,128}\s{0,4}\((?P<columns>[^()]{1,1000})\)\s{0,4}values\s{0,4}"
    r"(?P<rows>\((?:[^()'\n]++|'(?:[^'\n]++|'')*+')++\)"
    r"(?:\s{0,4},\s{0,4}\((?:[^()'\n]++|'(?:[^'\n]++|'')*+')++\)){0,100})"
)
_SQL_VALUE = re.compile(r"N?'(?P<value>(?:[^'\n]|'')*)'|[^\s,()'][^,()']*|\((?P<row>)")


def find_in_tables(reading: Reading) -> Iterator[Find]:
    text, lowered = reading.text, reading.lowered
    if "insert" in lowered and _STEMS(reading):
        yield from _inserted(text)
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
        if _is_heading(cell.strip().strip("*_\"'` ")):
            return separator, column
    return None


def _is_heading(name: str) -> bool:
    """Whether a name in lower case is no more than a few words, the last of them a word for password."""
    return (
        0 < len(name) <= 30
        and _TITLE.fullmatch(name) is not None
        and any(stem in name and (found := p.search(name)) and not name[found.end() :].strip() for stem, p in PASSWORDS)
    )


def _inserted(text: str) -> Iterator[Find]:
    for match in _INSERT.finditer(text):
        columns = [name.strip().strip('[]`"').lower() for name in match["columns"].split(",")]
        column = 0
        for value in _SQL_VALUE.finditer(text, match.start("rows"), match.end("rows")):
            if value["row"] is not None:
                column = 0
                continue
            if value["value"] and column < len(columns) and _is_heading(columns[column]):
                yield Find(value.start("value"), value.end("value"), Kind.SECRET)
            column += 1


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
