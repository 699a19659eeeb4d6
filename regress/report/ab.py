"""A comparison of two sides as text with a plot, as Markdown, and as JSON.

    {"schema": 1, "status": 1, "headline": …, "base": {"name", "commit", "subject", "uncommitted"}, "head": {…},
     "tolerance": .05, "false_red": .01, "most_pairs": 15, "seconds": 41.2, "environment", "command", "version",
     "warnings": […],
     "benchmarks": [{"suite", "benchmark", "params", "metric", "unit", "direction", "kind", "outcome", "change", "lo",
                     "hi", "tolerance", "error", "statistic", "base": [s, …], "head": [s, …], "looks", "seconds",
                     "reason"}]}

Shares are relative and signed as measured, figures in the metric's base unit and in the order of the pairs, null where
there is none.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from ..model import Outcome
from ..model.confirmation import ComparedSide, Confirmation, Trial
from ..plain import printable
from ..units import signed_percent
from .markdown import code, escape

SCHEMA = 1
_WIDTH = 80
_OUTCOME, _CHANGE, _PLOT = 12, 7, 31
_NAME = _WIDTH - _OUTCOME - _CHANGE - _PLOT - 3
_ORDER = {
    outcome: place
    for place, outcome in enumerate(
        (Outcome.REGRESSED, Outcome.FAILED, Outcome.INCOMPARABLE, Outcome.INCONCLUSIVE, Outcome.IMPROVED,
         Outcome.UNCHANGED)
    )
}  # fmt: skip
#: Ratios beyond this (as a logarithm) are drawn as an arrow: one that is ten times slower must not hide the others.
_MOST = math.log(2)
_LEAST = 0.02


def text(trial: Trial) -> str:
    """For a terminal of 80 columns: the headline, both sides, a line with its interval for each benchmark, reasons."""
    lines = [trial.headline, ""]
    lines += [f"{word}  {_side(side)}" for word, side in (("base", trial.base), ("head", trial.head))]
    lines += [_conditions(trial), ""]
    shown = ordered(trial.confirmations)
    if shown:
        axis = Axis.of(shown, trial.tolerance)
        lines.append(" " * (_WIDTH - _PLOT) + axis.labels())
        several = len({found.key.metric.name for found in shown}) > 1
        lines += [_line(found, axis, several) for found in shown]
    lines += _reasons(shown)
    lines += ["", *(f"warning: {warning}" for warning in trial.warnings)] if trial.warnings else []
    lines += ["", f"repeat: {trial.command}"]
    return "\n".join(printable(line).rstrip() for line in lines) + "\n"


def ordered(confirmations: Sequence[Confirmation]) -> list[Confirmation]:
    """What is red first, the largest change first."""

    def rank(found: Confirmation) -> tuple[int, float, str]:
        size = abs(found.change) if math.isfinite(found.change) else math.inf
        return _ORDER.get(found.outcome, len(_ORDER)), -size, found.key.benchmark.full

    return sorted(confirmations, key=rank)


def _side(side: ComparedSide) -> str:
    name = "" if side.commit.startswith(side.name) else side.name
    parts = [name] if side.dirty else [name, side.commit[:10]]
    return " ".join(part for part in (*parts, side.subject) if part)[:_WIDTH]


def _conditions(trial: Trial) -> str:
    parts = [f"tolerance {trial.tolerance * 100:g}%", f"at most {trial.most} pairs", f"{trial.seconds:.0f} s"]
    return " · ".join([*parts, *([trial.environment] if trial.environment else [])])


def _line(found: Confirmation, axis: Axis, several: bool) -> str:
    name = found.key.benchmark.full + (f" · {found.key.metric.name}" if several else "")
    change = signed_percent(found.change) if math.isfinite(found.change) else "-"
    outcome = found.outcome.value
    return f"{short(name, _NAME)} {outcome:<{_OUTCOME}} {change:>{_CHANGE}} {axis.draw(found)}"


def short(name: str, width: int) -> str:
    """A name in so many columns: its end tells more than its beginning."""
    return name.ljust(width) if len(name) <= width else "…" + name[len(name) - width + 1 :]


def _reasons(shown: Sequence[Confirmation]) -> list[str]:
    """A sentence for each that is not plainly unchanged."""
    lines = []
    for found in shown:
        if found.outcome is not Outcome.UNCHANGED:
            lines += ["", f"{found.outcome.value}: {found.key.benchmark.full}", f"    {found.reason}"]
    return lines


class Axis:
    """A ratio axis of fixed width around no change: logarithms, so that twice and half lie equally far out."""

    def __init__(self, most: float, tolerance: float) -> None:
        self.most = most
        self.tolerance = tolerance

    @classmethod
    def of(cls, shown: Sequence[Confirmation], tolerance: float) -> Axis:
        """An axis on which the intervals find room, as far as that leaves the small ones visible."""
        ends = [abs(math.log1p(end)) for f in shown for end in (f.lo, f.hi) if math.isfinite(end) and end > -1]
        widest = max(ends, default=0.0)
        return cls(min(max(widest, 2 * math.log1p(tolerance), _LEAST), _MOST), tolerance)

    def column(self, change: float) -> int:
        """The column of a relative change; below 0 or beyond the last one where the axis ends before."""
        half = _PLOT // 2
        if change <= -1 or not math.isfinite(change):
            return -1 if change < 0 else _PLOT
        place = half + round(math.log1p(change) / self.most * half)
        return min(max(place, -1), _PLOT)

    def draw(self, found: Confirmation) -> str:
        """One benchmark: ├──●──┤ between zero (│) and the tolerances (┊); ‹ and › where it goes on beyond the axis."""
        cells = [" "] * _PLOT
        for mark, change in (("┊", -self.tolerance / (1 + self.tolerance)), ("┊", self.tolerance), ("│", 0.0)):
            if 0 <= (at := self.column(change)) < _PLOT:
                cells[at] = mark
        if not math.isfinite(found.change):
            return "".join(cells).rstrip()
        lo, at, hi = (self.column(end) for end in (found.lo, found.change, found.hi))
        for place in range(max(lo, 0), min(hi, _PLOT - 1) + 1):
            cells[place] = "─"
        for column, mark in ((lo, "├"), (hi, "┤"), (at, "●")):
            cells[min(max(column, 0), _PLOT - 1)] = "‹" if column < 0 else "›" if column >= _PLOT else mark
        return "".join(cells).rstrip()

    def labels(self) -> str:
        """The axis' ends and its middle."""
        low, high = signed_percent(math.expm1(-self.most)), signed_percent(math.expm1(self.most))
        half = _PLOT // 2
        return low.ljust(half) + "0" + high.rjust(_PLOT - half - 1)


