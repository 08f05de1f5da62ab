"""Similar solved issues: search with filters, and a ticket as it is stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from kbsearch.api.callers import CallerDep
from kbsearch.api.fields import FilledText, Id, In, Language
from kbsearch.api.metrics import MetricsDep
from kbsearch.api.service import KnowledgeDep
from kbsearch.model import DocumentKind, SearchHit
from kbsearch.model.stages import Stages
from kbsearch.web.forms import FormDep, checked
from kbsearch.web.markdown import plain_text, sections
from kbsearch.web.page_route import PageRoute
from kbsearch.web.visits import VisitDep

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_SHOWN = 10
_MOST_SHOWN = 50
_LONGEST_QUERY = 2_000
PERIODS = (30, 90, 365)
"""Days."""
SEARCH_LANGUAGES = ("en", "bg", "it", "nl")


class SearchForm(In):
    """What the search form sends; empty fields are left out."""

    q: Annotated[FilledText, Field(max_length=_LONGEST_QUERY)]
    kind: DocumentKind | None = None
    language: Language | None = None
    days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    limit: Annotated[int, Field(ge=1, le=_MOST_SHOWN)] = _SHOWN


@router.get("/find")
def search_page(visit: VisitDep) -> Response:
    """The empty search."""
    return visit.page("find.html", periods=PERIODS, search_languages=SEARCH_LANGUAGES)


@router.post("/find")
def search(visit: VisitDep, form: FormDep, caller: CallerDep, knowledge: KnowledgeDep, metrics: MetricsDep) -> Response:
    """The tickets and articles found."""
    names = SearchForm.model_fields.keys()
    given = {name: value.strip()[:_LONGEST_QUERY] for name, value in form.items() if name in names and value.strip()}
    asked, stages = checked(SearchForm, {"q": "", **given}), Stages()
    since = None if asked.days is None else knowledge.store.clock() - timedelta(days=asked.days)
    hits, more = knowledge.search(
        caller.scope, asked.q, asked.kind, asked.language, 0, asked.limit, stages=stages, since=since
    )
    metrics.answered("search", stages)
    return visit.page(
        "hits.html",
        hits=[(hit, sections(hit.resolution, _is_article(hit)), _copied(hit)) for hit in hits],
        more=asked.limit + _SHOWN if more and asked.limit < _MOST_SHOWN else None,
    )


@router.get("/ticket")
def ticket(visit: VisitDep, caller: CallerDep, knowledge: KnowledgeDep, id: Annotated[Id, Query()]) -> Response:
    """A resolved ticket as it is stored, redacted."""
    stored = knowledge.tickets.get(caller.tenant, id)
    return visit.page("ticket.html", stored=stored, steps=sections(stored.resolution.text, is_markdown=False))


def _is_article(hit: SearchHit) -> bool:
    return hit.kind == DocumentKind.ARTICLE


def _copied(hit: SearchHit) -> str:
    return plain_text(hit.resolution, _is_article(hit))
