"""Pairs two sides and states the facts: which figure, both values, the change. No opinion here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from ..model import Comparison, Environment, Gap, Key, Kind, Run, Side
from .rules import AUTO

#: Which figure "auto" takes, the first that both sides have; see `rules` for why.
_NOISY_ORDER = ("min", "median", "value", "mean", "q1", "q3", "max")
_EXACT_ORDER = ("value", "median", "min", "mean", "max")

Cell = tuple[str, str, str]
"""Suite, full name and metric: what the two sides are paired by."""


Place = tuple[str, Cell]
"""Environment digest and cell."""


@dataclass(slots=True)
class Measured:
    """All that one side says of one cell in one environment: its rows, or why it has none; the labels of its runs."""

    key: Key
    environment: Environment
    rows: list[dict[str, float]] = field(default_factory=list)
    gap: Gap | None = None
    tags: tuple[str, ...] = ()


Sides = dict[Place, Measured]


def collect(runs: Iterable[Run]) -> Sides:
    """The cells of a side by (environment digest, cell); the rows of several runs of one commit together."""
    cells: Sides = {}
    for run in runs:
        digest = run.environment.digest
        names, columns = list(run.columns.stats), [run.columns.stats[name].tolist() for name in run.columns.stats]
        rows = zip(*columns, strict=True)
        for key, figures in zip(run.columns.keys, rows, strict=True):
            cell = cells.get((digest, key.unversioned))
            if cell is None:
                cell = cells[digest, key.unversioned] = Measured(key, run.environment, tags=run.tags)
            cell.key = key
            cell.rows.append({name: v for name, v in zip(names, figures, strict=True) if v == v})
        for gap in run.gaps:
            cell = cells.setdefault((digest, gap.key.unversioned), Measured(gap.key, run.environment, tags=run.tags))
            cell.gap = gap
    return cells


def statistic_for(base: Measured, candidate: Measured, wanted: str) -> str | None:
    """The figure to compare: the wanted one, or with "auto" the least noisy one that both sides have."""
    both = set.intersection(*(set(row) for row in (*base.rows, *candidate.rows)))
    if wanted != AUTO:
        return wanted if wanted in both else None
    order = _EXACT_ORDER if candidate.key.metric.kind is Kind.EXACT else _NOISY_ORDER
    for name in order:
        if name in both and not (name == "min" and "median" in both and not _alike_rounds(base, candidate)):
            return name
    return None


def _alike_rounds(base: Measured, candidate: Measured) -> bool:
    one, other = _centre(base.rows, "n"), _centre(candidate.rows, "n")
    return not (one > 2 * other or other > 2 * one)


def compare(base: Measured, candidate: Measured, statistic: str) -> Comparison:
    """The facts of one cell: the median over each side's runs of one statistic, and the relative change."""
    one, other = _side(base.rows, statistic), _side(candidate.rows, statistic)
    return Comparison(candidate.key, candidate.environment, statistic, one, other, change(one.value, other.value))


def change(base: float, candidate: float) -> float:
    """candidate / base - 1; from a base of 0 it is 0 or ±inf; NaN where a side has no figure."""
    if base == candidate:
        return 0.0
    if base == 0:
        return math.copysign(math.inf, candidate)
    return (candidate - base) / abs(base)


def one_sided(measured: Measured, *, base: bool) -> Comparison:
    """A comparison of which only one side has figures (new, missing, failed); the other side is empty."""
    statistic = next((name for name in _NOISY_ORDER if measured.rows and name in measured.rows[0]), "value")
    side, empty = _side(measured.rows, statistic), Side(math.nan, 0)
    sides = (side, empty) if base else (empty, side)
    return Comparison(measured.key, measured.environment, statistic, *sides, change=math.nan)


def _side(rows: Sequence[dict[str, float]], statistic: str) -> Side:
    return Side(
        value=_centre(rows, statistic),
        runs=len(rows),
        n=_centre(rows, "n"),
        lo=min((row.get("lo", math.nan) for row in rows), default=math.nan),
        hi=max((row.get("hi", math.nan) for row in rows), default=math.nan),
    )


def _centre(rows: Sequence[dict[str, float]], name: str) -> float:
    if len(rows) == 1:
        return rows[0].get(name, math.nan)
    values = [row[name] for row in rows if name in row]
    return median(values) if values else math.nan
