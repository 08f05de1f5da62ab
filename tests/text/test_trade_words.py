import pytest

from kbsearch.text.trade_words import TradeWords, form_for, shipped
from kbsearch.text.words import parse_query, terms


@pytest.mark.parametrize(
    ("typed", "name"),
    [("впн", "VPN"), ("уайфай", "Wi-Fi"), ("вайфай", "Wi-Fi"), ("аутлук", "Outlook"), ("тиймс", "Teams"),
     ("bsod", "blue screen"), ("тимс", "Teams"), ("скайп", "Skype"), ("флашка", "USB"), ("айфон", "iPhone"),
     ("бекъп", "backup"), ("рутер", "router"), ("компа", "computer"), ("fishing", "phishing")],
)  # fmt: skip
def test_what_is_typed_has_a_name(typed, name):
    assert shipped().named(typed)[0] == name


@pytest.mark.parametrize(
    ("typed", "name"),
    [("впнът", "VPN"), ("впна", "VPN"), ("уайфая", "Wi-Fi"), ("уайфаят", "Wi-Fi"), ("ъпдейта", "update"),
     ("мейлите", "e-mail"), ("рутерите", "router"), ("флашките", "USB"), ("суичове", "switch")],
)  # fmt: skip
def test_endings_make_no_difference(typed, name):
    assert shipped().named(typed)[0] == name


def test_an_everyday_word_has_none():
    for word in ("стол", "вода", "на", "я", "desk"):
        assert shipped().named(word) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [("вай фай не работи", "Wi-Fi не работи"), ("Вай-фай: няма", "Wi-Fi: няма"), ("wi fi down", "Wi-Fi down"),
     ("актив директори", "Active Directory"), ("край фай", "край фай")],
)  # fmt: skip
def test_names_typed_in_several_words_are_read(text, named):
    assert shipped().with_phrases_named(text) == named


def test_a_name_takes_the_form_in_the_letters_of_what_was_typed():
    assert form_for("мейл", ("e-mail", "имейл")) == "имейл"
    assert form_for("meil", ("e-mail", "имейл")) == "e-mail"
    assert form_for("впн", ("VPN",)) == "VPN"


def test_own_words_go_before_those_that_are_shipped():
    own = TradeWords({"впн": ("Hamachi",), "синята програма": ("Aurora WMS",)}, shipped())
    assert own.named("впнът") == ("Hamachi",)
    assert own.named("аутлук") == ("Outlook",)
    assert own.with_phrases_named("Синята  програма виси") == "Aurora WMS виси"
    assert shipped().named("впн") == ("VPN",)
    assert TradeWords({}).with_phrases_named("вай фай") == "вай фай"


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
