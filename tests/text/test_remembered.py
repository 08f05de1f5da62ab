from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from kbsearch.text import remembered as module
from kbsearch.text.remembered import remembered


def test_a_word_that_comes_again_is_not_worked_out_again() -> None:
    worked_out: list[str] = []

    @remembered
    def upper(word: str) -> str:
        worked_out.append(word)
        return word.upper()

    assert [upper("fax"), upper("printer"), upper("fax")] == ["FAX", "PRINTER", "FAX"]
    assert worked_out == ["fax", "printer"]


def test_what_is_kept_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(module, "_WORDS", 100)
    kept = module._Remembered(str.upper)
    for number in range(1_000):
        assert kept[f"w{number}"] == f"W{number}"
        assert len(kept) <= 100
    assert "w999" in kept
    assert kept["x" * 65] == "X" * 65
    assert "x" * 65 not in kept


def test_several_threads_may_ask(monkeypatch) -> None:
    monkeypatch.setattr(module, "_WORDS", 50)
    upper = remembered(str.upper)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            words = [f"w{number * 7 % 90}" for number in range(20_000)]
            assert list(threads.map(upper, words)) == [word.upper() for word in words]
    finally:
        sys.setswitchinterval(interval)
