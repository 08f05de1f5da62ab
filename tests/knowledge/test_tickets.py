import pytest

from kbsearch.errors import InvalidInput, NotFound, RevisionNotReached
from kbsearch.model import SHARED, DocumentKind, Scope, SolutionRef, Ticket, TicketStatus, WriteBackOutcome
from knowledge.embedders import SynonymEmbedder
from knowledge.made import (
    ACME,
    ACMES,
    GLOBEX,
    GLOBEXS,
    answers,
    found,
    hits,
    put,
    ranked,
    resolve,
    resolved,
    said,
    suggest,
    suggested,
)


@pytest.mark.parametrize(
    ("asked", "subject", "fix"),
    [
        ("Printer offline", "Printer offline", "Restarted the print spooler service"),
        ("printers are offline", "Printer offline", "Restarted the print spooler service"),
        ("spooler restart", "Printer offline", "Restarted the print spooler service"),
        ("error 0x80070005", "Access denied with 0x80070005", "Gave the user the right to log on as a service"),
        ("srv-print01", "No connection to srv-print01.corp.local", "Renewed the certificate of the server"),
        ("Принтерът не печата", "Проблем с принтера", "Рестартирахме услугата за печат"),
        ("ne moga da vlqza v poshtata", "Не мога да вляза в пощата", "Сменихме изтеклата парола"),
    ],
)
def test_what_was_written_back_is_found_by_the_very_next_question(kb, asked, subject, fix):
    resolve(kb, "T-9", "Mailbox quota exceeded", "Raised the quota of the mailbox")
    written = resolve(kb, "T-1", subject, fix)
    assert ranked(kb, asked)[0][0] == written.solution_id
    assert found(kb, asked)[0] == "T-1"
    assert suggested(kb, subject)[0] == written.solution_id


def test_what_only_its_meaning_tells_is_found(open_base):
    kb = open_base(embedder=SynonymEmbedder())
    resolve(kb, "T-9", "mailbox quota", "raised quota of this mailbox")
    resolve(kb, "T-1", "projector", "replaced cable of projector")
    assert found(kb, "beamer")[0] == "T-1"
    assert ranked(kb, "beamer")[0][0] == kb.tickets.get(ACME, "T-1").solution.id


def test_what_only_its_words_tell_is_found(kb):
    """Its one passage lies behind hundreds of nearer ones."""
    desks = [(n, resolved(f"T-{n}", f"desk {n} has no light", f"changed lamp {n} near that desk")) for n in range(250)]
    list(kb.tickets.import_lines(ACME, desks))
    resolve(kb, "T-x", "the quick brown fox jumps over lazy dogs", "gave hotfix 0xDEADBEEF to everybody of us")
    assert "T-x" in found(kb, "light lamp desk near changed 0xDEADBEEF that has no", limit=300)


def test_writing_back_twice_equals_once(kb):
    first = resolve(kb)
    before, count = answers(kb, ACMES), kb.count()
    second = resolve(kb)
    assert (first.first_time, second.first_time) == (True, False)
    assert (second.solution_id, second.outcome, second.revision) == (first.solution_id, first.outcome, first.revision)
    assert (answers(kb, ACMES), kb.count()) == (before, count)


def test_writing_back_again_replaces(kb):
    resolve(kb, "T-1", "Printer offline", "Restarted the print spooler service")
    second = resolve(kb, "T-1", "Scanner broken", "Replaced the scanner by a new one")
    assert not second.first_time
    assert said(kb, "spooler") == said(kb, "printer") == []
    assert said(kb, "scanner") == ["T-1"]
    assert suggested(kb, "Scanner broken") == [second.solution_id]
    assert kb.tickets.get(ACME, "T-1").ticket.subject == "Scanner broken"


def test_the_same_fix_makes_one_solution(kb):
    first = resolve(kb, "T-1", "Printer offline", "Restarted the print spooler service")
    second = resolve(kb, "T-2", "Nothing prints", "restarted the print-spooler service!")
    assert (first.outcome, second.outcome) == (WriteBackOutcome.CREATED, WriteBackOutcome.LINKED)
    assert first.solution_id == second.solution_id
    [solution] = suggest(kb).solutions
    assert (solution.solution.evidence.tickets, solution.solution.evidence.solved) == (2, 2)


def test_a_fix_that_an_article_describes_is_linked_to_it(kb):
    put(kb, "printer", "Printer offline", "Restart the print spooler service")
    assert resolve(kb, "T-1", "Printer dead", "Restart the print spooler service").solution_id == "printer"
    assert suggested(kb) == ["printer"]


