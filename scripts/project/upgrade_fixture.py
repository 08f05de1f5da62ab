#!/usr/bin/env python3
"""Keeps a data folder as this version writes it, for the tests that later versions open it.

    python -m scripts.project.upgrade_fixture tests/upgrades

Run it whenever a migration was added and keep what was there: it writes schema-N.tar.gz, where N is the number of
migrations. The vectors come from the tests' embedder, so no model is needed. What is in the
folder, and what must be found in it, stands in tests/knowledge/test_upgrades.py.
"""

from __future__ import annotations

import sqlite3
import sys
import tarfile
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kbsearch.bootstrap import embedded
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import Article, ArticleState, Feedback, FeedbackOutcome, Resolution, Scope, TenantId, Ticket
from scripts.harness.hashing import HashingEmbedder

ACME, GLOBEX, SHARED = TenantId("acme"), TenantId("globex"), TenantId("shared")
TICKETS = 6
DOCUMENTS = TICKETS + 4  # with two articles, a linked ticket and one of another tenant


def fill(folder: Path) -> None:
    """A folder of three tenants with articles, tickets of both kinds and a word on a suggestion."""
    knowledge = embedded(folder, lambda *_: HashingEmbedder())
    for tenant, id, title, fix in (
        (SHARED, "vpn", "VPN drops every hour", "Renew the certificate Zlatorog"),
        (ACME, "printer", "Принтерът не печата", "Рестартирайте опашката"),
    ):
        knowledge.articles.put(tenant, Article(id, title, resolution=fix, state=ArticleState.VALIDATED))
    when = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
    for number in range(TICKETS):
        ticket = Ticket(f"Scanner{number} shows a white screen", f"Since the update of room {number}")
        solved = Resolution(f"Loaded the profile Musala{number} into it", resolved_at=when + timedelta(hours=number))
        knowledge.tickets.resolve(ACME, ResolvedTicketIn(f"T-{number}", ticket, solved))
    linked = Resolution("Did as the article says", solution_id="printer", resolved_at=when)
    knowledge.tickets.resolve(ACME, ResolvedTicketIn("T-linked", Ticket("Принтерът мълчи"), linked))
    other = Resolution("Replaced the fuse Kaliakra", resolved_at=when)
    knowledge.tickets.resolve(GLOBEX, ResolvedTicketIn("G-1", Ticket("Scanner0 smells"), other))
    shown = knowledge.suggest(Scope(ACME), Ticket("Принтерът не печата"))
    knowledge.give_feedback(ACME, Feedback(shown.id, "printer", FeedbackOutcome.SOLVED, "ana", None))
    knowledge.close()


def main() -> None:
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="kbsearch-fixture-") as temporary:
        folder = Path(temporary) / "data"
        fill(folder)
        with sqlite3.connect(folder / "kbsearch.sqlite3") as store:
            [(schema,)] = store.execute("SELECT count(*) FROM _sqlite_migrations").fetchall()
        store.close()
        path = target / f"schema-{schema:02}.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            archive.add(folder, "data")
    print(path)


if __name__ == "__main__":
    main()
