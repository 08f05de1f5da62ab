"""Words and ids that only one tenant knows, and where they turn up."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Collection
from dataclasses import dataclass

SHARED = "shared"
NOBODY = "nobody"
"""Whose ids exist nowhere."""

_PRIVATE = frozenset({"comment", "reason", "resolved_by", "priority", "key label", "withheld"})
"""What even the tenant ``shared``, whose knowledge all see, shows to nobody."""

_IN_ADDRESSES = frozenset({"id", "word", "source"})
"""Ids, words of a trade that a lead sets, names of connectors."""

_ARTICLE_FIELDS = ("title", "issue", "environment", "cause", "resolution", "tags", "audience")

_MADE = re.compile(r"\b(?:fix-)?[0-9a-f]{18,}\b")


@dataclass(frozen=True)
class Leak:
    """Something of a tenant was shown where it must not be; ``kind`` is the field that it was written in."""

    where: str
    kind: str
    tenant: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} of {self.tenant or 'others'} in {self.where}: {self.detail}".rstrip(": ")


class Marks:
    """Made on first use, the same for the same seed. Words are of ten lower-case letters: nothing else has them.

    Ids that callers choose hold their tenant's id word. Ids that the server makes are noted with ``made``.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._words: dict[tuple[str, str], str] = {}
        self._published: list[tuple[tuple[str, str], str]] = []
        self._texts: dict[str, tuple[str, frozenset[str]]] = {}
        self._made: dict[str, str] = {}
        self._known: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def word(self, tenant: str, kind: str) -> str:
        """The word that a tenant writes into fields of this kind."""
        if (tenant, kind) not in self._words:
            with self._lock:
                self._words[tenant, kind] = self._invented(f"{tenant} {kind}")
        return self._words[tenant, kind]

    def name(self, number: int) -> str:
        """A tenant's own name, which other tenants may not learn either, though some guess it."""
        name = self._invented(f"name {number}")
        self.guard("name", name, (name,))
        return name

    def id(self, tenant: str, number: int) -> str:
        return f"{self.word(tenant, 'id')}-{number}"

    def guard(self, kind: str, text: str, tenants: Collection[str]) -> None:
        """A text, as a key, that only callers for these tenants may see; with none of them nobody may."""
        with self._lock:
            self._texts[text] = kind, frozenset(tenants)

    def made(self, id: str, tenant: str) -> None:
        """The server made this id for a tenant; ids that callers chose are left out."""
        if _MADE.search(id):
            with self._lock:
                self._made.setdefault(id, tenant)

    def told(self, tenant: str, sent: str) -> None:
        """The tenant now has things of its own under the ids that it sent, whoever else has, too."""
        with self._lock:
            self._known.update((tenant, id) for id in self._ids_in(sent))

    def publish(self, tenant: str, id: str, shown: str) -> None:
        """The tenant gave an article to all tenants. What they see of its own fields is no secret any more.

        The tenant writes other words into these fields from now on.
        """
        self.told(SHARED, id)
        folded = shown.casefold()
        with self._lock:
            for key in ((tenant, field) for field in _ARTICLE_FIELDS):
                if key in self._words and self._words[key] in folded:
                    self._published.append((key, self._words[key]))
                    self._words[key] = self._invented(f"{' '.join(key)} {len(self._published)}")

    def is_known(self, tenant: str, id: str) -> bool:
        """Whether the tenant has something of its own under this id."""
        with self._lock:
            return self._whose(id) == tenant or (tenant, id) in self._known

    def kinds_in(self, text: str, tenant: str) -> set[str]:
        """The kinds of the tenant's own words in a text."""
        folded = text.casefold()
        return {kind for (whose, kind), word in self._all_words() if whose == tenant and word in folded}

    def leaks(self, where: str, text: str, shown_to: Collection[str], sent: str = "") -> list[Leak]:
        """What of tenants other than ``shown_to`` is in a text. An id that the caller sent may come back."""
        folded = text.casefold()
        visible = (*shown_to, SHARED) if shown_to else ()
        found = [
            Leak(where, kind, tenant)
            for (tenant, kind), word in self._all_words()
            if kind != "id"
            and word in folded
            and tenant not in shown_to
            and not _visible(tenant, kind, shown_to)
            and not (kind in _IN_ADDRESSES and word in sent.casefold())  # the address that the caller sent comes back
        ]
        with self._lock:
            foreign = [
                id
                for id in self._ids_in(folded)
                if self._whose(id) not in (*visible, NOBODY)
                and id not in sent
                and not any((one, id) in self._known for one in visible)
            ]
            found += [Leak(where, "id", self._whose(id) or "", id) for id in foreign]
            found += [
                Leak(where, kind, " ".join(sorted(tenants)))
                for guarded, (kind, tenants) in self._texts.items()
                if guarded in text and tenants.isdisjoint(shown_to) and guarded not in sent
            ]
        return found

    def words_in(self, where: str, text: str) -> list[Leak]:
        """Words of any tenant in a text that must hold none, as a log line; what stands in addresses may be there."""
        folded = text.casefold()
        words = [*self._all_words(), *self._published]
        return [Leak(where, kind, who) for (who, kind), word in words if kind not in _IN_ADDRESSES and word in folded]

    def _invented(self, seed: str) -> str:
        chance = random.Random(f"{self._seed} {seed}")  # noqa: S311 - seeded, and nothing to guard
        return "".join(chance.choice("bcdfghklmnprstvz") + chance.choice("aeiou") for _ in range(5))

    def _all_words(self) -> list[tuple[tuple[str, str], str]]:
        with self._lock:
            return list(self._words.items())

    def _ids_in(self, text: str) -> set[str]:
        words = [word for (_, kind), word in self._words.items() if kind == "id"]
        chosen = re.findall(rf"(?:{'|'.join(words)})-\d+", text) if words else []
        return {*chosen, *(id for id in _MADE.findall(text) if id in self._made)}

    def _whose(self, id: str) -> str | None:
        if id in self._made:
            return self._made[id]
        word = id.rpartition("-")[0]
        return next((who for (who, kind), one in self._words.items() if kind == "id" and one == word), None)


def _visible(tenant: str, kind: str, shown_to: Collection[str]) -> bool:
    return tenant == SHARED and kind not in _PRIVATE and bool(shown_to)
