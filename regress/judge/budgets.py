"""Budgets: limits on figures of the candidate alone. No baseline, no noise: a promise is kept or it is not.

What a limit is about. `p95`, `min`, `mean` … are figures of the benchmark's main metric: its time, or its only metric,
or those that the budget's `metric` selects. `peak_rss` is a metric by its name, and its central figure (median, else
value, mean, min); `latency.p95` a figure of a metric. A metric whose whole name is `latency.p95` goes first.

Percentiles need n ≥ 5 / (1 − q) samples of single calls (p95: 100, p99: 500, p99.9: 5,000), so that at least five lie
beyond. A round of many calls is a mean, and means hide the tail. Where all runs of the commit kept their samples, they
are pooled; otherwise, as for every other figure, the worst run counts: a promise is not kept by the better half.

Whatever cannot be judged is *unjudged*, with the reason, and never counts as met; so is a limit that matches nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ..model import (
    CENTRES,
    TIME,
    Action,
    Budget,
    BudgetResult,
    BudgetState,
    Direction,
    Environment,
    Gap,
    Key,
    Limit,
    Run,
)
from ..model.written import LIMITED, percentile
from ..units import ONE
from .rules import Fits, fits

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OF_METRIC = re.compile(rf"(.+?)\.(p[0-9]{{1,2}}(?:[._][0-9]+)?|{'|'.join(LIMITED)})$", re.DOTALL)
#: How many samples must lie beyond a percentile.
_BEYOND = 5

#: Shares of our own that may be more than the whole: of one core, where there are several.
_ABOVE_ONE = frozenset({"cpu_one"})


@dataclass(slots=True)
class _Cell:
    """All that the candidate says of one benchmark and metric in one environment: its places, or why there are none."""

    key: Key
    environment: Environment
    places: list[tuple[Run, int]] = field(default_factory=list)
    gap: Gap | None = None

    @property
    def tags(self) -> tuple[str, ...]:
        """The labels of its runs."""
        if len(self.places) == 1:
            return self.places[0][0].tags
        return tuple(tag for run, _ in self.places for tag in run.tags)

    def figures(self, name: str) -> list[float]:
        """One statistic in each run that has it."""
        columns = [run.columns.stats[name][row] for run, row in self.places if name in run.columns.stats]
        return [float(value) for value in columns if math.isfinite(value)]


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure of a cell, or the reason why there is none."""

    statistic: str
    value: float = math.nan
    n: float = math.nan
    reason: str = ""


_Group = Mapping[str, _Cell]
"""The cells of one benchmark in one environment by the metric's name."""


def judge_budgets(budgets: Sequence[Budget], runs: Sequence[Run]) -> list[BudgetResult]:
    """Every limit of every budget, for each benchmark and environment that it is about, in the order of the budgets.

    `runs` are those of one commit; percentiles need them with samples and quantiles. A limit about nothing gives one
    result without a key. Budgets with `action = "ignore"` are left out.
    """
    live = [budget for budget in budgets if budget.action is not Action.IGNORE]
    groups = _groups(runs) if live else {}
    of_benchmark: dict[tuple[str, ...], list[_Group]] = {}
    for (_, *name), group in groups.items():
        of_benchmark.setdefault(tuple(name), []).append(group)
    found: list[BudgetResult] = []
    for budget in live:
        near = of_benchmark.get(budget.only, ()) if budget.only else groups.values()
        test = fits(budget)
        selected = [own for group in near if (own := _selected(group, test))]
        for limit in budget.limits:
            results = [result for own in selected for result in _judged(budget, limit, own)]
            found += sorted(results, key=_place) or [_about_nothing(budget, limit)]
    return found


def _selected(group: _Group, test: Fits) -> _Group:
    return {name: cell for name, cell in group.items() if test(cell.key, cell.environment, cell.tags)}


def _place(result: BudgetResult) -> tuple[str, ...]:
    assert result.key is not None
    assert result.environment is not None
    return *result.key.unversioned, result.environment.label


def _groups(runs: Sequence[Run]) -> dict[tuple[str, str, str], dict[str, _Cell]]:
    """The cells by environment, suite and full name, and then by metric."""
    groups: dict[tuple[str, str, str], dict[str, _Cell]] = {}

    def cell(run: Run, key: Key) -> _Cell:
        group = groups.setdefault((run.environment.digest, key.benchmark.suite, key.benchmark.full), {})
        return group.setdefault(key.metric.name, _Cell(key, run.environment))

    for run in runs:
        for row, key in enumerate(run.columns.keys):
            cell(run, key).places.append((run, row))
        for gap in run.gaps:
            cell(run, gap.key).gap = gap
    return groups


