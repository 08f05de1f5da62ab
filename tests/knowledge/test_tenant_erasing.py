"""Of an erased tenant nothing is left in any table and in any file; other tenants notice nothing."""

import sqlite3
import threading
from datetime import datetime, timedelta

import numpy as np
import pytest

from kbsearch.errors import InvalidInput, KBSearchError, NotFound
from kbsearch.knowledge.tenant_erasing import erase_tenant
from kbsearch.knowledge.writing.drafts import DraftFrom
from kbsearch.model import SHARED, Feedback, FeedbackOutcome, Key, RedactionPolicy, Role, Scope, TenantId
from kbsearch.store import audit, boilerplate, holdings, idempotency, inbox, keys, learned, learning
from kbsearch.store.inbox import MessageState
from kbsearch.store.learned import StoredLearned
from kbsearch.store.learning import Learnt
from kbsearch.store.sqlite.files import FILE_NAME
from knowledge.made import ACME, ACMES, GLOBEX, GLOBEXS, answers, found, put, resolve, resolved, said, suggest
from scripts.harness.residue import Traces, residue

WORDS = ("Zyxwvutabc", "Qwertzuiop", "Yxcvbnmasd", "Пщъбдсртаж", "Wvutsrqpom")
SUBJECT, FIX, CAUSE, COMPANY = (
    f"{WORDS[0]} offline", f"{WORDS[1]} the {WORDS[3]} spooler", f"{WORDS[2]} was full", WORDS[4],
)  # fmt: skip
AGENT = "anna"  # the ids of flags, which the audit log keeps, hold it
STEPS = f"Remove the old {WORDS[0]} driver. Install the new one. Restart the computer. Print a page."
MATRIX = np.random.default_rng(7).random((64, 64)).astype("<f2").tobytes()


def _fill(kb, tenant):
    """Something in every table."""
    kb.redaction.set_policy(tenant, RedactionPolicy(keep_raw=True, words=(COMPANY,)))
    resolve(kb, "T-1", SUBJECT, FIX, tenant=tenant, cause=CAUSE, resolved_by=AGENT)
    resolve(kb, "T-2", f"{SUBJECT} again", FIX, tenant=tenant, cause=CAUSE)
    resolve(kb, "T-3", f"Door {WORDS[2]}", "Oiled the hinges of the door", tenant=tenant)
    kb.tickets.reopen(tenant, "T-3")
    put(kb, "one", SUBJECT, STEPS, tenant=tenant)
    put(kb, "one", SUBJECT, f"{STEPS} {WORDS[1]}", tenant=tenant)
    put(kb, "two", f"{SUBJECT} now", STEPS, tenant=tenant)
    kb.proposals.catch_up()
    put(kb, "three", "Mailbox full", f"Raise the quota of {WORDS[2]}", tenant=tenant)
    put(kb, "four", "Mailbox is full", f"Raise the quota for {WORDS[2]}", tenant=tenant)
    kb.articles.merge(tenant, "three", "four", AGENT)
    kb.articles.flag(tenant, "one", "f-1", WORDS[1], AGENT, WORDS[2])
    kb.tickets.unlink(tenant, "T-2", AGENT)
    kb.tickets.link(tenant, "T-2", "one", AGENT)
    shown = suggest(kb, SUBJECT, Scope(tenant), id="T-1")
    ref = shown.solutions[0].solution.ref
    kb.give_feedback(tenant, Feedback(shown.id, ref.id, FeedbackOutcome.WRONG, AGENT, WORDS[2]))
    kb.draft(tenant, "begun", DraftFrom(ticket_id="T-1"))
    resolve(kb, "T-5", f"Window {WORDS[0]}", "Oiled the window of the hall", tenant=tenant, level=2)
    kb.second_looks.look(tenant, 10)
    kb.words.put(tenant, WORDS[0], WORDS[1])
    with kb.store.write() as tx:
        answered = idempotency.Answered(b"digest", 200, WORDS[0])
        idempotency.put(tx, idempotency.AnswerName(tenant, "key", "k-1"), answered, tx.now - timedelta(1))
        learned.put(tx, tenant, StoredLearned(kb.model_id, None, MATRIX, "{}"))
        boilerplate.put(tx, tenant, bytes(16), 30)
        inbox.put(tx, "desk", f"d-{tenant}", WORDS[0].encode())
        [message] = inbox.take(tx, timedelta(minutes=1), 1)
        inbox.finish(tx, message, MessageState.DONE, "asked", tenant, f"created:{tenant}:T-1:0")
        learning.put(tx, tenant, Learnt(kb.model_id, 3, learning.KEPT, "{}", 1.0, 0, 0.0, 0.0, "2026-01-01"))


def _traces(kb, tenant):
    with kb.store.read() as tx:
        rows = tx.rows(
            "SELECT vector FROM passages JOIN documents ON documents.id = document WHERE tenant = ?", (tenant,)
        )
    return Traces(WORDS, (*(row["vector"] for row in rows), MATRIX))


def _others(kb):
    put(kb, "ours", "Printer offline", "Restart the spooler of the printer", tenant=GLOBEX)
    put(kb, "mail", "The mailbox is full", "Raise the quota", tenant=SHARED)
    resolve(kb, "G-1", "Printer is offline", "Restarted the printer", tenant=GLOBEX)
    resolve(kb, "G-2", "Mailbox is full", "done", tenant=GLOBEX, solution_id="mail")


def _erase(kb, tenant=ACME, **other):
    return erase_tenant(kb.store, kb.purges, tenant, **{"late_s": 0} | other)


