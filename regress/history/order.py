"""The order of the commits, kept as a column `ordinal`.

It is a function of what is stored, not of the way it came in: the known commits in `model.topological` order, and each
commit that only runs name behind the last known one that is not younger than its date. Appending is a short cut that
gives the same: a commit younger than all others comes last in that order, unless it is another one's parent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import Column, Connection, func, select

from ..model import Commit, CommitGraph, Run, topological
from .engine import insert, lock
from .tables import COMMIT, RUN

_COLUMNS = ("hash", "ordinal", "parents", "committed_at", "measured_at", "author", "subject")


@dataclass(slots=True)
class Place:
    """A commit's row while its order is worked out. `parents` is None for a commit that only runs name."""

    hash: str
    ordinal: int = 0
    parents: str | None = None
    committed_at: float | None = None
    measured_at: float | None = None
    author: str = ""
    subject: str = ""

    @property
    def date(self) -> float:
        """What orders it where the graph does not; 0 where nothing is known, as `topological` has it."""
        return next((date for date in (self.committed_at, self.measured_at) if date is not None), 0.0)

    def commit(self) -> Commit:
        """The commit of the domain."""
        date = None if self.committed_at is None else datetime.fromtimestamp(self.committed_at, UTC)
        return Commit(self.hash, tuple((self.parents or "").split()), date, self.author, self.subject)


def known_commits(connection: Connection) -> set[str]:
    """The hashes of the commits whose parents are known."""
    return set(connection.execute(select(COMMIT.c.hash).where(COMMIT.c.parents.is_not(None))).scalars())


def graph(connection: Connection) -> CommitGraph:
    """The graph of the commits whose parents are known."""
    rows = connection.execute(select(COMMIT.c.hash, COMMIT.c.parents).where(COMMIT.c.parents.is_not(None)))
    return CommitGraph({name: tuple(parents.split()) for name, parents in rows})


def find_commit(connection: Connection, name: str) -> Commit | None:
    """One commit by its full hash."""
    row = connection.execute(select(*_selected()).where(COMMIT.c.hash == name)).one_or_none()
    return None if row is None else Place(*row).commit()


def named_commits(connection: Connection, names: Collection[str]) -> dict[str, Commit]:
    """Those of the commits that are known, by their full hashes."""
    return {name: place.commit() for name, place in _some(connection, sorted(set(names))).items() if name in names}


def find_commits(connection: Connection, prefix: str) -> list[str]:
    """The hashes that begin with `prefix`, of commits and of pull requests' tips; none for an empty prefix."""
    if not prefix:
        return []
    found: set[str] = set()
    for column in (COMMIT.c.hash, RUN.c.head):
        found.update(connection.execute(select(column).where(func.substr(column, 1, len(prefix)) == prefix)).scalars())
    return sorted(found)


def add_commits(connection: Connection, commits: Iterable[Commit]) -> int:
    """Stores commits with their parents; how many of them were not known before."""
    lock(connection, COMMIT)
    there = _all(connection)
    news: dict[str, Place] = {}
    fresh = 0
    for commit in commits:
        old = there.get(commit.hash)
        place = _placed(commit, old)
        if old is None or place != old:
            fresh += commit.hash not in news and (old is None or old.parents is None)
            news[commit.hash] = place
    if news:
        _store(connection, there, news, appended=_is_append(there, news))
    return fresh


def name_commits(connection: Connection, runs: Iterable[Run], now: float) -> None:
    """Stores the commits that `runs` name and nobody knows, in the order of their dates (`now` where there is none)."""
    dates: dict[str, tuple[float | None, float | None]] = {}
    for run in runs:
        committed, measured = dates.get(run.commit, (None, None))
        started = run.started_at.timestamp() if run.started_at else now
        named = run.committed_at.timestamp() if run.committed_at else None
        dates[run.commit] = _earliest(committed, named), _earliest(measured, started)
    dates.pop("", None)
    if not _changes(dates, _some(connection, list(dates))):
        return
    lock(connection, COMMIT)
    there = _all(connection)
    news = _changes(dates, there)
    if news:
        _store(connection, there, news, appended=_is_append(there, news))


