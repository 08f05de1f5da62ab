"""What a question and a write-back cost, whatever their text is."""

from __future__ import annotations

from adversaries import adversaries, ordinary
from costs import CHARACTERS, TIMES_ORDINARY, cost
from statements import counted_statements

from kbsearch.model import Ticket
from kbsearch.text import dictionaries
from knowledge.made import ACME, ACMES, put, ranked, resolved, suggest


def test_any_ticket_is_asked_and_stored_at_about_the_cost_of_an_ordinary_one(kb):
    dictionaries.warm_up()
    for number in range(20):
        put(kb, f"a{number}", f"Outlook {number} asks for the password", ordinary(500 + number)[number:])

    def ask(text: str) -> None:
        kb.suggest(ACMES, Ticket(subject="Outlook", description=text))

    def search(text: str) -> None:
        kb.search(ACMES, text[:2_000])

    def store(text: str) -> None:
        kb.tickets.resolve(ACME, resolved("T-1", "Outlook", text[:5_000], {"description": text[:20_000]}))

    usual = cost(ask, ordinary(CHARACTERS))
    for call in (ask, search, store):
        bound = TIMES_ORDINARY * max(cost(call, ordinary(CHARACTERS)), usual)
        for kind, text in adversaries(CHARACTERS).items():
            if text.strip():
                took = cost(call, text)
                assert took <= bound, f"{call.__name__} takes {took:.2f} s for {kind}"


def test_a_question_reads_no_more_documents_for_a_fix_of_many_tickets(open_base, folder, monkeypatch):
    def read(count, name):
        with counted_statements(monkeypatch) as run:
            kb = open_base(folder / name)
            put(kb, "vpn", "VPN drops every hour", "Reset the adapter")
            lines = [
                resolved(f"T-{n}", f"VPN drops every hour {n}", "As it says", solution_id="vpn") for n in range(count)
            ]
            list(kb.tickets.import_lines(ACME, enumerate(lines)))
            put(kb, "gateway", "VPN gateway is full", "Add licences")
            run.clear()
            answer = suggest(kb, "VPN drops every hour")
            located = [one for one in run if one.startswith("SELECT documents.id, documents.tenant")]
        assert {id for id, _ in ranked(kb, "VPN drops every hour")} == {"vpn", "gateway"}
        assert answer.solutions[0].solution.evidence.tickets == count
        return sum(sql[: sql.index("]")].count(",") for sql in located)

    assert read(1_500, "many") <= 1.2 * read(150, "few")
