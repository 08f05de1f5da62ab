"""The panel beside a ticket, in a frame of the ticket system's page.

Its page holds no data and is public: the token comes behind the ``#`` of the address, which no server sees, or as a
message of the page around it.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from kbsearch.api import security_headers
from kbsearch.api.fields import TEXT_CHARACTERS
from kbsearch.errors import Unauthorized
from kbsearch.web.forms import FormDep
from kbsearch.web.page_route import PageRoute
from kbsearch.web.questions import Question
from kbsearch.web.visits import Visit, VisitDep

open_router = APIRouter(include_in_schema=False)
"""The page of the frame, for which nobody needs to be signed in."""

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@open_router.get("/panel")
async def show_frame(request: Request) -> Response:
    """The empty panel. Only pages of the configured origins may show it in a frame."""
    visit = Visit(request)
    answer = visit.page("side_panel.html")
    answer.headers["Content-Security-Policy"] = security_headers.page_policy(visit.site.panel_origins)
    return answer


@router.post("/panel/open")
def open_panel(visit: VisitDep, form: FormDep) -> Response:
    """The panel for the client and the ticket of the token, filled in with what the ticket system knows."""
    if visit.panel is None:
        raise Unauthorized("the side panel needs its own token")
    question = Question.of(form).of_ticket(visit.panel.ticket_id)
    return visit.page("side_panel_opened.html", question=question, most=TEXT_CHARACTERS)
