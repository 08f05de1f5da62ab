"""Tickets as they are stored, and what they say."""

from __future__ import annotations

from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True)
class Said:
    """What a ticket says; ``is_of_earlier_mail``: its newest mail says nothing, so an earlier one was read."""

    ticket: Ticket
    is_of_earlier_mail: bool = False


def said(ticket: Ticket, is_boilerplate: Boilerplate = is_template) -> Said:
    """What a plain ticket says: no reply marks, the newest part of a mail, the values of a form."""
    subject, reading = read_subject(ticket.subject), read(ticket.description, is_boilerplate)
    if (subject, reading.message) != (ticket.subject, ticket.description):
        ticket = replace(ticket, subject=subject, description=reading.message)
    return Said(ticket, reading.is_of_earlier_mail)
