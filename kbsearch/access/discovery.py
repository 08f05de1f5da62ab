"""What an OpenID Connect issuer publishes about itself (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from typing import Any

from kbsearch.access.hosts import is_loopback
from kbsearch.errors import InvalidInput

_TIMEOUT_S = 5.0
_MOST_BYTES = 1024 * 1024


def discover(issuer: str) -> dict[str, Any]:
    """The issuer's description of itself.

    Raises:
        OSError: it cannot be reached.
        ValueError, KeyError, TypeError: it is not a description of this issuer.
    """
    found = fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found["issuer"] != issuer:
        raise ValueError("the document belongs to another issuer")
    return found


def fetch(url: str) -> dict[str, Any]:
    """A JSON document of the issuer. Raises as ``discover`` does."""
    check_address(url)
    with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - the address is checked
        check_address(answer.url)
        return json.loads(answer.read(_MOST_BYTES))


def check_address(url: str) -> None:
    """Raises InvalidInput for an address that is neither https nor on this machine."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise InvalidInput("", "the address of an issuer must begin with https://")
