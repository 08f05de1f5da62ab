"""Who sent a message of a ticket system: a signature or a token, as the connector's file describes it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field, model_validator

from kbsearch.ticketing.fields import Part

_UNITS = {"unix": 1.0, "unix-ms": 1000.0}


class Verification(Part):
    """How a message proves where it comes from.

    ``kind`` ``hmac``: ``header`` holds, after ``prefix``, the HMAC of ``message``, in which ``{body}`` and
    ``{timestamp}`` stand for what was sent. ``token``: the header holds the secret itself. A message older or newer
    than ``max_age_s`` is refused where a timestamp is sent along.
    """

    kind: Literal["hmac", "token"] = "hmac"
    header: str
    prefix: str = ""
    algorithm: Literal["sha1", "sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    message: Literal["{body}", "{timestamp}{body}", "{timestamp}.{body}", "{body}{timestamp}"] = "{body}"
    timestamp_header: str | None = None
    timestamp_format: Literal["unix", "unix-ms", "iso"] = "unix"
    max_age_s: int = Field(300, ge=1)

    @model_validator(mode="after")
    def _has_timestamp(self) -> Verification:
        if "{timestamp}" in self.message and self.timestamp_header is None:
            raise ValueError("timestamp_header is needed, because the message holds the timestamp")
        return self


class NotVerified(Exception):
    """The message is nobody's; the text says why, without any secret."""


def verify(
    rule: Verification, secrets: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: datetime
) -> None:
    """Check that somebody who knows one of the secrets sent this.

    Args:
        rule: how it is proven.
        secrets: those that hold; two while one is exchanged.
        headers: of the message, in lower case.
        body: exactly as it was sent.
        now: the time.

    Raises:
        NotVerified: it is not proven, or the message is too old.
    """
    given = headers.get(rule.header.lower(), "")
    if not given.startswith(rule.prefix):
        raise NotVerified(f"the header {rule.header} is missing, or does not begin with {rule.prefix!r}")
    timestamp = b""
    if rule.timestamp_header is not None:
        text = headers.get(rule.timestamp_header.lower(), "")
        timestamp = text.encode()
        _check_age(rule, text, now)
    proof = _decoded(given.removeprefix(rule.prefix).strip(), rule)
    message = _message(rule, timestamp, body)
    # Every secret is tried, so that the time tells nothing.
    right = [hmac.compare_digest(_expected(rule, secret, message), proof) for secret in secrets]
    if not any(right):
        raise NotVerified(f"the {'token' if rule.kind == 'token' else 'signature'} is wrong")


def _message(rule: Verification, timestamp: bytes, body: bytes) -> bytes:
    before, _, after = rule.message.partition("{body}")
    return before.encode().replace(b"{timestamp}", timestamp) + body + after.encode().replace(b"{timestamp}", timestamp)


def _expected(rule: Verification, secret: bytes, message: bytes) -> bytes:
    return secret if rule.kind == "token" else hmac.new(secret, message, getattr(hashlib, rule.algorithm)).digest()


def _decoded(text: str, rule: Verification) -> bytes:
    if rule.kind == "token":
        return text.encode()
    try:
        return bytes.fromhex(text) if rule.encoding == "hex" else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise NotVerified(f"the signature is not in {rule.encoding}") from None


def _check_age(rule: Verification, text: str, now: datetime) -> None:
    try:
        if rule.timestamp_format == "iso":
            sent = datetime.fromisoformat(text)
            sent = sent if sent.tzinfo is not None else sent.replace(tzinfo=UTC)
        else:
            sent = datetime.fromtimestamp(float(text) / _UNITS[rule.timestamp_format], UTC)
        age_s = abs((now - sent).total_seconds())
    except (ValueError, OverflowError, OSError):
        raise NotVerified(f"the header {rule.timestamp_header} holds no time") from None
    if age_s > rule.max_age_s:
        raise NotVerified(f"the message is {age_s:.0f} s old or ahead; {rule.max_age_s} s are allowed")
