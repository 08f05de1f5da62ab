"""Bodies of answers about the service itself, and of problems."""

from __future__ import annotations

from kbsearch.api.fields import Out


class HealthOut(Out):
    status: str
    version: str


class ReadyOut(Out):
    status: str
    model: str


class ProblemOut(Out):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, str]] | None = None
