"""What waits for the lead: each item is decided by one key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Response

from kbsearch.api.callers import Caller, CallerDep
from kbsearch.api.service import KnowledgeDep
from kbsearch.desk.review import ReviewQueues
from kbsearch.errors import InvalidInput
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.writing.proposals import Proposed
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import ArticleState, Evidence, Flag, ResolvedTicket, Similar, StoredArticle, TenantId
from kbsearch.model import WriteBackOutcome as Outcome
from kbsearch.store.review import Reason, ToReview
from kbsearch.store.tickets import Filter
from kbsearch.web.forms import FormDep
from kbsearch.web.page_route import PageRoute
from kbsearch.web.visits import VisitDep

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_SHOWN = 10
"""Of each kind; the next ones come when these are decided."""
_COMPARED_AT_ONCE = 200
_REASONS = (Reason.WORKED, Reason.FAILING, Reason.STALE)
REVIEWED_ON = "reviewed_on"
"""In an article's metadata: the day on which a lead called it still right. That is a change: it is no longer stale."""
_ACTIONS = ("link", "close", "merge", "dismiss", "validate", "archive", "doubt", "right")


@dataclass(frozen=True)
class Waiting:
    """What waits, the oldest or likeliest first. Each ticket comes with the solutions that it may belong to.

    ``worked`` are articles, and fixes of tickets that are in no article, each with a ticket that was resolved with it.
    """

    tickets: list[tuple[ResolvedTicket, tuple[Similar, ...]]]
    flags: list[Flag]
    proposals: list[Proposed]
    written: list[tuple[StoredArticle, Evidence]]
    worked: list[tuple[ToReview, str | None]]
    doubtful: list[ToReview]

    def __len__(self) -> int:
        listed = (self.tickets, self.flags, self.proposals, self.written, self.worked, self.doubtful)
        return sum(len(one) for one in listed)


@router.get("/review")
def review_page(visit: VisitDep, caller: CallerDep, knowledge: KnowledgeDep) -> Response:
    """The queue of the client that is asked for."""
    waiting = None if visit.client is None else _waiting(knowledge, caller, visit.language)
    return visit.page("review.html", waiting=waiting, now=knowledge.store.clock())


@router.post("/review")
def decide(visit: VisitDep, form: FormDep, caller: CallerDep, knowledge: KnowledgeDep) -> Response:
    """Carry one decision out."""
    action, id, other = (form.get(name, "") for name in ("action", "id", "other"))
    if action not in _ACTIONS or not id:
        raise InvalidInput("/action", "there is no such decision")
    _carry_out(knowledge, caller, action, id, other)
    return visit.page("decided.html", action=action)


def _carry_out(knowledge: KnowledgeBase, caller: Caller, action: str, id: str, other: str) -> None:
    tenant = caller.tenant
    if action == "link":
        knowledge.tickets.link(tenant, id, other, caller.agent)
    elif action == "close":
        knowledge.articles.close_flag(tenant, id)
    elif action == "merge":
        knowledge.articles.merge(tenant, id, other, caller.agent)
    elif action == "dismiss":
        knowledge.proposals.dismiss(tenant, id, other)
    else:
        states: Mapping[str, ArticleState] = {
            "validate": ArticleState.VALIDATED,
            "archive": ArticleState.ARCHIVED,
            "doubt": ArticleState.NOT_VALIDATED,
        }
        stored = knowledge.articles.get(caller.scope, id)
        if action == "right":
            reviewed = {REVIEWED_ON: knowledge.store.clock().date().isoformat()}
            article = replace(stored.article, metadata={**stored.article.metadata, **reviewed})
        else:
            article = replace(stored.article, state=states[action])
        knowledge.articles.put(tenant, article, stored.version, by_lead=caller.leads)


def _waiting(knowledge: KnowledgeBase, caller: Caller, reader: str) -> Waiting:
    tenant = caller.tenant
    knowledge.proposals.catch_up(_COMPARED_AT_ONCE)
    stored = knowledge.tickets.page(tenant, Filter(outcome=Outcome.NEEDS_REVIEW), limit=_SHOWN)
    queues = ReviewQueues(knowledge.store)
    worked, failing, stale = (queues.page(caller.scope, reason, 0, _SHOWN) for reason in _REASONS)
    return Waiting(
        [(one, _likely(knowledge, tenant, one, reader)) for one in stored],
        knowledge.articles.flags(caller.scope, limit=_SHOWN),
        knowledge.proposals.page(tenant, 0, _SHOWN),
        knowledge.articles.own_with_evidence(tenant, ArticleState.WIP, limit=_SHOWN),
        [(one, _ticket_of(knowledge, tenant, one)) for one in worked],
        [*failing, *(one for one in stale if one not in failing)],
    )


def _likely(knowledge: KnowledgeBase, tenant: TenantId, stored: ResolvedTicket, reader: str) -> tuple[Similar, ...]:
    """The solutions that the ticket may belong to, its own left out."""
    resolution = replace(stored.resolution, solution_id=None, suggestion_id=None)
    given = ResolvedTicketIn(stored.ticket.id or "", stored.ticket, resolution)
    own = stored.solution and stored.solution.id
    return tuple(one for one in knowledge.tickets.preview(tenant, given, reader).similar if one.solution_id != own)


def _ticket_of(knowledge: KnowledgeBase, tenant: TenantId, one: ToReview) -> str | None:
    """The last ticket that was resolved with a solution; an article is begun with it."""
    found = knowledge.tickets.page(tenant, Filter(solution_id=one.ref.id), limit=1)
    return found[0].ticket.id if found else None
