from datetime import UTC, datetime

from kbsearch.model import Resolution, SolutionRef, Ticket, TicketStatus, WriteBackOutcome
from kbsearch.store import changes, feedback, tenants, tickets
from store.made import ACME, ACMES, GLOBEX, digest, put_ticket

FIX = SolutionRef(ACME, "fix-1")


def test_a_ticket_is_read_as_it_was_written(store, clock):
    ticket = Ticket(
        "Принтерът е офлайн",
        "от вчера",
        id="T-1",
        environment=("HP M404",),
        language="bg",
        priority="high",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        respond_by=datetime(2026, 1, 2, tzinfo=UTC),
        resolve_by=datetime(2026, 1, 3, tzinfo=UTC),
    )
    resolution = Resolution(
        "Рестарт", cause="spooler", resolved_by="ani", level=1, resolved_at=datetime(2026, 1, 2, tzinfo=UTC),
        minutes_spent=12, solution_id="fix-1", suggestion_id="s-1",
    )  # fmt: skip
    with store.write() as tx:
        tickets.put(tx, ACME, "T-1", ticket, resolution, FIX, WriteBackOutcome.CREATED, digest("x"))
    with store.read() as tx:
        stored = tickets.get(tx, ACME, "T-1")
    assert (stored.ticket, stored.resolution, stored.solution) == (ticket, resolution, FIX)
    assert (stored.status, stored.outcome, stored.revision) == (TicketStatus.RESOLVED, WriteBackOutcome.CREATED, 1)
    assert stored.updated_at == clock.now


def test_a_resolution_without_a_time_was_made_now(store, clock):
    with store.write() as tx:
        put_ticket(tx)
        assert tickets.get(tx, ACME, "T-1").resolution.resolved_at == clock.now


def test_another_tenants_ticket_is_not_seen(store):
    with store.write() as tx:
        put_ticket(tx)
        assert tickets.get(tx, GLOBEX, "T-1") is None
        assert tickets.many(tx, GLOBEX, ["T-1"]) == {}
        assert tickets.digests(tx, GLOBEX, ["T-1"]) == {}
        assert not tickets.reopen(tx, GLOBEX, "T-1")
        assert not tickets.erase(tx, GLOBEX, "T-1")
        assert tickets.get(tx, ACME, "T-1").status == TicketStatus.RESOLVED


def test_many_are_read_at_once(store):
    with store.write() as tx:
        for number in range(3):
            put_ticket(tx, id=f"T-{number}")
        assert tickets.many(tx, ACME, ["T-0", "T-2", "T-9"]).keys() == {"T-0", "T-2"}
        assert tickets.many(tx, ACME, []) == {}


def test_a_reopened_ticket_can_be_resolved_again(store):
    with store.write() as tx:
        put_ticket(tx)
        assert tickets.reopen(tx, ACME, "T-1")
        assert not tickets.reopen(tx, ACME, "T-1")
        assert tickets.get(tx, ACME, "T-1").status == TicketStatus.REOPENED
        assert tickets.digests(tx, ACME, ["T-1"]) == {}
        put_ticket(tx)
        assert tickets.get(tx, ACME, "T-1").status == TicketStatus.RESOLVED
        assert tickets.digests(tx, ACME, ["T-1"]) == {"T-1": digest("Restarted the spooler")}


def test_an_erased_ticket_takes_its_suggestions_and_feedback_along(store):
    with store.write() as tx:
        put_ticket(tx)
        for id, ticket_id in (("s-1", "T-1"), ("s-2", "T-2")):
            shown = feedback.Shown(ACME, id, ticket_id, ((FIX, 0.5),), "known", 0.5, datetime(2026, 1, 1, tzinfo=UTC))
            feedback.put_shown(tx, [shown])
            feedback.put(tx, shown, FIX, "ani", "solved", "for Mrs Petrova")
            feedback.put_flag(tx, ACME, f"f-{id}", FIX, "wrong", "ani", "for Mrs Petrova", shown)
        assert tickets.erase(tx, ACME, "T-1")
        assert not tickets.erase(tx, ACME, "T-1")
        assert tickets.get(tx, ACME, "T-1") is None
        assert feedback.get_shown(tx, ACME, "s-1") is None
        assert feedback.get_shown(tx, ACME, "s-2") is not None
        assert [row["suggestion_id"] for row in tx.rows("SELECT * FROM feedback")] == ["s-2"]
        assert [row["suggestion_id"] for row in tx.rows("SELECT * FROM flags")] == ["s-2"]


def test_every_change_is_noted_and_raises_the_revision(store):
    with store.write() as tx:
        for change in (
            put_ticket,
            lambda tx: tickets.reopen(tx, ACME, "T-1"),
            lambda tx: tickets.erase(tx, ACME, "T-1"),
        ):
            revision, seq = tenants.revision(tx, ACMES), changes.last(tx)
            change(tx)
            assert tenants.revision(tx, ACMES) == revision + 1
            assert changes.last(tx) == seq + 1
