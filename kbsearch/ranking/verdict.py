"""Known, unsure or new; apply, verify or escalate."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from kbsearch.model import Action, RankedSolution, Status, Ticket, Verdict
from kbsearch.ranking.cautions import Doubt
from kbsearch.ranking.confidence import GUESSED, KNOWN_FROM, NEW_BELOW
from kbsearch.ranking.evidence import is_doubted, is_proven
from kbsearch.text.language import primary
from kbsearch.text.telling import is_vague, telling_words

_SOON_MINUTES = 30
_MOST = {Status.NEW: NEW_BELOW - 0.01, Status.UNSURE: KNOWN_FROM - 0.01, Status.KNOWN: 1.0}
"""The highest confidence of a verdict, so that it never says more than the status."""

_REASONS = {
    "en": {
        "known": "A solution is very likely here: “{title}”.",
        "evidence": " Tickets solved with it so far: {solved}.",
        "unsure": "Similar solutions exist, but none is sure; check “{title}” before you use it.",
        "several": "One of these solutions is very likely right, but not surely “{title}”; check which one fits.",
        "unproven": "“{title}” fits well, but it is not validated yet; check it before you use it.",
        "wip": "“{title}” fits well, but it is still being written; check it before you use it.",
        "code": "“{title}” is about another code; check whether it fits before you use it.",
        "environment": "“{title}” fits well, but it was written for another environment; check it before you use it.",
        "failed": "“{title}” fits well, but it has failed in other tickets; check it before you use it.",
        "doubted": "“{title}” fits well, but agents found it wrong or outdated; check it before you use it.",
        "rival": "“{title}” fits, but a fix that is not validated yet fits better; compare both before you use one.",
        "vague": "The ticket says too little to be sure; ask what exactly is wrong before you use “{title}”.",
        "new": "Nothing in the knowledge base solves this; hand it to the second line.",
        "empty": "The ticket does not say what is wrong; ask for details, or hand it to the second line.",
        "late": "The {deadline} time has passed; hand it to the second line now. Most likely solution: “{title}”.",
        "late_new": "The {deadline} time has passed; hand it to the second line now.",
        "slow": "“{title}” usually takes {typical} minutes, only {left} are left to the {deadline} time; escalate now.",
        "reply_soon": " Reply soon: minutes left to the reply time: {reply}.",
        "reply_late": " The reply time has passed; reply now.",
        "respond": "reply",
        "resolve": "resolution",
    },
    "bg": {
        "known": "Решението много вероятно е тук: „{title}“.",
        "evidence": " Решени с него заявки досега: {solved}.",
        "unsure": "Има подобни решения, но нито едно не е сигурно; проверете „{title}“, преди да го приложите.",
        "several": "Едно от тези решения много вероятно е вярното, но не е сигурно кое; проверете „{title}“ и другите.",
        "unproven": "„{title}“ съвпада добре, но още не е потвърдено; проверете го, преди да го приложите.",
        "wip": "„{title}“ съвпада добре, но още се пише; проверете го, преди да го приложите.",
        "code": "„{title}“ се отнася за друг код; проверете дали подхожда, преди да го приложите.",
        "environment": "„{title}“ съвпада добре, но е за друга среда; проверете го, преди да го приложите.",
        "failed": "„{title}“ съвпада добре, но не е помогнало при други заявки; проверете го внимателно.",
        "doubted": "„{title}“ съвпада добре, но според агенти е грешно или остаряло; проверете го внимателно.",
        "rival": "„{title}“ съвпада, но друго, още непотвърдено решение съвпада по-добре; сравнете ги.",
        "vague": "В заявката пише твърде малко; попитайте какво точно не работи, преди да приложите „{title}“.",
        "new": "В базата знания няма решение за това; предайте заявката на второ ниво.",
        "empty": "В заявката не пише какъв е проблемът; поискайте подробности или я предайте на второ ниво.",
        "late": "Срокът за {deadline} е изтекъл; предайте заявката на второ ниво веднага."
        " Най-вероятното решение: „{title}“.",
        "late_new": "Срокът за {deadline} е изтекъл; предайте заявката на второ ниво веднага.",
        "slow": "„{title}“ обикновено отнема {typical} мин., до срока за {deadline} остават {left}; ескалирайте сега.",
        "reply_soon": " Отговорете скоро: до срока за отговор остават {reply} мин.",
        "reply_late": " Срокът за отговор е изтекъл; отговорете сега.",
        "respond": "отговор",
        "resolve": "решаване",
    },
}


@dataclass(frozen=True, slots=True)
class _Clock:
    """The deadline that counts (``respond`` or ``resolve``), the seconds left to it, and to a reply that is due."""

    name: str | None = None
    seconds: float = 0.0
    reply_seconds: float | None = None

    @property
    def minutes(self) -> int | None:
        """Whole minutes left; negative where the time has passed."""
        return None if self.name is None else int(self.seconds // 60)

    @property
    def is_late(self) -> bool:
        return self.name is not None and self.seconds <= 0


def verdict(
    ticket: Ticket,
    shown: Sequence[RankedSolution],
    confidence: float,
    language: str,
    now: datetime,
    doubts: Collection[Doubt] = (),
) -> Verdict:
    """Judge a list of solutions.

    ``apply`` is said of the first solution: it is likely by itself, validated or proven by tickets, and nothing in the
    ticket speaks against it. The time to resolve counts; the time to reply only where there is no other and no reply
    has gone out. Where the ticket says too little, or names another code, the verdict is no surer than its status.

    Args:
        ticket: with its deadlines.
        shown: the solutions, the best first.
        confidence: the probability that one of the first five resolves the ticket, however many are shown.
        language: of the reason: ``bg``, else English.
        now: aware, UTC.
        doubts: what may be wrong with the first solution.
    """
    words = _REASONS.get(primary(language), _REASONS["en"])
    clock = _clock(ticket, now)
    says_nothing = not telling_words(ticket.text)
    if not shown or says_nothing or confidence < NEW_BELOW:
        reason = "empty" if says_nothing else "late_new" if clock.is_late else "new"
        said = words[reason].format(deadline=words[clock.name] if clock.name else "")
        most = GUESSED if says_nothing else _MOST[Status.NEW]
        return Verdict(Status.NEW, Action.ESCALATE, min(confidence, most), said, clock.minutes)
    best = shown[0]
    evidence = best.solution.evidence
    why = _why_not(ticket, best, confidence, doubts)
    status = Status.UNSURE if why in ("unsure", "vague", "code") else Status.KNOWN
    action = Action.APPLY if why is None else Action.VERIFY
    minutes, typical = clock.minutes, evidence.typical_minutes
    if clock.is_late:
        action, reason = Action.ESCALATE, words["late"]
    elif minutes is not None and typical is not None and typical * 60 > clock.seconds:
        action, reason = Action.ESCALATE, words["slow"]
    elif why is None:
        reason = words["known"] + (words["evidence"] if evidence.solved else "")
    else:
        reason = words[why]
    reason += _reply(words, clock)
    facts = {
        "title": best.solution.title,
        "solved": evidence.solved,
        "typical": typical,
        "left": minutes,
        "deadline": words[clock.name] if clock.name else "",
        "reply": int((clock.reply_seconds or 0) // 60),
    }
    return Verdict(status, action, min(confidence, _MOST[status]), reason.format(**facts), minutes, typical)


def _why_not(ticket: Ticket, best: RankedSolution, confidence: float, doubts: Collection[Doubt]) -> str | None:
    """Which of the reasons keeps the first solution from being applied at once; None for none."""
    solution = best.solution
    if confidence < KNOWN_FROM or not solution.resolution.strip():  # a draft may have no fix yet
        return "unsure"
    if is_vague(ticket.text):
        return "vague"
    for doubt in (Doubt.CODE, Doubt.WIP, Doubt.FAILED, Doubt.ENVIRONMENT, Doubt.RIVAL):
        if doubt in doubts:
            return str(doubt)
    if is_doubted(solution.evidence.agents_solved, solution.evidence.agents_failed):
        return "doubted"
    if best.confidence < KNOWN_FROM:
        return "several"
    proven = is_proven(solution.state, solution.evidence.solved, solution.evidence.failed)
    return None if proven else "unproven"


def _reply(words: dict[str, str], clock: _Clock) -> str:
    if clock.reply_seconds is None or clock.reply_seconds > _SOON_MINUTES * 60:
        return ""
    return words["reply_soon"] if clock.reply_seconds > 0 else words["reply_late"]


def _clock(ticket: Ticket, now: datetime) -> _Clock:
    reply = None if ticket.respond_by is None or ticket.responded_at else (ticket.respond_by - now).total_seconds()
    if ticket.resolve_by is not None:
        return _Clock("resolve", (ticket.resolve_by - now).total_seconds(), reply)
    return _Clock("respond", reply) if reply is not None else _Clock()
