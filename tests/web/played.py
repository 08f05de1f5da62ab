"""A small desk with a history: figures, an outbreak at two clients, a gap, escalations and deadlines."""

from __future__ import annotations

from datetime import datetime, timedelta

from clocks import FakeClock

from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import Article, ArticleState, Feedback, FeedbackOutcome, Resolution, Scope, TenantId, Ticket

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
THINGS = ("printer", "mailbox")
GAP = "Turnstile badge reader blinks E77 magenta"
FIX = "Opened the badge reader and pressed the purple reset pin for ten seconds."


def play(kb: KnowledgeBase, clock: FakeClock, now: datetime) -> None:
    """Forty days of a desk that end now."""
    clock.now = now - timedelta(days=40)
    for thing in THINGS:
        steps = f"Turn the {thing} off and on again. Update the software of the {thing}."
        article = Article(
            thing, f"The {thing} does not work", resolution=steps, state=ArticleState.VALIDATED, language="en"
        )
        kb.articles.put(ACME, article)
    for day in range(2, 40):
        clock.now = now - timedelta(days=40 - day)
        thing = THINGS[day % 2]
        asked(kb, clock, ACME, f"A-{day}", f"The {thing} does not work", said=day % 3 == 0)
        level = 2 if day % 5 == 0 else 1
        resolved(kb, clock, ACME, f"A-{day}", f"The {thing} does not work", "Did as the article says.", thing, level)
    for number in range(4):
        clock.now = now - timedelta(days=20 - 4 * number)
        asked(kb, clock, ACME, f"GAP-{number}", f"{GAP} {number}")
        if number == 3:
            resolved(kb, clock, ACME, f"GAP-{number}", f"{GAP} {number}", FIX, None, 2)
    for number in range(8):
        clock.now = now - timedelta(hours=5) + timedelta(minutes=6 * number)
        asked(kb, clock, GLOBEX if number % 4 == 3 else ACME, f"OUT-{number}", "Navision is frozen for everybody")
    clock.now = now - timedelta(minutes=90)
    asked(kb, clock, ACME, "DUE-1", "Spectrometer stays dark", due=now + timedelta(minutes=20))
    asked(kb, clock, ACME, "DUE-2", "Centrifuge hums loudly", due=now - timedelta(minutes=20))
    clock.now = now
    kb._suggestions.flush()


def asked(
    kb: KnowledgeBase,
    clock: FakeClock,
    tenant: TenantId,
    id: str,
    subject: str,
    said: bool = False,
    due: datetime | None = None,
) -> None:
    found = kb.suggest(Scope(tenant), Ticket(subject, id=id, created_at=clock.now, resolve_by=due))
    if said and found.solutions:
        given = Feedback(found.id, found.solutions[0].solution.ref.id, FeedbackOutcome.SOLVED, "key:ana")
        kb.give_feedback(tenant, given)


def resolved(
    kb: KnowledgeBase,
    clock: FakeClock,
    tenant: TenantId,
    id: str,
    subject: str,
    text: str,
    solution: str | None,
    level: int,
) -> None:
    came = clock.now
    clock.advance(minutes=40)
    resolution = Resolution(
        text, solution_id=solution, level=level, minutes_spent=25, resolved_at=clock.now, resolved_by="Ana Petrova"
    )
    clock.advance(minutes=10)
    kb.tickets.resolve(tenant, ResolvedTicketIn(id, Ticket(subject, id=id, created_at=came), resolution))
