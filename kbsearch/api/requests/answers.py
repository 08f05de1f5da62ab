"""Bodies of requests about questions and their answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kbsearch.api.fields import (
    Id,
    In,
    Label,
    Limit,
)
from kbsearch.api.requests.examples import TICKET, example
from kbsearch.api.requests.tickets import TicketIn
from kbsearch.model import (
    FeedbackOutcome,
)


class SuggestIn(In):
    """A question: suggest solutions for a ticket."""

    model_config = example({"ticket": TICKET, "limit": 5}, {"ticket": {"subject": "Принтерът не печата"}})

    ticket: TicketIn
    limit: Limit = 5
    min_revision: Annotated[int, Field(ge=0, le=2**53, strict=True)] | None = None
    stages: Annotated[bool, Field(strict=True, description="Return the duration of each stage.")] = False


class FeedbackIn(In):
    """Feedback on a suggested solution."""

    model_config = example({"solution_id": "outlook-password-prompt.en", "outcome": "solved", "comment": None})

    solution_id: Id
    outcome: FeedbackOutcome
    comment: Annotated[str, Field(max_length=2_000)] | None = None
    agent: (
        Annotated[Label, Field(description="With a key of the role `system`: the agent who gives the feedback.")] | None
    ) = None
