"""Spans of time that figures are of. All times are UTC; a day is 24 hours and a week begins on Monday."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from kbsearch.errors import InvalidInput

USUAL_DAYS = 28
LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` on, until before ``until``."""

    since: datetime
    until: datetime

    @classmethod
    def of(cls, since: datetime | None, until: datetime | None, now: datetime) -> Self:
        """The last USUAL_DAYS until now, where nothing else is said.

        Raises:
            InvalidInput: it ends before it begins, or is longer than LONGEST_DAYS.
        """
        until = now if until is None else until
        try:
            since = until - timedelta(days=USUAL_DAYS) if since is None else since
            _ = since - (until - since)  # the period before
        except OverflowError:
            raise InvalidInput("/from", "it lies too far in the past") from None
        if since >= until:
            raise InvalidInput("/from", "the period must begin before it ends")
        if until - since > timedelta(days=LONGEST_DAYS):
            raise InvalidInput("/from", f"a period has {LONGEST_DAYS} days at most")
        return cls(since, until)

    @property
    def before(self) -> Period:
        """The span of the same length just before."""
        return Period(self.since - (self.until - self.since), self.since)

    def __contains__(self, moment: object) -> bool:
        return isinstance(moment, datetime) and self.since <= moment < self.until

    def weeks(self) -> Iterator[Period]:
        """The calendar weeks that it touches, the first and the last cut to it."""
        start = self.since
        while start < self.until:
            end = min(monday_of(start) + timedelta(days=7), self.until)
            yield Period(start, end)
            start = end


def monday_of(moment: datetime) -> datetime:
    """The beginning of the calendar week."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=moment.weekday())
