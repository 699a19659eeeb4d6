"""What people and checks decided: named baselines and the reports of checks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection
from sqlmodel import Session, col, select

from ..errors import HistoryError
from ..model import Baseline
from .engine import lock
from .tables import BASELINE, BaselineRow, ReportRow


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report as it was given: `text` is its JSON, `baseline` is "" where there was none to compare with."""

    id: int
    candidate: str
    baseline: str
    outcome: str
    text: str
    created_at: datetime


def add_baseline(connection: Connection, new: Baseline) -> Baseline:
    """Stores the next version of a name, whatever `new.version` says. A name that is not there cannot be removed."""
    lock(connection, BASELINE)
    last = next(iter(baselines(connection, new.name)), None)
    if new.removed and (last is None or last.removed):
        raise HistoryError(f"there is no baseline {new.name!r}", hint="list them with regress baseline list")
    # What is set now is the newest, even if another machine's clock, which set the last one, goes before this one's.
    now = max(new.created_at, last.created_at + timedelta(microseconds=1)) if last else new.created_at
    row = BaselineRow(
        name=new.name, version=last.version + 1 if last else 1, digests=json.dumps(new.digests),
        commit_hash=new.commit, reason=new.reason, author=new.author, created_at=now, removed=new.removed,
    )  # fmt: skip
    with Session(connection) as session:
        session.add(row)
        session.flush()
        return _baseline(row)


def baselines(connection: Connection, name: str | None = None) -> list[Baseline]:
    """Every version of one name, or of all, newest first.

    Versions are counted in the order in which they were set, wherever that was: they may have come in in another one.
    """
    query = select(BaselineRow)
    if name is not None:
        query = query.where(BaselineRow.name == name)
    with Session(connection) as session:
        found = [(row.created_at, row.id or 0, _baseline(row)) for row in session.exec(query)]
    count: dict[str, int] = {}
    listed = []
    for _, _, one in sorted(found, key=lambda each: each[:2]):
        count[one.name] = count.get(one.name, 0) + 1
        listed.append(replace(one, version=count[one.name]))
    return listed[::-1]


def baseline(connection: Connection, name: str) -> Baseline | None:
    """The newest version of a name; None where it was removed or never set."""
    newest = next(iter(baselines(connection, name)), None)
    return None if newest is None or newest.removed else newest


def new_baseline(name: str, digests: Iterable[str], commit: str, reason: str, author: str) -> Baseline:
    """A baseline that is to be stored. Raises HistoryError where it has no name or no runs."""
    chosen = tuple(dict.fromkeys(digests))
    if not name.strip():
        raise HistoryError("a baseline needs a name", hint="give it one, such as the release it stands for")
    if not chosen:
        raise HistoryError(f"baseline {name!r} would hold no run", hint="name a commit that was measured")
    return Baseline(name, 0, chosen, commit, reason, author, datetime.now(UTC))


def removal(name: str, author: str) -> Baseline:
    """The version that takes a name away; the versions before it stay readable."""
    return Baseline(name, 0, (), "", "", author, datetime.now(UTC), removed=True)


def add_report(connection: Connection, candidate: str, baseline: str, outcome: str, text: str) -> int:
    """Stores a report; its id."""
    row = ReportRow(candidate=candidate, baseline=baseline, outcome=outcome, text=text, created_at=datetime.now(UTC))
    with Session(connection) as session:
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id


def reports(connection: Connection, limit: int, commit: str | None = None) -> list[StoredReport]:
    """The last `limit` reports, of one candidate's commit or of any, newest first."""
    query = select(ReportRow).order_by(col(ReportRow.id).desc()).limit(limit)
    if commit is not None:
        query = query.where(ReportRow.candidate == commit)
    with Session(connection) as session:
        return [
            StoredReport(row.id or 0, row.candidate, row.baseline, row.outcome, row.text, row.created_at)
            for row in session.exec(query)
        ]


def _baseline(row: BaselineRow) -> Baseline:
    digests = tuple(json.loads(row.digests))
    return Baseline(
        row.name, row.version, digests, row.commit_hash, row.reason, row.author, row.created_at, row.removed
    )
