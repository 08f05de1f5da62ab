"""Which client companies a caller may choose from."""

from __future__ import annotations

from kbsearch.model import LEADS, SHARED, Credential, TenantId
from kbsearch.store import tenants
from kbsearch.store.port import Store


def clients_of(store: Store, credential: Credential) -> list[TenantId]:
    """The tenants that a credential may act for, by name; for one of every tenant those that have knowledge.

    The tenant ``shared`` is listed last, and for leads only: others ask for a client and see what is shared anyway.
    """
    if credential.tenants is not None:
        listed = set(credential.tenants)
    else:
        with store.read() as tx:
            listed = set(tenants.all_tenants(tx))
        if credential.home is not None:
            listed.add(credential.home)
        listed.add(SHARED)
    own = sorted(listed - {SHARED})
    return [*own, SHARED] if SHARED in listed and (credential.role in LEADS or not own) else own