def arranged(places: Iterable[Place]) -> list[str]:
    """The hashes in the order of the history."""
    known: list[Commit] = []
    named: list[tuple[float, str]] = []
    for place in places:
        if place.parents is None:
            named.append((place.date, place.hash))
        else:
            known.append(place.commit())
    line = topological(known)
    if not named:
        return [commit.hash for commit in line]
    youngest = running_dates([commit.committed_at.timestamp() if commit.committed_at else None for commit in line])
    named.sort()
    result: list[str] = []
    done = 0
    for date, name in named:
        position = bisect_right(youngest, date)
        result.extend(commit.hash for commit in line[done:position])
        result.append(name)
        done = max(done, position)
    return result + [commit.hash for commit in line[done:]]


def running_dates(dates: Iterable[float | None]) -> list[float]:
    """For each place of a line the youngest date up to there: dates that only grow, so that one can be looked up."""
    return list(accumulate((float("-inf") if date is None else date for date in dates), max))


def ordinals_by_date(connection: Connection, dates: Sequence[float]) -> list[int]:
    """Where runs that name no commit belong: the ordinal of the last commit that is not younger than each date."""
    rows = connection.execute(select(*_selected()).order_by(COMMIT.c.ordinal)).all()
    places = [Place(*row) for row in rows]
    youngest = running_dates([place.date for place in places])
    found = [bisect_right(youngest, date) for date in dates]
    return [places[position - 1].ordinal if position else 0 for position in found]


def _placed(commit: Commit, old: Place | None) -> Place:
    """The row of a commit that git knows. A shallow clone's edge has no parents: what was known of it stays."""
    parents = " ".join(commit.parents) or (old.parents if old and old.parents else "")
    date = commit.committed_at.timestamp() if commit.committed_at else None
    if old is None:
        return Place(commit.hash, 0, parents, date, None, commit.author, commit.subject)
    date = old.committed_at if date is None else date
    author, subject = commit.author or old.author, commit.subject or old.subject
    return Place(commit.hash, old.ordinal, parents, date, old.measured_at, author, subject)


def _changes(dates: Mapping[str, tuple[float | None, float | None]], there: Mapping[str, Place]) -> dict[str, Place]:
    """The rows to write so that each commit of `dates` has one, with the earliest dates that its runs give."""
    news: dict[str, Place] = {}
    for name, (committed, measured) in dates.items():
        old = there.get(name)
        if old is None:
            news[name] = Place(name, 0, None, committed, measured)
        elif old.parents is None:
            place = Place(
                name, old.ordinal, None, _earliest(old.committed_at, committed), _earliest(old.measured_at, measured)
            )
            if place != old:
                news[name] = place
    return news


def _earliest(one: float | None, other: float | None) -> float | None:
    return min((date for date in (one, other) if date is not None), default=None)


def _is_append(there: Mapping[str, Place], news: Mapping[str, Place]) -> bool:
    """Whether all of `news` is younger than all that is there, and nobody's parent."""
    if there.keys() & news.keys():
        return False
    if not there or min(place.date for place in news.values()) <= max(place.date for place in there.values()):
        return False
    return not any(parent in news for place in there.values() for parent in (place.parents or "").split())


def _store(connection: Connection, there: dict[str, Place], news: dict[str, Place], *, appended: bool) -> None:
    """Writes the rows whose content or ordinal is new."""
    if appended:
        last = max(place.ordinal for place in there.values())
        written = dict(news)
        line = {name: ordinal for ordinal, name in enumerate(arranged(news.values()), last + 1)}
    else:
        written = there | news
        line = {name: ordinal for ordinal, name in enumerate(arranged(written.values()), 1)}
    changed = []
    for name in sorted(written):  # sorted, so that two writers lock the rows in one order
        place, ordinal = written[name], line[name]
        if name in news or place.ordinal != ordinal:
            place.ordinal = ordinal
            changed.append(place)
    statement = insert(connection, COMMIT)
    updates = {name: statement.excluded[name] for name in _COLUMNS[1:]}
    rows = [{name: getattr(place, name) for name in _COLUMNS} for place in changed]
    connection.execute(statement.on_conflict_do_update(index_elements=["hash"], set_=updates), rows)


def _all(connection: Connection) -> dict[str, Place]:
    return {row[0]: Place(*row) for row in connection.execute(select(*_selected()))}


def _some(connection: Connection, names: list[str]) -> dict[str, Place]:
    """The rows of the given commits."""
    if len(names) > 1000:
        return _all(connection)
    return {row[0]: Place(*row) for row in connection.execute(select(*_selected()).where(COMMIT.c.hash.in_(names)))}


def _selected() -> list[Column[Any]]:
    return [COMMIT.c[name] for name in _COLUMNS]
