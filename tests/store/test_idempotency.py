from kbsearch.store import idempotency
from kbsearch.store.idempotency import Answered
from store.made import ACME, GLOBEX


def test_the_first_answer_is_kept(store):
    with store.write() as tx:
        idempotency.put(tx, ACME, "key", Answered(b"1", 201, "first"))
        idempotency.put(tx, ACME, "key", Answered(b"2", 200, "second"))
        assert idempotency.get(tx, ACME, "key") == Answered(b"1", 201, "first")
        assert idempotency.get(tx, GLOBEX, "key") is None
        assert idempotency.get(tx, ACME, "other") is None


def test_answers_go_after_a_day(store, clock):
    with store.write() as tx:
        idempotency.put(tx, ACME, "old", Answered(b"1", 201, ""))
    for hours, kept in ((23, True), (2, False)):
        clock.advance(hours=hours)
        with store.write() as tx:
            idempotency.put(tx, ACME, f"new {hours}", Answered(b"1", 201, ""))
            assert (idempotency.get(tx, ACME, "old") is not None) == kept
