"""Budgets: absolute limits that a candidate keeps or breaks by itself, without any baseline."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from .run import Environment, Key
from .spec import Action, Selector
from .written import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget(Selector):
    """One `[[tool.regress.budget]]`, or what stands beside a test: limits on figures of the benchmarks it selects.

    limits       each is judged by itself
    warn         within this share of the limit it is a warning; 0: no warning
    requirement  a label of what demands it, "SLA-3"
    origin       file and line
    """

    limits: tuple[Limit, ...] = ()
    warn: float = 0.0
    requirement: str = ""
    action: Action = Action.FAIL
    origin: str = ""


class BudgetState(StrEnum):
    """MET, WARNED (met, but within the margin), BREACHED, or UNJUDGED, which never counts as met."""

    BREACHED = "breached"
    UNJUDGED = "unjudged"
    WARNED = "warned"
    MET = "met"


@dataclass(frozen=True, slots=True)
class BudgetResult:
    """What a candidate makes of one limit: of one benchmark and metric in one environment.

    key, environment   None where the budget matches nothing
    statistic          the figure that was judged: "p95", "value", "mean"
    value, headroom    in the base unit, NaN where there is none; headroom as a share of the limit, negative beyond it
    n                  how many samples or rounds the figure is made of, NaN where that is not known
    reason             why it is unjudged, or how it was judged where that is not plain
    failing            whether it alone ends a check with status 1
    """

    budget: Budget
    limit: Limit
    key: Key | None
    environment: Environment | None
    statistic: str
    state: BudgetState
    value: float = math.nan
    headroom: float = math.nan
    n: float = math.nan
    reason: str = ""
    failing: bool = False
