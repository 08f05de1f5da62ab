"""Redaction of the texts of a tenant, and the original texts, if the tenant keeps them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast

from kbsearch.errors import InvalidInput, NotFound, StorageError
from kbsearch.model import SHARED, Article, RedactionPolicy, TenantId, Ticket
from kbsearch.store import audit, purges
from kbsearch.store import redaction as stored
from kbsearch.store.port import Read, Store, Write
from kbsearch.text.intake import plain_line, plain_text, plain_ticket, said
from kbsearch.text.redaction import Kind, Redactor

IN_NO_ARTICLE = frozenset({Kind.WORD, Kind.SECRET, Kind.IBAN, Kind.CARD, Kind.EGN, Kind.DOCUMENT})
"""What never belongs into an article. Its other kinds are often its very point: whom to call, which server to ping."""

_REDACTORS_KEPT = 256


class Seal(Protocol):
    """Encrypts and decrypts; raises ValueError for what it cannot open."""

    def close(self, content: bytes) -> bytes: ...

    def open(self, content: bytes) -> bytes: ...


class Redaction:
    """Redaction by tenant. Part of the KnowledgeBase.

    Args:
        store: holds the policies.
        seal: encrypts original texts; None stores them unencrypted.
    """

    def __init__(self, store: Store, seal: Seal | None = None) -> None:
        self._store = store
        self._seal = seal
        self._redactors: dict[RedactionPolicy, Redactor] = {}

    @property
    def seals(self) -> bool:
        """Whether original texts are encrypted."""
        return self._seal is not None

    def policy(self, tenant: TenantId) -> RedactionPolicy:
        with self._store.read() as tx:
            return stored.policy(tx, tenant)

    def set_policy(self, tenant: TenantId, policy: RedactionPolicy) -> None:
        """Set the policy for future writes. Stored original texts are deleted at once if the policy keeps none.

        Raises:
            InvalidInput: a kind that there is not, or a kind switched off for ``shared``.
        """
        unknown = policy.off - set(Kind)
        if unknown:
            raise InvalidInput("/off", f"there is no such kind; kinds are {', '.join(Kind)}")
        if tenant == SHARED and (policy.off or policy.keep_raw):
            raise InvalidInput("", "what is shared with every tenant is always redacted whole")
        with self._store.write() as tx:
            stored.put_policy(tx, tenant, policy)
            if not policy.keep_raw:
                purges.ask(tx, tenant)

    def of_tickets(self, tenant: TenantId) -> Redactor:
        """The redactor of the tenant's tickets."""
        return self._redactor(self.policy(tenant))

    def of_articles(self, tenant: TenantId) -> Redactor:
        """The redactor of the tenant's articles: all kinds for ``shared``, else those no article may contain."""
        policy = self.policy(tenant)
        if tenant == SHARED:
            return self._redactor(policy)
        return self._redactor(replace(policy, off=policy.off | (set(Kind) - IN_NO_ARTICLE)))

    def of_shared(self, tenant: TenantId) -> Redactor:
        """The redactor of articles of the tenant that are shared.

        Every kind goes, and the own words of the tenant and of ``shared``. What only the tenant keeps does not stay.
        """
        return self._redactor(self._shared_policy(tenant))

    def may_be_shared(self, tenant: TenantId, id: str) -> bool:
        """Whether an id of the tenant holds no own word and no address: ids cannot be redacted."""
        policy = replace(self._shared_policy(tenant), off=frozenset(set(Kind) - {Kind.WORD, Kind.EMAIL}))
        return not self._redactor(policy).redact(id)[1]

    def _shared_policy(self, tenant: TenantId) -> RedactionPolicy:
        shared = self.policy(SHARED)
        words = dict.fromkeys((*shared.words, *self.policy(tenant).words))
        return replace(shared, off=frozenset(), words=tuple(words))

    def of_comment(self, tenant: TenantId, text: str | None) -> str | None:
        """A comment on a suggestion or an article, redacted like a ticket."""
        return None if text is None else self.of_tickets(tenant).redact(text)[0]

    def keep_raw(self, tx: Write, tenant: TenantId, tickets: Sequence[tuple[str, dict[str, object]]]) -> None:
        """Keep the original texts of tickets, (id, texts), if the tenant's policy says so."""
        if not stored.policy(tx, tenant).keep_raw:
            return
        for id, texts in tickets:
            content = _content(texts)
            raw = stored.RawText(self._seal.close(content) if self._seal else content, self._seal is not None)
            stored.put_raw(tx, tenant, id, raw)

    def differing_raw(self, tx: Read, tenant: TenantId, tickets: Sequence[tuple[str, dict[str, object]]]) -> set[str]:
        """The ids of those tickets whose original texts are to be kept and are not kept in this form yet.

        Only this comparison finds a difference in redacted parts. A text that cannot be decrypted counts as different.
        """
        if not stored.policy(tx, tenant).keep_raw:
            return set()
        differing: set[str] = set()
        for id, texts in tickets:
            kept = stored.raw(tx, tenant, id)
            try:
                if kept is None or self._opened(kept) != _content(texts):
                    differing.add(id)
            except StorageError:
                differing.add(id)
        return differing

    def raw(self, tenant: TenantId, ticket_id: str) -> dict[str, object]:
        """The original texts of a ticket. The audit log notes that they were read.

        Raises:
            NotFound: none were kept.
            StorageError: they are encrypted, and the key is not among those configured.
        """
        with self._store.write() as tx:
            content = self._opened(self._found(tx, tenant, ticket_id))
            audit.note(tx, tenant, "ticket.original-read", ticket_id)
        return json.loads(content)

    def _opened(self, kept: stored.RawText) -> bytes:
        if not kept.sealed:
            return kept.content
        if self._seal is None:
            raise StorageError("the text is encrypted and KBSEARCH_RAW_KEY is not set")
        try:
            return self._seal.open(kept.content)
        except ValueError:
            raise StorageError("the text was encrypted with a key that is not in KBSEARCH_RAW_KEY") from None

    def _found(self, tx: Read, tenant: TenantId, ticket_id: str) -> stored.RawText:
        found = stored.raw(tx, tenant, ticket_id)
        if found is None:
            raise NotFound("original text", ticket_id)
        return found

    def _redactor(self, policy: RedactionPolicy) -> Redactor:
        found = self._redactors.get(policy)
        if found is None:
            if len(self._redactors) >= _REDACTORS_KEPT:
                self._redactors = {}
            found = self._redactors[policy] = Redactor(policy)
        return found


