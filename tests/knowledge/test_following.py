"""Several processes on a data folder: what one does to the index, the others follow or say that they can't."""

from __future__ import annotations

import time

import pytest

from kbsearch.bootstrap import embedded
from kbsearch.errors import AlreadyRunning, IndexNotOpen, ModelNotLoadable, NotFound
from kbsearch.index.local import snapshot
from kbsearch.knowledge import KnowledgeBase, base
from kbsearch.knowledge.indexing import engine, index_generations
from kbsearch.knowledge.questions import suggestion_log
from kbsearch.knowledge.writing.drafts import DraftFrom
from kbsearch.model import Feedback, FeedbackOutcome
from kbsearch.store import generations
from knowledge.embedders import CountingEmbedder
from knowledge.made import ACME, ACMES, found, resolve, suggest


@pytest.fixture
def stuck(folder, embedders, clock):
    """A base that can load no other model than the first one; ``loads`` counts its tries."""
    loads: list[str] = []

    def load(name: str) -> CountingEmbedder:
        loads.append(name)
        if name != "hashing":
            raise ModelNotLoadable(name, "there is no such model")
        return embedders[name]

    opened = embedded(folder, load, default_model="hashing", clock=clock)
    opened.loads = loads
    yield opened
    opened.close()


def _told(base: KnowledgeBase) -> IndexNotOpen:
    """The error that questions are answered with once the new generation was tried."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            suggest(base)
        except IndexNotOpen as error:
            return error
        time.sleep(0.01)
    raise AssertionError("it goes on answering")


def test_a_process_that_cannot_open_the_new_generation_says_so_instead_of_new(stuck, open_base, clock):
    kb = open_base()
    resolve(kb, "T-1", "Scanner broken", "Replaced the scanner by a new one")
    kb.reindexing.run("other")
    error = _told(stuck)
    assert "other" in str(error)
    assert error.retry_after_s > 0
    clock.advance(hours=1)
    kb._generations.drop_retired()
    for _ in range(3):
        with pytest.raises(IndexNotOpen):
            suggest(stuck)
        with pytest.raises(IndexNotOpen):
            found(stuck, "scanner")
        with pytest.raises(IndexNotOpen):
            resolve(stuck, "T-2", "Printer broken", "Replaced the printer by a new one")
        with pytest.raises(IndexNotOpen):
            stuck.check_ready()
    assert stuck.loads == ["hashing", "other"], "questions do not load the model again and again"


def test_it_answers_again_once_the_generation_can_be_opened(stuck, open_base, embedders, monkeypatch):
    kb = open_base()
    kb.reindexing.run("other")
    _told(stuck)
    monkeypatch.setattr(index_generations, "_OPENED_AGAIN_AFTER_S", 0.0)
    stuck._generations._failure = None
    stuck._generations._load_embedder = lambda name: embedders[name]
    stuck._generations.follow()
    stuck.check_ready()
    assert suggest(stuck).model == "other@32"


def test_an_answer_of_a_retired_generation_does_not_claim_newer_knowledge(open_base, monkeypatch):
    kb, other = open_base(), open_base()
    resolve(kb, "T-1", "Scanner broken", "Replaced the scanner by a new one")
    before = suggest(other).revision
    monkeypatch.setattr(other._generations, "_follow_in_background", lambda: None)  # it is still being opened
    kb.reindexing.run("other")
    resolve(kb, "T-2", "Printer broken", "Replaced the printer by a new one")
    assert kb.revision(ACMES) > before
    assert suggest(other).revision == before


def test_a_generation_that_a_process_has_open_is_not_dropped(open_base, folder, clock, monkeypatch):
    kb, other = open_base(), open_base()
    resolve(kb, "T-1", "Scanner broken", "Replaced the scanner by a new one")
    monkeypatch.setattr(other._generations, "_follow_in_background", lambda: None)
    kb.reindexing.run("other")
    clock.advance(hours=1)
    kb._generations.drop_retired()
    assert len(_generations(kb)) == 2
    assert found(other, "scanner") == ["T-1"]
    other._generations.follow()
    kb._generations.drop_retired()
    assert len(_generations(kb)) == 1
    kb._generations.save(0)
    [id] = _generations(kb)
    files = {path.name for path in (folder / "index").glob("generation-*")}
    assert files == {f"generation-{id}", f"generation-{id}.lock"}


def test_an_outdated_index_is_rebuilt_after_another_process_gave_up(open_base, monkeypatch):
    kb = open_base()
    monkeypatch.setattr(kb._generations, "needs_reindex", lambda: True)
    with kb.store.alone("reindex"):
        assert not kb.reindexing.rebuild_if_outdated()
    assert kb.reindexing.rebuild_if_outdated()
    assert not kb.reindexing.rebuild_if_outdated(), "a job that failed or was cancelled is not started again"


def test_starting_a_reindex_beside_another_one_is_still_refused(open_base):
    kb = open_base()
    with kb.store.alone("reindex"), pytest.raises(AlreadyRunning):
        kb.reindexing.start()


def test_feedback_and_drafts_find_a_suggestion_that_another_process_made_just_now(open_base, monkeypatch):
    monkeypatch.setattr(base, "WRITTEN_EVERY_S", 0.3)
    kb, other = open_base(), open_base()
    resolve(kb, "T-1", "Scanner broken", "Replaced the scanner by a new one")
    shown = suggest(kb, "Scanner broken")
    [solution] = {one.solution.ref.id for one in shown.solutions}
    other.give_feedback(ACME, Feedback(shown.id, solution, FeedbackOutcome.HELPFUL, "agent"))
    again = suggest(kb, "Scanner broken")
    other.draft(ACME, "draft-1", DraftFrom(suggestion_id=again.id))


@pytest.mark.parametrize("id", ["", "no such id", "0" * 32, "3fa85f6457174562b3fc2c963f66afa6"])
def test_ids_that_nobody_made_are_not_waited_for(kb, id):
    started = time.monotonic()
    with pytest.raises(NotFound):
        kb.give_feedback(ACME, Feedback(id, "any", FeedbackOutcome.SOLVED, "agent"))
    assert time.monotonic() - started < suggestion_log._WRITTEN_AFTER_S / 2


def test_ids_of_suggestions_differ_and_hold_their_time(clock):
    ids = [suggestion_log.new_id(clock()) for _ in range(1_000)]
    assert len(set(ids)) == len(ids)
    assert {len(id) for id in ids} == {32}
    clock.advance(seconds=2)
    assert [suggestion_log._age_s(id, clock()) for id in ids] == [pytest.approx(2.0, abs=0.001)] * len(ids)
    assert sorted([*ids, later := suggestion_log.new_id(clock())])[-1] == later


def _generations(kb: KnowledgeBase) -> list[int]:
    with kb.store.read() as tx:
        return generations.live(tx)


def test_a_start_beside_a_snapshot_that_is_saved_takes_the_newer_one(open_base, monkeypatch):
    kb = open_base()
    resolve(kb, "T-1", "Scanner broken", "Replaced the scanner by a new one")
    kb._generations.save(0)
    load, loaded = snapshot.load, []

    def load_beside_a_save(path, *more):
        loaded.append(path)
        if len(loaded) == 1:
            resolve(kb, "T-2", "Printer broken", "Replaced the printer by a new one")
            kb._generations.save(0)  # removes the manifest that is about to be read
        return load(path, *more)

    monkeypatch.setattr(snapshot, "load", load_beside_a_save)
    monkeypatch.setattr(engine, "rebuilt", None)
    other = open_base()
    assert len(set(loaded)) == 2
    assert found(other, "broken") == found(kb, "broken")
