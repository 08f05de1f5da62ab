"""Drafts: what was searched becomes an article in work, without personal data, and goes with its source."""

from datetime import timedelta

import pytest

from kbsearch.errors import Conflict, InvalidInput, NotFound
from kbsearch.knowledge import base
from kbsearch.knowledge.questions import suggestion_log
from kbsearch.knowledge.tenant_erasing import erase_tenant
from kbsearch.knowledge.trimming import trim_all
from kbsearch.knowledge.writing.drafts import DraftFrom
from kbsearch.model import ArticleState, Feedback, FeedbackOutcome, RedactionPolicy, Status, Ticket
from kbsearch.store import feedback
from kbsearch.store.retention import Retention
from knowledge.made import ACME, ACMES, GLOBEX, GLOBEXS, put, resolve, suggest
from scripts.harness.residue import Traces, residue

STEPS = "Open the printer settings. Remove the old driver. Download the new driver there. Restart the computer."
WORDS = ("Zyxwvutabc", "Qwertzuiop", "Yxcvbnmasd", "Пщъбдсртаж")
SUBJECT, DESCRIPTION = f"{WORDS[0]} blinks", f"Since today the {WORDS[1]} shows {WORDS[2]} and {WORDS[3]}."
ASKED = {"description": DESCRIPTION, "environment": (f"Windows {WORDS[0]}",)}


def draft(kb, id="d", tenant=ACME, **seed):
    return kb.draft(tenant, id, DraftFrom(**seed))[0].article


def question(kb, id):
    kb._suggestions.flush()
    with kb.store.read() as tx:
        shown = feedback.get_shown(tx, ACME, id)
    return shown and shown.question


def test_a_new_question_is_the_beginning_of_an_article(kb):
    asked = suggest(kb, SUBJECT, **ASKED)
    assert asked.verdict.status == Status.NEW
    article = draft(kb, suggestion_id=asked.id)
    assert (article.title, article.issue, article.environment) == (SUBJECT, (DESCRIPTION,), ASKED["environment"])
    assert (article.state, article.resolution, article.cause) == (ArticleState.WIP, "", None)
    assert kb.articles.get(ACMES, "d").article == article


def test_a_question_without_a_description_is_title_and_issue(kb):
    article = draft(kb, suggestion_id=suggest(kb, "Принтерът мига в червено").id)
    assert (article.title, article.issue, article.language) == (
        "Принтерът мига в червено", ("Принтерът мига в червено",), "bg",
    )  # fmt: skip


@pytest.mark.parametrize("named", [False, True])
def test_the_text_of_a_solution_is_taken_only_where_it_is_named(kb, named):
    put(kb, "printer", "Printer offline", STEPS, cause="The driver is old", tags=("print",))
    asked = suggest(kb, "Printer offline", description="It blinks.")
    assert asked.solutions
    article = draft(kb, suggestion_id=asked.id, **({"solution_id": "printer"} if named else {}))
    assert (article.title, article.issue) == ("Printer offline", ("It blinks.",))
    assert (article.resolution, article.cause, article.tags) == (
        (STEPS, "The driver is old", ("print",)) if named else ("", None, ())
    )


def test_a_ticket_that_is_sent_comes_before_the_question(kb):
    put(kb, "printer", "Printer offline", STEPS)
    asked = suggest(kb, "Printer offline", description="call ivan@example.com")
    ticket = Ticket("Printer offline since noon", "Mail to ivan@example.com", environment=("Windows 11",))
    article = draft(kb, suggestion_id=asked.id, ticket=ticket, solution_id="printer")
    assert (article.id, article.state, article.title) == ("d", ArticleState.WIP, "Printer offline since noon")
    assert (article.issue, article.environment) == (("Mail to <EMAIL>",), ("Windows 11",))
    assert article.resolution == STEPS


def test_a_question_of_a_ticket_that_was_resolved_since_takes_its_own_fix(kb):
    asked = suggest(kb, SUBJECT, id="T-1", **ASKED)
    resolve(kb, "T-1", SUBJECT, STEPS, ticket=ASKED)
    article = draft(kb, suggestion_id=asked.id)
    assert (article.issue, article.resolution) == ((DESCRIPTION,), STEPS)


def test_a_draft_of_a_stored_ticket_takes_its_own_fix(kb):
    resolve(kb, "T-1", "Printer offline", "Restarted the print spooler service")
    assert draft(kb, ticket_id="T-1").resolution == "Restarted the print spooler service"


def test_a_draft_overwrites_nothing(kb):
    put(kb, "printer", "Printer offline", STEPS)
    resolve(kb, "T-1", "Mailbox full", "Raised the quota of the mailbox")
    with pytest.raises(Conflict):
        draft(kb, "printer", ticket_id="T-1")
    assert kb.articles.get(ACMES, "printer").article.resolution == STEPS


def test_a_draft_comes_from_something_that_the_tenant_sees(kb):
    put(kb, "theirs", tenant=GLOBEX)
    theirs = suggest(kb, "Printer offline", GLOBEXS)
    for error, seed in (
        (InvalidInput, {}),
        (NotFound, {"suggestion_id": theirs.id}),
        (NotFound, {"ticket_id": "T-9"}),
        (InvalidInput, {"ticket": Ticket("x"), "solution_id": "theirs"}),
    ):
        with pytest.raises(error):
            draft(kb, **seed)


# -- what is stored of a question ----------------------------------------------------------------------------


