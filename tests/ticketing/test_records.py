import gzip
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.ticketing.records import LONGEST_RECORD, NO_OBJECT, records

ROWS = [{"id": n, "title": f"Чекмедже {n}"} for n in range(3)]
NDJSON = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS).encode()


def read(data):
    return [(one.number, one.record) for one in records(io.BytesIO(data))]


@pytest.mark.parametrize(
    "data",
    [
        NDJSON,
        NDJSON + b"\n",
        b"\xef\xbb\xbf" + NDJSON,
        NDJSON.replace(b"\n", b"\r\n"),
        gzip.compress(NDJSON, mtime=0),
        gzip.compress(b"\xef\xbb\xbf" + NDJSON, mtime=0),
        json.dumps(ROWS).encode(),
        b"\xef\xbb\xbf \n" + json.dumps(ROWS, indent=2, ensure_ascii=False).encode(),
        gzip.compress(json.dumps(ROWS).encode(), mtime=0),
        json.dumps(ROWS).replace(", ", ",\r\n").encode(),
        gzip.compress(NDJSON[:20], mtime=0) + gzip.compress(NDJSON[20:], mtime=0),
    ],
)
def test_records_are_read_in_whatever_wrapping(data):
    assert read(data) == [(n + 1, row) for n, row in enumerate(ROWS)]


def test_a_bad_line_does_not_end_the_file():
    assert read(b"{}\nnope\n[1]\n\xff\n{}") == [(1, {}), (2, NO_OBJECT), (3, NO_OBJECT), (4, NO_OBJECT), (5, {})]


def test_a_line_that_is_too_long_is_left_out_alone():
    found = read(b"{}\n" + b"x" * (LONGEST_RECORD + 10) + b"\n{}")
    assert [(number, isinstance(one, str)) for number, one in found] == [(1, False), (2, True), (3, False)]


@pytest.mark.parametrize("data", [b'[{"id": 1}, oops', b'[{"id": 1}', b'[{"id": 1}, "x" "y"]'])
def test_an_array_that_ends_early_says_so(data):
    found = read(data)
    assert found[0] == (1, {"id": 1})
    assert isinstance(found[-1][1], str)


def test_a_gzip_bomb_ends_at_a_limit():
    bomb = gzip.compress(b"\n" * (300 * 1024 * 1024), mtime=0)
    [(_, said)] = read(bomb)
    assert "many times larger" in said


def test_damaged_gzip_says_so():
    assert "damaged" in read(gzip.compress(NDJSON, mtime=0)[:-12])[-1][1]


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3), min_size=1, max_size=20))
def test_an_array_and_its_lines_are_the_same(rows):
    array = json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass")
    lines = "\n".join(map(json.dumps, rows)).encode()
    try:
        array.decode()
    except UnicodeDecodeError:
        return
    assert [one for _, one in read(array)] == [one for _, one in read(lines)] == rows
