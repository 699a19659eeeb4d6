"""Bundles: runs as JSON of our own, one a line, which carry them from a job to a history and lose nothing.

    {"regress": "bundle", "version": 1,
     "run": {"commit": …, "head": "", "ref": "main", "started_at": "2026-11-20T13:32:22+00:00", "ended_at": null,
             "committed_at": null, "dirty": false, "level": 0.99, "tags": […], "warnings": […]},
     "source": {"path": …, "format": "asv", "tool": "asv", "tool_version": "", "digest": …},
     "environment": {"key": [["arch", "x86_64"], …], "facts": […], "host": ""},
     "metrics": [{"name": "time", "unit": "s", "direction": "lower", "kind": "noisy"}, …],
     "benchmarks": [{"suite": …, "name": …, "variant": "", "version": "", "params": [["n", "10"]], "group": ""}, …],
     "rows": {"benchmark": [0, 0, 1], "metric": [0, 1, 0]},
     "stats": {"min": [1.5e-3, null, …], …},
     "gaps": {"benchmark": […], "metric": […], "status": ["failed"], "reason": [""]},
     "samples": {"0": […]}, "quantiles": {"0": [[0.95, 1.7e-3]]}, "attachments": {"0": "…"}}

rows      benchmark and metric of each row by their place in the tables above; `stats` holds a column a statistic
figures   in base units, with as many digits as give the same float again; null where there is none
digest    a bundle read back has the digest of the run it was made of; `growing` is not kept, as a bundle is done
source    where the run came from at first; the run that is read names the bundle, and keeps the tool (`restore` keeps
          all of it: a history that is shared holds what the first one held)

lines     each bundle is one line, so that files can be joined; a file that holds one may be laid out in any way
order     rows are in the order of the run; in a canonical bundle rows and gaps are in the order of their keys' digests
          and statistics in that of STATISTICS: equal runs are equal text, whichever history they were loaded from

Version 1 is the first. A newer one is refused, never read in part. A fault anywhere refuses its bundle: nobody writes
one by hand, so what is wrong in one place was damaged or changed. The bundles on other lines are read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..errors import InputError
from ..model import (
    STATISTICS,
    Bad,
    Benchmark,
    Columns,
    Direction,
    Environment,
    Gap,
    Key,
    Kind,
    Metric,
    Pairs,
    Run,
    Source,
)
from .document import Document
from .fields import number, parse, when
from .options import ReadOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

_VERSION = 1

T = TypeVar("T")


class Bundle:
    """Our own JSON of runs, one a line."""

    name = "bundle"
    version = 1

    def detect(self, document: Document) -> float:
        """Sure when it says so at its head."""
        head = document.data[:200].replace(b" ", b"").replace(b"\n", b"")
        return 1.0 if b'"regress":"bundle"' in head else 0.0

    def companions(self, document: Document) -> Iterable[bytes]:
        """None: the file stands alone."""
        return ()

    def read(self, document: Document, options: ReadOptions) -> Iterator[Run | Bad]:
        """The runs of the bundles, and a Bad for each that is damaged."""
        lines = [line for line in document.data.split(b"\n") if line.strip()]
        if len(lines) < 2 or not lines[0].rstrip().endswith(b"}"):  # one bundle, perhaps laid out over many lines
            yield _read(document.data, document.path, document.path)
            return
        for place, line in enumerate(lines, 1):
            try:
                yield _read(line, document.path, f"{document.path}:{place}")
            except InputError as error:
                yield Bad(error.where, error.what, error.hint)


def restore(data: bytes, where: str) -> Run:
    """The run of one bundle as it was dumped, with the source it came from at first. Raises InputError."""
    return _read(data, None, where)


def _read(data: bytes, path: str | None, where: str) -> Run:
    """The run of one bundle that was read at `path`; None: its source is the one that it names. Raises InputError."""
    content = parse(data, where)
    if not isinstance(content, dict) or content.get("regress") != "bundle":
        raise InputError("this is no bundle", where=where, hint="name a file that regress wrote")
    version = content.get("version")
    if version != _VERSION:
        newer = isinstance(version, int) and version > _VERSION
        hint = "update regress to read it" if newer else "write the bundle again"
        raise InputError(f"bundle version {version!r:.20} is not known", where=where, hint=hint)
    try:
        return _run(content, path)
    except KeyError as error:
        raise InputError(f"the bundle is damaged: {error} is missing", where=where, hint="write it again") from error
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"the bundle is damaged: {error}", where=where, hint="write it again") from error


def dump_all(runs: Iterable[Run]) -> str:
    """The runs as the text of one file, a bundle a line."""
    return "".join(map(dump, runs))


def dump(run: Run) -> str:
    """The run as a bundle, one line. Raises ValueError where a figure is infinite, which no run may hold."""
    benchmarks: dict[tuple[object, ...], int] = {}
    metrics: dict[tuple[object, ...], int] = {}

    def placed(keys: Iterable[Key]) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = {"benchmark": [], "metric": []}
        for key in keys:
            b, m = key.benchmark, key.metric
            # Equality leaves out params, unit and the like, which may differ between rows and are kept for each.
            row = (b.suite, b.name, b.variant, b.version, b.params, b.group)
            rows["benchmark"].append(benchmarks.setdefault(row, len(benchmarks)))
            quantity = (m.name, m.unit, m.direction, m.kind)
            rows["metric"].append(metrics.setdefault(quantity, len(metrics)))
        return rows

    gaps = {"status": [gap.status for gap in run.gaps], "reason": [gap.reason for gap in run.gaps]}
    content = {
        "regress": "bundle",
        "version": _VERSION,
        "run": {
            "commit": run.commit, "head": run.head, "ref": run.ref, "started_at": _iso(run.started_at),
            "ended_at": _iso(run.ended_at), "committed_at": _iso(run.committed_at), "dirty": run.dirty,
            "level": run.level, "tags": run.tags, "warnings": run.warnings,
        },
        "source": asdict(run.source),
        "environment": asdict(run.environment),
        "rows": placed(run.columns.keys),
        "gaps": placed(gap.key for gap in run.gaps) | gaps,
        "metrics": [dict(zip(("name", "unit", "direction", "kind"), metric, strict=True)) for metric in metrics],
        "benchmarks": [dict(zip(_BENCHMARK, benchmark, strict=True)) for benchmark in benchmarks],
        "stats": {name: _figures(column) for name, column in run.columns.stats.items()},
        "samples": {str(row): _figures(raw) for row, raw in run.samples.items()},
        "quantiles": {str(row): [[float(q), float(v)] for q, v in pairs] for row, pairs in run.quantiles.items()},
        "attachments": {str(row): attachment for row, attachment in run.attachments.items()},
    }  # fmt: skip
    return json.dumps(content, allow_nan=False, separators=(",", ":")) + "\n"


def canonical(run: Run) -> Run:
    """The run in the one order that does not depend on where it was loaded from; its bundle is its canonical text."""
    digests = np.array([key.digest for key in run.columns.keys], dtype="S16")
    order = np.argsort(digests, kind="stable")
    places = {int(old): new for new, old in enumerate(order)}
    columns = run.columns.take(order)
    stats = {name: columns.stats[name] + 0.0 for name in STATISTICS if name in columns.stats}  # -0.0 is 0.0

    def moved(by_row: Mapping[int, T]) -> dict[int, T]:
        return dict(sorted((places[row], value) for row, value in by_row.items()))

    return replace(
        run,
        columns=Columns(columns.keys, {name: column for name, column in stats.items() if not np.isnan(column).all()}),
        gaps=sorted(run.gaps, key=lambda gap: (gap.key.digest, gap.status, gap.reason)),
        samples=moved(run.samples),
        quantiles=moved(run.quantiles),
        attachments=moved(run.attachments),
    )


_BENCHMARK = ("suite", "name", "variant", "version", "params", "group")


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def _figures(column: NDArray[np.float64]) -> list[float | None]:
    return [None if figure != figure else figure for figure in column.tolist()]


def _run(content: Mapping[str, Any], path: str | None) -> Run:
    run = _object(content["run"], "run")
    benchmarks = [_benchmark(entry) for entry in _list(content["benchmarks"], "benchmarks")]
    metrics = [_metric(entry) for entry in _list(content["metrics"], "metrics")]
    keys_of = _keys_of(benchmarks, metrics)
    keys = keys_of(_object(content["rows"], "rows"))
    stats = {name: _column(column, name) for name, column in _object(content["stats"], "stats").items()}
    _check(keys, stats)
    stats = {name: column for name, column in stats.items() if not np.isnan(column).all()}
    gaps = _object(content["gaps"], "gaps")
    level = run["level"]
    return Run(
        commit=_text(run["commit"]),
        head=_text(run["head"]),
        ref=_text(run["ref"]),
        environment=_environment(_object(content["environment"], "environment")),
        source=_source(_object(content["source"], "source"), path),
        columns=Columns(keys, stats),
        gaps=[
            Gap(key, _text(status), _text(reason))
            for key, status, reason in zip(keys_of(gaps), gaps["status"], gaps["reason"], strict=True)
        ],
        started_at=_time(run["started_at"]),
        ended_at=_time(run["ended_at"]),
        committed_at=_time(run["committed_at"]),
        dirty=_flag(run["dirty"]),
        level=None if level is None else _finite(level),
        tags=tuple(_text(tag) for tag in _list(run["tags"], "tags")),
        warnings=tuple(_text(warning) for warning in _list(run["warnings"], "warnings")),
        samples=_by_row(content["samples"], len(keys), _samples),
        quantiles=_by_row(content["quantiles"], len(keys), _quantiles),
        attachments=_by_row(content["attachments"], len(keys), _text),
    )


def _source(content: Mapping[str, Any], path: str | None) -> Source:
    named = Source(*(_text(content[name]) for name in ("path", "format", "tool", "tool_version", "digest")))
    return named if path is None else Source(path, "bundle", named.tool, named.tool_version)


def _keys_of(
    benchmarks: Sequence[Benchmark], metrics: Sequence[Metric]
) -> Callable[[Mapping[str, Any]], tuple[Key, ...]]:
    """A function that turns places in the two tables into keys, each pair made once."""
    made: dict[tuple[int, int], Key] = {}

    def key(benchmark: object, metric: object) -> Key:
        b, m = _place(benchmark, len(benchmarks)), _place(metric, len(metrics))
        if (b, m) not in made:
            made[b, m] = Key(benchmarks[b], metrics[m])
        return made[b, m]

    def keys(rows: Mapping[str, Any]) -> tuple[Key, ...]:
        return tuple(key(b, m) for b, m in zip(rows["benchmark"], rows["metric"], strict=True))

    return keys


def _check(keys: Sequence[Key], stats: Mapping[str, NDArray[np.float64]]) -> None:
    """What every run holds to: known statistics, columns of one length, distinct keys, a figure in each row."""
    if unknown := stats.keys() - set(STATISTICS):
        raise ValueError(f"unknown statistic {sorted(unknown)[0]!r}")
    if any(len(column) != len(keys) for column in stats.values()):
        raise ValueError("its columns differ in length")
    if len(set(keys)) != len(keys):
        raise ValueError("two rows are about the same thing")
    if keys and (not stats or np.isnan(np.array(list(stats.values()))).all(axis=0).any()):
        raise ValueError("a row without a figure")


def _benchmark(entry: object) -> Benchmark:
    content = _object(entry, "benchmarks")
    suite, name, variant, version, group = (_text(content[field]) for field in _BENCHMARK if field != "params")
    return Benchmark(suite, name, variant, version, _pairs(content["params"]), group)


def _metric(entry: object) -> Metric:
    content = _object(entry, "metrics")
    direction, kind = Direction(content["direction"]), Kind(content["kind"])
    return Metric(_text(content["name"]), _text(content["unit"]), direction, kind)


def _environment(content: Mapping[str, Any]) -> Environment:
    return Environment(_pairs(content["key"]), _pairs(content["facts"]), _text(content["host"]))


def _column(raw: object, name: str) -> NDArray[np.float64]:
    """Numbers and nulls as an array with NaN for null."""
    figures = _list(raw, name)
    if not set(map(type, figures)) <= {int, float, type(None)}:
        raise ValueError(f"{name} holds what is no number")
    column = np.array(figures, dtype=np.float64)
    if np.isinf(column).any():
        raise ValueError(f"{name} holds an infinite figure")
    return column


def _samples(raw: object) -> NDArray[np.float64]:
    samples = _column(raw, "samples")
    if not len(samples) or np.isnan(samples).any():
        raise ValueError("samples are not all numbers")
    return samples


def _quantiles(raw: object) -> tuple[tuple[float, float], ...]:
    return tuple((_finite(q), _finite(value)) for q, value in _list(raw, "quantiles"))


def _finite(value: object) -> float:
    figure = number(value)
    if figure is None:
        raise ValueError(f"{value!r:.40} is no finite number")
    return figure


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r:.40} is neither true nor false")
    return value


def _by_row(raw: object, rows: int, make: Callable[[object], T]) -> dict[int, T]:
    return {_place(int(row), rows): make(value) for row, value in _object(raw, "what belongs to rows").items()}


def _place(value: object, count: int) -> int:
    if type(value) is not int or not 0 <= value < count:
        raise ValueError(f"there is no place {value!r} in a table of {count}")
    return value


def _time(value: object) -> datetime | None:
    time = when(value)
    if time is None and value is not None:
        raise ValueError(f"{value!r} is no time")
    return time


def _pairs(raw: object) -> Pairs:
    return tuple((_text(name), _text(value)) for name, value in _list(raw, "pairs"))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r:.40} is no text")
    return value


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{name} is no object")
    return value


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{name} is no list")
    return value
