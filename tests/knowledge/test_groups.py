"""One row a solution: which tickets are grouped, how that is undone, what is merged and proposed."""

import pytest
from statements import counted_statements

from kbsearch.errors import Conflict, Forbidden, InvalidInput, NotFound, NothingToUndo
from kbsearch.model import SHARED, ArticleState, Feedback, FeedbackOutcome, Scope, Ticket, WriteBackOutcome
from kbsearch.store import solutions
from knowledge.made import ACME, ACMES, GLOBEX, GLOBEXS, found, put, ranked, resolve, resolved, suggest, suggested

CLEARED = (
    "Stop the print spooler service. Delete everything in the folder spool printers. Start the print spooler service "
    "again and print a test page."
)


def _solution(kb, id, tenant=ACME):
    return kb.tickets.get(tenant, id).solution


def _text(kb, id, tenant=ACME):
    with kb.store.read() as tx:
        [solution] = solutions.many(tx, Scope(tenant), [_solution(kb, id, tenant)]).values()
    return solution


# -- the same fix ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "retold",
    [
        "restarted the print-spooler service!",
        "Hi Ani,\n\nrestarted the print spooler service. Works now, thanks!\n\nBest regards,\nIvan Petrov\nIT Support",
        "Restart print spooler service",
        "I have restarted the print spooler service. All good now.",
    ],
)
def test_the_same_fix_is_linked_however_it_is_dressed(kb, retold):
    first = resolve(kb, "T-1", "Printer offline", "Restarted the print spooler service")
    second = resolve(kb, "T-2", "Nothing prints", retold)
    assert (second.outcome, second.solution_id) == (WriteBackOutcome.LINKED, first.solution_id)


@pytest.mark.parametrize(
    "other",
    [
        "Did not restart the print spooler service",
        "Restarted the print spooler service before the driver",
        "Stopped the print spooler service",
    ],
)
def test_a_word_that_turns_the_fix_around_makes_another_one(kb, other):
    first = resolve(kb, "T-1", "Printer offline", "Restarted the print spooler service")
    second = resolve(kb, "T-2", "Nothing prints", other)
    assert second.solution_id != first.solution_id


def test_what_is_copied_out_of_an_article_is_linked_to_it(kb):
    put(kb, "spooler", "Printer offline", CLEARED)
    excerpt = "Delete everything in the folder spool printers. Start the print spooler service again and"
    assert resolve(kb, "T-1", "Nothing prints", excerpt).solution_id == "spooler"


def test_what_redaction_takes_out_makes_no_other_fix(kb):
    fix = f"Write to helpdesk@acme.example and wait for an answer. {CLEARED}"
    put(kb, "spooler", "Printer offline", fix)
    assert resolve(kb, "T-1", "Nothing prints", fix).solution_id == "spooler"
    assert resolve(kb, "T-2", "No print", fix.rsplit(". ", 1)[0]).solution_id == "spooler"


def test_what_says_more_than_the_article_is_not_linked(kb):
    put(kb, "spooler", "Printer offline", CLEARED)
    written = resolve(kb, "T-1", "Nothing prints", f"{CLEARED} Then removed the driver of the old Lexmark.")
    assert (written.outcome, [one.solution_id for one in written.similar]) == (
        WriteBackOutcome.NEEDS_REVIEW, ["spooler"],
    )  # fmt: skip
    assert "Lexmark" in written.similar[0].differs


def test_an_excerpt_of_two_articles_is_linked_to_neither(kb):
    put(kb, "one", "Printer offline", CLEARED)
    put(kb, "two", "Printer dead", f"{CLEARED} Call the vendor if nothing helps.")
    excerpt = CLEARED.split(". ", 1)[1]
    assert resolve(kb, "T-1", "Nothing prints", excerpt).outcome == WriteBackOutcome.NEEDS_REVIEW


