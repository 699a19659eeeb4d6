"""Google Benchmark's JSON (1.3 to 1.9): `--benchmark_format=json`, or `--benchmark_out=FILE`; its Python package too.

    {"context": {"date": "2026-11-21T01:16:27+00:00", "host_name": …, "executable": "./bench", "num_cpus": 2,
                 "library_version": "1.9.5", "library_build_type": "release", …},
     "benchmarks": [{"name": "BM_sort/size:64/threads:4", "run_name": …, "run_type": "iteration", "repetitions": 3,
                     "repetition_index": 0, "threads": 4, "iterations": n, "real_time": 25.9, "cpu_time": 21.8,
                     "time_unit": "ns", "items_per_second": …, "bytes_per_second": …, "counter": …}]}

names       the parts of `run_name` up to the first that is a number, has a name ("size:64") or says how it was
            measured are the name, the rest is the variant: "BM_sort" and "/size:64/threads:4", "Fixture/Method" and
            "/8". Slashes within brackets part nothing. What has a name is a parameter; iterations, repeats, min_time,
            min_warmup_time, real_time, process_time and manual_time are part of the variant and no parameters
repetitions the entries of one `run_name` are the samples of one benchmark. Each is the mean of `iterations` calls, so
            that percentiles are made only where that is 1
aggregates  mean, median, stddev, min and max are used where the repetitions are not in the file
            (--benchmark_report_aggregates_only), with n = `repetitions`; they are no benchmarks of their own. cv, BigO,
            RMS and other aggregates are not kept
metrics     time (real_time), cpu_time, items_per_second, bytes_per_second; of the memory manager allocs_per_iter,
            max_bytes_used, total_allocated_bytes and net_heap_growth; user counters by their names, of which nothing
            says what is better ("counter.time" for one named like ours). Each has the samples of the repetitions
errors      error_occurred in one of the repetitions: a gap (failed) with its message. skipped: a gap (skipped)
context     num_cpus is a fact; no CPU model, system or architecture is in the file. library_build_type "debug" and
            cpu_scaling_enabled are warnings. The executable is the group

Before 1.5 there was no run_type: an entry is an aggregate where its name ends in _mean, _median, _stddev or _cv and
there is a _mean and a _stddev of the same stem. Lossy: caches, load, labels and what was added to the context
are not kept.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from ..errors import InputError
from ..model import TIME, Bad, Benchmark, Direction, Environment, Gap, Key, Metric, Run, Source
from ..units import base_of
from .document import Document
from .fields import load, mapping, masked, number, shown, text, when
from .options import ReadOptions
from .rows import RowList
from .sampled import distribution, percentiles

_HIGHER, _LOWER = Direction.HIGHER, Direction.LOWER
_METRICS = {
    "real_time": TIME,
    "cpu_time": Metric("cpu_time", "s", _LOWER),
    "items_per_second": Metric("items_per_second", "1/s", _HIGHER),
    "bytes_per_second": Metric("bytes_per_second", "B/s", _HIGHER),
    "allocs_per_iter": Metric("allocs_per_iter", "1", _LOWER),
    "max_bytes_used": Metric("max_bytes_used", "B", _LOWER),
    "total_allocated_bytes": Metric("total_allocated_bytes", "B", _LOWER),
    "net_heap_growth": Metric("net_heap_growth", "B", _LOWER),
}
_TIMES = ("real_time", "cpu_time")
_NO_COUNTER = frozenset({
    "family_index", "per_family_instance_index", "repetitions", "repetition_index", "threads", "iterations",
    "cpu_coefficient", "real_coefficient", "rms",
})  # fmt: skip
_AGGREGATES = {"mean": "mean", "median": "median", "stddev": "sd", "min": "min", "max": "max"}
_SUFFIX = re.compile(r"(.+)_(mean|median|stddev|cv|BigO|RMS)")
_MEASURED = ("iterations", "repeats", "min_time", "min_warmup_time")
_PART = re.compile(r"-?\d+(?:\.\d+)?|real_time|process_time|manual_time|[^:]*[^:]:(?!:).*")
_MAX_COUNTERS = 1000

_Entry = Mapping[str, object]


class GoogleBenchmark:
    """Google Benchmark's JSON, one run a file."""

    name = "google-benchmark"
    version = 1

    def detect(self, document: Document) -> float:
        """Sure when the context names what only this library does, or the entries have its times."""
        data = document.data
        if b'"context"' not in data:
            return 0.0
        if b'"library_build_type"' in data or b'"mhz_per_cpu"' in data:
            return 0.9
        return 0.8 if all(key in data for key in (b'"real_time"', b'"cpu_time"', b'"time_unit"')) else 0.0

    def companions(self, document: Document) -> Iterable[bytes]:
        """None: the file stands alone."""
        return ()

    def read(self, document: Document, options: ReadOptions) -> Iterator[Run | Bad]:
        """One run, after a Bad for each entry that is at fault."""
        content = load(document)
        entries = content.get("benchmarks") if isinstance(content, dict) else None
        if not isinstance(content, dict) or not isinstance(entries, list):
            raise InputError("no list of benchmarks", where=document.path, hint="run with --benchmark_format=json")
        context = mapping(content.get("context"))
        program = os.path.basename(text(context.get("executable")).replace("\\", "/"))
        rows = RowList()
        faults = []
        for name, members in _grouped(entries).items():
            said: Iterable[str] = ["it has no name"]
            if name:
                said = _add(rows, _benchmark(name, options.suite or self.name, program), members)
            faults += [Bad(f"{document.path}: {name or 'an entry'}", what, "the rest is read") for what in said]
        yield from faults
        if not rows.keys and not rows.gaps:
            if not faults:
                yield Bad(document.path, "no benchmarks in this file", "check --benchmark_filter")
            return
        started = when(context.get("date"))
        facts = {"cores": text(context.get("num_cpus"))}
        yield Run(
            commit="",
            environment=Environment.of({}, facts, text(context.get("host_name"))),
            source=Source(document.path, self.name, self.name, text(context.get("library_version"))),
            columns=rows.columns,
            gaps=rows.gaps,
            started_at=started,
            samples=rows.samples,
            quantiles=rows.quantiles,
            warnings=tuple(_warnings(context, started is not None)),
        )


