"""Ids of others beside ids of nobody, and one tenant's answers while all others write."""

from __future__ import annotations

import json
import random
import re
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from kbsearch.model import Role
from scripts.harness.invented import problem
from scripts.stress.canaries.desks import Caller, Desks
from scripts.stress.canaries.judging import Judge
from scripts.stress.canaries.marks import NOBODY, SHARED, Leak
from scripts.stress.canaries.requests import Asked, Json

Sent = tuple[Asked, Caller, str | None]
"""A request, by whom, and the tenant in its header."""

_REINDEX = "/v1/reindex"
_WRITERS = 3
_MANY = 220  # articles of one import: more than are compared with others at once
_TIMES = re.compile(r'"\d{4}-\d\d-\d\dT[^"]*"')
_VARYING = re.compile(
    r'"(?:took_ms|revision|version)":\s*[\d.]+|"stages_ms":\{[^}]*\}|[0-9a-f]{18,}'
    r'|(?<="token":")[^"]+|(?<=#token=)[^"]+'
)
_OF_THE_QUESTION = ("suggestion_id", "search_id", "took_ms", "stages_ms")


class Comparison:
    """Compares answers that must be the same; where they are not, it is a leak."""

    def __init__(self, desks: Desks, judge: Judge, chance: random.Random) -> None:
        self._desks, self._judge, self._chance = desks, judge, chance

    def ids(self) -> None:
        """The same request with an id of another tenant and with one that exists nowhere: the same answer."""
        chance, desks = self._chance, self._desks
        tenant = chance.choice(desks.tenants[:-1])
        caller = desks.caller(tenant, chance.choice([Role.LEAD, Role.ADMIN]))
        operation, seed = chance.choice(desks.requests.operations), chance.getrandbits(32)
        plain = desks.requests.make(operation, tenant, random.Random(seed), self._own_id(tenant, seed))  # noqa: S311
        places = [place for place, (kind, _) in enumerate(plain.ids) if kind != "job"]
        if not places:
            return
        place = chance.choice(places)
        kind = plain.ids[place][0]
        others = [
            one
            for one in desks.known.others(tenant, kind)
            if not any(desks.marks.is_known(whose, one) for whose in (tenant, SHARED))
        ]
        if not others:
            return
        foreign = chance.choice(others)
        answers: list[tuple[int, str]] = []
        for id in (_missing(foreign, desks), foreign, _missing(foreign, desks)):
            asked = self._with_id(operation, tenant, seed, place, id)
            response = self._desks.send(asked, caller, None)
            self._judge.count(operation, response)
            if response.status_code < 400 and asked.method != "GET":
                desks.marks.told(tenant, asked.text)
            for path in (f"/v1/tickets/{id}", f"/v1/articles/{id}"):
                desks.send(Asked("", "DELETE", path), desks.caller(tenant, Role.ADMIN), None)
            text = _VARYING.sub("#", _TIMES.sub("@", response.text)).replace(id, "ID")
            answers.append((response.status_code, text.replace(_VARYING.sub("#", id), "ID")))
        self._judge.report.compared["ids"] += 1
        if answers[1] != answers[2]:  # the first has only made sure that both find the same state
            detail = f"{asked.method} {asked.path} {asked.query}: {answers[1]} but {answers[2]}"
            self._judge.report.leaks.append((operation, Leak("differs from an id of nobody", kind, "", detail)))

    def _with_id(self, operation: str, tenant: str, seed: int, place: int, id: str) -> Asked:
        """The request of a seed with this id in one of its places."""
        own, number = self._own_id(tenant, seed), -1

        def choose(kind: str) -> str:
            nonlocal number
            number += 1
            chosen = own(kind)
            return id if number == place else chosen

        return self._desks.requests.make(operation, tenant, random.Random(seed), choose)  # noqa: S311

    def _own_id(self, tenant: str, seed: int) -> Callable[[str], str]:
        own, chance = self._desks.known.ids, random.Random(seed)  # noqa: S311
        fresh = self._desks.marks.id(tenant, seed)
        return lambda kind: chance.choice(own[tenant, kind]) if own[tenant, kind] else fresh

    def times(self, rounds: int = 50) -> None:
        """How long an id of another takes, against one of nobody: the ratio of medians."""
        desks = self._desks
        tenant = desks.tenants[0]
        caller = desks.caller(tenant, Role.LEAD)
        for kind in ("ticket", "article"):
            foreign = desks.known.others(tenant, kind)[-1]
            took: dict[str, list[float]] = {foreign: [], _missing(foreign, desks): []}
            for _ in range(rounds):
                for id, times in took.items():
                    began = time.perf_counter()
                    response = desks.send(Asked("", "GET", f"/v1/{kind}s/{id}"), caller, None)
                    times.append(time.perf_counter() - began)
                    self._judge.count(f"GET /v1/{kind}s/{{{kind}_id}}", response)
            one, other = (statistics.median(times) for times in took.values())
            self._judge.report.ratios[kind] = one / other

    def answers(self, tenant: str, burst: Sequence[Sent], more: bool) -> None:
        """One tenant gets the same answers before, during and after a burst of requests by others.

        With ``more`` the last of them also import more articles than are compared with one another at once.
        """
        self._desks.end_reindexing()
        burst = [one for one in burst if one[0].path != _REINDEX]  # which is the service's own, and may reorder equals
        before = self._answers(tenant)
        if more:
            burst = [*burst, self._big_import(next(one for one in self._desks.tenants if one not in (tenant, SHARED)))]
        with ThreadPoolExecutor(_WRITERS) as writers:
            written = [(one, writers.submit(self._desks.send, *one)) for one in burst]
            during = self._answers(tenant)
            responses = [(one, future.result()) for one, future in written]
        for (asked, caller, named), response in responses:  # any of the answers may hold what any of the writes wrote
            for whose in caller.shown(named, self._desks.tenants):
                if asked.method != "GET" and response.is_success:
                    self._desks.marks.told(whose, asked.text)
        for one, response in responses:
            self._judge.look_at(*one, response)
        for told in (during, self._answers(tenant)):
            self._judge.report.compared["answers"] += len(told)
            for operation, answer in told.items():
                if answer != before[operation]:
                    fields = ", ".join(_differing(before[operation], answer))
                    leak = Leak("changed by writes of others", fields, "", operation[1])
                    self._judge.report.leaks.append((operation[0], leak))

    def _answers(self, tenant: str) -> dict[tuple[str, str], Json]:
        """The answers to a tenant's lead and admin, without what differs each time."""
        told: dict[tuple[str, str], Json] = {}
        for operation, path, query, body in self._questions(tenant):
            content = None if body is None else json.dumps(body).encode()
            headers = {} if body is None else {"Content-Type": "application/json"}
            asked = Asked(operation, operation.split()[0], path, query, headers, content)
            response = self._judge.ask(asked, self._desks.caller(tenant, Role.ADMIN), None)
            answer = {name: value for name, value in response.json().items() if name not in _OF_THE_QUESTION}
            told[operation, f"{path} {query} {body}"] = answer | {"status": response.status_code}
        return told

    def _questions(self, tenant: str) -> Iterator[tuple[str, str, dict[str, str], Json | None]]:
        own = self._desks.known.ids
        for topic in range(0, 8, 2):
            one = problem(topic)
            yield "POST /v1/suggest", "/v1/suggest", {}, {"ticket": {"subject": one.issue}, "limit": 20}
            yield "GET /v1/search", "/v1/search", {"q": one.fix, "limit": "30"}, None
            typed = one.issue.replace("r", "t", 1).replace("e", "", 1)
            yield "GET /v1/search", "/v1/search", {"q": typed, "limit": "30"}, None
        yield "GET /v1/articles", "/v1/articles", {"limit": "50"}, None
        yield "GET /v1/merge-proposals", "/v1/merge-proposals", {"limit": "50"}, None
        yield "GET /v1/audit", "/v1/audit", {"limit": "50"}, None
        for id in own[tenant, "ticket"][:3]:
            yield "GET /v1/tickets/{ticket_id}", f"/v1/tickets/{id}", {}, None
        for id in (*own[tenant, "article"][:2], *own[SHARED, "article"][:2]):
            yield "GET /v1/articles/{article_id}", f"/v1/articles/{id}", {}, None

    def _big_import(self, tenant: str) -> Sent:
        word = self._desks.marks.word(tenant, "resolution")
        lines = [
            {
                "id": self._desks.requests.new_id(tenant),
                "title": f"Part {number}",
                "resolution": f"Take {word} {number}.",
            }
            for number in range(_MANY)
        ]
        content = "\n".join(map(json.dumps, lines)).encode()
        operation = "POST /v1/import/articles"
        return Asked(operation, "POST", operation.split()[1], content=content), self._desks.provider, tenant


def _missing(like: str, desks: Desks) -> str:
    """An id of the same form that exists nowhere."""
    if "-" in like and not like.startswith("fix-"):
        return desks.requests.new_id(NOBODY)
    return ("fix-" if like.startswith("fix-") else "") + uuid.uuid4().hex[: len(like.removeprefix("fix-"))]


def _differing(one: Json, other: Json) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
