"""Erasing a tenant: all its data is deleted in short transactions while the server runs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from kbsearch.errors import InvalidInput, NotFound
from kbsearch.knowledge.purging import Purges
from kbsearch.model import SHARED, Scope, TenantId
from kbsearch.store import audit, holdings, keys, sessions, tenants
from kbsearch.store.port import Read, Store

_SOURCES_AT_ONCE = 100
_ROWS_AT_ONCE = 500
_TRIED_AGAIN_AFTER_S = 0.5
LATE_WRITES_S = 4.0
"""A server writes the suggestions that it has made at most so much later."""


@dataclass(frozen=True, slots=True)
class ErasedTenant:
    """What was erased.

    Attributes:
        rows: number of deleted rows by kind, without zeros.
        keys_revoked: number of keys for this tenant alone; they are revoked.
        keys_narrowed: number of keys for several tenants; this one is removed from them.
        purged: whether no file of the data folder contains any of it.
    """

    rows: Mapping[str, int]
    keys_revoked: int
    keys_narrowed: int
    purged: bool

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to erase."""
        return not (self.rows or self.keys_revoked or self.keys_narrowed)


def check_erasable(tx: Read, tenant: TenantId) -> None:
    """Raises InvalidInput for ``shared``, whose knowledge all tenants use, and NotFound for an unknown tenant."""
    if tenant == SHARED:
        raise InvalidInput("", "'shared' is the knowledge of all tenants and is not erased as a whole")
    known = tenant in tenants.numbers(tx, Scope(tenant)) or holdings.count(tx, tenant)
    if not known and not any(tenant in (key.tenants or ()) for key in keys.every(tx)):
        raise NotFound("tenant", tenant)


def erase_tenant(
    store: Store, purges: Purges, tenant: TenantId, wait_s: float = 60.0, late_s: float = LATE_WRITES_S
) -> ErasedTenant:
    """Erase all data of a tenant, and wait until no file holds any of it.

    Keys are revoked first, so that no new writes begin. What running requests still write is erased as well.

    Args:
        store: what is stored.
        purges: takes what was erased out of the files.
        tenant: whose data is erased.
        wait_s: maximum wait for the files; a running server continues the work.
        late_s: how long other processes may finish writes.

    Raises:
        InvalidInput, NotFound: see check_erasable.
    """
    with store.write() as tx:
        check_erasable(tx, tenant)
        revoked, narrowed = keys.leave_tenant(tx, tenant)
        sessions.leave_tenant(tx, tenant)
    rows = _erase(store, tenant)
    if rows or revoked or narrowed:
        time.sleep(late_s)
        rows += _erase(store, tenant)
        with store.write() as tx:
            audit.note(tx, tenant, "tenant.erased", tenant, f"{rows.total()} rows")
    return ErasedTenant(dict(sorted(rows.items())), revoked, narrowed, _purged(purges, wait_s))


def _erase(store: Store, tenant: TenantId) -> Counter[str]:
    erased: Counter[str] = Counter()
    more = True
    while more:
        with store.write() as tx:
            some = holdings.erase_sources(tx, tenant, _SOURCES_AT_ONCE)
        erased += some
        more = bool(some)
    with store.read() as tx:
        tables = holdings.tables(tx)
    for table in tables:
        gone = _ROWS_AT_ONCE
        while gone == _ROWS_AT_ONCE:
            with store.write() as tx:
                gone = holdings.erase_rows(tx, tenant, table, _ROWS_AT_ONCE)
            erased[table] += gone
    return +erased


def _purged(purges: Purges, wait_s: float) -> bool:
    until = time.monotonic() + wait_s
    while not purges.run():
        if time.monotonic() >= until:
            return False
        time.sleep(_TRIED_AGAIN_AFTER_S)
    return True
