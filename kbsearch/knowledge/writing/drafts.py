"""A draft of an article, seeded from what was searched."""

from __future__ import annotations

from dataclasses import dataclass

from kbsearch.errors import InvalidInput, NotFound
from kbsearch.model import Article, ArticleState, ResolvedTicket, Scope, Solution, SolutionRef, Ticket
from kbsearch.store import articles, feedback, merges, solutions, tickets
from kbsearch.store.port import Read
from kbsearch.text.fixes import is_thin
from kbsearch.text.intake import plain_ticket, said
from kbsearch.text.language import guess_language
from kbsearch.text.redaction import Redactor
from kbsearch.text.wordings import wording


@dataclass(frozen=True, slots=True)
class DraftFrom:
    """What a draft is seeded from: at least one of the suggestion, the stored ticket's id and the ticket.

    ``solution_id`` names the solution whose text is taken; the suggestion's first, else the ticket's own without it.
    """

    suggestion_id: str | None = None
    ticket_id: str | None = None
    ticket: Ticket | None = None
    solution_id: str | None = None


def draft(tx: Read, scope: Scope, id: str, seed: DraftFrom, redactor: Redactor) -> tuple[Article, frozenset[str]]:
    """An article being worked on: the ticket's issue and environment, the nearest solution's cause and resolution.

    Returns it and the ids of the tickets that it was made of, as far as these are known.

    Args:
        tx: one view of the store.
        scope: the tenant's.
        id: the article's.
        seed: what it is made of.
        redactor: a ticket given with the seed passes through it.

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
    nearest = _nearest(tx, scope, seed, shown, stored)
    ticket = _redacted(plain_ticket(seed.ticket), redactor) if seed.ticket is not None else stored and stored.ticket
    ticket = ticket and said(ticket).ticket
    seen = articles.many(tx, scope, [nearest.ref.id]).get(nearest.ref) if nearest else None
    if ticket is None and nearest is None:
        raise InvalidInput("", "nothing is known of this suggestion's ticket; send the ticket")
    own = stored.resolution if stored is not None and not is_thin(stored.resolution.text) else None
    resolution = nearest.resolution if nearest else own.text if own else ""
    title = wording(ticket.subject, ticket.description) if ticket else nearest.title if nearest else ""
    named = seed.ticket_id, shown and shown.ticket_id, seed.ticket and seed.ticket.id
    article = Article(
        id=id,
        title=title,
        issue=(ticket.description,) if ticket and ticket.description.strip() else (),
        environment=(ticket.environment if ticket else ()) or (nearest.environment if nearest else ()),
        cause=nearest.cause if nearest else own and own.cause,
        resolution=resolution,
        tags=seen.article.tags if seen else (),
        language=(ticket and ticket.language) or guess_language(f"{title}\n{resolution}"),
        audience=seen.article.audience if seen else None,
        state=ArticleState.WIP,
    )
    return article, frozenset(ticket_id for ticket_id in named if ticket_id)


def _stored(tx: Read, scope: Scope, seed: DraftFrom, shown: feedback.Shown | None) -> ResolvedTicket | None:
    id = seed.ticket_id or (shown.ticket_id if shown else None)
    found = tickets.get(tx, scope.tenant, id) if id is not None else None
    if found is None and seed.ticket_id is not None:
        raise NotFound("ticket", seed.ticket_id)
    return found


def _nearest(
    tx: Read, scope: Scope, seed: DraftFrom, shown: feedback.Shown | None, stored: ResolvedTicket | None
) -> Solution | None:
    refs: list[SolutionRef] = []
    if seed.solution_id is not None:
        named = solutions.find(tx, scope, seed.solution_id)
        if named is None:
            raise InvalidInput("/solution_id", "there is no such solution")
        refs = [named]
    elif shown is not None:
        refs = list(merges.ends_seen(tx, scope, [ref for ref, _ in shown.solutions]).values())
    elif stored is not None and stored.solution is not None:
        refs = [stored.solution]
    found = solutions.many(tx, scope, refs)  # archived since, or gone: the next one
    return next((found[ref] for ref in refs if ref in found), None)


def _redacted(ticket: Ticket, redactor: Redactor) -> Ticket:
    def clean(text: str) -> str:
        return redactor.redact(text)[0]

    return Ticket(
        subject=clean(ticket.subject),
        description=clean(ticket.description),
        environment=tuple(map(clean, ticket.environment)),
        language=ticket.language or guess_language(ticket.text),
    )
