"""The history of the sample desks: what was asked, said and written back in the weeks before the first start."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from kbsearch.cli.articles import load_folder, sync_folder
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import Feedback, FeedbackOutcome, Resolution, Scope, Suggestion, TenantId, Ticket
from kbsearch.store.port import utc_now

HISTORY_FILE = "history.jsonl"
"""One ticket a line, beside the folders of the clients. Times are relative to the first start."""

BEGINNING = timedelta(days=63)
"""So long before the first start the articles were loaded."""

_AGENT = "key:sample-agent"
_SATURDAY = 5


class MovableClock:
    """Tells the time, or the moment that it was set to."""

    def __init__(self) -> None:
        self._set_to: datetime | None = None

    def __call__(self) -> datetime:
        return self._set_to or utc_now()

    def move_to(self, moment: datetime | None) -> None:
        """Stand still at this moment; None: tell the time again."""
        self._set_to = moment


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that happens to a ticket at a moment."""

    at: datetime
    happen: Callable[[], None]


def play_history(knowledge: KnowledgeBase, clock: MovableClock, folder: Path, now: datetime) -> int:
    """Load a folder, its articles as if that had happened weeks ago, and let its history happen since then.

    Args:
        knowledge: tells the time by ``clock``.
        clock: tells the time again afterwards.
        folder: holds HISTORY_FILE, and a folder of articles for each client.
        now: the first start.

    Returns:
        The number of tickets.
    """
    clock.move_to(now - BEGINNING)
    try:
        sync_folder(knowledge, folder)
        clock.move_to(now)
        load_folder(knowledge, folder)
        lines = (folder / HISTORY_FILE).read_text(encoding="utf-8").splitlines()
        stories = [_Story(knowledge, json.loads(line), now) for line in lines]
        events = (event for story in stories for event in story.events())
        for event in sorted(events, key=lambda one: one.at):
            if event.at < now:
                clock.move_to(event.at)
                event.happen()
    finally:
        clock.move_to(None)
    return len(stories)


class _Story:
    """One ticket: it comes and is asked for, an agent may say what helped, it may be resolved and reopened."""

    def __init__(self, knowledge: KnowledgeBase, told: dict[str, Any], now: datetime) -> None:
        self._knowledge = knowledge
        self._told = told
        self._tenant = TenantId(told["client"])
        self._came_at = _came_at(told, now)
        due = self._after(told["due"]) if "due" in told else None
        self._ticket = Ticket(
            subject=told["subject"],
            description=told.get("description", ""),
            id=told["id"],
            language=told["language"],
            created_at=self._came_at,
            resolve_by=due,
        )
        self._suggestion: Suggestion | None = None

    def events(self) -> Iterator[_Event]:
        told = self._told
        yield _Event(self._after(2), self._ask)
        if "said" in told:
            yield _Event(self._after(told["after"] - 1), self._say)
        if "fix" in told:
            written = told["after"] + told["written"]
            yield _Event(self._after(written), self._resolve)
            if "reopened" in told:
                yield _Event(self._after(written + told["reopened"]), self._reopen)

    def _after(self, minutes: float) -> datetime:
        return self._came_at + timedelta(minutes=minutes)

    def _ask(self) -> None:
        self._suggestion = self._knowledge.suggest(Scope(self._tenant), self._ticket)

    def _say(self) -> None:
        assert self._suggestion is not None
        shown = [one.solution.ref.id for one in self._suggestion.solutions]
        if self._told["solved_with"] in shown:
            outcome = FeedbackOutcome(self._told["said"])
            given = Feedback(self._suggestion.id, self._told["solved_with"], outcome, _AGENT)
            self._knowledge.give_feedback(self._tenant, given)

    def _resolve(self) -> None:
        told = self._told
        resolution = Resolution(
            text=told["fix"],
            level=told["level"],
            minutes_spent=told["minutes"],
            reassignments=told.get("reassigned", 0),
            resolved_at=self._after(told["after"]),
            resolved_by="first-line" if told["level"] == 1 else "second-line",
            solution_id=told.get("solved_with"),
        )
        self._knowledge.tickets.resolve(self._tenant, ResolvedTicketIn(told["id"], self._ticket, resolution))

    def _reopen(self) -> None:
        self._knowledge.tickets.reopen(self._tenant, self._told["id"])


def _came_at(told: dict[str, Any], now: datetime) -> datetime:
    """``minutes_ago``, or at a ``time`` of day so many ``workdays`` ago."""
    if "minutes_ago" in told:
        return now - timedelta(minutes=told["minutes_ago"])
    day = now.date()
    for _ in range(told["workdays"]):
        day -= timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day -= timedelta(days=1)
    return datetime.combine(day, time.fromisoformat(told["time"]), UTC)
