"""A clock that is set by hand."""

from __future__ import annotations

from datetime import datetime, timedelta


class FakeClock:
    """Gives ``now`` until it is set to another time. Aware, UTC."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        """Move on by ``timedelta(**delta)``."""
        self.now += timedelta(**delta)
