"""The benches of one entry of github-action-benchmark as rows: what value, unit, range and extra mean by tool.

    tool              value is           range            extra
    pytest            1 / mean           sd, in seconds   the mean once more (nsec to sec), rounds: n
    catch2            mean               not kept: its unit may be another than the value's; samples: n, iterations
    benchmarkdotnet   mean               ± sd
    benchmarkjs       operations / s     ±x %: the mean time's 95 % interval, so [v / (1 + x), v / (1 − x)]; samples: n
    go                ns/op and others                    times: iterations
    googlecpp         real time                           iterations; cpu time and threads are not kept
    cargo             median, or an estimate              ± is max − min of libtest and half an interval of criterion,
                                                          which cannot be told apart: not kept
    julia, jmh, benchmarkluau, custom…, others            `value` alone: what the rest means is not said

pytest      the mean that `extra` names is the tool's own number to the last bit more often than 1 / value is (96 %
            against 86 % of means); it is taken where both agree, and 1 / value where it is missing or differs
unit        times, "ns/iter" and "us/op" too, are `time` in s, lower; "ops/sec", "iter/sec", "ops/ms" … are
            `throughput` in 1/s, higher; any other quantity is `value` in the unit as `units` has it. What counts by
            the call ("cycles/iter", "B/op") is lower and other rates ("MS/s") are higher, whatever the action thinks of
            its tool; the rest is unknown
custom…     bigger or smaller says the direction, of times and rates too
go          "NAME - UNIT" is another metric of NAME, named by its unit, or `time`; with several, the action writes the
            first twice (once with all the others in its unit), and it is taken once
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model import TIME, Bad, Benchmark, Direction, Key, Metric
from ..units import PER_SECOND, SECONDS, base_of
from .fields import mapping, masked, number, split_id, text
from .rows import RowList

_SUITES = {"pytest": "pytest-benchmark"}
#: The tools whose name says the direction, as nothing else does.
CUSTOM = {"customBiggerIsBetter": Direction.HIGHER, "customSmallerIsBetter": Direction.LOWER}
_MEANS = ("catch2", "benchmarkdotnet")
_COUNTS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "pytest": {"n": re.compile(r"\brounds: ([0-9]+)")},
    "catch2": {"n": re.compile(r"([0-9]+) samples"), "iterations": re.compile(r"([0-9]+) iterations")},
    "benchmarkjs": {"n": re.compile(r"([0-9]+) samples")},
    "go": {"iterations": re.compile(r"([0-9]+) times")},
    "googlecpp": {"iterations": re.compile(r"\biterations: ([0-9]+)")},
}
_NUMBER = r"([0-9][0-9.]*(?:[eE][-+]?[0-9]+)?)"
_MEAN = re.compile(rf"\bmean: {_NUMBER} ([num]?sec)\b")
_DEVIATION = re.compile(rf"\bstddev: {_NUMBER}")
_PLUS_MINUS = re.compile(rf"(?:±|\+-|\+/-)?\s*{_NUMBER}\s*(%?)")
#: How many of the unit a second has: dividing by it gives more exact figures than multiplying by its inverse.
_PER_SECOND = {"sec": 1.0, "msec": 1e3, "usec": 1e6, "nsec": 1e9}
#: The level of the intervals of Benchmark.js.
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of the benches of one entry."""

    rows: RowList = field(default_factory=RowList)
    faults: list[Bad] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Quantity:
    """What a name and a unit mean: the row's key, and what a value is multiplied with; `inverse`: divide by it."""

    key: Key
    factor: float
    inverse: bool = False


def suite_of(tool: str) -> str:
    """The suite that a tool's name stands for."""
    return _SUITES.get(tool, tool)


class Benches:
    """Reads benches, and makes the key of each name once for all entries of a document."""

    def __init__(self) -> None:
        self._quantities: dict[tuple[str, str, str, str], _Quantity] = {}

    def read(self, tool: str, suite: str, benches: list[object], where: str) -> Measured:
        """The rows of one entry, and what is at fault in it."""
        measured = Measured()
        if not benches:
            measured.faults.append(Bad(where, "it holds no benchmark", "run the benchmarks again"))
        for place, entry in enumerate(benches, 1):
            content = mapping(entry)
            name = text(content.get("name"))
            if fault := self._add(tool, suite, name, content, measured.rows) if name else "it has no name":
                shown = f"{name:.200}" or f"benchmark {place}"
                measured.faults.append(Bad(f"{where}: {shown}", fault, "the other benchmarks are read"))
        return measured

    def _add(self, tool: str, suite: str, name: str, content: Mapping[str, object], rows: RowList) -> str:
        """Adds one row or gap; what is wrong with it is returned, "" where nothing is."""
        unit = text(content.get("unit"))
        known = (tool, suite, name, unit)
        if known not in self._quantities:
            self._quantities[known] = _quantity(tool, suite, name, unit)
        quantity = self._quantities[known]
        key = quantity.key
        if rows.knows(key):
            copy = tool == "go" and name.endswith(f" - {unit}")
            return "" if copy else "the name came before in this entry: the first one is taken"
        if content.get("value", "") is None:  # what JSON makes of JavaScript's NaN
            rows.gap(key, "failed", "its value is null")
            return ""
        value = _figure(content.get("value"))
        if value is None:
            return "its value is no number"
        figures = _figures(tool, quantity, value, text(content.get("range")), text(content.get("extra")))
        if not figures:
            return f"its value, {value:g} {unit}, cannot be"
        rows.add(key, figures)
        return ""


