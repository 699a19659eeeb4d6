"""Runs out of the history: listed, and loaded with all they hold."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, ColumnElement, Connection, Row, Select, Table, or_, select

from ..errors import HistoryError
from ..model import STATISTICS, Columns, Environment, Gap, Key, Present, Run, Source, StoredRun
from ..model.present import COUNTS
from .batch import unpacked
from .catalogue import Catalogue, Shelf, catalogue, pairs
from .order import ordinals_by_date
from .tables import ATTACHMENT, COMMIT, ENVIRONMENT, FACTS, GAP, POINT, QUANTILE, RUN, SAMPLE, SERIES

_T = TypeVar("_T")

#: More values than this are not sent with a query: all is read, and the rest left out here.
FEW = 1000


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are listed; None does not filter. `commits` match a run's commit or its head."""

    ids: Collection[int] | None = None
    digests: Collection[str] | None = None
    commits: Collection[str] | None = None
    environment: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter in SQL, as far as it is short enough to be sent."""
        found: list[ColumnElement[bool]] = []
        if self.ids is not None and len(self.ids) <= FEW:
            found.append(RUN.c.id.in_(self.ids))
        if self.digests is not None and len(self.digests) <= FEW:
            found.append(RUN.c.digest.in_(self.digests))
        if self.commits is not None and len(self.commits) <= FEW:
            found.append(or_(RUN.c.commit_hash.in_(self.commits), RUN.c.head.in_(self.commits)))
        if self.environment is not None:
            found.append(ENVIRONMENT.c.digest == self.environment)
        return found

    def passes(self, run: StoredRun) -> bool:
        """The whole filter."""
        return (
            (self.ids is None or run.id in self.ids)
            and (self.digests is None or run.digest in self.digests)
            and (self.commits is None or run.commit in self.commits or (run.head != "" and run.head in self.commits))
        )


def list_runs(connection: Connection, wanted: RunFilter) -> list[StoredRun]:
    """The runs in the order of the history: their commits' order, then their start, then their id."""
    # A set once, as a list would be searched again for each run.
    wanted = RunFilter(_set(wanted.ids), _set(wanted.digests), _set(wanted.commits), wanted.environment)
    commit = (COMMIT.c.ordinal, COMMIT.c.committed_at.label("dated"), COMMIT.c.subject, COMMIT.c.author)
    joined = _runs(*commit).outerjoin(COMMIT, COMMIT.c.hash == RUN.c.commit_hash)
    rows = connection.execute(joined.where(*wanted.conditions())).all()
    homeless = [row for row in rows if row.ordinal is None]
    dates = [_seconds(row) for row in homeless]
    placed = dict(zip((row.id for row in homeless), ordinals_by_date(connection, dates), strict=True)) if dates else {}
    environments = _Environments()
    runs = [_stored_run(row, environments, placed) for row in rows]
    return sorted(filter(wanted.passes, runs), key=in_history)


def _set(values: Collection[_T] | None) -> frozenset[_T] | None:
    return None if values is None else frozenset(values)


def in_history(run: StoredRun) -> tuple[int, float, int]:
    """What runs are sorted by."""
    return run.order, run.started_at.timestamp() if run.started_at else float("-inf"), run.id


def load_runs(
    connection: Connection,
    run_ids: Sequence[int],
    *,
    keys: Collection[bytes] | None = None,
    samples: bool = False,
    present: Present | None = None,
    shelf: Shelf | None = None,
) -> list[Run]:
    """The runs with their results, in the order asked for; see `History.load`. `shelf`: for runs with all keys."""
    ids = list(dict.fromkeys(run_ids))
    rows: dict[int, Row[Any]] = {}
    for start in range(0, len(ids), FEW):
        rows.update((row.id, row) for row in connection.execute(_runs().where(RUN.c.id.in_(ids[start : start + FEW]))))
    unknown = [run_id for run_id in ids if run_id not in rows]
    if unknown:
        raise HistoryError(f"the history has no run {unknown[0]}", hint="list the runs with regress runs")
    known = None
    if shelf is not None and keys is None:
        known = shelf.of(connection, {row.environment_id for row in rows.values()}, present)
    loader = _Loader(connection, list(rows.values()), keys, samples, present, known)
    loaded = {run_id: loader.load(rows[run_id]) for run_id in ids}
    return [loaded[run_id] for run_id in run_ids]


