"""What one request of a Locust run gave, and the rows that it becomes: see `locust`, which says what each metric is."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ..model import TIME, Benchmark, Direction, Key, Metric, Pairs, braced
from ..units import BYTES, ONE, PER_SECOND, SECONDS
from .fields import masked, shown
from .locust_csv import Cells, count_of, figure_of
from .rows import RowList

#: The row of all requests together, which has no method.
AGGREGATED = "Aggregated"
_REQUESTS = Metric("requests", PER_SECOND, Direction.HIGHER)
_SUCCESSFUL = Metric("successful_requests", PER_SECOND, Direction.HIGHER)
_FAILURES = Metric("failures", PER_SECOND, Direction.LOWER)
_FAILURE_SHARE = Metric("failure_share", ONE, Direction.LOWER)
_SUCCESS_RATE = Metric("success_rate", ONE, Direction.HIGHER)
_CONTENT_SIZE = Metric("content_size", BYTES, Direction.UNKNOWN)
_STEADY_TIME = Metric("steady_time", SECONDS, Direction.LOWER)
_STEADY_REQUESTS = Metric("steady_requests", PER_SECOND, Direction.HIGHER)
_STEADY_SUCCESS = Metric("steady_success_rate", ONE, Direction.HIGHER)
_DRIFT = Metric("drift", ONE, Direction.LOWER)
_RECOVERY = Metric("recovery", SECONDS, Direction.LOWER)

_TIMES = {"median": "median", "mean": "average", "min": "min", "max": "max"}
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)%")
#: Its name in files that came before version 1.
_OLDER_TOTAL = "Total"
_DIGITS = re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\d+")
#: So many names that differ in numbers alone are one request with an id in it.
_ALIKE = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """One request: times in seconds, rates in 1/s, sizes in bytes; NaN where it is not known.

    requests   all that were made, the failed ones too; `timed`: those whose time is known
    quantiles  (share, seconds), shares ascending
    """

    method: str
    name: str
    requests: int
    failures: int
    times: Mapping[str, float]
    timed: int
    quantiles: tuple[tuple[float, float], ...] = ()
    rate: float = math.nan
    failure_rate: float = math.nan
    size: float = math.nan

    @property
    def place(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.method, self.name

    @property
    def shown(self) -> str:
        """Its name as people know it."""
        return f"{self.method} {self.name}".strip()

    @property
    def is_total(self) -> bool:
        """Whether it is the row of all together."""
        return not self.method and self.name == AGGREGATED


@dataclass(frozen=True, slots=True)
class Steady:
    """The steady part of a run, of one request: `mean` time in s, `n` requests, `rate`, share of success, drift."""

    mean: float
    n: int
    rate: float
    success: float
    drift: float = math.nan


@dataclass(frozen=True, slots=True)
class Told:
    """What the history adds.

    users     the most users at once, 0 where it is not known
    steady    by method and name
    recovery  seconds after a spike, None where there was none or it cannot be told; math.inf: not until the end
    """

    users: int = 0
    steady: Mapping[tuple[str, str], Steady] = field(default_factory=dict)
    recovery: float | None = None


def entry_of_cells(cells: Cells, names: Sequence[str]) -> Entry:
    """A row of PREFIX_stats.csv as an entry. Raises ValueError where it is not as it should be."""
    requests, failures = count_of(cells, "request count"), count_of(cells, "failure count")
    method, name = cells["type"].strip(), cells["name"].strip()
    if method in ("", "None"):
        method, name = "", AGGREGATED if name == _OLDER_TOTAL else name
    if not method and not name:
        raise ValueError("it has no name")
    times = {ours: figure_of(cells, f"{theirs} response time") / 1000 for ours, theirs in _TIMES.items()}
    shares = [(share, figure_of(cells, text) / 1000) for text in names if (share := _share(text)) is not None]
    known = sorted((share, time) for share, time in shares if math.isfinite(time))
    if len(known) not in (0, len(shares)) or any(a[1] > b[1] for a, b in pairwise(known)):
        raise ValueError("its percentiles do not ascend")
    quantiles = tuple(pair for pair in known if pair[0] < 1)
    rates = figure_of(cells, "requests/s"), figure_of(cells, "failures/s")
    size = figure_of(cells, "average content size")
    return Entry(method, name, requests, failures, times, requests, quantiles, *rates, size)


def _share(text: str) -> float | None:
    """The share that a column's name means: "99.9%" is .999; None for any other name."""
    found = _PERCENT.fullmatch(text)
    share = round(float(found[1]) / 100, 12) if found else 0.0
    return share if 0 < share <= 1 else None


