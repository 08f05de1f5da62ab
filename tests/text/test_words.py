import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.text.words import (
    id_term,
    is_identifier,
    lemma,
    normalise,
    parse_query,
    parse_ticket,
    surface,
    terms,
    words_found,
)


@pytest.mark.parametrize(
    "forms",
    [
        "принтер принтера принтерът принтери принтерите",
        "парола паролата пароли паролите",
        "поща пощата пощи",
        "компютър компютъра компютърът компютри компютрите",
        "сървър сървъра сървърът сървъри",
        "файл файла файлът файлове файловете",
        "акаунт акаунта акаунтът акаунти акаунтите",
        "мрежа мрежата мрежи",
        "достъп достъпа достъпът",
        "линксис линксиса линксисът",
        "printer printers printer's",
        "password passwords",
        "mailbox mailboxes",
        "policy policies",
        "crash crashes crashed crashing",
    ],
)
def test_forms_of_a_word_meet(forms):
    assert len({tuple(terms(form)) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("error 0x80070005 at start", "0x80070005"),
        ("AADSTS50076: MFA required", "aadsts50076"),
        ("install KB5034441.", "kb5034441"),
        ("on srv-print01.corp.local now", "srv-print01.corp.local"),
        ("ping 10.0.0.7!", "10.0.0.7"),
        ("build 10.0.19045.3803", "10.0.19045.3803"),
        ("грешка 0x80070005 в принтера", "0x80070005"),
        ("(ORA-12154)", "ora-12154"),
        ("event 4625", "4625"),
        (r"file C:\Temp\log1.txt is gone", r"c:\temp\log1.txt"),
    ],
)
def test_identifiers_stay_whole(text, whole):
    assert whole in terms(text)


@pytest.mark.parametrize(
    "token", ["0x80070005", "aadsts50076", "kb5034441", "srv-print01", "10.0.0.7", "ora-12154", "12345", "m404dn"]
)
def test_what_names_one_thing_is_an_identifier(token):
    assert is_identifier(token)


@pytest.mark.parametrize("token", ["printer", "2024", "принтер", "e-mail", "365", "1.2", "", "don't"])
def test_plain_words_and_short_numbers_are_not_identifiers(token):
    assert not is_identifier(token)


def test_parts_of_a_host_name_are_terms_too():
    assert {"srv", "print01", "corp", "local"} <= set(terms("SRV-PRINT01.corp.local"))


def test_hyphenated_and_joined_spelling_meet():
    assert "email" in terms("e-mail")
    assert "email" in terms("email")


def test_repeats_are_kept_for_counting():
    assert terms("printer printers PRINTER") == ["printer"] * 3


def test_accents_and_compatibility_forms_do_not_matter():
    assert terms("café") == terms("cafe")
    assert terms("０ｘ８００７０００５") == terms("0x80070005")
    assert normalise("ﬁle") == "file"


def test_query_knows_phrases_identifiers_and_unknown_latin_words():
    query = parse_query('vlqza "access denied" „отказан достъп“ error 0x80070005')
    assert query.phrases == (("access", "denied"), ("отказан", "достъп"))
    assert query.identifiers == {"0x80070005"}
    assert "vlqza" in query.unknown
    assert "error" not in query.unknown
    assert {"access", "deny", "0x80070005"} & set(query.terms) >= {"access", "0x80070005"}


def test_quotation_marks_in_a_ticket_ask_for_no_phrase():
    assert parse_ticket('"Access denied"', 'it says "access denied"').phrases == ()


def test_the_subject_and_what_is_repeated_count_more():
    emphasis = parse_ticket("printer", "toner toner cable").emphasis
    assert emphasis["printer"] > emphasis["cable"]
    assert emphasis["toner"] > emphasis["cable"]
    assert parse_query("printer").emphasis.get("printer", 1.0) == 1.0


def test_a_document_is_found_by_its_id():
    assert id_term("INC0012345") == "inc0012345"
    assert id_term("T-1") in terms("as in T-1.")
    assert id_term("two words") is None
    assert id_term("") is None


def test_an_unclosed_quotation_mark_is_no_phrase():
    assert parse_query('monitor 24" flickers').phrases == ()


def test_words_found_are_given_as_written_once():
    assert list(words_found("Принтерът и ПРИНТЕРА, принтерът", frozenset({"принтер"}))) == ["Принтерът", "ПРИНТЕРА"]
    assert list(words_found("nothing here", frozenset({"принтер"}))) == []


@given(st.text())
def test_any_text_gives_terms_without_white_space(text):
    for term in terms(text) + surface(text):
        assert term
        assert term.split() == [term]
    query = parse_query(text)
    assert query.identifiers <= set(query.terms)
    assert len(query.terms) == len(set(query.terms))


@given(st.text(), st.text())
def test_terms_of_a_ticket_are_terms_of_its_texts(subject, description):
    query = parse_ticket(subject, description)
    assert set(query.terms) == set(terms(f"{subject}\n{description}"))
    assert set(query.emphasis) <= set(query.terms)
    assert all(weight >= 1 for weight in query.emphasis.values())


@given(st.lists(st.sampled_from(["принтерът", "Passwords", "0x80070005", "srv-01.corp", "в", "KB5034441"]), max_size=8))
def test_case_and_white_space_do_not_matter(words):
    assert terms("  ".join(words).upper()) == terms("\n".join(words).lower())


@given(st.text(string.ascii_letters + "абвгдежзийклмнопрстуфхцчшщъьюя", min_size=1, max_size=20))
def test_a_lemma_is_one_lower_case_word(word):
    found = lemma(word.casefold())
    assert found
    assert found == found.casefold()
    assert len(found.split()) == 1


@given(st.text(alphabet=st.characters(codec="utf-8")) | st.text(alphabet="ab1Яж_-./\\@'’+: "))
def test_surface_words_are_all_that_is_between_joiners(text):
    assert surface(text) == [word for word in re.split(r"[^\w]+|_", normalise(text)) if word]
