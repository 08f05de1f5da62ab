"""A key as its holder has it: ``kbs_``, an id, a secret, a checksum, 52 characters.

As GitHub's tokens: the prefix and the checksum let a scanner find a key in a commit without asking anybody
(https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from typing import Self

PREFIX = "kbs_"
PATTERN = re.compile(r"kbs_([0-9A-Za-z]{10})([0-9A-Za-z]{32})([0-9A-Za-z]{6})")

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID_LENGTH, _SECRET_LENGTH, _CHECKSUM_LENGTH = 10, 32, 6


@dataclass(frozen=True, slots=True, repr=False)
class KeyText:
    """The parts of a key. ``secret`` has 190 bits; it is never logged, stored or shown again."""

    id: str
    secret: str

    @classmethod
    def new(cls) -> Self:
        return cls(_random(_ID_LENGTH), _random(_SECRET_LENGTH))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for an invalid key; the checksum finds most typing errors."""
        match = PATTERN.fullmatch(text)
        if match is None or _checksum(match[1] + match[2]) != match[3]:
            return None
        return cls(match[1], match[2])

    def written(self) -> str:
        return f"{PREFIX}{self.id}{self.secret}{_checksum(self.id + self.secret)}"

    def digest(self) -> bytes:
        """What is stored: BLAKE2b keyed with the id, so that no digest stands for two keys."""
        return hashlib.blake2b(
            self.secret.encode(), key=self.id.encode(), person=b"kbsearch-key", digest_size=32
        ).digest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_DIGITS) for _ in range(length))


def _checksum(text: str) -> str:
    """CRC-32 in six digits of base 62."""
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