def _judged(budget: Budget, limit: Limit, own: _Group) -> Iterator[BudgetResult]:
    """What the selected metrics of one benchmark make of a limit; nothing where the limit is not about them."""
    if _is_bare(limit):
        for cell in _main(own, limit, narrowed=budget.metric != "*"):
            yield _result(budget, limit, cell, _figure(cell, limit, limit.left))
    elif limit.left in own:
        cell = own[limit.left]
        central = next((name for name in CENTRES if cell.figures(name)), "value")
        yield _result(budget, limit, cell, _figure(cell, limit, central))
    elif (parts := _OF_METRIC.match(limit.left)) and parts[1] in own:
        cell = own[parts[1]]
        yield _result(budget, limit, cell, _figure(cell, limit, parts[2]))


def _is_bare(limit: Limit) -> bool:
    """Whether it is a figure of the main metric that is limited."""
    return limit.left in LIMITED or percentile(limit.left) is not None


def _main(own: _Group, limit: Limit, *, narrowed: bool) -> list[_Cell]:
    """What a bare statistic is about: the metrics that the budget names, else the time, else the only metric.

    The only metric of a benchmark that is not timed is meant only where the unit fits: "max < 1 s" for a whole suite
    says nothing of its memory benchmarks.
    """
    if narrowed:
        return list(own.values())
    if TIME.name in own:
        return [own[TIME.name]]
    return [cell for cell in own.values() if len(own) == 1 and limit.unit in ("", cell.key.metric.unit)]


def _figure(cell: _Cell, limit: Limit, statistic: str) -> _Figure:
    if not cell.places:
        said = f": {cell.gap.reason}" if cell.gap and cell.gap.reason else ""
        return _Figure(statistic, reason=f"it {cell.gap.status if cell.gap else 'was not run'}{said}")
    share = percentile(statistic)
    if share is not None:
        return _percentile(cell, limit, statistic, share)
    figures = cell.figures(statistic)
    if not figures:
        return _Figure(statistic, reason=f"it has no {statistic}")
    counts = cell.figures("n")
    return _Figure(statistic, _worst(limit, figures), sum(counts) if counts else math.nan, _of_runs(figures))


def _worst(limit: Limit, figures: Sequence[float]) -> float:
    return max(figures) if limit.operator in ("<", "<=") else min(figures)


def _of_runs(figures: Sequence[float]) -> str:
    return f"the worst of {len(figures)} runs" if len(figures) > 1 else ""


def _percentile(cell: _Cell, limit: Limit, name: str, share: float) -> _Figure:
    """A percentile of the pooled samples, else the worst of those that the runs keep."""
    least = math.ceil(_BEYOND / min(share, 1 - share) - 1e-6)
    batch = max(cell.figures("iterations"), default=1.0)
    if batch > 1:
        return _Figure(name, reason=f"a sample is a mean of up to {batch:.0f} calls, which hides the tail")
    samples: list[NDArray[np.float64]] = [run.samples[row] for run, row in cell.places if row in run.samples]
    if len(samples) == len(cell.places):
        pooled = np.concatenate(samples)
        return _enough(_Figure(name, float(np.quantile(pooled, share)), len(pooled), _pooled(samples)), least)
    kept = [figure for run, row in cell.places if (figure := _stored(run, row, name, share))]
    if not kept:
        return _Figure(name, reason=f"neither samples nor {name} were kept (pytest-benchmark: --benchmark-save-data)")
    enough = [figure for figure in kept if figure.n >= least]
    if not enough:
        return _enough(max(kept, key=lambda figure: figure.n if figure.n == figure.n else -1), least)
    worst = _worst(limit, [figure.value for figure in enough])
    chosen = next(figure for figure in enough if figure.value == worst)
    return replace(chosen, reason=_of_runs([figure.value for figure in enough]))


def _pooled(samples: Sequence[NDArray[np.float64]]) -> str:
    return f"the samples of {len(samples)} runs together" if len(samples) > 1 else ""


def _stored(run: Run, row: int, name: str, share: float) -> _Figure | None:
    """The percentile that one run keeps, with the number of its samples."""
    for kept, value in run.quantiles.get(row, ()):
        if abs(kept - share) < 1e-9 and math.isfinite(value):
            counts = run.columns.stats.get("n")
            return _Figure(name, value, math.nan if counts is None else float(counts[row]))
    return None


