"""Who asks, and for which tenant: taken from the credential and a header, never from a body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from kbsearch.model import Scope, TenantId

DEFAULT_TENANT = TenantId("default")


@dataclass(frozen=True, slots=True)
class Caller:
    """``agent`` names who gives feedback; one word for each agent counts."""

    tenant: TenantId
    agent: str

    @property
    def scope(self) -> Scope:
        return Scope(self.tenant)


async def caller(
    tenant: Annotated[
        str | None,
        Header(alias="KBSearch-Tenant", description="The tenant to act for; `default` where it is not given."),
    ] = None,
) -> Caller:
    """The caller of a server without keys: it listens on loopback only and everyone is ``admin``.

    Raises InvalidTenant.
    """
    return Caller(DEFAULT_TENANT if tenant is None else TenantId(tenant), "admin")


CallerDep = Annotated[Caller, Depends(caller)]