def test_the_question_is_stored_redacted_without_the_mail_history(kb):
    kb.redaction.set_policy(ACME, RedactionPolicy(words=("Heron",)))
    before = "On Mon, Nov 23, 2026 at 9:00 AM Anna <anna@example.com> wrote:\n> the password: Zima2024!"
    text = f"Call ivan@example.com of Heron.\n\n{before}"
    asked = suggest(kb, "The mailbox of Heron is full", description=text, environment=("PC of Heron",))
    assert question(kb, asked.id) == Ticket(
        "The mailbox of <WORD> is full", "Call <EMAIL> of <WORD>.", environment=("PC of <WORD>",)
    )


def test_the_policy_at_the_time_of_the_draft_counts(kb):
    asked = suggest(kb, "The mailbox of Heron is full", description="Heron cannot send.", id="T-1")
    later = suggest(kb, "The mailbox of Heron is full", description="Heron cannot send.", id="T-2")
    assert question(kb, asked.id).description == "Heron cannot send."
    resolve(kb, "T-2", "The mailbox of Heron is full", "Raised the quota of Heron", cause="Heron sends much")
    kb.redaction.set_policy(ACME, RedactionPolicy(words=("Heron",)))
    for id, seed in (("a", asked.id), ("b", later.id)):
        article = draft(kb, id, suggestion_id=seed)
        assert "Heron" not in repr(article)
        assert article.title == "The mailbox of <WORD> is full"


def test_many_long_questions_that_cannot_be_written_take_no_more_memory(kb, monkeypatch):

    monkeypatch.setattr(suggestion_log, "_MOST_CHARACTERS_WAITING", 40)
    monkeypatch.setattr(base, "WRITTEN_EVERY_S", 60)
    short, long = (suggest(kb, text).id for text in ("Printer offline", "Printer offline " * 20))
    assert question(kb, short) is not None
    assert question(kb, long) is None
    assert question(kb, suggest(kb, "Printer offline").id) is not None
    with pytest.raises(InvalidInput, match="send the ticket"):
        draft(kb, suggestion_id=long)


# -- how long it stays ---------------------------------------------------------------------------------------


def traces(kb):
    kb._suggestions.flush()
    return Traces(WORDS)


def test_the_question_goes_with_its_ticket(kb, folder):
    shown = suggest(kb, SUBJECT, id="T-1", **ASKED)
    unnamed = suggest(kb, SUBJECT, **ASKED)
    others = suggest(kb, "Printer offline", id="T-2")
    put(kb, "door", "Doors are stuck", "Oil the hinges")
    flagged = suggest(kb, "Doors are stuck", id="T-1")
    kb.give_feedback(ACME, Feedback(flagged.id, "door", FeedbackOutcome.WRONG, "ani", f"{WORDS[2]} was it"))
    for n, one in enumerate((shown, unnamed)):
        draft(kb, f"d-{n}", suggestion_id=one.id)
    resolve(kb, "T-1", "Lamp", "done", suggestion_id=unnamed.id)
    erased = traces(kb)
    assert residue(folder, [erased])
    gone, _ = kb.tickets.erase(ACME, "T-1")
    assert gone.drafts == ("d-0", "d-1")
    assert question(kb, others.id) is not None
    assert kb.purges.run()
    assert residue(folder, [erased]) == []
    kb.close()
    assert residue(folder, [erased]) == []


def test_a_suggestion_of_another_ticket_that_a_write_back_names_stays(kb):
    other = suggest(kb, SUBJECT, id="T-2", **ASKED)
    resolve(kb, "T-1", "Lamp", "done", suggestion_id=other.id)
    kb._suggestions.flush()
    kb.tickets.erase(ACME, "T-1")
    assert question(kb, other.id) is not None


def test_a_question_of_an_erased_ticket_that_another_process_writes_later_is_not_stored(open_base, folder, clock):
    kb, other = open_base(), open_base()
    resolve(kb, "T-1", "Lamp", "done")
    late = suggest(other, SUBJECT, id="T-1", **ASKED)
    clock.advance(seconds=1)
    kb.tickets.erase(ACME, "T-1")
    erased = traces(other)
    assert question(other, late.id) is None
    assert kb.purges.run()
    assert residue(folder, [erased]) == []
    clock.advance(seconds=1)
    again = suggest(other, SUBJECT, id="T-1")
    assert question(other, again.id) is not None, "the id is asked about anew"


def test_the_question_goes_with_the_tenant(kb, folder):
    suggest(kb, SUBJECT, id="T-1", **ASKED)
    draft(kb, suggestion_id=suggest(kb, SUBJECT, **ASKED).id)
    theirs = suggest(kb, "Printer offline", GLOBEXS)
    erased = traces(kb)
    assert residue(folder, [erased])
    assert erase_tenant(kb.store, kb.purges, ACME, late_s=0).purged
    assert residue(folder, [erased]) == []
    assert draft(kb, tenant=GLOBEX, suggestion_id=theirs.id).title == "Printer offline"


def test_the_question_goes_by_age(kb, folder, clock):
    suggest(kb, SUBJECT, id="T-1", **ASKED)
    erased = traces(kb)
    assert residue(folder, [erased])
    for day in range(35):
        clock.advance(days=1)
        suggest(kb, f"Door {day} is stuck")
    kb._suggestions.flush()
    trim_all(kb.store, Retention(suggestions=timedelta(days=31)), lambda: False)
    assert residue(folder, [erased]) == []
