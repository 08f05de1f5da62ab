"""Suggesting and searching."""

from datetime import timedelta

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from statements import counted_statements

from kbsearch.model import SHARED, Action, ArticleState, DocumentKind, Field, Status, Ticket
from kbsearch.ranking.evidence import PROVEN_FROM
from knowledge.embedders import RememberingEmbedder
from knowledge.made import ACME, ACMES, GLOBEX, GLOBEXS, found, hits, put, ranked, resolve, resolved, suggest, suggested
from scripts.harness.hashing import HashingEmbedder


def test_an_empty_base_knows_nothing(kb):
    suggestion = suggest(kb)
    assert suggestion.solutions == ()
    assert (suggestion.verdict.status, suggestion.verdict.action) == (Status.NEW, Action.ESCALATE)
    assert (suggestion.verdict.confidence, suggestion.revision, suggestion.model) == (0, 0, kb.model_id)
    assert kb.search(ACMES, "printer") == ([], False)
    assert kb.count() == (0, 0)


@pytest.mark.parametrize("question", ["printer update floor", "Printer jams on floor 3", "printer", "Printer offline"])
def test_drafts_without_a_text_change_no_verdict_whatever_the_limit(kb, question):
    for number in range(8):
        put(kb, f"a{number}", f"Printer offline on floor {number} after update", f"Restart spooler number {number}")
    for number in range(12):
        put(kb, f"w{number}", f"Printer jams on floor {number}", "", state=ArticleState.WIP)
    answers = [kb.suggest(ACMES, Ticket(question), limit) for limit in (1, 2, 5, 6, 10, 20, 50)]
    assert len({one.verdict for one in answers}) == 1
    longest = [(one.solution.ref, one.confidence) for one in answers[-1].solutions]
    for one in answers:
        shown = [(one.solution.ref, one.confidence) for one in one.solutions]
        assert shown == longest[: len(shown)]


@pytest.mark.parametrize("question", ["Printer offline", "printer", "offline?", "Printer shows 0x80070005"])
def test_the_solutions_add_up_to_the_verdict(kb, question):
    put(kb, "a", "Printer offline", "Restart the spooler")
    put(kb, "b", "Printer shows 0x80070006", "Give the group the right to print")
    suggestion = suggest(kb, question)
    total = min(0.98, sum(one.confidence for one in suggestion.solutions[:5]))
    assert total == pytest.approx(suggestion.verdict.confidence, abs=1e-6)


def test_a_question_that_says_nothing_gets_nothing(kb):
    put(kb, "a", "1", "Restart the spooler")
    put(kb, "b", "1", "", state=ArticleState.WIP)
    suggestion = suggest(kb, "1")
    assert (suggestion.verdict.status, suggestion.solutions) == (Status.NEW, ())
    assert suggestion.verdict.confidence < 0.1


def test_what_nothing_speaks_for_is_new(open_base):
    kb = open_base(embedder=HashingEmbedder(dimension=2048))  # unrelated texts are at right angles, nearly
    put(kb)
    put(kb, "vpn", "vpn drops every hour", "Update the client")
    suggestion = suggest(kb, "Qwertz zyxwvut asdfgh")
    assert (suggestion.verdict.status, suggestion.verdict.action) == (Status.NEW, Action.ESCALATE)


def test_a_validated_solution_that_fits_is_applied(kb):
    put(kb)
    put(kb, "vpn", "vpn drops every hour", "Update the client")
    suggestion = suggest(kb)
    assert (suggestion.verdict.status, suggestion.verdict.action) == (Status.KNOWN, Action.APPLY)
    best = suggestion.solutions[0]
    assert (best.rank, best.solution.ref.id, best.cautions) == (1, "printer", ())
    assert best.confidence <= suggestion.verdict.confidence
    assert "Printer offline" in suggestion.verdict.reason


def test_the_reason_is_in_the_tickets_language(kb):
    assert "база" in suggest(kb, "Принтерът не печата").verdict.reason
    put(kb, "printer", "Принтерът не печата", "Рестартирайте услугата за печат")
    put(kb, "vpn", "vpn drops every hour", "Update the client")
    assert "Решението" in suggest(kb, "Принтерът не печата").verdict.reason
    assert "very likely" in suggest(kb, "Принтерът не печата", language="en").verdict.reason


