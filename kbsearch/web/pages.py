"""Serves the pages."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"

_HEADERS = {
    # Ticket text must not leak by a referrer, and nothing but our own files runs.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter(include_in_schema=False)


@router.get("/")
def agent() -> FileResponse:
    """The agent's page: ask, copy the fix, say if it helped."""
    return FileResponse(STATIC / "index.html", headers=_HEADERS)


def static_files() -> StaticFiles:
    """Scripts and styles of the pages."""
    return StaticFiles(directory=STATIC)
