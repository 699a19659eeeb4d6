"""View models of a benchmark's page, and of its row in the overview. Pure: all look-ups and sums are made here."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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

# A page of 800 commits x 8 lines would be a table of 300 KB: the newest rows are what people look for, and all values
# are in the data that the page draws from.
MOST_ROWS = 5
MOST_SEGMENTS = 12
#: Variants that are a row with a sparkline; of 720 the others are a line of a list, to be looked for by name.
MOST_PICTURED = 24


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a variant on the benchmark's page, or the worst variant of a benchmark in the overview.

    `number` ties it to the chart (0: not drawn there); `variants` counts the lines it stands for.
    """

    name: str
    variant: str
    metric: str
    number: int
    spark: Sparkline | None
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
    """One metric in one environment.

    `further` are rows beyond the first few, without pictures; `cuts` are (stop, what changed); `levels` is how many
    `segments` there are.
    """

    id: str
    metric: str
    chart: Chart | None
    rows: tuple[Row, ...]
    further: tuple[Row, ...]
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
class Place:
    """A panel before it is drawn: the lines of one metric in one environment, worst first.

    `numbers` are those that each line has in the chart, from 1; 0: not drawn there.
    """

    id: str
    environment: Environment
    lines: tuple[Line, ...]
    numbers: tuple[int, ...]


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


#: The lines of each environment, worst first; environments by their newest date, then by name.
Groups = Sequence[tuple[Environment, Sequence[Line]]]


def anchor(environment: Environment) -> str:
    """The id of an environment's section, the same on every page."""
    return f"env-{environment.digest}"


def metric_label(metric: Metric) -> str:
    """A metric's name for people: peak_memory -> peak memory."""
    return metric.name.replace("_", " ")


def by_environment(lines: Iterable[Line]) -> Groups:
    """The groups that all of a benchmark's pictures and rows are made of."""
    groups: dict[Environment, list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.axis.environment].append(line)
    ordered = sorted(groups.items(), key=lambda item: item[0].label)
    ordered.sort(key=lambda item: max(line.date for line in item[1]), reverse=True)
    return [(environment, sorted(group, key=Line.rank)) for environment, group in ordered]


def row_of(line: Line, number: int = 0, variants: int = 1, *, pictured: bool = True) -> Row:
    """The row of one line, `pictured` by a sparkline."""
    b, metric = line.key.benchmark, line.key.metric
    spark = sparkline(line) if pictured else None
    return Row(
        b.name, b.variant, metric_label(metric), number, spark, value(line.last, metric), line.change(), line.badge(),
        line.date, not line.current, variants,
    )  # fmt: skip


def places_of(groups: Groups) -> tuple[Place, ...]:
    """The panels of a benchmark's page, in their order: by environment, then by metric."""
    numbers = _numbers([line for _, group in groups for line in group])
    return tuple(place for environment, group in groups for place in _places(environment, group, numbers))


def benchmark_page(groups: Groups, places: Sequence[Place], steps: Steps) -> BenchmarkPage:
    """The page of one benchmark from its lines, the panels made of them, and the steps of the history."""
    ordered = [line for _, group in groups for line in group]
    # An environment that was given up long ago, perhaps failing, says nothing of the benchmark now; a verdict does.
    speaking = [*groups[0][1], *(line for line in ordered if line.verdict)]
    badge = min((line.badge() for line in speaking), key=lambda badge: badge.rank)
    b = ordered[0].key.benchmark
    sections = tuple(
        _section(environment, [place for place in places if place.environment is environment], steps)
        for environment, _ in groups
    )
    verdicts = [line.verdict for line in ordered if line.verdict]
    opinions = tuple(opinion_of(verdict, several=len(groups) > 1) for verdict in verdicts if noteworthy(verdict))
    variants = len({line.key.benchmark.variant for line in ordered})
    return BenchmarkPage(b.suite, b.name, b.group, badge, variants, sections, opinions)


def _numbers(lines: Iterable[Line]) -> dict[tuple[Metric, str], int]:
    """Which variants are drawn: the first few of each metric, numbered by name, alike in every environment."""
    worst: dict[Metric, dict[str, None]] = defaultdict(dict)
    for line in lines:
        drawn = worst[line.key.metric]
        if len(drawn) < MOST_LINES:
            drawn[line.key.benchmark.variant] = None
    return {
        (metric, variant): number
        for metric, drawn in worst.items()
        for number, variant in enumerate(sorted(drawn, key=natural), 1)
    }


def natural(text: str) -> list[tuple[int, str]]:
    """A key that sorts (16) before (128)."""
    return [(len(part) if part.isdigit() else 0, part) for part in re.split(r"([0-9]+)", text)]


def _places(
    environment: Environment, lines: Sequence[Line], numbers: Mapping[tuple[Metric, str], int]
) -> Iterator[Place]:
    by_metric: dict[Metric, list[Line]] = defaultdict(list)
    for line in lines:
        by_metric[line.key.metric].append(line)
    for i, (metric, group) in enumerate(by_metric.items(), 1):
        own = numbers
        if not any((metric, line.key.benchmark.variant) in numbers for line in group):
            own = _numbers(group)  # the worst variants were measured elsewhere only
        number = tuple(own.get((metric, line.key.benchmark.variant), 0) for line in group)
        yield Place(f"{anchor(environment)}-{i}", environment, tuple(group), number)


def _section(environment: Environment, places: Sequence[Place], steps: Steps) -> Section:
    facts = places[0].lines[0].axis.facts
    panels = tuple(_panel(place, steps) for place in places)
    return Section(anchor(environment), environment.label, facts, panels)


def _panel(place: Place, steps: Steps) -> Panel:
    lines = place.lines
    metric, stops = lines[0].key.metric, lines[0].axis.stops
    numbered = list(zip(place.numbers, lines, strict=True))
    # Those of the chart, which are not the worst ones in every environment, stand among the others of the table.
    pictured = [pair for i, pair in enumerate(numbered) if i < MOST_PICTURED or pair[0]]
    entries = [
        Entry(line, n, line.key.benchmark.variant if len(lines) > 1 else "", steps.of(line))
        for n, line in sorted(numbered, key=lambda pair: pair[0])
        if n
    ]
    cuts = {(cut.position, cut.what) for line in lines for cut in (*line.cuts, *line.axis.cuts)}
    segments = [segment for entry in entries for segment in segments_of(entry.line, entry.steps, entry.name)]
    return Panel(
        place.id,
        metric_label(metric),
        chart(entries),
        tuple(row_of(line, n) for n, line in pictured),
        tuple(row_of(line, pictured=False) for i, (n, line) in enumerate(numbered) if i >= MOST_PICTURED and not n),
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
