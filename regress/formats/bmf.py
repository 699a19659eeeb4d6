"""Bencher Metric Format (BMF), in and out: JSON of benchmarks, their measures, and up to three figures of each.

    {"benchmark name": {"latency": {"value": 88.0, "lower_value": 87.42, "upper_value": 88.88},
                        "file-size": {"value": 42.0}}}

Read (after the documentation on bencher.dev):

file        one run, which names no commit, no time and no environment
benchmark   its name as a whole; the suffix "-bencher-ignore" that keeps Bencher's alerts away is cut off
measure     the built-in ones, by slug or by name, have a unit and a direction:
                latency      `time`, nanoseconds, lower        build-time   seconds, lower
                throughput   operations per second, higher     file-size    bytes, lower
            any other is a metric of its name without either, until the configuration says them; one that is called
            "time" is `measure.time`, as nobody says that it is in seconds
figures     value, lower_value (lo) and upper_value (hi), which has no level, as each tool bounds something else

Version 1, whose benchmarks are lists of parameters and measures, is refused: nothing documents it yet.

Written by `dump_bmf`, each benchmark × metric of a run, as far as BMF can hold it:

name        name and variant in one
measure     `time` and `latency` in seconds are "latency" in nanoseconds; any other metric is a measure of its name in
            its base unit. One that would be taken for a built-in measure of another unit has its unit behind the name
figures     the central figure (the median, else value, mean, min), lo and hi. What is not finite is left out

Lost on the way out: commit, times, environment, suite, version, parameters, group; unit, direction and kind of what is
not built in; the other statistics, and which of them the value was; samples, quantiles, attachments; gaps; a row
without a central figure. Bencher itself refuses names of benchmarks beyond 1,024 characters, and of measures beyond 64.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping

from ..errors import InputError, UsageError
from ..model import CENTRES, TIME, Bad, Benchmark, Direction, Environment, Key, Metric, Result, Run, Source
from ..units import BYTES, PER_SECOND, SECONDS
from .document import Document
from .fields import load, number
from .options import ReadOptions
from .rows import RowList

_BOUNDS = {"lower_value": "lo", "upper_value": "hi"}
_FIGURES = {"value": "value"} | _BOUNDS
#: The built-in measures by slug: the metric, and how many of the measure's unit one of its unit is.
_MEASURES: Mapping[str, tuple[Metric, float]] = {
    "latency": (TIME, 1e9),
    "throughput": (Metric("throughput", PER_SECOND, Direction.HIGHER), 1.0),
    "build-time": (Metric("build-time", SECONDS, Direction.LOWER), 1.0),
    "file-size": (Metric("file-size", BYTES, Direction.LOWER), 1.0),
}
_IGNORE = "-bencher-ignore"
_OWN_TIME = "measure.time"

_STRING = rb'"(?:[^"\\]|\\.)*"'
_METRIC = rb'"(?:value|lower_value|upper_value)"\s*:\s*-?[0-9][-+.0-9eE]*'
#: Two names deep an object of nothing but a metric's figures, at the head of the file.
_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*\{\s*%s\s*:\s*\{\s*%s\s*:\s*\{\s*%s\s*(?:,\s*%s\s*){0,2}\}"
    % (_STRING, _STRING, _METRIC, _METRIC),
    re.DOTALL,
)


class Bmf:
    """Bencher's JSON, one run a file."""

    name = "bmf"
    version = 1

    def detect(self, document: Document) -> float:
        """Sure, though less than formats that name themselves, where the first metric is one and nothing else."""
        return 0.55 if _HEAD.match(document.data[:16384]) else 0.0

    def companions(self, document: Document) -> Iterable[bytes]:
        """None: the file stands alone."""
        return ()

    def read(self, document: Document, options: ReadOptions) -> Iterator[Run | Bad]:
        """One run, after a Bad for each benchmark or measure that is at fault."""
        content = load(document)
        if not isinstance(content, dict):
            hint = "name a file of the form {benchmark: {measure: {value: …}}}"
            raise InputError("this is no object", where=document.path, hint=hint)
        if content and all(isinstance(entry, list) for entry in content.values()):
            hint = "write {benchmark: {measure: {value: …}}} instead"
            raise InputError("version 1 of the metric format is not read", where=document.path, hint=hint)
        rows = RowList()
        faults = list(_fill(rows, content, options.suite or self.name, document.path))
        yield from faults
        if not rows.keys:
            if not faults:
                yield Bad(document.path, "no benchmarks in this file", "run the benchmarks again")
            return
        yield Run(
            commit="",
            environment=Environment.of({}),
            source=Source(document.path, self.name, "bencher"),
            columns=rows.columns,
            warnings=("the file does not say when it was measured",),
        )


