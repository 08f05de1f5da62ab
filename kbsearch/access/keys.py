"""Keys: creating, listing, revoking and recognising them."""

from __future__ import annotations

import hmac
import threading
from dataclasses import replace
from datetime import datetime, timedelta

from kbsearch.access.key_text import KeyText
from kbsearch.errors import InvalidInput, NotFound, Unauthorized, UnknownKey
from kbsearch.model import Credential, Key, Role, Tenants
from kbsearch.store import keys
from kbsearch.store.port import Store

_NO_DIGEST = bytes(32)
_NAMED = "key:"


class Keys:
    """The keys of a data folder. Safe to use from several threads and processes.

    Each check reads the key's row (some 35 µs), so that a key revoked by any process is refused in the very next
    request. When a key was last used is noted in memory; ``write_uses`` writes it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._uses: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def create(self, label: str, role: Role, tenants: Tenants, expires_at: datetime | None = None) -> tuple[Key, str]:
        """A new key and its text, which cannot be shown again."""
        now = self._store.clock()
        if expires_at is not None and expires_at <= now:
            raise InvalidInput("/expires_at", "the key would already be expired")
        if tenants is not None and not tenants:
            raise InvalidInput("/tenants", "a key needs at least one tenant")
        text = KeyText.new()
        key = Key(text.id, label, role, tenants and tuple(dict.fromkeys(tenants)), now, expires_at)
        with self._store.write() as tx:
            keys.put_new(tx, key, text.digest())
        return key, text.written()

    def every(self) -> list[Key]:
        """All keys ever created, the oldest first."""
        with self._store.read() as tx:
            return keys.every(tx)

    def any_created(self) -> bool:
        """Whether a key was ever created. A server without keys admits callers on its own machine."""
        with self._store.read() as tx:
            return keys.any_created(tx)

    def revoke(self, id: str) -> Key:
        """Revoke a key. Revoking it again changes nothing."""
        with self._store.write() as tx:
            if keys.get(tx, id) is None:
                raise NotFound("key", id)
            keys.revoke(tx, id)
            return _stored(keys.get(tx, id))

    def rotate(self, id: str, overlap: timedelta) -> tuple[Key, str]:
        """Replace a key by a new one with the same lifetime. The old key stays valid for ``overlap``.

        Raises:
            NotFound: there is no such key.
            InvalidInput: the old key is no longer valid.
        """
        now = self._store.clock()
        text = KeyText.new()
        with self._store.write() as tx:
            old = _stored(keys.get(tx, id), id)
            if not old.holds(now):
                raise InvalidInput("", "this key is no longer valid; create a new one")
            expires_at = None if old.expires_at is None else now + (old.expires_at - old.created_at)
            key = replace(old, id=text.id, created_at=now, expires_at=expires_at, last_used_at=None)
            keys.put_new(tx, key, text.digest())
            if overlap > timedelta():
                keys.expire(tx, id, now + overlap)
            else:
                keys.revoke(tx, id)
        return key, text.written()

    def recognise(self, text: str) -> Credential:
        """The stored key of a text.

        Raises:
            UnknownKey: there is no such key.
            Unauthorized: it was revoked or has expired.
        """
        given = KeyText.parse(text)
        found = None
        if given is not None:
            with self._store.read() as tx:
                found = keys.get(tx, given.id)
        # Unknown ids take as long as known ones.
        matches = hmac.compare_digest(given.digest() if given else _NO_DIGEST, found[1] if found else _NO_DIGEST)
        if given is None or found is None or not matches:
            raise UnknownKey
        return self._credential(found[0])

    def holder(self, id: str) -> Credential:
        """Whose key has this id, for somebody who showed the key itself before.

        Raises:
            Unauthorized: it was revoked, has expired or is gone.
        """
        with self._store.read() as tx:
            found = keys.get(tx, id)
        if found is None:
            raise Unauthorized("this key is gone")
        return self._credential(found[0])

    def write_uses(self) -> None:
        """Write when keys were last used."""
        with self._lock:
            uses, self._uses = self._uses, {}
        if uses:
            with self._store.write() as tx:
                keys.note_uses(tx, uses)

    def _credential(self, key: Key) -> Credential:
        now = self._store.clock()
        if not key.holds(now):
            raise Unauthorized("this key was revoked" if key.revoked_at else "this key has expired")
        with self._lock:
            self._uses[key.id] = now
        return Credential.of(f"{_NAMED}{key.id}", key.role, key.tenants)


def key_id_of(credential: Credential) -> str | None:
    """The id of the key that a credential comes from, None for anybody else's."""
    return credential.name.removeprefix(_NAMED) if credential.name.startswith(_NAMED) else None


def _stored(found: tuple[Key, bytes] | None, id: str = "") -> Key:
    if found is None:
        raise NotFound("key", id)
    return found[0]
