import threading
import time

import pytest

from kbsearch.errors import AlreadyRunning, ModelNotLoadable, NotFound, StorageError
from kbsearch.index.local import snapshot
from kbsearch.knowledge.indexing import index_generations
from kbsearch.knowledge.indexing.reindex import Cancelled, build
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.model import Article, ArticleState, GenerationState, JobState
from kbsearch.store import generations
from knowledge.embedders import CountingEmbedder
from knowledge.made import ACME, ACMES, GLOBEX, GLOBEXS, answers, found, put, resolve, resolved, said, suggest

DOCUMENTS = 50
LOG = f"log {'-' * 150} " * 45  # so long that a build has six batches


def _fill(kb):
    lines = [
        (
            n,
            resolved(
                f"T-{n}", f"Printer {n} offline", f"Restarted spooler number {n} of the host", {"description": LOG}
            ),
        )
        for n in range(DOCUMENTS)
    ]
    list(kb.tickets.import_lines(ACME, lines))
    return kb


@pytest.fixture
def filled(kb):
    return _fill(kb)


def _ids(result):
    """Answers without figures that depend on the model."""
    return [(query, {id for id, _ in ranked}, {hit.id for hit in hits[0]}) for query, ranked, _, hits in result]


def _within(seconds, condition):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_the_same_model_embeds_nothing_again(filled, embedders):
    before = answers(filled, ACMES)
    embedders["hashing"].documents.clear()
    generation = filled.reindexing.run()
    assert embedders["hashing"].documents == []
    assert generation.id == 2
    assert answers(filled, ACMES) == before


def test_another_model_takes_over(filled, open_base, embedders):
    put(filled, tenant=GLOBEX)
    before = filled.count()
    filled.reindexing.run("other")
    assert filled.model_id == "other@32"
    assert suggest(filled).model == "other@32"
    assert filled.count() == before
    assert len(found(filled, "printer", limit=DOCUMENTS + 1)) == DOCUMENTS
    assert found(filled, "printer", GLOBEXS) == ["printer"]
    resolve(filled, "T-new", "Scanner broken", "Replaced the scanner by a new one")
    assert found(filled, "Scanner broken")[0] == "T-new"
    expected = answers(filled, ACMES)
    filled.close()
    assert answers(open_base(), ACMES) == expected
    assert answers(open_base(model="other"), ACMES) == expected


def test_a_build_equals_a_base_that_always_had_the_model(filled, open_base, tmp_path):
    filled.reindexing.run("other")
    assert answers(filled, ACMES) == answers(_fill(open_base(tmp_path / "other", model="other")), ACMES)


def test_progress_is_reported(filled):
    told = []
    filled.reindexing.run("other", lambda done, total, left: told.append((done, total)) or False)
    assert told == sorted(told)
    assert {total for _, total in told} == {DOCUMENTS}
    assert told[-1][0] == DOCUMENTS
    assert len(told) >= 3


def test_the_time_left_is_reported_by_the_size_of_what_is_left(kb, embedders):
    """Long articles first, then short tickets. A second goes by for each character that gets into the new index."""
    articles = [Article(f"a{n}", f"Article {n}", (), resolution=LOG) for n in range(60)]
    list(kb.articles.import_lines(ACME, [(n, ImportedArticle(one)) for n, one in enumerate(articles)]))
    more = {"description": "Whatever is sent to it, it has printed nothing since this morning, and nobody was near it."}
    tickets = [resolved(f"T-{n}", f"Printer {n} offline", f"Restarted spooler number {n}", more) for n in range(2000)]
    list(kb.tickets.import_lines(ACME, list(enumerate(tickets))))
    told = []

    def clock():
        with kb.store.read() as tx:
            return tx.row(
                "SELECT coalesce(sum(length(text)), 0) FROM passages JOIN documents ON documents.id = document"
                " WHERE generation = 2"
            )[0]

    def progress(done, total, left):
        told.append((clock(), done / total, left))
        return False

    build(kb.store, embedders["other"], progress, lambda generation: None, clock)
    end = told[-1][0]
    assert any(share < 0.05 and now > 0.5 * end for now, share, _ in told)  # counting documents would mislead
    checked = [(end - now, left) for now, _, left in told if end - now > 0.05 * end]
    assert len(checked) > 3
    for truth, left in checked:
        assert left == pytest.approx(truth, rel=0.2)