def _fill(rows: RowList, content: Mapping[str, object], suite: str, path: str) -> Iterator[Bad]:
    """Adds all benchmarks to `rows`; yields what is at fault."""
    for name, measures in content.items():
        where = f"{path}: {name:.200}"
        own = name.removesuffix(_IGNORE)
        if not own.strip():
            yield Bad(where or path, "a benchmark has no name", "the other benchmarks are read")
        elif not isinstance(measures, dict) or not measures:
            yield Bad(where, "it holds no measures", "the other benchmarks are read")
        else:
            benchmark = Benchmark(suite, own)
            for measure, metric in measures.items():
                if fault := _add(rows, benchmark, measure, metric):
                    yield Bad(f"{where}: {measure:.80}", fault, "the other measures are read")


def _add(rows: RowList, benchmark: Benchmark, measure: str, content: object) -> str:
    """Adds one measure; what is wrong with it is returned, "" where nothing is."""
    if not measure.strip():
        return "a measure has no name"
    metric, scale = _meaning(measure)
    key = Key(benchmark, metric)
    if rows.knows(key):
        return "it came before in this file: the first one is taken"
    if not isinstance(content, dict):
        return "it is no object with a value"
    figures: dict[str, float] = {}
    for theirs, ours in _FIGURES.items():
        if theirs not in content:
            continue
        figure = number(content[theirs])
        if figure is None:
            return f"its {theirs} is no finite number"
        figures[ours] = figure / scale
    if "value" not in figures:
        return "it has no value"
    if figures.get("lo", -math.inf) > figures.get("hi", math.inf):
        return "its lower_value is above its upper_value"
    rows.add(key, figures)
    return ""


def _meaning(measure: str) -> tuple[Metric, float]:
    """The metric of a measure, by its slug or its name, and how many of its unit one of the metric's unit is."""
    slug = _slug(measure)
    if slug in _MEASURES:
        return _MEASURES[slug]
    return Metric(_OWN_TIME if measure == TIME.name else measure), 1.0


def _slug(measure: str) -> str:
    return "-".join(measure.lower().split())


def dump_bmf(runs: Iterable[Run]) -> str:
    """The runs as one BMF document. Raises UsageError where two have a figure for the same cell, as BMF holds one.

    Runs of several suites of one commit go together; of runs of several commits or environments one is chosen.
    """
    content: dict[str, dict[str, dict[str, float]]] = {}
    for run in runs:
        for row in range(len(run.columns)):
            result = run.columns.result(row)
            measure, scale = _measure(result.key.metric)
            metric = _metric(result, scale)
            name = result.key.benchmark.full
            if not metric or not name.strip() or not measure.strip():
                continue
            measures = content.setdefault(name, {})
            if measure in measures:
                what = f"{measure} of {name} has two figures, and BMF holds one of each"
                raise UsageError(what, hint="name one run of one environment")
            measures[measure] = metric
    return json.dumps(content, allow_nan=False, indent=2) + "\n"


def _measure(metric: Metric) -> tuple[str, float]:
    """The measure of a metric, and what its figures are multiplied with."""
    if metric.name == _OWN_TIME:
        return TIME.name, 1.0
    slug = "latency" if metric.name == TIME.name and metric.unit == SECONDS else _slug(metric.name)
    if slug not in _MEASURES:
        return metric.name, 1.0
    known, scale = _MEASURES[slug]
    return (slug, scale) if metric.unit == known.unit else (f"{metric.name} ({metric.unit})", 1.0)


def _metric(result: Result, scale: float) -> dict[str, float]:
    """The central figure and its interval in the measure's unit; nothing without a central figure."""
    scaled = {name: figure * scale for name, figure in result.stats.items()}
    finite = {name: figure for name, figure in scaled.items() if math.isfinite(figure)}
    centre = next((finite[name] for name in CENTRES if name in finite), None)
    if centre is None:
        return {}
    return {"value": centre} | {theirs: finite[ours] for theirs, ours in _BOUNDS.items() if ours in finite}
