"""The lead's board: figures, outbreaks, escalations and gaps, the tickets behind each, and an article for a gap."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from kbsearch.api.callers import CLIENT_PARAMETER, CallerDep
from kbsearch.api.fields import Id
from kbsearch.api.responses.desk import answer_of
from kbsearch.api.service import KnowledgeDep
from kbsearch.desk import export
from kbsearch.desk.desk import OUTBREAK_DAYS, Desk, Listed
from kbsearch.desk.gaps import Start
from kbsearch.desk.measures import MEASURES, FigureName
from kbsearch.desk.period import Period
from kbsearch.desk.words import FIGURES, MEANINGS, PARTS
from kbsearch.errors import AlreadyExists, InvalidInput, NotFound
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.writing.drafts import DraftFrom
from kbsearch.model import Scope, StoredArticle, TenantId, Tenants
from kbsearch.web.boards import LENGTHS, View
from kbsearch.web.forms import FormDep
from kbsearch.web.page_route import PageRoute
from kbsearch.web.visits import VisitDep

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_SHOWN = 10
"""Of gaps, outbreaks and escalations."""
_TICKETS_A_PAGE = 50
_LABELS: dict[str, Any] = {"figures": FIGURES, "meanings": MEANINGS, "part_names": PARTS}


async def _view(request: Request, knowledge: KnowledgeDep) -> View:
    named = request.query_params.get(CLIENT_PARAMETER)
    return View.of(TenantId(named) if named else None, request.query_params, knowledge.store.clock())


ViewDep = Annotated[View, Depends(_view)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which tickets are listed: of parts of a figure, of a gap, or of an outbreak."""

    figure: FigureName | None
    parts: tuple[str, ...]
    group: tuple[str, TenantId, str] | None
    view: View

    def found(self, desk: Desk, whose: Tenants) -> list[Listed]:
        """The tickets without their subjects. Raises NotFound where the gap or outbreak is no longer there."""
        if self.figure is not None:
            return desk.behind(whose, MEASURES[self.figure], self.parts, self.view.period)
        assert self.group is not None
        kind, tenant, id = self.group
        found = (desk.of_gap if kind == "gap" else desk.of_outbreak)(whose, self.view.period, (tenant, id))
        if not found:
            raise NotFound(kind, id)
        return found

    @property
    def name(self) -> str:
        return self.figure or (self.group[0] if self.group else "")

    def address(self, path: str, **more: str) -> str:
        """A page about the same tickets."""
        if self.group is not None:
            kind, tenant, id = self.group
            return self.view.address(path, **{kind: id, "of": tenant}, **more)
        measure = MEASURES[self.figure or FigureName.ANSWERS]
        parts = () if self.parts == measure.parts else self.parts
        return self.view.address(path, figure=measure.name, part=parts, **more)


async def _chosen(
    view: ViewDep,
    figure: Annotated[FigureName | None, Query()] = None,
    part: Annotated[list[str] | None, Query(max_length=20)] = None,
    gap: Annotated[Id | None, Query()] = None,
    outbreak: Annotated[Id | None, Query()] = None,
    of: Annotated[str, Query(max_length=200)] = "",
) -> Chosen:
    id = gap or outbreak
    if figure is None and id is not None:
        return Chosen(None, (), ("gap" if gap else "outbreak", TenantId(of), id), view)
    if figure is None:
        raise InvalidInput("/figure", "name a figure")
    known = MEASURES[figure].parts
    if not set(part or ()) <= set(known):
        raise InvalidInput("/part", f"parts of this figure are {', '.join(known)}")
    return Chosen(figure, tuple(part or known), None, view)


ChosenDep = Annotated[Chosen, Depends(_chosen)]


