from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from kbsearch.store.columns import list_text, parse_list, parse_optional_time, parse_time, time_text
from kbsearch.store.statements import marks

_START = datetime(1970, 1, 1, tzinfo=timezone(timedelta(hours=2)))
_TIMES = st.integers(0, 10**15).map(lambda microseconds: _START + timedelta(microseconds=microseconds))


@given(_TIMES)
def test_a_time_is_read_as_it_was_written(moment):
    assert parse_time(time_text(moment)) == moment
    assert parse_time(time_text(moment)).tzinfo == UTC


@given(_TIMES, _TIMES)
def test_text_order_is_time_order(one, other):
    assert (time_text(one) < time_text(other)) == (one < other)


def test_no_time_stays_none():
    assert time_text(None) is None
    assert parse_optional_time(None) is None


@given(st.lists(st.text()))
def test_a_list_is_read_as_it_was_written(values):
    assert parse_list(list_text(values)) == tuple(values)


def test_as_many_marks_as_values():
    assert [marks(range(n)) for n in (0, 1, 3)] == ["", "?", "?,?,?"]
