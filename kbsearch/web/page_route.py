"""A route of a page: the API's gate admits requests, and failures are explained in words."""

from __future__ import annotations

from fastapi import Request, Response

from kbsearch.api.cookies import is_csrf_token
from kbsearch.api.gate import GuardedRoute, Handler
from kbsearch.web.failures import OutdatedForm, failed
from kbsearch.web.forms import read_form

CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"


class PageRoute(GuardedRoute):
    """Serves HTML. A request that may change something must come from a page of the same session."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def paged(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:  # noqa: BLE001 - a person reads the answer, a bug's too; it is logged
                return failed(request, error)

        return paged

    def reading(self, handle: Handler) -> Handler:
        async def of_own_page(request: Request) -> Response:
            if request.method != "GET" and getattr(request.state, "panel", None) is None:
                form = await read_form(request)
                given = request.headers.get(CSRF_HEADER) or form.get(CSRF_FIELD, "")
                if not is_csrf_token(request, given):
                    raise OutdatedForm
            return await handle(request)

        return of_own_page
