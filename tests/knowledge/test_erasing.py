"""What is erased is in no file of the data folder: not its words, nor its vectors, nor hashes of its words."""

import shutil
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbsearch.errors import NotFound
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.writing.drafts import DraftFrom, draft
from kbsearch.model import SHARED, ArticleState, DocumentKind, Feedback, FeedbackOutcome, RedactionPolicy, Scope, Ticket
from kbsearch.store import learned
from kbsearch.store.learned import StoredLearned
from knowledge.made import ACME, ACMES, GLOBEX, found, put, resolve, resolved, said, suggest
from scripts.harness.residue import Traces, residue, traces

WORDS = ("Zyxwvutabc", "Qwertzuiop", "Yxcvbnmasd", "Пщъбдсртаж")
SUBJECT, FIX, CAUSE = f"{WORDS[0]} offline", f"{WORDS[1]} the {WORDS[3]} spooler", f"{WORDS[2]} was full"


def _fill(kb, count=40, tenant=ACME, start=0):
    lines = [
        (n, resolved(f"T-{n}", f"Door {n} is stuck", f"Oiled hinge {n} and adjusted the closer {n * 7} of the door"))
        for n in range(start, start + count)
    ]
    list(kb.tickets.import_lines(tenant, lines))


def _resolve(kb, id="T-x", tenant=ACME):
    """A ticket with words that nothing else has, in two versions."""
    resolve(kb, id, f"{SUBJECT} in the first version", FIX, tenant=tenant, cause=CAUSE)
    resolve(kb, id, SUBJECT, FIX, tenant=tenant, cause=CAUSE, ticket={"description": f"Since today {WORDS[0]} fails"})
    return traces(kb.store, tenant, DocumentKind.TICKET, id, WORDS)


def _purged(kb, tries=1):
    assert kb.purges.pending() is not None
    for _ in range(tries - 1):
        kb.purges.run()
    assert kb.purges.run()
    assert kb.purges.pending() is None


def test_what_is_looked_for_is_found_while_it_is_there(kb, folder):
    _fill(kb)
    erased = _resolve(kb)
    kb.close()
    left = residue(folder, [erased])
    assert {one.partition(":")[2].strip() for one in left} == {
        "a vector", *(f"the word {word}" for word in WORDS),
        *(f"the hash of {word}" for word in WORDS if word not in CAUSE),
    }  # fmt: skip
    assert {one.partition(":")[0].rpartition(".")[2] for one in left} >= {"sqlite3", "flat", "terms"}


def test_an_erased_ticket_is_in_no_file(kb, folder):
    kb.redaction.set_policy(ACME, RedactionPolicy(keep_raw=True))
    _fill(kb)
    erased = _resolve(kb)
    put(kb, "door", "Doors", "Oil the hinges of the door")
    shown = suggest(kb, SUBJECT, id="T-x")
    [first, *_] = shown.solutions
    for outcome in (FeedbackOutcome.HELPFUL, FeedbackOutcome.WRONG):
        kb.give_feedback(ACME, Feedback(shown.id, first.solution.ref.id, outcome, "anna", f"{WORDS[2]} was it"))
    kb.draft(ACME, "begun", DraftFrom(suggestion_id=shown.id))
    kb.draft(ACME, "begun too", DraftFrom(ticket_id="T-x"))
    kb.tickets.erase(ACME, "T-x")
    _purged(kb)
    assert residue(folder, [erased]) == []
    assert found(kb, "door")
    kb.close()
    assert residue(folder, [erased]) == []


@pytest.mark.parametrize("when", ["at once", "after the suggestion is removed by age", "never written back"])
def test_comments_about_a_ticket_are_erased_with_it(kb, folder, clock, when):
    put(kb, "door", "Doors", "Oil the hinges of the door")
    put(kb, "gate", "Gates", "Oil the hinges of the gate", tenant=SHARED)
    if when != "never written back":
        _resolve(kb, "T-x")
    shown = suggest(kb, "Oil the hinges", id="T-x")
    assert {"door", "gate"} <= {one.solution.ref.id for one in shown.solutions}
    for solution, outcome in (("door", FeedbackOutcome.WRONG), ("gate", FeedbackOutcome.OUTDATED)):
        kb.give_feedback(ACME, Feedback(shown.id, solution, outcome, "anna", f"Mrs {WORDS[0]} says {WORDS[1]}"))
    other = suggest(kb, "Oil the hinges", id="T-y")
    kb.give_feedback(ACME, Feedback(other.id, "door", FeedbackOutcome.WRONG, "boris", "the hinge is of plastic"))
    if when == "after the suggestion is removed by age":
        with kb.store.write() as tx:
            tx.execute("DELETE FROM suggestions")
    kb.tickets.erase(ACME, "T-x")
    _purged(kb)
    assert residue(folder, [Traces(WORDS)]) == []
    assert [(flag.solution_id, flag.agent) for flag in kb.articles.flags(ACMES)] == [("door", "boris")]
    with pytest.raises(NotFound):
        kb.tickets.erase(ACME, "T-x")


