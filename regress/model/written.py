"""Figures as people write them in a configuration or beside a test. What is wrong raises ValueError, in a few words.

quantity("50 ns")     (5e-8, "s"); of a bare number the unit is ""
share("10%")          0.1
limit("p95 < 150ms")  Limit(left="p95", operator="<", value=0.15, unit="s", text="p95 < 150ms")
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..globs import matcher
from ..units import BYTES, ONE, PER_SECOND, SECONDS, base_of
from .spec import Action

_NUMBER = re.compile(r"\s*([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*(\S.*)?$", re.DOTALL)
_LIMIT = re.compile(r"(.*?)(<=|>=|<|>)(.*)", re.DOTALL)
_PERCENTILE = re.compile(r"p([0-9]{1,2}(?:[._][0-9]+)?)$")
_KNOWN_UNITS = (SECONDS, BYTES, PER_SECOND, ONE)

#: The figures that a limit may be about, besides percentiles.
LIMITED = ("value", "min", "q1", "median", "q3", "mean", "max")
COMPARED_BY = ("auto", "min", "q1", "median", "q3", "mean", "max", "value")


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a budget: `left` `operator` `value`, in the base unit `unit` ("" for a bare number).

    left   a statistic of the main metric (p95, min, mean …), a metric's name, or METRIC.STATISTIC
    text   as it was written, blanks made even; `percent`: written with a %
    """

    left: str
    operator: str
    value: float
    unit: str
    text: str
    percent: bool = False

    def holds(self, figure: float) -> bool:
        """Whether a figure keeps to the limit."""
        if self.operator in ("<", "<="):
            return figure < self.value or (self.operator == "<=" and figure == self.value)
        return figure > self.value or (self.operator == ">=" and figure == self.value)

    def headroom(self, figure: float) -> float:
        """How far a figure is from the limit as a share of it: positive within, negative beyond; NaN from a limit of 0.

        Exactly on a limit of 0 it is 0.
        """
        room = self.value - figure if self.operator in ("<", "<=") else figure - self.value
        if self.value == 0:
            return 0.0 if room == 0 else math.nan
        return room / abs(self.value)


def quantity(value: Any) -> tuple[float, str]:
    """A number with its unit, as a value in a base unit and that unit; of a bare number the unit is ""."""
    figure, unit = _amount(value)
    factor, base = base_of(unit)
    if unit and base not in _KNOWN_UNITS:
        raise ValueError(f"has a unit that is not known here: {unit!r}; write the number in the metric's own unit")
    if figure < 0:
        raise ValueError("must not be negative")
    return figure * factor, base if unit else ""


def share(value: Any) -> float:
    """A share such as 10% or 0.1."""
    figure, unit = quantity(value)
    if unit not in ("", ONE):
        raise ValueError("is a share: write 10% or 0.1")
    return figure


def duration(value: Any) -> float:
    """Seconds, of "2 min" or 120."""
    figure, unit = quantity(value)
    if unit not in ("", SECONDS):
        raise ValueError("is a time: write 90 s or 2 min")
    return figure


def _amount(value: Any) -> tuple[float, str]:
    """The number and the unit as they are written."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("is not a number with a unit such as 10% or 50 ns")
    text, unit = value, ""
    if isinstance(value, str):
        match = _NUMBER.match(value)
        if not match:
            raise ValueError("is not a number with a unit such as 10% or 50 ns")
        text, unit = match[1], (match[2] or "").strip()
    try:
        figure = float(text)
    except OverflowError:
        figure = math.inf
    if not math.isfinite(figure):
        raise ValueError("is not a finite number")
    return figure, unit


def probability(value: Any) -> float:
    """A share above 0 and up to 1."""
    figure = share(value)
    if not 0 < figure <= 1:
        raise ValueError("is a share above 0 and up to 1: write 1%")
    return figure


def count(value: Any) -> int:
    """A whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 2**31:
        raise ValueError("is a whole number of at least 1")
    return value


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("is either true or false")
    return value


def statistic(value: Any) -> str:
    """What is compared: auto, or the name of a figure."""
    if value not in COMPARED_BY:
        raise ValueError("is one of " + ", ".join(COMPARED_BY))
    return str(value)


def action(value: Any) -> Action:
    """What a regression or a breach does."""
    if not isinstance(value, str) or value not in tuple(Action):
        raise ValueError("is one of " + ", ".join(Action))
    return Action(value)


def selector(value: Any) -> str:
    """A glob, or "re:" and a regular expression."""
    if not isinstance(value, str) or not value:
        raise ValueError('is a glob, or a regular expression written "re:…"')
    matcher(value)
    return value


def words(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise ValueError("is a text")
    return value


def percentile(name: str) -> float | None:
    """The share that a percentile's name means: "p95" -> .95, "p99.9" -> .999; None for any other name."""
    match = _PERCENTILE.match(name)
    if not match:
        return None
    number = float(match[1].replace("_", "."))
    return round(number / 100, 12) if number > 0 else None


def limit(text: Any) -> Limit:
    """A limit such as "p95 < 150ms", "success_rate >= 95%", "peak_rss < 1GB", "requests > 500/s"."""
    found = _LIMIT.fullmatch(text) if isinstance(text, str) else None
    if not found or not found[1].strip():
        raise ValueError('is not a limit such as "p95 < 150ms" or "success_rate >= 95%"')
    left, operator = " ".join(found[1].split()), found[2]
    number, unit = _amount(found[3])
    factor, base = base_of(unit)
    shown = f"{left} {operator} {' '.join(found[3].split())}"
    return Limit(left, operator, number * factor, base if unit else "", shown, unit == "%")


#: How the keys of a rule are read; those that are not here select.
READERS: Mapping[str, Any] = {
    "statistic": statistic,
    "relative": share,
    "absolute": quantity,
    "false_red": probability,
    "min_runs": count,
    "across": flag,
    "action": action,
}
