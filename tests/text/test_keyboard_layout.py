import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.text.dictionaries import is_word
from kbsearch.text.keyboard_layout import retyped

RUSSIAN = {"привет", "не", "могу", "войти", "в", "почту", "пробую"}


def known(words):
    return {word for word in words if is_word(word) or word in RUSSIAN}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ghbdtn", "привет"),
        ("yt vjue djqnb d gjxne", "не могу войти в почту"),
        ("ghj,e. djqnb", "пробую войти"),  # , and . are б and ю
        ("m,rkje,cj ke me'djd fj l'e,d iwj,rkjd", "принтерът не печата от вчера сутринта"),
        ("щгедщщл вщуы тще щзут", "outlook does not open"),
        ("зисхшеи адея хдш зисхш", "printer does not print"),
        ("gre[ka", "грешка"),  # traditional phonetic
        ("грешка в щгедщщл", "грешка в outlook"),
        ("The file is me'djd today", "The file is печата today"),
    ],
)
def test_what_the_keys_mean_in_another_layout_is_read(typed, meant):
    assert retyped(typed, known) == meant


@pytest.mark.parametrize(
    "text",
    [
        "The printer does not print",
        "Принтерът не печата",
        "ne moga da vlqza v poshtata",
        "Selwyn wrote to Petar about mgmt-srv01",
        "към мейл",  # with BDS its keys are ;ex.
        "0x80070005 [x] `code`",
        "",
    ],
)
def test_what_is_right_or_unknown_everywhere_stays(text):
    assert retyped(text, known) == text


@given(st.text())
def test_nothing_changes_where_nothing_is_known(text):
    assert retyped(text, lambda words: ()) == text


@given(st.text())
def test_nothing_changes_where_everything_is_known(text):
    assert retyped(text, lambda words: words) == text
