import pytest

from kbsearch.text.error_codes import error_codes, other_codes


@pytest.mark.parametrize(
    ("asked", "about", "others"),
    [
        ("Application shows ORA-99999", "Application shows ORA-00904", ("ORA-00904",)),
        ("Application shows ORA-904", "Application shows ORA-00904", ()),
        ("VPN error 868", "VPN does not connect (errors 809, 691, 720)", ("809", "691", "720")),
        ("впн грешка 809", "VPN не се свързва (грешки 809, 691, 720)", ()),
        ("Update failed 0x80240034", "Windows Update fails (0x80070643, 0x800f0922)", ("0x80070643", "0x800f0922")),
        ("0x11b", "Error 0x0000011b when connecting", ()),
        ("NET::ERR_CERT_AUTHORITY_INVALID", "NET::ERR_CERT_DATE_INVALID", ("ERR_CERT_DATE_INVALID",)),
        ("The page shows HTTP 502", "HTTP Error 404", ("HTTP 404",)),
        ("Event ID 4625 in the log", "Locked out, event ID 4740", ("4740",)),
        ("AADSTS50105", "New phone (AADSTS50076)", ("AADSTS50076",)),
        ("error CS0246", "error CS1002", ("CS1002",)),
        ("грешка E-217", "грешка E-218", ("E-218",)),
        ("Upgraded to version 5.1.2", "Mail comes back (5.1.1)", ()),
        ("Printer PC-3000", "Printer PC-4000", ()),
        ("VPN error 868", "Printer error 0x0000011b", ()),
    ],
)
def test_another_code_of_the_same_family_is_named(asked, about, others):
    assert other_codes(error_codes(asked), about) == others


def test_what_a_solution_is_about_counts_before_what_it_mentions():
    text = "NET::ERR_CERT_DATE_INVALID\nNET::ERR_CERT_AUTHORITY_INVALID is a different matter."
    assert other_codes(error_codes("ERR_CERT_AUTHORITY_INVALID"), "NET::ERR_CERT_DATE_INVALID", text)
    assert not other_codes(error_codes("ERR_CERT_AUTHORITY_INVALID"), "Certificates", text)
