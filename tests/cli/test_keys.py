"""``kbsearch keys`` and ``kbsearch audit``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kbsearch.access.keys import Keys
from kbsearch.bootstrap import gate_rules
from kbsearch.cli import cli
from kbsearch.errors import InvalidInput, NotFound
from kbsearch.model import Role
from kbsearch.settings import Settings
from kbsearch.store.sqlite.database import SQLiteStore

KEY = re.compile(r"kbs_[0-9A-Za-z]{48}")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--data", str(data)], catch_exceptions=False)


def created(data: Path, *options: str) -> dict[str, object]:
    result = run(data, "keys", "create", "RT, production", "--json", *options)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_key_is_shown_once(data: Path) -> None:
    result = run(data, "keys", "create", "RT [prod]", "--role", "system", "--tenant", "acme")
    assert KEY.fullmatch(result.stdout.strip())  # alone on stdout, for scripts
    assert "copy it now" in result.stderr
    listed = run(data, "keys", "list")
    assert "RT [prod]" in listed.stdout
    assert KEY.search(listed.stdout) is None
    assert result.stdout.strip()[14:] not in run(data, "keys", "list", "--json").stdout


def test_a_key_has_role_tenants_and_an_end(data: Path) -> None:
    key = created(data, "--role", "engineer", "--tenant", "acme", "--tenant", "globex", "--days", "30")
    assert (key["role"], key["tenants"]) == ("engineer", ["acme", "globex"])
    assert key["expires_at"]
    everywhere = created(data, "--role", "admin", "--tenant", "*")
    assert (everywhere["tenants"], everywhere["expires_at"]) == (["*"], None)
    store = SQLiteStore(data)
    assert Keys(store).recognise(str(everywhere["key"])).role == Role.ADMIN
    store.close()


@pytest.mark.parametrize(
    "options",
    [
        ("--tenant", "acme"), ("--role", "agent"), ("--role", "root", "--tenant", "acme"),
        ("--role", "agent", "--tenant", "ACME"), ("--role", "agent", "--tenant", "acme", "--days", "0"),
    ],
)  # fmt: skip
def test_wrong_options_are_refused(data: Path, options: tuple[str, ...]) -> None:
    assert run(data, "keys", "create", "x", *options).exit_code == 2
    assert not data.exists()


def test_revoke_and_rotate(data: Path) -> None:
    first = created(data, "--role", "system", "--tenant", "acme")
    second = json.loads(run(data, "keys", "rotate", str(first["id"]), "--json").stdout)
    third = json.loads(run(data, "keys", "rotate", str(second["id"]), "--overlap-hours", "0", "--json").stdout)
    assert len({key["key"] for key in (first, second, third)}) == 3
    assert "is revoked" in run(data, "keys", "revoke", str(third["id"])).stderr
    states = {key["id"]: (key["revoked_at"], key["expires_at"]) for key in json.loads(
        run(data, "keys", "list", "--json").stdout
    )}  # fmt: skip
    assert states[first["id"]][0] is None
    assert states[first["id"]][1]
    assert states[second["id"]][0]
    assert states[third["id"]][0]
    with pytest.raises(NotFound):
        run(data, "keys", "revoke", "none")


def test_the_audit_log_tells_who_changed_keys(data: Path) -> None:
    key = created(data, "--role", "system", "--tenant", "acme")
    run(data, "keys", "rotate", str(key["id"]), "--overlap-hours", "0")
    entries = json.loads(run(data, "audit", "--json").stdout)
    assert [entry["action"] for entry in entries] == ["key.revoked", "key.created", "key.created"]
    assert entries[2]["subject"] == key["id"]
    assert entries[2]["detail"] == "system acme"
    assert all(entry["actor"].startswith("cli:") for entry in entries)
    assert str(key["key"])[14:] not in json.dumps(entries)
    shown = run(data, "audit", "--action", "key.revoked").stdout
    assert str(key["id"]) in shown
    assert "key.created" not in shown
    assert run(data, "audit", "--tenant", "acme", "--json").stdout.strip() == "[]"
    assert run(data, "audit", "--since", "2100-01-01", "--json").stdout.strip() == "[]"
    assert len(json.loads(run(data, "audit", "--limit", "1", "--json").stdout)) == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "desk.example.org", ""])
def test_others_are_served_once_there_is_a_key(data: Path, host: str) -> None:
    configured = Settings(data_dir=data, host=host)
    with pytest.raises(InvalidInput, match="kbsearch keys create"):
        gate_rules(configured)
    created(data, "--role", "system", "--tenant", "acme")
    assert not gate_rules(configured).open_without_keys


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_this_machine_is_served_without_keys(data: Path, host: str) -> None:
    assert gate_rules(Settings(data_dir=data, host=host)).open_without_keys
    assert not data.exists()


def test_with_an_issuer_nobody_is_let_in_without_a_token(data: Path) -> None:
    issuer = {"oidc_issuer": "https://id.example.org", "oidc_audience": "kbsearch"}
    for host in ("127.0.0.1", "0.0.0.0"):
        rules = gate_rules(Settings(data_dir=data, host=host, **issuer))
        assert not rules.open_without_keys
        assert rules.people is not None
    with pytest.raises(ValueError, match="KBSEARCH_OIDC_AUDIENCE"):
        Settings(data_dir=data, oidc_issuer="https://id.example.org")


def test_roles_of_the_issuer_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBSEARCH_OIDC_ROLES", '{"desk-l2": "engineer"}')
    assert Settings().oidc_roles == {"desk-l2": Role.ENGINEER}
