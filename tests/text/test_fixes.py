import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.text.fixes import fingerprint, is_thin


def _named(text):
    return fingerprint(text).whole


@pytest.mark.parametrize(
    "resolution",
    [
        "",
        "Done.",
        "Fixed, thank you!",
        "Issue resolved.",
        "The problem was fixed and confirmed by the user",
        "ok",
        "...",
        "Готово.",
        "Оправено, благодаря",
        "Проблемът е отстранен.",
        "Решено по телефона, потребителят потвърди",
        "Заявката е изпълнена",
    ],
)
def test_a_closing_formula_is_thin(resolution):
    assert is_thin(resolution)


@pytest.mark.parametrize(
    "resolution",
    [
        "Restarted the print spooler service",
        "Cleared the cached credentials in Credential Manager",
        "Installed KB5034441 and rebooted",
        "Рестартирахме услугата за печат",
        "Изчистен е кешът на браузъра и е сменена паролата",
        "Fixed: deleted the old Outlook profile and made a new one",
    ],
)
def test_a_fix_is_not_thin(resolution):
    assert not is_thin(resolution)


@given(st.text())
def test_any_text_is_judged(text):
    assert is_thin(text) in (True, False)
    assert len(_named(text)) == 16


_WORDS = st.lists(st.sampled_from(["restart", "spooler", "нулирай", "опашката", "KB5034441", "0x80070005"]), min_size=1)
_GAPS = st.sampled_from([" ", "  ", "\n", ", ", "; ", " - ", ".\n", "! "])


@given(_WORDS, st.data())
def test_case_white_space_and_punctuation_do_not_make_another_fix(words, data):
    retold = "".join(word.swapcase() + data.draw(_GAPS) for word in words)
    assert _named(retold) == _named(" ".join(words))


@given(_WORDS, _WORDS)
def test_other_words_make_another_fix(one, other):
    assert (_named(" ".join(one)) == _named(" ".join(other))) == (one == other)


def test_the_order_of_the_words_matters():
    assert _named("disable then enable") != _named("enable then disable")
