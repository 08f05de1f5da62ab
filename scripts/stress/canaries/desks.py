"""Several tenants in one application, each with knowledge full of its own words, and callers of every kind."""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.gate import GateRules
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.cli.log_lines import JsonLines
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import JobState, RedactionPolicy, Role, TenantId
from scripts.harness.hashing import HashingEmbedder
from scripts.harness.invented import problem
from scripts.stress.canaries.marks import SHARED, Leak, Marks
from scripts.stress.canaries.requests import Asked, Json, Known, Requests

TENANTS = 4
_NOT_THE_SERVER = ("httpx", "httpcore")  # the test's own client logs addresses
_UNLIMITED = 10**9


@dataclass(frozen=True)
class Caller:
    """Who asks: a key's text, None for nobody; the tenants that it covers, None for every one."""

    key: str | None
    role: Role | None
    tenants: tuple[str, ...] | None

    def shown(self, named: str | None, every: Collection[str]) -> tuple[str, ...]:
        """The tenants whose knowledge a request may show, ``shared`` aside. ``named`` is what its header says."""
        if self.role is None:
            return ()
        if named is not None:
            return (named,) if self.tenants is None or named in self.tenants else ()
        return tuple(every) if self.tenants is None else self.tenants


class Clock:
    """A clock that stands still unless it is set: answers must not differ by their time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class LogWatch(logging.Handler):
    """Looks for words of any tenant in every line that any logger writes."""

    def __init__(self, marks: Marks) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLines())
        self._marks = marks
        self.lines = 0
        self.leaks: list[Leak] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(_NOT_THE_SERVER):
            self.lines += 1
            self.leaks += self._marks.words_in(f"log of {record.name}", self.format(record))


class Desks:
    """The application with its tenants, as a client sees it."""

    def __init__(self, client: TestClient, knowledge: KnowledgeBase, folder: Path, clock: Clock, marks: Marks) -> None:
        self.client, self.knowledge, self.folder, self.clock, self.marks = client, knowledge, folder, clock, marks
        self.known = Known()
        self.requests = Requests(client.get("/openapi.json").json(), marks, self.known)
        self.tenants = [*map(marks.name, range(TENANTS)), SHARED]
        self.callers = self._callers()
        self.provider = next(one for one in self.callers if one.role == Role.ADMIN and one.tenants is None)
        for tenant in reversed(self.tenants):  # what is shared first: others link to it
            self.plant(tenant)

    def caller(self, tenant: str, role: Role) -> Caller:
        return next(one for one in self.callers if one.role == role and one.tenants == (tenant,))

    def send(self, asked: Asked, caller: Caller, named: str | None) -> Any:
        """The answer to a request with this credential, and this tenant in its header."""
        headers = {name.encode(): value.encode() for name, value in asked.headers.items()}
        if caller.key is not None:
            headers[b"Authorization"] = f"Bearer {caller.key}".encode()
        if named is not None:
            headers[b"KBSearch-Tenant"] = named.encode()
        return self.client.request(
            asked.method, asked.path, params=asked.query, headers=headers, content=asked.content,
            follow_redirects=False,
        )  # fmt: skip

    def end_reindexing(self) -> None:
        """Wait until no job is at work."""
        started = [id for (_, kind), ids in self.known.ids.items() if kind == "job" for id in ids]
        while any(self.knowledge.reindexing.get(id).state in (JobState.QUEUED, JobState.RUNNING) for id in started):
            time.sleep(0.01)

    def plant(self, tenant: str, topics: Sequence[int] = (0, 1, 2, 3, 4, 5)) -> None:
        """Knowledge with the tenant's own word in every field: tickets, articles, copies of them, merges, raw texts.

        The tenant's policy withholds one word. It is set first, as other requests may have replaced the policy.
        """
        withheld = RedactionPolicy(words=(self.marks.word(tenant, "withheld"),), keep_raw=tenant != SHARED)
        self.knowledge.redaction.set_policy(TenantId(tenant), withheld)
        chance = random.Random(f"{tenant} {len(self.known.ids)}")  # noqa: S311 - seeded, and nothing to guard
        shared = self.known.ids[SHARED, "article"][:6]
        for topic in topics:
            ticket = self._body("PUT /v1/tickets/{ticket_id}/resolution", tenant, chance)
            article = self._body("PUT /v1/articles/{article_id}", tenant, chance)
            article |= {"state": "validated", "title": f"{problem(topic).issue} {self.marks.word(tenant, 'title')}"}
            article["resolution"] = f"{problem(topic).fix} {self.marks.word(tenant, 'resolution')}"
            ticket["ticket"]["subject"] = f"{problem(topic).issue} {self.marks.word(tenant, 'subject')}"
            ticket["ticket"]["description"] += f" {self.marks.word(tenant, 'withheld')}."
            ticket |= {"resolved_at": "2026-11-20T08:00:00Z"}  # those to come are refused
            ticket |= {"resolution": f"{problem(topic).fix} {self.marks.word(tenant, 'resolution')}"}
            first, copy, merged = (self._article(tenant, article) for _ in range(3))
            if topic % 2:
                into = shared[topic % len(shared)] if tenant != SHARED and shared else first
                self._do("POST", f"/v1/articles/{merged}/merge", tenant, {"into": into})
                together = self.known.together
                together[tenant, "POST /v1/articles/{article_id}/unmerge"].append({"article_id": merged})
                together[tenant, "DELETE /v1/merge-proposals"].append({"article": first, "other": copy})
            self._ticket(tenant, ticket)
            if tenant != SHARED and shared:
                self._ticket(tenant, {**ticket, "solution_id": shared[topic % len(shared)]})

    def _body(self, operation: str, tenant: str, chance: random.Random) -> Json:
        """A body with every field, and no id."""
        asked = self.requests.make(operation, tenant, chance, lambda kind: "", whole=True)
        body = json.loads(asked.content or b"{}")
        for name in ("id", "solution_id", "suggestion_id"):
            body.pop(name, None)
            body.get("ticket", {}).pop(name, None)
        if "resolved_at" in body:
            body["resolved_at"] = body["resolved_at"].replace("2026", "2025")  # not in the future
        return body

    def _article(self, tenant: str, body: Json) -> str:
        id = self.requests.new_id(tenant)
        self._do("PUT", f"/v1/articles/{id}", tenant, body)
        self.known.note(tenant, "article", id)
        return id

    def _ticket(self, tenant: str, body: Json) -> None:
        id = self.requests.new_id(tenant)
        written = self._do("PUT", f"/v1/tickets/{id}/resolution", tenant, body)
        if written is None:
            return
        self.known.note(tenant, "ticket", id)
        if written["solution_id"] and "solution_id" not in body:
            self.known.note(tenant, "solution", written["solution_id"])

    def _do(self, method: str, path: str, tenant: str, body: Json) -> Any:
        content = json.dumps(body).encode()
        asked = Asked("", method, path, headers={"Content-Type": "application/json"}, content=content)
        response = self.send(asked, self.provider, tenant)
        if response.status_code in (404, 422) and ("into" in body or "solution_id" in body):
            return None  # what it would go into was deleted or merged since
        response.raise_for_status()
        return response.json()

    def _callers(self) -> list[Caller]:
        """Keys of every role, for each tenant, for two of them, for every one; ended keys, wrong ones, none."""
        keys, made = Keys(self.knowledge.store), [Caller(None, None, ())]
        pairs = [(self.tenants[0], self.tenants[1]), (self.tenants[2], SHARED)]
        for tenants in (None, *((one,) for one in self.tenants), *pairs):
            for role in Role:
                label = " ".join(self.marks.word(one, "key label") for one in tenants or ())
                key, text = keys.create(label or "provider", role, tenants and tuple(map(TenantId, tenants)))
                made.append(Caller(text, role, tenants))
                self.marks.guard("key", text[14:], ())
                # Who deletes a shared article is named in the log of each tenant that loses it.
                if tenants is not None and SHARED not in tenants:
                    self.marks.guard("key id", key.id, tenants)
        ended, text = keys.create("ended", Role.ADMIN, (TenantId(self.tenants[0]),))
        keys.revoke(ended.id)
        return [*made, Caller(text, None, ()), Caller(text[:-1] + "0", None, ())]


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[tuple[Desks, LogWatch]]:
    """The desks on a data folder of their own, with a watch on all loggers."""
    marks, clock = Marks(seed), Clock()
    watch, root = LogWatch(marks), logging.getLogger()
    # A command that ran in this process before may have raised the level of the package's own logger.
    levels = {logger: logger.level for logger in (root, logging.getLogger("kbsearch"))}
    root.addHandler(watch)
    for logger in levels:
        logger.setLevel(logging.DEBUG)
    knowledge = embedded(folder, lambda model: HashingEmbedder(), clock=clock)
    rules = GateRules(wrong_keys=_UNLIMITED, requests_per_minute=_UNLIMITED)
    try:
        with TestClient(
            create_app(Service(knowledge), rules, audit_kept=timedelta(days=1)), base_url="http://127.0.0.1"
        ) as client:
            yield Desks(client, knowledge, folder, clock, marks), watch
    finally:
        knowledge.close()
        for logger, level in levels.items():
            logger.setLevel(level)
        root.removeHandler(watch)