@pytest.mark.parametrize("said", ["See KB0012345.", "Solved as in https://kb.acme.example/articles/KB0012345#fix"])
def test_an_article_that_is_named_is_linked(kb, said):
    put(kb, "KB0012345", "Printer offline", CLEARED)
    written = resolve(kb, "T-1", "Nothing prints", said)
    assert (written.outcome, written.solution_id) == (WriteBackOutcome.LINKED, "KB0012345")


def test_an_article_of_another_tenant_is_never_linked(kb):
    put(kb, "KB0012345", "Printer offline", CLEARED, tenant=GLOBEX)
    for id, said in (("T-1", "See KB0012345."), ("T-2", CLEARED), ("T-3", CLEARED.split(". ", 1)[1])):
        written = resolve(kb, id, "Nothing prints", said)
        assert written.solution_id != "KB0012345"
        assert "KB0012345" not in [one.solution_id for one in written.similar]


def test_a_similar_fix_waits_for_review_and_is_found_at_once(kb):
    first = resolve(kb, "T-1", "Printer offline", "Restarted the print spooler service on port 515")
    second = resolve(kb, "T-2", "Nothing prints", "Restarted the print spooler service, cleared the queue on port 9100")
    assert second.outcome == WriteBackOutcome.NEEDS_REVIEW
    [similar] = second.similar
    assert similar.solution_id == first.solution_id
    assert similar.differs == ("Only the new resolution says: 9100, cleared, queue. Only the known one says: 515.")
    assert second.solution_id in suggested(kb, "Nothing prints")


def test_differences_are_described_in_the_tickets_language(kb):
    resolve(kb, "T-1", "Принтерът не печата", "Рестартирахме услугата за печат на сървъра")
    second = resolve(kb, "T-2", "Няма печат", "Рестартирахме услугата за печат на сървъра и изчистихме опашката")
    assert second.similar[0].differs == "Само новото решение казва: изчистихме, опашката."


def test_an_import_groups_as_write_backs_do(kb, open_base, tmp_path):
    put(kb, "spooler", "Printer offline", CLEARED)
    other = open_base(tmp_path / "other")
    put(other, "spooler", "Printer offline", CLEARED)
    fixes = [CLEARED, CLEARED.split(". ", 1)[1], "See spooler-2", "Changed the toner of it", "changed toner. Thanks!"]
    lines = [(n, resolved(f"T-{n}", f"Printer {n}", fix)) for n, fix in enumerate(fixes)]
    list(kb.tickets.import_lines(ACME, lines))
    for _, one in lines:
        other.tickets.resolve(ACME, one)
    groups = [[_solution(base, f"T-{n}") for n in range(len(fixes))] for base in (kb, other)]
    assert groups[0] == groups[1]
    assert len(set(groups[0])) == 3


def test_many_tickets_of_one_fix_crowd_no_other_solution_out(kb):
    put(kb, "quota", "Mailbox is full", "Raise the quota of the mailbox")
    same = [
        resolved(f"T-{n}", f"Printer offline mailbox {n}", "Restarted the print spooler service") for n in range(300)
    ]
    list(kb.tickets.import_lines(ACME, enumerate(same, start=1)))
    groups = kb.rank(ACMES, Ticket("Printer offline mailbox"))
    assert len(groups) == 2
    assert "quota" in [one.ref.id for one in groups]


# -- splitting -----------------------------------------------------------------------------------------------


def test_a_ticket_that_is_split_off_stays_apart(kb):
    first = resolve(kb, "T-1", "Printer offline", "Restarted the print spooler service")
    resolve(kb, "T-2", "Nothing prints", "Restarted the print spooler service")
    own, _ = kb.tickets.unlink(ACME, "T-2", "lead")
    assert own != first.solution_id
    assert {one.solution.evidence.tickets for one in suggest(kb, "Nothing prints").solutions} == {1}
    again = resolve(kb, "T-2", "Nothing prints at all", "restarted the print spooler service.")
    assert again.solution_id == own