def _warnings(context: _Entry, dated: bool) -> Iterator[str]:
    """What a reader of the figures must know."""
    if not dated:
        yield "the file does not say when it was measured"
    if text(context.get("library_build_type")).lower() == "debug":
        yield "the benchmark library was built for debugging: its overhead is in the times"
    if context.get("cpu_scaling_enabled") is True:
        yield "the CPU changes its frequency: real times are noisy"


def _grouped(entries: Sequence[object]) -> dict[str, list[_Entry]]:
    """The entries by the name of what ran, in the order of the file; aggregates are among those of their benchmark."""
    found = [mapping(entry) for entry in entries]
    names = {text(entry.get("name")) for entry in found if "run_type" not in entry}
    grouped: dict[str, list[_Entry]] = {}
    for entry in found:
        name = text(entry.get("name"))
        if "run_type" not in entry and (match := _SUFFIX.fullmatch(name)):
            stem, kind = match.groups()
            if kind in ("BigO", "RMS") or {f"{stem}_mean", f"{stem}_stddev"} <= names:
                entry = {**entry, "run_type": "aggregate", "aggregate_name": kind, "run_name": stem}
        grouped.setdefault(text(entry.get("run_name")) or name, []).append(entry)
    return grouped


def _add(rows: RowList, benchmark: Benchmark, entries: Sequence[_Entry]) -> Iterator[str]:
    """Add one benchmark from its repetitions, or from its aggregates; what is wrong with it is said."""
    if rows.knows(Key(benchmark, TIME)):
        yield "the name came before in this file, and the first one is taken"
        return
    repetitions = [entry for entry in entries if entry.get("run_type") != "aggregate"]
    if missed := next((gap for entry in entries if (gap := _gap(benchmark, entry))), None):
        rows.gap(missed.key, missed.status, missed.reason)
    elif repetitions:
        yield from _repeated(rows, benchmark, repetitions)
    else:
        _aggregated(rows, benchmark, entries)


def _gap(benchmark: Benchmark, entry: _Entry) -> Gap | None:
    """Why an entry holds no figure, where it says so."""
    if entry.get("error_occurred") is True:
        return Gap(Key(benchmark, TIME), "failed", shown(text(entry.get("error_message")) or "an error occurred"))
    if entry.get("skipped") is True:
        return Gap(Key(benchmark, TIME), "skipped", shown(text(entry.get("skip_message")) or "it was skipped"))
    return None


