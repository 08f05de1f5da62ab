"""The run: random requests of all tenants, with comparisons between."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from kbsearch.model import Role
from scripts.stress.canaries.comparing import Comparison, Sent
from scripts.stress.canaries.desks import Caller, Desks, LogWatch
from scripts.stress.canaries.erasing import Erasing
from scripts.stress.canaries.judging import Judge, Report
from scripts.stress.canaries.marks import SHARED
from scripts.stress.canaries.requests import TOPICS

_RARE = {"POST /v1/reindex": 0.2, "DELETE /v1/tickets/{ticket_id}": 0.4, "DELETE /v1/articles/{article_id}": 0.4}
_TOLD_EVERY = 500
_BURST = 24
_TRIES = 10

_SIGNED = frozenset({"POST /v1/hooks/{source}"})
"""Operations for those who sign as a connector expects; here there is none, and each message is refused."""


class Run:
    """Asks the desks; what it sends and in which order follows from the seed."""

    def __init__(self, desks: Desks, watch: LogWatch, seed: int) -> None:
        self._desks, self._watch = desks, watch
        self._chance = random.Random(seed)  # noqa: S311 - seeded, and nothing to guard
        self._judge = Judge(desks)
        self._comparison = Comparison(desks, self._judge, self._chance)
        self._erasing = Erasing(desks, self._judge, self._chance)

    def go(self, requests: int, progress: Callable[[str], None] = lambda _: None) -> Report:
        """Send at least so many requests, then judge what is seen at the end only.

        ``progress`` is called with the progress, and with each leak at once.
        """
        report = self._judge.report
        turn = leaks = 0
        try:
            while (sent := report.requests.total()) < requests:
                turn += 1
                self._take_turn(turn)
                if turn % _TOLD_EVERY == 0:
                    progress(f"{sent:,} requests, {len(report.leaks)} leaks, {len(report.faults)} faults")
                for operation, leak in report.leaks[leaks:]:
                    progress(f"LEAK {operation}: {leak}")
                leaks = len(report.leaks)
        except KeyboardInterrupt:
            progress("stopped")
        doable = [one for one in self._desks.requests.operations if one not in _SIGNED]
        for operation in doable:
            self._make_sure(operation)
        self._comparison.times()
        report.log_lines = self._watch.lines
        for leak in self._watch.leaks:
            report.leaks.append(("log lines", leak))
            progress(f"LEAK log lines: {leak}")
        for operation in self._desks.requests.operations:
            if not report.requests[operation]:
                report.faults.append(f"{operation} was never asked")
            elif operation in doable and not any(status < 400 for status in report.statuses[operation]):
                report.faults.append(f"{operation} was never done: {dict(report.statuses[operation])}")
        return report

    def _make_sure(self, operation: str) -> None:
        """Ask an operation that was never done, as the provider with a tenant's own ids, until it is done."""
        chance, desks, report = self._chance, self._desks, self._judge.report
        own = desks.known.ids
        for tenant in desks.tenants[:-1] * _TRIES:
            if any(status < 400 for status in report.statuses[operation]):
                return
            if "{flag_id}" in operation:
                self._raise_flag(tenant)
            asked = desks.requests.make(
                operation,
                tenant,
                chance,
                lambda kind, whose=tenant: (own[whose, kind] or own[SHARED, kind] or [desks.requests.new_id(whose)])[
                    -1
                ],
            )
            self._judge.ask(asked, desks.provider, tenant)

    def _raise_flag(self, tenant: str) -> None:
        """Flag an article of the tenant, and list its flags, which tells the flag's id."""
        desks = self._desks
        articles = desks.known.ids[tenant, "article"]
        for operation in ("POST /v1/articles/{article_id}/flags", "GET /v1/articles/flags"):
            asked = desks.requests.make(operation, tenant, self._chance, lambda _: self._chance.choice(articles))
            self._judge.ask(asked, desks.caller(tenant, Role.ADMIN), None)

    def _take_turn(self, turn: int) -> None:
        chance, desks = self._chance, self._desks
        if turn % 20 == 0:
            self._comparison.ids()
        elif turn % 150 == 75:
            tenant = chance.choice(desks.tenants[:-1])
            others = [one for one in desks.tenants if one not in (tenant, SHARED)]
            burst = [self._random(others) for _ in range(_BURST)]
            self._comparison.answers(tenant, burst, more=turn % 450 == 75)
        elif turn % 100 == 30:
            self._erasing.go()
        elif turn % 500 == 1:
            desks.plant(chance.choice(desks.tenants), chance.sample(range(TOPICS), 3))
        else:
            self._judge.ask(*self._random())
        if turn % 50 == 0:
            desks.clock.now += timedelta(minutes=1)

    def _random(self, tenants: list[str] | None = None) -> Sent:
        """A request, by whom, and the tenant in its header; for these tenants only if some are given."""
        chance, desks = self._chance, self._desks
        callers = [
            one for one in desks.callers if tenants is None or (one.tenants and set(one.tenants) <= set(tenants))
        ]
        able = [one for one in callers if one.role in (Role.ENGINEER, Role.LEAD, Role.ADMIN)]
        caller = chance.choice(able if chance.random() < 0.6 else callers)
        acting, named = self._named(caller, tenants)
        operation = chance.choice(desks.requests.operations)
        if chance.random() > _RARE.get(operation, 1.0):
            operation = "POST /v1/suggest"
        if desks.known.replayable and chance.random() < 0.04:
            asked = chance.choice(desks.known.replayable[-200:])
            return replace(asked, operation="as another tenant sent it"), caller, named
        if chance.random() < 0.04:
            return desks.requests.stray(acting, chance), caller, named
        asked = desks.requests.make(operation, acting, chance)
        if asked.content is not None and chance.random() < 0.08:
            asked = desks.requests.broken(asked, acting, chance)
        if chance.random() < 0.1:
            asked = replace(asked, headers={**asked.headers, **self._misleading()})
        return asked, caller, named

    def _named(self, caller: Caller, tenants: list[str] | None) -> tuple[str, str | None]:
        """Whose words the request holds, and the tenant in its header."""
        chance, every = self._chance, self._desks.tenants
        covered = list(caller.tenants or (tenants or every))
        acting = chance.choice(covered)
        drawn = chance.random()
        if drawn < 0.08 and tenants is None:
            named = chance.choice([*every, "never-heard-of", "*", ""])
            return named if named in covered else acting, named
        if len(covered) > 1:
            return acting, None if drawn > 0.9 else acting
        return acting, acting if drawn > 0.8 else None

    def _misleading(self) -> dict[str, str]:
        """A header that names another tenant where nothing should look for one."""
        name = self._chance.choice(["X-Tenant", "Tenant", "X-Forwarded-Host", "X-Original-URL", "Cookie", "Forwarded"])
        return {name: self._chance.choice(self._desks.tenants)}
