"""Sessions of the side panel, for ticket systems that show it beside a ticket."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request

from kbsearch.api.callers import Caller, CallerDep
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.requests.administration import PanelSessionIn
from kbsearch.api.responses.panel import PanelSessionOut
from kbsearch.api.service import ServiceDep
from kbsearch.errors import Forbidden, InvalidInput
from kbsearch.model import LADDER, Credential, Role

router = APIRouter(prefix="/v1/panel-sessions", tags=["answers"], route_class=GuardedRoute)


@router.post("", status_code=201)
def open_panel_session(
    body: PanelSessionIn, caller: CallerDep, service: ServiceDep, request: Request
) -> PanelSessionOut:
    """Open the side panel for a ticket.

    The answer's `url` shows the panel in a frame of the ticket system's page. It is valid for this tenant and ticket,
    ends with `minutes`, and with the key that asked for it.
    """
    grant = Credential.of(caller.speaking_for(body.agent), _role(caller, body.role), (caller.tenant,))
    lasts = timedelta(minutes=body.minutes)
    expires_at = service.knowledge().store.clock() + lasts
    token = service.sessions().begin_panel(request.state.credential, grant, body.ticket_id, lasts)
    url = f"{request.base_url}panel#{urlencode({'token': token})}"
    return PanelSessionOut(token=token, url=url, ticket_id=body.ticket_id, expires_at=expires_at)


def _role(caller: Caller, wanted: Role) -> Role:
    if wanted not in LADDER:
        raise InvalidInput("/role", f"the panel is for people, and {wanted} is a role of programs")
    highest = Role.AGENT if caller.role == Role.SYSTEM else caller.role
    if LADDER.index(wanted) > LADDER.index(highest):
        raise Forbidden(f"a credential of role {caller.role} opens no panel of role {wanted}")
    return wanted
