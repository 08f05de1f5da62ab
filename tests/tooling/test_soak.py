from __future__ import annotations

from dataclasses import replace

import pytest

from scripts.stress import soak
from scripts.stress.soaks import judging

STEADY = [judging.Sample(float(second), 400.0, second) for second in range(0, 600, 5)]
ASKED = [judging.Done(second / 10, "suggest", 10.0) for second in range(6000)]


@pytest.mark.model
@pytest.mark.slow
def test_a_short_soak_of_a_real_server(capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.main(["--minutes", "0.3", "--clients", "4", "--documents", "50"]) == 0, capsys.readouterr().out
    assert "requests in 0.3 min" in capsys.readouterr().out


def test_a_steady_run_is_right() -> None:
    assert judging.judged(ASKED, STEADY) == []


def test_a_failed_request_is_reported() -> None:
    assert judging.judged([*ASKED, judging.Done(1, "search", 9.0, "search: 500")], STEADY) == ["1 times search: 500"]


def test_a_leak_is_reported() -> None:
    leaking = [replace(one, own_mb=400 + one.at_s * 0.2) for one in STEADY]
    assert judging.judged(ASKED, leaking) == ["memory grew from 450 to 490 MB, where 473 are explained"]


def test_what_a_reindex_takes_for_a_while_is_no_leak() -> None:
    peaks = [replace(one, own_mb=500 if one.at_s > 400 and one.at_s % 100 < 60 else 400) for one in STEADY]
    assert judging.judged(ASKED, peaks) == []


def test_what_the_knowledge_takes_is_no_leak() -> None:
    growing = [replace(one, own_mb=400 + one.at_s * 0.2, documents=int(one.at_s) * 100) for one in STEADY]
    assert judging.judged(ASKED, growing) == []


def test_answers_that_become_slow_are_reported_unless_the_machine_did() -> None:
    slowing = [replace(one, took_ms=10 + one.at_s / 10) for one in ASKED]
    assert judging.judged(slowing, STEADY) == ["a question's median went from 25.0 to 61.0 ms"]
    busy = [replace(one, pace_ms=10 + one.at_s / 10) for one in STEADY]
    assert judging.judged(slowing, busy) == []


def test_the_table_has_a_row_for_each_tenth() -> None:
    assert len(judging.table(ASKED, STEADY).splitlines()) == 2 + judging.TENTHS


def test_memory_is_judged_only_where_the_run_is_long_enough() -> None:
    leaking = [judging.Sample(second / 10, 400 + second, second) for second in range(100)]
    assert judging.judged([], leaking) == []
