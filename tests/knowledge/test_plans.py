"""How SQLite finds what a question and a write-back read: by keys, so that their cost does not grow with the desk.

A plan depends on the schema alone here: the store keeps no statistics.
"""

from __future__ import annotations

import re

from statements import counted_statements

from kbsearch.model import Feedback, FeedbackOutcome, Ticket
from knowledge.made import ACME, ACMES, found, put, resolve, resolved, suggest

_GROWING = ("tickets", "solutions", "articles", "documents", "passages", "changes", "feedback", "suggestions")
_WHOLE_SHARE = re.compile(r"SEARCH (\w+) .*\((?:tenant=\?(?: AND (?:status|state|kind)=\?)*|generation=\?)\)")
"""An index of which only columns are used that most rows of a tenant share."""


def _is_wasteful(step, sql):
    if scanned := re.match(r"SCAN (\w+)", step):
        return scanned[1] in _GROWING
    shared = _WHOLE_SHARE.match(step)
    return shared is not None and shared[1] in _GROWING and " LIMIT " not in sql  # the first few in the index's order


def test_questions_and_write_backs_read_by_keys(open_base, monkeypatch):
    with counted_statements(monkeypatch) as run:
        base = open_base()
        for number in range(3):
            resolve(base, f"T-{number}", f"Printer {number} offline", "Restarted the print spooler service")
        put(base, "printer", "Printer offline", "Restart the spooler")
        for _ in base.tickets.import_lines(ACME, enumerate([resolved("T-9", "Scanner broken", "Replaced it all")])):
            pass
        run.clear()
        answer = suggest(base)
        resolve(base, "T-3", "Printer 3 offline", "Restarted the print spooler service", solution_id="printer")
        resolve(base, "T-3", "Printer 3 offline", "Restarted the print spooler service", solution_id="printer")
        resolve(base, "T-4", "Plotter beeps", "Updated the firmware of the plotter")
        solution = answer.solutions[0].solution.ref.id
        base.give_feedback(ACME, Feedback(answer.id, solution, FeedbackOutcome.SOLVED, "ani"))
        base.tickets.unlink(ACME, "T-3", "ani")
        base.tickets.link(ACME, "T-3", "printer", "lead")
        base.tickets.reopen(ACME, "T-4")
        base.tickets.erase(ACME, "T-2")
        put(base, "printer", "Printer offline", "Restart the spooler twice")
        put(base, "other", "Printer is offline", "Restart the spooler twice")
        base.articles.merge(ACME, "other", "printer", "ani")
        base.articles.unmerge(ACME, "other")
        base.articles.delete(ACME, "other")
        for _ in base.tickets.import_lines(ACME, enumerate([resolved("T-9", "Scanner broken", "Cleaned the glass")])):
            pass
        base.suggest(ACMES, Ticket("Plotter beeps"), limit=5)
        found(base, "printer", limit=5)
        statements = {one for one in run if one.startswith(("SELECT", "UPDATE", "DELETE", "WITH"))}
    with base.store.read() as tx:
        plans = {
            sql: [row["detail"] for row in tx.connection.execute(f"EXPLAIN QUERY PLAN {sql}")] for sql in statements
        }
    assert len(plans) > 20
    wasteful = {
        sql[:200]: steps for sql, plan in plans.items() if (steps := [step for step in plan if _is_wasteful(step, sql)])
    }
    assert not wasteful
