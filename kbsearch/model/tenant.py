"""Client companies and what a caller may see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from kbsearch.errors import InvalidTenant

_TENANT = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class TenantId(str):
    """The id of a client company, or ``shared``. Raises InvalidTenant for anything else."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not _TENANT.fullmatch(value):
            raise InvalidTenant(
                "",
                "a tenant id has 1 to 63 lower-case letters, digits, '.', '_' or '-' and starts with a letter or digit",
            )
        return super().__new__(cls, value)


SHARED = TenantId("shared")
"""The provider's own knowledge, visible to every tenant."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller may see: one tenant's knowledge and what is shared. Never empty."""

    tenant: TenantId

    def __post_init__(self) -> None:
        if not isinstance(self.tenant, TenantId):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("a scope needs a TenantId")

    @property
    def tenants(self) -> tuple[TenantId, ...]:
        """The tenants whose knowledge is visible, the caller's own first."""
        return (self.tenant,) if self.tenant == SHARED else (self.tenant, SHARED)


@dataclass(frozen=True, slots=True)
class RedactionPolicy:
    """What is taken out of a tenant's texts before they are stored.

    ``off`` are the kinds that stay, ``words`` the company's own words that go, ``kept`` what stays though it
    looks like personal data (the desk's own address and number). ``keep_raw``: the original texts are kept
    beside, for the tenant's own use.
    """

    off: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    keep_raw: bool = False
