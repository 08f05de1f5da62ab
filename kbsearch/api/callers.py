"""The caller of a request and its tenant: from the credential and a header, never from the body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from kbsearch.api.access import Rule, TenantRule
from kbsearch.errors import Forbidden, InvalidInput, InvalidTenant
from kbsearch.model import LEADS, SHARED, Credential, Role, Scope, TenantId, Tenants

DEFAULT_TENANT = TenantId("default")
TENANT_HEADER = "KBSearch-Tenant"
CLIENT_PARAMETER = "client"
"""Names the tenant in the address of a page."""


@dataclass(frozen=True, slots=True)
class Caller:
    """``agent`` names who acts, in feedback and in the audit log; ``tenants`` are those it could have named."""

    tenant: TenantId
    agent: str
    role: Role
    tenants: Tenants

    @property
    def scope(self) -> Scope:
        return Scope(self.tenant)

    @property
    def leads(self) -> bool:
        """Whether the caller may validate knowledge."""
        return self.role in LEADS

    def speaking_for(self, agent: str | None) -> str:
        """The name of who acts: the caller, or the agent that a ticket system names.

        Raises:
            InvalidInput: the caller is no ticket system and names an agent.
        """
        if agent is None:
            return self.agent
        if self.role != Role.SYSTEM:
            raise InvalidInput("/agent", "only a key of the role 'system' may name an agent")
        return f"{self.agent}: {agent}"

    @classmethod
    def of(cls, credential: Credential, named: str | None, rule: Rule) -> Caller:
        """Who acts for which tenant under a route's rule. ``named`` is what the header says.

        Raises:
            InvalidTenant: the id is invalid, or a tenant must be named.
            Forbidden: the credential does not cover the tenant, or its role may not do this.
        """
        tenants = credential.tenants
        if named is not None:
            tenant = TenantId(named)
            tenants = (tenant,)
            if not credential.covers(tenant):
                raise Forbidden("this credential does not act for that tenant")
        elif credential.home is not None:
            tenant = credential.home
        elif rule.tenant == TenantRule.ANY:
            tenant = credential.tenants[0] if credential.tenants else DEFAULT_TENANT
        else:
            raise InvalidTenant(
                "", f"this credential acts for several tenants; name one with the header {TENANT_HEADER}"
            )
        allowed = rule.roles & rule.in_shared if tenant == SHARED else rule.roles
        if credential.role not in allowed:
            raise Forbidden(f"a credential of role {credential.role} may not do this")
        if rule.into_shared and not credential.covers(SHARED):
            raise Forbidden("this changes what every tenant sees, and this credential does not act for 'shared'")
        return cls(tenant, credential.name, credential.role, tenants)


async def _caller(request: Request) -> Caller:
    return request.state.caller


CallerDep = Annotated[Caller, Depends(_caller)]
