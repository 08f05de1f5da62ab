"""Articles for people: read, write in KCS form with a preview, what each change was."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from kbsearch.api.callers import Caller, CallerDep
from kbsearch.api.fields import Id
from kbsearch.api.requests.articles import ArticleIn
from kbsearch.api.service import KnowledgeDep
from kbsearch.errors import InvalidInput, NotFound, PreconditionFailed
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.writing.drafts import DraftFrom
from kbsearch.model import Article, ArticleState, StoredArticle
from kbsearch.web.differences import LISTED, changes
from kbsearch.web.forms import FormDep, checked, listed
from kbsearch.web.markdown import sections
from kbsearch.web.page_route import PageRoute
from kbsearch.web.redacted import in_words, with_marks
from kbsearch.web.visits import Visit, VisitDep

router = APIRouter(include_in_schema=False, route_class=PageRoute)

IdQuery = Annotated[Id, Query()]

_AUDIENCES = ("internal", "customer")
_LANGUAGES = ("en", "bg")
_MOST_VERSIONS = 50
_NO_VERSION = 2**62
_STATES_OF_ENGINEERS = (ArticleState.WIP, ArticleState.NOT_VALIDATED, ArticleState.ARCHIVED)


@router.get("/article")
def read_article(visit: VisitDep, id: IdQuery, caller: CallerDep, knowledge: KnowledgeDep) -> Response:
    """One article as agents see it."""
    stored = knowledge.articles.get(caller.scope, id)
    return visit.page("article.html", stored=stored, steps=sections(stored.article.resolution))


@router.get("/article/history")
def show_history(visit: VisitDep, id: IdQuery, caller: CallerDep, knowledge: KnowledgeDep) -> Response:
    """What each change of an article was, the latest first."""
    stored = knowledge.articles.get(caller.scope, id)
    before = knowledge.articles.versions(caller.scope, id, _NO_VERSION, _MOST_VERSIONS)
    newer_first: Sequence[Article] = [stored.article, *(version.article for version in before)]
    steps = [changes(old, new) for new, old in pairwise(newer_first)]
    return visit.page("article_history.html", stored=stored, changed=list(zip(before, steps, strict=True)))


@router.get("/article/edit")
def edit_article(
    visit: VisitDep, caller: CallerDep, knowledge: KnowledgeDep, id: Annotated[Id | None, Query()] = None
) -> Response:
    """The form, empty or with an article. A client's lead writes an edition of a shared article for that client."""
    stored = None if id is None or visit.client is None else knowledge.articles.get(caller.scope, id)
    return _form(visit, caller, stored)


@router.post("/article/draft")
def draft_article(visit: VisitDep, form: FormDep, caller: CallerDep, knowledge: KnowledgeDep) -> Response:
    """Begin an article from a ticket or a suggestion, and open it in the form."""
    seed = DraftFrom(form.get("suggestion_id") or None, form.get("ticket_id") or None)
    stored, _ = knowledge.draft(caller.tenant, uuid.uuid4().hex, seed)
    return RedirectResponse(visit.url("/article/edit", id=stored.article.id), 303)


@router.post("/article/preview")
def preview_article(visit: VisitDep, form: FormDep, caller: CallerDep, knowledge: KnowledgeDep) -> Response:
    """How agents will see what is typed, and what will be taken out of it. Nothing is written."""
    if not form.get("title", "").strip():
        return visit.page("article_preview.html", shown=None)
    shown, redacted = knowledge.articles.preview(caller.tenant, _typed(form, {"state": ArticleState.WIP}))
    texts = (shown.title, *shown.issue, shown.cause, shown.resolution)
    return visit.page(
        "article_preview.html",
        shown=shown,
        steps=sections(shown.resolution),
        redacted=in_words(redacted),
        texts=with_marks(texts),
    )


@router.post("/article/edit")
def save_article(visit: VisitDep, form: FormDep, caller: CallerDep, knowledge: KnowledgeDep) -> Response:
    """Store what is typed. Where somebody changed the article meanwhile, it says what, and nothing is lost."""
    id, version = form.get("id", ""), form.get("version", "")
    if not version.isdecimal():
        raise InvalidInput("/version", "the form does not say which version it changes")
    typed = _typed(form, {"id": id or None})
    before = _before(knowledge, caller, id)
    if before is not None:
        typed = replace(before.article, **{name: getattr(typed, name) for name in LISTED})
    article = replace(typed, id=id or uuid.uuid4().hex)
    try:
        stored, *_ = knowledge.articles.put(caller.tenant, article, int(version), caller.leads)
    except PreconditionFailed:
        now = knowledge.articles.get(caller.scope, article.id)
        return visit.page("article_conflict.html", 412, stored=now, changed=changes(now.article, article))
    return visit.page("article_saved.html", stored=stored)


def _form(visit: Visit, caller: Caller, stored: StoredArticle | None) -> Response:
    article = Article("", "", state=ArticleState.WIP, language=visit.language) if stored is None else stored.article
    is_edition = stored is not None and stored.tenant != caller.tenant
    return visit.page(
        "article_edit.html",
        article=article,
        stored=stored,
        is_edition=is_edition,
        version=0 if stored is None or is_edition else stored.version,
        state=article.state if caller.leads or not is_edition else ArticleState.NOT_VALIDATED,
        states=_states(caller, article.state, is_edition),
        audiences=_with_own(_AUDIENCES, article.audience),
        languages_of=_with_own(_LANGUAGES, article.language),
    )


def _states(caller: Caller, state: ArticleState, is_edition: bool) -> list[ArticleState]:
    """The states that the caller may give: what is validated stays so when an engineer changes it, and an engineer's
    edition hides no shared article behind a draft.
    """
    if caller.leads:
        return list(ArticleState)
    if is_edition:
        return [ArticleState.NOT_VALIDATED]
    return [state] if state == ArticleState.VALIDATED else list(_STATES_OF_ENGINEERS)


def _with_own(offered: Sequence[str], own: str | None) -> list[str]:
    return [*offered, *([own] if own and own not in offered else [])]


def _before(knowledge: KnowledgeBase, caller: Caller, id: str) -> StoredArticle | None:
    """The article that is changed, None for a new one; of a shared article its edition begins as a copy."""
    if not id:
        return None
    try:
        return knowledge.articles.get(caller.scope, id)
    except NotFound:
        return None


def _typed(form: Mapping[str, str], more: Mapping[str, Any]) -> Article:
    """The form as the API takes it. Raises InvalidInput, naming the field of the form."""
    values: dict[str, Any] = {
        "title": form.get("title", "").strip(),
        "issue": [line.strip() for line in form.get("issue", "").split("\n") if line.strip()],
        "environment": listed(form.get("environment", "")),
        "cause": form.get("cause", "").strip() or None,
        "resolution": form.get("resolution", "").strip(),
        "tags": listed(form.get("tags", "")),
        "language": form.get("language") or None,
        "audience": form.get("audience") or None,
        "state": form.get("state") or ArticleState.NOT_VALIDATED,
        **more,
    }
    return checked(ArticleIn, values).to_article(str(values.get("id") or "new"))
