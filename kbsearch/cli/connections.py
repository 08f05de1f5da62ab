"""Connections that do not send a complete request head in time, or an endless one, are closed.

Idle connections are closed when there are more than the process may open files: a process that can open no more files
accepts no connections, without a message.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import time
from collections import Counter
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_TIMEOUT_S = 15.0
MOST_HEAD_BYTES = 64 * 1024
_FILES_BESIDE = 96  # the store's, the index's, the log, bodies of imports
_FEWEST, _MOST = 16, 8_192
_WARNED_EVERY_S = 60.0

_log = logging.getLogger(__name__)


def most_connections() -> int:
    """How many connections may be open at once: what ``ulimit -n`` leaves beside the server's own files."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST if files == resource.RLIM_INFINITY else min(max(_FEWEST, files - _FILES_BESIDE), _MOST)


class Crowd:
    """Which connection makes room once there are more than ``most``."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._warned_at = float("-inf")

    def make_room(self, connections: set[BoundedProtocol], newest: BoundedProtocol) -> None:
        """Hang up on the oldest idle connection of the address that has most of these, else on the newest one."""
        if len(connections) <= self.most:
            return
        if time.monotonic() - self._warned_at >= _WARNED_EVERY_S:
            self._warned_at = time.monotonic()
            _log.warning("more than %d connections: idle ones are closed (see ulimit -n)", self.most)
        idle = [one for one in connections if one.is_idle and one is not newest]
        many = Counter(one.address for one in idle)
        chosen = min(idle, key=lambda one: (-many[one.address], one.opened_at), default=newest)
        connections.discard(chosen)
        chosen.transport.close()


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP, which itself waits for a head without end and reads one of any length."""

    crowd: ClassVar[Crowd | None] = None
    _head_timer: asyncio.TimerHandle | None = None  # runs while a head is awaited
    _head_bytes = 0
    opened_at = 0.0
    address = ""

    @property
    def is_idle(self) -> bool:
        """Whether no request of it is at work."""
        return self.cycle is None or self.cycle.response_complete  # pyright: ignore[reportUnnecessaryComparison]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.opened_at = self.loop.time()
        self.address = self.client[0] if self.client else ""
        self._await_head()
        if self.crowd is not None:
            self.crowd.make_room(self.connections, self)  # pyright: ignore[reportArgumentType] - all are of this class

    def data_received(self, data: bytes) -> None:
        in_head = self._head_timer is not None
        super().data_received(data)
        if in_head and self._head_timer is not None and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._head_timer is None:  # a further request on the same connection
            self._await_head()

    def on_headers_complete(self) -> None:
        self._head_came()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self.transport.close)

    def _head_came(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def bounded(most: int) -> type[BoundedProtocol]:
    """The protocol of one server with at most so many connections."""

    class Bounded(BoundedProtocol):
        crowd = Crowd(most)

    return Bounded
