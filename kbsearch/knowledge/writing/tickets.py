"""Resolved tickets: write-back, reopening, erasing, import."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kbsearch.errors import InvalidInput, NotFound
from kbsearch.knowledge.indexing import boilerplate
from kbsearch.knowledge.indexing.documents import PassageVectors, SourceText, prepare
from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.knowledge.indexing.index_generations import IndexGenerations
from kbsearch.knowledge.questions import suggesting
from kbsearch.knowledge.questions.suggestion_log import SuggestionLog
from kbsearch.knowledge.redaction import Redaction
from kbsearch.knowledge.writing import linking, similar_fixes
from kbsearch.knowledge.writing import write_back as writing
from kbsearch.knowledge.writing.erasing import Erased, erase_ticket
from kbsearch.knowledge.writing.imports import ImportReport, Lines, changing, import_lines
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import (
    DocumentKind,
    IndexedDocument,
    ResolvedTicket,
    Scope,
    Similar,
    Source,
    TenantId,
    WriteBack,
    WriteBackPreview,
)
from kbsearch.store import documents, solutions, tenants, tickets
from kbsearch.store.port import Clock, Read, Store, Write
from kbsearch.text.intake import Boilerplate

_SIMILAR = 3
_FUTURE = timedelta(days=1)
"""Tolerance for the clock of another system."""


@dataclass(frozen=True, slots=True)
class _Compared:
    """A write-back ready for the index, with the solutions whose fix or issue is similar."""

    document: IndexedDocument
    alike: list[similar_fixes.Alike]
    by_issue: tuple[Similar, ...]


class Tickets:
    """What can be done with tickets. Part of the KnowledgeBase."""

    def __init__(
        self, store: Store, generations: IndexGenerations, suggestions: SuggestionLog, redaction: Redaction
    ) -> None:
        self._store = store
        self._generations = generations
        self._suggestions = suggestions
        self._redaction = redaction

    def resolve(self, tenant: TenantId, given: ResolvedTicketIn) -> WriteBack:
        """Write a resolution back. When this returns, it is durable and the next question finds it.

        The same content again changes nothing and is answered the same.

        Raises:
            InvalidInput: it was resolved more than a day from now, or names a solution that the tenant cannot see.
        """
        if self.lies_ahead(given.resolution.resolved_at):
            raise InvalidInput("/resolved_at", "it lies more than a day in the future")
        with self._store.read() as tx:
            is_boilerplate = boilerplate.of_tenant(tx, tenant)
        clean = writing.redacted(given, self._redaction.of_tickets(tenant), is_boilerplate)
        unchanged = self._unchanged(tenant, clean)
        if unchanged is None:
            with self._store.read() as tx:
                writing.check_solution(tx, tenant, clean)

        def write(tx: Write, generation: int, found: _Compared) -> tuple[writing.Written, _Compared]:
            refs = [one.known.ref for one in found.alike]
            done = writing.write(tx, writing.links(tx, tenant, [clean]), generation, clean, found.document, refs)
            self._redaction.keep_raw(tx, tenant, [(clean.ticket_id, clean.raw_texts)])
            return done, found

        if unchanged is None:
            written, found = self._generations.write(lambda engine: self._compared(engine, tenant, clean), write)
        else:
            written, found = unchanged, self._compared(self._generations.for_writing(), tenant, clean)
        with self._store.read() as tx:
            text, language = clean.resolution.text, clean.ticket.language or "en"
            others = [one for one in found.alike if one.known.ref != written.solution]
            issues = [
                one for one in found.by_issue if written.solution is None or one.solution_id != written.solution.id
            ]
            similar = similar_fixes.similar_solutions(tx, Scope(tenant), text, language, others, issues, _SIMILAR)
        return WriteBack(
            ticket_id=given.ticket_id,
            solution_id=written.solution and written.solution.id,
            outcome=written.outcome,
            similar=tuple(similar),
            revision=self._generations.revision(Scope(tenant)),
            first_time=written.first_time,
            redacted=clean.counts,
        )

    def lies_ahead(self, when: datetime | None) -> bool:
        """Whether a time lies more than a day in the future: a write-back of it is refused, an import leaves it out."""
        return when is not None and when > self._store.clock() + _FUTURE

    def preview(self, tenant: TenantId, given: ResolvedTicketIn, reader: str) -> WriteBackPreview:
        """What resolve() would store, and the solutions that are the same or similar. Nothing is written.

        ``reader`` is the language in which differences are described.
        """
        clean = writing.redacted(given, self._redaction.of_tickets(tenant))
        found = self._compared(self._generations.for_writing(), tenant, clean)
        with self._store.read() as tx:
            similar = similar_fixes.similar_solutions(
                tx, Scope(tenant), clean.resolution.text, reader, found.alike, found.by_issue, _SIMILAR
            )
        return WriteBackPreview(clean.ticket, clean.resolution, clean.counts, tuple(similar), clean.fix is None)

    def get(self, tenant: TenantId, id: str) -> ResolvedTicket:
        """A ticket as it is stored; ``revision`` is that of the tenant's knowledge, as writes answer it."""
        with self._store.read() as tx:
            found = tickets.get(tx, tenant, id)
            if found is None:
                raise NotFound("ticket", id)
            return replace(found, revision=tenants.revision(tx, Scope(tenant)))

    def page(
        self,
        tenant: TenantId,
        wanted: tickets.Filter,
        solution_id: str | None = None,
        before: tuple[datetime, str] | None = None,
        limit: int = 50,
    ) -> list[ResolvedTicket]:
        """Tickets by (resolved_at, id), the last resolved first, those behind ``before`` only.

        ``solution_id`` may name an article that was merged: the tickets of the one that answers in its place.
        """
        with self._store.read() as tx:
            if solution_id is not None:
                ref = solutions.find(tx, Scope(tenant), solution_id)
                wanted = replace(wanted, solution_id=ref.id if ref else solution_id)
            return tickets.page(tx, tenant, wanted, before, limit)

    def unlink(self, tenant: TenantId, id: str, agent: str) -> tuple[str | None, int]:
        """Split a ticket off its solution. Returns the one it forms now, None if it is too thin, and the revision.

        It is not linked there again unless a person says so.

        Raises:
            NothingToUndo: it shares its solution with no other ticket.
        """
        with self._store.write() as tx:
            found = tickets.get(tx, tenant, id)
            if found is None:
                raise NotFound("ticket", id)
            own = linking.unlink(tx, tenant, found, agent)
        return own and own.id, self._generations.revision(Scope(tenant))

    def link(self, tenant: TenantId, id: str, solution_id: str, agent: str) -> int:
        """Link a stored ticket to a solution, as a lead decided. Returns the revision.

        It stays there when it is sent again.
        """
        with self._store.write() as tx:
            found = tickets.get(tx, tenant, id)
            if found is None:
                raise NotFound("ticket", id)
            solution = solutions.find(tx, Scope(tenant), solution_id)
            if solution is None:
                raise InvalidInput("/solution_id", "there is no such solution")
            linking.relink(tx, tenant, found, solution, agent)
        return self._generations.revision(Scope(tenant))

    def reopen(self, tenant: TenantId, id: str) -> int:
        """Withdraw a ticket's resolution: it counts as failed and is found no more. Returns the revision."""
        with self._store.write() as tx:
            if tickets.get(tx, tenant, id) is None:
                raise NotFound("ticket", id)
            if tickets.reopen(tx, tenant, id):
                documents.remove(tx, Source(tenant, DocumentKind.TICKET, id))
        return self._generations.caught_up_revision(tenant)

    def erase(self, tenant: TenantId, id: str) -> tuple[Erased, int]:
        """Erase a ticket everywhere, with all that was made of it. Returns what else was erased, and the revision.

        No answer shows it from now on. Its words leave the files when the purge is done (see Purges).
        """
        self._suggestions.flush()
        with self._store.write() as tx:
            erased = erase_ticket(tx, tenant, id)
        return erased, self._generations.caught_up_revision(tenant)

    def import_lines(self, tenant: TenantId, lines: Lines[ResolvedTicketIn]) -> Generator[ImportReport]:
        """Write many resolutions back. Takes (line number, ticket or what is wrong with the line).

        A time of resolution that lies more than a day in the future is left out: the ticket was resolved now.

        Yields a running report after each batch; a batch that was reported is durable. Ids that come
        again replace what came before.
        """
        return import_lines(self._store, self._generations, self._importer(tenant), lines)

    def _importer(self, tenant: TenantId) -> _TicketImport:
        with self._store.read() as tx:
            is_boilerplate = boilerplate.of_tenant(tx, tenant)
        return _TicketImport(tenant, self._redaction, self._store.clock, is_boilerplate)

    def _compared(self, engine: Engine, tenant: TenantId, clean: writing.Redacted) -> _Compared:
        [document] = prepare(PassageVectors(self._store), engine.embedder, [clean.text(tenant)])
        engine.catch_up(self._store)
        with self._store.read() as tx:
            alike = _alike(tx, engine, tenant, clean, document)
            by_issue = suggesting.similar(tx, engine, Scope(tenant), clean.ticket, document, _SIMILAR)
        return _Compared(document, alike, by_issue)

    def _unchanged(self, tenant: TenantId, clean: writing.Redacted) -> writing.Written | None:
        """The result of the same write-back before."""
        with self._store.read() as tx:
            if tickets.digests(tx, tenant, [clean.ticket_id]).get(clean.ticket_id) != clean.digest:
                return None
            if self._redaction.differing_raw(tx, tenant, [(clean.ticket_id, clean.raw_texts)]):
                return None
            stored = tickets.get(tx, tenant, clean.ticket_id)
        return None if stored is None else writing.Written(stored.solution, stored.outcome, first_time=False)