def test_it_is_in_no_file_after_a_snapshot_a_restart_and_a_reindex(open_base, folder):
    kb = open_base()
    _fill(kb)
    erased = [_resolve(kb)]
    kb.close()
    kb = open_base()
    kb.reindexing.run("other", lambda done, total, left: False)
    erased.append(traces(kb.store, ACME, DocumentKind.TICKET, "T-x", WORDS))
    kb.tickets.erase(ACME, "T-x")
    kb.close()
    assert residue(folder, erased) == []
    kb = open_base()
    assert kb.purges.run()
    _fill(kb, 5, start=100)
    kb.close()
    assert residue(folder, erased) == []


def test_what_another_process_holds_does_not_come_back(open_base, folder):
    one, other = open_base(), open_base()
    _fill(one)
    erased = _resolve(one)
    assert said(other, WORDS[0]) == ["T-x"]
    one.tickets.erase(ACME, "T-x")
    _purged(one)
    assert residue(folder, [erased]) == []
    other.close()  # it has asked nothing since, and saves what it holds
    assert residue(folder, [erased]) == []
    third = open_base()
    assert said(third, WORDS[0]) == []
    assert len(found(third, "door hinge")) == 40


def test_files_that_a_killed_process_left_go_at_the_next_start(open_base, folder, tmp_path):
    kb = open_base()
    _fill(kb)
    erased = _resolve(kb)
    kb.close()
    shutil.copytree(folder / "index", tmp_path / "left")
    kb = open_base()
    kb.tickets.erase(ACME, "T-x")
    kb.close()
    shutil.copytree(tmp_path / "left", folder / "index", dirs_exist_ok=True)
    assert residue(folder, [erased])
    kb = open_base()
    assert kb.purges.run()
    assert residue(folder, [erased]) == []
    assert len(found(kb, "door hinge")) == 40
    kb.close()
    assert residue(folder, [erased]) == []


def test_a_reader_keeps_nobody_waiting_and_the_purge_waits_for_it(kb, folder):
    _fill(kb)
    erased = _resolve(kb)
    with kb.store.read() as tx:
        tx.row("SELECT count(*) FROM tickets")
        started = time.monotonic()
        kb.tickets.erase(ACME, "T-x")
        kb.redaction.set_policy(ACME, RedactionPolicy())
        assert not kb.purges.run()
        resolve(kb, "T-new", "Window is stuck", "Oiled the window")
        assert time.monotonic() - started < 10  # a writer that waited for the reader gave up after 30 s
        assert kb.purges.pending() is not None
        assert residue(folder, [erased]) == [one for one in residue(folder, [erased]) if "-wal" in one] != []
    _purged(kb)
    assert residue(folder, [erased]) == []


def test_others_write_while_a_purge_runs(kb, folder):
    _fill(kb, 400)
    erased = _resolve(kb)
    kb.tickets.erase(ACME, "T-x")
    written = []

    def write():
        for number in range(20):
            resolve(kb, f"T-w{number}", f"Window {number} is stuck", f"Oiled the window {number}")
            written.append(number)

    thread = threading.Thread(target=write)
    thread.start()
    while not kb.purges.run():
        time.sleep(0.01)
    thread.join()
    assert len(written) == 20
    while not kb.purges.run():
        time.sleep(0.01)
    assert residue(folder, [erased]) == []


