"""How figures grow with a size: sizes, curves, the largest loads that meet their budgets.

Curve     one benchmark and metric over the sizes of one parameter, with its fit
Load      how far a budget is met
Growth    what became of the order of growth between two commits
Scaling   all that was found
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..stats.scaling import LEAST, MOST, Fit
from .components import plain_value
from .run import Benchmark, Environment, Metric
from .written import Limit

_SIZE = re.compile(r"([0-9]+(?:[_,][0-9]{3})*(?:\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?\s*([kKMGT]i?)?B?", re.ASCII)
_POWER = re.compile(r"([0-9]{1,6})\s*(?:\*\*|\^)\s*([0-9]{1,3})", re.ASCII)
_CALL = re.compile(r"[\w.]+\((.*)\)")
_PREFIX = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_BINARY = {"k": 2.0**10, "K": 2.0**10, "M": 2.0**20, "G": 2.0**30, "T": 2.0**40}


def size_of(text: str) -> float | None:
    """The size that a parameter's value means: "1k", "10_000", "10,000", "1e6", "64KiB", "2**10"; None for no size.

    A lone m is nobody's million, and zero no size: both are None.
    """
    value = plain_value(text.strip())
    if call := _CALL.fullmatch(value):  # np.int64(10)
        value = call[1]
    try:
        if power := _POWER.fullmatch(value):
            size = float(int(power[1]) ** int(power[2]))
        elif match := _SIZE.fullmatch(value):
            number = float(re.sub("[_,]", "", match[1]) + (match[2] or ""))
            prefix = match[3] or ""
            size = number * (_BINARY if prefix.endswith("i") else _PREFIX).get(prefix[:1], 1.0)
        else:
            return None
    except OverflowError:
        return None
    return size if LEAST <= size <= MOST else None


@dataclass(frozen=True, slots=True)
class Point:
    """The figure of one size, in the base unit, over how many runs; `text` is the size as it is written."""

    size: float
    text: str
    value: float
    runs: int


@dataclass(frozen=True, slots=True)
class Load:
    """How far one limit is met: up to the size `upto`, NaN where already the smallest breaks it.

    whole    it is met at every size that was measured, up to the largest
    between  the measured sizes that `upto` was interpolated between, the larger of which breaks it; () with `whole`
    breached some size breaks it; without, and not `whole`, nothing was judged
    note     what else is to be known: sizes that were not judged, that a larger one meets it again
    """

    limit: Limit
    statistic: str
    upto: float
    whole: bool
    between: tuple[float, float] | tuple[()] = ()
    note: str = ""
    origin: str = ""
    breached: bool = False


class Growth(StrEnum):
    """What became of the order of growth; UNSURE where it cannot be told on a side."""

    GREW = "grew"
    SHRANK = "shrank"
    SAME = "same"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Curve:
    """One benchmark and metric over the sizes; `benchmark` is without the size.

    fit      None where there is none, `problem` says why
    noise    of one point, relative; `evidence`: where it is known from
    version  of the benchmark's source, where the tool gives one
    base     the fit of the other commit; `growth`: what became of the order, None without another commit
    failing  whether it alone ends the command with status 1
    """

    benchmark: Benchmark
    metric: Metric
    environment: Environment
    statistic: str
    points: Sequence[Point]
    fit: Fit | None
    problem: str = ""
    noise: float = math.nan
    evidence: str = ""
    loads: Sequence[Load] = ()
    version: str = ""
    base: Fit | None = None
    growth: Growth | None = None
    reason: str = ""
    failing: bool = False


@dataclass(frozen=True, slots=True)
class Scaling:
    """All that was found; `against` is "" where no other commit was looked at."""

    over: str
    what: str
    curves: Sequence[Curve]
    commit: str = ""
    subject: str = ""
    against: str = ""
    warnings: Sequence[str] = ()
    command: str = ""

    @property
    def status(self) -> int:
        """1 where an order has grown and that matters, else 0."""
        return int(any(curve.failing for curve in self.curves))