def markdown(trial: Trial) -> str:
    """A table for a pull request: what is not unchanged, and a count of the rest."""
    loud = [found for found in ordered(trial.confirmations) if found.outcome is not Outcome.UNCHANGED]
    sides = f"{code(trial.head.name)} against {code(trial.base.name)}"
    lines = [f"### {escape(trial.headline)}", "", f"{sides}, {escape(_conditions(trial))}", ""]
    if loud:
        lines += ["| outcome | benchmark | metric | change | why |", "|---|---|---|---:|---|"]
    for found in loud:
        cells = [found.outcome.value, code(found.key.benchmark.full), escape(found.key.metric.name)]
        cells += [signed_percent(found.change), escape(found.reason)]
        lines.append("| " + " | ".join(cells) + " |")
    counts = Counter(found.outcome.value for found in trial.confirmations)
    lines += ["", ", ".join(f"{n} {outcome}" for outcome, n in counts.items()) + "."] if counts else []
    lines += [f"- {escape(warning)}" for warning in trial.warnings]
    return "\n".join([*lines, "", f"Repeat: {code(trial.command)}"]) + "\n"


def as_json(trial: Trial) -> str:
    """All of it, for programs."""
    document = {
        "schema": SCHEMA,
        "status": trial.status,
        "headline": trial.headline,
        "base": _side_document(trial.base),
        "head": _side_document(trial.head),
        "tolerance": trial.tolerance,
        "false_red": trial.error,
        "most_pairs": trial.most,
        "seconds": round(trial.seconds, 3),
        "environment": trial.environment,
        "command": trial.command,
        "version": trial.version,
        "warnings": list(trial.warnings),
        "benchmarks": [confirmation_document(found) for found in ordered(trial.confirmations)],
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _side_document(side: ComparedSide) -> dict[str, Any]:
    return {"name": side.name, "commit": side.commit, "subject": side.subject, "uncommitted": side.dirty}


def confirmation_document(found: Confirmation) -> dict[str, Any]:
    """One confirmation as JSON has it, as in this module's specification."""
    benchmark, metric = found.key.benchmark, found.key.metric
    return {
        "suite": benchmark.suite,
        "benchmark": benchmark.full,
        "params": dict(benchmark.params),
        "metric": metric.name,
        "unit": metric.unit,
        "direction": metric.direction.value,
        "kind": metric.kind.value,
        "outcome": found.outcome.value,
        "change": _finite(found.change),
        "lo": _finite(found.lo),
        "hi": _finite(found.hi),
        "tolerance": _finite(found.tolerance),
        "error": _finite(found.error),
        "statistic": found.statistic,
        "base": list(found.base),
        "head": list(found.head),
        "looks": found.looks,
        "seconds": round(found.seconds, 3),
        "reason": found.reason,
    }


def _finite(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None


FORMATS: dict[str, Callable[[Trial], str]] = {"text": text, "markdown": markdown, "json": as_json}
