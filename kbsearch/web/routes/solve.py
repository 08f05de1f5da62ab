"""The second line writes a fix back: checked while it is typed, saved when it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from kbsearch.api.callers import CallerDep
from kbsearch.api.fields import Id
from kbsearch.api.requests.tickets import WriteBackLine
from kbsearch.api.service import KnowledgeDep
from kbsearch.errors import InvalidInput, NotFound
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import Resolution, ResolvedTicket
from kbsearch.web.forms import FormDep, checked, listed
from kbsearch.web.page_route import PageRoute
from kbsearch.web.redacted import in_words, with_marks
from kbsearch.web.visits import VisitDep

router = APIRouter(include_in_schema=False, route_class=PageRoute)

FIELDS = ("ticket_id", "subject", "description", "environment", "resolution", "cause", "minutes_spent", "level",
          "suggestion_id", "solution_id", "solution_title")  # fmt: skip
_NAMES = {"/ticket/id": "/ticket_id", "/ticket/subject": "/subject"}
_FEWEST_CHARACTERS = 10
"""A shorter resolution is not checked yet."""


@router.get("/solve")
def write_back_page(
    visit: VisitDep,
    request: Request,
    caller: CallerDep,
    knowledge: KnowledgeDep,
    ticket: Annotated[Id | None, Query()] = None,
) -> Response:
    """The form, filled in from a stored ticket or from the address."""
    given = {name: request.query_params.get(name, "") for name in FIELDS}
    if ticket is not None:
        given["ticket_id"] = ticket
        if visit.client is not None:
            with suppress(NotFound):  # of a new ticket the number is known, the rest is typed
                given = {**given, **_of_stored(knowledge.tickets.get(caller.tenant, ticket))}
    return visit.page("solve.html", given=given)


@router.post("/solve/check")
def check(visit: VisitDep, form: FormDep, caller: CallerDep, knowledge: KnowledgeDep) -> Response:
    """What would be stored, and the fixes that are there already. Nothing is written."""
    subject, resolution = form.get("subject", "").strip(), form.get("resolution", "").strip()
    if not subject or len(resolution) < _FEWEST_CHARACTERS:
        return visit.page("solve_check.html", preview=None)
    given = _given({**form, "ticket_id": form.get("ticket_id", "").strip() or "new"})
    preview = knowledge.tickets.preview(caller.tenant, given, visit.language)
    texts = (preview.ticket.subject, preview.ticket.description, preview.resolution.text, preview.resolution.cause)
    return visit.page(
        "solve_check.html",
        preview=preview,
        redacted=in_words(preview.redacted),
        texts=with_marks(texts),
        named=form.get("solution_id", ""),
    )


@router.post("/solve")
def write_back(visit: VisitDep, form: FormDep, caller: CallerDep, knowledge: KnowledgeDep) -> Response:
    """Store the fix. The next question finds it."""
    written = knowledge.tickets.resolve(caller.tenant, _given(form))
    return visit.page("solved.html", written=written, redacted=in_words(written.redacted))


def _given(form: Mapping[str, str]) -> ResolvedTicketIn:
    """The form as the API takes it. Raises InvalidInput, naming the field of the form."""
    ticket_id = form.get("ticket_id", "").strip()
    if not ticket_id:
        raise InvalidInput("/ticket_id", "a ticket needs a number")
    values: dict[str, Any] = {
        "ticket": {
            "id": ticket_id,
            "subject": form.get("subject", "").strip(),
            "description": form.get("description", "").strip(),
            "environment": listed(form.get("environment", "")),
        },
        "resolution": form.get("resolution", "").strip(),
        "cause": form.get("cause", "").strip() or None,
        "minutes_spent": _number(form.get("minutes_spent", "")),
        "level": _number(form.get("level", "")),
        "suggestion_id": form.get("suggestion_id") or None,
        "solution_id": form.get("solution_id") or None,
    }
    try:
        return checked(WriteBackLine, values).to_resolved(ticket_id)
    except InvalidInput as error:
        raise InvalidInput(_NAMES.get(error.pointer, error.pointer), error.detail) from error


def _of_stored(stored: ResolvedTicket) -> dict[str, str]:
    ticket, resolution = stored.ticket, stored.resolution
    return {
        "subject": ticket.subject,
        "description": ticket.description,
        "environment": ", ".join(ticket.environment),
        **_of_resolution(resolution),
    }


def _of_resolution(resolution: Resolution) -> dict[str, str]:
    numbers = {"minutes_spent": resolution.minutes_spent, "level": resolution.level}
    return {
        "resolution": resolution.text,
        "cause": resolution.cause or "",
        **{name: "" if number is None else str(number) for name, number in numbers.items()},
    }


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None
