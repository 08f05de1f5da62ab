"""Data folders that earlier versions wrote, by scripts.project.upgrade_fixture: each opens, with all that was in it."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbsearch.bootstrap import embedded
from kbsearch.index.local.index import LocalIndexes
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.indexing.checking import check
from kbsearch.model import ArticleState, SolutionRef
from kbsearch.store import solutions
from knowledge.made import ACME, ACMES, GLOBEXS, SHARED, found, resolve, suggest, suggested
from scripts.harness.hashing import HashingEmbedder
from scripts.project import upgrade_fixture

FIXTURES = sorted((Path(__file__).parents[1] / "upgrades").glob("schema-*.tar.gz"))


@pytest.fixture(params=FIXTURES, ids=lambda path: path.name.partition(".")[0])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "data"


@pytest.fixture
def opened(kept: Path) -> Iterator[KnowledgeBase]:
    knowledge = embedded(kept, lambda *_: HashingEmbedder())
    yield knowledge
    knowledge.close()


def assert_all_is_there(kb: KnowledgeBase) -> None:
    for number in range(upgrade_fixture.TICKETS):
        [best, *_] = suggest(kb, f"Scanner{number} shows a white screen").solutions
        assert f"Musala{number}" in best.solution.resolution
        assert f"T-{number}" in found(kb, f"Musala{number}")
    assert suggested(kb, "Принтерът не печата")[0] == "printer"
    assert suggested(kb, "VPN drops every hour")[0] == "vpn"
    assert found(kb, "Zlatorog")[0] == "vpn"
    assert "G-1" in found(kb, "Kaliakra", GLOBEXS)
    assert "G-1" not in found(kb, "Kaliakra", ACMES)
    with kb.store.read() as tx:
        refs = [SolutionRef(ACME, "printer"), SolutionRef(SHARED, "vpn")]
        stored = solutions.many(tx, ACMES, refs)
    printer = stored[refs[0]]
    assert (printer.evidence.tickets, printer.evidence.solved, printer.evidence.failed) == (1, 1, 0)
    assert (printer.evidence.agents_solved, printer.evidence.agents_failed) == (1, 0)
    assert [stored[ref].state for ref in refs] == [ArticleState.VALIDATED] * 2


def test_all_is_found_as_before_and_again_after_a_reindex(opened: KnowledgeBase, kept: Path) -> None:
    assert_all_is_there(opened)
    opened.reindexing.run()
    assert_all_is_there(opened)
    assert resolve(opened, "T-new", "Plotter hums", "Tightened the screw Belogradchik").solution_id
    assert found(opened, "Belogradchik")[0] == "T-new"
    opened.close()
    store_is_sound(kept)


def store_is_sound(folder: Path) -> None:
    again = embedded(folder, lambda *_: HashingEmbedder())
    assert_all_is_there(again)
    checked = check(again.store, LocalIndexes(folder / "index"))
    again.close()
    assert (checked.damage, checked.unindexed, checked.index) == ((), 0, None)


def test_this_version_has_left_a_folder_for_those_to_come(knowledge: KnowledgeBase) -> None:
    """Fails behind a new migration: run python -m scripts.project.upgrade_fixture tests/upgrades."""
    with knowledge.store.read() as tx:
        [(schema,)] = tx.rows("SELECT count(*) FROM _sqlite_migrations")
    assert FIXTURES[-1].name == f"schema-{schema:02}.tar.gz"
