#!/usr/bin/env python3
"""The batch reindex for cron.

    17 2 * * 0  /opt/kbsearch/.venv/bin/python /opt/kbsearch/scripts/reindex.py --data /var/lib/kbsearch

Builds the index anew beside the old one while a server on the same data folder goes on answering, then
switches; the server follows by itself. Killed half way, the next run goes on from there. ``--model`` changes the
embedding model. Prints one line at the end; exit code 0 done, 1 failed, 75 another reindex is running.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from kbsearch.bootstrap import open_knowledge
from kbsearch.cli.output import log_to_stderr
from kbsearch.cli.reindex import rebuild
from kbsearch.errors import AlreadyRunning, KBSearchError
from kbsearch.knowledge.indexing.reindex import Cancelled
from kbsearch.settings import Settings

_TEMPORARY_FAILURE = 75  # EX_TEMPFAIL of sysexits.h


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="the data folder (KBSEARCH_DATA_DIR)")
    parser.add_argument("--model", help="change to this embedding model: default, a name or a folder")
    arguments = parser.parse_args()
    log_to_stderr()
    settings = Settings(data_dir=arguments.data) if arguments.data else Settings()
    if not settings.data_dir.is_dir():
        print(f"reindex: there is no data folder {settings.data_dir}", file=sys.stderr)
        return 1
    started = time.monotonic()
    try:
        knowledge = open_knowledge(settings)
        try:
            generation = rebuild(knowledge, arguments.model)
            documents, passages = knowledge.count()
        finally:
            knowledge.close()
    except AlreadyRunning as error:
        print(f"reindex: {error}", file=sys.stderr)
        return _TEMPORARY_FAILURE
    except Cancelled:
        print("reindex: stopped; the next run goes on from here", file=sys.stderr)
        return _TEMPORARY_FAILURE
    except KBSearchError as error:
        print(f"reindex: {error}", file=sys.stderr)
        return 1
    print(
        f"reindex: generation {generation.id} answers, {documents} documents, {passages} passages,"
        f" {generation.model_id}, {time.monotonic() - started:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
