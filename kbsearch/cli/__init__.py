"""The ``kbsearch`` command."""

from __future__ import annotations

import os
import sys

import click

import kbsearch
from kbsearch.cli.articles import articles
from kbsearch.cli.audit import audit
from kbsearch.cli.backup import backup, restore
from kbsearch.cli.calibrate import calibrate
from kbsearch.cli.check import check
from kbsearch.cli.connectors import connectors
from kbsearch.cli.desk import desk, gaps, review
from kbsearch.cli.evaluate import evaluate
from kbsearch.cli.evaluate_languages import evaluate_languages
from kbsearch.cli.fixes import fixes
from kbsearch.cli.importing import import_
from kbsearch.cli.keys import keys
from kbsearch.cli.output import fail
from kbsearch.cli.questions import search, suggest
from kbsearch.cli.redaction import redaction
from kbsearch.cli.reindex import reindex
from kbsearch.cli.serve import serve
from kbsearch.cli.sessions import sessions
from kbsearch.cli.status import status_
from kbsearch.cli.tenants import tenants
from kbsearch.cli.words import words
from kbsearch.errors import KBSearchError

EXIT_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(kbsearch.__version__, prog_name="kbsearch")
def cli() -> None:
    """Knowledge search for IT service desks: suggests known fixes and stores new ones.

    Exit codes: 0 success, 1 failure (the last line gives the reason and the remedy), 2 wrong usage,
    130 interrupted.
    """


for command in (
    serve, import_, reindex, search, suggest, evaluate, evaluate_languages, calibrate, articles, keys, sessions,
    connectors, audit, redaction, fixes, backup, restore, check, tenants, status_, desk, gaps, review, words,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Run the command line; every expected error is one line on stderr."""
    os.umask(0o077)  # whatever a command writes may hold texts of tickets
    try:
        # Without standalone mode an Exit that a command raises comes back as its code.
        code = cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        fail("interrupted; what was reported as stored is stored", EXIT_INTERRUPTED)
    except KBSearchError as error:
        fail(str(error))
    sys.exit(code)