def test_linking_puts_back_exactly_what_was_split(kb):
    resolve(kb, "T-1", "Printer offline", "Restarted the print spooler service")
    resolve(kb, "T-2", "Nothing prints", "Restarted the print spooler service")
    for id in ("T-1", "T-2"):
        before, rows = _solution(kb, id), ranked(kb, "Nothing prints")
        kb.tickets.unlink(ACME, id, "lead")
        assert _solution(kb, id) != before
        kb.tickets.link(ACME, id, before.id, "lead")
        assert _solution(kb, id) == before
        assert ranked(kb, "Nothing prints") == rows


def test_the_first_ticket_takes_its_words_along(kb):
    resolve(kb, "T-1", "Printer offline", "Restarted the print spooler service")
    resolve(kb, "T-2", "Nothing prints", "Restarted the print spooler service")
    kb.tickets.unlink(ACME, "T-1", "lead")
    for subject, id in (("Nothing prints", "T-2"), ("Printer offline", "T-1")):
        first = suggest(kb, subject).solutions[0].solution
        assert (first.title, first.evidence.examples) == (subject, (id,))


def test_a_ticket_that_leaves_its_solution_takes_its_words_along(kb):
    first = resolve(kb, "T-1", "Mrs Zyxwvut cannot print", "Restarted the print spooler service", cause="Yxcvb")
    resolve(kb, "T-2", "Nothing prints", "Restarted the print spooler service")
    resolve(kb, "T-1", "Paper is stuck", "Removed a sheet of paper from tray two")
    assert kb.tickets.get(ACME, "T-2").solution.id == first.solution_id
    one = _text(kb, "T-2")
    assert (one.title, one.cause) == ("Nothing prints", None)


def test_a_solution_is_not_formed_of_a_ticket_that_tells_nothing(kb):
    first = resolve(kb, "T-1", "Printer offline", "Restarted the print spooler service")
    resolve(kb, "T-2", "Nothing prints", "done", solution_id=first.solution_id)
    resolve(kb, "T-3", "It prints no page", "Restarted that print spooler service again", solution_id=first.solution_id)
    kb.tickets.erase(ACME, "T-1")
    assert _text(kb, "T-2").resolution == "Restarted that print spooler service again"
    kb.tickets.erase(ACME, "T-3")
    left = kb.tickets.get(ACME, "T-2")
    assert (left.solution, left.outcome) == (None, WriteBackOutcome.NEEDS_REVIEW)


def test_a_shared_solution_that_ends_leaves_each_tenant_its_own(kb):
    shared = resolve(kb, "S-1", "Mrs Zyxwvut cannot print", "Restarted the print spooler service", tenant=SHARED)
    for tenant in (ACME, GLOBEX):
        words = f"Restarted the spooler of {tenant}"
        resolve(kb, "T-1", f"Nothing prints at {tenant}", "done", tenant=tenant, solution_id=shared.solution_id)
        resolve(kb, "T-2", f"No page at {tenant}", words, tenant=tenant, solution_id=shared.solution_id)
    kb.tickets.erase(SHARED, "S-1")
    for tenant in (ACME, GLOBEX):
        refs = {kb.tickets.get(tenant, id).solution for id in ("T-1", "T-2")}
        assert [ref.tenant for ref in refs] == [tenant]
        with kb.store.read() as tx:
            assert solutions.find(tx, Scope(tenant), shared.solution_id) is None
        one = _text(kb, "T-1", tenant)
        assert (one.title, one.resolution) == (f"No page at {tenant}", f"Restarted the spooler of {tenant}")
        assert (one.evidence.tickets, one.evidence.solved) == (2, 2)


def test_a_ticket_alone_cannot_be_split_off(kb):
    resolve(kb)
    with pytest.raises(NothingToUndo):
        kb.tickets.unlink(ACME, "T-1", "lead")
    with pytest.raises(NotFound):
        kb.tickets.unlink(GLOBEX, "T-1", "lead")


