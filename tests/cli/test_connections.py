"""Heads of requests are bounded in time and size."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import uvicorn

from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.cli import connections
from kbsearch.cli.connections import MOST_HEAD_BYTES, BoundedProtocol, bounded

GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@contextmanager
def serving(protocol: type[BoundedProtocol]) -> Iterator[tuple[str, int]]:
    config = uvicorn.Config(create_app(Service()), port=0, http=protocol, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.005)
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    thread.join()


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr(connections, "HEAD_TIMEOUT_S", 0.3)
    with serving(BoundedProtocol) as found:
        yield found


def connect(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, timeout=10)


def until_hung_up(connection: socket.socket) -> bytes:
    """What comes until the server hangs up; a test that waits too long fails with TimeoutError."""
    found = b""
    try:
        while some := connection.recv(65_536):
            found += some
    except ConnectionResetError:
        pass
    return found


@pytest.mark.parametrize("begun", [b"", b"GET /hea", GET, GET + b"X-A: b\r\n"])
def test_a_head_that_does_not_come_is_not_awaited_for_ever(address: tuple[str, int], begun: bytes) -> None:
    with connect(address) as connection:
        connection.sendall(begun)
        assert until_hung_up(connection) == b""


def test_a_further_request_s_head_is_not_awaited_for_ever_either(address: tuple[str, int]) -> None:
    with connect(address) as connection:
        connection.sendall(GET + b"\r\n")
        assert b"200 OK" in connection.recv(65_536)
        connection.sendall(GET)
        assert until_hung_up(connection) == b""


def test_a_head_without_end_is_refused(address: tuple[str, int]) -> None:
    with connect(address) as connection:
        connection.sendall(GET + b"X-A: " + b"a" * (MOST_HEAD_BYTES + 100_000))
        assert until_hung_up(connection).startswith(b"HTTP/1.1 400")


def test_other_requests_are_answered(address: tuple[str, int]) -> None:
    with connect(address) as connection:
        for _ in range(3):
            for part in (GET, b"X-Long: " + b"a" * 10_000, b"\r\n\r\n"):
                connection.sendall(part)
            assert b"200 OK" in connection.recv(65_536)


def test_a_long_body_is_no_head(address: tuple[str, int]) -> None:
    body = b"x" * 500_000
    with connect(address) as connection:
        connection.sendall(
            b"POST /v1/suggest HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500000\r\nConnection: close\r\n\r\n"
            + body
        )
        assert until_hung_up(connection).startswith(b"HTTP/1.1 503")  # not ready


def test_half_open_heads_leave_room_for_others(caplog: pytest.LogCaptureFixture) -> None:
    with serving(bounded(20)) as address:
        half_open = [connect(address) for _ in range(60)]
        for connection in half_open:
            with suppress(OSError):  # hung up on already
                connection.sendall(GET)
        for _ in range(30):
            with connect(address) as connection:
                connection.sendall(GET + b"\r\n")
                assert b"200 OK" in connection.recv(65_536)
        assert until_hung_up(half_open[0]) == b""
        for connection in half_open:
            connection.close()
    warnings = [record for record in caplog.records if "connections" in record.getMessage()]
    assert len(warnings) == 1
