"""One request of a person: who it is, which client is asked for, in which language the answer is."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from kbsearch.access.clients import clients_of
from kbsearch.api import security_headers
from kbsearch.api.callers import CLIENT_PARAMETER, Caller
from kbsearch.api.cookies import csrf_token, session_token
from kbsearch.api.gate import LOCAL, PANEL_HEADER, PanelSession
from kbsearch.api.service import Service
from kbsearch.model import LADDER, LEADS, SHARED, Credential, Role, Scope, TenantId
from kbsearch.web.site import Site
from kbsearch.web.words import LANGUAGE_PARAMETER, Words, language_of

FRAGMENT_HEADER = "KBSearch-Fragment"
"""Says that an answer is the server's own: a proxy's page does not bear it."""

_KEPT = ("days", "from", "to", "figure", "part", "gap", "outbreak", "of")
"""Parameters of an address that hold no text of a ticket."""

_HEADERS = {
    **security_headers.PAGES,
    FRAGMENT_HEADER: "1",
    "Vary": "Cookie, Accept-Language",
}


class Visit:
    """What a page knows of its request. Templates have it as ``visit``."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.site: Site = request.app.state.site
        self.language = language_of(request)
        self.words: Words = self.site.words[self.language]
        self.caller: Caller | None = getattr(request.state, "caller", None)
        self.credential: Credential | None = getattr(request.state, "credential", None)
        self.csrf = csrf_token(request)
        self.panel: PanelSession | None = getattr(request.state, "panel", None)

    @property
    def is_fragment(self) -> bool:
        """Whether a page that is already shown asks for a part of it."""
        return "hx-request" in self.request.headers

    @property
    def is_of_panel(self) -> bool:
        """Whether the side panel asks, be its session over."""
        return PANEL_HEADER in self.request.headers

    @property
    def path(self) -> str:
        return self.request.url.path

    @property
    def here(self) -> str:
        """The address of this page, without the ticket's texts that may stand in it."""
        if self.request.method != "GET":
            return self.url("/")
        query = urlencode([*self._named, *self.kept, *_of(self.request, ("id",))])
        return f"{self.path}?{query}" if query else self.path

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the address says of the tickets that are shown, beside the client."""
        return _of(self.request, _KEPT)

    @property
    def _named(self) -> list[tuple[str, str]]:
        shown = self.named if self.shows_all_clients else self.client
        return [(CLIENT_PARAMETER, shown)] if shown else []

    @property
    def named(self) -> TenantId | None:
        """The client that the address names."""
        named = self.request.query_params.get(CLIENT_PARAMETER)
        return self.caller.tenant if self.caller is not None and named else None

    @property
    def shows_all_clients(self) -> bool:
        """Whether this page is about all clients together where none is named."""
        return self.path.startswith("/desk")

    @property
    def covers_several(self) -> bool:
        return self.credential is not None and (self.credential.tenants is None or len(self.credential.tenants) > 1)

    @property
    def is_signed_in(self) -> bool:
        return self.credential is not None and self.credential is not LOCAL and session_token(self.request) is not None

    @property
    def client(self) -> TenantId | None:
        """The client that is asked for; None where several may be and none is chosen."""
        if self.caller is None or self.credential is None:
            return None
        named = self.request.query_params.get(CLIENT_PARAMETER)
        return self.caller.tenant if named or self.credential.home is not None else None

    @property
    def scope(self) -> Scope:
        assert self.caller is not None
        return self.caller.scope

    @cached_property
    def clients(self) -> list[TenantId]:
        """The clients that may be chosen."""
        if self.credential is None:
            return []
        service: Service = self.request.app.state.service
        listed = clients_of(service.knowledge().store, self.credential)
        return listed if self.client is None or self.client in listed else [self.client, *listed]

    @property
    def role(self) -> Role | None:
        return self.credential.role if self.credential is not None else None

    @property
    def may_write(self) -> bool:
        """Whether the second line's pages are for this person, and the client's knowledge is theirs to change."""
        if self.role is None or self.role not in LADDER[LADDER.index(Role.ENGINEER) :]:
            return False
        return self.client != SHARED or self.leads

    @property
    def leads(self) -> bool:
        return self.role in LEADS

    def url(self, path: str, **parameters: str | None) -> str:
        """An address of the pages for the client that is asked for."""
        language = self.request.query_params.get(LANGUAGE_PARAMETER)
        named = {CLIENT_PARAMETER: self.client, LANGUAGE_PARAMETER: language and self.language, **parameters}
        query = urlencode({name: value for name, value in named.items() if value})
        return f"{path}?{query}" if query else path

    def page(self, template: str, status: int = 200, **facts: object) -> Response:
        """A template as an answer, a whole page or a part of one."""
        text = self.site.render(template, self.language, {"visit": self, **facts})
        return HTMLResponse(text, status, headers=_HEADERS)


def _of(request: Request, names: Collection[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.query_params.multi_items() if name in names and value]


async def _visit(request: Request) -> Visit:
    return Visit(request)


VisitDep = Annotated[Visit, Depends(_visit)]
