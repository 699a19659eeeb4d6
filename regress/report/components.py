"""Variants side by side as text with a plot, as Markdown, JSON and CSV.

json  {"schema": 1, "by": "param:backend", "reference", "variants": […], "commit", "subject", "what", "command",
       "warnings": […],
       "contests": [{"suite", "benchmark", "params", "metric", "unit", "direction", "kind", "environment", "statistic",
                     "reference", "winner": null|…, "reason",
                     "variants": [{"variant", "value", "runs", "ratio", "lo", "hi", "evidence", "note"}]}],
       "groups": [{"suite", "metric", "environment", "reference", "winner", "reason",
                   "variants": [{"variant", "benchmarks", "ratio", "lo", "hi", "evidence"}]}]}
csv   a line for each variant of each contest, with the same names

Ratios are variant / reference, figures in the metric's base unit; null, or nothing, where there is none. The interval
is of 95 %.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from textwrap import wrap
from typing import Any

from ..model import TIME, Benchmark, Key, Metric, Outcome
from ..model.components import Components, Contest, Entry, Group, Ratio
from ..model.confirmation import Confirmation
from ..plain import printable
from ..units import human, significant
from .ab import Axis, short
from .changes import inert
from .markdown import code, escape

SCHEMA = 1
_WIDTH = 80
_NAME, _VALUE, _RATIO, _PLOT = 26, 10, 8, 31
_INDENT = 2
#: The axis reaches as far as the largest ratio, but for those that are more than this many times another.
_MOST, _LEAST = math.log(32), math.log(1.05)
#: As many are named in the first line.
_MOST_WINNERS = 3
_FIGURES = ("variant", "value", "runs", "ratio", "lo", "hi", "evidence", "note")
#: What the axis draws is of no benchmark.
_NOBODY = Key(Benchmark("", ""), TIME)
_PLACE = ("suite", "benchmark", "metric", "unit", "environment", "statistic", "winner")


def text(found: Components) -> str:
    """For a terminal of 80 columns: a line with its interval for each variant of each benchmark, then the means."""
    lines = [_headline(found), "", f"{found.what}", f"ratios to {found.reference}, with intervals of 95 %"]
    several = len({one.environment for one in found.contests}) > 1
    axis = _Ratios.of(_all_ratios(found))
    lines += ["", " " * (_INDENT + _NAME + _VALUE + _RATIO + 3) + axis.labels()]
    for one in found.contests:
        lines += ["", f"{_title(one)}{f' · {one.environment.label}' if several else ''}"]
        lines += [_line(entry, human(entry.value, one.metric.unit), axis, one.reference) for entry in one.entries]
        lines += _said(one, found.reference)
    for group in found.groups:
        lines += ["", f"{_group_title(group)}{f' · {group.environment.label}' if several else ''}"]
        lines += [_line(entry, f"n = {entry.count}", axis, group.reference) for entry in group.entries]
        lines += _said(group, found.reference)
    lines += ["", *(f"warning: {warning}" for warning in found.warnings)] if found.warnings else []
    lines += ["", f"repeat: {found.command}"] if found.command else []
    return "\n".join(printable(line).rstrip() for line in lines) + "\n"


def _headline(found: Components) -> str:
    """`list wins 3, heap 1, no winner in 2`."""
    wins = {variant: sum(one.winner == variant for one in found.contests) for variant in found.variants}
    winners = sorted((variant for variant in wins if wins[variant]), key=lambda variant: -wins[variant])
    parts = [f"{variant} wins {wins[variant]}" for variant in winners[:_MOST_WINNERS]]
    others = sum(wins[variant] for variant in winners[_MOST_WINNERS:])
    parts += [f"others {others}"] if others else []
    none = sum(not one.winner for one in found.contests)
    parts += [f"no winner in {none}"] if none else []
    return f"{found.by}: {', '.join(parts)} of {len(found.contests)}"


def _title(one: Contest) -> str:
    suite = f"{one.benchmark.suite}: " if one.benchmark.suite else ""
    figure = "" if one.statistic == "value" else f" ({one.statistic})"
    return f"{suite}{one.benchmark.full} · {one.metric.name}{figure}"


def _group_title(group: Group) -> str:
    return f"geometric mean · {group.metric.name}{f' · {group.suite}' if group.suite else ''}"


def _said(one: Contest | Group, reference: str) -> list[str]:
    said = f"winner: {one.winner} ({one.reason})" if one.winner else f"no winner: {one.reason}"
    said += "" if one.reference == reference else f"; ratios to {one.reference}"
    return wrap(said, _WIDTH, initial_indent=" " * _INDENT, subsequent_indent=" " * 2 * _INDENT)


def _line(entry: Entry, value: str, axis: _Ratios, reference: str) -> str:
    ratio = f"{significant(entry.ratio.value)}x" if entry.ratio else ""
    drawn = axis.draw(entry.ratio) if entry.ratio else axis.middle() if entry.variant == reference else ""
    name = short(printable(entry.variant), _NAME)
    return f"{' ' * _INDENT}{name} {entry.note or value:>{_VALUE}} {ratio:>{_RATIO}} {drawn}"


def _all_ratios(found: Components) -> list[Ratio]:
    entries = [entry for one in found.contests for entry in one.entries]
    entries += [entry for group in found.groups for entry in group.entries]
    return [entry.ratio for entry in entries if entry.ratio]


class _Ratios:
    """The axis of a comparison of two commits, for ratios that may be large."""

    def __init__(self, most: float) -> None:
        self._axis = Axis(most, 0.0)

    @classmethod
    def of(cls, ratios: Iterable[Ratio]) -> _Ratios:
        """An axis on which the ratios find room, as far as that leaves the small ones visible."""
        ends = [abs(math.log(end)) for one in ratios for end in (one.value, one.lo, one.hi) if end > 0]
        return cls(min(max(max(ends, default=0.0), _LEAST), _MOST))

    def draw(self, ratio: Ratio) -> str:
        """A ratio with its interval, ● alone where there is none."""
        known = math.isfinite(ratio.lo)
        lo, hi = (ratio.lo, ratio.hi) if known else (ratio.value, ratio.value)
        return self._axis.draw(
            Confirmation(_NOBODY, Outcome.UNCHANGED, "", change=ratio.value - 1, lo=lo - 1, hi=hi - 1)
        )

    def middle(self) -> str:
        """The reference itself."""
        return " " * (_PLOT // 2) + "●"

    def labels(self) -> str:
        """The ends and the middle."""
        high = f"{significant(math.exp(self._axis.most))}x"
        low = f"{significant(math.exp(-self._axis.most), 2)}x"
        half = _PLOT // 2
        return low.ljust(half) + "1" + high.rjust(_PLOT - half - 1)


def markdown(found: Components) -> str:
    """A table a metric and environment: a row for each benchmark, a column for each variant, and the means."""
    lines = [f"### {escape(_headline(found))}", ""]
    lines += [f"{escape(found.what)}; times the figure of {code(found.reference)}, with intervals of 95 %."]
    places = sorted(found.contests, key=_table_place)
    several = len({one.environment for one in found.contests}) > 1
    for _, members in groupby(places, key=_table_place):
        rows = list(members)
        metric, environment = rows[0].metric, rows[0].environment
        lines += ["", f"**{escape(metric.name)}**" + (f" on {escape(environment.label)}" if several else ""), ""]
        lines += _markdown_head(found.variants)
        lines += [_markdown_row(code(_name(one)), one, found.variants) for one in rows]
        means = [
            group for group in found.groups if (group.metric.name, group.environment) == (metric.name, environment)
        ]
        for group in means:
            name = f"geometric mean{f' of {escape(group.suite)}' if group.suite else ''}"
            lines.append(_markdown_row(name, group, found.variants))
    lines += ["", *(f"- ⚠️ {escape(warning)}" for warning in found.warnings)] if found.warnings else []
    return "\n".join([*lines, "", f"Repeat: {code(found.command)}"]) + "\n"


def _table_place(one: Contest) -> tuple[str, str]:
    return one.environment.digest, one.metric.name


def _name(one: Contest) -> str:
    return f"{one.benchmark.suite}: {one.benchmark.full}" if one.benchmark.suite else one.benchmark.full


def _markdown_head(variants: Sequence[str]) -> list[str]:
    heads = ["benchmark", *(code(variant) for variant in variants), "winner"]
    return ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * len(variants) + "---|"]


def _markdown_row(name: str, one: Contest | Group, variants: Sequence[str]) -> str:
    by_variant = {entry.variant: entry for entry in one.entries}
    cells = [_markdown_cell(by_variant.get(variant), one.metric) for variant in variants]
    return "| " + " | ".join([name, *cells, code(one.winner) if one.winner else "no winner"]) + " |"


def _markdown_cell(entry: Entry | None, metric: Metric) -> str:
    if entry is None:
        return "-"
    value = human(entry.value, metric.unit) if math.isfinite(entry.value) else escape(entry.note)
    if entry.ratio is None:
        return value or "1"
    interval = ""
    if math.isfinite(entry.ratio.lo):
        interval = f" ({significant(entry.ratio.lo)} to {significant(entry.ratio.hi)})"
    return f"{value} {significant(entry.ratio.value)}x{interval}".strip()


def as_json(found: Components) -> str:
    """All of it, for programs."""
    document = {
        "schema": SCHEMA,
        "by": str(found.by),
        "reference": found.reference,
        "variants": list(found.variants),
        "commit": found.commit,
        "subject": found.subject,
        "what": found.what,
        "command": found.command,
        "warnings": list(found.warnings),
        "contests": [_contest(one) for one in found.contests],
        "groups": [_group(group) for group in found.groups],
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _contest(one: Contest) -> dict[str, Any]:
    return {
        "suite": one.benchmark.suite,
        "benchmark": one.benchmark.full,
        "params": dict(one.benchmark.params),
        "metric": one.metric.name,
        "unit": one.metric.unit,
        "direction": one.metric.direction.value,
        "kind": one.metric.kind.value,
        "environment": one.environment.label,
        "statistic": one.statistic,
        "reference": one.reference,
        "winner": one.winner or None,
        "reason": one.reason,
        "variants": [_figures(entry) for entry in one.entries],
    }


def _figures(entry: Entry) -> dict[str, Any]:
    figures = {"variant": entry.variant, "value": _finite(entry.value), "runs": entry.runs, "note": entry.note}
    return figures | _ratio(entry.ratio)


def _ratio(ratio: Ratio | None) -> dict[str, Any]:
    if ratio is None:
        return {"ratio": None, "lo": None, "hi": None, "evidence": ""}
    ends = {"lo": _finite(ratio.lo), "hi": _finite(ratio.hi)}
    return {"ratio": _finite(ratio.value), **ends, "evidence": ratio.evidence}


def _group(group: Group) -> dict[str, Any]:
    return {
        "suite": group.suite,
        "metric": group.metric.name,
        "environment": group.environment.label,
        "reference": group.reference,
        "winner": group.winner or None,
        "reason": group.reason,
        "variants": [{"variant": e.variant, "benchmarks": e.count, **_ratio(e.ratio)} for e in group.entries],
    }


def as_csv(found: Components) -> str:
    """A line for each variant of each contest, for a spreadsheet."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*_PLACE, *_FIGURES])
    for one in found.contests:
        document = _contest(one)
        place = [inert(str(document[name] or "")) for name in _PLACE]
        for entry in one.entries:
            figures = _figures(entry)
            writer.writerow([*place, *(_cell(figures[name]) for name in _FIGURES)])
    return file.getvalue()


def _cell(figure: object) -> object:
    return "" if figure is None else inert(figure) if isinstance(figure, str) else figure


def _finite(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None


FORMATS: dict[str, Callable[[Components], str]] = {
    "text": text, "markdown": markdown, "json": as_json, "csv": as_csv,
}  # fmt: skip
