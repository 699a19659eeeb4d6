"""Series out of the history: streamed in the order of their keys, a few at a time, so that memory stays bounded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, func, or_, select

from ..model import CENTRES, STATISTICS, Environment, Key, Present, Series, SeriesName
from ..model.present import COUNTS
from .catalogue import Catalogue, catalogue, environments
from .reading import FEW, RunFilter, list_runs, raw_rows
from .tables import ENVIRONMENT, GAP, POINT, RUN, SERIES

#: Points that are Python objects at a time, roughly.
BLOCK_POINTS = 60_000
#: Series of one query: SQLite allows 32,766 values, and planning longer lists costs more than it saves.
_MOST_SERIES = 400

Reading = Callable[[], AbstractContextManager[Connection]]
Gaps = dict[int, list[tuple[int, str, str]]]

#: How much of a series is read: all; its central figures and failures, to draw it; its central figures alone.
Detail = Literal["all", "trend", "centre"]


@dataclass(frozen=True, slots=True)
class SeriesFilter:
    """Which series are read; None does not filter. `benchmark` is a full name, or a name with all its variants.

    With another `detail` than "all" each point holds its central figure alone, as "value".
    """

    suite: str | None = None
    benchmark: str | None = None
    environment: str | None = None
    metric: str | None = None
    names: frozenset[SeriesName] | None = None
    detail: Detail = "all"

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter in SQL, for names that are what is stored."""
        found: list[ColumnElement[bool]] = []
        if self.environment is not None:
            found.append(ENVIRONMENT.c.digest == self.environment)
        if self.benchmark is not None:
            full = SERIES.c.name.concat(SERIES.c.variant)
            found.append(or_(SERIES.c.name == self.benchmark, full == self.benchmark))
        return found

    def passes(self, key: Key, environment: Environment) -> bool:
        """The whole filter, for present names."""
        benchmark = key.benchmark
        return (
            (self.suite is None or benchmark.suite == self.suite)
            and (self.benchmark is None or self.benchmark in (benchmark.name, benchmark.full))
            and (self.environment is None or environment.digest == self.environment)
            and (self.metric is None or key.metric.name == self.metric)
            and (self.names is None or (environment.digest, key.digest) in self.names)
        )


@dataclass(frozen=True, slots=True)
class _Group:
    """The series rows that may end up in one Series: one benchmark, metric and environment in all versions."""

    environment: Environment
    rows: list[int]


