from __future__ import annotations

from pathlib import Path

import pytest

from kbsearch.errors import InvalidInput, NotFound, StorageError
from kbsearch.model import TenantId
from kbsearch.store import tenants
from kbsearch.store.sqlite.database import SQLiteStore

from .conftest import Run, answer, write_article


@pytest.fixture
def stored(data: Path) -> None:
    store = SQLiteStore(data)
    with store.write() as tx:
        tenants.ensure(tx, TenantId("acme"))
    store.close()


@pytest.mark.usefixtures("stored")
def test_shared_an_unknown_tenant_and_a_wrong_name_are_refused(run: Run) -> None:
    assert isinstance(run("tenants", "erase", "shared", "--yes").exception, InvalidInput)
    assert isinstance(run("tenants", "erase", "acmee", "--yes").exception, NotFound)
    assert run("tenants", "erase", "Acme Ltd", "--yes").exit_code == 2


@pytest.mark.usefixtures("stored")
def test_whoever_does_not_confirm_erases_nothing(run: Run) -> None:
    result = run("tenants", "erase", "acme")
    assert result.exit_code == 1
    assert "Erase all data of acme (0 tickets, 0 articles and solutions)?" in result.stderr
    assert "erased" not in result.stdout


def test_a_folder_without_a_knowledge_base_stays_empty(run: Run, data: Path) -> None:
    assert isinstance(run("tenants", "erase", "acme", "--yes").exception, StorageError)
    assert not data.exists()


@pytest.mark.model
def test_a_tenant_is_erased_and_the_rest_stays(run: Run, tmp_path: Path) -> None:
    write_article(tmp_path / "kb" / "shared", "vpn.en.md", "VPN error 809", "Switch the profile to SSTP.")
    write_article(tmp_path / "kb" / "acme", "erp.en.md", "ERP login", "Unlock the account in the ERP console.")
    run("articles", "sync", str(tmp_path / "kb"))
    run("keys", "create", "RT", "--role", "system", "--tenant", "acme")
    erased = answer(run("tenants", "erase", "acme", "--yes", "--json"))
    assert erased["erased"].items() >= {"articles": 1, "documents": 1}.items()
    assert (erased["keys_revoked"], erased["keys_narrowed"], erased["purged"]) == (1, 0, True)
    assert answer(run("search", "ERP login account", "--tenant", "acme", "--json")) == answer(
        run("search", "ERP login account", "--json")
    )
    assert [hit["id"] for hit in answer(run("search", "809", "--json"))] == ["vpn.en"]
    [entry] = answer(run("audit", "--action", "tenant.erased", "--json"))
    assert (entry["tenant"], entry["actor"][:4]) == ("acme", "cli:")
    again = run("tenants", "erase", "acme", "--yes")
    assert again.exit_code == 0
    assert "nothing is stored for acme" in again.stderr
