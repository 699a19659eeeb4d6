"""A calibration -> text and JSON: how noisy each benchmark is, what it can see, how often gates would be wrong.

{"schema": 1, "commit", "subject", "uncommitted": false, "asked": 10, "done": 10, "interrupted": false, "seconds",
 "environments": […], "family": 24, "warnings": […],
 "series": [{"suite", "benchmark", "metric", "environment", "kind", "runs", "noise": {"min": 0.012, …}, "statistic",
             "sigma", "visible", "visible_in_family", "tolerance", "moved": false}],
 "rates": [{"rule", "red", "judged", "red_runs", "runs", "suspects"}],
 "proposed": [{"benchmark", "metric", "relative", "statistic", "series"}], "toml": "[[rule]]\\n…"}

Shares, not per cents; null where nothing is known.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..model import Environment, Key, Kind, Rule
from ..plain import printable, table

SCHEMA = 1
#: The statistics whose noise stands in a column of its own.
SHOWN = ("min", "median", "mean", "value", "max")


@dataclass(frozen=True, slots=True)
class Steadiness:
    """What runs of one commit say of one series; shares of its level, NaN where nothing is known.

    runs       how many of them hold a figure
    noise      the standard deviation from run to run of each statistic
    statistic  which one the gate takes; `sigma`: the noise of one run of it, as the gate's model sees it
    visible    the smallest change to the worse seen at the limit of one series, and `in_family` at the limit that all
               series share
    tolerance  what the rules allow now
    moved      whether an exact metric differed between the runs
    """

    key: Key
    environment: Environment
    runs: int
    noise: Mapping[str, float]
    statistic: str
    sigma: float
    visible: float
    in_family: float
    tolerance: float
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """How often one rule would have been red among runs of the same code: of comparisons, and of whole runs."""

    rule: str
    red: int
    judged: int
    red_runs: int
    runs: int
    suspects: int = 0


@dataclass(frozen=True, slots=True)
class Proposed:
    """A rule that is proposed, and for how many series."""

    rule: Rule
    series: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a calibration found.

    asked, done  runs asked for and made; fewer where it was interrupted
    family       how many noisy series share the gate's error
    toml         the proposed rules as text for the configuration, "" where there is none; `file`: where it would stand
    """

    commit: str
    subject: str
    dirty: bool
    asked: int
    done: int
    interrupted: bool
    seconds: float
    series: Sequence[Steadiness]
    rates: Sequence[Rate]
    proposed: Sequence[Proposed]
    family: int
    toml: str = ""
    file: str = ""
    warnings: Sequence[str] = ()


def text(found: Calibration) -> str:
    """The report on a terminal: what was run, a row a series, the rates, the proposed rules."""
    lines = [_headline(found)]
    lines += sorted({f"on {one.environment.label}" for one in found.series})
    lines += ["", *_table(found)] if found.series else []
    lines += ["", "false red among these runs of the same code", *_rates(found.rates)] if found.rates else []
    if found.proposed:
        lines += ["", f"proposed rules (--write appends them to {found.file}):", "", *found.toml.splitlines()]
    elif found.done > 2:
        lines += ["", "no other rules are proposed: the tolerances are what the benchmarks can see"]
    lines += ["", *(f"warning: {warning}" for warning in found.warnings)] if found.warnings else []
    return "\n".join(printable(line).rstrip() for line in lines) + "\n"


def _headline(found: Calibration) -> str:
    changed = " with uncommitted changes" if found.dirty else ""
    runs = f"{found.done} of {found.asked} runs (interrupted)" if found.interrupted else f"{found.done} runs"
    return f"{runs} of {found.commit[:10]} {found.subject}{changed}, in {found.seconds:.0f} s"


def _table(found: Calibration) -> list[str]:
    """The noisiest first; then the exact metrics."""
    ordered = sorted(found.series, key=lambda one: (one.key.metric.kind is Kind.EXACT, -_number(one.visible)))
    columns = [name for name in SHOWN if any(name in one.noise for one in ordered)]
    sees = f"sees, of {found.family}"
    rows = [["benchmark", "metric", *columns, "gate takes", "one run", "sees", sees, "tolerance"]]
    for one in ordered:
        exact = one.key.metric.kind is Kind.EXACT
        taken = ("moved" if one.moved else "exact") if exact else one.statistic
        row = [one.key.benchmark.full, one.key.metric.name]
        row += [percent(one.noise.get(name, math.nan)) for name in columns]
        rows.append([*row, taken, *map(percent, (one.sigma, one.visible, one.in_family, one.tolerance))])
    right = [*range(2, 2 + len(columns)), *range(3 + len(columns), 7 + len(columns))]
    return table(rows, right=right)


def _number(figure: float) -> float:
    return figure if math.isfinite(figure) else -1.0


def _rates(rates: Sequence[Rate]) -> list[str]:
    rows = [["", "comparisons", "runs"]]
    for rate in rates:
        suspects = f", {rate.suspects} suspect" if rate.suspects else ""
        share = f" ({rate.red / rate.judged:.1%})" if rate.judged else ""
        rows.append([rate.rule, f"{rate.red} of {rate.judged}{share}{suspects}", f"{rate.red_runs} of {rate.runs} red"])
    return [f"  {line}".rstrip() for line in table(rows)]


def percent(share: float) -> str:
    """A share with two digits that say something: 0.31%, 4.2%, 38%; - where there is none."""
    if not math.isfinite(share):
        return "-"
    size = abs(share) * 100
    return f"{size:.0f}%" if size >= 10 else f"{size:.1f}%" if size >= 1 else f"{size:.2f}%"


def as_json(found: Calibration) -> str:
    """All of it, for programs; as in this module's specification."""
    document = {
        "schema": SCHEMA,
        "commit": found.commit,
        "subject": found.subject,
        "uncommitted": found.dirty,
        "asked": found.asked,
        "done": found.done,
        "interrupted": found.interrupted,
        "seconds": round(found.seconds, 3),
        "environments": sorted({one.environment.label for one in found.series}),
        "family": found.family,
        "warnings": list(found.warnings),
        "series": [_series(one) for one in found.series],
        "rates": [
            {
                "rule": rate.rule, "red": rate.red, "judged": rate.judged, "red_runs": rate.red_runs,
                "runs": rate.runs, "suspects": rate.suspects,
            }
            for rate in found.rates
        ],
        "proposed": [
            {
                "benchmark": one.rule.benchmark, "metric": one.rule.metric, "relative": one.rule.relative,
                "statistic": one.rule.statistic, "series": one.series,
            }
            for one in found.proposed
        ],
        "toml": found.toml,
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=True, allow_nan=False, indent=1) + "\n"


def _series(one: Steadiness) -> dict[str, Any]:
    benchmark, metric = one.key.benchmark, one.key.metric
    return {
        "suite": benchmark.suite,
        "benchmark": benchmark.full,
        "metric": metric.name,
        "environment": one.environment.label,
        "kind": metric.kind.value,
        "runs": one.runs,
        "noise": {name: _finite(share) for name, share in one.noise.items()},
        "statistic": one.statistic,
        "sigma": _finite(one.sigma),
        "visible": _finite(one.visible),
        "visible_in_family": _finite(one.in_family),
        "tolerance": _finite(one.tolerance),
        "moved": one.moved,
    }


def _finite(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None


FORMATS: dict[str, Callable[[Calibration], str]] = {"text": text, "json": as_json}
