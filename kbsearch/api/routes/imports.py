"""Bulk imports: NDJSON bodies of any size."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import IO, Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from kbsearch.api.bodies import Spooled
from kbsearch.api.callers import CallerDep
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.idempotency import KeyHeader, Once
from kbsearch.api.problems import validation_errors
from kbsearch.api.requests import ArticleIn, WriteBackLine
from kbsearch.api.responses.changes import ImportOut, LineErrorOut
from kbsearch.api.service import KnowledgeDep, ServiceDep
from kbsearch.errors import Stopping
from kbsearch.knowledge.articles import ImportedArticle
from kbsearch.knowledge.batches import ImportReport
from kbsearch.knowledge.writing import ResolvedTicketIn

router = APIRouter(prefix="/v1/import", tags=["import"], route_class=GuardedRoute)

_LONGEST_LINE = 1024 * 1024
_ERRORS_SHOWN = 1_000

_Item = TypeVar("_Item")


def _ndjson(schema: str, example: str) -> dict[str, Any]:
    description = f"One JSON object a line, each a {schema}."
    content = {"application/x-ndjson": {"schema": {"type": "string", "description": description}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/tickets",
    response_model=ImportOut,
    openapi_extra=_ndjson(
        "write-back with `ticket.id`",
        '{"ticket": {"id": "RT-7", "subject": "No sound in Teams"}, "resolution": "Chose the headset."}\n',
    ),
)
async def import_tickets(
    request: Request, caller: CallerDep, knowledge: KnowledgeDep, service: ServiceDep, key: KeyHeader = None
) -> Response:
    """Import many resolved tickets.

    Ids that exist are replaced; a bad line is reported and skipped.
    """
    spooled: Spooled = request.state.spooled
    once = Once(knowledge, caller, key, spooled.digest)

    def change() -> ImportOut:
        reports = knowledge.tickets.import_lines(caller.tenant, _lines(spooled.file, _ticket, service.stopping))
        return _report(reports, knowledge.revision(caller.scope))

    return await run_in_threadpool(once.run, change, 200)


@router.post(
    "/articles",
    response_model=ImportOut,
    openapi_extra=_ndjson(
        "article with `id`",
        '{"id": "teams-no-sound", "title": "No sound in Teams", "resolution": "Choose the headset under Devices."}\n',
    ),
)
async def import_articles(
    request: Request, caller: CallerDep, knowledge: KnowledgeDep, service: ServiceDep, key: KeyHeader = None
) -> Response:
    """Import many articles.

    Ids that exist are replaced; a bad line is reported and skipped.
    """
    spooled: Spooled = request.state.spooled
    once = Once(knowledge, caller, key, spooled.digest)

    def change() -> ImportOut:
        lines = _lines(spooled.file, _article, service.stopping)
        reports = knowledge.articles.import_lines(caller.tenant, lines, caller.leads)
        return _report(reports, knowledge.revision(caller.scope))

    return await run_in_threadpool(once.run, change, 200)


def _lines(
    file: IO[bytes], parse: Callable[[bytes], _Item], stopping: threading.Event
) -> Iterator[tuple[int, _Item | str]]:
    number = 0
    while line := file.readline(_LONGEST_LINE + 1):
        if stopping.is_set():
            raise Stopping
        number += 1
        if len(line) > _LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := file.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield number, f"the line has more than {_LONGEST_LINE} bytes"
        elif line.strip():
            try:
                yield number, parse(line)
            except ValidationError as error:
                yield number, line_error(error)


def line_error(error: ValidationError) -> str:
    """What is wrong with a line, without its text."""
    found = validation_errors([dict(one) for one in error.errors(include_input=False, include_url=False)])
    if any(one["type"] == "json_invalid" for one in error.errors(include_input=False)):
        return "this is not a JSON object in UTF-8"
    return "; ".join(f"{one['pointer']}: {one['detail']}" if one["pointer"] else one["detail"] for one in found)


def _ticket(line: bytes) -> ResolvedTicketIn:
    parsed = WriteBackLine.model_validate_json(line)
    return parsed.to_resolved(parsed.ticket.id or "")


def _article(line: bytes) -> ImportedArticle:
    parsed = ArticleIn.model_validate_json(line)
    if parsed.id is None:
        raise ValidationError.from_exception_data(
            "article", [{"type": "missing", "loc": ("id",), "input": None}], hide_input=True
        )
    return ImportedArticle(parsed.to_article(parsed.id))


def _report(reports: Generator[ImportReport], revision: int) -> ImportOut:
    last = ImportReport(0, 0, (), revision)
    try:
        with closing(reports):
            for report in reports:
                last = report
    except Stopping:
        raise Stopping(last.line) from None
    return ImportOut(
        accepted=last.accepted,
        rejected=len(last.errors),
        errors=[LineErrorOut(line=line, detail=detail) for line, detail in sorted(last.errors)[:_ERRORS_SHOWN]],
        redacted=last.redacted,
        revision=last.revision,
    )
