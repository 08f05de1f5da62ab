from datetime import UTC, datetime

from kbsearch.model import SHARED, FeedbackOutcome, SolutionRef
from kbsearch.store import feedback, tenants
from store.made import ACME, ACMES, GLOBEX

FIX, ARTICLE = SolutionRef(ACME, "fix-1"), SolutionRef(SHARED, "printer")


def _shown(id="s-1", ticket_id="T-1"):
    return feedback.Shown(
        ACME, id, ticket_id, ((FIX, 0.75), (ARTICLE, 0.25)), "known", 0.8, datetime(2026, 1, 1, tzinfo=UTC)
    )


def test_what_was_shown_is_read_as_it_was_written(store):
    with store.write() as tx:
        feedback.put_shown(tx, [_shown(), _shown("s-2", ticket_id=None)])
        assert feedback.get_shown(tx, ACME, "s-1") == _shown()
        assert feedback.get_shown(tx, ACME, "s-2") == _shown("s-2", ticket_id=None)
        assert feedback.get_shown(tx, GLOBEX, "s-1") is None
        assert feedback.get_shown(tx, ACME, "s-9") is None


def test_noting_it_twice_changes_nothing(store):
    with store.write() as tx:
        feedback.put_shown(tx, [_shown()])
        feedback.put_shown(tx, [_shown(ticket_id="other")])
        assert feedback.get_shown(tx, ACME, "s-1") == _shown()


def test_an_agents_second_word_replaces_the_first(store):
    with store.write() as tx:
        for outcome in (FeedbackOutcome.WRONG, FeedbackOutcome.SOLVED):
            feedback.put(tx, _shown(), FIX, "ani", outcome, None)
        feedback.put(tx, _shown(), FIX, "boris", FeedbackOutcome.HELPFUL, None)
        rows = tx.rows("SELECT agent, outcome FROM feedback ORDER BY agent")
        assert [tuple(row) for row in rows] == [("ani", "solved"), ("boris", "helpful")]
        assert tenants.revision(tx, ACMES) == 3


def test_a_flag_is_opened_replaced_and_dropped(store):
    def flags(tx):
        return [(row["id"], row["reason"]) for row in tx.rows("SELECT * FROM flags ORDER BY tenant, id")]

    with store.write() as tx:
        feedback.put_flag(tx, ACME, "f", FIX, "wrong", "ani", None, _shown())
        feedback.put_flag(tx, ACME, "f", FIX, "outdated", "ani", "the menu has moved", _shown())
        feedback.put_flag(tx, GLOBEX, "f", ARTICLE, "wrong", "ani", None)
        assert flags(tx) == [("f", "outdated"), ("f", "wrong")]
        for other in [("s-2", FIX, "ani"), ("s-1", ARTICLE, "ani"), ("s-1", FIX, "boris")]:
            feedback.drop_flags(tx, ACME, *other)
        assert len(flags(tx)) == 2
        feedback.drop_flags(tx, ACME, "s-1", FIX, "ani")
        assert flags(tx) == [("f", "wrong")]
