"""pytest-benchmark's saved runs (3.2 to 5.3): `--benchmark-json=FILE`, or `.benchmarks/<machine>/0001_<name>.json`.

    {"machine_info": {"node": …, "machine": "x86_64", "system": "Linux", "python_version": "3.11.7", "cpu": {…}, …},
     "commit_info": {"id": …, "time": …, "dirty": false, "branch": "main", …},
     "benchmarks": [{"group": null, "fullname": "tests/test_x.py::test_y[list-10]", "param": "list-10",
                     "params": {…}, "extra_info": {…}, "options": {…}, "cprofile": […],
                     "stats": {"min": s, …, "rounds": n, "iterations": k, "data": [s, …]}}],
     "datetime": "2026-11-20T13:32:22.248343+00:00", "version": "5.3.1"}

one file    is one run
names       `fullname` up to the bracket is the name, "[id]" the variant; memory addresses in it are masked, as they
            differ in each process
params      for facets and axes only: cut at 120 characters, left out where they hold an address
stats       seconds per call. `ops` is another view of the mean and not kept; `hd15iqr` was wrong up to 5.3.0 and is
            not kept; the deviation of a single round is 0, says nothing, and is not kept
data        each round (with --benchmark-save-data); percentiles are made of it only where a round is one call, as
            rounds of many calls are means, and means hide the tail that a percentile is about
extra_info  numeric leaves are metrics of their own, nested names joined by dots; what they mean is configured.
            `regress` in it is what stands beside the test (a rule, a budget): kept with the benchmark's first row,
            no part of the run's digest; what is wrong in it is a warning of the run. `regress_memory` is what an
            extra call said: {"peak": bytes}, or {"failed": reason}, which is a gap (skipped) and a warning
datetime    without an offset (3.x, 4.x) it is UTC
commit      "unversioned" and "unknown" are none; "(detached head)" and "(unknown)" are no branch

A benchmark whose stats hold no usable figure was run and has no number: that is a gap (failed). One whose entry
is not made as it should be, or whose name came before, is a fault. A benchmark that raised is not in the file at all.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..model import (
    BESIDE,
    TIME,
    Bad,
    Benchmark,
    Direction,
    Environment,
    Key,
    Kind,
    Metric,
    Run,
    Source,
    read_beside,
)
from ..model.beside import MOST_CHARACTERS
from .document import Document
from .fields import commit_of, load, mapping, masked, number, python_of, shown, split_id, text, when
from .options import ReadOptions
from .rows import RowList
from .sampled import percentiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STATS = {
    "min": "min",
    "q1": "q1",
    "median": "median",
    "q3": "q3",
    "mean": "mean",
    "max": "max",
    "sd": "stddev",
    "n": "rounds",
    "iterations": "iterations",
}
_COUNTS = ("n", "iterations")
#: In `extra_info`: what one more call, which is not timed, said of its memory; and its figure. Traced allocations are
#: the same to the byte in each process.
_MEMORY = "regress_memory"
_PEAK_MEMORY = Metric("peak memory", "B", Direction.LOWER, Kind.EXACT)
_NO_BRANCH = ("(detached head)", "(unknown)")
_MAX_LEAVES = 1000
_MAX_WARNINGS = 20
_PROFILE_ROWS = 25


class PytestBenchmark:
    """pytest-benchmark's JSON, one run a file."""

    name = "pytest-benchmark"
    version = 2

    def detect(self, document: Document) -> float:
        """Sure when its three parts are named; its first key alone may be a file that breaks off."""
        data = document.data
        if all(part in data for part in (b'"machine_info"', b'"commit_info"', b'"benchmarks"')):
            return 0.9
        return 0.6 if b'"machine_info"' in data[:100] else 0.0

    def companions(self, document: Document) -> Iterable[bytes]:
        """None: the file stands alone."""
        return ()

    def read(self, document: Document, options: ReadOptions) -> Iterator[Run | Bad]:
        """One run, after a Bad for each benchmark or figure that is at fault."""
        content = load(document)
        if not isinstance(content, dict):
            raise InputError("this is no object", where=document.path, hint="name a file saved by pytest-benchmark")
        benchmarks = content.get("benchmarks")
        if not isinstance(benchmarks, list):
            raise InputError("no list of benchmarks", where=document.path, hint="run the benchmarks again")
        reader = _Reader(document.path, options)
        for place, entry in enumerate(benchmarks):
            reader.add(place, entry)
        yield from reader.faults
        rows = reader.rows
        if not rows.keys and not rows.gaps:
            if not reader.faults:
                yield Bad(document.path, "no benchmarks in this file", "check that pytest selected some")
            return
        commit = mapping(content.get("commit_info"))
        branch = text(commit.get("branch"))
        started = when(content.get("datetime"))
        yield Run(
            commit=commit_of(commit.get("id")),
            environment=_environment(mapping(content.get("machine_info"))),
            source=Source(document.path, self.name, self.name, text(content.get("version"))),
            columns=rows.columns,
            gaps=rows.gaps,
            ref="" if branch in _NO_BRANCH else branch,
            started_at=started,
            ended_at=None,
            committed_at=when(commit.get("time")),
            dirty=commit.get("dirty") is True,
            samples=rows.samples,
            quantiles=rows.quantiles,
            attachments=rows.attachments,
            warnings=reader.told(started is not None),
        )