class _Loader:
    """Loads runs one by one; keys and environments are shared among them."""

    def __init__(
        self,
        connection: Connection,
        rows: Sequence[Row[Any]],
        keys: Collection[bytes] | None,
        samples: bool,
        present: Present | None,
        known: Catalogue | None,
    ) -> None:
        self.connection = connection
        self.samples = samples
        self.environments = _Environments()
        self.narrow: Collection[int] | None = None
        self.series = known or self._catalogue(rows, keys, present)

    def _catalogue(
        self, rows: Sequence[Row[Any]], keys: Collection[bytes] | None, present: Present | None
    ) -> Catalogue:
        """The series that may occur, which are fewer than the points."""
        conditions: list[ColumnElement[bool]] = [SERIES.c.environment_id.in_({row.environment_id for row in rows})]
        few = keys is not None and len(keys) <= FEW
        if few and present is None:
            conditions.append(SERIES.c.digest.in_(keys or ()))
        found = catalogue(self.connection, conditions, present)
        if keys is not None:
            wanted = frozenset(keys)
            found.keys = {series_id: key for series_id, key in found.keys.items() if key.digest in wanted}
        self.narrow = found.keys.keys() if few and len(found.keys) <= FEW else None
        return found

    def load(self, row: Row[Any]) -> Run:
        names = [name for name in STATISTICS if name in row.statistics.split()]
        query = select(POINT.c.series_id, *(POINT.c[name] for name in names))
        series, figures = _transposed(self._cells(query, POINT, row.id), len(names))
        series, figures = self._distinct(series, figures)
        figures = self._scaled(series, figures, names)
        stats = {name: column for name, column in zip(names, figures, strict=True) if not np.isnan(column).all()}
        columns = Columns(tuple(self.series.keys[series_id] for series_id in series), stats)
        return Run(
            commit=row.commit_hash, environment=self.environments.of(row), source=_source(row), columns=columns,
            gaps=self._gaps(row.id), head=row.head, ref=row.ref, started_at=row.started_at, ended_at=row.ended_at,
            committed_at=row.committed_at, dirty=row.dirty, level=row.level, tags=tuple(json.loads(row.tags)),
            warnings=tuple(json.loads(row.warnings)), **self._extras(row.id, series),
        )  # fmt: skip

    def _cells(self, query: Select[Any], table: Table, run_id: int) -> list[tuple[Any, ...]]:
        query = query.where(table.c.run_id == run_id).order_by(table.c.series_id)
        if self.narrow is not None:
            query = query.where(table.c.series_id.in_(self.narrow))
        known = self.series.keys
        return [row for row in raw_rows(self.connection, query) if row[0] in known]

    def _distinct(self, series: list[int], figures: list[NDArray[np.float64]]) -> tuple[list[int], Any]:
        """Without the rows of an old name whose new one the run holds as well."""
        if not self.series.renamed:
            return series, figures
        chosen: dict[bytes, int] = {}
        for place, series_id in enumerate(series):
            digest = self.series.keys[series_id].digest
            if digest not in chosen or series_id not in self.series.renamed:
                chosen[digest] = place
        rows = sorted(chosen.values())
        return [series[row] for row in rows], [column[rows] for column in figures]

    def _scaled(
        self, series: list[int], figures: list[NDArray[np.float64]], names: list[str]
    ) -> list[NDArray[np.float64]]:
        """The figures in the units that the configuration gives."""
        if not self.series.factors:
            return figures
        factors = np.array([self.series.factors.get(series_id, 1.0) for series_id in series])
        return [v if name in COUNTS else v * factors for name, v in zip(names, figures, strict=True)]

    def _gaps(self, run_id: int) -> tuple[Gap, ...]:
        query = select(GAP.c.series_id, GAP.c.status, GAP.c.reason).where(GAP.c.run_id == run_id)
        keys = self.series.keys
        rows = self.connection.execute(query.order_by(GAP.c.series_id))
        return tuple(Gap(keys[series_id], status, reason) for series_id, status, reason in rows if series_id in keys)

    def _extras(self, run_id: int, series: list[int]) -> dict[str, Any]:
        """Samples, quantiles and attachments by row of the columns."""
        if not self.samples:
            return {}
        place = {series_id: row for row, series_id in enumerate(series)}

        def rows(table: Table, *columns: Column[Any]) -> Iterable[Any]:
            query = select(table.c.series_id, *columns).where(table.c.run_id == run_id).order_by(*table.primary_key)
            return (row for row in self.connection.execute(query) if row.series_id in place)

        quantiles = defaultdict(list)
        for series_id, share, value in rows(QUANTILE, QUANTILE.c.share, QUANTILE.c.value):
            quantiles[place[series_id]].append((share, value))
        return {
            "samples": {place[row[0]]: unpacked(row[1]) for row in rows(SAMPLE, SAMPLE.c.packed)},
            "quantiles": {row: tuple(found) for row, found in quantiles.items()},
            "attachments": {place[row[0]]: row[1] for row in rows(ATTACHMENT, ATTACHMENT.c.text)},
        }


