"""Headers that keep ticket text out of caches, frames and other sites."""

from __future__ import annotations

from collections.abc import Sequence

API = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every answer that does not set them itself."""

API_PAGES = {
    **API,
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline';"
    " style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
}
"""Of the interactive description of the API, whose pages contain a script."""

FRAMED = {name: value for name, value in API.items() if name != "X-Frame-Options"}
"""Of the side panel, whose page names in its policy who may show it in a frame."""


def page_policy(framed_by: Sequence[str] = ()) -> str:
    """The policy of a page for people, which pages of these origins may show in a frame."""
    ancestors = " ".join(framed_by) or "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none';"
        f" form-action 'self'; frame-ancestors {ancestors}"
    )


PAGES = {
    "Content-Security-Policy": page_policy(),
    # With no-referrer a browser would send ``Origin: null`` with the pages' own forms.
    "Referrer-Policy": "same-origin",
}
"""What the pages for people set themselves; the others are those of API."""
