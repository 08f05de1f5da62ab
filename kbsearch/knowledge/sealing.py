"""Encryption at rest of original texts."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class FernetSeal:
    """Fernet: AES-128 in CBC mode with HMAC-SHA256, one random IV a text.

    Args:
        keys: 32 bytes in URL-safe base64 each. The first one encrypts, all of them decrypt: so a key
            is changed.

    Raises:
        ValueError: a key that is none.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def close(self, content: bytes) -> bytes:
        return self._fernet.encrypt(content)

    def open(self, content: bytes) -> bytes:
        try:
            return self._fernet.decrypt(content)
        except InvalidToken:
            raise ValueError("not sealed with any of these keys") from None


def new_key() -> str:
    """A fresh random key."""
    return Fernet.generate_key().decode()
