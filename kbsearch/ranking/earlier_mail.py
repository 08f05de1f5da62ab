"""An answer to a mail that says nothing new: it is about an earlier one of the same thread."""

from __future__ import annotations

from dataclasses import replace

from kbsearch.model import Verdict
from kbsearch.text.language import primary

_SAID = {
    "en": " The newest message says little; an earlier one was read.",
    "bg": " Последното съобщение казва малко; прочетено е по-ранно.",
}


def of_earlier_mail(verdict: Verdict, asked: str) -> Verdict:
    """The verdict, its reason saying that the question is that of an earlier mail."""
    return replace(verdict, reason=verdict.reason + _SAID.get(primary(asked), _SAID["en"]))
