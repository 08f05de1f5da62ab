"""Figures of interleaved rounds: percentiles, ratios, targets."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np


def percentiles(times_ms: Sequence[float], prefix: str = "") -> dict[str, float]:
    """p50, p95 and p99 of times in milliseconds, by linear interpolation."""
    values = np.percentile(np.asarray(times_ms, np.float64), [50, 95, 99])
    return {
        f"{prefix}{name}_ms": round(float(value), 2) for name, value in zip(("p50", "p95", "p99"), values, strict=True)
    }


def ratios(first: Sequence[float], second: Sequence[float]) -> dict[str, float]:
    """Ratio of ``first`` to ``second``, taken round by round: its median, lowest and highest."""
    each = [one / other for one, other in zip(first, second, strict=True)]
    return {
        "ratio": round(median(each), 3),
        "ratio_lowest": round(min(each), 3),
        "ratio_highest": round(max(each), 3),
    }


def at_least(name: str, value: float, wanted: float) -> dict[str, Any]:
    """A target that is met from ``wanted`` on."""
    return {"target": name, "measured": round(value, 3), "wanted": f">= {wanted}", "met": value >= wanted}


def at_most(name: str, value: float, wanted: float) -> dict[str, Any]:
    """A target that is met up to ``wanted``."""
    return {"target": name, "measured": round(value, 3), "wanted": f"<= {wanted}", "met": value <= wanted}
