from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.errors import InvalidInput
from kbsearch.evaluation.fixes import measure
from kbsearch.text.fixes import differences, fingerprint, is_excerpt, is_thin


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


# -- what tells two fixes apart ----------------------------------------------------------------------------

DIFFERENT = [
    ("Set the keyboard layout to US.", "Set the keyboard layout to IT."),
    ("Changed the region to AT.", "Changed the region to US."),
    ("Set the language of the till to IS.", "Set the language of the till to BE."),
    ("Choose option A in the dialog.", "Choose option B in the dialog."),
    ("Set the threshold to > 80.", "Set the threshold to < 80."),
    ("Alarm if load >= 5 on the server.", "Alarm if load <= 5 on the server."),
    ("Set the gain to +12 in the mixer.", "Set the gain to -12 in the mixer."),
    ("Set the offset of the clock to 1.", "Set the offset of the clock to -1."),
    ("Filter rule a == b in the gateway.", "Filter rule a != b in the gateway."),
    ("Ran the tool with -f again.", "Ran the tool with -r again."),
    ("Ran the tool with /force switch.", "Ran the tool with the force switch."),
    ("Limited the quota to 5% of the disk.", "Limited the quota to 5 of the disk."),
    ("Installed the C# runtime package.", "Installed the C++ runtime package."),
    ("Deleted *.pst in the profile folder.", "Deleted pst in the profile folder."),
    ("Moved the mailbox from EX1 to EX2.", "Moved the mailbox to EX1 from EX2."),
    ("Преместена е пощата от EX1 на EX2.", "Преместена е пощата на EX1 от EX2."),
    ("Disable the adapter, then enable the bridge.", "Enable the bridge, then disable the adapter."),
    ("Set the timeout to 30 seconds.", "Set the timeout to 60 seconds."),
    ("Turn on the hardware acceleration.", "Turn off the hardware acceleration."),
    ("Restart before the update runs.", "Restart after the update runs."),
    ("Do not restart the domain controller.", "Restart the domain controller."),
    ("Use the front or the back port.", "Use the front and the back port."),
]
SAME = [
    ("Ran the media calibration. Gap sensor detects the new roll.",
     "<p>Ran the <strong>media calibration</strong>.&nbsp;Gap sensor detects the new roll.</p>"),
    ("Restarted the print spooler service", "**Restarted** the print-spooler service!"),
    ("Restart print spooler service", "Hi Ani,\n\nI have restarted the print spooler service. Works now.\n\nBest regards,\nIvan"),
    ("Removed the stored credential and signed in again.",
     "Removed the stored credential and signed in again.\n\nIf the problem comes back, reply to this message within five days"
     " and the ticket is opened again."),
    ("Deleted the old profile.", "Deleted the old profile.\n\nFrom: M <m@example.com>\nSent: Monday\nSubject: x\n\nIt is broken."),
    ("Deleted the old profile.", "Deleted the old profile. Closing the ticket."),
    ("Deleted the old profile.", "Deleted the old profile. Ticket closed automatically after 5 days."),
    ("1. Stop the service.\n2. Delete the queue.", "<ol><li>Stop the service.</li><li>Delete the queue.</li></ol>"),
    ("Рестартирахме услугата за печат", "<div>Рестартирахме услугата за&nbsp;печат.</div>"),
    ("Set it to Q\u200bX-4719.", "Set it to QX-4719."),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_fixes_that_say_something_else_have_other_names(one, other):
    assert _named(one) != _named(other)
    assert not is_excerpt(one, other, 0.5)
    assert not is_excerpt(other, one, 0.5)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_fix_has_one_name_however_it_was_sent(one, other):
    assert _named(one) == _named(other)


SHARED = [
    "Restarted the device and printed a test page together with the user.",
    "Explained the steps to the user and tested the login together with the whole team.",
    "Checked the result with the user and documented the change in the wiki of the team.",
    "If the problem comes back, reply to this message within five days and the ticket is opened again.",
    "Please rate our support: https://example.com/rate",
    "Рестартирахме устройството и отпечатахме тестова страница заедно с потребителя.",
    "Ако проблемът се появи отново, отговорете на това съобщение и заявката ще бъде отворена отново.",
    "Rebooted the workstation twice and verified the event log for new errors.",
    "Gerät neu gestartet und zusammen mit dem Benutzer eine Testseite gedruckt.",
    "Redémarré l'appareil et imprimé une page de test avec l'utilisateur.",
]


@pytest.mark.parametrize("shared", SHARED)
def test_a_shared_sentence_joins_no_fixes(shared):
    one, other = f"Replaced the fuser unit. {shared}", f"Removed the jammed label. {shared}"
    assert _named(one) != _named(other)
    assert _named(one) != _named(shared)
    for part, whole in ((shared, one), (one, other), (shared, other)):
        assert not is_excerpt(part, whole, 0.9)


# -- what is no fix ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("half", ["dev", "held_out"])
def test_thin_resolutions_are_distinguished_from_fixes(half):
    lines = (Path(__file__).parent / "fix_lines" / f"{half}.tsv").read_text("utf-8").splitlines()
    result = measure(lines)
    assert result.lines > 250
    assert result.recall >= 0.97
    assert result.precision >= 0.97


def test_a_line_without_a_label_is_refused():
    with pytest.raises(InvalidInput):
        measure(["Done"])


def test_list_numbers_and_tags_are_no_difference() -> None:
    listed = "1. Close Outlook.\n2. Remove the stored credential.\n3) Sign in again."
    assert differences("<p>Close Outlook.</p><br/>Remove the stored credential. Sign in again.", listed, "en") == (
        differences("Sign in again. Close Outlook. Remove the stored credential.", listed, "en")
    )
    assert "7" in differences("Set the offset to 7 seconds.", "Set the offset to 5 seconds.", "en")