class _Timeline:
    """The runs in the order of the history: a rank for each id."""

    def __init__(self, connection: Connection, wanted: Collection[int] | None, detail: Detail) -> None:
        runs = list_runs(connection, RunFilter(ids=wanted))
        ids = np.array([run.id for run in runs], dtype=np.int64)
        self.order = np.argsort(ids)
        self.ids = ids[self.order]
        # To name the runs to the database pays only where they are a small part of all.
        few = wanted is not None and len(runs) <= FEW
        every = connection.execute(select(func.count()).select_from(RUN)).scalar_one() if few else 0
        self.few = self.ids.tolist() if few and 4 * len(runs) <= every else None
        stored = connection.execute(select(RUN.c.statistics).distinct()).scalars()
        present = {name for text in stored for name in text.split()}
        self.detail = detail
        self.names = [name for name in STATISTICS if name in present]
        if detail != "all":
            self.names = [name for name in CENTRES if name in present]

    def ranks(self, run_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The place of each run in the history; -1 for a run that is not wanted or was recorded since."""
        if not len(self.ids):
            return np.full(len(run_ids), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.ids, run_ids), len(self.ids) - 1)
        return np.where(self.ids[place] == run_ids, self.order[place], -1)


def read_series(
    reading: Reading, wanted: SeriesFilter, runs: Collection[int] | None, present: Present | None
) -> Iterator[Series]:
    """The series that pass, in the order of their keys; each block of them is a transaction of its own."""
    with reading() as connection:
        timeline = _Timeline(connection, runs, wanted.detail)
        environment_of = environments(connection)
        ids = [i for i, environment in environment_of.items() if wanted.environment in (None, environment.digest)]
        conditions: list[ColumnElement[bool]] = [SERIES.c.environment_id.in_(ids)]
        if present is None:
            conditions += SeriesFilter(benchmark=wanted.benchmark).conditions()
        found = catalogue(connection, conditions, present)
        per_series = max(len(timeline.ids), 1)
    groups = _groups(found, environment_of, wanted)
    for block in _blocks(groups, max(min(BLOCK_POINTS // per_series, _MOST_SERIES), 1)):
        with reading() as connection:
            ready = _Block(connection, timeline, [row for group in block for row in group.rows])
        for group in block:
            yield from _joined(group, found, ready)


def _groups(found: Catalogue, environment_of: dict[int, Environment], wanted: SeriesFilter) -> list[_Group]:
    """The rows that pass, by what they are about, in the order of keys and then of environments."""
    rows: defaultdict[tuple[str, str, str, str, str], list[int]] = defaultdict(list)
    digests = {environment_id: environment.digest for environment_id, environment in environment_of.items()}
    of: dict[str, Environment] = {environment.digest: environment for environment in environment_of.values()}
    for series_id, key in found.keys.items():
        environment_id = found.environments[series_id]
        if wanted.passes(key, environment_of[environment_id]):
            benchmark = key.benchmark
            place = benchmark.suite, benchmark.name, benchmark.variant, key.metric.name, digests[environment_id]
            rows[place].append(series_id)
    return [
        _Group(of[place[-1]], sorted(rows[place], key=lambda row: (found.keys[row].benchmark.version, row)))
        for place in sorted(rows)
    ]


def _blocks(groups: list[_Group], size: int) -> Iterator[list[_Group]]:
    block: list[_Group] = []
    rows = 0
    for group in groups:
        block.append(group)
        rows += len(group.rows)
        if rows >= size:
            yield block
            block, rows = [], 0
    if block:
        yield block


class _Block:
    """The points and gaps of some series, sorted by series and then by the history's order."""

    def __init__(self, connection: Connection, timeline: _Timeline, series: list[int]) -> None:
        figures: list[ColumnElement[float]] = [POINT.c[name] for name in timeline.names]
        self.names = timeline.names
        if timeline.detail != "all" and figures:
            figures = [func.coalesce(*figures) if len(figures) > 1 else figures[0]]
            self.names = ["value"]
        columns = (POINT.c.series_id, POINT.c.run_id, *figures)
        query = select(*columns).where(POINT.c.series_id.in_(series))
        if timeline.few is not None:
            query = query.where(POINT.c.run_id.in_(timeline.few))
        # Ids are counted from 1 by the database, far below 2**53, so they keep their value as floats.
        rows = raw_rows(connection, query)
        # A structured array is filled from tuples in two fifths of the time of a plain one; None becomes NaN.
        shape = np.dtype([(str(i), np.float64) for i in range(len(columns))])
        table = np.fromiter(rows, dtype=shape, count=len(rows)).view(np.float64).reshape(len(rows), len(columns))
        ids, runs = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
        ranks = timeline.ranks(runs)
        order = np.lexsort((ranks, ids))
        order = order[ranks[order] >= 0]
        self.series, self.runs, self.ranks = ids[order], runs[order], ranks[order]
        self.figures = table[order, 2:].T.copy()
        self.gaps = {} if timeline.detail == "centre" else self._gaps(connection, timeline, series)

    def _gaps(self, connection: Connection, timeline: _Timeline, series: list[int]) -> Gaps:
        query = select(GAP.c.series_id, GAP.c.run_id, GAP.c.status, GAP.c.reason).where(GAP.c.series_id.in_(series))
        if timeline.few is not None:
            query = query.where(GAP.c.run_id.in_(timeline.few))
        if timeline.detail == "trend":
            query = query.where(GAP.c.status == "failed")
        rows = raw_rows(connection, query)
        ranks = timeline.ranks(np.array([row[1] for row in rows], dtype=np.int64))
        found: Gaps = defaultdict(list)
        for place in np.argsort(ranks, kind="stable")[np.count_nonzero(ranks < 0) :].tolist():
            series_id, *gap = rows[place]
            found[series_id].append(tuple(gap))
        return found

    def rows(self, series_id: int) -> slice:
        """Where the points of one series stand."""
        start, stop = np.searchsorted(self.series, (series_id, series_id + 1)).tolist()
        return slice(start, stop)

    def scaled(self, series_id: int, factor: float) -> NDArray[np.float64]:
        """The figures of one series, those that have a unit multiplied with `factor`."""
        figures = self.figures[:, self.rows(series_id)]
        if factor == 1:
            return figures
        factors = np.array([1.0 if name in COUNTS else factor for name in self.names], dtype=np.float64)
        return np.multiply(figures, factors[:, None])


def _joined(group: _Group, found: Catalogue, block: _Block) -> Iterator[Series]:
    """One Series a version; rows of an old name join the version that was measured last."""
    versions: defaultdict[Key, list[int]] = defaultdict(list)
    renamed = [row for row in group.rows if row in found.renamed]
    for row in group.rows:
        if row not in found.renamed:
            versions[found.keys[row]].append(row)
    if renamed:
        newest = max(versions, key=lambda key: _last_rank(versions[key], block), default=found.keys[renamed[0]])
        versions[newest] += renamed
    for key, rows in versions.items():
        series = _series(key, group.environment, rows, block, found.factors)
        if len(series) or series.gaps:
            yield series


def _last_rank(rows: list[int], block: _Block) -> int:
    return max((int(block.ranks[block.rows(row)][-1]) for row in rows if len(block.ranks[block.rows(row)])), default=-1)


def _series(key: Key, environment: Environment, rows: list[int], block: _Block, factors: Mapping[int, float]) -> Series:
    """One Series of one row, or of several that a renaming joined: the first row's point counts where runs meet."""
    parts = [block.rows(row) for row in rows]
    gaps = [gap for row in rows for gap in block.gaps.get(row, ())]
    runs = np.concatenate([block.runs[part] for part in parts])
    figures = np.concatenate([block.scaled(row, factors.get(row, 1.0)) for row in rows], axis=1)
    if len(rows) > 1:
        ranks = np.concatenate([block.ranks[part] for part in parts])
        chosen = np.unique(ranks, return_index=True)[1]
        runs, figures = runs[chosen], figures[:, chosen]
        measured = set(runs.tolist())
        gaps = [gap for gap in gaps if gap[0] not in measured]
    stats = {
        name: column.copy() for name, column in zip(block.names, figures, strict=True) if not np.isnan(column).all()
    }
    # A series of gaps alone has a figure too, an empty one, so that whoever draws it need not ask first.
    return Series(key, environment, runs, stats or {"value": np.empty(0)}, tuple(gaps))
