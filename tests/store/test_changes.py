import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbsearch.model import SHARED, ArticleState, DocumentKind, Source
from kbsearch.store import changes, tickets
from store.made import ACME, GLOBEX, put_article, put_ticket

_SOURCES = st.builds(
    Source, st.sampled_from([ACME, GLOBEX, SHARED]), st.sampled_from(DocumentKind), st.sampled_from(["a", "b", "c"])
)


def test_before_the_first_change(store):
    with store.read() as tx:
        assert (changes.last(tx), changes.since(tx, 0, 10), changes.count_since(tx, 0)) == (0, [], 0)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_SOURCES, min_size=1, max_size=20), st.integers(1, 5))
def test_replaying_gives_the_last_change_of_each_source_in_order(store, sources, limit):
    with store.write() as tx:
        start = changes.last(tx)
        for source in sources:
            changes.record(tx, source)
        replayed, seq = [], start
        while batch := changes.since(tx, seq, limit):
            replayed += [source for _, source in batch]
            seq = batch[-1][0]
            assert len(batch) <= limit
        assert replayed == list(dict.fromkeys(reversed(sources)))[::-1]
        assert seq == changes.last(tx) == start + len(sources)
        assert changes.count_since(tx, start) == len(replayed)


def test_the_size_of_changed_texts_is_known_and_can_be_estimated(store):
    with store.write() as tx:
        for n in range(300):
            put_ticket(tx, id=f"T-{n}", text=f"Restarted the spooler {n % 10}")
        half = changes.last(tx)
        for n in range(300):
            put_article(tx, id=f"a{n}", resolution="Рестартирайте спулера " * (1 + n % 3))
        put_article(tx, id="gone", state=ArticleState.ARCHIVED)
        tickets.reopen(tx, ACME, "T-0")
        exact = changes.size_since(tx, 0)
        assert exact > changes.size_since(tx, half) > 300 * len("Рестартирайте спулера ".encode())
        assert exact - changes.size_since(tx, half) == 299 * len("Printer offline" * 2 + "Restarted the spooler 0")
        assert changes.size_since(tx, 0, sample=60) == pytest.approx(exact, rel=0.1)
        assert changes.size_since(tx, changes.last(tx)) == 0
