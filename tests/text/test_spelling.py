import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.text.spelling import one_slip_away

LATIN, CYRILLIC = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=15), st.text("абвгдежз", min_size=3)


@given(LATIN | CYRILLIC.filter(lambda word: len(word) < 16), st.data())
def test_a_slip_leads_back_to_the_word(word, data):
    place = data.draw(st.integers(1, len(word) - 1))
    letter = data.draw(st.sampled_from("eo" if word.isascii() else "ео"))
    slips = [
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :],
        word[:place] + word[place + 1 :],
    ]
    typed = data.draw(st.sampled_from([slip for slip in slips if slip != word] or [word + letter]))
    assert word in one_slip_away(typed)


@given(LATIN)
def test_words_are_few_and_each_comes_once(word):
    near = list(one_slip_away(word))
    assert len(near) == len(set(near)) <= 60 * len(word)
    assert word not in near


@pytest.mark.parametrize("word", ["", "srv-print01", "café", "Printer", "принтеr", "a" * 100])
def test_what_is_no_plain_word_has_no_slips(word):
    assert list(one_slip_away(word)) == []
