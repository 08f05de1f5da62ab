from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simplemma import is_known as is_known_to_simplemma
from simplemma import lemmatize
from simplemma.strategies.dictionaries import LOW_MEMORY_DICTIONARY_FACTORY

from kbsearch.text.dictionaries import dictionary_form, is_known, is_word, warm_up

ENGLISH, BULGARIAN = (LOW_MEMORY_DICTIONARY_FACTORY.get_dictionary(language) for language in ("en", "bg"))


@pytest.mark.parametrize(("words", "step"), [(ENGLISH, 97), (BULGARIAN, 97)], ids=["en", "bg"])
def test_every_word_of_its_dictionary_is_one(words, step):
    own = [word for word in list(words)[::step] if any("Ѐ" <= letter <= "ӿ" for letter in word) == (words is BULGARIAN)]
    assert len(own) > 1_000
    assert all(is_word(word) for word in own)


@given(
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
    | st.text("абвгдежзийклмнопрстуфхцчшщъьюя", min_size=1, max_size=12)
)
def test_what_the_dictionary_lacks_is_none(word):
    assert is_word(word) == (word in (BULGARIAN if word > "z" * 12 else ENGLISH))


@pytest.fixture(params=[False, True], ids=["before hashing", "hashed"], autouse=True)
def hashed(request):
    if request.param:
        warm_up()


@given(st.text("abcdeginorstzауеионрствяъ'’-", min_size=1, max_size=14))
def test_screening_changes_nothing(word):
    language = "bg" if any("Ѐ" <= letter <= "ӿ" for letter in word) else "en"
    assert dictionary_form(word) == lemmatize(word, language)
    assert is_known(word) == is_known_to_simplemma(word, language)


def test_forms_lead_to_their_word():
    assert (dictionary_form("printers"), dictionary_form("принтерите")) == ("printer", "принтер")
    assert is_known("printers")
    assert not is_known("xqzwv")