def test_an_interrupted_build_goes_on_where_it_stopped(filled, open_base, embedders):
    other = embedders["other"]
    with pytest.raises(Cancelled):
        filled.reindexing.run("other", lambda done, total, left: True)
    done = list(other.documents)
    assert done
    assert filled.model_id == "hashing@64"
    assert len(found(filled, "printer", limit=DOCUMENTS + 1)) == DOCUMENTS
    filled.close()

    other.documents.clear()
    second = open_base()
    second.reindexing.run("other")
    assert other.documents
    assert set(done).isdisjoint(other.documents)
    assert second.model_id == "other@32"
    assert len(found(second, "printer", limit=DOCUMENTS + 1)) == DOCUMENTS


class Killed(BaseException):
    """As if the process ended here."""


@pytest.mark.parametrize("after", [1, 2, 3, "opened"])
def test_what_changed_while_a_build_lay_still_is_taken_in(filled, folder, after):
    rounds = []

    def stop(done, total, left):
        rounds.append(done)
        if len(rounds) == after or (after == "opened" and snapshot.newest(folder / "index", 2)):
            raise Killed
        return False

    with pytest.raises(Killed):
        filled.reindexing.run("other", stop)
    resolve(filled, "T-0", "Scanner broken", "Replaced the scanner by a new one")
    resolve(filled, "T-new", "Projector dark", "Replaced the lamp of the projector")
    filled.tickets.erase(ACME, "T-1")
    filled.tickets.reopen(ACME, "T-2")
    put(filled, "a", "Keyboard sticky")
    put(filled, "a", "Keyboard sticky", state=ArticleState.ARCHIVED)
    before = filled.count(), _ids(answers(filled, ACMES))
    filled.reindexing.run("other")
    assert (filled.count(), _ids(answers(filled, ACMES))) == before
    assert (said(filled, "scanner"), said(filled, "projector"), said(filled, "keyboard")) == (["T-0"], ["T-new"], [])


def test_an_interrupted_build_of_a_third_model_is_given_up(filled, embedders):
    embedders["third"] = CountingEmbedder(dimension=16, name="third")
    with pytest.raises(Cancelled):
        filled.reindexing.run("third", lambda done, total, left: True)
    filled.reindexing.run("other")
    assert filled.model_id == "other@32"
    filled.reindexing.run("third")
    assert filled.model_id == "third@16"
    assert len(found(filled, "printer", limit=DOCUMENTS + 1)) == DOCUMENTS


def test_write_backs_during_a_build_are_not_lost(filled, open_base):
    bases = (filled, open_base())
    written, raised, stop = [[], []], [], threading.Event()

    def write(number):
        base = bases[number]
        try:
            while not stop.is_set() and len(written[number]) < 150:
                id = f"N{number}x{len(written[number])}"
                resolve(base, id, f"Scanner {id} broken", f"Replaced scanner {id} by a new one")
                written[number].append(id)
                assert said(base, id) == [id]
        except BaseException as error:  # noqa: BLE001 - told below
            raised.append(error)

    writers = [threading.Thread(target=write, args=(number,)) for number in (0, 1)]
    for writer in writers:
        writer.start()
    try:
        for model in ("other", "hashing"):
            filled.reindexing.run(model)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert raised == []
    expected = {*written[0], *written[1], *(f"T-{n}" for n in range(DOCUMENTS))}
    for base in bases:
        _within(10, lambda base=base: suggest(base).model == "hashing@64")
        assert set(found(base, "scanner printer", limit=1000)) == expected
    assert answers(filled, ACMES) == answers(bases[1], ACMES)
    before = answers(filled, ACMES)
    filled.reindexing.run()
    assert answers(filled, ACMES) == before


def test_another_base_on_the_folder_follows(filled, open_base):
    other = open_base()
    expected = set(found(other, "printer", limit=DOCUMENTS + 1))
    filled.reindexing.run("other")

    def followed():
        assert set(found(other, "printer", limit=DOCUMENTS + 1)) == expected
        return suggest(other).model == "other@32"

    _within(20, followed)
    assert answers(other, ACMES) == answers(filled, ACMES)
    resolve(other, "T-new", "Scanner broken", "Replaced the scanner by a new one")
    assert found(filled, "scanner broken")[0] == "T-new"


def test_a_write_after_the_switch_is_seen_by_the_other_base_in_the_very_next_question(filled, open_base):
    other = open_base()
    filled.reindexing.run("other")
    written = resolve(filled, "T-new", "Scanner broken", "Replaced the scanner by a new one")
    assert found(other, "Scanner broken", min_revision=written.revision)[0] == "T-new"


