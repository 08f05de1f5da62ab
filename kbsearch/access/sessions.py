"""Sessions of the pages: a person signs in once with a key and is then recognised by a cookie."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from kbsearch.access.key_text import KeyText
from kbsearch.access.keys import Keys
from kbsearch.errors import Unauthorized
from kbsearch.model import Credential
from kbsearch.store import sessions
from kbsearch.store.port import Store
from kbsearch.store.sessions import Session

LIFETIME = timedelta(hours=12)
"""A working day. There is no extension: who works longer signs in again."""

_TOKEN_BYTES = 32


class Sessions:
    """The sessions of a data folder. Safe to use from several threads and processes.

    The key is looked up at each use, so a session ends with its key.
    """

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    def begin(self, key: str) -> str:
        """Start a session for a key. Returns its token, which nobody can show again.

        Raises:
            UnknownKey: it is nobody's key.
            Unauthorized: the key was revoked or has expired.
        """
        self._keys.recognise(key)
        parsed = KeyText.parse(key)
        assert parsed is not None  # it was recognised
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._store.write() as tx:
            sessions.put(tx, _digest(token), Session(parsed.id, tx.now + LIFETIME))
        return token

    def recognise(self, token: str) -> Credential:
        """Whose session this is. Raises Unauthorized where it has ended, never was, or its key does not hold."""
        with self._store.read() as tx:
            found = sessions.get(tx, _digest(token))
        if found is None or found.expires_at <= self._store.clock():
            raise Unauthorized("this session has ended")
        return self._keys.holder(found.key_id)

    def end(self, token: str) -> None:
        """Sign out. Nothing happens where the session has ended before."""
        with self._store.write() as tx:
            sessions.end(tx, _digest(token))


def _digest(token: str) -> bytes:
    return hashlib.blake2b(token.encode(), person=b"kbsearch-session", digest_size=32).digest()
