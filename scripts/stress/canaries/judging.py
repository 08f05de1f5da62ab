"""Every answer is looked at, and what was found is kept."""

from __future__ import annotations

import base64
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from scripts.stress.canaries.desks import Caller, Desks
from scripts.stress.canaries.learning import learn
from scripts.stress.canaries.marks import SHARED, Leak
from scripts.stress.canaries.requests import Asked


@dataclass
class Report:
    """What was asked and what came of it. ``shown`` are the kinds of words that their own tenants saw."""

    requests: Counter[str] = field(default_factory=Counter)
    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    leaks: list[tuple[str, Leak]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    compared: Counter[str] = field(default_factory=Counter)
    ratios: dict[str, float] = field(default_factory=dict)
    log_lines: int = 0

    @property
    def passed(self) -> bool:
        return not self.leaks and not self.faults


class Judge:
    """Asks the desks and looks for what no answer may hold."""

    def __init__(self, desks: Desks) -> None:
        self.report = Report()
        self._desks = desks

    def ask(self, asked: Asked, caller: Caller, named: str | None) -> Any:
        """The answer to a request, looked at."""
        response = self._desks.send(asked, caller, named)
        self.look_at(asked, caller, named, response)
        return response

    def count(self, operation: str, response: Any) -> None:
        self.report.requests[operation] += 1
        self.report.statuses[operation][response.status_code] += 1
        if response.status_code >= 500 and response.status_code != 503:
            self.report.faults.append(f"{operation} answered {response.status_code}")

    def look_at(self, asked: Asked, caller: Caller, named: str | None, response: Any) -> None:
        report, marks = self.report, self._desks.marks
        status, body = response.status_code, response.text
        self.count(asked.operation, response)
        shown = caller.shown(named, self._desks.tenants)
        head = " ".join(f"{name}: {value}" for name, value in response.headers.items())
        text = "\n".join([str(status), response.reason_phrase, head, unquote(head), body, *_opened_cursors(body)])
        sent = f"{asked.text}\n{named}\n{unquote(asked.path)}"
        if asked.path == "/metrics":
            shown, sent = (), ""
        found = marks.leaks("answer", text, shown, sent)
        if status >= 400:
            found += marks.words_in("error", text)
        said = f"{asked.method} {asked.path} of {caller.role} for {named or shown}: {status}"
        report.leaks += [(asked.operation, replace(leak, detail=f"{said} {leak.detail}".rstrip())) for leak in found]
        if len(shown) == 1 and status < 400:
            if asked.operation.endswith("/share"):
                self._look_at_shared(asked, shown[0])
            report.shown |= marks.kinds_in(body, shown[0])
            learn(asked, shown[0], response, self._desks.known, marks)

    def _look_at_shared(self, asked: Asked, tenant: str) -> None:
        """An article was moved to all tenants: what they see of it is theirs now."""
        article = Asked("", "GET", asked.path.removesuffix("/share"))
        seen = self._desks.send(article, self._desks.provider, SHARED)
        self._desks.marks.publish(tenant, unquote(asked.path), seen.text)


def _opened_cursors(body: str) -> Iterator[str]:
    for cursor in re.findall(r'"next_cursor":\s*"([^"]+)"', body):
        yield base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode(errors="replace")
