from kbsearch.model import SHARED, Scope
from kbsearch.store import tenants
from store.made import ACME, ACMES, GLOBEX, GLOBEXS


def test_a_tenant_keeps_its_number(store):
    with store.write() as tx:
        first = tenants.ensure(tx, ACME)
        second = tenants.ensure(tx, GLOBEX)
        assert first != second
        assert tenants.ensure(tx, ACME) == first
        assert tenants.numbers(tx, ACMES) == {ACME: first}
        assert tenants.all_tenants(tx) == [ACME, GLOBEX]


def test_a_scopes_revision_counts_own_and_shared_changes(store):
    with store.write() as tx:
        assert tenants.revision(tx, ACMES) == 0
        for tenant in (ACME, ACME, SHARED, GLOBEX):
            tenants.raise_revision(tx, tenant)
        assert [tenants.revision(tx, scope) for scope in (ACMES, GLOBEXS, Scope(SHARED))] == [3, 2, 1]
