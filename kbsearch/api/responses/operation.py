"""Bodies of answers about the service itself, and of problems."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field

from kbsearch.api.fields import Out, Time
from kbsearch.api.problem_kinds import INVALID
from kbsearch.model import RedactionPolicy

_PROBLEM: dict[str, Any] = {
    "type": INVALID.type,
    "title": INVALID.title,
    "status": INVALID.status,
    "detail": "1 value in the body cannot be used; see errors",
    "instance": "/v1/suggest",
    "errors": [{"pointer": "/ticket/subject", "detail": "it must not be empty"}],
}


class HealthOut(Out):
    status: str
    version: str


class HookOut(Out):
    """A message that was taken in. ``duplicate``: the same delivery came before."""

    accepted: bool
    duplicate: bool


class TaskOut(Out):
    """A background task that fails: how often since the start, and since when.

    The reason is in the log, because this answer needs no key.
    """

    name: str
    failures: int
    failing_since: Time


class ReadyOut(Out):
    status: str
    model: str
    upkeep: list[TaskOut]


class RedactionPolicyOut(Out):
    """``sealed``: whether original texts are encrypted."""

    off: list[str]
    words: list[str]
    kept: list[str]
    keep_raw: bool
    sealed: bool

    @classmethod
    def of(cls, policy: RedactionPolicy, sealed: bool) -> Self:
        return cls(
            off=sorted(policy.off),
            words=list(policy.words),
            kept=list(policy.kept),
            keep_raw=policy.keep_raw,
            sealed=sealed,
        )


class ProblemErrorOut(Out):
    """A value that cannot be used."""

    pointer: Annotated[
        str, Field(description="JSON Pointer (RFC 6901) into the body; for a parameter `/` and its name.")
    ]
    detail: Annotated[str, Field(description="What is wrong with the value.")]


class ProblemOut(Out):
    """RFC 9457 problem details. `type` identifies the kind and never changes; the texts are for people."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROBLEM]})

    type: Annotated[
        str,
        Field(
            json_schema_extra={"format": "uri"},
            description="Identifies the kind; docs/reference/problems.md lists all.",
        ),
    ]
    title: str
    status: int
    detail: str
    instance: Annotated[str, Field(description="The path of the request.")]
    errors: Annotated[
        list[ProblemErrorOut] | None, Field(description="Only with 422: the values that cannot be used.")
    ] = None
