"""Budgets -> text, JSON, Markdown, CSV.

json  {"schema": 1, "commit", "subject", "status": 0|1, "counts": {"met": 3, …},
       "budgets": [{"requirement", "limit", "benchmark", "suite", "metric", "unit", "statistic", "environment", "value",
                    "bound", "headroom", "n", "state", "failing", "reason", "origin"}], "warnings": […]}

Figures are in the metric's base unit, `headroom` is a share of the limit; null where there is none.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Callable
from typing import Any

from ..model import BudgetResult
from .budgets import HEADS, BudgetReport, budget_counts, budget_rows, text
from .changes import inert
from .markdown import code, escape

SCHEMA = 1


def as_json(report: BudgetReport) -> str:
    """The targets as a document for programs."""
    document = {
        "schema": SCHEMA,
        "commit": report.commit,
        "subject": report.subject,
        "status": int(report.failing),
        "counts": dict(Counter(result.state.value for result in report.results)),
        "budgets": [target(result) for result in report.results],
        "warnings": list(report.warnings),
    }
    return json.dumps(document, ensure_ascii=True, indent=1, allow_nan=False) + "\n"


def target(result: BudgetResult) -> dict[str, Any]:
    """One target for programs."""
    key = result.key
    return {
        "requirement": result.budget.requirement,
        "limit": result.limit.text,
        "benchmark": key.benchmark.full if key else None,
        "suite": key.benchmark.suite if key else None,
        "metric": key.metric.name if key else None,
        "unit": key.metric.unit if key else None,
        "statistic": result.statistic,
        "environment": result.environment.label if result.environment else None,
        "value": _finite(result.value),
        "bound": result.limit.value,
        "headroom": _finite(result.headroom),
        "n": _finite(result.n),
        "state": result.state.value,
        "failing": result.failing,
        "reason": result.reason,
        "origin": result.budget.origin,
    }


def _finite(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None


def markdown(report: BudgetReport) -> str:
    """The targets as a table for a comment or a job's summary."""
    lines = [f"### Budgets: {escape(budget_counts(report.results))}", ""]
    lines += [f"Commit {code(report.commit[:10])} {escape(report.subject)}".rstrip(), ""] if report.commit else []
    rows = budget_rows(report.results)
    if rows:
        heads = (*HEADS, "environment", "reason")
        lines += ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    for row in rows:
        cells = [code(c) if place == 2 else escape(c) for place, c in enumerate(row.cells)]
        lines.append("| " + " | ".join([*cells, escape(row.environment), escape(row.reason)]) + " |")
    lines += ["", *(f"- ⚠️ {escape(warning)}" for warning in report.warnings)] if report.warnings else []
    return "\n".join(lines).rstrip() + "\n"


_COLUMNS = (
    "requirement", "state", "benchmark", "metric", "statistic", "environment", "limit", "value", "unit", "headroom",
    "n", "failing", "reason", "origin",
)  # fmt: skip


def as_csv(report: BudgetReport) -> str:
    """A row a target; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for result in report.results:
        told = target(result)
        cells = ["" if told[name] is None else told[name] for name in _COLUMNS]
        writer.writerow([inert(cell if isinstance(cell, float) else str(cell)) for cell in cells])
    return out.getvalue()


#: The formats of `regress budgets`.
BUDGET_FORMATS: dict[str, Callable[[BudgetReport], str]] = {
    "text": text,
    "json": as_json,
    "markdown": markdown,
    "csv": as_csv,
}
