"""View models of a benchmark's page, and of its row in the overview. Pure: all look-ups and sums are made here."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..model import Environment, Metric
from ..units import scale_of, significant
from .axis import Stop
from .lines import Line
from .sparkline import Sparkline, sparkline
from .steps import Segment, Steps, segments_of
from .trend import MOST_LINES, Chart, Entry, chart
from .verdicts import Opinion, noteworthy, opinion_of
from .wording import Badge, Change, value

# A page of 800 commits x 8 lines would be a table of 300 KB: the newest rows are what people look for.
MOST_ROWS = 200
MOST_SEGMENTS = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a variant on the benchmark's page, or the worst variant of a benchmark in the overview.

    `number` ties it to the chart (0: not drawn there); `variants` counts the lines it stands for.
    """

    name: str
    variant: str
    metric: str
    number: int
    spark: Sparkline
    last: str
    change: Change
    badge: Badge
    date: str
    stale: bool
    variants: int


@dataclass(frozen=True, slots=True)
class ValueRow:
    """All values of one commit, a cell for each line of the chart; "" where there is none."""

    stop: Stop
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """The table of values, newest first; `total` is how many commits there are, `rows` may be fewer."""

    heads: tuple[str, ...]
    rows: tuple[ValueRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Panel:
    """One metric in one environment; `cuts` are (stop, what changed), `levels` is how many `segments` there are."""

    id: str
    metric: str
    chart: Chart | None
    rows: tuple[Row, ...]
    values: Values
    cuts: tuple[tuple[Stop, str], ...]
    segments: tuple[Segment, ...]
    levels: int


@dataclass(frozen=True, slots=True)
class Section:
    """One environment of a benchmark's page."""

    id: str
    label: str
    facts: tuple[tuple[str, str], ...]
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class BenchmarkPage:
    """The page of one benchmark, all its variants, metrics and environments."""

    suite: str
    name: str
    group: str
    badge: Badge
    variants: int
    sections: tuple[Section, ...]
    opinions: tuple[Opinion, ...]


def anchor(environment: Environment) -> str:
    """The id of an environment's section, the same on every page."""
    return f"env-{environment.digest}"


def metric_label(metric: Metric) -> str:
    """A metric's name for people: peak_memory -> peak memory."""
    return metric.name.replace("_", " ")


def by_environment(lines: Iterable[Line]) -> list[tuple[Environment, list[Line]]]:
    """The lines of each environment, worst first; environments by their newest date, then by name."""
    groups: dict[Environment, list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.axis.environment].append(line)
    ordered = sorted(groups.items(), key=lambda item: item[0].label)
    ordered.sort(key=lambda item: max(line.date for line in item[1]), reverse=True)
    return [(environment, sorted(group, key=Line.rank)) for environment, group in ordered]


def row_of(line: Line, number: int = 0, variants: int = 1) -> Row:
    """The row of one line."""
    b, metric = line.key.benchmark, line.key.metric
    return Row(
        b.name, b.variant, metric_label(metric), number, sparkline(line), value(line.last, metric), line.change(),
        line.badge(), line.date, not line.current, variants,
    )  # fmt: skip


def benchmark_page(lines: Sequence[Line], steps: Steps | None = None) -> BenchmarkPage:
    """The page of one benchmark from all its lines, and the steps of the history."""
    steps = steps or Steps(())
    groups = by_environment(lines)
    ordered = [line for _, group in groups for line in group]
    numbers = _numbers(ordered)
    # An environment that was given up long ago, perhaps failing, says nothing of the benchmark now; a verdict does.
    speaking = [*groups[0][1], *(line for line in ordered if line.verdict)]
    badge = min((line.badge() for line in speaking), key=lambda badge: badge.rank)
    b = ordered[0].key.benchmark
    sections = tuple(_section(environment, group, numbers, steps) for environment, group in groups)
    verdicts = [line.verdict for line in ordered if line.verdict]
    opinions = tuple(opinion_of(verdict, several=len(groups) > 1) for verdict in verdicts if noteworthy(verdict))
    variants = len({line.key.benchmark.variant for line in lines})
    return BenchmarkPage(b.suite, b.name, b.group, badge, variants, sections, opinions)


def _numbers(lines: Iterable[Line]) -> dict[tuple[Metric, str], int]:
    """Which variants are drawn: the first eight of each metric, numbered by name, alike in every environment."""
    worst: dict[Metric, dict[str, None]] = defaultdict(dict)
    for line in lines:
        drawn = worst[line.key.metric]
        if len(drawn) < MOST_LINES:
            drawn[line.key.benchmark.variant] = None
    return {
        (metric, variant): number
        for metric, drawn in worst.items()
        for number, variant in enumerate(sorted(drawn, key=_natural), 1)
    }


def _natural(text: str) -> list[tuple[int, str]]:
    """A key that sorts (16) before (128)."""
    return [(len(part) if part.isdigit() else 0, part) for part in re.split(r"([0-9]+)", text)]


def _section(
    environment: Environment, lines: Sequence[Line], numbers: Mapping[tuple[Metric, str], int], steps: Steps
) -> Section:
    by_metric: dict[Metric, list[Line]] = defaultdict(list)
    for line in lines:
        by_metric[line.key.metric].append(line)
    id_ = anchor(environment)
    panels = tuple(_panel(f"{id_}-{i}", group, numbers, steps) for i, group in enumerate(by_metric.values(), 1))
    return Section(id_, environment.label, lines[0].axis.facts, panels)


def _panel(id_: str, lines: Sequence[Line], numbers: Mapping[tuple[Metric, str], int], steps: Steps) -> Panel:
    metric, stops = lines[0].key.metric, lines[0].axis.stops
    if not any((metric, line.key.benchmark.variant) in numbers for line in lines):
        numbers = _numbers(lines)  # the worst variants were measured elsewhere only
    number = [numbers.get((metric, line.key.benchmark.variant), 0) for line in lines]
    entries = [
        Entry(line, n, line.key.benchmark.variant if len(lines) > 1 else "", steps.of(line))
        for n, line in sorted(zip(number, lines, strict=True), key=lambda pair: pair[0])
        if n
    ]
    cuts = {(cut.position, cut.what) for line in lines for cut in (*line.cuts, *line.axis.cuts)}
    segments = [segment for entry in entries for segment in segments_of(entry.line, entry.steps, entry.name)]
    return Panel(
        id_,
        metric_label(metric),
        chart(entries),
        tuple(row_of(line, n) for n, line in zip(number, lines, strict=True)),
        _values(entries),
        tuple((stops[position], what) for position, what in sorted(cuts, reverse=True)),
        tuple(segments[:MOST_SEGMENTS]),
        len(segments),
    )


def _values(entries: Sequence[Entry]) -> Values:
    heads, columns = [], []
    for line, name in ((entry.line, entry.name) for entry in entries):
        metric = line.key.metric
        scale = scale_of(float(np.median(line.values)) if len(line.values) else 0.0, metric.unit)
        unit = f"({scale.label})" if scale.label else ""
        heads.append(f"{name or metric_label(metric)} {unit}".strip())
        shown = (line.values[-MOST_ROWS:] * scale.factor).tolist()
        cells = dict(zip(line.positions[-MOST_ROWS:].tolist(), (significant(v, 4) for v in shown), strict=True))
        columns.append({place: status for place, status, _ in line.failed} | cells)
    places = sorted(set().union(*columns), reverse=True)
    total = len(set().union(*(entry.line.positions.tolist() for entry in entries), *columns))
    stops = entries[0].line.axis.stops if entries else ()
    rows = (ValueRow(stops[at], tuple(column.get(at, "") for column in columns)) for at in places[:MOST_ROWS])
    return Values(tuple(heads), tuple(rows), total)