def _content(texts: dict[str, object]) -> bytes:
    return json.dumps(texts, ensure_ascii=False).encode()


def counting(redactor: Redactor) -> tuple[Callable[[str], str], Counter[str]]:
    """A function that redacts texts, and counts of what it has removed so far, by kind."""
    counts: Counter[str] = Counter()

    def clean(text: str) -> str:
        cleaned, found = redactor.redact(text)
        counts.update(found)
        return cleaned

    return clean, counts


def redacted_question(ticket: Ticket, redactor: Redactor) -> Ticket:
    """The content of a question without personal data and secrets, and without mail history and logs."""
    clean, _ = counting(redactor)
    plain = plain_ticket(ticket)
    return said(
        Ticket(
            subject=clean(plain.subject),
            description=clean(plain.description),
            environment=tuple(map(clean, plain.environment)),
            language=plain.language,
        )
    ).ticket


def redacted_article(article: Article, redactor: Redactor) -> tuple[Article, dict[str, int]]:
    """The article without markup and personal data, and what was taken out. Its id stays."""
    clean, counts = counting(redactor)
    cleaned = replace(
        article,
        title=clean(plain_line(article.title)),
        issue=tuple(clean(text) for statement in article.issue if (text := plain_text(statement)).strip()),
        environment=tuple(clean(plain_line(entry)) for entry in article.environment),
        cause=None if article.cause is None else clean(plain_text(article.cause)) or None,
        resolution=clean(plain_text(article.resolution)),
        tags=tuple(clean(plain_line(tag)) for tag in article.tags),
        audience=None if article.audience is None else clean(article.audience),
        metadata=_cleaned_entries(article.metadata, clean),
    )
    return cleaned, dict(counts)


def _cleaned_entries(entries: Mapping[str, Any], clean: Callable[[str], str]) -> dict[str, Any]:
    return {clean(name): _cleaned_value(value, clean, f"{name}: ") for name, value in entries.items()}


def _cleaned_value(value: Any, clean: Callable[[str], str], named: str = "") -> Any:
    """A JSON value with all its texts redacted, each in the context of its key.

    A number that reads as personal data becomes a text.
    """
    if isinstance(value, dict):
        return _cleaned_entries(cast("dict[str, Any]", value), clean)
    if isinstance(value, list):
        return [_cleaned_value(one, clean, named) for one in cast("list[Any]", value)]
    if isinstance(value, bool) or value is None:
        return value
    text = str(value)
    cleaned = clean(f"{named}{text}")
    cleaned = cleaned.removeprefix(named) if cleaned.startswith(named) else clean(text)
    return cleaned if isinstance(value, str) or cleaned != text else value