def rows_of(entries: Iterable[Entry], told: Told, suite: str, reasons: Mapping[tuple[str, str], str]) -> RowList:
    """The rows of a run; `reasons` are the most frequent failures by method and name."""
    rows = RowList()
    load: Pairs = (("users", str(told.users)),) if told.users else ()
    for entry in entries:
        benchmark = benchmark_of(entry, suite, load)
        _add_times(rows, entry, benchmark, reasons.get(entry.place, ""))
        _add_counts(rows, entry, benchmark)
        if entry.place in told.steady:
            _add_steady(rows, told.steady[entry.place], benchmark)
        if entry.is_total and told.recovery is not None:
            _add_recovery(rows, told.recovery, benchmark)
    return rows


def benchmark_of(entry: Entry, suite: str, load: Pairs) -> Benchmark:
    """The benchmark of an entry: "GET /chapters", under its load: "GET /chapters{users=5}"."""
    name = masked(entry.shown)
    variant = braced(load)
    own: Pairs = (("method", shown(entry.method)),) if entry.method else ()
    return Benchmark(suite, name, variant, params=(*own, *load))


def _add_times(rows: RowList, entry: Entry, benchmark: Benchmark, reason: str) -> None:
    key = Key(benchmark, TIME)
    figures = {name: value for name, value in entry.times.items() if math.isfinite(value)}
    if not entry.requests:
        rows.gap(key, "skipped", "no request was made")
    elif entry.failures >= entry.requests:
        which = f"each of {entry.requests:,} requests" if entry.requests > 1 else "the only request"
        rows.gap(key, "failed", f"{which} failed{': ' if reason else ''}{reason}")
    elif not figures:
        rows.gap(key, "failed", "its row holds no time")
    else:
        row = rows.add(key, figures | {"n": float(entry.timed)})
        if entry.quantiles:
            rows.quantiles[row] = entry.quantiles


def _add_counts(rows: RowList, entry: Entry, benchmark: Benchmark) -> None:
    share = entry.failures / entry.requests if entry.requests and entry.failures <= entry.requests else math.nan
    for metric, value in (
        (_REQUESTS, entry.rate),
        (_SUCCESSFUL, entry.rate - entry.failure_rate),
        (_FAILURES, entry.failure_rate),
        (_FAILURE_SHARE, share),
        (_SUCCESS_RATE, 1 - share),
        (_CONTENT_SIZE, entry.size),
    ):
        if entry.requests and math.isfinite(value):
            rows.add(Key(benchmark, metric), {"value": value})


def _add_steady(rows: RowList, steady: Steady, benchmark: Benchmark) -> None:
    if steady.success > 0:
        rows.add(Key(benchmark, _STEADY_TIME), {"mean": steady.mean, "n": float(steady.n)})
    for metric, value in (
        (_STEADY_REQUESTS, steady.rate), (_STEADY_SUCCESS, steady.success), (_DRIFT, steady.drift),
    ):  # fmt: skip
        if math.isfinite(value):
            rows.add(Key(benchmark, metric), {"value": value})


def _add_recovery(rows: RowList, seconds: float, benchmark: Benchmark) -> None:
    key = Key(benchmark, _RECOVERY)
    if math.isfinite(seconds):
        rows.add(key, {"value": seconds})
    else:
        rows.gap(key, "failed", "after the spike the 95th percentile did not come back until the end")


def distinct(entries: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The entries, each method and name once, and those that came again."""
    first: dict[tuple[str, str], Entry] = {}
    again: list[Entry] = []
    for entry in entries:
        if first.setdefault(entry.place, entry) is not entry:
            again.append(entry)
    return list(first.values()), again


def alike(entries: Sequence[Entry]) -> Iterator[str]:
    """Advice where many names differ in numbers alone."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entry in entries:
        groups[entry.method, _DIGITS.sub("[id]", entry.name)].append(entry.name)
    for (method, pattern), names in groups.items():
        if len(names) >= _ALIKE:
            yield (
                f'{len(names)} names such as "{method} {names[0]}" differ in numbers alone, and each is a series of its'
                f' own; in the locustfile give them one name: name="{pattern}"'
            )
