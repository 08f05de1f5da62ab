"""Words of a tenant's trade, as leads set them."""

from __future__ import annotations

from kbsearch.errors import Conflict, InvalidInput, NotFound
from kbsearch.knowledge.redaction import Redaction
from kbsearch.model import Scope, TenantId, TradeWord, WordOrigin
from kbsearch.store import audit, tenants, trade_words
from kbsearch.store.port import Store
from kbsearch.text.intake import plain_line
from kbsearch.text.words import surface

MOST_WORDS = 1_000


class TenantWords:
    """What people of a tenant type, and the names that are meant. Part of the KnowledgeBase."""

    def __init__(self, store: Store, redaction: Redaction) -> None:
        self._store, self._redaction = store, redaction

    def page(self, tenant: TenantId, after: str = "", limit: int = 50) -> list[TradeWord]:
        """The tenant's own words in order, those behind ``after`` only."""
        with self._store.read() as tx:
            return trade_words.page(tx, tenant, after, limit)

    def put(self, tenant: TenantId, word: str, name: str) -> tuple[TradeWord, int]:
        """Set what a word, or several words, mean from the next question on. Returns that, and the revision.

        Raises:
            InvalidInput: there is no letter in it, or redaction takes it out.
            Conflict: the tenant has MOST_WORDS.
        """
        typed, name = as_typed(word), plain_line(name).strip()
        for pointer, text in (("/word", word), ("/name", name)):
            if not any(map(str.isalpha, text)):
                raise InvalidInput(pointer, "it has no letter")
            if self._redaction.of_comment(tenant, text) != text:
                raise InvalidInput(pointer, "it holds what redaction takes out")
        with self._store.write() as tx:
            there = trade_words.page(tx, tenant, "", MOST_WORDS)
            if len(there) >= MOST_WORDS and typed not in {one.word for one in there}:
                raise Conflict(f"a tenant has at most {MOST_WORDS} words; remove one first")
            trade_words.put(tx, tenant, typed, name)
            audit.note(tx, tenant, "word.put", "word")
            tenants.raise_revision(tx, tenant)
        return TradeWord(typed, name, WordOrigin.LEAD), self._revision(tenant)

    def drop(self, tenant: TenantId, word: str) -> int:
        """Take a word away; one that was learned is not learned again. Returns the revision. Raises NotFound."""
        with self._store.write() as tx:
            if not trade_words.drop(tx, tenant, as_typed(word)):
                raise NotFound("word", word)
            audit.note(tx, tenant, "word.dropped", "word")
            tenants.raise_revision(tx, tenant)
        return self._revision(tenant)

    def _revision(self, tenant: TenantId) -> int:
        with self._store.read() as tx:
            return tenants.revision(tx, Scope(tenant))


def as_typed(word: str) -> str:
    """A word, or several, as they are compared: in lower case, with single spaces."""
    return " ".join(surface(word))
