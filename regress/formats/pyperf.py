"""pyperf's JSON (pyperf 0.8.3 and later): `pyperf timeit -o FILE`, `pyperf command`, a suite of a `Runner`; or gzip.

    {"version": "1.0",
     "metadata": {"cpu_model_name": …, "cpu_count": 2, "hostname": …, "platform": "Linux-6.1.0-x86_64-with-glibc2.36",
                  "python_implementation": "cpython", "python_version": "3.11.7 (64-bit)", "perf_version": "2.10.0",
                  "unit": "second", …},
     "benchmarks": [{"metadata": {"name": "sort", "loops": 1024, "inner_loops": 1, "tags": […]},
                     "runs": [{"metadata": {"date": "2026-11-20 13:46:05.635934", "mem_max_rss": bytes, …},
                               "values": [s, …], "warmups": [[loops, s], …]}]}]}

metadata    of the file holds for each benchmark, that of a benchmark for each of its runs; the inner one wins
runs        pyperf's runs are processes: the values of all of them are the samples, in their order. A process
            without values only calibrates; warmups are no values
unit        second: the metric `time`; byte (--track-memory, --tracemalloc): `peak memory`; integer: `value`, of
            which nothing says what is better
iterations  loops × inner_loops, where all processes have the same: a value is the mean of so many calls, and
            percentiles are made only where it is one call
rss_peak    mem_max_rss, or command_max_rss, one sample a process that has values
names       `name`; tags are the group
date        local time without an offset, and no offset is in the file: it is taken as UTC
environment benchmarks of different environments (a command has no Python) are runs of their own
commit      there is none in the file

A file grows by `--append`: benchmarks that were added are added. A benchmark that got more processes is a new
measurement as a whole, which holds the values that it had before.

Versions 5 and 6 of the file, of 2016, are read like 1.0. Lossy: warmups, calibration, load, uptime, compiler flags,
frequencies and mem_peak_pagefile_usage are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..model import TIME, Bad, Benchmark, Direction, Environment, Key, Metric, Run, Source
from .document import Document
from .fields import load, mapping, masked, moment, number, python_of, text, when
from .options import ReadOptions
from .rows import RowList
from .sampled import array_of, distribution, percentiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

_METRICS = {
    "second": TIME,
    "byte": Metric("peak memory", "B", Direction.LOWER),
    "integer": Metric("value"),
}
_RSS = Metric("rss_peak", "B", Direction.LOWER)
_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalVM", "ironpython": "IronPython"}
_SYSTEMS = {"Linux": "Linux", "macOS": "Darwin", "Darwin": "Darwin", "Windows": "Windows", "FreeBSD": "FreeBSD"}
_ARCH = re.compile(
    r"-(x86_64|amd64|AMD64|aarch64|arm64|ARM64|i[3-6]86|armv[67]l|ppc64le|s390x|riscv64|loongarch64)(?=-|$)"
)
_VERSIONS = ("1.0", "5", "6")


class Pyperf:
    """pyperf's JSON, one run a file and environment."""

    name = "pyperf"
    version = 1

    def detect(self, document: Document) -> float:
        """Sure when benchmarks have runs and the metadata say which pyperf wrote them."""
        data = document.data
        if b'"benchmarks"' not in data or b'"runs"' not in data:
            return 0.0
        return 0.9 if b'"perf_version"' in data else 0.8 if b'"warmups"' in data and b'"metadata"' in data else 0.0

    def companions(self, document: Document) -> Iterable[bytes]:
        """None: the file stands alone."""
        return ()

    def read(self, document: Document, options: ReadOptions) -> Iterator[Run | Bad]:
        """A run for each environment, after a Bad for each benchmark that is at fault."""
        content = load(document)
        benchmarks = content.get("benchmarks") if isinstance(content, dict) else None
        if not isinstance(content, dict) or not isinstance(benchmarks, list):
            raise InputError("no list of benchmarks", where=document.path, hint="name a file that pyperf wrote")
        if text(content.get("version")) not in _VERSIONS:
            what = f"version {text(content.get('version')) or 'none'} of pyperf's files is not known"
            raise InputError(what, where=document.path, hint="pyperf convert FILE -o NEW rewrites a file")
        above = mapping(content.get("metadata"))
        collected: dict[Environment, _Collected] = {}
        faults: list[Bad] = []
        for place, entry in enumerate(benchmarks):
            processes = _processes(entry, above)
            where = f"{document.path}: {_first(processes, 'name') or f'benchmark {place + 1}'}"
            if not processes:
                faults.append(Bad(where, "it has no runs", "the other benchmarks are read"))
                continue
            environment = _environment(processes[0][0])
            part = collected.setdefault(environment, _Collected(environment, options.suite or self.name))
            faults += [Bad(where, what, "the rest of the file is read") for what in part.add(processes)]
        yield from faults
        runs = [run for part in collected.values() if (run := part.run(document.path))]
        if not runs and not faults:
            yield Bad(document.path, "no benchmarks in this file", "run the benchmarks again")
        yield from runs


_Process = tuple[dict[str, object], dict[str, object]]


