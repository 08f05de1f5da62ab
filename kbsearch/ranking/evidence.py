"""What tickets and agents prove of a solution."""

from __future__ import annotations

from kbsearch.model import ArticleState

PROVEN_FROM = 3
"""So many tickets solved more than failed prove a solution that nobody has validated."""

DOUBTED_FROM = 2
"""So many agents who say that a solution is wrong or outdated put it in doubt; one alone does not."""


def is_proven(state: ArticleState, solved: int, failed: int) -> bool:
    """Whether a solution was validated or has proved itself in tickets. What agents click proves nothing.

    Args:
        state: of the solution; a draft is never proven.
        solved: tickets that are resolved with it.
        failed: tickets that were reopened after it.
    """
    if state == ArticleState.WIP:
        return False
    return state == ArticleState.VALIDATED or solved - failed >= PROVEN_FROM


def is_doubted(agents_solved: int, agents_failed: int) -> bool:
    """Whether several agents say that a solution is wrong or outdated, and no fewer than say that it worked."""
    return agents_failed >= max(DOUBTED_FROM, agents_solved)
