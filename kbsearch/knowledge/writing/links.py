"""Which solution a ticket is linked to: read at once for a whole batch, kept right while the batch is written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kbsearch.model import Scope, SolutionKind, SolutionRef, TenantId
from kbsearch.store import fixes, solutions, ticket_links
from kbsearch.store.port import Read, Write
from kbsearch.store.ticket_links import Linked
from kbsearch.text.fixes import Fingerprint, cited_ids, is_excerpt

_MOST_COMPARED = 8
_LEAST_OF = {SolutionKind.ARTICLE: 0.5, SolutionKind.TICKET: 0.9}
"""The share of a solution's words that a copy must have: of an article often only some steps are copied."""


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What will be asked for a ticket: the solution it names, else the one with the same fix."""

    ticket_id: str
    solution_id: str | None
    fix: Fingerprint | None


def own_name(tenant: TenantId, ticket_id: str, fix: Fingerprint, again: int = 0) -> str:
    """The id of the solution that a ticket forms by its fix; ``again`` gives further ones where that is taken."""
    name = f"{tenant}\n{ticket_id}\n{fix.whole.hex()}" + "\n" * again
    return f"fix-{hashlib.blake2b(name.encode(), digest_size=9).hexdigest()}"


class Links:
    """The links of one transaction's tickets.

    What was not read ahead, or may have changed since, is asked of the store.

    Args:
        tx: the transaction.
        tenant: whose tickets they are.
        batch: what to read ahead.
    """

    def __init__(self, tx: Write, tenant: TenantId, batch: Sequence[LinkRequest]) -> None:
        self._tx = tx
        self.tenant = tenant
        self._scope = Scope(tenant)
        named = {one.solution_id for one in batch if one.solution_id is not None}
        looked_up = [one.fix for one in batch if one.fix is not None and one.solution_id is None]
        ids = [one.ticket_id for one in batch]
        stored = ticket_links.links(tx, tenant, ids)
        self._stored: dict[str, Linked | None] = {id: stored.get(id) for id in ids}
        self._named = solutions.find_many(tx, self._scope, sorted(named)) if named else {}
        wholes = sorted({fix.whole for fix in looked_up})
        self._same_fix = solutions.with_same_fixes(tx, self._scope, wholes) if wholes else {}
        self._with_statement: dict[bytes, set[SolutionRef]] = {}
        self._read_statements([one for fix in looked_up for one in fix.statements[: fixes.MOST_LOOKED_UP]])
        self._apart = ticket_links.unlinked_from(tx, tenant, list(stored)) if stored else {}
        # What the tickets would form, most of which is not there.
        own = [own_name(tenant, one.ticket_id, one.fix) for one in batch if one.fix is not None]
        self._exists = dict.fromkeys(own, False)
        self._exists |= dict.fromkeys(solutions.existing(tx, self._scope, own), True)
        before = {one.solution for one in stored.values() if one.solution is not None}
        self._tickets_of = solutions.tickets_of(tx, before) if before else {}

    def stored(self, ticket_id: str) -> Linked | None:
        """How the ticket is linked, None where it is not stored yet."""
        if ticket_id not in self._stored:
            self._stored[ticket_id] = ticket_links.links(self._tx, self.tenant, [ticket_id]).get(ticket_id)
        return self._stored[ticket_id]

    def named(self, solution_id: str) -> SolutionRef | None:
        """The solution of this id that the tenant sees."""
        if solution_id not in self._named:
            self._named.update(solutions.find_many(self._tx, self._scope, [solution_id]))
        return self._named[solution_id]

    def with_same_fix(self, fix: Fingerprint, resolution: str, other_than: set[SolutionRef]) -> SolutionRef | None:
        """The solution with the same fix beyond doubt: it tells the same, is cited, or was copied from."""
        if fix.whole not in self._same_fix:
            self._same_fix.update(solutions.with_same_fixes(self._tx, self._scope, [fix.whole]))
        same = self._same_fix[fix.whole]
        if same is not None and same not in other_than:
            return same
        return _cited(self._tx, self._scope, resolution, other_than) or _copied(
            self._tx, self._scope, self._sharing(fix), resolution, other_than
        )

    def apart(self, ticket_id: str) -> set[SolutionRef]:
        """The solutions that a person took the ticket off."""
        if self.stored(ticket_id) is not None and ticket_id not in self._apart:
            self._apart |= ticket_links.unlinked_from(self._tx, self.tenant, [ticket_id])
        return self._apart.get(ticket_id, set())

    def is_of_one_ticket(self, ref: SolutionRef) -> bool:
        """Whether it is a ticket solution with exactly one ticket linked to it."""
        if ref not in self._tickets_of:
            self._tickets_of.update(solutions.tickets_of(self._tx, [ref]))
        return self._tickets_of[ref] == 1

    def changed(self, ref: SolutionRef) -> None:
        """A solution was formed, rebuilt or removed."""
        self._exists.pop(ref.id, None)
        self._named.pop(ref.id, None)
        self._tickets_of.pop(ref, None)
        for fix in [fix for fix, found in self._same_fix.items() if found == ref]:
            del self._same_fix[fix]

    def formed(self, ref: SolutionRef, fix: Fingerprint) -> None:
        """A solution was formed of this fix."""
        self.changed(ref)
        self._exists[ref.id] = True
        if self._same_fix.get(fix.whole) is None:  # else an older one has it, which this ticket was taken off
            self._same_fix[fix.whole] = ref
        for statement in fix.statements:
            if statement in self._with_statement:
                self._with_statement[statement].add(ref)

    def exists(self, id: str) -> bool:
        """Whether the tenant sees a solution of this id."""
        if id not in self._exists:
            self._exists[id] = bool(solutions.existing(self._tx, self._scope, [id]))
        return self._exists[id]

    def linked(self, ticket_id: str, now: Linked) -> None:
        """A ticket was stored with its solution."""
        before = self.stored(ticket_id)
        for one in (before and before.solution, now.solution):
            if one is not None:
                self._tickets_of.pop(one, None)
        self._stored[ticket_id] = now
        if now.solution is not None:
            self._apart.get(ticket_id, set()).discard(now.solution)

    def _sharing(self, fix: Fingerprint) -> dict[SolutionRef, int]:
        """As fixes.sharing(). A solution that has lost a statement since may still be among them."""
        statements = fix.statements[: fixes.MOST_LOOKED_UP]
        self._read_statements([one for one in statements if one not in self._with_statement])
        return fixes.counted(self._with_statement[one] for one in statements)

    def _read_statements(self, statements: Sequence[bytes]) -> None:
        if statements:
            self._with_statement |= fixes.with_statements(self._tx, self._scope, list(dict.fromkeys(statements)))


def _cited(tx: Read, scope: Scope, resolution: str, other_than: set[SolutionRef]) -> SolutionRef | None:
    """The one article that a resolution names by its id."""
    ids = cited_ids(resolution)
    if not ids:
        return None
    found = {ref for ref in solutions.find_many(tx, scope, ids).values() if ref is not None}
    known = solutions.resolutions(tx, scope, found - other_than)
    articles = {one.ref for one in known.values() if one.kind == SolutionKind.ARTICLE}
    return articles.pop() if len(articles) == 1 else None


def _copied(
    tx: Read, scope: Scope, shared: Mapping[SolutionRef, int], resolution: str, other_than: set[SolutionRef]
) -> SolutionRef | None:
    """The one solution that a resolution is an excerpt of; an article before tickets' fixes."""
    likely = sorted(shared.keys() - other_than, key=lambda ref: (-shared[ref], ref.tenant, ref.id))[:_MOST_COMPARED]
    known = solutions.resolutions(tx, scope, likely) if likely else {}
    held = [
        one
        for one in known.values()
        if one.ref not in other_than and is_excerpt(resolution, one.resolution, _LEAST_OF[one.kind])
    ]
    for kind in SolutionKind:
        found = {one.ref for one in held if one.kind == kind}
        if found:
            return found.pop() if len(found) == 1 else None
    return None
