"""``kbsearch sessions``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kbsearch.access.keys import Keys
from kbsearch.access.sessions import Sessions
from kbsearch.cli import cli
from kbsearch.errors import StorageError, Unauthorized
from kbsearch.model import Credential, Role, TenantId
from kbsearch.store.sqlite.database import SQLiteStore

ACME = TenantId("acme")


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["sessions", *arguments, "--data", str(data)], catch_exceptions=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_sessions_of_somebody_who_left_are_ended(data: Path) -> None:
    store = SQLiteStore(data)
    keys = Keys(store)
    sessions = Sessions(store, keys)
    made, key = keys.create("ana", Role.AGENT, (ACME,))
    mine = sessions.begin(key)
    theirs = [sessions.begin_for(Credential.of("person:m.petrova", Role.LEAD, None)) for _ in range(2)]
    listed = json.loads(run(data, "list", "--json").stdout)
    assert [one["who"] for one in listed] == [made.id, "person:m.petrova", "person:m.petrova"]
    assert "person:m.petrova" in run(data, "list").stdout
    assert "2 sessions ended" in run(data, "end", "person:m.petrova").stderr
    assert sessions.recognise(mine).role == Role.AGENT
    for token in theirs:
        with pytest.raises(Unauthorized):
            sessions.recognise(token)
    assert "0 sessions ended" in run(data, "end", "person:m.petrova").stderr
    assert "1 session ended" in run(data, "end", "--all").stderr
    assert "nobody is signed in" in run(data, "list").stderr
    store.close()


@pytest.mark.parametrize("arguments", [(), ("ana", "--all")])
def test_nothing_is_ended_by_mistake(data: Path, arguments: tuple[str, ...]) -> None:
    SQLiteStore(data).close()
    assert run(data, "end", *arguments).exit_code == 2


def test_a_mistyped_folder_is_an_error(data: Path) -> None:
    with pytest.raises(StorageError):
        run(data, "list")
    assert not data.exists()