def _quantity(tool: str, suite: str, name: str, unit: str) -> _Quantity:
    """The meaning of a bench by its tool, name and unit."""
    variant, own = "", "value"
    if tool == "pytest":
        name, variant = split_id(name)
    elif tool == "go":
        unit = unit.split()[0] if unit else ""
        name, own = name.removesuffix(f" - {unit}"), unit or own
    factor, metric = _metric(unit, own)
    if tool in CUSTOM or not tool:  # what the unit means is no reason to go against the workflow's word
        metric = Metric(metric.name, metric.unit, CUSTOM.get(tool, Direction.UNKNOWN))
    inverse = tool == "pytest" and metric.unit == PER_SECOND
    benchmark = Benchmark(suite, name, masked(variant))
    return _Quantity(Key(benchmark, TIME if inverse else metric), factor, inverse)


def _metric(unit: str, own: str) -> tuple[float, Metric]:
    """The factor to the base unit and the metric of a unit; `own` is its name where the unit has none for it."""
    stem, by_the_call = re.subn(r"/(iter|op)$", "", unit)
    factor, base = base_of(stem)
    if base == SECONDS:
        return factor, TIME
    if rate := _rate(unit):
        return rate, Metric("throughput", PER_SECOND, Direction.HIGHER)
    if by_the_call:
        return 1.0, Metric(own, unit, Direction.LOWER)
    if re.search(r"/s(ec)?$", unit):
        return 1.0, Metric(own, unit, Direction.HIGHER)
    return factor, Metric(own, base)


def _rate(unit: str) -> float:
    """What a rate is multiplied with to be one in a second: "ops/ms" -> 1000; 0 for what is none."""
    if base_of(unit)[1] == PER_SECOND:
        return 1.0
    found = re.fullmatch(r"(?:ops?|iter|req)/([a-zµμ]+)", unit.lower())
    factor, base = base_of(found[1]) if found else (0.0, "")
    return 1 / factor if base == SECONDS else 0.0


def _figures(tool: str, quantity: _Quantity, value: float, spread: str, extra: str) -> dict[str, float]:
    """The statistics of a value and of what stands beside it; none where the value cannot be."""
    figures = {name: count for name, pattern in _COUNTS.get(tool, {}).items() if (count := _found(pattern, extra)) >= 1}
    value *= quantity.factor
    if quantity.inverse:
        if value <= 0:
            return {}
        figures |= {"mean": _mean(value, extra), "sd": _found(_DEVIATION, spread)}
    else:
        figures |= {"mean" if tool in _MEANS else "value": value}
        figures |= _spread(tool, value, quantity.factor, spread)
    if not all(math.isfinite(figures.get(name, 0.0)) for name in ("mean", "value")):
        return {}
    if figures.get("n") == 1:  # of a single round it says nothing
        figures.pop("sd", None)
    return {name: figure for name, figure in figures.items() if math.isfinite(figure)}


def _mean(rate: float, extra: str) -> float:
    """The mean time in seconds of a rate, as `extra` names it where that is the same."""
    inverse, named = 1 / rate, _MEAN.search(extra)
    figure = _number(named[1]) / _PER_SECOND[named[2]] if named else math.nan
    return figure if math.isclose(figure, inverse, rel_tol=1e-9) else inverse


def _spread(tool: str, value: float, factor: float, spread: str) -> dict[str, float]:
    """What `range` says of the distribution, for the tools that it is known of."""
    found = _PLUS_MINUS.fullmatch(spread)
    if not found:
        return {}
    size = _number(found[1])
    if tool == "benchmarkdotnet" and not found[2]:
        return {"sd": size * factor}
    if tool == "benchmarkjs" and found[2] and size < 100:
        return {"lo": value / (1 + size / 100), "hi": value / (1 - size / 100)}
    return {}


def _figure(value: object) -> float | None:
    """A number, also one that was written as a string, as the action takes those too."""
    if isinstance(value, str):
        figure = _number(value.strip()) if re.fullmatch(rf"-?{_NUMBER}", value.strip()) else math.nan
        return figure if math.isfinite(figure) else None
    return number(value)


def _found(pattern: re.Pattern[str], words: str) -> float:
    """The number that a pattern finds, else NaN."""
    found = pattern.search(words)
    return _number(found[1]) if found else math.nan


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return math.nan
