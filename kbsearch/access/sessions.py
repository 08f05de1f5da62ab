"""Sessions of the pages: a person signs in once, by key or at the issuer, and is then recognised by a cookie."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from kbsearch.access.key_text import KeyText
from kbsearch.access.keys import Keys, key_id_of
from kbsearch.errors import Unauthorized
from kbsearch.model import Credential
from kbsearch.store import sessions
from kbsearch.store.port import Store
from kbsearch.store.sessions import Session

LIFETIME = timedelta(hours=12)
"""A working day. There is no extension: who works longer signs in again."""

_TOKEN_BYTES = 32
_PAGES, _PANEL = b"kbsearch-session", b"kbsearch-panel"


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
        return self._put(_PAGES, Session(parsed.id, None, self._store.clock() + LIFETIME))

    def begin_for(self, person: Credential) -> str:
        """Start a session for somebody whom the issuer recognised. Returns its token.

        Role and tenants stay as they are now until the session ends.
        """
        return self._put(_PAGES, Session(None, person, self._store.clock() + LIFETIME))

    def recognise(self, token: str) -> Credential:
        """Whose session this is. Raises Unauthorized where it has ended, never was, or its key does not hold."""
        found = self._get(_PAGES, token)
        return self._holder(found)

    def begin_panel(self, opened_by: Credential, grant: Credential, ticket_id: str | None, lasts: timedelta) -> str:
        """Start a session of the side panel, for one client and perhaps one ticket. Returns its token.

        Args:
            opened_by: who asks for it. A key must hold as long as the session is used.
            grant: what the session allows.
            ticket_id: the ticket that the panel is opened for.
            lasts: how long it holds.
        """
        key_id = key_id_of(opened_by)
        return self._put(_PANEL, Session(key_id, grant, self._store.clock() + lasts, ticket_id))

    def recognise_panel(self, token: str) -> tuple[Credential, str | None]:
        """What a session of the side panel allows, and its ticket. Raises Unauthorized as ``recognise`` does."""
        found = self._get(_PANEL, token)
        return self._holder(found), found.ticket_id

    def end(self, token: str) -> None:
        """Sign out. Nothing happens where the session has ended before."""
        with self._store.write() as tx:
            sessions.end(tx, _digest(_PAGES, token))

    def _put(self, purpose: bytes, session: Session) -> str:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._store.write() as tx:
            sessions.put(tx, _digest(purpose, token), session)
        return token

    def _get(self, purpose: bytes, token: str) -> Session:
        with self._store.read() as tx:
            found = sessions.get(tx, _digest(purpose, token))
        if found is None or found.expires_at <= self._store.clock():
            raise Unauthorized("this session has ended")
        return found

    def _holder(self, session: Session) -> Credential:
        """What a session allows, as long as the key that opened it holds."""
        of_key = None if session.key_id is None else self._keys.holder(session.key_id)
        allowed = session.granted or of_key
        assert allowed is not None
        return allowed


def _digest(purpose: bytes, token: str) -> bytes:
    return hashlib.blake2b(token.encode(), person=purpose, digest_size=32).digest()
