"""Requests over one kept connection, with as little of the client's own work as can be."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any

from kbsearch.evaluation.collections import ticket_of


class Calls:
    """A connection to a server on this machine; for one thread."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)

    def send(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        try:
            return self._send(method, path, body)
        except ConnectionError:  # a server hangs up on who was silent for long
            self._connection.close()
            return self._send(method, path, body)

    def _send(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        self._connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def suggest(self, text: str, stages: bool = False) -> tuple[int, bytes]:
        return self.send("POST", "/v1/suggest", question(text, stages=stages))

    def close(self) -> None:
        self._connection.close()


def question(text: str, limit: int = 5, stages: bool = False) -> bytes:
    """A text as the body of a suggest: its first line is the subject."""
    ticket = ticket_of(text)
    body: dict[str, Any] = {"ticket": {"subject": ticket.subject, "description": ticket.description}, "limit": limit}
    return json.dumps(body | ({"stages": True} if stages else {})).encode()
