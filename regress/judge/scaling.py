"""Figures over the sizes of one parameter: their orders of growth, the loads that meet budgets, orders that grew.

The noise of a point: of several runs of the commit it is what is left of their logarithms without the mean of each size
and of each run (a run that is slow as a whole says nothing of the shape); of one run, what the earlier runs show in the
same way; else it is not known (see `stats.scaling`).

A change of the order is said only where both fits are firm and the curves drift apart as their orders say: the ratio of
the two grows by 10 % over the sizes that both have.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import NamedTuple

import numpy as np

from ..model import Action, BudgetResult, BudgetState, Direction, Key, Kind, Run
from ..model.components import By, Place, params_of
from ..model.scaling import Curve, Growth, Load, Point, size_of
from ..stats.gate import ENOUGH_RUNS
from ..stats.scaling import (
    FEWEST_SIZES,
    FIRM_SIZES,
    LEAST,
    LEAST_NOISE,
    MOST,
    MOST_DEGREES,
    RELEVANT,
    UNKNOWN_DEGREES,
    UNKNOWN_NOISE,
    Fit,
    fit,
)
from .compare import Measured
from .components import Name, natural, shared_statistic
from .ratios import Floats, learned, levelled
from .rules import Rules


@dataclass(slots=True)
class _Cells:
    """The rows of one curve by the size as it is written, and then by the number of the run."""

    key: Key
    place: Place
    rows: dict[str, dict[int, dict[str, float]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    unclear: bool = False


class _Noise(NamedTuple):
    sigma: float
    degrees: float
    evidence: str


def curves(runs: Sequence[Run], past: Sequence[Run], over: str, rules: Rules) -> tuple[list[Curve], int]:
    """The curves of some runs of one commit, sorted by name; and how many were left out, as their names say more.

    `past` are earlier runs, oldest first.
    """
    by = By("param", over)
    cells, before = _collect(runs, by), _collect(past, by)
    clear = {name: one for name, one in cells.items() if not one.unclear}
    found = [
        _curve(clear[name], before.get(name), (len(runs), len(past)), rules)
        for name in sorted(clear, key=lambda name: (*map(natural, name[1:]), name[0]))
    ]
    return found, len(cells) - len(clear)


def _collect(runs: Sequence[Run], by: By) -> dict[Name, _Cells]:
    found: dict[Name, _Cells] = {}
    for at, run in enumerate(runs):
        names = list(run.columns.stats)
        figures = zip(*(run.columns.stats[name].tolist() for name in names), strict=True)
        for key, row in zip(run.columns.keys, figures, strict=True):
            place = by.place(key, run)
            if place is None or size_of(place.variant) is None:
                continue
            name = (place.environment.digest, place.benchmark.suite, place.benchmark.full, key.metric.name)
            one = found.setdefault(name, _Cells(key, place))
            rows = one.rows.setdefault(place.variant, {})
            full = key.benchmark.full
            one.unclear |= one.names.setdefault(place.variant, full) != full
            rows[at] = {stat: figure for stat, figure in zip(names, row, strict=True) if figure == figure}
    return found


def _curve(cells: _Cells, before: _Cells | None, runs: tuple[int, int], rules: Rules) -> Curve:
    environment, metric = cells.place.environment, cells.key.metric
    sides = [Measured(cells.key, environment, list(rows.values())) for rows in cells.rows.values()]
    statistic = shared_statistic(sides, rules)
    points = sorted((_point(text, rows, statistic) for text, rows in cells.rows.items()), key=lambda point: point.size)
    curve = Curve(cells.place.benchmark, metric, environment, statistic, points, None)
    curve = replace(curve, version=cells.key.benchmark.version)
    if problem := _problem(curve):
        return replace(curve, problem=problem)
    noise = _noise(cells, before, runs, statistic)
    sizes, values = (np.array(column) for column in zip(*((p.size, p.value) for p in points), strict=True))
    found = fit(sizes, values, noise=noise.sigma, degrees=noise.degrees)
    return replace(curve, fit=found, noise=noise.sigma, evidence=noise.evidence)


def _point(text: str, rows: Mapping[int, Mapping[str, float]], statistic: str) -> Point:
    values = [row[statistic] for row in rows.values() if statistic in row]
    return Point(size_of(text) or math.nan, text, median(values) if values else math.nan, len(values))


def _problem(curve: Curve) -> str:
    """Why there is nothing to fit."""
    if not curve.statistic:
        return "the sizes have no figure in common"
    if len({point.size for point in curve.points}) < FEWEST_SIZES:
        return f"{len(curve.points)} sizes are too few: {FEWEST_SIZES} show a shape, {FIRM_SIZES} are firm"
    if any(not LEAST <= point.value <= MOST for point in curve.points):
        return "a figure is not positive, and relative errors need it to be"
    return ""


def _noise(cells: _Cells, before: _Cells | None, runs: tuple[int, int], statistic: str) -> _Noise:
    """The noise of one point: see the module."""
    if cells.key.metric.kind is Kind.EXACT:
        return _Noise(LEAST_NOISE, MOST_DEGREES, "exact")
    own = _logs(cells.rows, list(cells.rows), runs[0], statistic)
    count = int(np.isfinite(own).all(axis=0).sum())
    if count > 1:
        whole = own[:, np.isfinite(own).all(axis=0)]
        left = whole - whole.mean(axis=0) - whole.mean(axis=1)[:, None] + whole.mean()
        degrees = (len(whole) - 1) * (count - 1)
        # Of a median the error is larger than a mean's by a quarter, from three runs on.
        share = (1.0 if count < 3 else 1.57) / count
        return _Noise(math.sqrt(float((left**2).sum()) / degrees * share), float(degrees), f"{count} runs")
    if before is not None and set(cells.rows) <= set(before.rows):
        past = _logs(before.rows, list(cells.rows), runs[1], statistic)
        past = past[:, np.isfinite(past).all(axis=0)]
        if past.shape[1] >= ENOUGH_RUNS:
            known = learned(levelled(list(past - past.mean(axis=0))))
            least = min(known, key=lambda noise: noise.runs)
            if least.runs >= ENOUGH_RUNS:
                sigma = math.sqrt(float(np.mean([noise.sigma**2 for noise in known])))
                return _Noise(sigma, least.degrees, f"{least.runs} earlier runs")
    return _Noise(UNKNOWN_NOISE, UNKNOWN_DEGREES, "not known")


def _logs(rows: Mapping[str, Mapping[int, Mapping[str, float]]], texts: Sequence[str], runs: int, name: str) -> Floats:
    """Log figures, shape (sizes, runs), NaN where a run has none."""
    found = np.full((len(texts), runs), np.nan)
    for place, text in enumerate(texts):
        for at, row in rows[text].items():
            value = row.get(name, math.nan)
            if 0 < value < math.inf:
                found[place, at] = math.log(value)
    return found


def with_loads(found: Sequence[Curve], results: Iterable[BudgetResult], over: str) -> list[Curve]:
    """The curves with the largest load that meets each budget about them."""
    by = By("param", over)
    groups: defaultdict[Name, defaultdict[int, list[tuple[float, BudgetResult]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    limits: dict[tuple[str, str], int] = {}
    for result in results:
        named = _place_of(result, by)
        if named is not None:
            name, size = named
            at = limits.setdefault((result.budget.origin, result.limit.text), len(limits))
            groups[name][at].append((size, result))
    made = []
    for curve in found:
        own: Mapping[int, list[tuple[float, BudgetResult]]] = groups.get(_name(curve), {})
        loads = tuple(_load(own[at]) for at in sorted(own))
        made.append(replace(curve, loads=loads))
    return made


def _name(curve: Curve) -> Name:
    return curve.environment.digest, curve.benchmark.suite, curve.benchmark.full, curve.metric.name


def _place_of(result: BudgetResult, by: By) -> tuple[Name, float] | None:
    if result.key is None or result.environment is None:
        return None
    place = by.parted(result.key, result.environment)
    size = size_of(place.variant) if place else None
    if place is None or size is None:
        return None
    benchmark = place.benchmark
    return (place.environment.digest, benchmark.suite, benchmark.full, result.key.metric.name), size


def _load(results: Sequence[tuple[float, BudgetResult]]) -> Load:
    """How far one limit is met, by what became of it at each size: up to the first size that breaks it."""
    ordered = sorted(results, key=lambda pair: pair[0])
    first = ordered[0][1]
    judged = [(size, one) for size, one in ordered if one.state is not BudgetState.UNJUDGED]
    notes = (
        [f"not judged at {len(ordered) - len(judged)} of {len(ordered)} sizes"] if len(judged) < len(ordered) else []
    )
    made = Load(first.limit, first.statistic, math.nan, False, origin=first.budget.origin)
    if not judged:
        return replace(made, note=first.reason or "not judged at any size")
    broken = next((at for at, (_, one) in enumerate(judged) if one.state is BudgetState.BREACHED), None)
    if broken is None:
        made = replace(made, upto=judged[-1][0], whole=True)
    elif broken:
        (low, met), (high, beyond) = judged[broken - 1], judged[broken]
        made = replace(
            made, upto=_crossing((low, met.value), (high, beyond.value), first.limit.value), between=(low, high)
        )
    made = replace(made, breached=broken is not None)
    if broken is not None and any(one.state is not BudgetState.BREACHED for _, one in judged[broken:]):
        notes.append("met again at a larger size")
    return replace(made, note="; ".join(notes))


def _crossing(low: tuple[float, float], high: tuple[float, float], limit: float) -> float:
    """The size at which the straight line in logarithms between two points reaches a limit, never beyond the points."""
    (n, y), (m, z) = low, high
    if min(y, z, limit) > 0:
        y, z, limit = math.log(y), math.log(z), math.log(limit)
    if y == z or n == m:
        return n
    share = min(max((limit - y) / (z - y), 0.0), 1.0)
    return min(max(n * math.exp(share * math.log(m / n)), n), m)


def grew(base: Fit, head: Fit, span: tuple[float, float]) -> bool:
    """Whether the order has surely grown: both firm, and the curves drift apart over the sizes `span`."""
    if not (base.firm and head.firm and base.order and head.order) or head.order.rank <= base.order.rank:
        return False
    low, high = ((head.best.at(n), base.best.at(n)) for n in span)
    return high[0] * low[1] >= RELEVANT * low[0] * high[1]


def against(found: Sequence[Curve], base: Sequence[Curve], rules: Rules) -> list[Curve]:
    """The curves beside those of another commit; one that the other has not is left as it is."""
    others = {_name(curve): curve for curve in base}
    return [_beside(curve, others[_name(curve)], rules) if _name(curve) in others else curve for curve in found]


def _beside(curve: Curve, base: Curve, rules: Rules) -> Curve:
    if curve.version and base.version and curve.version != base.version:
        return replace(curve, growth=Growth.UNSURE, reason="the benchmark's own source changed")
    one, other = base.fit, curve.fit
    if one is None or other is None:
        return replace(curve, growth=Growth.UNSURE, base=one, reason=curve.problem or f"the base: {base.problem}")
    low = max(base.points[0].size, curve.points[0].size)
    high = min(base.points[-1].size, curve.points[-1].size)
    growth, reason = _growth(one, other, (low, high))
    action = rules.policy(Key(curve.benchmark, curve.metric), curve.environment).action
    failing = growth is Growth.GREW and curve.metric.direction is Direction.LOWER and action is Action.FAIL
    return replace(curve, base=one, growth=growth, reason=reason, failing=failing)


def _growth(base: Fit, head: Fit, span: tuple[float, float]) -> tuple[Growth, str]:
    if not (base.order and head.order):
        side = "on either side" if not base.order and not head.order else "on the base" if not base.order else "here"
        return Growth.UNSURE, f"the order cannot be told {side}"
    if base.order is head.order:
        return Growth.SAME, f"{head.order} on both"
    if not (base.firm and head.firm):
        return Growth.UNSURE, f"{FIRM_SIZES} sizes on each side are needed to be sure"
    said = f"{base.order} before, {head.order} now"
    if span[0] >= span[1]:
        return Growth.UNSURE, f"{said}, but the sizes do not overlap"
    if grew(base, head, span):
        return Growth.GREW, said
    if grew(head, base, span):
        return Growth.SHRANK, said
    return Growth.UNSURE, f"{said}, but the curves do not drift apart by {RELEVANT - 1:.0%}"


def known_sizes(runs: Iterable[Run]) -> list[str]:
    """The parameters with at least three sizes in some benchmark, sorted."""
    found: defaultdict[tuple[str, str, str], set[float]] = defaultdict(set)
    for run in runs:
        for key in run.columns.keys:
            for name, size in _sizes_of(key):
                found[name, key.benchmark.suite, key.benchmark.name].add(size)
    return sorted({name for (name, _, _), sizes in found.items() if len(sizes) >= FEWEST_SIZES})


def _sizes_of(key: Key) -> list[tuple[str, float]]:
    """The parameters of a benchmark that are sizes."""
    pairs = [(name, size_of(value)) for name, value in params_of(key.benchmark)]
    return [(name, size) for name, size in pairs if size is not None]