def _enough(figure: _Figure, least: int) -> _Figure:
    if figure.n >= least:
        return figure
    has = f"it has {figure.n:.0f}" if math.isfinite(figure.n) else "how many it has is not known"
    return _Figure(figure.statistic, n=figure.n, reason=f"{figure.statistic} needs {least:,} single calls, and {has}")


def _result(budget: Budget, limit: Limit, cell: _Cell, figure: _Figure) -> BudgetResult:
    found = BudgetResult(budget, limit, cell.key, cell.environment, figure.statistic, BudgetState.UNJUDGED, n=figure.n)
    if math.isnan(figure.value):
        return replace(found, reason=figure.reason)
    if reason := _misfit(limit, cell, figure.value):
        return replace(found, value=figure.value, reason=reason)
    state = _state(budget, limit, figure.value)
    return replace(
        found,
        state=state,
        value=figure.value,
        headroom=limit.headroom(figure.value),
        reason=figure.reason,
        failing=state is BudgetState.BREACHED and budget.action is Action.FAIL,
    )


def _state(budget: Budget, limit: Limit, value: float) -> BudgetState:
    if not limit.holds(value):
        return BudgetState.BREACHED
    # A share of nothing is nothing: a limit of 0 has no margin.
    near = limit.value != 0 and limit.headroom(value) < budget.warn
    return BudgetState.WARNED if near else BudgetState.MET


def _misfit(limit: Limit, cell: _Cell, value: float) -> str:
    """Why the limit's unit and the metric's do not go together; "" where they do."""
    metric = cell.key.metric
    describe = f'say it: [[tool.regress.metric]] name = "{metric.name}" unit = '
    if limit.unit not in ("", metric.unit):
        if metric.unit == ONE:
            return f'the unit of {metric.name} is not known; {describe}"{limit.unit}"'
        return f"the limit is in {_unit(limit.unit)} and {metric.name} in {_unit(metric.unit)}"
    may_be_percent = metric.direction is Direction.UNKNOWN and metric.name not in _ABOVE_ONE
    if limit.percent and limit.value <= 1 < abs(value) and may_be_percent:
        # Per cent or a share? A success rate of 40, taken for a share, would be far above 95 %.
        return f'{metric.name} is {value:g}, which is no share; if it is in per cent, {describe}"%"'
    return ""


def _unit(unit: str) -> str:
    return "no unit" if unit == ONE else unit


def _about_nothing(budget: Budget, limit: Limit) -> BudgetResult:
    narrowed = budget.selects("")
    reason = f"matches nothing: these runs hold no {limit.left}{' of ' if narrowed else ''}{narrowed}"
    if _is_bare(limit):
        reason += f"; of another metric than {TIME.name} write METRIC.{limit.left}"
    return BudgetResult(budget, limit, None, None, limit.left, BudgetState.UNJUDGED, reason=reason)


def sampled(budgets: Sequence[Budget], runs: Sequence[Run]) -> set[bytes]:
    """The digests of the keys whose samples or quantiles the budgets need."""
    tests = [fits(budget) for budget in budgets if any(map(_is_of_samples, budget.limits))]
    return {
        key.digest
        for run in runs
        if tests
        for key in run.columns.keys
        if any(test(key, run.environment, run.tags) for test in tests)
    }


def _is_of_samples(limit: Limit) -> bool:
    parts = _OF_METRIC.match(limit.left)
    return percentile(limit.left) is not None or bool(parts and percentile(parts[2]) is not None)


def concerns(budget: Budget, alone: Container[Key] = ()) -> Fits:
    """The test whether any limit of a budget is about a series; `alone`: keys of benchmarks with a single metric."""
    selected = fits(budget)
    if budget.metric != "*":
        return selected
    limits = budget.limits
    return lambda key, environment, tags: (
        any(_is_about(limit, key, alone) for limit in limits) and selected(key, environment, tags)
    )


def _is_about(limit: Limit, key: Key, alone: Container[Key]) -> bool:
    metric = key.metric.name
    if _is_bare(limit):
        return metric == TIME.name or (key in alone and limit.unit in ("", key.metric.unit))
    if limit.left == metric:
        return True
    parts = _OF_METRIC.match(limit.left)
    return bool(parts and parts[1] == metric)
