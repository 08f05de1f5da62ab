from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from kbsearch.text.term_counts import packed, term_hash, unpacked

_WORDS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6), max_size=20)


@given(_WORDS, _WORDS, _WORDS)
def test_each_term_is_there_once_with_its_weighted_count(title, issue, resolution):
    hashes, counts = unpacked(packed(title, issue, resolution))
    expected = Counter({term: 3 * count for term, count in Counter(title).items()})
    expected += Counter(issue) + Counter(resolution)
    assert dict(zip(hashes.tolist(), counts.tolist(), strict=True)) == {
        term_hash(term): count for term, count in expected.items()
    }
    assert hashes.tolist() == sorted(hashes.tolist())


def test_no_terms_take_no_space():
    assert packed([], [], []) == b""
    assert [len(part) for part in unpacked(b"")] == [0, 0]


def test_a_count_stops_at_what_a_byte_holds():
    assert unpacked(packed([], ["a"] * 1000, []))[1].tolist() == [255]


def test_hashes_stay_what_they_are():
    """They are stored: another function would make every stored index useless."""
    assert (term_hash("printer"), term_hash("принтер")) == (9989319004639447964, 5707174113117713366)
