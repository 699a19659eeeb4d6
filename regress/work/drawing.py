"""The lines of one benchmark as the trend site draws them, with their levels and change points, without a site.

What changed is looked at anew, and nothing is stored: the history is only read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import UsageError
from ..judge.changes import analysis, look, strands
from ..judge.timeline import Timeline
from ..model import TIME, Cause, Environment, Metric, Series, StoredRun
from ..site.axis import Axis, axis_of
from ..site.lines import Line, line_of
from ..site.links import Links
from ..site.steps import Step, Steps, Stretch, stretches_of

#: As many lines as the site has colours.
MOST_LINES = 8


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line: its points, its change points, and its levels as stretches of the axis.

    `name` tells it from the others: the benchmark, or its parameters where all are of one.
    """

    name: str
    line: Line
    steps: tuple[Step, ...]
    stretches: tuple[Stretch, ...]

    @property
    def levels(self) -> tuple[Stretch, ...]:
        """The stretches; one without a change point has a single level, from its first point to its last."""
        if self.stretches:
            return self.stretches
        positions = self.line.positions
        return (Stretch(int(positions[0]), int(positions[-1]), self.centre),)

    @property
    def centre(self) -> float:
        """The median of all points."""
        ordered = sorted(self.line.values.tolist())
        half = len(ordered) // 2
        return ordered[half] if len(ordered) % 2 else math.fsum(ordered[half - 1 : half + 1]) / 2


@dataclass(frozen=True, slots=True)
class Drawing:
    """A few lines of one metric on one axis; `title` says what they are."""

    title: str
    metric: Metric
    axis: Axis
    lines: tuple[Drawn, ...]


def drawing(series: Sequence[Series], runs: Sequence[StoredRun], metric: str | None) -> Drawing:
    """The lines of one metric in the environment that was measured last.

    `metric` None: the time where there is one, else the only metric. Raises UsageError where that does not say which,
    where there is nothing to draw, and where there are more lines than can be told apart.
    """
    measured = [each for each in series if len(each)]
    if not measured:
        raise UsageError("there is no point to draw", hint="see what there is with .series()")
    chosen = _of_metric(measured, metric)
    environment = _last_measured(chosen, runs)
    chosen = [each for each in chosen if each.environment == environment]
    suites = sorted({each.key.benchmark.suite for each in chosen})
    if len(suites) > 1:
        raise UsageError(
            f"these are benchmarks of {len(suites)} suites: {', '.join(suites)}", hint="name one benchmark"
        )
    axis = axis_of(environment, [run for run in runs if _measured(run, environment, suites[0])], Links())
    lines = _lines(chosen, axis, Timeline(runs))
    benchmarks = [drawn.line.key.benchmark for drawn in lines]
    names = {benchmark.name for benchmark in benchmarks}
    title = names.pop() if len(names) == 1 else f"{len(lines)} benchmarks"
    title = benchmarks[0].full if len(lines) == 1 else title
    return Drawing(f"{title} · {environment.label}", lines[0].line.key.metric, axis, tuple(lines))


def _of_metric(series: Sequence[Series], metric: str | None) -> list[Series]:
    names = sorted({each.key.metric.name for each in series})
    if metric is None and len(names) > 1 and TIME.name not in names:
        raise UsageError(f"these benchmarks have {len(names)} metrics: {', '.join(names)}", hint="name one: metric=…")
    wanted = metric or (TIME.name if TIME.name in names else names[0])
    found = [each for each in series if each.key.metric.name == wanted]
    if not found:
        raise UsageError(f"there is no metric {wanted!r}", hint=f"there are: {', '.join(names)}")
    return found


def _last_measured(series: Sequence[Series], runs: Sequence[StoredRun]) -> Environment:
    rank = {run.id: place for place, run in enumerate(runs)}
    return max(series, key=lambda each: rank[int(each.run_ids[-1])]).environment


def _measured(run: StoredRun, environment: Environment, suite: str) -> bool:
    return run.environment == environment and (not run.suites or suite in run.suites)


def _lines(series: Sequence[Series], axis: Axis, timeline: Timeline) -> list[Drawn]:
    versions: dict[str, list[Series]] = {}
    for each in series:
        versions.setdefault(each.key.benchmark.full, []).append(each)
    if len(versions) > MOST_LINES:
        raise UsageError(f"{len(versions)} lines cannot be told apart", hint=f"narrow it down to {MOST_LINES}")
    same = len({each.key.benchmark.name for each in series}) == 1
    steps = Steps([cause for each in series for cause in _causes(each, timeline)])
    drawn = []
    for full, parts in versions.items():
        line = line_of(parts, axis)
        if len(line.positions):
            name = (line.key.benchmark.variant if same else "") or full
            drawn.append(Drawn(name, line, steps.of(line), tuple(stretches_of(line, steps.of(line)))))
    if not drawn:
        raise UsageError("there is no finite point to draw", hint="see what there is with .frame()")
    return drawn


def _causes(series: Series, timeline: Timeline) -> list[Cause]:
    """The change points of one series, each as a cause of its own: what else moved there is not asked."""
    parts = strands(series, timeline)
    found = analysis(series, timeline, parts, look([part.sheet for part in parts])) if parts else None
    return [Cause("", change.span, change.trend, (change,)) for change in found.changes] if found else []
