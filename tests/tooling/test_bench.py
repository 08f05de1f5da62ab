from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from scripts import bench
from scripts.benchmarks.footprint import folder_mb, memory_mb
from scripts.benchmarks.machine import commit, machine, versions
from scripts.benchmarks.plot import draw
from scripts.harness.figures import at_least, at_most, percentiles, ratios


@pytest.mark.parametrize("name", bench.BENCHMARKS)
def test_every_benchmark_says_what_it_needs(name: str) -> None:
    module = import_module(bench.BENCHMARKS[name])
    assert isinstance(module.NEEDS, tuple)
    assert callable(module.run)
    assert module.__doc__


@pytest.mark.parametrize("name", [name for name in bench.BENCHMARKS if name != "plot"])
def test_what_is_absent_is_skipped(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([str(tmp_path), "--only", name, "--out", str(tmp_path / "out")]) == 0
    assert f"{name}: skipped, DATA has no" in capsys.readouterr().out
    assert not list((tmp_path / "out").iterdir())


def test_a_result_names_machine_versions_and_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([str(tmp_path), "--only", "plot", "--quick", "--out", str(tmp_path / "out")]) == 0
    assert "has not been measured yet" in capsys.readouterr().out
    found = json.loads((tmp_path / "out" / "plot-quick.json").read_text())
    assert found["machine"]["cores"] >= 1
    assert found["versions"]["numpy"]
    assert found["command"] == "python -m scripts.bench DATA --only plot --seed 1 --quick"
    assert str(tmp_path) not in json.dumps(found)


def test_figures() -> None:
    assert percentiles(list(range(101)), "query_") == {"query_p50_ms": 50.0, "query_p95_ms": 95.0, "query_p99_ms": 99.0}
    assert ratios([2, 8, 9], [1, 2, 3]) == {"ratio": 3.0, "ratio_lowest": 2.0, "ratio_highest": 4.0}
    assert at_least("one", 2.0, 2.0)["met"]
    assert not at_most("other", 2.001, 2.0)["met"]


def test_memory_and_size(tmp_path: Path) -> None:
    memory = memory_mb()
    assert 0 < memory["pss_mb"] <= memory["rss_mb"] <= memory["peak_mb"] * 1.01
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").write_bytes(b"x" * 1_500_000)
    assert folder_mb(tmp_path) == 1.5


def test_machine(tmp_path: Path) -> None:
    assert machine()["memory_gib"] > 0
    assert versions()["python"].startswith("3.")
    assert commit(tmp_path) == "unknown"


def test_plot(tmp_path: Path) -> None:
    rows = [{"passages": size, "series": "exact", "p50_ms": size / 1_000, "kind": "flat"} for size in (1_000, 10_000)]
    paths = draw(rows, tmp_path / "sizes")
    assert [path.name for path in paths] == ["sizes.png", "sizes.svg"]
    assert all(path.stat().st_size > 1_000 for path in paths)