def test_a_thin_ticket_that_is_split_off_has_no_solution(kb):
    put(kb)
    resolve(kb, "T-1", "Nothing prints", "done", solution_id="printer")
    assert kb.tickets.unlink(ACME, "T-1", "lead")[0] is None
    assert _solution(kb, "T-1") is None


def test_a_ticket_is_not_linked_to_what_its_tenant_cannot_see(kb):
    put(kb, "theirs", tenant=GLOBEX)
    resolve(kb)
    with pytest.raises(InvalidInput):
        kb.tickets.link(ACME, "T-1", "theirs", "lead")


# -- merging -------------------------------------------------------------------------------------------------


def test_a_merged_article_answers_under_the_other_one(kb):
    put(kb, "old", "Laser device is dead", "Restart the spooler")
    put(kb, "new", "Printer offline", "Stop and start the spooler service")
    resolve(kb, "T-1", "Laser device is dead", solution_id="old")
    resolve(kb, "T-2", "Printer offline", solution_id="new")
    kb.articles.merge(ACME, "old", "new", "lead")
    assert suggested(kb, "Laser device is dead") == ["new"]
    [solution] = suggest(kb, "Laser device is dead").solutions
    assert (solution.solution.evidence.tickets, set(solution.solution.evidence.examples)) == (2, {"T-1", "T-2"})
    assert sorted(found(kb, "Laser device is dead")) == ["T-1", "T-2", "new"]
    assert kb.articles.get(ACMES, "old").merged_into.id == "new"


def test_what_names_a_merged_article_is_linked_to_the_other_one(kb):
    put(kb, "old", "Laser device is dead", CLEARED)
    put(kb, "new")
    kb.articles.merge(ACME, "old", "new", "lead")
    assert resolve(kb, "T-1", solution_id="old").solution_id == "new"
    assert resolve(kb, "T-2", "Nothing prints", CLEARED).solution_id == "new"
    kb.articles.unmerge(ACME, "old")
    assert resolve(kb, "T-3", "No print", CLEARED).solution_id == "old"


def test_feedback_on_a_merged_article_counts_for_the_other_one(kb):
    put(kb, "old", "Laser device is dead", "Restart the spooler")
    put(kb, "new", "Mailbox full", "Raise the quota")
    suggestion = suggest(kb, "Laser device is dead")
    kb.articles.merge(ACME, "old", "new", "lead")
    kb.give_feedback(ACME, Feedback(suggestion.id, "old", FeedbackOutcome.SOLVED, "ani"))
    [solution] = suggest(kb, "Laser device is dead").solutions
    assert (solution.solution.ref.id, solution.solution.evidence.agents_solved) == ("new", 1)


def test_chains_lead_to_their_end(kb):
    for id, title in (("a", "alpha device"), ("b", "beta device"), ("c", "gamma device")):
        put(kb, id, title, f"Restart the {title}")
    kb.articles.merge(ACME, "a", "b", "lead")
    kb.articles.merge(ACME, "b", "c", "lead")
    assert suggested(kb, "alpha device") == ["c"]
    kb.articles.unmerge(ACME, "b")
    assert suggested(kb, "alpha device")[0] == "b"


def test_an_article_whose_goal_is_deleted_stands_alone_again(kb):
    put(kb, "old", "Laser device is dead", "Restart the spooler")
    put(kb, "new")
    resolve(kb, "T-1", solution_id="old")
    kb.articles.merge(ACME, "old", "new", "lead")
    kb.articles.delete(ACME, "new")
    assert suggested(kb, "Laser device is dead") == ["old"]
    assert _solution(kb, "T-1").id == "old"


