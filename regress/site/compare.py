"""Any two commits compared: one file that holds the levels of every series, and the page that reads it.

The file calls `regress.steps` with one object. Texts stand once, in lists; everything else is columns of `wire`:

    metrics     [label, unit, kind, 1 | -1 | 0: larger is worse | better | neither, word for larger, for smaller]
    axes        [environment in words, its id, file of the axis, column: the number of each place among all commits]
    benchmarks  [name, index into groups, file without folder and ending]
    groups, variants, machines, scales      what the columns below are indices into
    b v m a w   of each strand: benchmark, variant, metric, axis, machine, each as the difference to the strand before;
                strands of one series, one for each machine, follow one another
    noise       standard deviation of one run in 0.01 %, 0 where it is not known
    scale       index into scales, the step of `wire`; count: how many levels
    gap, length, begins     of each level: places since the end of the one before (a strand's first: since place 0),
                to its own end, what it begins with (`levels`)
    level       of each level: the difference to the one before, whosever that is
    failed      [strand, column: places at which the benchmark failed or was skipped]
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TypeVar

import numpy as np

from ..model import Direction, Metric, StoredRun
from . import wire
from .axis import Axis
from .input import SiteInput
from .levels import Level, Machines, Strand, strands_of
from .lines import Line
from .links import Links
from .pages import anchor, metric_label
from .slug import Named
from .steps import Steps
from .wording import describe

FOLDER = "d"
#: Noise is told in parts of 0.01 %, as a change in units of it is told to one decimal.
NOISE_PARTS = 1e4
_T = TypeVar("_T")
_WORSE = {Direction.LOWER: 1, Direction.HIGHER: -1, Direction.UNKNOWN: 0}


@dataclass(frozen=True, slots=True)
class ComparePage:
    """What the page says before its script runs; `scripts` are the files of data, from the top of the site.

    `newest` and `oldest` are days, "" where they are not known; `environments` are (id, words) where there are several.
    """

    series: int
    commits: int
    oldest: str
    newest: str
    environments: tuple[tuple[str, str], ...]
    scripts: tuple[str, ...]


EMPTY = ComparePage(0, 0, "", "", (), ())


@dataclass(frozen=True, slots=True)
class _Series:
    """One line, kept while the stream of benchmarks goes on; `failed` are places."""

    benchmark: Named
    variant: str
    metric: Metric
    axis: Axis
    noise: float
    strands: tuple[Strand, ...]
    failed: tuple[int, ...]


class Comparable:
    """The levels of all lines of a history, collected benchmark by benchmark."""

    def __init__(self, runs: Mapping[int, StoredRun]) -> None:
        self._runs = runs
        self._machines = Machines(runs)
        self._series: list[_Series] = []

    def add(self, lines: Sequence[Line], steps: Steps) -> None:
        """Takes the levels of one benchmark's lines."""
        for line in lines:
            strands = strands_of(line, steps.of(line), self._machines)
            if strands:
                key, first, last = line.key, int(line.positions[0]), int(line.positions[-1])
                failed = tuple(place for place, _, _ in line.failed if first < place < last)
                benchmark = (key.benchmark.suite, key.benchmark.name)
                noise = line.noise
                self._series.append(
                    _Series(benchmark, key.benchmark.variant, key.metric, line.axis, noise, tuple(strands), failed)
                )

    def page(
        self, hrefs: Mapping[Named, str], axis_file: Callable[[Axis], str], write: Callable[[str, str], None]
    ) -> ComparePage:
        """Writes the file of steps, and returns what the page says; `axis_file` names (and writes) that of an axis."""
        # In an order of its own, so that the file does not depend on that of the stream.
        series = sorted(self._series, key=lambda each: each.benchmark)
        axes = list(dict.fromkeys(each.axis for each in series))
        places, commits = _in_one_order(axes, self._runs)
        files = [axis_file(axis) for axis in axes]
        told = [
            (axis.environment.label, anchor(axis.environment), file, wire.numbers(_differences(own)))
            for axis, file, own in zip(axes, files, places, strict=True)
        ]
        content = _content(series, axes, hrefs) | {"axes": told, "commits": commits}
        text = json.dumps(content, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
        name = f"{FOLDER}/steps-{hashlib.blake2b(text.encode(), digest_size=4).hexdigest()}.js"
        write(name, f"regress.steps({text});\n")
        days = sorted({stop.date for axis in axes for stop in axis.stops if stop.date})
        environments = dict.fromkeys((anchor(axis.environment), axis.environment.label) for axis in axes)
        return ComparePage(
            len(series), commits, days[0] if days else "", days[-1] if days else "",
            tuple(environments) if len(environments) > 1 else (), (name, *dict.fromkeys(files)),
        )  # fmt: skip


def compare_page(site: SiteInput, hrefs: Mapping[Named, str], links: Links, page: ComparePage = EMPTY) -> ComparePage:
    """The page of what was collected while the benchmarks were written."""
    return page


def group_of(name: str) -> str:
    """The first part of a benchmark's name: its file or its module."""
    return name.split("::")[0] if "::" in name else name.split(".")[0]


def _in_one_order(axes: Sequence[Axis], runs: Mapping[int, StoredRun]) -> tuple[list[list[int]], int]:
    """The number of each place of each axis among the commits of all axes in the order of the history; how many."""
    keys = []
    for axis in axes:
        order = dict(zip(axis.positions.tolist(), (runs[run].order for run in axis.run_ids.tolist()), strict=True))
        keys.append([(order[place], stop.commit) for place, stop in enumerate(axis.stops)])
    number = {key: n for n, key in enumerate(sorted(set(chain.from_iterable(keys))))}
    return [[number[key] for key in own] for own in keys], len(number)


def _content(series: Sequence[_Series], axes: Sequence[Axis], hrefs: Mapping[Named, str]) -> dict[str, object]:
    benchmarks, variants, machines = _Numbers[Named](), _Numbers[str](), _Numbers[str]()
    metrics, groups, scales = _Numbers[Metric](), _Numbers[str](), _Numbers[float]()
    at = {axis: number for number, axis in enumerate(axes)}
    strands: list[tuple[int, ...]] = []
    levels: list[tuple[int, ...]] = []
    failed: list[tuple[int, str]] = []
    for each in series:
        for strand in each.strands:
            if each.failed:
                failed.append((len(strands), wire.numbers(_differences(each.failed))))
            step, own = _told(strand.levels, each.metric)
            strands.append((
                benchmarks[each.benchmark], variants[each.variant], metrics[each.metric], at[each.axis],
                machines[strand.machine], _noise(each.noise), scales[step], len(own),
            ))  # fmt: skip
            levels.extend(own)
    return {
        "metrics": [_metric(metric) for metric in metrics],
        "benchmarks": [(name, groups[group_of(name)], _file(hrefs[suite, name])) for suite, name in benchmarks],
        "groups": list(groups), "variants": list(variants), "machines": list(machines),
        "scales": [int(step) if step == int(step) else step for step in scales],
        "strands": len(strands), "levels": len(levels),
        **_columns(strands, ("b", "v", "m", "a", "w", "noise", "scale", "count"), "bvmaw"),
        **_columns(levels, ("gap", "length", "begins", "level"), ("level",)),
        "failed": failed,
    }  # fmt: skip


def _columns(rows: Sequence[tuple[int, ...]], names: Sequence[str], different: Collection[str]) -> dict[str, str]:
    """The text of each column; of those that are `different` each number is told by the one before."""
    made = zip(*rows, strict=True) if rows else [()] * len(names)
    return {
        name: wire.numbers(_differences(column) if name in different else column)
        for name, column in zip(names, made, strict=True)
    }


def _told(levels: Sequence[Level], metric: Metric) -> tuple[float, list[tuple[int, ...]]]:
    """The scale of a strand's levels, and of each its gap, length, beginning and value."""
    step, values = wire.quantised(np.array([level.centre for level in levels]), metric.kind)
    told: list[tuple[int, ...]] = []
    end = 0
    for level, value in zip(levels, values.tolist(), strict=True):
        told.append((level.first - end, level.last - level.first, level.begins, value))
        end = level.last
    return step, told


def _noise(noise: float) -> int:
    return max(1, round(noise * NOISE_PARTS)) if math.isfinite(noise) and noise > 0 else 0


def _metric(metric: Metric) -> tuple[str, str, str, int, str, str]:
    words = describe(1.0, metric).word, describe(-0.5, metric).word
    return metric_label(metric), metric.unit, metric.kind.value, _WORSE[metric.direction], *words


def _file(href: str) -> str:
    return href.rpartition("/")[2].removesuffix(".html")


def _differences(numbers: Sequence[int]) -> list[int]:
    return [number - before for before, number in pairwise((0, *numbers))]


class _Numbers(dict[_T, int]):
    """A number for each new thing that is asked for, in that order."""

    def __missing__(self, thing: _T) -> int:
        self[thing] = len(self)
        return self[thing]
