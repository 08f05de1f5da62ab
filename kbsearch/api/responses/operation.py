"""Bodies of answers about the service itself, and of problems."""

from __future__ import annotations

from typing import Self

from kbsearch.api.fields import Out
from kbsearch.model import RedactionPolicy


class HealthOut(Out):
    status: str
    version: str


class ReadyOut(Out):
    status: str
    model: str


class RedactionPolicyOut(Out):
    """``sealed``: whether texts that are kept as they came are encrypted."""

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


class ProblemOut(Out):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, str]] | None = None
