"""A run of all suites -> text, JSON, Markdown, JUnit.

json  {"schema": 1, "kind": "run", "project", "version", "created_at", "commit", "subject", "branch", "span", "dirty",
       "environment", "seconds", "status": 0…5|130, "headline", "interrupted",
       "suites": [{"name", "kind", "phase", "status": "passed"|"failed"|"failed as expected"|"skipped"|"interrupted",
                   "reason", "seconds", "repeat", "runs", "benchmarks", "points", "failed", "skipped",
                   "failures": [{"name", "trouble", "reason"}], "slowest": [{"name", "seconds", "share"}],
                   "figures": [{"name", "metric", "unit", "value"}], "warnings": […], "log",
                   "courses": [{"name", "figure", "unit", "n", "low", "mean", "high", "seconds": […], "values"}]}],
       "targets": {"counts": {"met": 3, …}, "results": [as in `regress budgets --format json`]},
       "not_run": […], "warnings": […]}

Seconds and figures are in base units, `share` is a share of the suite's time. A course is what was sampled in the last
run: at most 300 points that hold the lowest and the highest of each stretch, null where nothing could be read; `low`,
`mean` and `high` are of all `n` samples. JUnit is told in `summary_junit`. `schema` grows when a key changes its
meaning or goes; new keys may come without.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any

from ..model import Course, RunSummary, SuiteState, SuiteSummary
from .budget_formats import target
from .budgets import HEADS as BUDGET_HEADS
from .budgets import budget_rows
from .markdown import code, escape
from .summary import (
    HEADS,
    MOST_FAILURES,
    SAMPLED,
    Renderer,
    about,
    sampled_rows,
    slowest_words,
    suite_rows,
    targets_line,
    text,
)
from .summary_junit import junit

SCHEMA = 1
#: A line break before a number of a list: only there one follows, as no text of JSON holds a raw one.
_NUMBERS = re.compile(r"\n +(?=[-\d]|null)")
_ICONS = {
    SuiteState.PASSED: "🟢", SuiteState.FAILED: "🔴", SuiteState.INTERRUPTED: "🔴", SuiteState.SKIPPED: "⚪",
    SuiteState.EXPECTED: "🟡",
}  # fmt: skip


def as_json(summary: RunSummary) -> str:
    """The summary as a document for programs."""
    told = ("project", "version", "created_at", "commit", "subject", "branch", "span", "dirty", "environment",
            "seconds", "status", "headline", "interrupted")  # fmt: skip
    document = {
        "schema": SCHEMA,
        "kind": "run",
        **{name: getattr(summary, name) for name in told},
        "suites": [_suite(suite) for suite in summary.suites],
        "targets": {
            "counts": dict(Counter(result.state.value for result in summary.targets)),
            "results": [target(result) for result in summary.targets],
        },
        "not_run": list(summary.not_run),
        "warnings": list(summary.warnings),
    }
    drawn = json.dumps(document, ensure_ascii=True, indent=1, allow_nan=False) + "\n"
    return _NUMBERS.sub(" ", drawn)


def _suite(suite: SuiteSummary) -> dict[str, Any]:
    counts = ("seconds", "repeat", "runs", "benchmarks", "points", "failed", "skipped")
    return {
        "name": suite.name,
        "kind": suite.kind,
        "phase": suite.phase,
        "status": suite.state.value,
        "reason": suite.reason,
        **{name: getattr(suite, name) for name in counts},
        "failures": [{"name": one.name, "trouble": one.trouble, "reason": one.reason} for one in suite.failures],
        "slowest": [{"name": one.name, "seconds": one.seconds, "share": one.share} for one in suite.slowest],
        "figures": [
            {"name": name, "metric": metric.name, "unit": metric.unit, "value": _finite(value)}
            for name, metric, value in suite.figures
        ],
        "courses": [_course(course) for course in suite.courses],
        "warnings": list(suite.warnings),
        "log": suite.log,
    }


def _course(course: Course) -> dict[str, Any]:
    spread = {name: _finite(getattr(course, name)) for name in ("low", "mean", "high")}
    return {
        "name": course.of,
        "figure": course.name,
        "unit": course.unit,
        "n": course.n,
        **spread,
        "seconds": list(course.seconds),
        "values": [_finite(value) for value in course.values],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def markdown(summary: RunSummary) -> str:
    """The summary as a section for a job's summary or a comment."""
    lines = [f"### {escape(summary.headline)}", "", escape(about(summary)), ""]
    lines += _table(HEADS, [_row(row.suite, row.cells) for row in suite_rows(summary)])
    lines += _failures(summary)
    if summary.targets:
        cells = [[code(c) if place == 2 else escape(c) for place, c in enumerate(row.cells)]
                 for row in budget_rows(summary.targets)]  # fmt: skip
        lines += ["", f"**{targets_line(summary)}**", "", *_table(BUDGET_HEADS, cells)]
    slow = [
        [code(name), time, share, escape(suite.name)] for suite in summary.suites for name, time, share in
        slowest_words(suite)
    ]  # fmt: skip
    if slow:
        heads = ("benchmark", "time", "of its suite", "suite")
        lines += _folded("Slowest benchmarks", heads, slow)
    sampled = [[code(of), code(name), *figures] for of, name, *figures in sampled_rows(summary)]
    if sampled:
        lines += _folded("Sampled while it ran", SAMPLED, sampled)
    notes = [*summary.warnings, *(f"{suite.name}: {text}" for suite in summary.suites for text in suite.warnings)]
    lines += ["", *(f"- ⚠️ {escape(note)}" for note in notes)] if notes else []
    lines += ["", *(f"- not run: {escape(text)}" for text in summary.not_run)] if summary.not_run else []
    return "\n".join(lines).rstrip() + "\n"


def _row(suite: SuiteSummary, cells: tuple[str, ...]) -> list[str]:
    return [f"{_ICONS[suite.state]} {escape(cells[0])}", *map(escape, cells[1:])]


def _table(heads: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows)]


def _folded(title: str, heads: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    return ["", f"<details><summary>{title}</summary>", "", *_table(heads, rows), "", "</details>"]


def _failures(summary: RunSummary) -> list[str]:
    lines: list[str] = []
    for suite in summary.suites:
        for failure in suite.failures[:MOST_FAILURES]:
            name = f" {code(failure.name)}" if failure.name else ""
            lines.append(f"- {escape(suite.name)}:{name} {escape(failure.trouble)}: {escape(failure.reason)}")
        if (left := len(suite.failures) - MOST_FAILURES) > 0:
            lines.append(f"- {escape(suite.name)}: and {left} more")
    return ["", *lines] if lines else []


#: The formats of `regress run`, and the names of their files in a folder of all.
SUMMARY_FORMATS: dict[str, Renderer] = {"text": text, "json": as_json, "markdown": markdown, "junit": junit}
FILES = {"text": "run.txt", "json": "run.json", "markdown": "run.md", "junit": "run.xml"}
