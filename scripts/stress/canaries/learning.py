"""What answers tell is asked for later: ids, cursors, tags, and what belongs together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from scripts.stress.canaries.marks import Marks
from scripts.stress.canaries.requests import Asked, Json, Known

_FEEDBACK = "POST /v1/suggestions/{suggestion_id}/feedback"
_MERGE = "POST /v1/articles/{article_id}/merge"
_UNMERGE = "POST /v1/articles/{article_id}/unmerge"
_DISMISS = "DELETE /v1/merge-proposals"


def learn(asked: Asked, tenant: str, response: Any, known: Known, marks: Marks) -> None:
    """Keep what a tenant was answered for requests to come, its own and others'."""
    if asked.method != "GET":
        marks.told(tenant, asked.text)
    marks.made(response.headers.get("x-request-id", ""), tenant)
    if tag := response.headers.get("etag"):
        known.tags.append(tag)
    if asked.operation.endswith("}/merge"):
        known.together[tenant, _UNMERGE].append({"article_id": asked.ids[0][1]})
    if response.content and response.headers.get("content-type") == "application/json":
        _learn_body(tenant, response.json(), known, marks)
    if not marks.kinds_in(asked.text, tenant) - {"id"}:  # it holds ids but no word: others may send the same
        known.replayable.append(asked)


def _learn_body(tenant: str, body: Json, known: Known, marks: Marks) -> None:
    if body.get("next_cursor"):
        known.cursors.append(body["next_cursor"])
    for whose, kind, id in _things(tenant, body):
        known.note(whose, kind, id)
        marks.made(id, whose)
    for one in body.get("solutions", []):
        shown = {"suggestion_id": body["suggestion_id"], "solution_id": one["solution_id"]}
        known.together[tenant, _FEEDBACK].append(shown)
    own = [one["id"] for one in body.get("articles", []) if one["tenant"] == tenant and one["state"] != "archived"]
    for id, into in pairwise(own):
        known.together[tenant, _MERGE].append({"article_id": id, "into": into})
    for pair in body.get("proposals", []):
        known.together[tenant, _DISMISS].append({side: pair[side]["id"] for side in ("article", "other")})


def _things(tenant: str, body: Json) -> Iterator[tuple[str, str, str]]:
    """Whose, of which kind, under which id."""
    for one in body.get("solutions", []):
        yield one["tenant"], "solution", one["solution_id"]
    for one in body.get("hits", []):
        yield one["tenant"], one["kind"], one["id"]
    for one in [body, *body.get("articles", [])]:
        if "version" in one and "id" in one:
            yield one["tenant"], "article", one["id"]
    for one in body.get("flags", []):
        yield tenant, "flag", one["id"]
    if "solutions" in body:
        yield tenant, "suggestion", body["suggestion_id"]
    if body.get("ticket_id") is not None:  # a session of the panel may be for none
        yield tenant, "ticket", body["ticket_id"]
    if body.get("outcome") == "created" and body.get("solution_id") is not None:  # a preview names none
        yield tenant, "solution", body["solution_id"]
    if "job_id" in body:
        yield tenant, "job", body["job_id"]
