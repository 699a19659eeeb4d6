"""What was measured: benchmarks, metrics, environments, and runs whose results are columns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The figures of a metric's distribution, in the order of the columns of the history.
STATISTICS = ("value", "min", "q1", "median", "q3", "mean", "max", "sd", "lo", "hi", "n", "iterations")

Pairs = tuple[tuple[str, str], ...]


class Direction(StrEnum):
    """Which way is better; with UNKNOWN a change is seen but not judged."""

    LOWER = "lower"
    HIGHER = "higher"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """Whether two runs of the same code differ (NOISY: times) or must not (EXACT: counts, sizes)."""

    NOISY = "noisy"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Metric:
    """A quantity, by name; unit (base, see `units`), direction and kind say how to read it and are not its identity."""

    name: str
    unit: str = field(default="1", compare=False)
    direction: Direction = field(default=Direction.UNKNOWN, compare=False)
    kind: Kind = field(default=Kind.NOISY, compare=False)


def braced(params: Pairs) -> str:
    """Parameters that no tool writes into names, as the end of a variant: "{users=10, pods=5}"; "" without any."""
    return "{" + ", ".join(f"{name}={value}" for name, value in params) + "}" if params else ""


TIME = Metric("time", "s", Direction.LOWER, Kind.NOISY)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark with one combination of its parameters.

    suite    what ran it, "asv" or "pytest-benchmark" unless the configuration names it
    name     without parameters: "bench_core.Core.time_dot", "tests/test_x.py::test_sort"
    variant  what tells the combinations apart, as the tool writes it: "(10, 'list')", "[list-10]", or ""
    version  a digest of the benchmark's source where the tool gives one, else ""
    params   the combination as (name, value) pairs, for facets and axes; not part of the identity
    group    the tool's own grouping; not part of the identity
    """

    suite: str
    name: str
    variant: str = ""
    version: str = ""
    params: Pairs = field(default=(), compare=False)
    group: str = field(default="", compare=False)

    @property
    def full(self) -> str:
        """Name and variant: what people type, what rules match, what reports show."""
        return self.name + self.variant


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """What a row of a run's columns is about: a benchmark and a metric. Equal when their `digest` is (16 bytes)."""

    benchmark: Benchmark
    metric: Metric
    digest: bytes = field(init=False)

    def __post_init__(self) -> None:
        b = self.benchmark
        text = json.dumps([b.suite, b.name, b.variant, b.version, self.metric.name], ensure_ascii=False)
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        object.__setattr__(self, "digest", digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def unversioned(self) -> tuple[str, str, str]:
        """What two sides of a comparison are paired by: suite, full name, metric."""
        return self.benchmark.suite, self.benchmark.full, self.metric.name


# Kept, as it is asked for with every series, and there are few environments.
@lru_cache(maxsize=1024)
def _pairs_digest(pairs: Pairs) -> str:
    text = json.dumps(pairs, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a run was made. `key` splits series, `facts` are recorded with each run, `host` is only shown.

    Both are sorted (name, value) pairs. Names used in the key: system, arch, python ("CPython 3.11"), name, machine,
    `matrix.NAME`, `env.NAME` and whatever `--env` gives. Facts: cpu, cores, kernel, ram,
    python ("3.11.7"), `version.NAME`.
    """

    key: Pairs
    facts: Pairs = field(default=(), compare=False)
    host: str = field(default="", compare=False)

    @classmethod
    def of(cls, key: Mapping[str, str], facts: Mapping[str, str] | None = None, host: str = "") -> Environment:
        """An environment from mappings; empty values are left out, as they say nothing."""
        pairs = tuple(sorted((k, v) for k, v in key.items() if v))
        return cls(pairs, tuple(sorted((k, v) for k, v in (facts or {}).items() if v)), host)

    @property
    def digest(self) -> str:
        """16 hex digits of the key."""
        return _pairs_digest(self.key)

    @property
    def label(self) -> str:
        """For people: the machine first, then Python, then what else the key holds: `i7 · CPython 3.9 · six`."""
        key = dict(self.key)
        parts = [" · ".join(filter(None, (key.pop("name", ""), key.pop("machine", "")))), key.pop("python", "")]
        system = " ".join(filter(None, [key.pop("system", ""), key.pop("arch", "")]))
        rest = [f"{name.removeprefix('matrix.')} {value}".strip() for name, value in key.items()]
        return " · ".join(part for part in (parts[0], parts[1], system, *rest) if part) or "unnamed environment"

    def fact(self, name: str) -> str:
        """One fact, or ""."""
        return dict(self.facts).get(name, "")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a run came from: path as the user gave it, format, the tool and its version, the source digest."""

    path: str
    format: str
    tool: str = ""
    tool_version: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A cell that was to be measured and holds no number: `status` is "failed" or "skipped"."""

    key: Key
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Bad:
    """A piece of input that could not be read: `where` it stands, `what` is wrong, what to do (`hint`)."""

    where: str
    what: str
    hint: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Results side by side: `keys[i]` is what row i is about, `stats[name][i]` its figure.

    Shapes: every array has shape (len(keys),), dtype float64, in base units, NaN where the tool gave no such
    figure. A statistic that no row has is left out. Keys are distinct; every row has at least one finite figure.
    """

    keys: Sequence[Key]
    stats: Mapping[str, NDArray[np.float64]]

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, rows: NDArray[np.intp] | Sequence[int]) -> Columns:
        """The given rows, in the given order."""
        index = np.asarray(rows, dtype=np.intp)
        keys = self.keys
        return Columns(tuple(keys[i] for i in index.tolist()), {k: v[index] for k, v in self.stats.items()})

    def result(self, row: int) -> Result:
        """One row as an object, made on demand."""
        figures = {name: float(column[row]) for name, column in self.stats.items()}
        return Result(self.keys[row], {name: v for name, v in figures.items() if v == v})


@dataclass(frozen=True, slots=True)
class Result:
    """A view of one row: the key and the statistics that are present."""

    key: Key
    stats: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One execution of a suite on one commit in one environment.

    commit        the full hash measured (lower-case hex); "" where the source does not say
    head          a pull request's tip, where `commit` is the merge commit that CI made of it
    ref           the branch, where known
    started_at    aware, UTC, of the first measurement; `ended_at` of the last one
    committed_at  what the source says of the commit's date; orders only commits that git does not know
    dirty         measured with uncommitted changes: never enters a baseline
    level         confidence level of the columns lo and hi (asv: .99)
    samples       raw values by row of `columns`, base units, in order of measurement
    quantiles     further quantiles by row: {row: ((.95, value), …)}
    attachments   further proof by row: {row: JSON text}, such as a cProfile
    growing       the source is a file that the tool adds to (asv): cells that are already stored are not stored again
    cell_times    with `growing`: seconds since the epoch at which each row was measured (NaN: unknown)
    """

    commit: str
    environment: Environment
    source: Source
    columns: Columns
    gaps: Sequence[Gap] = ()
    head: str = ""
    ref: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    committed_at: datetime | None = None
    dirty: bool = False
    level: float | None = None
    tags: tuple[str, ...] = ()
    samples: Mapping[int, NDArray[np.float64]] = field(default_factory=dict)
    quantiles: Mapping[int, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    attachments: Mapping[int, str] = field(default_factory=dict)
    growing: bool = False
    cell_times: NDArray[np.float64] | None = None
    warnings: tuple[str, ...] = ()

    def digest(self) -> str:
        """The run digest: 64 hex digits over the canonical content.

        It is the run's identity: what was measured, where and when, and not the path, format, tags or labels it
        came with; so a bundle of a run has the digest of the file the run was read from.
        """
        head = [
            self.commit,
            self.environment.key,
            self.environment.facts,
            self.started_at.isoformat() if self.started_at else None,
            self.dirty,
            sorted([(gap.key.digest.hex(), gap.status) for gap in self.gaps]),
        ]
        hashed = hashlib.sha256(json.dumps(head, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        digests = np.frombuffer(b"".join([key.digest for key in self.columns.keys]), dtype="S16")
        order = np.argsort(digests, kind="stable")
        hashed.update(digests[order].tobytes())
        for name in STATISTICS:
            column = self.columns.stats.get(name)
            if column is None:
                continue
            absent = np.isnan(column)
            if not absent.all():
                hashed.update(name.encode())
                # There are many NaNs (a sign, a payload), and one meaning; and -0.0 is 0.0 (SQLite keeps no such sign).
                hashed.update(np.where(absent, np.nan, column + 0.0)[order].astype("<f8").tobytes())
        for row in order.tolist() if self.samples or self.quantiles else ():
            if row in self.samples:
                hashed.update(b"samples" + np.ascontiguousarray(self.samples[row], dtype="<f8").tobytes())
            if row in self.quantiles:
                hashed.update(repr(self.quantiles[row]).encode())
        return hashed.hexdigest()
