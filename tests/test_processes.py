"""Real processes on a real data folder: start, kill, reindex beside a server, refuse what cannot work."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.harness.invented import problem
from scripts.harness.served import Served, free_port
from scripts.stress.write_back_rounds import found

pytestmark = [pytest.mark.model, pytest.mark.slow]

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("served") / "data") as served:
        yield served


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=120,
    )


def test_fixes_outlive_kill_9_right_behind_the_answer(server: Served) -> None:
    written = [problem(seed) for seed in range(3)]
    for one in written:
        server.put(f"/v1/tickets/{one.id}/resolution", one.write_back())
        server.kill()
        server.start()
    assert [found(server, one) for one in written] == [None] * 3


def test_the_batch_reindex_works_beside_the_server(server: Served) -> None:
    one, other = problem(50), problem(51)
    server.put(f"/v1/tickets/{one.id}/resolution", one.write_back())
    result = run(str(ROOT / "scripts" / "reindex.py"), "--data", str(server.data))
    assert result.returncode == 0, result.stderr
    assert "generation" in result.stderr
    assert found(server, one) is None
    server.put(f"/v1/tickets/{other.id}/resolution", other.write_back())
    assert found(server, other) is None


@pytest.mark.parametrize("command", [("-m", "kbsearch", "reindex"), (str(ROOT / "scripts" / "reindex.py"),)])
def test_an_unknown_model_is_asked_for_nowhere(server: Served, command: tuple[str, ...]) -> None:
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        proxy.listen()
        proxy.settimeout(0)
        proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY"), f"http://127.0.0.1:{proxy.getsockname()[1]}")
        arguments = ("--model", "nobody/has-it", "--data", str(server.data))
        result = run(*command, *arguments, HF_HUB_OFFLINE="0", **proxies)
        with pytest.raises(BlockingIOError):
            proxy.accept()
    assert result.returncode == 1
    assert "nothing is fetched over the network" in result.stderr


def test_another_process_s_import_is_found_in_the_next_question(server: Served, tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text('{"id": "imported-1", "title": "Quixotic modem hums", "resolution": "Ground the modem."}\n')
    assert run("-m", "kbsearch", "import", str(path), "--data", str(server.data)).returncode == 0
    assert server.get("/v1/search", q="quixotic")["hits"][0]["id"] == "imported-1"


def test_the_log_holds_no_ticket_text(server: Served) -> None:
    server.get("/v1/search", q="Zanzibarian secret of a client")
    log = (server.data.parent / "data.log").read_text()
    assert "GET /v1/search 200" in log
    assert "Zanzibarian" not in log


def test_sigterm_ends_it_cleanly_and_the_next_start_uses_the_snapshot(server: Served) -> None:
    assert server.stop() == 0
    assert list((server.data / "index").glob("generation-*/manifest-*.json"))
    server.start()
    assert found(server, problem(0)) is None


def test_what_runs_at_sigterm_is_finished_and_durable(server: Served) -> None:
    one = problem(90)
    body = json.dumps(one.write_back()).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        head = f"PUT /v1/tickets/{one.id}/resolution HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:10])
        time.sleep(0.3)
        server.process.terminate()
        time.sleep(0.3)
        connection.sendall(body[10:])
        answer = b""
        while some := connection.recv(65_536):
            answer += some
    assert answer.startswith(b"HTTP/1.1 201"), answer[:200]
    assert server.stop() == 0
    server.start()
    assert found(server, one) is None


def test_keys_made_beside_the_server_count_from_the_next_request_on(server: Served) -> None:
    options = ("--role", "agent", "--tenant", "acme", "--data", str(server.data))
    created = run("-m", "kbsearch", "keys", "create", "probe", *options, "--json")
    key = json.loads(created.stdout)
    asked = {"ticket": {"subject": "Fax"}}
    try:
        assert server.client.post("/v1/suggest", json=asked).status_code == 401
        headers = {"Authorization": f"Bearer {key['key']}"}
        assert server.client.post("/v1/suggest", json=asked, headers=headers).status_code == 200
        run("-m", "kbsearch", "keys", "revoke", key["id"], "--data", str(server.data))
        assert server.client.post("/v1/suggest", json=asked, headers=headers).status_code == 401
    finally:
        with sqlite3.connect(server.data / "kbsearch.sqlite3") as database:  # open again, for the other tests
            database.execute("DELETE FROM keys")
        database.close()
    log = (server.data.parent / "data.log").read_text()
    assert f"key:{key['id']}" in log
    assert key["key"] not in log


def test_a_corrupt_snapshot_is_rebuilt(server: Served) -> None:
    assert server.stop() == 0
    for vectors in (server.data / "index").glob("generation-*/*.flat"):  # those of a retired generation, too
        vectors.write_bytes(vectors.read_bytes()[:1000])
    server.start()
    assert found(server, problem(0)) is None
    assert ".flat: the file is damaged" in (server.data.parent / "data.log").read_text()


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        result = run("-m", "kbsearch", "serve", "--data", str(tmp_path), "--port", str(port))
    assert result.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in result.stderr
    assert "Traceback" not in result.stderr


def test_other_addresses_than_loopback_are_refused(tmp_path: Path) -> None:
    result = run("-m", "kbsearch", "serve", "--data", str(tmp_path), "--host", "0.0.0.0")
    assert result.returncode == 1
    assert "refusing to listen on 0.0.0.0" in result.stderr


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    result = run("-m", "kbsearch", "serve", KBSEARCH_PORT="eighty", KBSEARCH_DATA_DIR=str(tmp_path))
    assert result.returncode == 1
    assert "KBSEARCH_PORT" in result.stderr


def test_a_folder_that_holds_no_model_ends_the_server_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    result = run(
        "-m", "kbsearch", "serve", "--data", str(tmp_path / "data"), "--port", "0", "--model", str(tmp_path / "model")
    )
    assert result.returncode == 1
    assert "contains no sentence-transformers model" in result.stderr
    assert "Traceback" not in result.stderr
