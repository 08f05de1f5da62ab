"""The audit log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from kbsearch.api.callers import CallerDep
from kbsearch.api.cursors import read_cursor, write_cursor
from kbsearch.api.fields import MOST_RESULTS, Label, Time
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.responses.changes import AuditEntryOut, AuditOut
from kbsearch.api.service import AuditDep
from kbsearch.store.audit import AuditFilter

router = APIRouter(prefix="/v1/audit", tags=["operation"], route_class=GuardedRoute)


@router.get("")
def list_audit_entries(
    caller: CallerDep,
    log: AuditDep,
    since: Annotated[Time | None, Query(description="Entries from this time on.")] = None,
    until: Annotated[Time | None, Query(description="Entries before this time.")] = None,
    actor: Annotated[Label | None, Query(description="Who made the change, for example `key:ID`.")] = None,
    action: Annotated[Label | None, Query(description="What was done, for example `ticket.erased`.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_RESULTS)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> AuditOut:
    """List changes: who did what, when.

    The newest entry comes first. The list covers the tenants of the caller. Entries about the whole service (keys,
    reindexing) need a credential for every tenant and a request that names none.
    """
    before = None if cursor is None else int(read_cursor(cursor, int)[0])
    found = log.page(AuditFilter(caller.tenants, since, until, actor, action), before, limit + 1)
    shown = found[:limit]
    return AuditOut(
        entries=[AuditEntryOut.model_validate(entry) for entry in shown],
        next_cursor=write_cursor(shown[-1].seq) if len(found) > limit else None,
    )
