"""A question as the panel takes it: one text, and what the ticket system knows of the ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from kbsearch.api.fields import TEXT_CHARACTERS
from kbsearch.api.requests.tickets import TicketIn
from kbsearch.model import Ticket
from kbsearch.web.forms import checked, listed

FIELDS = ("words", "ticket", "environment", "resolve_by", "respond_by")
"""Names in the form, and in an address that fills it in (``subject`` and ``description`` may stand for ``words``)."""

_MOST_PRODUCTS = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What the agent typed or pasted, field by field as it stands in the form."""

    words: str = ""
    ticket: str = ""
    environment: str = ""
    resolve_by: str = ""
    respond_by: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Question:
        """The question in a form or an address; unknown fields are ignored."""
        given = {name: values.get(name, "").strip("\n") for name in FIELDS}
        subject, description = values.get("subject", "").strip(), values.get("description", "").strip()
        if not given["words"] and (subject or description):
            given["words"] = f"{subject}\n{description}".strip()
        return cls(**given)

    def of_ticket(self, id: str | None) -> Question:
        """The question of the ticket that the panel was opened for; as it is where there is none."""
        return self if id is None else replace(self, ticket=id)

    @property
    def is_cut(self) -> bool:
        """Whether only the beginning is read."""
        return len(self.words) > TEXT_CHARACTERS

    def to_ticket(self) -> Ticket:
        """The first line is the subject, the rest the description.

        Raises:
            InvalidInput: there is no text, or a time cannot be read.
        """
        subject, _, description = self.words[:TEXT_CHARACTERS].strip().partition("\n")
        products = listed(self.environment)
        values = {
            "id": self.ticket.strip() or None,
            "subject": subject.strip(),
            "description": description.strip(),
            "environment": products[:_MOST_PRODUCTS],
            "resolve_by": _time(self.resolve_by),
            "respond_by": _time(self.respond_by),
        }
        return checked(TicketIn, values).to_ticket()


def _time(text: str) -> str | None:
    """A time as the API takes it; None for one that cannot be read: no question fails for its deadline."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.isoformat() if moment.tzinfo is not None else None
