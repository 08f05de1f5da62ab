"""How long work will take that is measured by its size, not by its pieces."""

from __future__ import annotations

from collections import deque

_FEWEST_NOTES = 8
_WINDOW_S = 5.0


class Pace:
    """The time left, from the pace of late: the last eight notes, or the last five seconds if those are more.

    Looking back no further, it soon forgets a part that went faster, such as one whose vectors were known.
    """

    def __init__(self) -> None:
        self._notes: deque[tuple[float, float]] = deque()

    def seconds_left(self, now: float, done: float, total: float) -> float | None:
        """Note how much is done and tell the time left; None until it can be told.

        Args:
            now: seconds on a clock that never goes back.
            done: how much of the work is done, in any unit.
            total: how much there is, in the same unit.
        """
        notes = self._notes
        notes.append((now, done))
        while len(notes) > _FEWEST_NOTES + 1 and now - notes[1][0] >= _WINDOW_S:
            notes.popleft()
        since, before = notes[0]
        if now <= since or done <= before:
            return None
        return max(total - done, 0.0) * (now - since) / (done - before)
