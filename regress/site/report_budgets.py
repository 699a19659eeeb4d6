"""The budgets of a report as lines of its page: what is breached first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..model import BudgetResult, BudgetState
from ..units import human, signed_percent, significant
from .wording import Badge

_BADGES = {
    BudgetState.BREACHED: Badge("Breached", "bad", 0),
    BudgetState.UNJUDGED: Badge("Not judged", "warn", 1),
    BudgetState.WARNED: Badge("Close to it", "warn", 2),
    BudgetState.MET: Badge("Met", "good", 3),
}
_ONLY_WARNS = Badge("Breached, a warning", "warn", 0)


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One target in words; texts are "" where there is nothing to say."""

    badge: Badge
    requirement: str
    benchmark: str
    variant: str
    figure: str
    limit: str
    value: str
    headroom: str
    n: str
    environment: str
    reason: str
    origin: str


def budget_lines(results: Sequence[BudgetResult]) -> tuple[BudgetLine, ...]:
    """Breached, unjudged, close, met, each in the order of the configuration."""
    lines = [_line(result) for result in results]
    return tuple(sorted(lines, key=lambda line: line.badge.rank))


def _line(result: BudgetResult) -> BudgetLine:
    key, limit = result.key, result.limit
    badge = _BADGES[result.state]
    if result.state is BudgetState.BREACHED and not result.failing:
        badge = _ONLY_WARNS
    name = limit.left if key is None else key.metric.name.replace("_", " ")
    figure = name if key is None or result.statistic == "value" else f"{name}, {result.statistic}"
    return BudgetLine(
        badge=badge,
        requirement=result.budget.requirement,
        benchmark=key.benchmark.name if key else result.budget.selects(),
        variant=key.benchmark.variant if key else "",
        figure=figure,
        limit=limit.text.removeprefix(limit.left).strip(),
        value=_value(result),
        headroom=signed_percent(result.headroom).replace("-", "−") if math.isfinite(result.headroom) else "",
        n=f"{result.n:,.0f}" if math.isfinite(result.n) else "",
        environment=result.environment.label if result.environment else "",
        reason=result.reason,
        origin=result.budget.origin,
    )


def _value(result: BudgetResult) -> str:
    if result.key is None or not math.isfinite(result.value):
        return "no figure"
    if result.limit.percent:
        return f"{significant(result.value * 100)}%"
    return human(result.value, result.key.metric.unit)