def test_a_named_solution_is_linked(kb):
    put(kb, "printer", tenant=SHARED)
    written = resolve(kb, "T-1", "Nothing prints", "done", solution_id="printer")
    assert (written.outcome, written.solution_id) == (WriteBackOutcome.LINKED, "printer")
    assert kb.tickets.get(ACME, "T-1").solution == SolutionRef(SHARED, "printer")
    assert suggested(kb, "Nothing prints") == ["printer"]


def test_a_solution_that_cannot_be_seen_is_refused(kb):
    put(kb, "printer", tenant=GLOBEX)
    for id in ("printer", "unknown"):
        with pytest.raises(InvalidInput) as raised:
            resolve(kb, "T-1", solution_id=id)
        assert raised.value.pointer == "/solution_id"
    with pytest.raises(NotFound):
        kb.tickets.get(ACME, "T-1")
    assert kb.revision(ACMES) == 0


def test_a_resolution_that_tells_nothing_waits_for_review(kb):
    written = resolve(kb, "T-1", "Printer offline", "Fixed, thank you")
    assert (written.outcome, written.solution_id) == (WriteBackOutcome.NEEDS_REVIEW, None)
    assert suggested(kb) == []
    assert found(kb, "printer") == ["T-1"]


def test_similar_solutions_are_reported(kb):
    put(kb, "printer", "Printer offline", "Restart the spooler")
    similar = resolve(kb, "T-1", "Printer offline", "Replaced the network cable").similar
    assert [one.solution_id for one in similar] == ["printer"]
    assert similar[0].title == "Printer offline"


def test_personal_data_is_not_stored(kb):
    written = resolve(
        kb,
        "T-1",
        "Mail for ivan@example.com",
        "Set password: Zima2024! and called 0888 123 456",
        ticket={"description": "IBAN BG80BNBG96611020345678", "environment": ("host of maria@example.com",)},
        cause="ЕГН 7523169263 was used",
    )
    assert written.redacted == {"email": 2, "secret": 1, "phone": 1, "iban": 1, "egn": 1}
    stored = kb.tickets.get(ACME, "T-1")
    assert stored.ticket.subject == "Mail for <EMAIL>"
    assert stored.ticket.description == "IBAN <IBAN>"
    assert stored.ticket.environment == ("host of <EMAIL>",)
    assert stored.resolution.text == "Set password: <SECRET> and called <PHONE>"
    assert stored.resolution.cause == "ЕГН <EGN> was used"
    assert "ivan" not in _whole_store(kb)


def test_a_reopened_ticket_is_found_no_more_and_counts_as_failed(kb):
    written = resolve(kb, "T-1")
    resolve(kb, "T-2", "Nothing prints")
    kb.tickets.reopen(ACME, "T-1")
    assert "T-1" not in found(kb, "Printer offline")
    assert kb.tickets.get(ACME, "T-1").status == TicketStatus.REOPENED
    [solution] = suggest(kb, "Nothing prints").solutions
    evidence = solution.solution.evidence
    assert (solution.solution.ref.id, evidence.tickets, evidence.solved, evidence.failed) == (
        written.solution_id, 2, 1, 1,
    )  # fmt: skip


def test_reopening_twice_equals_once(kb):
    resolve(kb)
    revision = kb.tickets.reopen(ACME, "T-1")
    assert kb.tickets.reopen(ACME, "T-1") == revision


def test_a_reopened_ticket_can_be_resolved_again(kb):
    first = resolve(kb)
    kb.tickets.reopen(ACME, "T-1")
    second = resolve(kb)
    assert second.revision > first.revision
    assert found(kb, "printer") == ["T-1"]
    assert suggested(kb) == [first.solution_id]


def test_an_unknown_ticket_is_not_found(kb):
    resolve(kb, tenant=GLOBEX)
    for act in (kb.tickets.get, kb.tickets.reopen, kb.tickets.erase):
        with pytest.raises(NotFound):
            act(ACME, "T-1")
    assert found(kb, "printer", GLOBEXS) == ["T-1"]


