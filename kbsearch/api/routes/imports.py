"""Bulk imports: NDJSON bodies of any size."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import IO, Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ValidationError

from kbsearch.api.bodies import JSON, NDJSON, Spooled, check_records
from kbsearch.api.callers import Caller, CallerDep
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.idempotency import KeyHeader, Once, kept_answers
from kbsearch.api.records import Warn, article_record, record_error, ticket_record
from kbsearch.api.requests.articles import ArticleIn
from kbsearch.api.requests.tickets import WriteBackIn
from kbsearch.api.responses.changes import ImportOut, LineErrorOut
from kbsearch.api.service import KnowledgeDep, ServiceDep
from kbsearch.errors import Stopping
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.writing.imports import ImportReport, Lines
from kbsearch.ticketing.files import Wire, shaped
from kbsearch.ticketing.records import records

router = APIRouter(prefix="/v1/import", tags=["import"], route_class=GuardedRoute)

_ERRORS_SHOWN = 1_000

_Item = TypeVar("_Item")


def _records(schema: type[BaseModel], record: str, example: str) -> dict[str, Any]:
    """The description of a body of records, as lines and as an array. ``schema`` is one of the document."""
    description = (
        f"One JSON object per line, each a {record}, or a JSON array of them. Plain or with `Content-Encoding: gzip`."
        " A secondary field that cannot be used (language, times, priority, tags) is left out, with a warning."
    )
    array = {"type": "array", "items": {"$ref": f"#/components/schemas/{schema.__name__}"}}
    content = {
        NDJSON: {"schema": {"type": "string", "description": description}, "example": example},
        JSON: {"schema": {**array, "description": description}, "example": [json.loads(example)]},
    }
    return {"requestBody": {"required": True, "content": content}}


@dataclass(frozen=True, slots=True)
class _Upload:
    """An upload of lines that is to be imported once."""

    knowledge: KnowledgeBase
    caller: Caller
    once: Once
    file: IO[bytes]
    stopping: threading.Event

    async def run(
        self,
        parse: Callable[[Wire, Warn], _Item],
        import_lines: Callable[[Lines[_Item]], Generator[ImportReport]],
    ) -> Response:
        """Import the lines as ``parse`` reads each of them."""

        def change() -> ImportOut:
            warnings: list[LineErrorOut] = []
            reports = import_lines(_lines(self.file, parse, self.stopping, warnings))
            return _report(reports, self.knowledge.revision(self.caller.scope), warnings)

        return await run_in_threadpool(self.once.run, change, 200)


async def _upload(
    request: Request, caller: CallerDep, knowledge: KnowledgeDep, service: ServiceDep, key: KeyHeader = None
) -> _Upload:
    check_records(request)
    spooled: Spooled = request.state.spooled
    once = Once(kept_answers(knowledge), caller, key, spooled.digest)
    return _Upload(knowledge, caller, once, spooled.file, service.stopping)


UploadDep = Annotated[_Upload, Depends(_upload)]


@router.post(
    "/tickets",
    response_model=ImportOut,
    openapi_extra=_records(
        WriteBackIn,
        "write-back with `ticket.id`",
        '{"ticket": {"id": "RT-7", "subject": "No sound in Teams"}, "resolution": "Chose the headset."}\n',
    ),
)
async def import_tickets(upload: UploadDep) -> Response:
    """Import many resolved tickets.

    Ids that exist are replaced; a bad line is reported and skipped.
    """
    tickets = upload.knowledge.tickets
    return await upload.run(
        partial(ticket_record, lies_ahead=tickets.lies_ahead),
        lambda lines: tickets.import_lines(upload.caller.tenant, lines),
    )


@router.post(
    "/articles",
    response_model=ImportOut,
    openapi_extra=_records(
        ArticleIn,
        "article with `id`",
        '{"id": "teams-no-sound", "title": "No sound in Teams", "resolution": "Choose the headset under Devices."}\n',
    ),
)
async def import_articles(upload: UploadDep) -> Response:
    """Import many articles.

    Ids that exist are replaced; a bad line is reported and skipped.
    """
    articles, caller = upload.knowledge.articles, upload.caller
    return await upload.run(article_record, lambda lines: articles.import_lines(caller.tenant, lines, caller.leads))


def _lines(
    file: IO[bytes],
    parse: Callable[[Wire, Warn], _Item],
    stopping: threading.Event,
    warnings: list[LineErrorOut],
) -> Iterator[tuple[int, _Item | str]]:
    for one in records(file):
        if stopping.is_set():
            raise Stopping
        if isinstance(one.record, str):
            yield one.number, one.record
            continue

        def warn(detail: str, number: int = one.number) -> None:
            if len(warnings) < _ERRORS_SHOWN:
                warnings.append(LineErrorOut(line=number, detail=detail))

        try:
            yield one.number, parse(shaped(one.record), warn)
        except ValidationError as error:
            yield one.number, record_error(error)


def _report(reports: Generator[ImportReport], revision: int, warnings: Sequence[LineErrorOut]) -> ImportOut:
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
        warnings=list(warnings),
        redacted=last.redacted,
        revision=last.revision,
    )
