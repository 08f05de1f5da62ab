"""The desk's words for people: what each figure, part and queue is called. English; the pages translate them."""

from __future__ import annotations

from collections.abc import Mapping

FIGURES: Mapping[str, str] = {
    "first_line": "Resolved by the first line",
    "verdicts": "Answer known",
    "acceptance": "Suggestions accepted",
    "links": "Linked to an article",
    "reuse": "Known solution reused",
    "novelty": "New problems",
    "write_back": "Written back within an hour",
    "deadlines": "Deadlines missed or at risk",
    "escalations": "Escalations the base could have answered",
    "answers": "Unanswered",
}
"""The label of each figure."""

MEANINGS: Mapping[str, str] = {
    "first_line": "Level 1, passed to no other group, never reopened.",
    "verdicts": "The last answer to the ticket was “known”.",
    "acceptance": "An agent said that a suggestion helped, or the ticket was resolved with it.",
    "links": "The ticket is linked to an article.",
    "reuse": "The ticket was resolved with a solution that existed.",
    "novelty": "The ticket needed a new solution.",
    "write_back": "From the resolution in the ticket system to the write-back.",
    "deadlines": "Open tickets that are overdue or due within an hour.",
    "escalations": "Escalated, although the base had the solution then, or has it today.",
    "answers": "Neither a solution of the base nor today’s knowledge answers the ticket.",
}
"""What each figure's numerator counts, in a sentence."""

PARTS: Mapping[str, str] = {
    "first_line": "first line",
    "not_first_line": "not first line",
    "known": "known",
    "unsure": "check first",
    "new": "new",
    "accepted": "accepted",
    "not_accepted": "not accepted",
    "article": "linked to an article",
    "no_article": "without an article",
    "reused": "reused",
    "needs_review": "needs review",
    "within_15_minutes": "within 15 minutes",
    "within_1_hour": "within 1 hour",
    "within_8_hours": "within 8 hours",
    "later": "later",
    "overdue": "overdue",
    "at_risk": "due within 1 hour",
    "in_time": "in time",
    "known_before": "solution existed before",
    "known_today": "known today",
    "not_known": "not known",
    "not_checked": "not checked yet",
    "answered": "answered",
    "unanswered": "unanswered",
    "outbreak": "outbreak",
}
"""The label of each part of a figure."""

QUEUES: Mapping[str, str] = {
    "needs_review": "Tickets that need a review",
    "flags": "Open flags",
    "proposals": "Articles that may be merged",
    "worked": "Fixes that worked and are not validated",
    "failing": "Solutions that fail",
    "stale": "Articles nobody used or changed for half a year",
}
"""The label of each queue of the review."""


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun, as in "1 ticket" and "1,204 tickets"."""
    return f"{number:,} {one if number == 1 else many}"
