"""The history of the sample desks: it plays before the first start, in order, and leaves something in every figure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

import pytest

from kbsearch.bootstrap import embedded
from kbsearch.cli.sample_history import BEGINNING, HISTORY_FILE, MovableClock, play_history
from kbsearch.cli.serve import SAMPLES
from kbsearch.desk.desk import Desk
from kbsearch.desk.period import Period
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import TenantId
from scripts.harness.hashing import HashingEmbedder

STORIES = [json.loads(line) for line in (SAMPLES / HISTORY_FILE).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KnowledgeBase, datetime]]:
    clock = MovableClock()
    now = clock()
    kb = embedded(tmp_path_factory.mktemp("samples"), lambda model: HashingEmbedder(), clock=clock)
    assert play_history(kb, clock, SAMPLES, now) == len(STORIES)
    assert clock() >= now
    kb._suggestions.flush()
    yield kb, now
    kb.close()


def test_every_figure_has_tickets_of_both_clients(played: tuple[KnowledgeBase, datetime]) -> None:
    kb, now = played
    for tenant in ("aurora", "rodopi"):
        board = Desk(kb.store).board((TenantId(tenant),), Period.of(None, None, now))
        empty = {one.measure.name for one in board.figures if not one.share.denominator}
        assert empty <= {"escalations"}  # asked again in the background


def test_all_that_happened_lies_between_the_beginning_and_the_first_start(
    played: tuple[KnowledgeBase, datetime],
) -> None:
    kb, now = played
    with kb.store.read() as tx:
        rows = tx.rows("SELECT asked_at FROM asked_tickets UNION ALL SELECT written_at FROM tickets")
        moments = [datetime.fromisoformat(row[0]) for row in rows if row[0]]
        [shown] = tx.rows("SELECT min(created_at), max(created_at) FROM suggestions")
    assert now - BEGINNING < min(moments)
    assert max(moments) <= now
    assert datetime.fromisoformat(shown[1]) <= now
    for story in STORIES:
        if "fix" in story:
            stored = kb.tickets.get(TenantId(story["client"]), story["id"])
            assert stored.ticket.created_at < stored.resolution.resolved_at < now


def test_the_stories_are_well_formed() -> None:
    ids = [(one["client"], one["id"]) for one in STORIES]
    assert len(ids) == len(set(ids))
    assert {one["language"] for one in STORIES} == {"en", "bg"}
    samples = {path.stem for path in SAMPLES.rglob("*.md")}
    for one in STORIES:
        assert ("minutes_ago" in one) != ("workdays" in one and "time" in one)
        assert one.get("solved_with") is None or one["solved_with"] in samples
        assert ("fix" in one) == ("level" in one) == ("after" in one) == ("written" in one)


def test_the_samples_that_tests_and_measurements_load_stay_apart() -> None:
    history = {one["id"] for one in STORIES}
    for path in SAMPLES.rglob("tickets.jsonl"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert history.isdisjoint(json.loads(line)["ticket"]["id"] for line in lines)
