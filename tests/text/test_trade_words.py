import pytest

from kbsearch.text.trade_words import named
from kbsearch.text.words import parse_query, terms


@pytest.mark.parametrize(
    ("typed", "name"),
    [("впн", "VPN"), ("уайфай", "Wi-Fi"), ("вайфай", "Wi-Fi"), ("аутлук", "Outlook"), ("тиймс", "Teams"),
     ("bsod", "blue screen"), ("тимс", "Teams"), ("скайп", "Skype"), ("флашка", "USB"), ("айфон", "iPhone"),
     ("бекъп", "backup"), ("рутер", "router")],
)  # fmt: skip
def test_what_is_typed_has_a_name(typed, name):
    assert named(typed) == name


def test_an_everyday_word_has_none():
    assert named("стол") is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [("грешка0x80070005", "0x80070005"), ("error0x80070005", "0x80070005"), ("80070005", "0x80070005"),
     ("0х80070005", "0x80070005"), ("грешка0х80070005", "0x80070005"), ("c0000005", "0xc0000005"),
     ("error809", "809"), ("Грешка809", "809"), ("код809", "809"), ("error-809", "809"), ("ХР4711", "xp4711"),
     ("АВС-12", "abc-12")],
)  # fmt: skip
def test_codes_are_found_however_they_are_typed(typed, code):
    assert code in terms(typed)
    assert code in parse_query(typed).terms


@pytest.mark.parametrize("kept", ["srv-print01", "windows11", "office365", "kb5034441", "10.0.0.7", "етаж2"])
def test_names_with_numbers_stay_whole(kept):
    assert kept in terms(kept)
