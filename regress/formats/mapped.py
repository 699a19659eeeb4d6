"""A team's own JSON or CSV, read as a mapping of the configuration says (see `MappingSpec`).

    {"pods": 5, "benchmarks": [{"benchmark_name": "claiming", "success": true,
                                "metrics": {"claiming_throughput_ops_per_sec": 45.2, "latency": {"p95_ms": 12.5}}}]}

    [[tool.regress.mapping]]
    name = "work-queue"
    each = "benchmarks"
    benchmark = "benchmark_name"
    params = { pods = "$.pods" }
    success = "success"
    metrics = "metrics"
    guess = true

results     the list or the values of the object that `each` leads to; the rows of a CSV (its first line names the
            columns; commas, semicolons or tabs; numbers are read out of text); else the whole file
figures     numbers below `metrics`, nested names joined by dots ("latency.p95_ms"); or one by one, where a list of
            numbers are samples. Texts, truth values and null are none. What comes again under the same name and
            parameters is another sample of it: median, mean, extremes and deviation are made of them
units       as said, else (with `guess`) as the name says, else none; `[[metric]]` may say it later
failed      a result whose `success` is false, 0, "false", "no", "failed" or "error": its figures are gaps (failed),
            and so is its metric `success` where it has none; a figure that is NaN is a gap (skipped)
runs        one, or one for each commit and environment that the results name. It begins with the earliest timestamp
            and ends with the latest one
faults      a result without a name or without any figure; a path to a figure that leads to none: named, and the rest
            is read

Everything else in the file is left out.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import PurePath
from typing import Any

import numpy as np

from ..errors import InputError
from ..model import Bad, Benchmark, Environment, Key, MappingSpec, Metric, MetricPath, Pairs, Run, Source, braced
from ..units import base_of
from .document import Document
from .fields import commit_of, load, moment, number, shown, text, when
from .guess import Guess, guess
from .options import ReadOptions
from .rows import RowList
from .sampled import distribution, percentiles

KEY = "@key"
_ROOT = "$."
_MOST_FIGURES = 1000
_MOST_FAULTS = 20
_NO = frozenset({"false", "no", "0", "failed", "failure", "error"})
SUCCESS = Metric("success")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a metric was taken for: its unit as said or guessed, `factor` to the base unit, and what its name says."""

    metric: Metric
    factor: float
    unit: str
    said: MetricPath | None
    guess: Guess


@dataclass(slots=True)
class _Rows:
    """What is collected for one run."""

    samples: dict[Key, list[float]] = field(default_factory=dict)
    gaps: dict[Key, tuple[str, str]] = field(default_factory=dict)
    times: list[datetime] = field(default_factory=list)


def chosen(document: Document, options: ReadOptions) -> MappingSpec | None:
    """The mapping that is asked for by name, else the first whose files the document is one of."""
    for spec in options.mappings:
        if spec.name == options.mapping or (not options.mapping and _is_of(document, spec)):
            return spec
    return None


def _is_of(document: Document, spec: MappingSpec) -> bool:
    path = PurePath(os.path.abspath(document.path)).as_posix()
    return any(fnmatch(document.name if "/" not in glob else path, glob) for glob in spec.files)


@lru_cache(maxsize=512)
def _compiled(path: str) -> Any:
    import jmespath  # here, as only who maps needs it

    return jmespath.compile(path)


def find(path: str, entry: object, root: object) -> object:
    """What a path leads to; None for nothing, and where a path does not suit what is there."""
    import jmespath

    if not path:
        return None
    start, rest = (root, path.removeprefix(_ROOT)) if path.startswith(_ROOT) else (entry, path)
    try:
        return _compiled(rest).search(start)
    except jmespath.exceptions.JMESPathError:
        return None