def test_an_erased_article_is_in_no_file(kb, folder):
    _fill(kb)
    put(kb, "a", SUBJECT, FIX, cause=CAUSE, tags=(WORDS[0],))
    erased = traces(kb.store, ACME, DocumentKind.ARTICLE, "a", WORDS)
    kb.articles.flag(ACME, "a", "f-1", WORDS[1], "anna", WORDS[2])
    resolve(kb, "T-1", "Nothing prints", "done", solution_id="a")
    kb.articles.delete(ACME, "a")
    _purged(kb)
    assert residue(folder, [erased]) == []


def test_a_ticket_that_comes_again_is_found_and_can_be_erased_again(open_base, folder):
    kb = open_base()
    _fill(kb)
    for _ in range(2):
        erased = _resolve(kb)
        assert said(kb, WORDS[0]) == ["T-x"]
        kb.tickets.erase(ACME, "T-x")
        assert said(kb, WORDS[0]) == []
        kb.close()
        assert residue(folder, [erased]) == []
        kb = open_base()
    _resolve(kb)
    kb.close()
    kb = open_base()
    assert said(kb, WORDS[0]) == ["T-x"]


def test_a_draft_that_was_finished_stays_and_is_named(kb):
    _resolve(kb)
    for id in ("begun", "finished"):
        kb.draft(ACME, id, DraftFrom(ticket_id="T-x"))
    put(kb, "finished", "Printer offline", "Restart the spooler")
    put(kb, "other", state=ArticleState.WIP)
    erased, _ = kb.tickets.erase(ACME, "T-x")
    assert (erased.drafts, erased.articles_to_review) == (("begun",), ("finished",))
    with pytest.raises(NotFound):
        kb.articles.get(Scope(ACME), "begun")
    assert kb.articles.get(Scope(ACME), "finished").article.title == "Printer offline"
    assert kb.articles.get(Scope(ACME), "other").article.state == "wip"


@pytest.mark.parametrize("seed", ["suggestion", "ticket"])
def test_a_draft_is_erased_with_a_ticket_of_which_nothing_else_is_left(kb, folder, seed):
    put(kb, "door", "Doors", "Oil the hinges of the door")
    shown = suggest(kb, SUBJECT, id="T-x")
    begun_with = (
        DraftFrom(suggestion_id=shown.id) if seed == "suggestion" else DraftFrom(ticket=Ticket(SUBJECT, id="T-x"))
    )
    kb.draft(ACME, "begun", begun_with)
    with kb.store.write() as tx:
        for table in ("suggestions", "asked_tickets"):  # as by age
            tx.execute(f"DELETE FROM {table}")
    erased, _ = kb.tickets.erase(ACME, "T-x")
    assert erased.drafts == ("begun",)
    _purged(kb)
    assert residue(folder, [Traces(WORDS[:1])]) == []
    with pytest.raises(NotFound):
        kb.tickets.erase(ACME, "T-x")


def test_a_draft_with_the_text_of_a_solution_is_erased_with_the_ticket_that_formed_it(kb, folder):
    formed = resolve(kb, "T-x", SUBJECT, FIX, cause=CAUSE)
    resolve(kb, "T-y", "The same again", FIX)
    shown = suggest(kb, "Something prints nothing", id="T-z")
    kb.draft(ACME, "begun", DraftFrom(suggestion_id=shown.id, solution_id=formed.solution_id))
    kb.tickets.erase(ACME, "T-y")
    assert kb.articles.get(ACMES, "begun").article.cause == CAUSE
    erased, _ = kb.tickets.erase(ACME, "T-x")
    assert erased.drafts == ("begun",)
    _purged(kb)
    assert residue(folder, [Traces(WORDS)]) == []


def test_a_draft_that_is_put_while_its_ticket_is_erased_does_not_bring_it_back(kb, folder):
    for id in ("T-x", "T-y"):
        resolve(kb, id, SUBJECT, FIX, cause=CAUSE)
    asked = suggest(kb, SUBJECT)
    unnamed = suggest(kb, "Doors")
    resolve(kb, "T-w", "Doors", "Oiled the hinges", suggestion_id=unnamed.id)
    seeds = [DraftFrom(ticket_id="T-x"), DraftFrom(suggestion_id=asked.id), DraftFrom(suggestion_id=unnamed.id)]
    for seed in seeds[1:]:
        kb.draft(ACME, f"of {seed.suggestion_id}", seed)  # awaits that the suggestion is written
    now = kb.store.clock()
    with kb.store.read() as tx:
        drafted = [
            draft(tx, ACMES, f"begun-{n}", seed, kb.redaction.of_tickets(ACME), now) for n, seed in enumerate(seeds)
        ]
    for id in ("T-x", "T-w"):
        kb.tickets.erase(ACME, id)
    for (article, sources), is_left in zip(drafted, (False, True, False), strict=True):
        if is_left:
            kb.articles.add(ACME, article, drafted_from=sources)
        else:
            with pytest.raises(NotFound):
                kb.articles.add(ACME, article, drafted_from=sources)