def _with_tenant(folder, tenant):
    """The tables in which a row names the tenant, in whichever column."""
    db = sqlite3.connect(folder / FILE_NAME)
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    named = set()
    for table in tables:
        for _, column, *_ in db.execute(f'PRAGMA table_info("{table}")').fetchall():
            if column.endswith("tenant"):
                query = f'SELECT 1 FROM "{table}" WHERE "{column}" = ?'
                named |= {table} if db.execute(query, (tenant,)).fetchone() else set()
    db.close()
    return named


def test_nothing_of_it_is_left_in_any_table_and_any_file(open_base, folder):
    kb = open_base()
    _others(kb)
    _fill(kb, ACME)
    resolve(kb, "T-4", f"Mailbox {WORDS[0]} is full", WORDS[1], tenant=ACME, solution_id="mail")
    with kb.store.read() as tx:
        assert set(holdings.count(tx, ACME)) == set(holdings.tables(tx)), "this test fills every table"
    erased = _traces(kb, ACME)
    assert residue(folder, [erased])
    done = _erase(kb)
    assert done.purged
    assert {"tickets": 5, "articles": 5}.items() <= done.rows.items()
    assert _with_tenant(folder, ACME) <= holdings.KEPT
    assert residue(folder, [erased]) == []
    for word in WORDS:
        assert said(kb, word) == []
    kb.close()
    assert residue(folder, [erased]) == []
    assert said(open_base(), WORDS[0]) == []


def test_it_is_in_no_file_of_any_generation_and_of_no_other_process(open_base, folder):
    kb = open_base()
    _others(kb)
    _fill(kb, ACME)
    erased = [_traces(kb, ACME)]
    kb.close()
    kb, other = open_base(), open_base()
    kb.reindexing.run("other", lambda done, total, left: False)
    erased.append(_traces(kb, ACME))
    assert said(other, WORDS[0])
    assert _erase(kb).purged
    assert said(other, WORDS[0]) == []
    assert residue(folder, erased) == []
    other.close()
    kb.close()
    assert residue(folder, erased) == []


def test_other_tenants_are_answered_as_before(kb):
    _others(kb)
    before = answers(kb, GLOBEXS)
    shared = answers(kb, Scope(SHARED))
    _fill(kb, ACME)
    resolve(kb, "T-4", "Mailbox is full", "done", tenant=ACME, solution_id="mail")
    _erase(kb)
    assert answers(kb, GLOBEXS) == before
    assert answers(kb, Scope(SHARED)) == shared
    assert found(kb, "mailbox", ACMES) == found(kb, "mailbox", Scope(SHARED))


def test_a_second_time_there_is_nothing(kb):
    _fill(kb, ACME)
    assert not _erase(kb).nothing
    again = _erase(kb)
    assert again.nothing
    assert again.purged
    with kb.store.read() as tx:
        entries = audit.page(tx, audit.AuditFilter((ACME,), action="tenant.erased"), None, 10)
    assert [(one.tenant, one.subject) for one in entries] == [(ACME, "acme")]


def test_the_tenant_can_begin_again(kb):
    _fill(kb, ACME)
    _erase(kb)
    resolve(kb, "T-1", "Printer offline", "Restarted the print spooler service")
    assert said(kb, "spooler") == ["T-1"]
    assert kb.redaction.policy(ACME) == RedactionPolicy()


def test_keys_lose_the_tenant(kb):
    _fill(kb, ACME)
    held = {"own": (ACME,), "both": (ACME, GLOBEX), "theirs": (GLOBEX,), "every": None}
    with kb.store.write() as tx:
        for id, of in held.items():
            keys.put_new(tx, Key(id, id, Role.LEAD, of, datetime.fromisoformat("2026-01-01T00:00:00Z")), id.encode())
    done = _erase(kb)
    assert (done.keys_revoked, done.keys_narrowed) == (1, 1)
    with kb.store.read() as tx:
        after = {key.id: key for key in keys.every(tx)}
    assert {id for id, key in after.items() if key.revoked_at} == {"own"}
    assert {id: after[id].tenants for id in ("both", "theirs", "every")} == {
        "both": (GLOBEX,), "theirs": (GLOBEX,), "every": None,
    }  # fmt: skip


def test_shared_and_unknown_tenants_are_refused(kb):
    put(kb, tenant=SHARED)
    with pytest.raises(InvalidInput):
        _erase(kb, SHARED)
    with pytest.raises(NotFound):
        _erase(kb, TenantId("acmee"))
    assert found(kb, "printer", Scope(SHARED))


def test_what_another_process_writes_late_goes_too(open_base, folder):
    kb, other = open_base(), open_base()
    _fill(kb, ACME)
    suggest(other, SUBJECT, id="T-1")  # another process writes it two seconds later
    assert _erase(kb, late_s=4).purged
    other.close()
    assert _with_tenant(folder, ACME) <= holdings.KEPT


def test_others_write_meanwhile(kb):
    list(kb.tickets.import_lines(ACME, [(n, resolved(f"T-{n}", f"Door {n}", f"Oiled hinge {n}")) for n in range(700)]))
    failed = []

    def write():
        try:
            for number in range(20):
                resolve(kb, f"G-{number}", f"Window {number} is stuck", f"Oiled the window {number}", tenant=GLOBEX)
        except KBSearchError as error:
            failed.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    done = _erase(kb)
    thread.join()
    assert failed == []
    assert (done.rows["tickets"], done.purged) == (700, True)
    assert len(found(kb, "window", GLOBEXS)) == 20


def test_a_reader_delays_the_files_only(kb, folder):
    _fill(kb, ACME)
    erased = _traces(kb, ACME)
    with kb.store.read() as tx:
        tx.row("SELECT count(*) FROM tickets")
        assert not _erase(kb, wait_s=1).purged
    assert _erase(kb).purged
    assert residue(folder, [erased]) == []
