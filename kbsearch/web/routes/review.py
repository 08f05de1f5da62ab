"""What waits for the lead: each item is decided by one key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fastapi import APIRouter, Response

from kbsearch.api.callers import Caller, CallerDep
from kbsearch.api.service import KnowledgeDep
from kbsearch.errors import InvalidInput
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.writing.proposals import Proposed
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import ArticleState, Evidence, Flag, ResolvedTicket, Similar, StoredArticle, TenantId
from kbsearch.model import WriteBackOutcome as Outcome
from kbsearch.store.tickets import Filter
from kbsearch.web.forms import FormDep
from kbsearch.web.page_route import PageRoute
from kbsearch.web.visits import VisitDep

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_SHOWN = 10
"""Of each kind; the next ones come when these are decided."""
_COMPARED_AT_ONCE = 200
_ARTICLES_AT_ONCE = 200
_STALE = timedelta(days=730)
_ACTIONS = ("link", "close", "merge", "dismiss", "validate", "archive", "doubt")


@dataclass(frozen=True)
class Waiting:
    """What waits, the oldest or likeliest first. Each ticket comes with the solutions that it may belong to."""

    tickets: list[tuple[ResolvedTicket, tuple[Similar, ...]]]
    flags: list[Flag]
    proposals: list[Proposed]
    written: list[tuple[StoredArticle, Evidence]]
    worked: list[tuple[StoredArticle, Evidence]]
    doubtful: list[tuple[StoredArticle, Evidence]]

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
        article = replace(stored.article, state=states[action])
        knowledge.articles.put(tenant, article, stored.version, by_lead=caller.leads)


def _waiting(knowledge: KnowledgeBase, caller: Caller, reader: str) -> Waiting:
    tenant = caller.tenant
    knowledge.proposals.catch_up(_COMPARED_AT_ONCE)
    stored = knowledge.tickets.page(tenant, Filter(outcome=Outcome.NEEDS_REVIEW), limit=_SHOWN)
    worked = _fared(knowledge, tenant, ArticleState.NOT_VALIDATED)
    validated = _fared(knowledge, tenant, ArticleState.VALIDATED)
    now = knowledge.store.clock()
    return Waiting(
        [(one, _likely(knowledge, tenant, one, reader)) for one in stored],
        knowledge.articles.flags(caller.scope, limit=_SHOWN),
        knowledge.proposals.page(tenant, 0, _SHOWN),
        _first(_fared(knowledge, tenant, ArticleState.WIP)),
        _first(one for one in worked if one[1].solved > one[1].failed),
        _first(one for one in validated if _is_doubtful(*one, now)),
    )


def _likely(knowledge: KnowledgeBase, tenant: TenantId, stored: ResolvedTicket, reader: str) -> tuple[Similar, ...]:
    """The solutions that the ticket may belong to, its own left out."""
    resolution = replace(stored.resolution, solution_id=None, suggestion_id=None)
    given = ResolvedTicketIn(stored.ticket.id or "", stored.ticket, resolution)
    own = stored.solution and stored.solution.id
    return tuple(one for one in knowledge.tickets.preview(tenant, given, reader).similar if one.solution_id != own)


def _fared(knowledge: KnowledgeBase, tenant: TenantId, state: ArticleState) -> Iterator[tuple[StoredArticle, Evidence]]:
    """All of the tenant's own articles of a state, with how they fared."""
    after = ""
    while found := knowledge.articles.own_with_evidence(tenant, state, after, _ARTICLES_AT_ONCE):
        yield from found
        after = found[-1][0].article.id


def _first(found: Iterator[tuple[StoredArticle, Evidence]]) -> list[tuple[StoredArticle, Evidence]]:
    return [one for _, one in zip(range(_SHOWN), found, strict=False)]


def _is_doubtful(stored: StoredArticle, evidence: Evidence, now: datetime) -> bool:
    """Whether it fails as often as it works, by tickets and agents, or nobody has changed it for two years."""
    failed, solved = evidence.failed + evidence.agents_failed, evidence.solved + evidence.agents_solved
    return failed >= max(1, solved) or now - stored.updated_at > _STALE
