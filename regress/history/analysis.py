"""What was found in the series, and the causes with their ids: kept so that only what is new is looked at again.

A look is one time at which the series were analysed: the algorithm's version and the runs it saw. There is one, the
last, and it counts: who saves says which look he began from, and a look that somebody else has replaced since is not
saved over it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, select, update

from ..model import (
    Analysis,
    Cause,
    CauseStatus,
    ChangePoint,
    ChangeStatus,
    KnownCause,
    Present,
    SeriesName,
    Span,
    Trend,
)
from .catalogue import catalogue, environments
from .engine import insert, lock
from .tables import ANALYSIS, CAUSE, LOOK

#: The only row of `look`.
_ONLY = 1


@dataclass(frozen=True, slots=True)
class Look:
    """The last look at all series: its number (0: there was none), what it was made with, the runs in order."""

    number: int = 0
    version: str = ""
    runs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """All that is to be stored of a new look, which follows the look `since`.

    analyses  of the series that were looked at; others stay as they are
    quiet     of those whose new points were seen and changed nothing but fingerprint and recent distances
    gone      series that are no more
    causes    all that were ever confirmed, or None where they stay as they are
    unchanged those of them that are as they were read, so that they need not be written
    """

    since: int
    version: str
    runs: tuple[int, ...]
    analyses: Sequence[Analysis] = ()
    quiet: Sequence[Analysis] = ()
    gone: Collection[SeriesName] = ()
    causes: Sequence[KnownCause] | None = None
    unchanged: Sequence[KnownCause] = ()


def last_look(connection: Connection) -> Look:
    """The last look; number 0 where there was none."""
    row = connection.execute(select(LOOK.c.number, LOOK.c.version, LOOK.c.runs).where(LOOK.c.id == _ONLY)).one_or_none()
    return Look() if row is None else Look(row.number, row.version, tuple(json.loads(row.runs)))


def findings(connection: Connection, present: Present | None) -> tuple[dict[SeriesName, Analysis], list[KnownCause]]:
    """What is stored of each series that still has a name, and the causes, the oldest first."""
    names = _Names(connection, present)
    rows = connection.execute(select(CAUSE).order_by(CAUSE.c.confirmed_at, CAUSE.c.id))
    return _analyses(connection, names), [_known(row, names) for row in rows]


def _analyses(connection: Connection, names: _Names) -> dict[SeriesName, Analysis]:
    columns = ("environment", "series", "fingerprint", "level", "sigma", "recent", "changes")
    found: dict[SeriesName, Analysis] = {}
    for row in connection.execute(select(*(ANALYSIS.c[name] for name in columns))):
        series = (row[0], bytes(row[1]))
        if names.knows(series):
            changes = tuple(names.change(series, fields) for fields in json.loads(row[6])) if row[6] != "[]" else ()
            recent = tuple(json.loads(row[5])) if row[5] != "[]" else ()
            level, sigma = (float("nan") if figure is None else figure for figure in row[3:5])
            found[series] = Analysis(series, row[2], level, sigma, recent, changes)
    return found


def known_causes(connection: Connection, present: Present | None) -> list[KnownCause]:
    """The stored causes, the oldest first."""
    rows = connection.execute(select(CAUSE).order_by(CAUSE.c.confirmed_at, CAUSE.c.id)).all()
    if not rows:
        return []
    names = _Names(connection, present)
    return [_known(row, names) for row in rows]


def save(connection: Connection, found: Found) -> bool:
    """Stores a look; False, and nothing stored, where another one has come in between."""
    lock(connection, LOOK)
    if last_look(connection).number != found.since:
        return False
    now = datetime.now(UTC)
    row = {
        "id": _ONLY, "number": found.since + 1, "version": found.version, "runs": json.dumps(found.runs),
        "looked_at": now,
    }  # fmt: skip
    _upsert(connection, LOOK, ["id"], [row])
    if found.gone:
        here = and_(ANALYSIS.c.environment == bindparam("one"), ANALYSIS.c.series == bindparam("other"))
        listed = [{"one": environment, "other": key} for environment, key in sorted(found.gone)]
        connection.execute(delete(ANALYSIS).where(here), listed)
    rows = [_analysis_row(one) for one in sorted(found.analyses, key=lambda one: one.series)]
    _upsert(connection, ANALYSIS, ["environment", "series"], rows)
    if found.quiet:
        here = and_(ANALYSIS.c.environment == bindparam("one"), ANALYSIS.c.series == bindparam("other"))
        statement = update(ANALYSIS).where(here).values(fingerprint=bindparam("seen"), recent=bindparam("distances"))
        listed = [
            {"one": one.series[0], "other": one.series[1], "seen": one.fingerprint, "distances": json.dumps(one.recent)}
            for one in sorted(found.quiet, key=lambda one: one.series)
        ]
        connection.execute(statement, listed)
    if found.causes is not None:
        _save_causes(connection, found)
    return True


def _save_causes(connection: Connection, found: Found) -> None:
    """Writes the causes that are not as they were, and takes away those that are no more."""
    assert found.causes is not None
    before = set(connection.execute(select(CAUSE.c.id)).scalars())
    same = {one.cause.id for one in found.unchanged} & before
    rows = [_cause_row(one) for one in found.causes if one.cause.id not in same]
    _upsert(connection, CAUSE, ["id"], sorted(rows, key=lambda row: str(row["id"])))
    gone = sorted(before - {one.cause.id for one in found.causes})
    if gone:
        connection.execute(delete(CAUSE).where(CAUSE.c.id == bindparam("one")), [{"one": each} for each in gone])


def _upsert(connection: Connection, table: Any, key: list[str], rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = insert(connection, table)
    updates = {name: statement.excluded[name] for name in rows[0] if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=updates), rows)


def _analysis_row(one: Analysis) -> dict[str, Any]:
    # NaN is stored as NULL, which both engines read back alike.
    level, sigma = (None if figure != figure else figure for figure in (one.level, one.sigma))
    return {
        "environment": one.series[0], "series": one.series[1], "fingerprint": one.fingerprint, "level": level,
        "sigma": sigma, "recent": json.dumps(one.recent), "changes": json.dumps([_fields(c) for c in one.changes]),
    }  # fmt: skip


def _cause_row(one: KnownCause) -> dict[str, Any]:
    cause = one.cause
    changes = [[change.environment.digest, change.key.digest.hex(), *_fields(change)] for change in cause.changes]
    return {
        "id": cause.id, "trend": cause.trend.value, "status": cause.status.value, "after": cause.span.after,
        "until": cause.span.until, "estimate": cause.span.estimate, "facts": json.dumps(cause.facts),
        "changes": json.dumps(changes), "confirmed_at": one.confirmed_at, "withdrawn_at": one.withdrawn_at,
        "merged": one.merged,
    }  # fmt: skip


def _known(row: Any, names: _Names) -> KnownCause:
    changes = tuple(
        names.change(series, fields)
        for environment, key, *fields in json.loads(row.changes)
        if names.knows(series := (environment, bytes.fromhex(key)))
    )
    span = Span(row.after, row.until, row.estimate)
    facts, status = tuple(json.loads(row.facts)), CauseStatus(row.status)
    cause = Cause(row.id, span, Trend(row.trend), changes, facts, status)
    return KnownCause(cause, row.confirmed_at, row.withdrawn_at, row.merged)


def _fields(change: ChangePoint) -> list[Any]:
    """A change point without its series, as JSON holds it."""
    span = change.span
    figures = [change.before, change.after, change.lo, change.hi]
    noise = None if change.noise != change.noise else change.noise
    words = [span.after, span.until, span.estimate, change.status.value, change.facts]
    return [*figures, *words, int(change.back), noise]


_STATUSES = {status.value: status for status in ChangeStatus}


class _Names:
    """Keys and environments by their digests, under present names; tens of thousands of change points ask."""

    def __init__(self, connection: Connection, present: Present | None) -> None:
        self.keys = {key.digest: key for key in catalogue(connection, present=present).keys.values()}
        self.environments = {environment.digest: environment for environment in environments(connection).values()}
        self._spans: dict[tuple[str, str, str], Span] = {}

    def knows(self, series: SeriesName) -> bool:
        return series[0] in self.environments and series[1] in self.keys

    def change(self, series: SeriesName, fields: Iterable[Any]) -> ChangePoint:
        before, after, lo, hi, old, new, estimate, status, facts, back, noise = fields
        span = self._spans.get((old, new, estimate))
        if span is None:
            span = self._spans[old, new, estimate] = Span(old, new, estimate)
        return ChangePoint(
            self.keys[series[1]], self.environments[series[0]], before, after, lo, hi, span, _STATUSES[status],
            tuple(facts), bool(back), math.nan if noise is None else noise,
        )  # fmt: skip
