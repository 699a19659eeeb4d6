"""From the change points of many series to causes, and the ids that causes keep.

Grouping is a vote. Each change point votes for the measured commits that it may lie at, most for its estimate; the
commit with the most votes is a cause, and takes all the change points that voted for it; so on until all are taken.
Note: to join whatever overlaps would chain the whole of a busy history into one cause.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model import Cause, CauseStatus, ChangePoint, ChangeStatus, KnownCause, SeriesName, Span, Trend
from .timeline import Timeline

#: A change point joins a cause, and a stored id an estimate, within so many measured commits.
REACH = 4
#: The range of a cause is where so many of its change points may lie: each interval is right nineteen times of twenty.
SHARED = 0.8
#: What a change point gives to its whole interval, beside the 1 for its estimate; and what a suspected one counts.
SPREAD, SUSPECTED = 0.25, 0.25
#: At so large a share of its series back at the old level a cause is fixed.
MOST = 0.5


class _Reach(NamedTuple):
    """The places at which change points may lie, shape (n,) each: the estimate, what joins it, and the interval."""

    core_lo: NDArray[np.int64]
    core_hi: NDArray[np.int64]
    near_lo: NDArray[np.int64]
    near_hi: NDArray[np.int64]
    lo: NDArray[np.int64]
    hi: NDArray[np.int64]


def group(changes: Sequence[ChangePoint], timeline: Timeline) -> list[Cause]:
    """The causes of all change points, without ids, in the order of their estimates."""
    place_of = timeline.place_of
    causes = []
    for trend in Trend:
        chosen = [change for change in changes if change.trend is trend]
        reach = _reach(chosen, timeline)
        for peak, rows in _peaks(chosen, reach, len(timeline.commits)):
            members = tuple(sorted((chosen[row] for row in rows), key=_worst_first))
            causes.append(_cause(members, _span(peak, rows, reach, timeline.commits), trend))
    return sorted(causes, key=lambda cause: (place_of[cause.span.estimate], cause.trend))


def _worst_first(change: ChangePoint) -> tuple[float, tuple[str, ...], str]:
    return -change.size, (*change.key.unversioned, change.key.benchmark.version), change.environment.digest


def _reach(changes: Sequence[ChangePoint], timeline: Timeline) -> _Reach:
    """Where each change point may lie; "near" counts the commits that its environment was measured on."""
    rows = np.empty((6, len(changes)), dtype=np.int64)
    place_of = timeline.place_of
    own = timeline.places_by_environment()
    for row, change in enumerate(changes):
        estimate = place_of[change.span.estimate]
        lo, hi = place_of[change.span.after] + 1, place_of[change.span.until]
        places = own[change.environment.digest]
        at = bisect_left(places, estimate)
        # An environment that skips commits leaves several for the estimate: all since the one measured before it.
        core = places[at - 1] + 1 if at else estimate
        near_lo = places[at - 1 - REACH] + 1 if at > REACH else lo
        near_hi = places[at + REACH] if at + REACH < len(places) else hi
        rows[:, row] = core, estimate, max(min(lo, core), near_lo), min(hi, near_hi), min(lo, core), hi
    return _Reach(*rows)


def _peaks(changes: Sequence[ChangePoint], reach: _Reach, places: int) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Place by place with the most votes, and the change points that voted for it."""
    lo, hi = reach.near_lo, reach.near_hi
    sure = np.array([1.0 if c.status is ChangeStatus.CONFIRMED else SUSPECTED for c in changes])
    votes = np.zeros(places + 1)
    # Differences of a running sum: what is added at a place and taken away behind it.
    for start, stop, share in ((reach.core_lo, reach.core_hi, 1.0), (lo, hi, SPREAD)):
        each = sure * share / (stop - start + 1)
        np.add.at(votes, start, each)
        np.add.at(votes, stop + 1, -each)
    votes = np.cumsum(votes)[:-1]
    left = np.arange(len(changes))
    while len(left):
        # Rounded, so that what taking away leaves of a sum decides nothing; of equals the last one.
        peak = places - 1 - int(np.argmax(np.round(votes[::-1], 6)))
        mine = (lo[left] <= peak) & (peak <= hi[left])
        if not mine.any():  # only what taking away left
            votes[peak] = 0.0
            continue
        taken, left = left[mine], left[~mine]
        for row in taken.tolist():
            width = reach.core_hi[row] - reach.core_lo[row] + 1
            votes[reach.core_lo[row] : reach.core_hi[row] + 1] -= sure[row] / width
            votes[lo[row] : hi[row] + 1] -= sure[row] * SPREAD / (hi[row] - lo[row] + 1)
        yield peak, taken