def test_what_cannot_be_merged_is_refused(kb):
    put(kb, "a")
    put(kb, "b")
    put(kb, "everyones", tenant=SHARED)
    put(kb, "theirs", tenant=GLOBEX)
    put(kb, "gone", state=ArticleState.ARCHIVED)
    for into in ("a", "theirs", "gone", "unknown"):
        with pytest.raises(InvalidInput):
            kb.articles.merge(ACME, "a", into, "lead")
    with pytest.raises(Forbidden):
        kb.articles.merge(ACME, "everyones", "a", "lead")
    with pytest.raises(InvalidInput):
        kb.articles.merge(SHARED, "everyones", "a", "lead")
    with pytest.raises(NotFound):
        kb.articles.merge(ACME, "theirs", "a", "lead")
    before, revision = kb.articles.get(ACMES, "a"), kb.revision(ACMES)
    assert kb.articles.unmerge(ACME, "a") == (before, revision), "it is not merged, as after a request that came twice"
    kb.articles.merge(ACME, "a", "b", "lead")
    with pytest.raises(Conflict):
        kb.articles.merge(ACME, "a", "everyones", "lead")


def test_a_tenants_article_merged_into_a_shared_one_changes_nothing_for_others(kb):
    put(kb, "ours", "Laser device is dead", "Restart the spooler")
    put(kb, "everyones", tenant=SHARED)
    resolve(kb, "T-1", "Laser device is dead", solution_id="ours")
    before = ranked(kb, "Laser device is dead", GLOBEXS)
    kb.articles.merge(ACME, "ours", "everyones", "lead")
    assert suggested(kb, "Laser device is dead") == ["everyones"]
    assert ranked(kb, "Laser device is dead", GLOBEXS) == before
    for one in suggest(kb, "Printer offline", GLOBEXS).solutions:
        assert one.solution.evidence.tickets == 0


# -- wordings ------------------------------------------------------------------------------------------------


def test_a_linked_tickets_wording_is_one_more_issue_statement(kb):
    put(kb, "printer", "Printer offline", issue=("The printer is grey in the list",))
    resolve(kb, "T-1", "Laser device shows a red lamp", solution_id="printer")
    resolve(kb, "T-2", "laser device shows red lamp!", solution_id="printer")
    resolve(kb, "T-3", "Printer offline", solution_id="printer")
    assert kb.articles.get(ACMES, "printer").wordings == ("laser device shows red lamp!",)
    assert suggested(kb, "red lamp on the laser device") == ["printer"]
    kb.tickets.erase(ACME, "T-2")
    assert kb.articles.get(ACMES, "printer").wordings == ("Laser device shows a red lamp",)


def test_wordings_are_bounded(kb):
    put(kb)
    lines = [(n, resolved(f"T-{n}", f"device{n} shows lamp{n}", "done", solution_id="printer")) for n in range(30)]
    list(kb.tickets.import_lines(ACME, lines))
    assert len(kb.articles.get(ACMES, "printer").wordings) == 10


def test_a_page_of_articles_reads_no_more_often_than_a_short_one(open_base, monkeypatch):
    with counted_statements(monkeypatch) as run:
        kb = open_base()
        for n in range(20):
            put(kb, f"a-{n:02}", f"Device{n} offline")
        resolve(kb, "T-1", "Laser shows a red lamp", solution_id="a-03")

        def reads(limit):
            del run[:]
            page = kb.articles.page(ACMES, ("", ""), limit, None)
            assert page[3].wordings == ("Laser shows a red lamp",)
            return len(run)

        assert reads(20) == reads(5)
        kb.close()


def test_nobody_sees_another_tenants_wordings(kb):
    put(kb, "printer", tenant=SHARED)
    resolve(kb, "T-1", "Laser device shows a red lamp", solution_id="printer")
    assert kb.articles.get(ACMES, "printer").wordings
    assert not kb.articles.get(GLOBEXS, "printer").wordings
    assert not kb.articles.get(Scope(SHARED), "printer").wordings


# -- proposals -----------------------------------------------------------------------------------------------

