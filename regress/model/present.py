"""How a stored key is shown now: under its benchmark's present name, and with the meaning its metric was given since.

Both are applied when the history is read, never when it is written: what was measured does not change when somebody
renames a benchmark or says which way a metric is better, and the whole history follows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..globs import matches, rewrite
from ..units import ONE, base_of
from .run import Benchmark, Columns, Direction, Key, Metric, Run
from .spec import MetricSpec


class Shown(NamedTuple):
    """A key as it is shown, and what its stored figures are multiplied with to be in its base unit."""

    key: Key
    factor: float = 1.0


Present = Callable[[Key], Shown]

#: Statistics that count something, and so have no unit.
COUNTS = ("n", "iterations")


def presenter(renamed: Sequence[tuple[str, str]], metrics: Sequence[MetricSpec]) -> Present | None:
    """What the configuration makes of stored keys; None where it says nothing, so that nothing need be asked.

    `renamed`: (old, new) globs on full names or on names without parameters, the first that fits. `metrics`: for
    each field the last that fits and says it; the name is that of the metric, or of the benchmark.
    """
    if not renamed and not metrics:
        return None

    def present(key: Key) -> Shown:
        benchmark = _renamed(key.benchmark, renamed)
        metric, factor = _described(key, metrics)
        if benchmark is key.benchmark and metric is key.metric:
            return Shown(key)
        return Shown(Key(benchmark, metric), factor)

    return present


def presented(run: Run, present: Present | None) -> Run:
    """A run that comes from elsewhere than the history, or with all that hangs on it, as the history would show it."""
    if present is None:
        return run
    shown = [present(key) for key in run.columns.keys]
    factors = np.array([each.factor for each in shown])
    stats = {name: v if name in COUNTS else v * factors for name, v in run.columns.stats.items()}
    gaps = tuple(replace(gap, key=present(gap.key).key) for gap in run.gaps)
    samples = {row: values * shown[row].factor for row, values in run.samples.items()}
    quantiles = {row: tuple((q, v * shown[row].factor) for q, v in pairs) for row, pairs in run.quantiles.items()}
    columns = Columns(tuple(each.key for each in shown), stats)
    return replace(run, columns=columns, gaps=gaps, samples=samples, quantiles=quantiles)


def _renamed(benchmark: Benchmark, renamed: Sequence[tuple[str, str]]) -> Benchmark:
    """The benchmark under its present name. It has no version: the old source says nothing of the new one."""
    for old, new in renamed:
        name = rewrite(old, new, benchmark.name)
        if name is not None and name != benchmark.name:
            return replace(benchmark, name=name, version="")
        full = rewrite(old, new, benchmark.full)
        if full is not None and full != benchmark.full:
            name, variant = _split(full, benchmark.variant)
            return replace(benchmark, name=name, variant=variant, version="")
    return benchmark


def _split(full: str, variant: str) -> tuple[str, str]:
    """A new full name as name and variant, or it would be another benchmark than what is measured under it now."""
    if variant and full.endswith(variant):
        return full.removesuffix(variant), variant
    places = [full.find(bracket) for bracket in (variant[:1], "(", "[") if variant]
    at = next((place for place in places if place > 0), len(full))
    return full[:at], full[at:]


def _described(key: Key, metrics: Sequence[MetricSpec]) -> tuple[Metric, float]:
    """The metric as configured, and the factor to its base unit. What a tool describes itself stays as it is."""
    metric, factor = key.metric, 1.0
    if metric.direction is not Direction.UNKNOWN:
        return metric, factor
    names = (metric.name, key.benchmark.name, key.benchmark.full)
    for spec in metrics:
        if any(matches(spec.name, name) for name in names):
            if spec.unit is not None and key.metric.unit == ONE:
                factor, unit = base_of(spec.unit)
                metric = replace(metric, unit=unit)
            metric = replace(metric, direction=spec.direction or metric.direction, kind=spec.kind or metric.kind)
    return metric, factor
