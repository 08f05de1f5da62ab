import pytest

from kbsearch.errors import InvalidInput
from kbsearch.evaluation.redaction import labelled, measure
from kbsearch.model import RedactionPolicy
from kbsearch.text.redaction import Find, Kind, Redactor


def test_marks_are_read_by_position():
    line = labelled("write [[email|a@example.com]], call [[phone|0888 123 456]].")
    assert line.text == "write a@example.com, call 0888 123 456."
    assert line.marks == (Find(6, 19, Kind.EMAIL), Find(26, 38, Kind.PHONE))


def test_line_breaks_and_tabs_are_written_as_arrows():
    line = labelled("password:⏎⇥[[secret|Zima#77]]")
    assert line.text == "password:\n\tZima#77"
    assert line.marks == (Find(11, 18, Kind.SECRET),)


def test_an_unknown_kind_is_refused():
    with pytest.raises(InvalidInput, match="no kind 'mail'"):
        labelled("[[mail|a@example.com]]")


def test_misses_and_spurious_finds_are_counted():
    lines = ["[[email|a@example.com]] and [[name|the butler]]", "b@example.com is an example", "nothing"]
    result = measure(Redactor(RedactionPolicy()), map(labelled, lines))
    assert (result.lines, result.clean, result.spoilt) == (3, 2, 1)
    assert (result.total.found, result.total.missed, result.total.spurious) == (1, 1, 1)
    assert result.total.recall == result.total.precision == 0.5
    assert result.faults == [(1, "missed name"), (2, "spurious email")]


def test_a_mark_that_is_taken_out_in_part_is_missed():
    result = measure(Redactor(RedactionPolicy()), [labelled("[[email|to a@example.com]]")])
    assert (result.total.missed, result.total.spurious) == (1, 0)