def _whole_store(kb):
    """The text of every row of every table, and the terms of the lexical index."""
    with kb.store.read() as tx:
        tables = [row["name"] for row in tx.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        own = [name for name in tables if not name.endswith(("_data", "_idx", "_docsize", "_config"))]
        return "\n".join(repr(tuple(row)) for name in own for row in tx.rows(f'SELECT * FROM "{name}"'))


def test_an_erased_ticket_leaves_no_trace(kb):
    resolve(kb, "T-1", "Zyxwvut offline", "Qwertz the printer spooler", cause="Yxcvb")
    suggest(kb, "Zyxwvut offline", id="T-1")
    resolve(kb, "T-2", "Mailbox full", "Raised the quota of the mailbox")
    kb.tickets.erase(ACME, "T-1")
    assert "T-1" not in found(kb, "Zyxwvut offline")
    assert said(kb, "Zyxwvut") == said(kb, "Qwertz") == []
    with pytest.raises(NotFound):
        kb.tickets.get(ACME, "T-1")
    left = _whole_store(kb).casefold()
    assert not [word for word in ("zyxwvut", "qwertz", "yxcvb") if word in left]
    assert found(kb, "mailbox") == ["T-2"]


def test_an_erased_ticket_leaves_no_words_in_a_solution_that_others_use(kb):
    written = resolve(kb, "T-1", "Mrs Zyxwvut cannot print", "Restarted the print spooler service", cause="Yxcvb")
    resolve(kb, "T-2", "Printer offline", "Restarted the print spooler service")
    kb.tickets.erase(ACME, "T-1")
    assert suggested(kb) == [written.solution_id]
    left = _whole_store(kb).casefold()
    assert not [word for word in ("zyxwvut", "yxcvb") if word in left]


def test_the_revision_can_be_waited_for(kb):
    written = resolve(kb)
    assert kb.suggest(ACMES, Ticket("printer"), min_revision=written.revision).revision == written.revision
    assert kb.search(ACMES, "printer", min_revision=written.revision)[0]
    with pytest.raises(RevisionNotReached) as raised:
        kb.suggest(ACMES, Ticket("printer"), min_revision=written.revision + 1)
    assert (raised.value.wanted, raised.value.current) == (written.revision + 1, written.revision)
    with pytest.raises(RevisionNotReached):
        kb.search(ACMES, "printer", min_revision=written.revision + 1)


# -- imports -----------------------------------------------------------------------------------------------


def _lines(count, start=0):
    texts = [("Printer offline", "Restarted the spooler service"), ("vpn drops", "Updated the vpn client software")]
    return [(n + 1, resolved(f"T-{n}", *texts[n % 2], minutes_spent=n)) for n in range(start, count)]


def test_an_import_equals_writing_back_one_by_one(kb, open_base, tmp_path):
    other = open_base(tmp_path / "other")
    for _, one in _lines(45):
        other.tickets.resolve(ACME, one)
    *_, report = kb.tickets.import_lines(ACME, _lines(45))
    assert (report.accepted, report.unchanged, report.errors) == (45, 0, ())
    assert report.revision == kb.revision(ACMES)
    assert answers(kb, ACMES) == answers(other, ACMES)


def test_importing_again_changes_nothing(kb):
    list(kb.tickets.import_lines(ACME, _lines(40)))
    before, revision = answers(kb, ACMES), kb.revision(ACMES)
    *_, report = kb.tickets.import_lines(ACME, _lines(40))
    assert (report.accepted, report.unchanged, report.revision) == (40, 40, revision)
    assert answers(kb, ACMES) == before


def test_each_reported_batch_is_stored(kb):
    for report in kb.tickets.import_lines(ACME, _lines(80)):
        assert kb.count()[0] == report.accepted
        assert kb.tickets.get(ACME, f"T-{report.accepted - 1}")


def test_broken_lines_are_reported_and_the_others_stored(kb):
    lines = [
        (1, resolved("T-1")),
        (2, "this is not JSON"),
        (5, resolved("T-2", solution_id="unknown")),
        (7, resolved("T-3")),
    ]
    [report] = kb.tickets.import_lines(ACME, lines)
    assert report.accepted == 2
    assert [line for line, _ in report.errors] == [2, 5]
    assert sorted(found(kb, "printer")) == ["T-1", "T-3"]


def test_an_id_that_comes_again_replaces(kb):
    lines = [(1, resolved("T-1")), (2, resolved("T-1", "Scanner broken", "Replaced the scanner by a new one"))]
    list(kb.tickets.import_lines(ACME, lines))
    assert said(kb, "scanner") == ["T-1"]
    assert said(kb, "printer") == []


def test_an_empty_import_reports_nothing(kb):
    assert list(kb.tickets.import_lines(ACME, [])) == []


def test_tickets_of_one_tenant_are_found_by_it_only(kb):
    resolve(kb, tenant=ACME)
    for scope, expected in ((ACMES, ["T-1"]), (GLOBEXS, []), (Scope(SHARED), [])):
        assert [hit.id for hit in hits(kb, "Printer offline", scope, kind=DocumentKind.TICKET)] == expected


def test_when_a_reply_went_out_is_kept(kb, clock):
    resolve(kb, "T-replied", ticket={"responded_at": clock.now})
    assert kb.tickets.get(ACME, "T-replied").ticket.responded_at == clock.now