def test_the_clock_asks_for_escalation(kb, clock):
    for number in range(PROVEN_FROM):
        resolve(kb, f"T-{number}", minutes_spent=60)
    put(kb, "vpn", "vpn drops every hour", "Update the client")
    now = clock.now
    for minutes, action in ((90, Action.APPLY), (30, Action.ESCALATE), (-1, Action.ESCALATE)):
        verdict = suggest(kb, resolve_by=now + timedelta(minutes=minutes)).verdict
        assert (verdict.minutes_left, verdict.typical_minutes, verdict.action) == (minutes, 60, action)
    clock.advance(minutes=100)
    assert suggest(kb, resolve_by=now + timedelta(minutes=90)).verdict.minutes_left == -10


def test_one_row_for_each_solution_with_true_counts(kb):
    put(kb, "printer", "Printer offline", "Restart the spooler", tenant=SHARED)
    for number in range(4):
        resolve(kb, f"T-{number}", f"Printer offline in room {number}", "done", solution_id="printer", minutes_spent=10)
    resolve(kb, "T-x", "Printer offline", "Replaced the network cable")
    resolve(kb, "T-9", "Printer offline", "done", solution_id="printer", tenant=GLOBEX)
    kb.tickets.reopen(ACME, "T-0")
    by_id = {one.solution.ref.id: one.solution.evidence for one in suggest(kb).solutions}
    assert len(by_id) == 2 == len(ranked(kb, "Printer offline"))
    evidence = by_id["printer"]
    assert (evidence.tickets, evidence.solved, evidence.failed, evidence.typical_minutes) == (4, 3, 1, 10)
    assert set(evidence.examples) == {"T-1", "T-2", "T-3"}
    [foreign] = [one.solution.evidence for one in suggest(kb, scope=GLOBEXS).solutions]
    assert (foreign.tickets, foreign.solved, foreign.examples) == (1, 1, ("T-9",))


def test_the_matching_passage_and_words_are_shown(kb):
    steps = "\n".join(f"Step {n}. Look at cable {n} of the machine." for n in range(40))
    put(kb, "printer", "Printing", f"{steps}\n# Spooler\nRestart the print spooler with services.msc.")
    [match] = suggest(kb, "print spooler restart").solutions[0].matches
    assert match.field == Field.RESOLUTION
    assert "Restart the print spooler" in match.text
    # "print" stands in the title as well, which counts most.
    assert [term.casefold() for term in match.terms] == ["print", "spooler", "restart"]


def test_of_many_matching_words_the_rarest_are_shown(kb):
    common = [f"common{letter}" for letter in "abcdefghij"]
    for number in range(4):
        put(kb, f"other-{number}", f"Other {number}", " ".join(common))
    put(kb, "asked", "Asked", " ".join([*common, "seldom"]))
    [match] = suggest(kb, " ".join([*common, "seldom"])).solutions[0].matches
    assert match.terms[0] == "seldom"
    assert len(match.terms) < len(common)


def test_no_more_solutions_are_shown_than_asked_for(kb):
    for number in range(8):
        put(kb, f"printer-{number}", "Printer offline", f"Restart the spooler of host {number}")
    shown = [one.solution.ref.id for one in kb.suggest(ACMES, Ticket("Printer offline"), limit=50).solutions]
    for limit in (1, 3, 5):
        some = kb.suggest(ACMES, Ticket("Printer offline"), limit=limit).solutions
        assert [one.solution.ref.id for one in some] == shown[:limit]
        assert [one.rank for one in some] == list(range(1, len(some) + 1))


def test_a_ticket_that_was_not_validated_is_verified_first(kb):
    put(kb, state=ArticleState.NOT_VALIDATED)
    put(kb, "vpn", "vpn drops every hour", "Update the client")
    suggestion = suggest(kb)
    assert suggestion.verdict.action == Action.VERIFY
    assert "not validated yet" in suggestion.solutions[0].cautions


