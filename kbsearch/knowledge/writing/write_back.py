"""Write-back: a resolved ticket becomes knowledge in one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace

from kbsearch.errors import InvalidInput
from kbsearch.knowledge.indexing.documents import SourceText, ticket_text
from kbsearch.knowledge.redaction import counting
from kbsearch.knowledge.writing.linking import form, own_solution, rebuild_solution
from kbsearch.knowledge.writing.links import LinkRequest, Links
from kbsearch.model import (
    IndexedDocument,
    Resolution,
    Scope,
    SolutionRef,
    TenantId,
    Ticket,
    TicketStatus,
    WriteBackOutcome,
)
from kbsearch.store import documents, solutions, ticket_links, tickets
from kbsearch.store.port import Read, Write
from kbsearch.store.ticket_links import Linked
from kbsearch.text.fixes import Fingerprint, fingerprint, is_thin
from kbsearch.text.intake import Boilerplate, is_template, plain_text, plain_ticket, said
from kbsearch.text.language import guess_language
from kbsearch.text.redaction import Redactor

_ADDED_LATER = frozenset({"reassignments"})


@dataclass(frozen=True, slots=True)
class ResolvedTicketIn:
    """A write-back as received: the ticket's id, the ticket and its resolution."""

    ticket_id: str
    ticket: Ticket
    resolution: Resolution


@dataclass(frozen=True, slots=True)
class Redacted:
    """A write-back without personal data, what was taken out, and a name for its content.

    ``fix`` names what was done, None where the resolution is too thin to be of use. ``is_boilerplate`` tells what is
    left out of the index.
    """

    ticket_id: str
    ticket: Ticket
    resolution: Resolution
    counts: dict[str, int]
    digest: bytes
    fix: Fingerprint | None
    given: ResolvedTicketIn
    is_boilerplate: Boilerplate = is_template

    @property
    def raw_texts(self) -> dict[str, object]:
        """The original texts."""
        ticket, resolution = self.given.ticket, self.given.resolution
        return {
            "subject": ticket.subject,
            "description": ticket.description,
            "environment": ticket.environment,
            "cause": resolution.cause,
            "resolution": resolution.text,
        }

    def text(self, tenant: TenantId) -> SourceText:
        return ticket_text(tenant, self.ticket_id, self.ticket, self.resolution.text, self.is_boilerplate)


@dataclass(frozen=True, slots=True)
class Written:
    solution: SolutionRef | None
    outcome: WriteBackOutcome
    first_time: bool


def redacted(given: ResolvedTicketIn, redactor: Redactor, is_boilerplate: Boilerplate = is_template) -> Redacted:
    """Take markup, then personal data and secrets out of every text of a write-back."""
    clean, counts = counting(redactor)
    plain = plain_ticket(given.ticket)
    ticket = replace(
        plain,
        id=given.ticket_id,
        subject=clean(plain.subject),
        description=clean(plain.description),
        environment=tuple(clean(entry) for entry in plain.environment),
        priority=None if plain.priority is None else clean(plain.priority),
        language=plain.language or guess_language(said(plain, is_boilerplate).ticket.text),
    )
    resolution = replace(
        given.resolution,
        text=clean(plain_text(given.resolution.text)),
        cause=None if given.resolution.cause is None else clean(plain_text(given.resolution.cause)) or None,
    )
    content = json.dumps([_values(ticket), _values(resolution)], default=str, sort_keys=True)
    digest = hashlib.blake2b(content.encode(), digest_size=16).digest()
    fix = None if is_thin(resolution.text, is_boilerplate) else fingerprint(resolution.text)
    return Redacted(given.ticket_id, ticket, resolution, dict(counts), digest, fix, given, is_boilerplate)


def check_solution(tx: Read, tenant: TenantId, given: Redacted) -> None:
    """Raises InvalidInput where the write-back names a solution that the tenant cannot see."""
    wanted = given.resolution.solution_id
    if wanted is not None and solutions.find(tx, Scope(tenant), wanted) is None:
        raise _no_such_solution()


def links(tx: Write, tenant: TenantId, batch: Sequence[Redacted]) -> Links:
    """What write() asks for these tickets, read at once."""
    return Links(tx, tenant, [LinkRequest(one.ticket_id, one.resolution.solution_id, one.fix) for one in batch])


