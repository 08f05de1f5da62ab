"""Puts the pages into an application."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from kbsearch.api.gate import check_guarded
from kbsearch.web.failures import no_such_page
from kbsearch.web.routes import articles, desk, find, panel, review, side_panel, signing_in, solve
from kbsearch.web.site import Site


def add_pages(app: FastAPI, panel_origins: Sequence[str] = ()) -> FastAPI:
    """The application, with the pages for people added to its API.

    Args:
        app: the application.
        panel_origins: other origins whose pages may show the side panel.

    Raises:
        RuntimeError: a page has no row in kbsearch.api.access.
    """
    app.state.site = site = Site(panel_origins)
    for module in (signing_in, side_panel):
        app.include_router(module.open_router)
    for module in (signing_in, panel, side_panel, articles, find, solve, review, desk):
        app.include_router(module.router)
    app.mount("/static", site.static_files())
    app.add_exception_handler(HTTPException, no_such_page)
    check_guarded(app)
    return app
