"""Words of a desk's trade: set by a lead, learned from tickets, the tenant's own."""

from __future__ import annotations

import pytest

from kbsearch.errors import Conflict, InvalidInput, NotFound
from kbsearch.knowledge.indexing import boilerplate
from kbsearch.knowledge.questions import trade_words, wording
from kbsearch.knowledge.writing import trade_words as writing
from kbsearch.model import SHARED, Ticket, TradeWord, WordOrigin
from knowledge.made import ACME, ACMES, GLOBEX, GLOBEXS, found, put, ranked, resolve


@pytest.fixture
def kb(kb):
    put(kb, "close", "Navision does not close the month", "Post the open entries first.", environment=("Navision",))
    put(kb, "login", "Navision login fails", "Unlock the account in the console.", environment=("Navision",))
    put(kb, "till", "Zebra printer prints blank labels", "Run the calibration.", environment=("Zebra",))
    put(kb, "head", "Zebra head is dirty", "Clean the head with alcohol.", environment=("Zebra",))
    return kb


def words_of(kb, tenant=ACME):
    return {one.word: one.name for one in kb.words.page(tenant)}


def read_as(kb, text, scope=ACMES):
    """The terms that a question is looked up with."""
    with kb.store.read() as tx:
        words = trade_words.of_scope(tx, scope)
    vocabulary = kb._generations.for_reading().index.vocabulary(scope)
    return set(wording.of_ticket(vocabulary, Ticket(text), words).query.terms)


def test_the_very_next_question_is_read_with_it(kb):
    assert "navision" not in read_as(kb, "navito")
    kb.words.put(ACME, "Navito", "Navision")
    assert "navision" in read_as(kb, "navito")
    assert ranked(kb, "navito login")[0][0] == "login"
    assert set(found(kb, "navito")[:2]) == {"close", "login"}
    kb.words.drop(ACME, "navito")
    assert "navision" not in read_as(kb, "navito")


def test_a_word_has_endings_and_may_be_several(kb):
    kb.words.put(ACME, "навито", "Navision")
    kb.words.put(ACME, "синята програма", "Navision")
    for asked in ("навитото", "Навито", "синята  програма виси"):
        assert "navision" in read_as(kb, asked), asked


def test_it_is_the_tenant_s_own_and_that_of_shared_everybody_s(kb):
    put(kb, "theirs", "Navision of Globex", "Ask the vendor.", tenant=GLOBEX)
    kb.words.put(ACME, "navito", "Navision")
    assert "navision" not in read_as(kb, "navito", GLOBEXS)
    assert words_of(kb, GLOBEX) == {}
    kb.words.put(SHARED, "navito", "Zebra")
    assert "navision" in read_as(kb, "navito"), "the tenant's own goes first"
    kb.words.put(SHARED, "navko", "Navision")
    assert "navision" in read_as(kb, "navko", GLOBEXS)


def test_what_cannot_be_a_word_is_refused(kb, monkeypatch):
    for word, name in (("  ", "X"), ("--", "X"), ("a", "12"), ("ana@example.com", "Ana"), ("ana", "ana@example.com")):
        with pytest.raises(InvalidInput):
            kb.words.put(ACME, word, name)
    with pytest.raises(NotFound):
        kb.words.drop(ACME, "navito")
    monkeypatch.setattr(writing, "MOST_WORDS", 1)
    kb.words.put(ACME, "one", "One")
    kb.words.put(ACME, "one", "Two")
    with pytest.raises(Conflict):
        kb.words.put(ACME, "two", "Two")


TICKETS = 8


def _history(kb, word="navito", of="Navision", beside=""):
    """Of each product some tickets that name it; of one also some that write a word, instead of the name or beside."""
    products = {"Navision": ("close", "login"), "Zebra": ("till", "head"), "Citrix": (), "Fortinet": (), "Kyocera": ()}
    for product, articles in products.items():
        if not articles:
            products[product] = articles = (f"{product} one", f"{product} two")
            for id in articles:
                put(kb, id, f"{product} does not start", f"Start {id} again.", environment=(product,))
        for number in range(TICKETS):
            resolve(kb, f"{product}-{number}", f"{product} fails", "Did it.", solution_id=articles[number % 2])
    for number in range(TICKETS):
        resolve(kb, f"S-{number}", f"{beside} {word} fails", "Did it.", solution_id=products[of][number % 2])


def test_tickets_teach_it(kb):
    _history(kb)
    assert kb.learn_words(ACME) == 1
    [learned] = kb.words.page(ACME)
    assert learned == TradeWord("navito", "Navision", WordOrigin.LEARNED, TICKETS)
    assert "navision" in read_as(kb, "navito")
    assert kb.learn_words(GLOBEX) == 0


def test_what_a_lead_refused_or_set_is_not_learned(kb):
    _history(kb)
    kb.learn_words(ACME)
    kb.words.drop(ACME, "navito")
    assert kb.learn_words(ACME) == 0
    assert words_of(kb) == {}
    kb.words.put(ACME, "navito", "Zebra")
    kb.learn_words(ACME)
    assert words_of(kb) == {"navito": "Zebra"}


def test_words_that_go_along_with_a_product_are_not_learned(kb):
    _history(kb, "logistika", "Zebra", beside="Zebra")
    assert kb.learn_words(ACME) == 0


def test_words_in_tickets_of_any_product_are_not_learned(kb):
    _history(kb)
    for number in range(TICKETS):
        resolve(kb, f"Z-{number}", "navito fails", "Did it.", solution_id=("till", "head")[number % 2])
    assert kb.learn_words(ACME) == 0


def test_the_background_learns_and_leads_see_it(kb):
    _history(kb)
    boilerplate.catch_up(kb.store, kb.learn_words)
    assert words_of(kb) == {"navito": "Navision"}


def test_what_was_learned_goes_with_its_tickets(kb):
    _history(kb)
    kb.learn_words(ACME)
    for number in range(TICKETS):
        kb.tickets.erase(ACME, f"S-{number}")
    assert kb.learn_words(ACME) == 0
    assert words_of(kb) == {}


@pytest.mark.parametrize("left", [0, 1])
def test_of_erased_tickets_no_learned_word_is_left_once_the_files_are_clean(kb, left):
    _history(kb)
    kb.learn_words(ACME)
    assert words_of(kb) == {"navito": "Navision"}
    for number in range(left, TICKETS):
        kb.tickets.erase(ACME, f"S-{number}")
    assert kb.purges.run()
    assert words_of(kb) == {}


def test_a_word_that_other_tickets_teach_stays_when_one_is_erased(kb):
    _history(kb)
    kb.learn_words(ACME)
    resolve(kb, "other", "Doors squeak", "Oiled the hinges")
    kb.tickets.erase(ACME, "other")
    assert kb.purges.run()
    assert words_of(kb) == {"navito": "Navision"}
