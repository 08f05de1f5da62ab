"""What can go wrong.

KBSearchError
├── ConnectionFailed    no answer came, however often it was tried
└── Problem             the server answered that it does not work (RFC 9457)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import httpx


class KBSearchError(Exception):
    """Base of all errors of this client."""


class ConnectionFailed(KBSearchError):
    """No answer came: the server cannot be reached, or did not answer in time."""


class Problem(KBSearchError):
    """An answer that says why a request does not work. ``type`` is stable, the texts are not.

    ``errors`` names the values that cannot be used: (JSON pointer, what is wrong). ``retry_after_s`` is how long the
    server asks to wait, None where it does not.
    """

    def __init__(
        self,
        status: int,
        type: str,
        title: str,
        detail: str,
        errors: list[tuple[str, str]],
        retry_after_s: float | None,
    ) -> None:
        super().__init__(f"{status} {title}" + (f": {detail}" if detail else ""))
        self.status = status
        self.type = type
        self.title = title
        self.detail = detail
        self.errors = errors
        self.retry_after_s = retry_after_s

    @classmethod
    def of(cls, response: httpx.Response) -> Problem:
        """The problem of an answer. A proxy's page in place of the server's answer is one without a type."""
        try:
            body: Any = response.json()
        except ValueError:
            body = None
        given: Mapping[str, Any] = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
        listed = cast("list[Mapping[str, Any]]", given.get("errors") or [])
        errors = [(str(one.get("pointer", "")), str(one.get("detail", ""))) for one in listed]
        return cls(
            response.status_code,
            str(given.get("type", "about:blank")),
            str(given.get("title", response.reason_phrase)),
            str(given.get("detail") or ""),
            errors,
            _seconds(response.headers.get("retry-after")),
        )


def _seconds(header: str | None) -> float | None:
    try:
        return None if header is None else max(0.0, float(header))
    except ValueError:  # a date, which this server does not send
        return None