class Mapped:
    """Files that one mapping describes."""

    name = "mapping"
    version = 1

    def __init__(self, spec: MappingSpec) -> None:
        self.spec = spec
        #: What each metric was taken for, after reading.
        self.meanings: dict[str, Meaning] = {}

    def detect(self, document: Document) -> float:
        """Sure: it was said."""
        return 1.0

    def companions(self, document: Document) -> Iterable[bytes]:
        """The mapping itself: another one reads something else out of the same bytes."""
        return (repr(replace(self.spec, origin="", files=())).encode(),)

    def read(self, document: Document, options: ReadOptions) -> Iterator[Run | Bad]:
        """The runs, after a Bad for each result that is at fault."""
        root, entries = self._entries(document)
        found: dict[tuple[str, Pairs], _Rows] = {}
        faults: list[Bad] = []
        for place, (key, entry) in enumerate(entries, 1):
            where = f"{document.path}: result {place}"
            try:
                self._take(found, root, key, entry, options)
            except InputError as error:
                faults.append(Bad(where, error.what, error.hint))
        yield from faults[:_MOST_FAULTS]
        if len(faults) > _MOST_FAULTS:
            yield Bad(document.path, f"and {len(faults) - _MOST_FAULTS} more results are at fault", "see the mapping")
        if not found and not faults:
            yield Bad(document.path, "no result in it", self._advice("each"))
        for (commit, pairs), rows in found.items():
            yield self._run(document, commit, pairs, rows)

    def _advice(self, key: str) -> str:
        return f"see `{key}` of the mapping {self.spec.name!r} ({self.spec.origin})".replace(" ()", "")

    def _entries(self, document: Document) -> tuple[object, Sequence[tuple[str, object]]]:
        """The whole file, and its results with their keys."""
        spec = self.spec
        if is_table(document):
            rows = table(document)
            return {}, [("", row) for row in rows]
        root = load(document)
        if not spec.each:
            if isinstance(root, list):
                return root, [("", entry) for entry in root]
            return root, [("", root)]
        found = find(spec.each, root, root)
        if isinstance(found, dict):
            return root, list(found.items())
        if isinstance(found, list):
            return root, [("", entry) for entry in found]
        raise InputError(f"{spec.each!r} leads to no list", where=document.path, hint=self._advice("each"))

    def _take(
        self, found: dict[tuple[str, Pairs], _Rows], root: object, key: str, entry: object, options: ReadOptions
    ) -> None:
        """One result, into the rows of its run."""
        spec = self.spec
        if not isinstance(entry, dict):
            raise InputError("it is no object", hint=self._advice("each"))
        name = text(find(spec.benchmark, entry, root)) if spec.benchmark else spec.name
        name = key if spec.benchmark == KEY else name
        if not name:
            raise InputError(f"{spec.benchmark!r} leads to no name", hint=self._advice("benchmark"))
        params = _pairs(spec.params, entry, root)
        benchmark = Benchmark(options.suite or spec.name, name, braced(params), params=params)
        figures = list(self._figures(entry, root))
        verdict = find(spec.success, entry, root)
        failed = spec.success and (not verdict or (isinstance(verdict, str) and verdict.strip().lower() in _NO))
        if not figures and not failed:
            raise InputError(f"{name} has no figure", hint=self._advice("metrics"))
        commit = commit_of(find(spec.commit, entry, root))
        rows = found.setdefault((commit, _pairs(spec.environment, entry, root)), _Rows())
        if time := _time(find(spec.timestamp, entry, root)):
            rows.times.append(time)
        reason = f"{spec.success} is {json.dumps(verdict)}"
        for metric, values in figures:
            measured = Key(benchmark, metric)
            usable = [value for value in values if value is not None]
            if failed or not usable:
                rows.gaps[measured] = ("failed", reason) if failed else ("skipped", "it is no finite number")
            else:
                rows.samples.setdefault(measured, []).extend(usable)
        if not figures:
            rows.gaps[Key(benchmark, SUCCESS)] = ("failed", reason)

    def _figures(self, entry: Mapping[str, object], root: object) -> Iterator[tuple[Metric, list[float | None]]]:
        """Each metric of a result with its values in base units; None for a number that is not finite."""
        for said in self.spec.figures:
            found = find(said.path, entry, root)
            values = found if isinstance(found, list) else [found]
            numbers = [value for value in map(_figure, values) if value is not None]
            if numbers:
                yield self._in_base(said.name, numbers, said)
        if self.spec.figures:
            return
        below = find(self.spec.metrics, entry, root) if self.spec.metrics else self._rest(entry)
        for count, (name, value) in enumerate(_leaves(below, "")):
            if count >= _MOST_FIGURES:
                raise InputError(f"more than {_MOST_FIGURES} figures", hint=self._advice("metrics"))
            yield self._in_base(name, [value])

    def _in_base(
        self, name: str, numbers: list[float], said: MetricPath | None = None
    ) -> tuple[Metric, list[float | None]]:
        meaning = self._meaning(name, said)
        scaled = [value * meaning.factor for value in numbers]
        return meaning.metric, [value if np.isfinite(value) else None for value in scaled]

    def _meaning(self, name: str, said: MetricPath | None) -> Meaning:
        if name not in self.meanings:
            guessed = guess(name)
            unit = guessed.unit if self.spec.guess else ""
            metric = Metric(name, direction=guessed.direction) if self.spec.guess else Metric(name)
            if said:
                unit = said.unit if said.unit is not None else unit
                metric = replace(metric, direction=said.direction or metric.direction, kind=said.kind or metric.kind)
            factor, base = base_of(unit)
            self.meanings[name] = Meaning(replace(metric, unit=base), factor, unit, said, guessed)
        return self.meanings[name]

    def _rest(self, entry: Mapping[str, object]) -> dict[str, object]:
        """A result without what the mapping takes for something else."""
        spec = self.spec
        used = {spec.benchmark, spec.success, spec.timestamp, spec.commit, *dict(spec.params).values()}
        used |= set(dict(spec.environment).values())
        return {name: value for name, value in entry.items() if name not in used}

    def _run(self, document: Document, commit: str, pairs: Pairs, rows: _Rows) -> Run:
        made = RowList()
        for key, values in rows.samples.items():
            samples = np.array(values, dtype=np.float64)
            if len(samples) == 1:
                made.add(key, {"value": values[0]})
                continue
            row = made.add(key, distribution(samples) | {"iterations": 1.0})
            made.samples[row] = samples
            if told := percentiles(samples):
                made.quantiles[row] = told
        for key, (status, reason) in rows.gaps.items():
            if not made.knows(key):
                made.gap(key, status, reason)
        return Run(
            commit=commit,
            environment=Environment.of(dict(pairs)),
            source=Source(document.path, self.name, self.spec.name),
            columns=made.columns,
            gaps=made.gaps,
            started_at=min(rows.times, default=None),
            ended_at=max(rows.times, default=None) if len(rows.times) > 1 else None,
            samples=made.samples,
            quantiles=made.quantiles,
        )


