"""Causes -> text: for a terminal, for programs, for a comment, for a spreadsheet. Text out, no files.

text      a block a cause, the newest first
json      {"schema": 1, "causes": [...]}; numbers in base units, a change as a share of the level before
markdown  a heading and a table a cause
csv       a row a change
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from ..model import Cause, ChangePoint, ChangeStatus, Trend
from ..plain import printable, table
from ..units import human, signed_percent
from .markdown import escape

SCHEMA = 1
#: Changes of one cause that are listed one by one; the others are counted.
MOST_CHANGES = 8


def text(causes: Sequence[Cause]) -> str:
    """One block a cause: what, when, which commits, the worst benchmarks, what else changed there."""
    if not causes:
        return "no changes\n"
    return "\n".join("\n".join(printable(line) for line in _block(cause)) + "\n" for cause in causes)


def _block(cause: Cause) -> list[str]:
    lines = [f"{cause.id or '-':8}  {_title(cause)}"]
    lines += [f"  {line}" for line in _where(cause)]
    widths = _rows(cause.changes[:MOST_CHANGES])
    lines += [f"  {line}" for line in widths]
    left = len(cause.changes) - MOST_CHANGES
    lines += [f"  … and {left} more"] if left > 0 else []
    lines += [f"  changed there: {', '.join(cause.facts)}"] if cause.facts else []
    lines += [f"  accepted: {cause.reason}"] if cause.reason else []
    lines += [f"  note: {cause.note}"] if cause.note else []
    return lines


def _title(cause: Cause) -> str:
    benchmarks = {change.key.benchmark.full for change in cause.changes}
    count = f"{len(benchmarks):,} benchmark{'' if len(benchmarks) == 1 else 's'}"
    doubt = "" if cause.confirmed else " (suspected)"
    parts = [_date(cause), f"{cause.trend}{doubt} in {count}", cause.status.value]
    worst = f"{_most(cause)} {signed_percent(cause.changes[0].change)}" if len(cause.changes) > 1 else ""
    return " · ".join(part for part in (*parts, worst) if part)


def _most(cause: Cause) -> str:
    return "worst" if cause.trend is Trend.REGRESSION else "largest"


def _date(cause: Cause) -> str:
    return cause.when.date().isoformat() if cause.when else ""


def _where(cause: Cause) -> list[str]:
    """The commits: the only one, each of a few, or the range and the most likely one of it."""
    span = cause.span
    named = {commit.hash: commit for commit in cause.commits}

    def line(commit: str) -> str:
        known = named.get(commit)
        author = f" ({known.author})" if known and known.author else ""
        return f"{commit[:10]} {known.subject if known else ''}".rstrip() + author

    if cause.candidates == 1:
        return [f"by {line(span.until)}"]
    head = f"after {span.after[:10]}, up to {span.until[:10]}"
    if cause.candidates and len(cause.commits) == cause.candidates:
        likely = [f"{'→' if commit.hash == span.estimate else ' '} {line(commit.hash)}" for commit in cause.commits]
        return [f"one of {cause.candidates} commits {head}:", *likely]
    count = f"one of {cause.candidates:,} commits " if cause.candidates else ""
    return [f"{count}{head}; first seen at", f"→ {line(span.estimate)}"]


def _rows(changes: Sequence[ChangePoint]) -> list[str]:
    several = len({change.environment.digest for change in changes}) > 1
    return table([_row(change, several) for change in changes], right=(0, 1))


def _row(change: ChangePoint, several: bool) -> list[str]:
    unit = change.key.metric.unit
    low, high = change.interval
    interval = f"[{signed_percent(low)} … {signed_percent(high)}]" if math.isfinite(low) and math.isfinite(high) else ""
    doubt = "" if change.status is not ChangeStatus.SUSPECTED else "  suspected"
    back = "  since back" if change.back else ""
    name = f"{change.key.benchmark.full} · {change.key.metric.name}"
    place = f" · {change.environment.label}" if several else ""
    levels = f"{human(change.before, unit)} → {human(change.after, unit)}"
    return [signed_percent(change.change), interval, levels, printable(name + place) + doubt + back]


def as_json(causes: Sequence[Cause]) -> str:
    """The causes as a document for programs; a figure that is not finite is null."""
    document = {"schema": SCHEMA, "causes": [_cause(cause) for cause in causes]}
    return json.dumps(document, ensure_ascii=True, indent=1, allow_nan=False) + "\n"


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "id": cause.id,
        "first_commit": cause.first or cause.span.estimate,
        "last_commit": cause.span.until,
        "likely_commit": cause.span.estimate,
        "after_commit": cause.span.after,
        "candidates": cause.candidates,
        "commits": [
            {"commit": commit.hash, "author": commit.author, "subject": commit.subject} for commit in cause.commits
        ],
        "date": cause.when.isoformat() if cause.when else None,
        "direction": cause.trend.value,
        "status": cause.status.value,
        "confirmed": cause.confirmed,
        "facts": list(cause.facts),
        "reason": cause.reason,
        "note": cause.note,
        "changes": [_change(change) for change in cause.changes],
    }


def _change(change: ChangePoint) -> dict[str, Any]:
    return {
        "benchmark": change.key.benchmark.full,
        "suite": change.key.benchmark.suite,
        "metric": change.key.metric.name,
        "unit": change.key.metric.unit,
        "environment": change.environment.label,
        "before": _finite(change.before),
        "after": _finite(change.after),
        "change": _finite(change.change),
        "interval": [_finite(end) for end in change.interval],
        "status": change.status.value,
        "back": change.back,
        "first_commit": change.span.after,
        "last_commit": change.span.until,
    }


def _finite(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None


def markdown(causes: Sequence[Cause]) -> str:
    """A heading, the commits and a table for each cause."""
    if not causes:
        return "No changes.\n"
    blocks = []
    for cause in causes:
        lines = [f"### {_escaped(cause.id or 'suspected')} · {_escaped(_title(cause))}", ""]
        where = _where(cause)
        lines += [_escaped(where[0]) + ("" if len(where) > 1 else "  ")]
        lines += ["", *(f"- {_escaped(line.strip())}" for line in where[1:])] if len(where) > 1 else []
        lines += ["", "| change | interval | before → after | benchmark |", "|---:|---|---|---|"]
        several = len({change.environment.digest for change in cause.changes}) > 1
        rows = (_row(change, several) for change in cause.changes[:MOST_CHANGES])
        lines += ["| " + " | ".join(_escaped(cell) for cell in row) + " |" for row in rows]
        left = len(cause.changes) - MOST_CHANGES
        lines += [f"| | | | … and {left} more |"] if left > 0 else []
        tail = (("Changed there", ", ".join(cause.facts)), ("Accepted", cause.reason), ("Note", cause.note))
        lines += [line for name, words in tail if words for line in ("", f"{name}: {_escaped(words)}")]
        blocks.append("\n".join(line.rstrip() for line in lines))
    return "\n\n".join(blocks) + "\n"


def _escaped(words: str) -> str:
    """Foreign text in Markdown: nothing of it is markup, a mention or the end of a cell."""
    return escape(printable(words))


_COLUMNS = (
    "cause", "date", "direction", "status", "first_commit", "last_commit", "benchmark", "metric", "environment",
    "before", "after", "unit", "change", "low", "high", "facts",
)  # fmt: skip


def as_csv(causes: Sequence[Cause]) -> str:
    """A row a change; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for cause in causes:
        about = (cause.id, _date(cause), cause.trend.value, cause.status.value)
        commits = (cause.first or cause.span.estimate, cause.span.until)
        for change in cause.changes:
            metric, facts = change.key.metric, ", ".join(change.facts)
            names = (change.key.benchmark.full, metric.name, change.environment.label)
            figures = (change.before, change.after, metric.unit, change.change, *change.interval)
            writer.writerow([inert(cell) for cell in (*about, *commits, *names, *figures, facts)])
    return out.getvalue()


def inert(cell: str | float) -> str | float:
    """A cell without effect: numbers stay numbers, text that begins like a formula gets an apostrophe."""
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else ""
    clean = printable(cell)
    return f"'{clean}" if clean.lstrip().startswith(("=", "+", "-", "@")) else clean


#: The formats of `regress changes`.
CHANGE_FORMATS: dict[str, Callable[[Sequence[Cause]], str]] = {
    "text": text,
    "json": as_json,
    "markdown": markdown,
    "csv": as_csv,
}

__all__ = ["CHANGE_FORMATS", "SCHEMA"]
