"""Tickets as they are stored, and what they say."""

from __future__ import annotations

from dataclasses import replace

from kbsearch.model import Ticket
from kbsearch.text.intake.boilerplate import Boilerplate, is_template
from kbsearch.text.intake.plain import plain_line, plain_text
from kbsearch.text.intake.reading import read, read_subject


def plain_ticket(ticket: Ticket) -> Ticket:
    """The ticket without HTML, inline pictures and invisible characters; the same object where it has none."""
    subject, description = plain_line(ticket.subject), plain_text(ticket.description)
    environment = tuple(plain_line(entry) for entry in ticket.environment)
    if (subject, description, environment) == (ticket.subject, ticket.description, ticket.environment):
        return ticket
    return replace(ticket, subject=subject, description=description, environment=environment)


def said(ticket: Ticket, is_boilerplate: Boilerplate = is_template) -> Ticket:
    """What a plain ticket says: no reply marks, the newest part of a mail, the values of a form."""
    subject, description = read_subject(ticket.subject), read(ticket.description, is_boilerplate).message
    if (subject, description) == (ticket.subject, ticket.description):
        return ticket
    return replace(ticket, subject=subject, description=description)