def is_table(document: Document) -> bool:
    """Whether a document is a CSV: by its name, or as it begins like no JSON and has a line of names."""
    stem = document.name.removesuffix(".gz").removesuffix(".xz").lower()
    if stem.endswith((".csv", ".tsv")):
        return True
    head = document.data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return not stem.endswith(".json") and head[:1] not in (b"", b"{", b"[") and b"," in head.partition(b"\n")[0]


def table(document: Document) -> list[dict[str, object]]:
    """The rows of a CSV, numbers as numbers. Raises InputError."""
    try:
        content = document.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"is no text: {error}", where=document.path, hint="save it as UTF-8") from None
    first = content.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows: list[dict[str, object]] = []
    reader = csv.DictReader(io.StringIO(content, newline=""), delimiter=delimiter, restkey=None, strict=True)
    try:
        names = reader.fieldnames or []
        if len({*names}) < len(names):
            raise InputError("two columns have one name", where=f"{document.path}:1", hint="name them apart")
        for row in reader:
            if None in row or None in row.values():
                where = f"{document.path}:{reader.line_num}"
                raise InputError("the row has not as many cells as the first", where=where, hint="is it cut short?")
            rows.append({name: _cell(cell) for name, cell in row.items()})
    except csv.Error as error:
        raise InputError(f"is no CSV: {error}", where=f"{document.path}:{reader.line_num}") from None
    return rows


def _cell(raw: str) -> object:
    """A number where a cell is one, else its text."""
    stripped = raw.strip()
    try:
        return float(stripped) if stripped[:1] in "+-.0123456789" and stripped else stripped
    except ValueError:
        return stripped


def _pairs(paths: Pairs, entry: object, root: object) -> Pairs:
    """What is found, as text; what is not there has no pair."""
    found = ((name, find(path, entry, root)) for name, path in paths)
    return tuple((name, shown(_word(value))) for name, value in found if value is not None and _word(value))


def _word(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return text(int(value))
    if isinstance(value, bool | list | dict):
        return json.dumps(value)
    return text(value)


def _figure(value: object) -> float | None:
    """A number as it is, finite or not; None for everything else."""
    if isinstance(value, float) and not np.isfinite(value):
        return value
    return number(value)


def _leaves(content: object, prefix: str) -> Iterator[tuple[str, float]]:
    if not isinstance(content, dict):
        return
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        elif (figure := _figure(value)) is not None:
            yield f"{prefix}{name}", figure


def _time(value: object) -> datetime | None:
    """A time as ISO 8601, or a number of seconds or milliseconds since the epoch."""
    figure = number(value)
    if figure is None:
        return when(value)
    return moment(figure / 1000 if figure > 1e11 else figure)
