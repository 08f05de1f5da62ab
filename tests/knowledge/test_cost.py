"""What a question and a write-back cost, whatever their text is."""

from __future__ import annotations

from adversaries import adversaries, ordinary
from costs import CHARACTERS, TIMES_ORDINARY, cost

from kbsearch.model import Ticket
from kbsearch.text import dictionaries
from knowledge.made import ACME, ACMES, put, resolved


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
