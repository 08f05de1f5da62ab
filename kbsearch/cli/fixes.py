"""``kbsearch fixes``."""

from __future__ import annotations

from pathlib import Path

import click

from kbsearch.cli.options import json_option
from kbsearch.cli.output import print_json, say
from kbsearch.errors import BrokenFile
from kbsearch.evaluation.fixes import measure

_FAULTS_PRINTED = 50


@click.group()
def fixes() -> None:
    """Distinguish fixes from closing remarks."""


@fixes.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def check(file: Path, as_json: bool) -> None:
    """Measure recall and precision on a FILE of labelled lines: `none` or `fix`, a tab and a resolution.

    A resolution without a fix becomes no solution. Exit code 1 if a line was judged wrongly; such lines are listed by
    number, never printed.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenFile(str(file), "it cannot be read as UTF-8") from error
    result = measure(lines)
    if as_json:
        print_json({"lines": result.lines, "recall": result.recall, "precision": result.precision})
    else:
        say(f"{result.lines} lines: recall {result.recall:.3f}, precision {result.precision:.3f}")
    for line, what in result.faults[:_FAULTS_PRINTED]:
        say(f"{file}:{line}: {what}")
    if result.faults:
        raise click.exceptions.Exit(1)