def test_the_environment_is_compared(kb):
    put(kb, environment=("Windows 10",))
    [caution] = suggest(kb, environment=("Windows 11",)).solutions[0].cautions
    assert "Windows 10" in caution


# -- search ------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(kb):
    for number in range(6):
        put(kb, f"a{number}", f"Printer {number} offline", "Restart the spooler")
        resolve(kb, f"T-{number}", f"Принтер {number} не печата, printer", "Рестартирахме услугата за печат")
    return kb


@pytest.mark.parametrize("size", [1, 5, 12, 100])
def test_pages_of_hits_are_parts_of_one_list(filled, size):
    whole = hits(filled, "printer")
    assert len(whole) == 12
    pages, start, more = [], 0, True
    while more:
        page, more = filled.search(ACMES, "printer", start=start, limit=size)
        pages += page
        start += size
    assert pages == whole
    assert [hit.score for hit in whole] == sorted((hit.score for hit in whole), reverse=True)


def test_hits_can_be_of_one_kind_or_language(filled):
    whole = hits(filled, "printer")
    for kind in DocumentKind:
        assert hits(filled, "printer", kind=kind) == [hit for hit in whole if hit.kind == kind]
    for language in ("bg", "en"):
        assert hits(filled, "printer", language=language) == [hit for hit in whole if hit.language == language]
    assert hits(filled, "printer", language="fr") == []


def test_every_quoted_phrase_must_stand_in_a_hit(kb):
    put(kb, "a", "Access denied on printer")
    put(kb, "b", "Denied access to the printer")
    put(kb, "c", "Отказан достъп до принтера")
    assert found(kb, '"access denied"') == ["a"]
    assert found(kb, '"access denied" "printer"') == ["a"]
    assert found(kb, '"access denied" "scanner"') == []
    assert found(kb, "„отказан достъп“") == ["c"]


def test_a_hit_shows_what_was_done(kb, clock):
    put(kb, "printer", "Printer offline", "Restart the spooler", language="en")
    resolve(kb, "T-1", "Printer broken", "Replaced the fuser unit of it", resolved_at=clock.now - timedelta(days=2))
    by_id = {hit.id: hit for hit in hits(kb, "printer")}
    article, ticket = by_id["printer"], by_id["T-1"]
    assert (article.kind, article.tenant, article.title) == (DocumentKind.ARTICLE, ACME, "Printer offline")
    assert (article.resolution, article.solution_id, article.language) == ("Restart the spooler", "printer", "en")
    assert article.when == clock.now
    assert (ticket.kind, ticket.title, ticket.resolution) == (
        DocumentKind.TICKET, "Printer broken", "Replaced the fuser unit of it",
    )  # fmt: skip
    assert ticket.solution_id == kb.tickets.get(ACME, "T-1").solution.id
    assert ticket.when == clock.now - timedelta(days=2)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=80), st.lists(st.sampled_from(['"', "„", "*", "printer", "_", "NEAR(", "-"])).map("".join)
    )
)
def test_anything_can_be_asked(filled, text):
    filled.search(ACMES, text)
    filled.suggest(ACMES, Ticket(text))


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.text(max_size=200))
def test_anything_can_be_written_back(kb, subject, text):
    resolve(kb, "T-1", subject, text)
    stored = kb.tickets.get(ACME, "T-1")
    assert stored.ticket.subject is not None
    suggest(kb, subject)


def test_a_very_long_ticket_can_be_asked_and_written_back(kb):
    """Ten thousand words of a log, all different, none English."""
    log = " ".join(f"qz{number:x}vlaq" for number in range(10_000))
    written = resolve(kb, "T-1", "Log of the night", "Restarted the nightly job", ticket={"description": log})
    assert suggested(kb, log) == [written.solution_id]
    assert found(kb, log) == ["T-1"]


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        (Ticket("poshtata", "outlook"), Ticket("пощата", "outlook")),
        (Ticket("ne moga da vlqza v poshtata"), Ticket("не мога да вляза в пощата")),
    ],
)
def test_words_count_as_much_in_latin_letters_as_in_cyrillic(kb, latin, cyrillic):
    put(kb, "mail", "Не мога да вляза в пощата", "Сменете паролата")
    put(kb, "outlook", "Outlook", "Reinstall it")

    def lexical(ticket):
        return {one.ref.id: one.best.signals.lexical for one in kb.rank(ACMES, ticket)}

    assert lexical(latin) == pytest.approx(lexical(cyrillic))


