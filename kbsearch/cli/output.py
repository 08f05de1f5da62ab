"""What the commands print: tables for people, JSON for machines, progress on stderr."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NoReturn, Protocol

import click
from rich.cells import cell_len
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from kbsearch.cli.log_lines import DiscreetFormatter, JsonLines

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False)

_NARROW = 12  # a column that is wrapped stays readable from so many characters on
_NOTED_EVERY = 10  # lines of progress where no terminal shows a bar


def print_json(value: Any) -> None:
    """One JSON document on stdout; control characters that JSON allows in a text are escaped as well."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    click.echo("".join(one if one.isprintable() or one == "\n" else f"\\u{ord(one):04x}" for one in text))


def fail(text: str, code: int = 1) -> NoReturn:
    """End with one line on stderr."""
    err.print(f"[bold red]kbsearch:[/] {plain(text)}", soft_wrap=True)
    sys.exit(code)


def say(text: str) -> None:
    """What is being done, on stderr, so that stdout stays the answer's."""
    err.print(plain(text), soft_wrap=True)


def log_to_stderr(level: int = logging.WARNING, log_format: str = "text") -> None:
    """Warnings of the libraries below, one line each; ``log_format`` is text or json."""
    handler: logging.Handler
    if log_format == "json":
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines())
    elif err.is_terminal:
        handler = RichHandler(console=err, show_path=False, rich_tracebacks=False)
        handler.setFormatter(DiscreetFormatter("%(message)s"))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(DiscreetFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("kbsearch").setLevel(level)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], unbroken: Collection[str] = ("id",)) -> None:
    """A table on stdout. The columns named ``unbroken`` are never cut or wrapped: people copy what is in them.

    Control characters are shown as a replacement character: no text can move the cursor or forge a line.
    """
    cells = [[escape(_visible(cell)) for cell in row] for row in rows]
    least = _NARROW * len(columns)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(columns):
        if name in unbroken:
            widest = max((cell_len(row[number]) for row in cells), default=0)
            table.add_column(name, no_wrap=True, min_width=max(widest, cell_len(name)))
            least += widest
        else:
            table.add_column(name, overflow="fold")
    for row in cells:
        table.add_row(*row)
    # What is printed is never wider than its console.
    Console(highlight=False, soft_wrap=True, width=max(out.width, least)).print(table)


class Show(Protocol):
    """Shows progress. ``seconds_left`` is None while it is unknown."""

    def __call__(self, done: int, total: int, seconds_left: float | None = None) -> None: ...


@contextmanager
def progress_bar(what: str) -> Generator[Show]:
    """A bar with the remaining time; without a terminal, a line for each tenth."""
    if not err.is_terminal:
        yield _lines(what)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[left]}"))
    with Progress(*columns, console=err) as bar:
        task = bar.add_task(plain(what), left="")

        def show(done: int, total: int, seconds_left: float | None = None) -> None:
            bar.update(task, completed=done, total=total, left=_time_left(seconds_left))

        yield show


@contextmanager
def progress_bars() -> Generator[Callable[[str, int, int], None]]:
    """Bars for several phases: call the function with (phase, done, total)."""
    if not err.is_terminal:
        phases: dict[str, Show] = {}
        yield lambda what, done, total: phases.setdefault(what, _lines(what))(done, total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err) as bar:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(plain(what))
            bar.update(tasks[what], completed=done, total=total)

        yield show


def _lines(what: str) -> Show:
    shown = -1

    def show(done: int, total: int, seconds_left: float | None = None) -> None:
        nonlocal shown
        tenth = _NOTED_EVERY if not total else done * _NOTED_EVERY // total
        if tenth > shown:
            shown = tenth
            left = _time_left(seconds_left)
            say(f"{what}: {done} of {total}{f', {left} left' if left else ''}")

    return show


def _time_left(seconds: float | None) -> str:
    return "" if not seconds else str(timedelta(seconds=round(seconds)))


def _visible(text: str) -> str:
    return "".join(one if one.isprintable() else "\ufffd" for one in text)


def plain(text: str) -> str:
    """The text as rich prints it without reading markup in it, control characters but line breaks replaced."""
    return escape("\n".join(map(_visible, text.split("\n"))))
