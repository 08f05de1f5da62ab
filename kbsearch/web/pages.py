"""Puts the pages into an application."""

from __future__ import annotations

from fastapi import FastAPI

from kbsearch.api.gate import check_guarded
from kbsearch.web.routes import find, panel, review, signing_in, solve
from kbsearch.web.site import Site, static_files


def add_pages(app: FastAPI) -> FastAPI:
    """The application, with the pages for people added to its API.

    Raises:
        RuntimeError: a page has no row in kbsearch.api.access.
    """
    app.state.site = Site()
    app.include_router(signing_in.open_router)
    for module in (signing_in, panel, find, solve, review):
        app.include_router(module.router)
    app.mount("/static", static_files())
    check_guarded(app)
    return app