def test_a_question_reads_no_more_often_the_more_there_is(open_base, tmp_path, monkeypatch):
    """No statement for each document, solution or ticket that is looked at, nor for each that an index takes in."""

    def statements(count):
        with counted_statements(monkeypatch) as run:
            base = open_base(tmp_path / str(count))
            writer = open_base(tmp_path / str(count))
            writer.tickets.resolve(ACME, resolved("before", "Scanner broken", "Replaced the scanner"))
            suggest(base)
            many = (resolved(f"T-{n}", f"Printer {n} offline", f"Restarted spooler {n}") for n in range(count))
            for _ in writer.tickets.import_lines(ACME, enumerate(many)):
                pass
            run.clear()
            base.suggest(ACMES, Ticket("Printer offline"), limit=5)
            found(base, "printer", limit=5)
            return len(run)

    assert statements(60) == statements(10)


@pytest.mark.parametrize(
    ("typed", "title"),
    [("впн", "VPN drops"), ("аутлук", "Outlook freezes"), ("тиймс", "Teams has no sound"), ("вайфай", "Wi-Fi is slow"),
     ("грешка0x80070005", "Update fails with 0x80070005"), ("80070005", "Update fails with 0x80070005")],
)  # fmt: skip
def test_words_of_the_trade_and_glued_codes_meet_their_articles(kb, typed, title):
    titles = ("VPN drops", "Outlook freezes", "Teams has no sound", "Wi-Fi is slow", "Update fails with 0x80070005")
    for number, one in enumerate(titles):
        put(kb, f"a{number}", one, f"Step number {number} of the guide.")
    assert kb.search(ACMES, typed)[0][0].title == title


def test_a_question_of_one_tenant_makes_that_of_another_no_quicker(open_base):
    embedder = RememberingEmbedder()
    kb = open_base(embedder=embedder)
    for scope in (ACMES, GLOBEXS, ACMES, GLOBEXS):
        suggest(kb, "Printer offline", scope)
        kb.search(scope, "Printer offline")
    assert embedder.questions == ["Printer offline"] * 2


EARLIER = "On Tue, 3 Mar 2026 at 09:12, M <m@example.com> wrote:\n> Outlook asks for the password again and again\n> M"


@pytest.mark.parametrize(("newest", "note"), [("Any news?", "earlier one was read"), ("Има ли новини?", "earlier one")])
def test_where_the_newest_mail_says_little_an_earlier_one_is_the_question(kb, newest, note):
    put(kb, "outlook", "Outlook asks for the password", "Remove the stored credentials.", state=ArticleState.VALIDATED)
    answer = suggest(kb, "Re:", description=f"{newest}\n\n{EARLIER}")
    assert [one.solution.ref.id for one in answer.solutions][:1] == ["outlook"]
    assert note in answer.verdict.reason
    assert note not in suggest(kb, "Outlook asks for the password").verdict.reason


def test_what_is_quoted_decides_nothing_where_the_newest_mail_says_something(kb):
    put(kb, "outlook", "Outlook asks for the password", "Remove the stored credentials.", state=ArticleState.VALIDATED)
    put(kb, "monitor", "The second monitor stays black", "Plug the cable in.", state=ArticleState.VALIDATED)
    answer = suggest(kb, "One more thing", description=f"The second monitor stays black\n\n{EARLIER}")
    assert answer.solutions[0].solution.ref.id == "monitor"


def test_a_disclaimer_does_not_make_an_empty_question_say_something(kb):
    answer = suggest(
        kb, "Hello", description="See above.\n\nThis e-mail is confidential and intended solely for the addressee."
    )
    assert "does not say what is wrong" in answer.verdict.reason