def test_a_removal_after_the_switch_is_seen_by_the_other_base_in_the_very_next_question(filled, open_base):
    other = open_base()
    filled.reindexing.run("other")
    filled.tickets.reopen(ACME, "T-0")
    assert "T-0" not in found(other, "Printer 0 offline", limit=DOCUMENTS + 1)


def test_it_is_opened_before_it_gets_the_word(filled, folder, open_base, monkeypatch):
    """Nobody waits for that then: neither who built it, nor another process, which finds a snapshot."""
    other = open_base()
    states = []
    opened, load = index_generations.open_engine, snapshot.load

    def noted(store, indexes, generation, embedder):
        with store.read() as tx:
            states.append(generations.get(tx, generation.id).state)
        return opened(store, indexes, generation, embedder)

    monkeypatch.setattr(index_generations, "open_engine", noted)
    filled.reindexing.run("other")
    resolve(filled, "T-new", "Scanner broken", "Replaced the scanner by a new one")
    assert states == [GenerationState.BUILDING]
    loaded = []
    monkeypatch.setattr(snapshot, "load", lambda path, *more: loaded.append(path) or load(path, *more))
    resolve(other, "T-newer", "Projector dark", "Replaced the lamp of the projector")
    assert [path.parent for path in loaded] == [folder / "index" / "generation-2"]
    assert answers(other, ACMES) == answers(filled, ACMES)