class _TicketImport:
    """The import of tickets."""

    def __init__(self, tenant: TenantId, redaction: Redaction, clock: Clock, is_boilerplate: Boilerplate) -> None:
        self.tenant = tenant
        self._now = clock
        self._redaction = redaction
        self._redactor = redaction.of_tickets(tenant)
        self._is_boilerplate = is_boilerplate

    def characters(self, item: ResolvedTicketIn) -> int:
        return len(item.ticket.subject) + len(item.ticket.description) + len(item.resolution.text)

    def cleaned(self, item: ResolvedTicketIn) -> writing.Redacted:
        when = item.resolution.resolved_at
        if when is not None and when > self._now() + _FUTURE:
            item = replace(item, resolution=replace(item.resolution, resolved_at=None))
        return writing.redacted(item, self._redactor, self._is_boilerplate)

    def redacted(self, item: writing.Redacted) -> dict[str, int]:
        return item.counts

    def changing(self, tx: Read, items: Sequence[writing.Redacted]) -> list[bool]:
        stored = tickets.digests(tx, self.tenant, [item.ticket_id for item in items])
        differing = self._redaction.differing_raw(tx, self.tenant, [(one.ticket_id, one.raw_texts) for one in items])
        changed = changing(stored, [(item.ticket_id, item.digest) for item in items])
        return [one or item.ticket_id in differing for one, item in zip(changed, items, strict=True)]

    def text(self, item: writing.Redacted) -> SourceText:
        return item.text(self.tenant)

    def write(
        self, tx: Write, generation: int, items: Sequence[tuple[writing.Redacted, IndexedDocument | None]]
    ) -> dict[int, str]:
        refused: dict[int, str] = {}
        links = writing.links(tx, self.tenant, [item for item, _ in items])
        for n, (item, document) in enumerate(items):
            assert document is not None
            try:
                writing.write(tx, links, generation, item, document, imported=True)
            except InvalidInput as error:
                refused[n] = str(error)
        taken = [(item.ticket_id, item.raw_texts) for n, (item, _) in enumerate(items) if n not in refused]
        self._redaction.keep_raw(tx, self.tenant, taken)
        return refused


def _alike(
    tx: Read, engine: Engine, tenant: TenantId, clean: writing.Redacted, document: IndexedDocument
) -> list[similar_fixes.Alike]:
    """Solutions whose fix may be the same; none where a solution is named or the resolution is too thin."""
    if clean.fix is None or clean.resolution.solution_id is not None:
        return []
    return similar_fixes.alike_fixes(tx, engine, Scope(tenant), clean.resolution.text, clean.fix, document)