class _Collected:
    """The benchmarks of one environment."""

    def __init__(self, environment: Environment, suite: str) -> None:
        self.environment = environment
        self.suite = suite
        self.tool_version = ""
        self._rows = RowList()
        self._times: list[float] = []
        self._began: list[float] = []

    def add(self, processes: Sequence[_Process]) -> Iterator[str]:
        """Add one benchmark; what is wrong with it is said."""
        name = _first(processes, "name")
        if not name:
            yield "it has no name"
            return
        unit = _first(processes, "unit") or "second"
        metric = _METRICS.get(unit)
        if metric is None:
            yield f"its unit {unit!r} is not known"
            return
        tags = processes[0][0].get("tags")
        group = ", ".join(map(text, tags)) if isinstance(tags, list) else ""
        benchmark = Benchmark(self.suite, masked(name), group=group)
        key = Key(benchmark, metric)
        if self._rows.knows(key):
            yield "the name came before in this file, and the first one is taken"
            return
        self.tool_version = self.tool_version or _first(processes, "perf_version")
        dates = [time for metadata, _ in processes if (time := when(metadata.get("date")))]
        self._began += [min(dates).timestamp()] if dates else []
        counted = []
        for metadata, process in processes:
            if process.get("values") or process.get("samples"):
                values = array_of(process.get("values", process.get("samples")))
                if values is None:
                    yield "the values of a process are not all numbers, and are left out"
                else:
                    counted.append((metadata, values))
        before = len(self._rows.keys)
        self._measured(key, counted)
        last = max(dates).timestamp() if dates else float("nan")
        self._times += [last] * (len(self._rows.keys) - before)

    def _measured(self, key: Key, counted: Sequence[tuple[dict[str, object], NDArray[np.float64]]]) -> None:
        if not counted:
            self._rows.gap(key, "failed", "no process has values")
            return
        samples = np.concatenate([values for _, values in counted])
        loops = {_loops(metadata) for metadata, _ in counted}
        iterations = loops.pop() if len(loops) == 1 else None
        row = self._rows.add(key, distribution(samples) | ({"iterations": iterations} if iterations else {}))
        self._rows.samples[row] = samples
        if iterations == 1 and (found := percentiles(samples)):
            self._rows.quantiles[row] = found
        sizes = [size for metadata, _ in counted if (size := _rss(metadata))]
        if sizes:
            peaks = np.array(sizes, dtype=np.float64)
            row = self._rows.add(Key(key.benchmark, _RSS), distribution(peaks))
            self._rows.samples[row] = peaks

    def run(self, path: str) -> Run | None:
        """What was collected as a run, None where there is nothing."""
        rows = self._rows
        if not rows.keys and not rows.gaps:
            return None
        times = np.array(self._times, dtype=np.float64)
        ended = times[~np.isnan(times)]
        return Run(
            commit="",
            environment=self.environment,
            source=Source(path, Pyperf.name, Pyperf.name, self.tool_version),
            columns=rows.columns,
            gaps=rows.gaps,
            started_at=moment(min(self._began)) if self._began else None,
            ended_at=moment(float(ended.max())) if len(ended) else None,
            samples=rows.samples,
            quantiles=rows.quantiles,
            growing=True,
            cell_times=times,
            warnings=() if self._began else ("the file does not say when it was measured",),
        )


def _processes(entry: object, above: Mapping[str, object]) -> list[_Process]:
    """Each process of a benchmark, with the metadata that hold for it."""
    content = mapping(entry)
    common = {**above, **mapping(content.get("common_metadata")), **mapping(content.get("metadata"))}
    runs = content.get("runs")
    found = [mapping(run) for run in runs] if isinstance(runs, list) else []
    return [({**common, **mapping(run.get("metadata"))}, run) for run in found if run]


def _first(processes: Sequence[_Process], name: str) -> str:
    """What the metadata of the first process say, which all have in common."""
    return text(processes[0][0].get(name)) if processes else ""


def _loops(metadata: Mapping[str, object]) -> float | None:
    """How many calls a value is the mean of; None where that is not said."""
    loops, inner = number(metadata.get("loops")), number(metadata.get("inner_loops", 1))
    calls = loops * inner if loops and inner else 0.0
    return calls if 1 <= calls < 2**63 else None


def _rss(metadata: Mapping[str, object]) -> float | None:
    """The peak of the resident memory: of the command that was measured, else of the process itself."""
    size = number(metadata.get("command_max_rss", metadata.get("mem_max_rss")))
    return size if size and size > 0 else None


def _environment(metadata: Mapping[str, object]) -> Environment:
    system, arch, kernel = _platform(text(metadata.get("platform")))
    version = text(metadata.get("python_version")).partition(" ")[0]
    implementation = text(metadata.get("python_implementation"))
    key = {
        "system": system,
        "arch": arch,
        "python": python_of(_IMPLEMENTATIONS.get(implementation, implementation), version),
    }
    facts = {
        "cpu": text(metadata.get("cpu_model_name")),
        "cores": text(metadata.get("cpu_count")),
        "kernel": kernel,
        "python": version,
    }
    return Environment.of(key, facts, text(metadata.get("hostname")))


def _platform(said: str) -> tuple[str, str, str]:
    """System, architecture and Linux kernel out of platform.platform(), "" for what cannot be told."""
    first, _, rest = said.partition("-")
    system = _SYSTEMS.get(first, "")
    rest = rest.partition("-with-")[0]
    # The last one, as the version of a kernel may end in an architecture too: 6.1.0-18-amd64-x86_64.
    found = list(_ARCH.finditer(rest)) if system else []
    if not found:
        return system, "", ""
    arch = found[-1][1]
    kernel = rest[: found[-1].start()].removesuffix(f"-{arch}")
    return system, arch, kernel if system == "Linux" else ""
