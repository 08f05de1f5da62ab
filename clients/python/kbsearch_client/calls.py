"""The requests that the server takes, each as a value: what is sent, and how the answer is read."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

import httpx

from kbsearch_client.models import (
    Article,
    Hit,
    Imported,
    PanelSession,
    StoredTicket,
    Suggestion,
    WriteBack,
    parsed,
)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Call(Generic[_T]):
    """One request. ``lines`` are the records of an import, which are sent one by one and only once."""

    method: str
    path: str
    read: Callable[[httpx.Response], _T]
    body: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    lines: Iterable[Mapping[str, Any]] | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether it can be sent again: records may come from where they cannot be read twice."""
        return self.lines is None

    def content(self) -> Iterator[bytes]:
        """The body of an import, line by line."""
        for record in self.lines or ():
            yield json.dumps(_plain(record), ensure_ascii=False).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Page(Generic[_T]):
    """A page of a list, and the cursor of the next one."""

    items: list[_T]
    next_cursor: str | None


def suggest(
    subject: str,
    description: str = "",
    *,
    ticket_id: str | None = None,
    environment: Sequence[str] = (),
    language: str | None = None,
    resolve_by: datetime | None = None,
    respond_by: datetime | None = None,
    created_at: datetime | None = None,
    limit: int = 5,
    min_revision: int | None = None,
) -> Call[Suggestion]:
    """POST /v1/suggest."""
    ticket = {
        "id": ticket_id, "subject": subject, "description": description, "environment": list(environment),
        "language": language, "resolve_by": resolve_by, "respond_by": respond_by, "created_at": created_at,
    }  # fmt: skip
    body = _given({"ticket": _given(ticket), "limit": limit, "min_revision": min_revision})
    return Call("POST", "/v1/suggest", partial(_one, Suggestion), body)


def search(
    q: str, *, kind: str | None = None, language: str | None = None, limit: int = 10, cursor: str | None = None
) -> Call[Page[Hit]]:
    """GET /v1/search, one page."""
    parameters = _given({"q": q, "kind": kind, "language": language, "limit": limit, "cursor": cursor})
    return Call("GET", "/v1/search", partial(_page, Hit, "hits"), parameters=parameters)


def give_feedback(
    suggestion_id: str, solution_id: str, outcome: str, *, comment: str | None = None, agent: str | None = None
) -> Call[None]:
    """POST /v1/suggestions/{id}/feedback."""
    body = _given({"solution_id": solution_id, "outcome": outcome, "comment": comment, "agent": agent})
    return Call("POST", f"/v1/suggestions/{_quoted(suggestion_id)}/feedback", _none, body, headers=_once())


def resolve(
    ticket_id: str,
    subject: str,
    resolution: str,
    *,
    description: str = "",
    environment: Sequence[str] = (),
    cause: str | None = None,
    solution_id: str | None = None,
    suggestion_id: str | None = None,
    resolved_by: str | None = None,
    resolved_at: datetime | None = None,
    minutes_spent: int | None = None,
    level: int | None = None,
    **ticket: Any,
) -> Call[WriteBack]:
    """PUT /v1/tickets/{id}/resolution. ``ticket`` takes further fields of the ticket, such as ``created_at``."""
    about = _given({"subject": subject, "description": description, "environment": list(environment), **ticket})
    body = {
        "ticket": about, "resolution": resolution, "cause": cause, "solution_id": solution_id,
        "suggestion_id": suggestion_id, "resolved_by": resolved_by, "resolved_at": resolved_at,
        "minutes_spent": minutes_spent, "level": level,
    }  # fmt: skip
    return Call("PUT", f"/v1/tickets/{_quoted(ticket_id)}/resolution", partial(_one, WriteBack), _given(body))


def reopen(ticket_id: str) -> Call[int]:
    """POST /v1/tickets/{id}/reopen."""
    return Call("POST", f"/v1/tickets/{_quoted(ticket_id)}/reopen", _revision, headers=_once())


def ticket(ticket_id: str) -> Call[StoredTicket]:
    """GET /v1/tickets/{id}."""
    return Call("GET", f"/v1/tickets/{_quoted(ticket_id)}", partial(_one, StoredTicket))


def tickets(
    *, status: str | None = None, outcome: str | None = None, solution_id: str | None = None, limit: int = 50,
    cursor: str | None = None,
) -> Call[Page[StoredTicket]]:  # fmt: skip
    """GET /v1/tickets, one page."""
    parameters = {"status": status, "outcome": outcome, "solution_id": solution_id, "limit": limit, "cursor": cursor}
    return Call("GET", "/v1/tickets", partial(_page, StoredTicket, "tickets"), parameters=_given(parameters))


