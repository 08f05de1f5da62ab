from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbsearch.model import SHARED, DocumentKind, Source
from kbsearch.store import changes
from store.made import ACME, GLOBEX

_SOURCES = st.builds(
    Source, st.sampled_from([ACME, GLOBEX, SHARED]), st.sampled_from(DocumentKind), st.sampled_from(["a", "b", "c"])
)


def test_before_the_first_change(store):
    with store.read() as tx:
        assert (changes.last(tx), changes.since(tx, 0, 10), changes.count_since(tx, 0)) == (0, [], 0)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
