"""What a message of a ticket system says happened, in the shape of the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from kbsearch.model import Scope, TenantId
from kbsearch.ticketing.connector import Connector, EventKind, KindRule
from kbsearch.ticketing.fields import Rejected, field_value, field_values, tenant_of, text_of, value_at

_ANY = "*"
OWN_MARK = "[kbsearch:"
"""Stands in every note that kbsearch writes into a ticket: what bears it is never read as a fix."""


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """``ticket`` and ``resolution`` are in the shape of a write-back."""

    kind: EventKind
    tenant: TenantId
    ticket: dict[str, Any]
    resolution: dict[str, Any]
    actor: str | None = None
    delivery_id: str | None = None
    occurred_at: str | None = None

    @property
    def scope(self) -> Scope:
        """What is searched for its ticket."""
        return Scope(self.tenant)


class NoEvent(Exception):
    """The message asks for nothing; the text says why."""


def event_of(connector: Connector, payload: Mapping[str, Any], headers: Mapping[str, str]) -> TicketEvent:
    """The event of a message.

    Args:
        connector: how its messages are read.
        payload: the message.
        headers: in lower case.

    Raises:
        NoEvent: kbsearch does nothing about it.
        Rejected: a field that is needed is missing, or the tenant is not known.
    """
    record = {**payload, "header": headers}
    kind = next((rule.kind for rule in connector.kinds if _holds(rule, record)), EventKind.IGNORED)
    if kind == EventKind.IGNORED:
        raise NoEvent("no kind of event is known by these values")
    actor = _text(record, connector, "actor")
    if actor is not None and actor.casefold() in {account.casefold() for account in connector.own_accounts}:
        raise NoEvent("kbsearch itself did this")
    resolution = field_values(record, connector.resolution) if kind == EventKind.RESOLVED else {}
    if OWN_MARK in str(resolution.get("resolution", "")):
        resolution.pop("resolution")
    ticket = field_values(record, connector.ticket)
    for name in ("id", "subject"):
        if name not in ticket:
            raise Rejected(f"{name}: nothing stands there")
    return TicketEvent(
        kind,
        tenant_of(record, connector.tenant),
        ticket,
        resolution,
        actor,
        _text(record, connector, "delivery_id"),
        _text(record, connector, "occurred_at"),
    )


def _holds(rule: KindRule, record: Mapping[str, Any]) -> bool:
    return all(_is_among(value_at(record, place), wanted) for place, wanted in rule.when.items())


def _is_among(value: Any, wanted: tuple[str, ...]) -> bool:
    found = {text_of(one) for one in (cast("list[Any]", value) if isinstance(value, list) else [value])} - {""}
    return bool(found) if _ANY in wanted else not found.isdisjoint(wanted) or (not found and "" in wanted)


def _text(record: Mapping[str, Any], connector: Connector, name: str) -> str | None:
    rule = getattr(connector, name)
    return None if rule is None else field_value(record, name, rule)
