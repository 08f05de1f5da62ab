"""Bodies of answers to changes, imports and jobs, and the audit log's."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kbsearch.api.fields import Out, Time
from kbsearch.model import JobState


class ChangeOut(Out):
    """What was changed or removed, and the revision since."""

    id: str
    revision: int


class ErasedArticleOut(ChangeOut):
    """What was erased. No answer shows it any more.

    ``purged`` false: older copies of it leave the files of the data folder in the background, within a minute unless
    something reads the store for longer: then ``/readyz`` names the task under ``upkeep``.
    """

    purged: bool = False


class ErasedTicketOut(ErasedArticleOut):
    """``drafts_erased`` are articles in work that were begun with the ticket's text: they are erased as well.

    ``articles_to_review`` were begun with it, but finished since: they stay, look whether they still hold its words.
    """

    drafts_erased: list[str]
    articles_to_review: list[str]


class LineErrorOut(Out):
    line: int
    detail: str


class ImportOut(Out):
    """``accepted`` lines are stored (or were before); ``errors`` names at most 1,000 of the rejected ones.

    ``warnings`` names at most 1,000 side fields that were left out of accepted ones.

    ``redacted`` counts what was taken out, by kind.
    """

    accepted: int
    rejected: int
    errors: list[LineErrorOut]
    warnings: Annotated[
        list[LineErrorOut], Field(exclude_if=lambda warnings: not warnings, description="Absent where there are none.")
    ] = Field(default_factory=list[LineErrorOut])
    redacted: dict[str, int]
    revision: int


class JobStartedOut(Out):
    job_id: str


class JobOut(Out):
    """``done`` and ``total`` count documents."""

    id: str
    state: JobState
    done: int
    total: int
    eta_seconds: int | None
    error: str | None


class AuditEntryOut(Out):
    """``tenant`` is null for what concerns the whole service; ``subject`` is the id of what was changed."""

    at: Time
    actor: str
    request_id: str | None
    tenant: str | None
    action: str
    subject: str
    detail: str | None


class AuditOut(Out):
    entries: list[AuditEntryOut]
    next_cursor: str | None
