"""Each tenant's redaction policy, and the original texts, where a policy keeps them."""

from __future__ import annotations

from dataclasses import dataclass

from kbsearch.model import RedactionPolicy, TenantId
from kbsearch.store import audit
from kbsearch.store.columns import list_text, parse_list, time_text
from kbsearch.store.port import Read, Write
from kbsearch.store.statements import upsert

_PUT_POLICY = upsert("redaction_policies", ("tenant", "off", "words", "kept", "keep_raw", "updated_at"), ("tenant",))
_PUT_RAW = upsert("raw_tickets", ("tenant", "id", "content", "sealed", "updated_at"), ("tenant", "id"))


@dataclass(frozen=True, slots=True)
class RawText:
    """``content`` is JSON in UTF-8, encrypted if ``sealed``."""

    content: bytes
    sealed: bool


def policy(tx: Read, tenant: TenantId) -> RedactionPolicy:
    """The tenant's policy, the strictest one where none was set."""
    row = tx.row("SELECT off, words, kept, keep_raw FROM redaction_policies WHERE tenant = ?", (tenant,))
    if row is None:
        return RedactionPolicy()
    return RedactionPolicy(
        frozenset(parse_list(row["off"])), parse_list(row["words"]), parse_list(row["kept"]), bool(row["keep_raw"])
    )


def put_policy(tx: Write, tenant: TenantId, policy: RedactionPolicy) -> None:
    """Set a policy. One that keeps no original texts drops those that were kept."""
    tx.execute(
        _PUT_POLICY,
        {
            "tenant": tenant,
            "off": list_text(sorted(policy.off)),
            "words": list_text(policy.words),
            "kept": list_text(policy.kept),
            "keep_raw": int(policy.keep_raw),
            "updated_at": time_text(tx.now),
        },
    )
    audit.note(tx, tenant, "redaction.changed", tenant, "original texts are kept" if policy.keep_raw else None)
    if not policy.keep_raw:
        tx.execute("DELETE FROM raw_tickets WHERE tenant = ?", (tenant,))


def put_raw(tx: Write, tenant: TenantId, ticket_id: str, raw: RawText) -> None:
    tx.execute(
        _PUT_RAW,
        {
            "tenant": tenant,
            "id": ticket_id,
            "content": raw.content,
            "sealed": int(raw.sealed),
            "updated_at": time_text(tx.now),
        },
    )


def raw(tx: Read, tenant: TenantId, ticket_id: str) -> RawText | None:
    row = tx.row("SELECT content, sealed FROM raw_tickets WHERE tenant = ? AND id = ?", (tenant, ticket_id))
    return None if row is None else RawText(row["content"], bool(row["sealed"]))


def erase_raw(tx: Write, tenant: TenantId, ticket_id: str) -> None:
    tx.execute("DELETE FROM raw_tickets WHERE tenant = ? AND id = ?", (tenant, ticket_id))
