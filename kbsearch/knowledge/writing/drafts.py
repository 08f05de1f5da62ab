"""A draft of an article, seeded from what was searched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kbsearch.errors import InvalidInput, NotFound
from kbsearch.knowledge.redaction import redacted_question
from kbsearch.knowledge.writing.linking import forming_ticket
from kbsearch.model import Article, ArticleState, ResolvedTicket, Scope, Solution, TenantId, Ticket
from kbsearch.store import articles, drafts, feedback, solutions, tickets
from kbsearch.store.port import Read, Write
from kbsearch.text.fixes import is_thin
from kbsearch.text.language import guess_language
from kbsearch.text.redaction import Redactor
from kbsearch.text.wordings import wording


@dataclass(frozen=True, slots=True)
class DraftFrom:
    """What a draft is seeded from: at least one of the suggestion, the stored ticket's id and the ticket.

    ``solution_id`` names the solution whose text is taken. Without it that is the solution of the ticket that
    ``ticket_id`` names, and none for a suggestion.
    """

    suggestion_id: str | None = None
    ticket_id: str | None = None
    ticket: Ticket | None = None
    solution_id: str | None = None


@dataclass(frozen=True, slots=True)
class DraftSources:
    """What a draft was made of: the ids of tickets and suggestions, the suggestion that was named, and when."""

    ids: frozenset[str]
    suggestion_id: str | None
    read_at: datetime

    def note(self, tx: Write, tenant: TenantId, article_id: str) -> None:
        """An article is begun with these.

        Raises:
            NotFound: one of them was erased meanwhile. The draft would bring its words back.
        """
        erased = drafts.erased_since(tx, tenant, self.ids, self.read_at)
        if erased is not None:
            raise NotFound("ticket", erased)
        if self.suggestion_id is not None and feedback.get_shown(tx, tenant, self.suggestion_id) is None:
            raise NotFound("suggestion", self.suggestion_id)
        drafts.note(tx, tenant, article_id, self.ids)


def draft(
    tx: Read, scope: Scope, id: str, seed: DraftFrom, redactor: Redactor, now: datetime
) -> tuple[Article, DraftSources]:
    """An article being worked on: issue and environment of what was asked, cause and resolution of a solution.

    What was asked is the ticket that was sent, else the stored one, else the suggestion's question. Without a solution
    cause and resolution are the stored ticket's own. Texts of tickets are redacted as the tenant's policy says now.

    Returns it and what it was made of, as far as that is known: the tickets, the suggestion, and the tenant's ticket
    whose text the solution has.

    Args:
        tx: one view of the store.
        scope: the tenant's.
        id: the article's.
        seed: what it is made of.
        redactor: of the tenant's tickets.
        now: the time before the view of the store was taken.

    Raises:
        InvalidInput: it is seeded from nothing, or from a solution that the tenant does not see.
        NotFound: there is no such suggestion or ticket.
    """
    if seed.suggestion_id is None and seed.ticket_id is None and seed.ticket is None:
        raise InvalidInput("", "name a suggestion_id, a ticket_id or a ticket to draft from")
    shown = None
    if seed.suggestion_id is not None:
        shown = feedback.get_shown(tx, scope.tenant, seed.suggestion_id)
        if shown is None:
            raise NotFound("suggestion", seed.suggestion_id)
    stored = _stored(tx, scope, seed, shown)
    nearest = _nearest(tx, scope, seed, stored)
    given = seed.ticket or (stored.ticket if stored else shown and shown.question)
    ticket = redacted_question(given, redactor) if given else None
    seen = articles.many(tx, scope, [nearest.ref.id]).get(nearest.ref) if nearest else None
    if ticket is None and nearest is None:
        raise InvalidInput("", "nothing is known of this suggestion's ticket; send the ticket")
    own = stored.resolution if stored is not None and not is_thin(stored.resolution.text) else None
    resolution = nearest.resolution if nearest else redactor.redact(own.text)[0] if own else ""
    title = wording(ticket.subject, ticket.description) if ticket else nearest.title if nearest else ""
    issue = ticket and (ticket.description.strip() or title)
    sources = [seed.ticket_id, seed.suggestion_id, shown and shown.ticket_id, seed.ticket and seed.ticket.id]
    if nearest is not None and nearest.ref.tenant == scope.tenant:
        formed_by = forming_ticket(tx, nearest.ref)
        sources.append(formed_by and formed_by.ticket.id)
    article = Article(
        id=id,
        title=title,
        issue=(issue,) if issue else (),
        environment=(ticket.environment if ticket else ()) or (nearest.environment if nearest else ()),
        cause=nearest.cause if nearest else own and own.cause and redactor.redact(own.cause)[0],
        resolution=resolution,
        tags=seen.article.tags if seen else (),
        language=(ticket and ticket.language) or guess_language(ticket.text if ticket else f"{title}\n{resolution}"),
        audience=seen.article.audience if seen else None,
        state=ArticleState.WIP,
    )
    return article, DraftSources(frozenset(id for id in sources if id), seed.suggestion_id, now)


def _stored(tx: Read, scope: Scope, seed: DraftFrom, shown: feedback.Shown | None) -> ResolvedTicket | None:
    id = seed.ticket_id or (shown.ticket_id if shown else None)
    found = tickets.get(tx, scope.tenant, id) if id is not None else None
    if found is None and seed.ticket_id is not None:
        raise NotFound("ticket", seed.ticket_id)
    return found


def _nearest(tx: Read, scope: Scope, seed: DraftFrom, stored: ResolvedTicket | None) -> Solution | None:
    """The solution whose text is taken; None where that is archived."""
    ref = stored.solution if stored is not None and seed.ticket_id is not None else None
    if seed.solution_id is not None:
        ref = solutions.find(tx, scope, seed.solution_id)
        if ref is None:
            raise InvalidInput("/solution_id", "there is no such solution")
    return None if ref is None else solutions.many(tx, scope, [ref]).get(ref)
