"""Draws cost against size from sizes.json: one panel for each figure, PNG and SVG."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from scripts.benchmarks.options import Options

NEEDS: tuple[str, ...] = ()

_AGAINST = "passages"
_SERIES = "series"
_INK = ("#0b6e99", "#c2571a", "#4b7f3a", "#7a4b9a")


def run(data: Path, options: Options) -> dict[str, Any]:
    """``data`` is not read."""
    file = options.out / f"sizes{'-quick' if options.quick else ''}.json"
    if not file.is_file():
        return {"notes": ["skipped: sizes has not been measured yet"]}
    if find_spec("matplotlib") is None:
        return {"notes": ["skipped: matplotlib is not installed (pip install -e '.[bench]')"]}
    measured = json.loads(file.read_text(encoding="utf-8"))
    rows = [row for table in measured["tables"].values() for row in table if _AGAINST in row]
    return {"notes": [f"drawn: {', '.join(path.name for path in draw(rows, file.with_suffix('')))}"]}


def draw(rows: list[dict[str, Any]], stem: Path) -> list[Path]:
    """A panel for each figure of the rows, ``passages`` across, a line for each ``series`` if rows have one.

    Args:
        rows: figures by name; what is no number is left out.
        stem: path of the files without their ending.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "kbsearch"  # the same figures give the same file
    from matplotlib import pyplot as plt

    figures = [name for name in dict.fromkeys(key for row in rows for key in row) if name not in (_AGAINST, _SERIES)]
    figures = [name for name in figures if any(isinstance(row.get(name), int | float) for row in rows)]
    across = min(3, len(figures))
    down = -(-len(figures) // across)
    page, panels = plt.subplots(down, across, figsize=(4.2 * across, 3.1 * down), squeeze=False, layout="constrained")
    for panel, name in zip(panels.flat, figures, strict=False):
        for ink, series in zip(_INK, dict.fromkeys(row.get(_SERIES, "") for row in rows), strict=False):
            points = sorted(
                (row[_AGAINST], row[name])
                for row in rows
                if row.get(_SERIES, "") == series and row.get(name) is not None
            )
            panel.plot(*zip(*points, strict=True), "o-", color=ink, label=series or None, markersize=4)
        panel.set_xscale("log")
        panel.set_ylim(bottom=0)
        panel.set_title(name.replace("_", " "), fontsize=10, loc="left")
        panel.set_xlabel(_AGAINST, fontsize=9)
        panel.grid(alpha=0.25)
        panel.spines[["top", "right"]].set_visible(False)
        if panel.get_legend_handles_labels()[0]:
            panel.legend(fontsize=8, frameon=False)
    for panel in panels.flat[len(figures) :]:
        panel.set_visible(False)
    paths = [stem.with_suffix(".png"), stem.with_suffix(".svg")]
    page.savefig(paths[0], dpi=150, metadata={"Software": None})
    page.savefig(paths[1], metadata={"Date": None})
    plt.close(page)
    return paths