@router.get("/desk")
def board(visit: VisitDep, view: ViewDep, caller: CallerDep, knowledge: KnowledgeDep) -> Response:
    """All figures of a period, with outbreaks, escalations and gaps."""
    desk, whose = Desk(knowledge.store), caller.tenants
    lately = View(view.client, _last_days(view.period), None)
    outbreaks = desk.outbreaks(whose, lately.period)[:_SHOWN]
    gaps = desk.gaps(whose, view.period)
    escalations = MEASURES[FigureName.ESCALATIONS]
    escalated = desk.tickets(whose, escalations, escalations.counted, view.period, None, _SHOWN)
    return visit.page(
        "desk.html",
        **_LABELS,
        view=view,
        lately=lately,
        lengths=LENGTHS,
        figures_shown={one.measure.name: one for one in desk.board(whose, view.period).figures},
        outbreaks=outbreaks,
        gaps=gaps[:_SHOWN],
        gap_sizes=[len(one.tickets) for one in gaps],
        escalated=escalated,
        answer_of=answer_of,
        titles=desk.titles([ref for one in escalated if (ref := answer_of(one)) is not None]),
        subjects=desk.subjects([case for one in (*outbreaks, *gaps[:_SHOWN]) for case in one.samples]),
        started=_started(knowledge, [one.start for one in (*outbreaks, *gaps[:_SHOWN])]),
        article_id=article_id,
    )


@router.get("/desk/tickets")
def list_tickets(
    visit: VisitDep,
    chosen: ChosenDep,
    caller: CallerDep,
    knowledge: KnowledgeDep,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """The tickets behind a figure, a gap or an outbreak."""
    desk = Desk(knowledge.store)
    found = chosen.found(desk, caller.tenants)
    start = (page - 1) * _TICKETS_A_PAGE
    return visit.page(
        "desk_tickets.html",
        **_LABELS,
        chosen=chosen,
        view=chosen.view,
        total=len(found),
        listed=list(desk.with_subjects(found[start : start + _TICKETS_A_PAGE])),
        page=page,
        pages=max(1, -(-len(found) // _TICKETS_A_PAGE)),
    )


@router.get("/desk/tickets.csv")
def export_tickets(chosen: ChosenDep, caller: CallerDep, knowledge: KnowledgeDep) -> Response:
    """The same tickets as a file."""
    desk = Desk(knowledge.store)
    return StreamingResponse(
        export.lines(desk.with_subjects(chosen.found(desk, caller.tenants))),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{chosen.name}.csv"', "Cache-Control": "no-store"},
    )


@router.post("/desk/article")
def start_article(visit: VisitDep, form: FormDep, caller: CallerDep, knowledge: KnowledgeDep) -> Response:
    """Begin the article for a gap or an outbreak; where it was begun already, show that."""
    ticket_id, suggestion_id = form.get("ticket_id") or None, form.get("suggestion_id") or None
    id = article_id(Start(caller.tenant, caller.tenant, ticket_id, suggestion_id))
    try:
        stored, _ = knowledge.draft(caller.tenant, id, DraftFrom(suggestion_id, ticket_id))
    except AlreadyExists:
        stored = knowledge.articles.get(caller.scope, id)
    return visit.page("started.html", stored=stored)


def article_id(start: Start) -> str:
    """The id of the article that is begun so: a second click begins no second one."""
    seed = f"{start.ticket_id}\n{start.suggestion_id}"
    return f"gap-{hashlib.blake2b(seed.encode(), digest_size=6).hexdigest()}"


def _started(knowledge: KnowledgeBase, starts: Sequence[Start]) -> dict[tuple[TenantId, str], StoredArticle]:
    """The articles that were begun so, by client and id."""
    found: dict[tuple[TenantId, str], StoredArticle] = {}
    for start in starts:
        id = article_id(start)
        try:
            found[start.of, id] = knowledge.articles.get(Scope(start.of), id)
        except NotFound:
            continue
    return found


def _last_days(period: Period) -> Period:
    """The last days of a period, in which outbreaks are looked for."""
    return Period(max(period.since, period.until - timedelta(days=OUTBREAK_DAYS)), period.until)
