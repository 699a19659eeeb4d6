"""The catalogue of the series: which benchmarks, metrics and environments there are, rows and keys both ways."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, bindparam, func, select, update

from ..model import Benchmark, Direction, Environment, Key, Kind, Metric, Pairs, Present
from .engine import insert
from .tables import ENVIRONMENT, SERIES

_KEY_COLUMNS = ("suite", "name", "variant", "version", "metric", "unit", "direction", "kind", "params", "grouping")
_SELECTED = (SERIES.c.id, SERIES.c.environment_id, *(SERIES.c[name] for name in _KEY_COLUMNS))
#: More keys than this are looked up by reading all series of an environment.
_FEW = 500


class Catalogue:
    """Series rows by id, as keys as they are shown now.

    renamed   the ids whose benchmark has another name than is stored
    factors   what the figures of a series are multiplied with, where that is not 1
    """

    def __init__(self, rows: Iterable[Sequence[Any]], present: Present | None = None) -> None:
        self.keys: dict[int, Key] = {}
        self.environments: dict[int, int] = {}
        self.renamed: set[int] = set()
        self.factors: dict[int, float] = {}
        for series_id, environment_id, *fields in rows:
            self.environments[series_id] = environment_id
            key = _key(*fields)
            shown, factor = (key, 1.0) if present is None else present(key)
            self.keys[series_id] = shown
            if shown != key:
                self.renamed.add(series_id)
            if factor != 1:
                self.factors[series_id] = factor


def catalogue(
    connection: Connection, conditions: Sequence[ColumnElement[bool]] = (), present: Present | None = None
) -> Catalogue:
    """The series that meet all conditions."""
    return Catalogue(connection.execute(select(*_SELECTED).where(*conditions)), present)


class Shelf:
    """Keeps the last catalogue for a command that loads runs several times; a new series makes it stale."""

    def __init__(self) -> None:
        self._kept: tuple[frozenset[int], int, Catalogue] | None = None

    def of(self, connection: Connection, environment_ids: Collection[int], present: Present | None) -> Catalogue:
        """The series of these environments; not to be changed by who asks."""
        wanted = frozenset(environment_ids)
        newest = connection.execute(select(func.max(SERIES.c.id))).scalar() or 0
        if self._kept is None or self._kept[:2] != (wanted, newest):
            self._kept = wanted, newest, catalogue(connection, [SERIES.c.environment_id.in_(wanted)], present)
        return self._kept[2]

    def clear(self) -> None:
        """Forgets it: what is known of a series may have changed."""
        self._kept = None


def former_names(connection: Connection, present: Present) -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    """The stored (suite, name) of renamed benchmarks, each with those that they are shown under, sorted."""
    columns = [SERIES.c[name] for name in _KEY_COLUMNS]
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for fields in connection.execute(select(*columns).distinct()):
        stored, shown = (key.benchmark for key in (_key(*fields), present(_key(*fields)).key))
        if stored.name != shown.name:
            found.setdefault((stored.suite, stored.name), set()).add((shown.suite, shown.name))
    return {old: tuple(sorted(new)) for old, new in sorted(found.items())}


def environments(connection: Connection) -> dict[int, Environment]:
    """The environments by id, without facts (those are a run's)."""
    rows = connection.execute(select(ENVIRONMENT.c.id, ENVIRONMENT.c.pairs).order_by(ENVIRONMENT.c.id))
    return {environment_id: Environment(pairs(text)) for environment_id, text in rows}


def series_ids(
    connection: Connection, environment_id: int, keys: Sequence[Key], wanted: NDArray[np.intp]
) -> NDArray[np.int64]:
    """The series id of each wanted key in one environment, made where it is missing; shape (len(keys),), else 0."""
    by_digest = {keys[place].digest: keys[place] for place in wanted.tolist()}
    stored = _stored(connection, environment_id, by_digest)
    missing = sorted(by_digest.keys() - stored.keys())
    if missing:
        rows = [_row(environment_id, by_digest[digest]) for digest in missing]
        statement = insert(connection, SERIES).on_conflict_do_nothing(index_elements=["environment_id", "digest"])
        connection.execute(statement, rows)
        stored |= _stored(connection, environment_id, missing)
    _learn(connection, by_digest, stored)
    ids = np.zeros(len(keys), dtype=np.int64)
    for place in wanted.tolist():
        ids[place] = stored[keys[place].digest][0]
    return ids


def pairs(text: str) -> Pairs:
    """JSON text as (name, value) pairs."""
    return tuple((name, value) for name, value in json.loads(text))


# Kept, as a command loads runs several times, and the same benchmark in another environment is the same key: its
# digest is worked out once.
@lru_cache(maxsize=2**16)
def _key(*fields: str) -> Key:
    suite, name, variant, version, metric, unit, direction, kind, params, group = fields
    benchmark = Benchmark(suite, name, variant, version, pairs(params) if params != "[]" else (), group)
    return Key(benchmark, Metric(metric, unit, Direction(direction), Kind(kind)))


def _row(environment_id: int, key: Key) -> dict[str, Any]:
    benchmark, metric = key.benchmark, key.metric
    return {
        "environment_id": environment_id, "digest": key.digest, "suite": benchmark.suite, "name": benchmark.name,
        "variant": benchmark.variant, "version": benchmark.version, "metric": metric.name, "unit": metric.unit,
        "direction": metric.direction.value, "kind": metric.kind.value, "params": json.dumps(benchmark.params),
        "grouping": benchmark.group,
    }  # fmt: skip


def _stored(
    connection: Connection, environment_id: int, digests: Collection[bytes]
) -> dict[bytes, tuple[int, Mapping[str, str]]]:
    """Ids of the series that are there, and what a later run may teach of each."""
    columns = [SERIES.c[name] for name in _TAUGHT]
    query = select(SERIES.c.digest, SERIES.c.id, *columns).where(SERIES.c.environment_id == environment_id)
    if len(digests) <= _FEW:
        query = query.where(SERIES.c.digest.in_(digests))
    return {
        bytes(digest): (series_id, dict(zip(_TAUGHT, taught, strict=True)))
        for digest, series_id, *taught in connection.execute(query)
    }


_TAUGHT = ("unit", "direction", "kind", "params", "grouping")


def _learn(
    connection: Connection, keys: Mapping[bytes, Key], stored: Mapping[bytes, tuple[int, Mapping[str, str]]]
) -> None:
    """Replaces what was unknown of a series by what these keys say; what is known stays."""
    lessons = []
    for digest, key in sorted(keys.items()):
        series_id, old = stored[digest]
        new = _lesson(old, key)
        if new != old:
            lessons.append({"series": series_id} | new)
    if lessons:
        statement = update(SERIES).where(SERIES.c.id == bindparam("series"))
        connection.execute(statement.values({name: bindparam(name) for name in _TAUGHT}), lessons)


def _lesson(old: Mapping[str, str], key: Key) -> dict[str, str]:
    benchmark, metric = key.benchmark, key.metric
    new = dict(old)
    if old["unit"] == "1":
        new["unit"] = metric.unit
    if old["direction"] == Direction.UNKNOWN and metric.direction != Direction.UNKNOWN:
        # Whether a metric is noisy was a guess for as long as nobody said what it is.
        new["direction"], new["kind"] = metric.direction.value, metric.kind.value
    if old["params"] == "[]" and benchmark.params:
        new["params"] = json.dumps(benchmark.params)
    new["grouping"] = old["grouping"] or benchmark.group
    return new