class _Reader:
    """The benchmarks of one file, collected row by row."""

    def __init__(self, path: str, options: ReadOptions) -> None:
        self.path = path
        self.options = options
        self.rows = RowList()
        self.faults: list[Bad] = []
        self._warnings: list[str] = []

    def told(self, dated: bool) -> tuple[str, ...]:
        """What the run must say of itself."""
        first = [] if dated else ["the file does not say when it was measured"]
        left = len(self._warnings) - _MAX_WARNINGS
        more = [f"and {left} more warnings about benchmarks"] if left > 0 else []
        return (*first, *self._warnings[:_MAX_WARNINGS], *more)

    def add(self, place: int, entry: object) -> None:
        """Add one benchmark with its metrics."""
        content = mapping(entry)
        name = text(content.get("fullname")) or text(content.get("name"))
        if not name:
            self._fault(f"benchmark {place + 1}", "it has no name")
            return
        benchmark = _benchmark(name, content, self.options.suite or "pytest-benchmark")
        if self.rows.knows(Key(benchmark, TIME)):
            self._fault(benchmark.full, "the name came before in this file", "the first one is taken")
            return
        stats = content.get("stats")
        first = len(self.rows.keys)
        if isinstance(stats, dict):
            self._time(benchmark, stats)
        else:
            self._fault(benchmark.full, "it has no stats")
        extra = dict(mapping(content.get("extra_info")))
        if _MEMORY in extra:
            self._memory(benchmark, mapping(extra.pop(_MEMORY)))
        self._extras(benchmark, extra)
        self._attach(benchmark, first, content.get("cprofile"), extra)

    def _attach(self, benchmark: Benchmark, row: int, profile: object, extra: Mapping[str, object]) -> None:
        """What hangs on the first row of a benchmark, if it has one: its profile, and what stands beside the test."""
        kept: dict[str, object] = {}
        if isinstance(profile, list) and profile:
            kept["cprofile"] = _costliest(profile)
        if BESIDE in extra:
            beside = extra[BESIDE]
            faults = read_beside(beside, benchmark).faults
            if len(json.dumps(beside)) > MOST_CHARACTERS:
                faults = (f"it has more than {MOST_CHARACTERS:,} characters and is left out",)
            else:
                kept[BESIDE] = beside
                if row >= len(self.rows.keys):
                    faults = (*faults, "it is left out, as the benchmark has no figure")
            self._warnings += [f"{benchmark.full}: {BESIDE}: {fault}" for fault in faults]
        if kept and row < len(self.rows.keys):
            self.rows.attachments[row] = json.dumps(kept)

    def _time(self, benchmark: Benchmark, stats: Mapping[str, object]) -> None:
        key = Key(benchmark, TIME)
        read = {ours: number(stats.get(theirs)) for ours, theirs in _STATS.items()}
        figures = {name: figure for name, figure in read.items() if figure is not None}
        for theirs in _STATS.values():
            if stats.get(theirs) in (math.inf, -math.inf):
                self._fault(benchmark.full, f"{theirs} is infinite", "the figure is left out")
        for name in _COUNTS:
            if figures.get(name, 1) < 1:
                del figures[name]
        if figures.get("n", 1) == 1:
            figures.pop("sd", None)
        if not figures.keys() - {*_COUNTS, "sd"}:
            self.rows.gap(key, "failed", "its stats hold no figure")
            return
        row = self.rows.add(key, figures)
        samples = self._samples(benchmark, stats.get("data"))
        if len(samples):
            self.rows.samples[row] = samples
            if figures.get("iterations") == 1 and (quantiles := percentiles(samples)):
                self.rows.quantiles[row] = quantiles

    def _samples(self, benchmark: Benchmark, data: object) -> NDArray[np.float64]:
        none = np.array([], dtype=np.float64)
        if not isinstance(data, list) or not data:
            return none
        if not set(map(type, data)) <= {int, float}:
            self._fault(benchmark.full, "its data are not all numbers", "the raw data are left out")
            return none
        try:
            samples = np.array(data, dtype=np.float64)
        except OverflowError:
            samples = np.array([np.inf])
        if not np.isfinite(samples).all():
            self._fault(benchmark.full, "its data are not all finite", "the raw data are left out")
            return none
        return samples

    def _extras(self, benchmark: Benchmark, extra: Mapping[str, object]) -> None:
        """The numeric leaves of extra_info, each a metric of its own."""
        for count, (path, value) in enumerate(_leaves(extra, "")):
            if count >= _MAX_LEAVES:
                self._fault(benchmark.full, f"more than {_MAX_LEAVES} figures in extra_info", "the first are taken")
                return
            key = Key(benchmark, Metric(f"extra.{path}" if path == TIME.name else path))
            if self.rows.knows(key):
                self._fault(benchmark.full, f"extra_info names {path} twice", "the first figure is taken")
            elif value != value:
                self.rows.gap(key, "skipped", "NaN in extra_info")
            elif (figure := number(value)) is None or not np.isfinite(figure):
                self._fault(benchmark.full, f"extra_info: {path} is infinite", "the figure is left out")
            else:
                self.rows.add(key, {"value": figure})

    def _memory(self, benchmark: Benchmark, said: Mapping[str, object]) -> None:
        """The memory of the extra call, or why there is none."""
        key, peak = Key(benchmark, _PEAK_MEMORY), number(said.get("peak"))
        if peak is not None and 0 <= peak < math.inf:
            self.rows.add(key, {"value": peak})
        elif reason := text(said.get("failed")):
            self.rows.gap(key, "skipped", f"the extra call: {reason}")
            self._warnings.append(f"{benchmark.full}: no memory, as the extra call raised {reason}")
        else:
            self._fault(benchmark.full, f"{_MEMORY} holds no figure", "the figure is left out")

    def _fault(self, name: str, what: str, hint: str = "the other benchmarks are read") -> None:
        self.faults.append(Bad(f"{self.path}: {name}", what, hint))