def attachments(
    connection: Connection, run_ids: Collection[int], holding: str, present: Present | None = None
) -> list[tuple[int, Key, str]]:
    """Run id, key and text of the attachments of these runs that hold a text, by run and then by key."""
    found: list[tuple[int, int, str]] = []
    ids = sorted(set(run_ids))
    text = ATTACHMENT.c.text
    for start in range(0, len(ids), FEW):
        query = select(ATTACHMENT.c.run_id, ATTACHMENT.c.series_id, text)
        query = query.where(ATTACHMENT.c.run_id.in_(ids[start : start + FEW]), text.contains(holding, autoescape=True))
        found += [(run_id, series_id, content) for run_id, series_id, content in connection.execute(query)]
    series = sorted({series_id for _, series_id, _ in found})
    keys: dict[int, Key] = {}
    for start in range(0, len(series), FEW):
        keys |= catalogue(connection, [SERIES.c.id.in_(series[start : start + FEW])], present).keys
    return sorted(((r, keys[s], t) for r, s, t in found), key=lambda row: (row[0], row[1].unversioned))


class _Environments:
    """Environments with their facts, each made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, int, str], Environment] = {}

    def of(self, row: Row[Any]) -> Environment:
        name = row.environment_id, row.facts_id, row.host
        if name not in self._made:
            self._made[name] = Environment(pairs(row.environment_pairs), pairs(row.facts_pairs), row.host)
        return self._made[name]


def raw_rows(connection: Connection, query: Select[Any]) -> list[tuple[Any, ...]]:
    """The driver's own tuples; for numbers and texts only, as no type of SQLAlchemy is asked."""
    cursor = connection.execute(query).cursor
    assert cursor is not None
    return list(cursor.fetchall())


def _transposed(rows: list[tuple[Any, ...]], width: int) -> tuple[list[int], list[NDArray[np.float64]]]:
    """Series ids, and `width` columns of figures with NaN for NULL."""
    if not rows:
        return [], [np.empty(0) for _ in range(width)]
    series, *figures = zip(*rows, strict=True)
    return list(series), [np.array(column, dtype=np.float64) for column in figures]


def _runs(*more: ColumnElement[Any]) -> Any:
    """Every column of the runs, with their environments and facts."""
    own = (ENVIRONMENT.c.pairs.label("environment_pairs"), FACTS.c.pairs.label("facts_pairs"))
    query = select(*RUN.c, *own, *more).join_from(RUN, ENVIRONMENT, ENVIRONMENT.c.id == RUN.c.environment_id)
    return query.join(FACTS, FACTS.c.id == RUN.c.facts_id)


def _stored_run(row: Row[Any], environments: _Environments, placed: dict[int, int]) -> StoredRun:
    dated = None if row.dated is None else datetime.fromtimestamp(row.dated, UTC)
    return StoredRun(
        id=row.id, digest=row.digest, commit=row.commit_hash, head=row.head, ref=row.ref,
        environment=environments.of(row), source=_source(row), started_at=row.started_at,
        order=placed[row.id] if row.ordinal is None else row.ordinal, points=row.points, failed=row.failed,
        skipped=row.skipped, suites=tuple(json.loads(row.suites)), dirty=row.dirty, level=row.level,
        tags=tuple(json.loads(row.tags)), committed_at=dated or row.committed_at, subject=row.subject or "",
        author=row.author or "",
    )  # fmt: skip


def _source(row: Row[Any]) -> Source:
    return Source(row.path, row.format, row.tool, row.tool_version, row.source_digest)


def _seconds(row: Row[Any]) -> float:
    """What places a run that names no commit: its source's date of the commit, its start, or when it was recorded."""
    return float((row.committed_at or row.started_at or row.recorded_at).timestamp())
