"""Known, unsure or new; apply, verify or escalate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kbsearch.model import Action, ArticleState, RankedSolution, Solution, Status, Ticket, Verdict

KNOWN_FROM = 0.60
NEW_BELOW = 0.25
"""A list less likely than this to hold the answer is not shown."""

_REASONS = {
    "en": {
        "known": "A solution is very likely here: “{title}”.",
        "evidence": " Tickets solved with it so far: {solved}.",
        "unsure": "Similar solutions exist, but none is sure; check “{title}” before you use it.",
        "verify": "“{title}” fits well, but it is not validated yet; check it before you use it.",
        "new": "Nothing in the knowledge base solves this; hand it to the second line.",
        "late": "The {deadline} time has passed; hand it to the second line now.",
        "slow": "“{title}” usually takes {typical} minutes, only {left} are left to the {deadline} time; escalate now.",
        "respond": "reply",
        "resolve": "resolution",
    },
    "bg": {
        "known": "Решението много вероятно е тук: „{title}“.",
        "evidence": " Решени с него заявки досега: {solved}.",
        "unsure": "Има подобни решения, но нито едно не е сигурно; проверете „{title}“, преди да го приложите.",
        "verify": "„{title}“ съвпада добре, но още не е потвърдено; проверете го, преди да го приложите.",
        "new": "В базата знания няма решение за това; предайте заявката на второ ниво.",
        "late": "Срокът за {deadline} е изтекъл; предайте заявката на второ ниво веднага.",
        "slow": "„{title}“ обикновено отнема {typical} мин., до срока за {deadline} остават {left}; ескалирайте сега.",
        "respond": "отговор",
        "resolve": "решаване",
    },
}


def verdict(
    ticket: Ticket, shown: Sequence[RankedSolution], confidence: float, language: str, now: datetime
) -> Verdict:
    """Judge a list of solutions.

    The SLA clock: the nearest deadline still ahead counts; a reply time that has passed is taken as
    answered while the resolution time is still ahead.

    Args:
        ticket: with its deadlines.
        shown: the solutions shown, the best first.
        confidence: the probability that one of them resolves the ticket.
        language: of the reason: ``bg``, else English.
        now: aware, UTC.
    """
    words = _REASONS.get(language.partition("-")[0], _REASONS["en"])
    deadline, minutes_left = _clock(ticket, now)
    best = shown[0] if shown else None
    if best is None:
        return Verdict(Status.NEW, Action.ESCALATE, confidence, words["new"], minutes_left)
    typical = best.solution.evidence.typical_minutes
    is_written = bool(best.solution.resolution.strip())  # a draft may have no fix yet
    status = Status.KNOWN if confidence >= KNOWN_FROM and is_written else Status.UNSURE
    action = Action.APPLY if status == Status.KNOWN and _is_proven(best.solution) else Action.VERIFY
    facts = {
        "title": best.solution.title,
        "solved": best.solution.evidence.solved,
        "typical": typical,
        "left": minutes_left,
        "deadline": words[deadline] if deadline else "",
    }
    if minutes_left is not None and minutes_left <= 0:
        action, reason = Action.ESCALATE, words["late"]
    elif minutes_left is not None and typical is not None and typical > minutes_left:
        action, reason = Action.ESCALATE, words["slow"]
    elif status == Status.KNOWN and action == Action.VERIFY:
        reason = words["verify"]
    else:
        reason = words[status] + (words["evidence"] if status == Status.KNOWN and best.solution.evidence.solved else "")
    return Verdict(status, action, confidence, reason.format(**facts), minutes_left, typical)


def _is_proven(solution: Solution) -> bool:
    """Whether it was validated, or more tickets were solved with it than failed. What agents said proves nothing."""
    if solution.state == ArticleState.WIP:
        return False
    return solution.state == ArticleState.VALIDATED or solution.evidence.solved > solution.evidence.failed


def _clock(ticket: Ticket, now: datetime) -> tuple[str | None, int | None]:
    """The deadline that counts (``respond`` or ``resolve``) and the whole minutes left to it."""
    deadlines = [
        (name, int((moment - now).total_seconds() // 60))
        for name, moment in (("respond", ticket.respond_by), ("resolve", ticket.resolve_by))
        if moment is not None
    ]
    ahead = [deadline for deadline in deadlines if deadline[1] > 0]
    if ahead:
        return min(ahead, key=lambda deadline: deadline[1])
    return max(deadlines, key=lambda deadline: deadline[1]) if deadlines else (None, None)