def _span(peak: int, rows: NDArray[np.intp], reach: _Reach, commits: Sequence[str]) -> Span:
    """The places around the peak at which most of the change points may lie."""
    lo, hi = reach.lo[rows], reach.hi[rows]
    enough = SHARED * len(rows)

    def shared(place: int) -> bool:
        return int(((lo <= place) & (place <= hi)).sum()) >= enough

    first = last = peak
    while first > int(lo.min()) and shared(first - 1):
        first -= 1
    while last < int(hi.max()) and shared(last + 1):
        last += 1
    return Span(commits[first - 1], commits[last], commits[peak])


def _cause(members: tuple[ChangePoint, ...], span: Span, trend: Trend) -> Cause:
    facts = dict.fromkeys(fact for change in members for fact in change.facts)
    back = sum(change.back for change in members)
    # An improvement that is lost again is a regression of its own, and nothing was mended.
    fixed = trend is not Trend.IMPROVEMENT and back > MOST * len(members)
    return Cause("", span, trend, members, tuple(facts), CauseStatus.FIXED if fixed else CauseStatus.OPEN)


@dataclass(frozen=True, slots=True)
class Named:
    """Causes with their ids, and all that is to be stored of them (the withdrawn ones and merged ids, too)."""

    causes: list[Cause]
    known: list[KnownCause]


def name(groups: Sequence[Cause], known: Sequence[KnownCause], commits: Sequence[str], now: datetime) -> Named:
    """Gives groups the ids of the stored causes that they continue, and confirmed ones without such an id a new one.

    A group continues a stored cause of the same direction that it shares a series with and whose estimate lies within
    REACH measured commits. Of several, the oldest id stays; where a stored cause falls apart, the part with the most of
    its series keeps it. A stored cause that nothing continues is withdrawn, not deleted.
    """
    place_of = {commit: place for place, commit in enumerate(commits)}
    oldest_first = sorted(known, key=lambda one: (one.confirmed_at, one.cause.id))
    series = [frozenset(change.series for change in cause.changes) for cause in groups]
    nearby = _by_series(groups, series)
    ids: dict[int, KnownCause] = {}
    after: list[KnownCause] = []
    for one in oldest_first:
        fitting = _continuing(one, groups, series, nearby, place_of)
        free = [row for row in fitting if row not in ids]
        if free:
            ids[free[0]] = one
        elif fitting:
            after.append(replace(one, merged=ids[fitting[0]].cause.id, withdrawn_at=None))
        else:
            after.append(_withdrawn(one, now))
    taken = {one.cause.id for one in known}
    causes = []
    for row, cause in enumerate(groups):
        if row in ids:
            cause = replace(cause, id=ids[row].cause.id)
            after.append(KnownCause(cause, ids[row].confirmed_at))
        elif cause.confirmed:
            cause = replace(cause, id=_new_id(cause, taken))
            taken.add(cause.id)
            after.append(KnownCause(cause, now))
        causes.append(cause)
    causes += [one.cause for one in after if one.withdrawn_at is not None]
    return Named(causes, sorted(after, key=lambda one: (one.confirmed_at, one.cause.id)))


def _by_series(groups: Sequence[Cause], series: Sequence[frozenset[SeriesName]]) -> dict[SeriesName, list[int]]:
    found: dict[SeriesName, list[int]] = {}
    for row in range(len(groups)):
        for each in series[row]:
            found.setdefault(each, []).append(row)
    return found


def _continuing(
    one: KnownCause,
    groups: Sequence[Cause],
    series: Sequence[frozenset[SeriesName]],
    nearby: dict[SeriesName, list[int]],
    place_of: dict[str, int],
) -> list[int]:
    """The groups that may continue a stored cause: those that share most of its series first, then the nearest."""
    place = place_of.get(one.cause.span.estimate)
    if place is None:
        return []
    own = frozenset(change.series for change in one.cause.changes)
    rows = {row for each in own for row in nearby.get(each, ())}

    def distance(row: int) -> int:
        return abs(place_of[groups[row].span.estimate] - place)

    fitting = [row for row in rows if groups[row].trend is one.cause.trend and distance(row) <= REACH]
    return sorted(fitting, key=lambda row: (-len(series[row] & own), distance(row), row))


def _withdrawn(one: KnownCause, now: datetime) -> KnownCause:
    if one.merged:
        return one
    changes = tuple(replace(change, status=ChangeStatus.WITHDRAWN) for change in one.cause.changes)
    cause = replace(one.cause, changes=changes, status=CauseStatus.WITHDRAWN)
    return KnownCause(cause, one.confirmed_at, one.withdrawn_at or now)


def _new_id(cause: Cause, taken: set[str]) -> str:
    """Eight hex digits, the same in every history that first confirms the same change there."""
    worst = next(change for change in cause.changes if change.status is not ChangeStatus.SUSPECTED)
    text = f"{cause.span.estimate} {cause.trend} {worst.series[0]} {worst.series[1].hex()}"
    digest = hashlib.blake2b(text.encode(), digest_size=32).hexdigest()
    return next(word for at in range(len(digest) - 7) if (word := digest[at : at + 8]) not in taken)
