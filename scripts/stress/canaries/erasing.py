"""A tenant's edition of a shared article, a ticket and comments come and go: no file may hold a word of them."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import Any

from kbsearch.model import DocumentKind, Role, TenantId
from scripts.harness.residue import Traces, residue, traces
from scripts.stress.canaries.desks import Desks
from scripts.stress.canaries.judging import Judge
from scripts.stress.canaries.marks import SHARED, Leak
from scripts.stress.canaries.requests import Asked, Json

_PURGED_WITHIN_S = 60.0

Send = Callable[[str, str, Json | None], Any]
"""Sends a request, given its operation, its path and its body, and returns the response."""


class Erasing:
    """Writes, comments and erases as one tenant, then looks into every file."""

    def __init__(self, desks: Desks, judge: Judge, chance: random.Random) -> None:
        self._desks, self._judge, self._chance = desks, judge, chance
        self._number = 0

    def go(self) -> None:
        """Erase an edition, a ticket with feedback and an article with a flag, each with words of its own."""
        desks, self._number = self._desks, self._number + 1
        tenant = self._chance.choice(desks.tenants[:-1])
        caller = desks.caller(tenant, Role.ADMIN)

        def send(operation: str, path: str, body: Json | None) -> Any:
            content = None if body is None else json.dumps(body).encode()
            headers = {} if body is None else {"Content-Type": "application/json"}
            asked = Asked(operation, operation.split()[0], path, headers=headers, content=content)
            return self._judge.ask(asked, caller, None)

        words = [desks.marks.word(tenant, f"erased {part} {self._number}") for part in range(4)]
        gone = self._edition(tenant, send, words[:2]) + self._article(tenant, send, words[2:])
        until = time.monotonic() + _PURGED_WITHIN_S
        while not desks.knowledge.purges.run() and time.monotonic() < until:
            time.sleep(0.05)
        for left in residue(desks.folder, [Traces(tuple(words)), *gone]):
            self._judge.report.leaks.append(("erasing", Leak("a file after erasing", "erased", tenant, left)))
        self._judge.report.compared["erasures"] += 1

    def _edition(self, tenant: str, send: Send, words: list[str]) -> list[Traces]:
        """An own edition of a shared article, and a ticket that it solved, with an agent's comment on it."""
        id, shared = self._shared_article(send)
        if id is None:
            return []
        title, ticket = f"Edition {words[0]}", self._desks.requests.new_id(tenant)
        send("PUT /v1/articles/{article_id}", f"/v1/articles/{id}", {"title": title, "resolution": f"Use {words[0]}"})
        question = {"ticket": {"id": ticket, "subject": title}, "limit": 50}
        shown = send("POST /v1/suggest", "/v1/suggest", question).json()
        said = {"solution_id": id, "outcome": "wrong", "comment": f"Not for {words[1]}"}
        feedback = "POST /v1/suggestions/{suggestion_id}/feedback"
        told = send(feedback, f"/v1/suggestions/{shown['suggestion_id']}/feedback", said)
        solved = {"ticket": {"subject": f"{title} {words[1]}"}, "resolution": f"Used {words[1]}", "solution_id": id}
        send("PUT /v1/tickets/{ticket_id}/resolution", f"/v1/tickets/{ticket}/resolution", solved)
        gone = self._traces(tenant, ("ticket", ticket), ("article", id))
        erased = [
            send("DELETE /v1/tickets/{ticket_id}", f"/v1/tickets/{ticket}", None),
            send("DELETE /v1/articles/{article_id}", f"/v1/articles/{id}", None),
        ]
        back = send("GET /v1/articles/{article_id}", f"/v1/articles/{id}", None).json()
        if not all(one.is_success for one in (told, *erased)) or (back["tenant"], back["title"]) != (SHARED, shared):
            self._judge.report.faults.append(f"an edition of {id} did not come and go")
        return gone

    def _article(self, tenant: str, send: Send, words: list[str]) -> list[Traces]:
        """An article of the tenant's own, with a flag on it."""
        id = self._desks.requests.new_id(tenant)
        body = {"title": f"Article {words[0]}", "resolution": f"Use {words[0]}"}
        send("PUT /v1/articles/{article_id}", f"/v1/articles/{id}", body)
        flag = {"reason": "outdated", "comment": f"Ask {words[1]}"}
        send("POST /v1/articles/{article_id}/flags", f"/v1/articles/{id}/flags", flag)
        gone = self._traces(tenant, ("article", id))
        send("DELETE /v1/articles/{article_id}", f"/v1/articles/{id}", None)
        return gone

    def _shared_article(self, send: Send) -> tuple[str | None, str]:
        """The id and the title of a shared article that the tenant sees and has no edition of. None: there is none."""
        for id in reversed(self._desks.known.ids[SHARED, "article"]):
            response = send("GET /v1/articles/{article_id}", f"/v1/articles/{id}", None)
            found = response.json()
            is_seen = response.is_success and found["tenant"] == SHARED and found["merged_into"] is None
            if is_seen and found["state"] != "archived":
                return id, found["title"]
        return None, ""

    def _traces(self, tenant: str, *sources: tuple[str, str]) -> list[Traces]:
        store = self._desks.knowledge.store
        return [traces(store, TenantId(tenant), DocumentKind(kind), id, ()) for kind, id in sources]
