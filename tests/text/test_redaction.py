import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kbsearch.text import redaction
from kbsearch.text.redaction import redact


@pytest.mark.parametrize(
    ("text", "clean", "kind"),
    [
        ("write to ivan.petrov@example.com today", "write to <EMAIL> today", "email"),
        ("User: Maria_S+it@mail.corp.example.bg.", "User: <EMAIL>.", "email"),
        ("password: Zima2024!", "password: <SECRET>", "secret"),
        ("Password is Zima2024", "Password is <SECRET>", "secret"),
        ("the PIN: 4711.", "the PIN: <SECRET>", "secret"),
        ("pwd=hunter2;", "pwd=<SECRET>;", "secret"),
        ("парола: Лято2024", "парола: <SECRET>", "secret"),
        ("паролата е Zima2024", "паролата е <SECRET>", "secret"),
        ("parola: zima#24", "parola: <SECRET>", "secret"),
        ('api key: "k3y-abc-123"', 'api key: "<SECRET>"', "secret"),
        ("to BG80 BNBG 9661 1020 3456 78 please", "to <IBAN> please", "iban"),
        ("DE89370400440532013000", "<IBAN>", "iban"),
        ("card 4111 1111 1111 1111 was charged", "card <CARD> was charged", "card"),
        ("5500-0000-0000-0004", "<CARD>", "card"),
        ("ЕГН 7523169263", "ЕГН <EGN>", "egn"),
        ("call +359 888 123 456", "call <PHONE>", "phone"),
        ("call 00359888123456", "call <PHONE>", "phone"),
        ("тел. 0888 123 456", "тел. <PHONE>", "phone"),
        ("тел. 0888/123-456", "тел. <PHONE>", "phone"),
        ("офис 02 981 1234", "офис <PHONE>", "phone"),
        ("+44 20 7946 0958", "<PHONE>", "phone"),
    ],
)
def test_personal_data_and_secrets_go(text, clean, kind):
    assert redact(text) == (clean, {kind: 1})


@pytest.mark.parametrize(
    "text",
    [
        # error codes
        "error 0x80070005 and 0x8007000E",
        "AADSTS50076: use multi-factor authentication",
        "HRESULT -2147024891",
        "exit code 3221225477",
        "Windows error 1603, event 4625",
        "ORA-12154: could not resolve the connect identifier",
        "STOP 0x0000007E (0xC0000005, 0x00000000, 0x00000000)",
        # updates, versions, builds, addresses
        "KB5034441 and KB 5034441",
        "Outlook 16.0.17328.20162",
        "Windows 10.0.19045.3803, build 22621.2861",
        "0.8.7.1-rc2",
        "10.20.30.40, fe80::1ff:fe23:4567:890a, 00-15-5D-01-02-03, 00:15:5d:01:02:03",
        "C:\\Program Files\\App\\2.0.1234.5678",
        # ids of tickets and apps
        "INC0012345, RITM0012345, CHG0030012",
        "HD-10234, SR-2024-000123, #1234567",
        "SAP note 0002170160",
        "app 00000002-0000-0ff1-ce00-000000000000",
        "app 00000003-0000-0000-c000-000000000000",
        "tenant 00000000-0000-0000-0000-000000000000",
        "device 6f9619ff-8b86-d011-b42d-00c04fc964ff",
        # times
        "since 2024-03-15 08:15:22",
        "on 02/11/2024 9:15 AM",
        "on 02/11/2024 3 users called",
        "15.03.2024 г., 08:30 ч.",
        "timestamp 1700000000",
        # numbers that fail their checksum
        "BG81 BNBG 9661 1020 3456 78",
        "4111 1111 1111 1112",
        "7523169264",
        # words about secrets
        "the password is expired",
        "reset the password, then sign in",
        "password: expired",
        "паролата е изтекла",
        "the token is invalid",
        "@channel please look, john@ is no address",
    ],
)
def test_what_an_engineer_needs_stays(text):
    assert redact(text) == (text, {})


def test_several_finds_are_counted_by_kind():
    clean, counts = redact("a@example.com, b@example.com, password: Zima2024!, тел. 0888123456")
    assert clean == "<EMAIL>, <EMAIL>, password: <SECRET>, тел. <PHONE>"
    assert counts == {"email": 2, "secret": 1, "phone": 1}


def test_nothing_is_found_in_what_was_redacted_before():
    clean, _ = redact("password: Zima2024!, a@example.com, BG80BNBG96611020345678, +359888123456")
    assert redact(clean) == (clean, {})


_PERSONAL = (
    "a@example.com", "+359888123456", "0888 123 456", "7523169263", "BG80 BNBG 9661 1020 3456 78",
    "4111 1111 1111 1111", "Zima2024!",
)  # fmt: skip
_AROUND = ("password: ", "парола е ", "pin=", "0x80070005", "<SECRET>", "KB5034441", *' -.,:\n"x07+')


@given(st.lists(st.sampled_from(_PERSONAL + _AROUND), max_size=8).map("".join))
@example("+359888123456+359888123456")
@example("0888 123 456 4111 1111 1111 1111")
def test_redacting_twice_changes_nothing_more(text):
    once, _ = redact(text)
    assert redact(once)[0] == once


@given(st.text())
def test_any_text_can_be_redacted(text):
    once, counts = redact(text)
    assert redact(once)[0] == once
    assert all(counts.values())


@given(st.text(alphabet="0123456789+ -./()abЖ٣") | st.from_regex(r"(\+|00)?[0-9 ./()-]{5,30}", fullmatch=True))
def test_a_text_that_is_not_searched_for_numbers_has_none(text):
    if not redaction._SEVEN_DIGITS.search(text):
        assert not any(kind.pattern.search(text) for kind in redaction._NUMBERS)