def write(
    tx: Write,
    links: Links,
    generation: int,
    given: Redacted,
    document: IndexedDocument,
    alike: Collection[SolutionRef] = (),
    imported: bool = False,
) -> Written:
    """Store a resolved ticket, link it to a solution or form one, and put it into the index's tables.

    Args:
        tx: the transaction.
        links: what links() read.
        generation: the index's.
        given: the write-back.
        document: what the index takes of it.
        alike: solutions whose fix may be the same: a new one beside them waits for review.
        imported: whether it comes with others from the past.
    """
    before = links.stored(given.ticket_id)
    old = before and before.solution
    apart = links.apart(given.ticket_id)
    choice = _choose(links, given, before, apart)
    solution, outcome = choice if choice is not None else _link(tx, links, given, before, apart)
    if outcome == WriteBackOutcome.CREATED and not apart.issuperset({*alike} - {solution}):
        outcome = WriteBackOutcome.NEEDS_REVIEW
    if solution in apart:
        ticket_links.forget_unlinked(tx, links.tenant, given.ticket_id, solution)
    decided = before and before.decided
    if decided is not None and decided == solution:
        ticket_links.renew_decision(tx, links.tenant, given.ticket_id)
    elif decided is not None:
        ticket_links.forget_decision(tx, links.tenant, given.ticket_id)
        decided = None
    tickets.put(
        tx, links.tenant, given.ticket_id, given.ticket, given.resolution, solution, outcome, given.digest,
        keeps_link=old is not None and old == solution and not _is_named_anew(given, before), imported=imported,
    )  # fmt: skip
    links.linked(
        given.ticket_id,
        Linked(solution, outcome, TicketStatus.RESOLVED, given.resolution.text, given.resolution.solution_id, decided),
    )
    if choice is not None and solution is not None:
        _renew(tx, links, solution)
    if old is not None and old != solution:
        rebuild_solution(tx, old)
        links.changed(old)
    documents.put(tx, generation, document)
    return Written(solution, outcome, before is None)


def _is_named_anew(given: Redacted, before: Linked | None) -> bool:
    """Whether the caller names a solution that it did not name the last time: that is news."""
    named = given.resolution.solution_id
    return named is not None and (before is None or named != before.named)


def _choose(
    links: Links, given: Redacted, before: Linked | None, apart: set[SolutionRef]
) -> tuple[SolutionRef | None, WriteBackOutcome] | None:
    """What a person or an earlier write-back decided of the ticket's solution; None where nobody did.

    A solution that is named for the first time counts most, then what a lead decided, then what was named before. A
    ticket that is sent again with the same fix stays where it is.
    """
    named = given.resolution.solution_id
    target = links.named(named) if named is not None else None
    if named is not None and target is None:
        raise _no_such_solution()
    if target is not None and _is_named_anew(given, before):
        return target, WriteBackOutcome.LINKED
    if before is None:
        return None
    same_fix = fingerprint(before.resolution).whole == fingerprint(given.resolution.text).whole
    if before.decided is not None and (same_fix or not before.withdrawn):
        return before.decided, WriteBackOutcome.LINKED
    if target is not None and target not in apart:
        return target, WriteBackOutcome.LINKED
    if before.solution is None or not same_fix or links.is_of_one_ticket(before.solution):
        return None
    return before.solution, before.outcome


def _renew(tx: Write, links: Links, solution: SolutionRef) -> None:
    """A ticket that stayed was changed: where its solution has its text, that changes as well."""
    if solution.tenant == links.tenant:
        rebuild_solution(tx, solution)
        links.changed(solution)


def _link(
    tx: Write, links: Links, given: Redacted, before: Linked | None, apart: set[SolutionRef]
) -> tuple[SolutionRef | None, WriteBackOutcome]:
    """The solution with the same fix, else one that the ticket forms; none where the resolution is too thin."""
    if given.fix is None:
        return None, WriteBackOutcome.NEEDS_REVIEW
    own = own_solution(links, given.ticket_id, given.fix, _formed_before(given, before), apart)
    same = links.with_same_fix(given.fix, given.resolution.text, {own, *apart})
    if same is not None:
        return same, WriteBackOutcome.LINKED
    form(tx, own, given.ticket, given.resolution, given.fix)
    links.formed(own, given.fix)
    return own, WriteBackOutcome.CREATED


def _formed_before(given: Redacted, before: Linked | None) -> SolutionRef | None:
    """The solution that the ticket may form once more; not one whose fix failed and was replaced by another."""
    if before is None or before.solution is None:
        return None
    failed = before.status == TicketStatus.REOPENED
    replaced = fingerprint(before.resolution).whole != fingerprint(given.resolution.text).whole
    return None if failed and replaced else before.solution


def _no_such_solution() -> InvalidInput:
    return InvalidInput("/solution_id", "there is no such solution")


def _values(given: Ticket | Resolution) -> dict[str, object]:
    """What a write-back's digest names. Fields that were added later count only where they are given, so that a
    ticket sent again is still the same.
    """
    values = {field.name: getattr(given, field.name) for field in fields(given)}
    return {name: value for name, value in values.items() if name not in _ADDED_LATER or value is not None}