def erase_ticket(ticket_id: str) -> Call[int]:
    """DELETE /v1/tickets/{id}."""
    return Call("DELETE", f"/v1/tickets/{_quoted(ticket_id)}", _revision)


def article(article_id: str) -> Call[Article]:
    """GET /v1/articles/{id}."""
    return Call("GET", f"/v1/articles/{_quoted(article_id)}", _article)


def articles(*, state: str | None = None, limit: int = 50, cursor: str | None = None) -> Call[Page[Article]]:
    """GET /v1/articles, one page."""
    parameters = _given({"state": state, "limit": limit, "cursor": cursor})
    return Call("GET", "/v1/articles", partial(_page, Article, "articles"), parameters=parameters)


def create_article(title: str, resolution: str, **fields: Any) -> Call[Article]:
    """POST /v1/articles. ``fields`` are those of the contract: id, issue, environment, cause, tags, language, state."""
    body = _plain({"title": title, "resolution": resolution, **fields})
    return Call("POST", "/v1/articles", _article, body, headers=_once())


def put_article(
    article_id: str, title: str, resolution: str, *, if_match: str | None = None, **fields: Any
) -> Call[Article]:
    """PUT /v1/articles/{id}: fields that are not named are emptied."""
    body = _plain({"title": title, "resolution": resolution, **fields})
    return Call("PUT", f"/v1/articles/{_quoted(article_id)}", _article, body, headers=_matching(if_match))


def change_article(article_id: str, *, if_match: str | None = None, **fields: Any) -> Call[Article]:
    """PATCH /v1/articles/{id}: fields that are not named stay as they are."""
    return Call("PATCH", f"/v1/articles/{_quoted(article_id)}", _article, _plain(fields), headers=_matching(if_match))


def delete_article(article_id: str, *, if_match: str | None = None) -> Call[int]:
    """DELETE /v1/articles/{id}."""
    return Call("DELETE", f"/v1/articles/{_quoted(article_id)}", _revision, headers=_matching(if_match))


def flag_article(article_id: str, reason: str, comment: str | None = None) -> Call[int]:
    """POST /v1/articles/{id}/flags."""
    body = _given({"reason": reason, "comment": comment})
    return Call("POST", f"/v1/articles/{_quoted(article_id)}/flags", _revision, body, headers=_once())


def import_tickets(records: Iterable[Mapping[str, Any]]) -> Call[Imported]:
    """POST /v1/import/tickets, of any number of records."""
    return Call("POST", "/v1/import/tickets", partial(_one, Imported), lines=records)


def import_articles(records: Iterable[Mapping[str, Any]]) -> Call[Imported]:
    """POST /v1/import/articles, of any number of records."""
    return Call("POST", "/v1/import/articles", partial(_one, Imported), lines=records)


def open_panel(ticket_id: str | None = None, *, agent: str | None = None, minutes: int = 60) -> Call[PanelSession]:
    """POST /v1/panel-sessions."""
    body = _given({"ticket_id": ticket_id, "agent": agent, "minutes": minutes})
    return Call("POST", "/v1/panel-sessions", partial(_one, PanelSession), body)


def is_ready() -> Call[bool]:
    """GET /readyz."""
    return Call("GET", "/readyz", lambda response: response.is_success)


def _one(model: type[_T], response: httpx.Response) -> _T:
    return parsed(model, response.json())


def _article(response: httpx.Response) -> Article:
    return parsed(Article, {**response.json(), "etag": response.headers.get("etag")})


def _page(model: type[_T], name: str, response: httpx.Response) -> Page[_T]:
    body = response.json()
    return Page([parsed(model, one) for one in body[name]], body["next_cursor"])


def _revision(response: httpx.Response) -> int:
    return int(response.json()["revision"])


def _none(response: httpx.Response) -> None:
    return None


def _once() -> dict[str, str]:
    """So that a request whose answer was lost is not done twice when it is sent again."""
    return {"Idempotency-Key": uuid.uuid4().hex}


def _matching(etag: str | None) -> dict[str, str]:
    return {} if etag is None else {"If-Match": etag}


def _quoted(id: str) -> str:
    return quote(id, safe="")


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return _plain({name: value for name, value in values.items() if value is not None})


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _json(value) for name, value in values.items()}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return _plain(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else value
