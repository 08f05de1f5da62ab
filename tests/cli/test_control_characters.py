"""What commands print: no text moves the cursor, hides a line or forges one."""

from __future__ import annotations

import json

import pytest

from kbsearch.cli.output import out, plain, print_json, say

NASTY = "a\x1b[31m\x9b2Jb\rc\x07\u2028d\u202ee\x00\x7f[bold]f[/bold]"


def test_a_text_is_printed_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    say(NASTY)
    out.print(plain(NASTY))
    captured = capsys.readouterr()
    for printed in (captured.out, captured.err):
        assert "[bold]f[/bold]" in printed
        assert all(one.isprintable() for one in printed.replace("\n", ""))
        assert printed.count("\n") == 1


def test_json_holds_the_text_and_prints_no_control_character(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"text": NASTY, "more": "Принтер"})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"text": NASTY, "more": "Принтер"}
    assert all(one.isprintable() for one in printed.replace("\n", ""))
    assert "Принтер" in printed