def test_without_room_for_its_files_the_one_before_goes_on(filled, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    before = answers(filled, ACMES)
    with monkeypatch.context() as patched:
        patched.setattr(snapshot, "save", full)
        with pytest.raises(StorageError, match="No space left on device"):
            filled.reindexing.run("other")
    assert answers(filled, ACMES) == before
    filled.reindexing.run("other")
    assert filled.model_id == "other@32"


def test_what_was_written_behind_its_opening_is_found_after_the_switch(filled, folder):
    written = []

    def write(done, total, left):
        if not written and snapshot.newest(folder / "index", 2):
            written.append(resolve(filled, "T-new", "Scanner broken", "Replaced the scanner by a new one"))
            filled.tickets.erase(ACME, "T-1")
        return False

    filled.reindexing.run("other", write)
    assert written
    assert found(filled, "Scanner broken")[0] == "T-new"
    assert "T-1" not in found(filled, "Printer 1 offline", limit=DOCUMENTS + 1)
    before = answers(filled, ACMES)
    filled.reindexing.run()
    assert answers(filled, ACMES) == before


def test_only_one_runs_on_a_folder(filled, open_base):
    other = open_base()
    refused = []

    def progress(done, total, left):
        for base in (filled, other):
            for start in (base.reindexing.run, base.reindexing.start):
                with pytest.raises(AlreadyRunning):
                    start("other")
                refused.append(base)
        return True

    with pytest.raises(Cancelled):
        filled.reindexing.run("other", progress)
    assert len(refused) == 4
    other.reindexing.run("other")


def test_a_model_that_cannot_be_loaded_changes_nothing(kb):
    resolve(kb)
    with pytest.raises(ModelNotLoadable):
        kb.reindexing.run("missing")
    assert kb.model_id == "hashing@64"
    assert found(kb, "printer") == ["T-1"]


def test_old_generations_are_dropped_after_a_while(filled, clock):
    def generations():
        with filled.store.read() as tx:
            return [row["id"] for row in tx.rows("SELECT id FROM generations ORDER BY id")]

    filled.reindexing.run("other")
    assert generations() == [1, 2]
    clock.advance(hours=1)
    filled.reindexing.run("other")
    assert generations() == [2, 3]
    with filled.store.read() as tx:
        assert {row["generation"] for row in tx.rows("SELECT DISTINCT generation FROM documents")} == {2, 3}
        assert tx.rows("SELECT name FROM sqlite_master WHERE name LIKE 'lexical_1_%'") == []
    assert len(found(filled, "printer", limit=DOCUMENTS + 1)) == DOCUMENTS


def test_an_empty_base_can_be_reindexed(kb):
    kb.reindexing.run("other")
    assert kb.model_id == "other@32"
    resolve(kb)
    assert found(kb, "printer") == ["T-1"]


def test_an_index_of_other_rules_needs_to_be_rebuilt(filled, open_base):
    assert not filled.needs_reindex
    with filled.store.write() as tx:
        tx.execute("UPDATE generations SET recipe = 'older'")
    other = open_base()
    assert other.needs_reindex
    assert len(found(other, "printer", limit=DOCUMENTS + 1)) == DOCUMENTS
    other.reindexing.run()
    assert not other.needs_reindex


# -- embedding only what is new ----------------------------------------------------------------------------


def test_unchanged_text_is_never_embedded_again(kb, embedders):
    embedded = embedders["hashing"].documents
    fix = "Restarted the print spooler service"
    resolve(kb, "T-1", "Printer offline", fix)
    put(kb, "a", "Mailbox full", "Empty the bin")
    put(kb, "a", "Mailbox full", "Empty the bin", tags=("mail",))
    count = len(embedded)
    resolve(kb, "T-1", "Printer offline", fix, cause="unknown")
    put(kb, "b", "Mailbox full", "Empty the bin")
    kb.reindexing.run()
    assert len(embedded) == count == len(set(embedded))
    # Of another tenant each text is new: the time that it takes must not tell who has stored it.
    resolve(kb, "T-1", "Printer offline", fix, tenant=GLOBEX)
    assert embedded[count:] == embedded[:2]
    count = len(embedded)
    kb.reindexing.run("other")
    kb.reindexing.run("hashing")
    assert len(embedded) == count


# -- jobs --------------------------------------------------------------------------------------------------


def test_a_job_runs_to_its_end(filled):
    id = filled.reindexing.start("other")
    _within(30, lambda: filled.reindexing.get(id).state not in (JobState.QUEUED, JobState.RUNNING))
    job = filled.reindexing.get(id)
    assert (job.state, job.done, job.total, job.error) == (JobState.DONE, DOCUMENTS, DOCUMENTS, None)
    assert filled.model_id == "other@32"


class SlowEmbedder(CountingEmbedder):
    """Waits for a sign with each batch of documents."""

    def __init__(self):
        super().__init__(dimension=32, name="slow")
        self.go_on = threading.Event()

    def embed_documents(self, texts):
        self.go_on.wait(20)
        return super().embed_documents(texts)


@pytest.fixture
def slow(embedders):
    embedders["slow"] = SlowEmbedder()
    return embedders["slow"]


def test_a_job_can_be_cancelled_from_another_base(filled, open_base, slow):
    id = filled.reindexing.start("slow")
    open_base().reindexing.cancel(id)
    time.sleep(0.6)  # a job looks twice a second
    slow.go_on.set()
    _within(30, lambda: filled.reindexing.get(id).state not in (JobState.QUEUED, JobState.RUNNING))
    assert filled.reindexing.get(id).state == JobState.CANCELLED
    assert filled.model_id == "hashing@64"


def test_closing_stops_a_job_and_the_next_one_goes_on(filled, open_base, slow):
    id = filled.reindexing.start("slow")
    with pytest.raises(AlreadyRunning):
        filled.reindexing.start("slow")
    closing = threading.Thread(target=filled.close)
    closing.start()
    time.sleep(0.1)
    slow.go_on.set()
    closing.join(30)
    assert not closing.is_alive()
    second = open_base()
    assert second.reindexing.get(id).state == JobState.CANCELLED
    done = len(slow.documents)
    second.reindexing.run("slow")
    assert 0 < done < len(slow.documents) == len(set(slow.documents))


def test_a_failed_job_says_why(kb):
    id = kb.reindexing.start("missing")
    _within(30, lambda: kb.reindexing.get(id).state not in (JobState.QUEUED, JobState.RUNNING))
    job = kb.reindexing.get(id)
    assert job.state == JobState.FAILED
    assert "missing" in job.error


def test_an_unknown_job_is_not_found(kb):
    for act in (kb.reindexing.get, kb.reindexing.cancel):
        with pytest.raises(NotFound):
            act("unknown")


def test_questions_are_answered_while_a_job_runs(filled, slow):
    id = filled.reindexing.start("slow")
    before = answers(filled, ACMES)
    written = resolve(filled, "T-new", "Scanner broken", "Replaced the scanner by a new one")
    assert suggest(filled, "Scanner broken").solutions[0].solution.ref.id == written.solution_id
    filled.tickets.erase(ACME, "T-new")
    assert _ids(answers(filled, ACMES)) == _ids(before)
    slow.go_on.set()
    _within(30, lambda: filled.reindexing.get(id).state == JobState.DONE)
