"""Orders of growth as text, Markdown and JSON.

json  {"schema": 1, "over": "n", "status": 0|1, "commit", "subject", "what", "against", "command", "warnings": […],
       "curves": [{"suite", "benchmark", "params", "metric", "unit", "environment", "statistic", "problem",
                   "points": [{"size", "text", "value", "runs"}],
                   "fit": null | {"order": null|"linear", "firm", "best", "second", "odds", "a", "b", "unit", "error",
                                  "exponent", "lo", "hi", "misfit", "falls", "unsteady",
                                  "orders": [{"order", "a", "b", "error", "score"}]},
                   "noise", "evidence",
                   "budgets": [{"limit", "statistic", "upto", "whole", "between", "note", "origin"}],
                   "base": as fit, "growth": null|"grew"|"shrank"|"same"|"unsure", "reason", "failing"}]}

A curve is y = a + b f(n / unit) in the metric's base unit; `upto` is null where already the smallest size breaks the
limit, or none was judged. Figures are null where there is none.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from textwrap import wrap
from typing import Any

from ..model.scaling import Curve, Growth, Load, Scaling
from ..plain import printable, table
from ..stats.scaling import Fit
from ..units import human, significant
from .markdown import code, escape

SCHEMA = 1
_WIDTH = 80
_INDENT = "  "
#: As many sizes fit into a line; of more the middle ones are left out.
_MOST_SIZES = 7
_SIGNS = {Growth.GREW: "🔴", Growth.SHRANK: "🟢"}


def text(found: Scaling) -> str:
    """For a terminal: the orders, then each curve with its figures, its fit, its budgets, its change."""
    lines = [_headline(found), "", found.what]
    lines += [f"against {found.against}"] if found.against else []
    several = len({curve.environment for curve in found.curves}) > 1
    for curve in _ordered(found):
        lines += ["", f"{_title(curve)}{f' · {curve.environment.label}' if several else ''}"]
        lines += [f"{_INDENT}{line}" for line in _figures(found.over, curve)]
        for said in _said(curve, found.over):
            lines += wrap(printable(said), _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT * 2)
    lines += ["", *(f"warning: {warning}" for warning in found.warnings)] if found.warnings else []
    lines += ["", f"repeat: {found.command}"] if found.command else []
    return "\n".join(printable(line).rstrip() for line in lines) + "\n"


def _headline(found: Scaling) -> str:
    """`RED: 1 grew`, or the orders with their counts."""
    grown = sum(curve.failing for curve in found.curves)
    orders = Counter(_called(curve) for curve in found.curves)
    said = f"over {found.over}: " + ", ".join(f"{count} {order}" for order, count in orders.items())
    if not found.against:
        return said
    changes = Counter(curve.growth.value if curve.growth else "not on the other side" for curve in found.curves)
    told = ", ".join(f"{count} {change}" for change, count in changes.items())
    return f"RED: {grown} grew faster than before · {said}" if grown else f"{told} · {said}"


def _called(curve: Curve) -> str:
    if curve.fit is None:
        return "not fitted"
    return curve.fit.order.value if curve.fit.order else "undecided"


def _ordered(found: Scaling) -> list[Curve]:
    """What grew first."""
    return sorted(found.curves, key=lambda curve: (not curve.failing, curve.growth is not Growth.GREW))


def _title(curve: Curve) -> str:
    figure = "" if curve.statistic in ("value", "") else f" ({curve.statistic})"
    return f"{curve.benchmark.full} · {curve.metric.name}{figure}: {_called(curve)}"


def _figures(over: str, curve: Curve) -> list[str]:
    points = list(curve.points)
    if len(points) > _MOST_SIZES:
        points = points[: _MOST_SIZES - 3] + points[-3:]
    sizes = [over, *(point.text for point in points)]
    values = [curve.metric.name, *(human(point.value, curve.metric.unit) for point in points)]
    if len(curve.points) > _MOST_SIZES:
        for row in (sizes, values):
            row.insert(_MOST_SIZES - 2, "…")
    return table([sizes, values], right=range(1, len(sizes)))


def _said(curve: Curve, over: str) -> list[str]:
    """What is to be said of a curve, a sentence each."""
    lines = []
    if curve.growth is not None:
        lines.append(f"{'ORDER GREW' if curve.growth is Growth.GREW else curve.growth.value}: {curve.reason}")
    lines += [curve.problem] if curve.problem else []
    lines += [_fitted(curve, curve.fit)] if curve.fit else []
    lines += [f"{load.limit.text}: {_load(load, over)}" for load in curve.loads]
    return lines


def _fitted(curve: Curve, fit: Fit) -> str:
    """The fit in words."""
    slope = f"about n^{fit.exponent:.2f} ({fit.lo:.2f} to {fit.hi:.2f})"
    if fit.falls:
        return f"it falls as the size grows, {slope}"
    if fit.misfit:
        return f"none of the orders fits: the best, {fit.best.order}, is {fit.best.error:.0%} off; {slope}"
    noise = "" if not math.isfinite(curve.noise) or curve.evidence == "exact" else f", noise {_noise(curve)}"
    if fit.unsteady:
        return f"{fit.best.order}, but it hangs on a single size: without it it is another order; {slope}{noise}"
    if fit.order is None:
        return f"{fit.best.order} or {fit.second.order}: the figures cannot tell them apart; {slope}{noise}"
    firm = "" if fit.firm else "; four sizes would be firm"
    if not fit.order.formula:
        return f"surely less than {significant(fit.most_growth)} times over the whole range{noise}{firm}"
    return f"{_formula(curve, fit)}; {_odds(fit)}; {fit.best.error:.1%} off{noise}{firm}"


def _noise(curve: Curve) -> str:
    return "not known" if curve.evidence == "not known" else f"{curve.noise:.1%} ({curve.evidence})"


def _odds(fit: Fit) -> str:
    odds = "over 1,000,000" if fit.odds > 1e6 else f"{fit.odds:,.0f}"
    return f"{odds} to 1 against {fit.second.order}"


def _formula(curve: Curve, fit: Fit) -> str:
    """`1.2 µs + 3.4 ns × n log2 n`."""
    unit = curve.metric.unit
    size = "" if fit.best.unit == 1 else f", n in {significant(fit.best.unit)}"
    fixed = f"{human(fit.best.a, unit)} + " if fit.best.a > 0 else ""
    return f"{fixed}{human(fit.best.b, unit)} × {fit.best.order.formula}{size}"


def _load(load: Load, over: str) -> str:
    """How far a budget is met, in words."""
    note = f" ({load.note})" if load.note else ""
    if load.whole:
        return f"not breached up to {over} = {_size(load.upto)}{note}"
    if not load.between:
        return f"breached at the smallest {over}{note}" if load.breached else load.note
    low, high = map(_size, load.between)
    return f"met up to {over} = {_size(load.upto)}, between {low} and {high}{note}"


def _size(size: float) -> str:
    return f"{size:,.0f}" if size >= 100 else significant(size)


def markdown(found: Scaling) -> str:
    """A table: a row for each curve."""
    lines = [f"### {escape(_headline(found))}", "", escape(found.what)]
    lines += [f"against {escape(found.against)}"] if found.against else []
    heads = ["benchmark", "metric", "order", "fit", *(["before"] if found.against else []), "budgets"]
    lines += ["", "| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for curve in _ordered(found):
        order = " ".join(filter(None, (_SIGNS.get(curve.growth) if curve.growth else "", _called(curve))))
        cells = [code(curve.benchmark.full), escape(curve.metric.name), order]
        cells.append(escape(_fitted(curve, curve.fit) if curve.fit else curve.problem))
        cells += [escape(curve.reason or "-")] if found.against else []
        cells.append(
            "<br>".join(escape(f"{load.limit.text}: {_load(load, found.over)}") for load in curve.loads) or "-"
        )
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", *(f"- ⚠️ {escape(warning)}" for warning in found.warnings)] if found.warnings else []
    return "\n".join([*lines, "", f"Repeat: {code(found.command)}"]) + "\n"


def as_json(found: Scaling) -> str:
    """All of it, for programs."""
    document = {
        "schema": SCHEMA,
        "over": found.over,
        "status": found.status,
        "commit": found.commit,
        "subject": found.subject,
        "what": found.what,
        "against": found.against,
        "command": found.command,
        "warnings": list(found.warnings),
        "curves": [_curve(curve) for curve in found.curves],
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _curve(curve: Curve) -> dict[str, Any]:
    return {
        "suite": curve.benchmark.suite,
        "benchmark": curve.benchmark.full,
        "params": dict(curve.benchmark.params),
        "metric": curve.metric.name,
        "unit": curve.metric.unit,
        "environment": curve.environment.label,
        "statistic": curve.statistic,
        "problem": curve.problem,
        "points": [{"size": p.size, "text": p.text, "value": _finite(p.value), "runs": p.runs} for p in curve.points],
        "fit": _fit(curve.fit),
        "noise": _finite(curve.noise),
        "evidence": curve.evidence,
        "budgets": [_budget(load) for load in curve.loads],
        "base": _fit(curve.base),
        "growth": curve.growth.value if curve.growth else None,
        "reason": curve.reason,
        "failing": curve.failing,
    }


def _fit(fit: Fit | None) -> dict[str, Any] | None:
    if fit is None:
        return None
    best = fit.best
    orders = [{"order": c.order, "a": c.a, "b": c.b, "error": c.error, "score": c.score} for c in fit.candidates]
    return {
        "order": fit.order,
        "firm": fit.firm,
        "best": best.order,
        "second": fit.second.order,
        "odds": _finite(fit.odds),
        "a": best.a,
        "b": best.b,
        "unit": best.unit,
        "error": best.error,
        "exponent": fit.exponent,
        "lo": fit.lo,
        "hi": fit.hi,
        "misfit": fit.misfit,
        "falls": fit.falls,
        "unsteady": fit.unsteady,
        "orders": orders,
    }


def _budget(load: Load) -> dict[str, Any]:
    return {
        "limit": load.limit.text,
        "statistic": load.statistic,
        "upto": _finite(load.upto),
        "whole": load.whole,
        "between": list(load.between) or None,
        "note": load.note,
        "origin": load.origin,
    }


def _finite(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None


FORMATS: dict[str, Callable[[Scaling], str]] = {"text": text, "markdown": markdown, "json": as_json}
