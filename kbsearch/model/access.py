"""Roles, credentials, keys, and entries of the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kbsearch.model.tenant import TenantId


class Role(StrEnum):
    """What a caller may do. The roles of people form a ladder; ``system`` and ``monitor`` are for machines."""

    AGENT = "agent"
    ENGINEER = "engineer"
    LEAD = "lead"
    ADMIN = "admin"
    SYSTEM = "system"
    MONITOR = "monitor"


LADDER = (Role.AGENT, Role.ENGINEER, Role.LEAD, Role.ADMIN)
"""Each may do what the ones before it may."""

LEADS = frozenset(LADDER[LADDER.index(Role.LEAD) :])
"""Who may validate knowledge and share it with every tenant."""

Tenants = tuple[TenantId, ...] | None
"""The tenants that a credential may act for; None: every one. Never empty."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A recognised caller. ``home`` is the tenant if none is named; None: one must be named."""

    name: str
    role: Role
    tenants: Tenants
    home: TenantId | None

    @classmethod
    def of(cls, name: str, role: Role, tenants: Tenants) -> Credential:
        return cls(name, role, tenants, tenants[0] if tenants is not None and len(tenants) == 1 else None)

    def covers(self, tenant: TenantId) -> bool:
        return self.tenants is None or tenant in self.tenants


@dataclass(frozen=True, slots=True)
class Key:
    """A stored key, without its secret. ``id`` is part of the text of the key and not secret."""

    id: str
    label: str
    role: Role
    tenants: Tenants
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether the key is valid."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A change: who did what to which object, and when. ``tenant`` is None for changes of the whole service.

    ``detail`` never contains text that a user wrote.
    """

    seq: int
    at: datetime
    actor: str
    request_id: str | None
    tenant: TenantId | None
    action: str
    subject: str
    detail: str | None
