"""Reading texts as service desks get them: HTML, mails with threads, signatures and banners, logs, forms.

``plain_text`` is what is stored and shown; ``read`` what it says, which is what is indexed and asked. Both are pure and
run on questions, tickets and resolutions, ``plain_text`` on articles too, so that they meet.
"""

from __future__ import annotations

from kbsearch.text.intake.boilerplate import Boilerplate, is_template
from kbsearch.text.intake.learned import boilerplate_of
from kbsearch.text.intake.plain import plain_line, plain_text
from kbsearch.text.intake.reading import Reading, read, read_subject, says_nothing
from kbsearch.text.intake.telling import telling
from kbsearch.text.intake.tickets import Said, plain_ticket, said

__all__ = [
    "Boilerplate",
    "Reading",
    "Said",
    "boilerplate_of",
    "is_template",
    "plain_line",
    "plain_text",
    "plain_ticket",
    "read",
    "read_subject",
    "said",
    "says_nothing",
    "telling",
]
