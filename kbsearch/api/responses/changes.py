"""Bodies of answers to changes, imports and jobs, and the audit log's."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kbsearch.api.fields import Out, Time
from kbsearch.model import JobState


class ChangeOut(Out):
    """The id of what was changed or removed, and the revision after that."""

    id: str
    revision: int


class ErasedArticleOut(ChangeOut):
    """What was erased. No answer shows it any more.

    ``purged`` false: older copies of it leave the files of the data folder in the background, within a minute unless
    something reads the store for longer: then ``/readyz`` names the task under ``upkeep``.
    """

    purged: bool = False


class ErasedTicketOut(ErasedArticleOut):
    """``drafts_erased`` are unfinished articles that were started from the ticket; they are erased too.

    ``articles_to_review`` were started from it and finished since. They stay: check whether they contain its text.
    """

    drafts_erased: list[str]
    articles_to_review: list[str]


class LineErrorOut(Out):
    line: int
    detail: str


class ImportOut(Out):
    """``accepted`` lines are stored; ``errors`` lists up to 1,000 rejected lines.

    ``warnings`` lists up to 1,000 secondary fields that were left out of accepted lines.

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
    """``tenant`` is null for changes of the whole service; ``subject`` is the id of the changed object."""

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
