"""What two histories exchange besides runs that are added: runs taken away, and baselines that were set elsewhere."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from sqlalchemy import Connection, delete, select, update

from ..model import Baseline
from .decisions import baselines
from .engine import insert, lock
from .tables import ANALYSIS, ATTACHMENT, BASELINE, COMMIT, GAP, LOOK, POINT, QUANTILE, RUN, SAMPLE

_AT_ONCE = 500


def remove_runs(connection: Connection, digests: Collection[str]) -> int:
    """Deletes runs with all that hangs on them; how many there were."""
    ids: list[int] = []
    listed = sorted(set(digests))
    for start in range(0, len(listed), _AT_ONCE):
        query = select(RUN.c.id).where(RUN.c.digest.in_(listed[start : start + _AT_ONCE]))
        ids += connection.execute(query).scalars()
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        for table in (POINT, GAP, SAMPLE, QUANTILE, ATTACHMENT):
            connection.execute(delete(table).where(table.c.run_id.in_(part)))
        connection.execute(delete(RUN).where(RUN.c.id.in_(part)))
    if ids:
        # A commit whose parents are not known is there for its runs only.
        named = select(RUN.c.commit_hash)
        connection.execute(delete(COMMIT).where(COMMIT.c.parents.is_(None), COMMIT.c.hash.not_in(named)))
        _forget_analyses(connection)
    return len(ids)


def _forget_analyses(connection: Connection) -> None:
    """Makes the next look one at everything: SQLite gives the id of a deleted run to another one."""
    lock(connection, LOOK)
    connection.execute(delete(ANALYSIS))
    connection.execute(update(LOOK).values(number=LOOK.c.number + 1, runs="[]", version=""))


def add_baselines(connection: Connection, listed: Iterable[Baseline]) -> int:
    """Stores the versions that are not there yet, each as it was set; how many were new."""
    lock(connection, BASELINE)
    there = baselines(connection)
    known = {_content(one) for one in there}
    count: dict[str, int] = {}
    for one in there:
        count[one.name] = count.get(one.name, 0) + 1
    rows = []
    for new in sorted(listed, key=lambda one: (one.name, one.created_at)):
        if _content(new) not in known:
            known.add(_content(new))
            count[new.name] = count.get(new.name, 0) + 1
            rows.append(_row(new, count[new.name]))
    if rows:
        connection.execute(insert(connection, BASELINE), rows)
    return len(rows)


def _content(one: Baseline) -> tuple[object, ...]:
    """A version without its number, which is a matter of what other versions are there."""
    return one.name, one.digests, one.commit, one.reason, one.author, one.created_at, one.removed


def _row(one: Baseline, version: int) -> dict[str, object]:
    return {
        "name": one.name, "version": version, "digests": json.dumps(one.digests), "commit_hash": one.commit,
        "reason": one.reason, "author": one.author, "created_at": one.created_at, "removed": one.removed,
    }  # fmt: skip