def test_comments_on_a_suggestion_that_is_gone_go_with_the_ticket_that_was_solved_by_it(kb, folder):
    put(kb, "door", "Doors", "Oil the hinges of the door")
    shown, other = suggest(kb, "Oil the hinges"), suggest(kb, "Oil the hinges", id="T-y")
    for one, comment in ((shown, f"Mrs {WORDS[0]}"), (other, "of plastic")):
        kb.give_feedback(ACME, Feedback(one.id, "door", FeedbackOutcome.WRONG, "anna", comment))
    for id, suggestion in (("T-x", shown.id), ("T-w", other.id)):
        resolve(kb, id, SUBJECT, FIX, suggestion_id=suggestion)
    with kb.store.write() as tx:
        tx.execute("DELETE FROM suggestions")  # as by age
    for id in ("T-x", "T-w"):
        kb.tickets.erase(ACME, id)
    _purged(kb)
    assert residue(folder, [Traces(WORDS[:1])]) == []
    assert [flag.comment for flag in kb.articles.flags(ACMES)] == ["of plastic"]


def test_of_a_shared_solution_that_another_tenant_uses_no_word_stays(kb, folder):
    shared = resolve(kb, "S-1", SUBJECT, FIX, tenant=SHARED, cause=CAUSE)
    erased = traces(kb.store, SHARED, DocumentKind.TICKET, "S-1", WORDS)
    resolve(kb, "T-1", "Nothing prints", "Restarted the printer", tenant=GLOBEX, solution_id=shared.solution_id)
    kb.tickets.erase(SHARED, "S-1")
    _purged(kb)
    assert residue(folder, [erased]) == []
    assert kb.tickets.get(GLOBEX, "T-1").solution.tenant == GLOBEX


def test_what_was_learned_from_an_erased_ticket_is_learned_again(kb, folder):
    _fill(kb)
    _resolve(kb)
    before = bytes(range(256)) * (2 * 64 * 64 // 256)
    with kb.store.write() as tx:
        learned.put(tx, ACME, StoredLearned(kb.model_id, None, before, "{}"))
        learned.put(tx, GLOBEX, StoredLearned(kb.model_id, None, before, "{}"))
    kb.tickets.erase(ACME, "T-x")
    _purged(kb)
    with kb.store.read() as tx:
        assert learned.get(tx, ACME).matrix not in (None, before)
        assert learned.get(tx, GLOBEX).matrix == before


@given(
    st.lists(
        st.tuples(st.sampled_from(["resolve", "erase", "save", "open again", "purge"]), st.integers(0, 4)),
        min_size=5, max_size=25,
    )
)  # fmt: skip
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_nothing_of_what_was_erased_is_left(tmp_path_factory, open_base, steps):
    folder = tmp_path_factory.mktemp("law")
    kb: KnowledgeBase = open_base(folder)
    there: dict[int, list[Traces]] = {}
    gone: list[Traces] = []
    version = 0
    for what, number in steps:
        id = f"T-{number}"
        if what == "resolve":
            version += 1
            words = (f"Zyxwvutab{number}x{version:03}q", f"Qwertzuiop{number}x{version:03}z")
            resolve(kb, id, f"{words[0]} offline", f"Restarted the {words[1]} spooler")
            there.setdefault(number, []).append(traces(kb.store, ACME, DocumentKind.TICKET, id, words))
        elif what == "erase" and number in there:
            kb.tickets.erase(ACME, id)
            gone += there.pop(number)
        elif what == "open again":
            kb.close()
            kb = open_base(folder)
        elif what == "save":
            kb._generations.save()
        else:
            assert kb.purges.run()
            assert residue(folder, gone) == []
    kb.close()
    assert residue(folder, gone) == []
    for number, versions in there.items():
        assert residue(folder, versions[-1:]), number