def _benchmark(fullname: str, content: Mapping[str, object], suite: str) -> Benchmark:
    name, variant = split_id(fullname, content.get("param"))
    params = tuple(_params(mapping(content.get("params"))))
    return Benchmark(suite, name, masked(variant), params=params, group=text(content.get("group")))


def _params(params: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in params.items():
        shape = value if isinstance(value, str) else json.dumps(value)
        if not shape.startswith("UNSERIALIZABLE[") and masked(shape) == shape:
            yield name, shown(shape)


def _leaves(content: Mapping[str, object], prefix: str) -> Iterator[tuple[str, int | float]]:
    """The numbers of nested objects with their dotted names; lists, texts and truth values are no figures."""
    for name, value in content.items():
        path = f"{prefix}{name}"
        if path == BESIDE:
            continue
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield path, value


def _costliest(rows: list[object]) -> list[object]:
    """The costliest functions of a cProfile."""
    functions = [row for row in rows if isinstance(row, dict)]
    functions.sort(key=lambda row: -(number(row.get("cumtime")) or 0.0))
    return [*functions[:_PROFILE_ROWS]]


def _environment(machine: Mapping[str, object]) -> Environment:
    cpu = mapping(machine.get("cpu"))
    version = text(machine.get("python_version"))
    brand = text(cpu.get("brand_raw")) or text(cpu.get("brand"))
    key = {
        "system": text(machine.get("system")),
        "arch": text(machine.get("machine")),
        "python": python_of(text(machine.get("python_implementation")), version),
    }
    facts = {
        "cpu": "" if brand == "unknown" else brand,
        "cores": text(cpu.get("count")),
        "kernel": text(machine.get("release")),
        "python": version,
    }
    return Environment.of(key, facts, text(machine.get("node")))
