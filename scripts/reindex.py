#!/usr/bin/env python3
"""``kbsearch reindex`` for a timer: exits with 75 (EX_TEMPFAIL) if another reindex runs or this one was stopped.

    17 2 * * 0  /opt/kbsearch/.venv/bin/python /opt/kbsearch/scripts/reindex.py --data /var/lib/kbsearch

A server on the same data folder keeps answering. The next run continues where a stopped one ended.
"""

from __future__ import annotations

import sys

import click

from kbsearch.cli import EXIT_INTERRUPTED, cli
from kbsearch.cli.output import fail
from kbsearch.errors import AlreadyRunning, KBSearchError

_TEMPORARY_FAILURE = 75


def main() -> int:
    try:
        code = cli(["reindex", *sys.argv[1:]], standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except AlreadyRunning as error:
        print(f"reindex: {error}", file=sys.stderr)
        return _TEMPORARY_FAILURE
    except KBSearchError as error:
        fail(str(error))
    return _TEMPORARY_FAILURE if code == EXIT_INTERRUPTED else code


if __name__ == "__main__":
    sys.exit(main())
