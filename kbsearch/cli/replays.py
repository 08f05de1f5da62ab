"""Replays as tables, JSON and plots."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from rich.table import Table

from kbsearch.cli.output import out, print_json
from kbsearch.errors import InvalidInput
from kbsearch.evaluation.replay import Replay

_FIGURES = ("hit@1", "recall@10", "ndcg@10", "ece", "auroc", "coverage@80", "auroc_known")
_WINDOW = 200


def show_replays(replays: Sequence[Replay], as_json: bool) -> None:
    """Print the figures, the reliability curves and the figures by language."""
    summaries = [replay.summary() for replay in replays]
    if as_json:
        print_json(summaries)
        return
    table = _table("policy", "n", *_FIGURES)
    for summary in summaries:
        table.add_row(str(summary["policy"]), str(summary["n"]), *(_figure(summary.get(name)) for name in _FIGURES))
    out.print(table)
    for summary in summaries:
        groups = cast("dict[str, dict[str, float]]", summary["groups"])
        if len(groups) > 1:
            table = _table(f"{summary['policy']}, by language", "hit@1", "recall@10", "ndcg@10")
            for name, figures in groups.items():
                table.add_row(name, *(_figure(figures.get(figure)) for figure in ("hit@1", "recall@10", "ndcg@10")))
            out.print(table)
        table = _table(f"{summary['policy']}, confidence", "answers", "came true")
        for one in cast("list[dict[str, Any]]", summary["reliability"]):
            table.add_row(_figure(one["confidence"]), str(one["count"]), _figure(one["right"]))
        out.print(table)


def check_plotting() -> None:
    """Raises InvalidInput where nothing can be drawn."""
    if find_spec("matplotlib") is None:
        raise InvalidInput("", "a plot needs the package matplotlib")


def draw(replays: Sequence[Replay], path: Path) -> None:
    """Draw each policy's hit@1 and recall@10 over the last 200 queries against the queries so far."""
    from matplotlib.figure import Figure  # an optional dependency

    figure: Any = Figure(figsize=(10, 4), layout="constrained")
    for axes, name in zip(figure.subplots(1, 2), ("hit@1", "recall@10"), strict=True):
        for replay in replays:
            values = [one.metrics[name] for one in replay.asked if one.metrics]
            window = min(_WINDOW, max(1, len(values) // 4))
            means = [sum(values[end - window : end]) / window for end in range(window, len(values) + 1)]
            axes.plot(range(window, len(values) + 1), means, label=f"{replay.collection}, {replay.policy}")
        axes.set(xlabel="tickets", ylabel=f"{name}, mean of {_WINDOW} tickets", ylim=(0, 1))
        axes.grid(alpha=0.3)
    figure.axes[0].legend(loc="upper left", fontsize="small")
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise InvalidInput("", f"the plot cannot be written to {path}: {error}") from error


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _figure(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "-"
