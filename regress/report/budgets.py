"""Budgets -> rows, and text: every target with its limit, value and headroom, what is breached first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..model import BudgetResult, BudgetState
from ..plain import printable, table
from ..units import human, signed_percent, significant

#: The columns of a table of budgets; see `BudgetRow.cells`.
HEADS = ("", "requirement", "benchmark", "figure", "limit", "value", "headroom", "n")
_ORDER = {state: place for place, state in enumerate(BudgetState)}


@dataclass(frozen=True, slots=True)
class BudgetReport:
    """What `regress budgets` found: a commit, a result for each target, what the reader must know besides."""

    commit: str
    subject: str
    results: Sequence[BudgetResult]
    warnings: Sequence[str] = ()

    @property
    def failing(self) -> bool:
        """Whether a budget is breached that may not be."""
        return any(result.failing for result in self.results)


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One target in words; `reason` stands beside the cells, as it is long and mostly empty."""

    state: str
    requirement: str
    benchmark: str
    figure: str
    limit: str
    value: str
    headroom: str
    n: str
    environment: str
    reason: str
    result: BudgetResult

    @property
    def cells(self) -> list[str]:
        """The cells under `HEADS`."""
        names = (self.state, self.requirement, self.benchmark, self.figure)
        return [*names, self.limit, self.value, self.headroom, self.n]


def budget_rows(results: Sequence[BudgetResult]) -> list[BudgetRow]:
    """The targets as rows: breached, unjudged, warned, met, each in the order of the configuration."""
    return [_row(result) for result in sorted(results, key=lambda result: _ORDER[result.state])]


def _row(result: BudgetResult) -> BudgetRow:
    key, limit = result.key, result.limit
    several = result.environment.label if result.environment else ""
    return BudgetRow(
        state=result.state.value
        + (" (warning)" if result.state is BudgetState.BREACHED and not result.failing else ""),
        requirement=result.budget.requirement,
        benchmark=key.benchmark.full if key else result.budget.selects(),
        figure=_figure(result),
        limit=limit.text.removeprefix(limit.left).strip(),
        value=_value(result),
        headroom=signed_percent(result.headroom) if math.isfinite(result.headroom) else "-",
        n=f"{result.n:,.0f}" if math.isfinite(result.n) else "-",
        environment=several,
        reason=_reason(result),
        result=result,
    )


def _reason(result: BudgetResult) -> str:
    """How it was judged, and of a breach the place that sets the limit."""
    origin = f"set at {result.budget.origin}" if result.state is BudgetState.BREACHED and result.budget.origin else ""
    return "; ".join(filter(None, (result.reason, origin)))


def _figure(result: BudgetResult) -> str:
    """The metric with its figure, "time (p95)"; as it is written where nothing was found."""
    if result.key is None:
        return result.limit.left
    name = result.key.metric.name
    return name if result.statistic == "value" else f"{name} ({result.statistic})"


def _value(result: BudgetResult) -> str:
    if result.key is None or not math.isfinite(result.value):
        return "-"
    if result.limit.percent:
        return f"{significant(result.value * 100)}%"
    return human(result.value, result.key.metric.unit)


def budget_counts(results: Sequence[BudgetResult]) -> str:
    """`1 breached, 2 unjudged, 5 met`, or that there are none."""
    counts = Counter(result.state for result in results)
    return ", ".join(f"{counts[state]} {state.value}" for state in BudgetState if counts[state]) or "no budgets"


def budget_lines(results: Sequence[BudgetResult], *, everything: bool = True) -> list[str]:
    """A table for a terminal, and below it the reasons; without `everything`, what is met is left out."""
    rows = [row for row in budget_rows(results) if everything or row.result.state is not BudgetState.MET]
    if not rows:
        return []
    several = len({row.environment for row in rows if row.environment}) > 1
    heads = [*HEADS, *(["environment"] if several else [])]
    cells = [[*row.cells, *([row.environment] if several else [])] for row in rows]
    kept = [place for place in range(len(heads)) if place != 1 or any(line[1] for line in cells)]
    lines = table([[line[place] for place in kept] for line in [heads, *cells]], right=())
    why = [f"  {printable(f'{row.benchmark} · {row.figure}: {row.reason}')}" for row in rows if row.reason]
    return [*lines, *(["", *dict.fromkeys(why)] if why else [])]


def text(report: BudgetReport) -> str:
    """The targets of a commit for a terminal."""
    commit = f"{report.commit[:10]} {report.subject}".strip()
    lines = [f"{budget_counts(report.results)} · {printable(commit)}"]
    if table_ := budget_lines(report.results):
        lines += ["", *table_]
    lines += ["", *(f"warning: {printable(warning)}" for warning in report.warnings)] if report.warnings else []
    return "\n".join(lines) + "\n"