STEPS = "Open the printer settings. Remove the old driver. Download the new driver there. Restart the computer."


def _proposed(kb, tenant=ACME):
    kb.proposals.catch_up()
    return [(one.article.article.id, one.other.article.id) for one in kb.proposals.page(tenant, 0, 50)]


def test_copies_are_proposed_as_they_come_in(kb):
    put(kb, "one", "Printer offline", STEPS)
    assert _proposed(kb) == []
    put(kb, "two", "Printer is offline", f"{STEPS} Print a page.")
    put(kb, "far", "Mailbox full", "Raise the quota of the mailbox")
    assert _proposed(kb) == [("one", "two")]
    [found] = kb.proposals.page(ACME, 0, 50)
    assert "Remove the old driver." in found.comparison.shared
    assert (found.comparison.only_one, found.comparison.only_other) == ((), ("Print", "page"))


def test_a_proposal_goes_when_it_is_merged_changed_or_dismissed(kb):
    put(kb, "one", "Printer offline", STEPS)
    put(kb, "two", "Printer is offline", STEPS)
    kb.articles.merge(ACME, "one", "two", "lead") if _proposed(kb) else pytest.fail("nothing proposed")
    assert _proposed(kb) == []
    kb.articles.unmerge(ACME, "one")
    assert _proposed(kb) == [("one", "two")]
    put(kb, "two", "Printer is offline", "Call the vendor of the thing and wait for somebody")
    assert _proposed(kb) == []
    put(kb, "two", "Printer is offline", STEPS)
    kb.proposals.catch_up()
    kb.proposals.dismiss(ACME, "two", "one")
    put(kb, "two", "Printer is offline", f"{STEPS} Print a page.")
    assert _proposed(kb) == []
    with pytest.raises(NotFound):
        kb.proposals.dismiss(ACME, "two", "three")


def test_proposals_never_mix_tenants(kb):
    put(kb, "a", "Printer offline", STEPS, tenant=ACME)
    put(kb, "g", "Printer offline", STEPS, tenant=GLOBEX)
    put(kb, "s", "Printer offline", STEPS, tenant=SHARED)
    put(kb, "t", "Printer offline", STEPS, tenant=SHARED)
    assert _proposed(kb, ACME) == [("a", "s"), ("a", "t")]
    assert _proposed(kb, GLOBEX) == [("g", "s"), ("g", "t")]
    assert _proposed(kb, SHARED) == [("s", "t")]


TEMPLATE = "If the problem comes back, reply to this message within five days and the ticket is opened again."


def test_a_closing_template_joins_no_fixes_and_makes_none(kb):
    first = resolve(kb, "A-1", "Gateway sign-in fails", f"Removed the stored credential for the gateway.\n\n{TEMPLATE}")
    for id, fix in (("B-1", f"Done.\n\n{TEMPLATE}"), ("B-2", f"Fixed, thanks!\n\n{TEMPLATE}")):
        written = resolve(kb, id, "Coffee machine leaks", fix)
        assert (written.outcome, written.solution_id) == (WriteBackOutcome.NEEDS_REVIEW, None)
    other = resolve(kb, "B-3", "Parking barrier stuck", f"Cleaned the card reader of the barrier.\n\n{TEMPLATE}")
    assert other.solution_id not in (None, first.solution_id)


def test_a_fix_in_html_is_the_fix_in_plain_text_and_is_shown_as_text(kb):
    resolve(kb, "H-1", "Labels &#039;blank&#039;", "<p>Ran the <strong>media calibration</strong>.&nbsp;It fits.</p>")
    assert _solution(kb, "H-1") is not None
    resolve(kb, "H-2", "Labels skipped", "Ran the media calibration. It fits.")
    assert _solution(kb, "H-2") == _solution(kb, "H-1")
    shown = _text(kb, "H-1")
    assert (shown.title, shown.resolution) == ("Labels 'blank'", "Ran the media calibration. It fits.")
