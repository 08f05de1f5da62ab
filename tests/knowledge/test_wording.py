"""What a question says, and what its writer meant."""

from __future__ import annotations

import pytest

from kbsearch.knowledge.questions import wording
from kbsearch.model import Ticket
from knowledge.made import ACME, ACMES, GLOBEX, GLOBEXS, found, put, ranked


def said(kb, text, scope=ACMES, description=""):
    return wording.of_ticket(kb._generations.for_reading().index.vocabulary(scope), Ticket(text, description))


@pytest.fixture
def kb(kb):
    put(kb, "printer", "Принтерът не печата", "Рестартирайте услугата за печат и проверете хартията.", language="bg")
    put(kb, "outlook", "Outlook does not open", "Repair the Outlook profile in the control panel.", language="en")
    return kb


@pytest.mark.parametrize(
    ("asked", "id"),
    [
        ("m,rkje,cj ke me'djd", "printer"),  # BDS
        ("ghbynth]n yt gtxfnf", "printer"),  # ЙЦУКЕН
        ("щгедщщл вщуы тще щзут", "outlook"),
        ("printerut ne pechata", "printer"),
        ("принтреът не печтаа", "printer"),
        ("Outlok dose not oepn", "outlook"),
        ("щгедщщл не се отваря", "outlook"),
    ],
)
def test_what_was_meant_is_found(kb, asked, id):
    assert ranked(kb, asked)[0][0] == id
    assert found(kb, asked)[:1] == [id]


def test_the_model_reads_what_was_meant(kb):
    assert said(kb, "щгедщщл вщуы тще щзут").text == "outlook does not open"
    assert said(kb, "Outlok does not open").text == "outlook does not open"
    assert said(kb, "printera pechata hartiyata").text == "принтера печата хартията"


def test_names_of_the_trade_are_read_whatever_is_typed_for_them(kb):
    assert said(kb, "аутлука не се отваря").text == "Outlook не се отваря"
    assert said(kb, "Аутлукът виси").text == "Outlook виси"
    assert said(kb, "autluk does not open").text == "Outlook does not open"
    assert "outlook" in said(kb, "аутлука").query.terms


def test_a_name_of_the_trade_is_found_behind_latin_letters(kb):
    """The word is read as Bulgarian first, and that names the product."""
    assert said(kb, "autluka ne se otvarya").text == "Outlook не се отваря"


def test_parts_of_a_hyphenated_name_are_no_bulgarian_words(kb):
    put(kb, "wifi", "Компютърът не се свързва с Wi-Fi", "Вие изключвате и включвате Wi-Fi.", language="bg")
    assert said(kb, "няма Wi-Fi").text == "няма Wi-Fi"
    assert ranked(kb, "няма Wi-Fi")[0][0] == "wifi"


def test_a_word_of_the_dictionary_that_no_document_has_may_be_a_name(kb):
    put(kb, "chrome", "Chrome does not open", "Remove the Chrome profile.", language="en")
    assert said(kb, "хром не тръгва").text == "Chrome не тръгва"
    put(kb, "tap", "Кранът в банята е с хром", "Почистете хром и никел с мека кърпа.", language="bg")
    assert said(kb, "хром не тръгва").text == "хром не тръгва"


def test_few_latin_words_are_bulgarian_where_documents_have_them_so(kb):
    put(kb, "screen", "Син екран", "Рестартирайте компютъра при син екран.", language="bg")
    assert said(kb, "sin ekran").text == "син екран"
    assert said(kb, "sin ekran").language == "bg"
    assert said(kb, "sin city").language != "bg"


def test_the_model_is_given_bulgarian_words_that_no_document_has(kb):
    asked = said(kb, "printera dava stranni zvuci")
    assert asked.text == "принтера дава странни звуци"
    assert "zvuci" not in asked.query.explained, "what no document has is missed"


def test_language_is_that_of_what_was_meant(kb):
    assert said(kb, "m,rkje,cj ke me'djd").language == "bg"
    assert said(kb, "щгедщщл вщуы тще щзут").language == "en"


def test_a_right_question_stays_as_it_is(kb):
    for text in ("Outlook does not open", "Принтерът не печата", "Projector lamp is broken", "0x80070005"):
        assert said(kb, text).text == text
        assert not said(kb, text).query.explained


def test_a_misspelt_word_counts_less_than_the_right_one(kb):
    query = said(kb, "Outlok").query
    assert query.terms == ("outlok", "outlook")
    assert 0 < query.emphasis["outlook"] < query.emphasis["outlok"]
    assert query.explained == {"outlok"}


def test_words_of_another_language_than_the_documents_are_not_mended(kb):
    assert not said(kb, "Outlok öffnet die Postfächer meiner Kollegen nicht mehr").query.explained


def test_nothing_of_another_tenant_is_ever_meant(kb):
    put(kb, "secret", "Zephyrine merger", "The zephyrine project has a folder of its own.", tenant=GLOBEX)
    assert "zephyrine" in said(kb, "zephyrne folder", GLOBEXS).query.terms
    for asked in ("zephyrne folder", "яузшкште", "project zephyrin"):
        ours = said(kb, asked)
        assert "zephyrine" not in ours.query.terms
        assert "zephyrine" not in ours.text
    assert ACME != GLOBEX


def test_quoted_phrases_are_asked_as_written(kb):
    assert found(kb, '"Outlok does"') == []
    assert found(kb, '"Outlook does"') == ["outlook"]