def _repeated(rows: RowList, benchmark: Benchmark, entries: Sequence[_Entry]) -> Iterator[str]:
    """The metrics of a benchmark, one sample a repetition."""
    values: dict[str, list[float]] = {}
    places = [place for entry in entries if (place := number(entry.get("repetition_index"))) is not None]
    if len(set(places)) < len(places):
        yield "it stands in the file more than once, and all of it is taken as repetitions"
    for entry in entries:
        for name, value in _numbers(entry):
            if value is None:
                yield f"{name} is no finite number, and is left out"
            else:
                values.setdefault(name, []).append(value)
    if "real_time" not in values:
        rows.gap(Key(benchmark, TIME), "failed", "it has no time")
    if len(values) > _MAX_COUNTERS:
        yield f"more than {_MAX_COUNTERS} counters; the first are taken"
    calls = {number(entry.get("iterations")) for entry in entries}
    iterations = calls.pop() if len(calls) == 1 else None
    each = {"iterations": iterations} if iterations and 1 <= iterations < 2**63 else {}
    for name, found in list(values.items())[:_MAX_COUNTERS]:
        samples = np.array(found, dtype=np.float64)
        key = Key(benchmark, _metric(name))
        if rows.knows(key):
            yield f"{key.metric.name} came before, and the first one is taken"
            continue
        row = rows.add(key, distribution(samples) | (each if name in _TIMES else {}))
        rows.samples[row] = samples
        if name in _TIMES and iterations == 1 and (cut := percentiles(samples)):
            rows.quantiles[row] = cut


def _aggregated(rows: RowList, benchmark: Benchmark, entries: Sequence[_Entry]) -> None:
    """The metrics of a benchmark whose repetitions are not in the file."""
    figures: dict[str, dict[str, float]] = {}
    for entry in entries:
        statistic = _AGGREGATES.get(text(entry.get("aggregate_name")))
        if statistic and text(entry.get("aggregate_unit")) != "percentage":
            n = number(entry.get("repetitions")) or number(entry.get("iterations")) or 0.0
            for name, value in _numbers(entry):
                if value is not None:
                    figures.setdefault(name, {})[statistic] = value
                    figures[name] |= {"n": n} if 1 <= n < 2**63 else {}
    for name, found in list(figures.items())[:_MAX_COUNTERS]:
        key = Key(benchmark, _metric(name))
        if found.keys() - {"n", "sd"} and not rows.knows(key):
            rows.add(key, found)
    known = any(_AGGREGATES.get(text(entry.get("aggregate_name"))) for entry in entries)
    if known and not rows.knows(Key(benchmark, TIME)):
        rows.gap(Key(benchmark, TIME), "failed", "it has no time")


def _numbers(entry: _Entry) -> Iterator[tuple[str, float | None]]:
    """The figures of an entry in base units; None for one that is infinite, too large or NaN."""
    factor, base = base_of(text(entry.get("time_unit")) or "ns")
    for name, value in entry.items():
        if name in _NO_COUNTER or isinstance(value, bool) or not isinstance(value, int | float):
            continue
        figure = number(value)
        if name in _TIMES and figure is not None:
            figure = number(figure * factor) if base == "s" else None
        yield name, figure


def _metric(name: str) -> Metric:
    if name in _METRICS:
        return _METRICS[name]
    return Metric(f"counter.{name}" if name == TIME.name else name)


def _benchmark(run_name: str, suite: str, program: str) -> Benchmark:
    """The benchmark that a name means: "BM_sort/size:64/threads:4" is BM_sort, with size and threads."""
    parts = list(_parts(masked(run_name)))
    cut = next((at for at, part in enumerate(parts) if at and _PART.fullmatch(part)), len(parts))
    variant = "".join(f"/{part}" for part in parts[cut:])
    named = [part.partition(":") for part in parts[cut:]]
    params = tuple((name, shown(value)) for name, colon, value in named if colon and name not in _MEASURED)
    return Benchmark(suite, "/".join(parts[:cut]), variant, params=params, group=program)


def _parts(name: str) -> Iterator[str]:
    """What stands between the slashes that lie in no bracket."""
    depth = start = 0
    for at, letter in enumerate(name):
        depth = max(depth + (letter in "<([") - (letter in ">)]"), 0)
        if letter == "/" and not depth:
            yield name[start:at]
            start = at + 1
    yield name[start:]
