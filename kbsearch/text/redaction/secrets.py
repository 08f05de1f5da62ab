"""Passwords, tokens and keys, recognised by their form, by the command or by a word before them."""

from __future__ import annotations

from collections.abc import Iterator

from kbsearch.text.redaction.codes import find_codes
from kbsearch.text.redaction.commands import find_in_commands
from kbsearch.text.redaction.finds import Find, Reading
from kbsearch.text.redaction.passwords import find_passwords
from kbsearch.text.redaction.tables import find_in_tables
from kbsearch.text.redaction.tokens import find_tokens


def find_secrets(reading: Reading) -> Iterator[Find]:
    yield from find_tokens(reading)
    yield from find_in_commands(reading)
    yield from find_in_tables(reading)
    yield from find_passwords(reading)
    yield from find_codes(reading)
