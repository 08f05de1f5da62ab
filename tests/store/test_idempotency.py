from datetime import timedelta

from kbsearch.store import idempotency
from kbsearch.store.idempotency import Answered, AnswerName
from store.made import ACME, GLOBEX

NAME = AnswerName(ACME, "key:ani", "k-1")
DAY = timedelta(hours=24)


def test_the_first_answer_is_kept(store, clock):
    since = clock() - DAY
    with store.write() as tx:
        idempotency.put(tx, NAME, Answered(b"1", 201, "first"), since)
        idempotency.put(tx, NAME, Answered(b"2", 200, "second"), since)
        assert idempotency.get(tx, NAME, since) == Answered(b"1", 201, "first")
        for other in (AnswerName(GLOBEX, "key:ani", "k-1"), AnswerName(ACME, "key:ivan", "k-1")):
            assert idempotency.get(tx, other, since) is None


def test_an_answer_that_is_too_old_is_none_and_is_replaced(store, clock):
    with store.write() as tx:
        idempotency.put(tx, NAME, Answered(b"1", 201, "first"), clock() - DAY)
    clock.advance(days=2)
    with store.write() as tx:
        assert idempotency.get(tx, NAME, clock() - DAY) is None
        idempotency.put(tx, NAME, Answered(b"2", 200, "second"), clock() - DAY)
        assert idempotency.get(tx, NAME, clock() - DAY) == Answered(b"2", 200, "second")
