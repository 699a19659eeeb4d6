"""What changed along the commits: change points of single series, causes of many, and what people say of them."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from enum import StrEnum

from ..globs import matches
from .commits import Commit
from .run import Direction, Environment, Key


class ChangeStatus(StrEnum):
    """SUSPECTED while the evidence is weak (few points, a small step), CONFIRMED once it holds, WITHDRAWN when gone."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class Trend(StrEnum):
    """What a change means to people; UNKNOWN where nothing says which way is better."""

    REGRESSION = "regression"
    IMPROVEMENT = "improvement"
    UNKNOWN = "unknown"


class CauseStatus(StrEnum):
    """OPEN, ACCEPTED by somebody, FIXED (back within its level), WITHDRAWN (the evidence has vanished)."""

    OPEN = "open"
    ACCEPTED = "accepted"
    FIXED = "fixed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Span:
    """A range of commits: `after` is the last measured one certainly in the old level, `until` the first in the new.

    `estimate` is the most likely one: the first measured commit of the new level. The commit that made the change lies
    behind `after` and is `until` or before it. Full hashes.
    """

    after: str
    until: str
    estimate: str


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """A step between two levels of one series.

    before, after   the levels' centres, in the metric's base unit
    lo, hi          95 % interval of after / before
    noise           relative noise of one point, NaN where it is not known
    facts           what else changed there, in words: "numpy 2.3 → 2.4", "kernel 6.1 → 6.8"
    back            whether the series has since come back to the old level
    """

    key: Key
    environment: Environment
    before: float
    after: float
    lo: float
    hi: float
    span: Span
    status: ChangeStatus
    facts: tuple[str, ...] = ()
    back: bool = False
    noise: float = math.nan

    @property
    def series(self) -> SeriesName:
        """The series it is a change of."""
        return self.environment.digest, self.key.digest

    @property
    def change(self) -> float:
        """The relative change, signed as measured; from a level of 0 it is ±inf."""
        if self.before == 0:
            return math.copysign(math.inf, self.after) if self.after else 0.0
        return (self.after - self.before) / abs(self.before)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of `change`."""
        return self.lo - 1, self.hi - 1

    @property
    def trend(self) -> Trend:
        """Whether the change is for the worse."""
        direction = self.key.metric.direction
        if direction is Direction.UNKNOWN:
            return Trend.UNKNOWN
        return Trend.REGRESSION if (self.after > self.before) == (direction is Direction.LOWER) else Trend.IMPROVEMENT

    @property
    def size(self) -> float:
        """How large the change is, the same for twice as slow and twice as fast: |log(after / before)|."""
        if self.before == self.after:
            return 0.0
        if self.before == 0 or self.after / self.before <= 0:
            return math.inf
        return abs(math.log(self.after / self.before))


SeriesName = tuple[str, bytes]
"""A series by the digests of its environment and of its key."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found in one series, and what tells whether a new point is worth another look.

    fingerprint   of the runs whose points were seen, in order
    level, sigma  where new points are expected (base unit; NaN where there was too little to see), their relative noise
    recent        how far the points that came since lie from the level, in sigmas
    """

    series: SeriesName
    fingerprint: str
    level: float
    sigma: float
    recent: tuple[float, ...] = ()
    changes: tuple[ChangePoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """Change points of many series at one range of commits and in one direction.

    id         from its first confirmation, inherited by a later estimate nearby; "" while it is only suspected
    changes    the worst first; several series, and several environments
    first      the first commit of the range, after `span.after`; "" where the commit graph does not tell
    candidates how many commits of the main branch the range holds; 0 where the graph does not tell
    commits    these, oldest first, where they are few; else the estimated one
    when       the date of the estimated commit
    note, reason  what people wrote of it: a note, and why it was accepted
    """

    id: str
    span: Span
    trend: Trend
    changes: tuple[ChangePoint, ...]
    facts: tuple[str, ...] = ()
    status: CauseStatus = CauseStatus.OPEN
    first: str = ""
    candidates: int = 0
    commits: tuple[Commit, ...] = ()
    when: datetime.datetime | None = None
    note: str = ""
    reason: str = ""

    @property
    def confirmed(self) -> bool:
        """Whether at least one of its changes is more than suspected."""
        return any(change.status is not ChangeStatus.SUSPECTED for change in self.changes)


@dataclass(frozen=True, slots=True)
class KnownCause:
    """A cause as it was last stored, with the times at which it was first seen confirmed, and withdrawn.

    `merged` is the id of the older cause that it became part of, else "".
    """

    cause: Cause
    confirmed_at: datetime.datetime
    withdrawn_at: datetime.datetime | None = None
    merged: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """One `[[accepted]]` of regress-accepted.toml: a cause, or a benchmark and metric (globs), that may be worse.

    until     it holds for comparisons whose base does not contain this commit yet; "": for all
    up_to     how much worse at most, as a share of the base; None: no limit
    expires   the last day on which it holds; None: it does not end
    expired   whether that day is over: it allows nothing any more, but is quoted where it would have
    origin    file and line, for the proof
    """

    cause: str = ""
    benchmark: str = ""
    metric: str = "*"
    until: str = ""
    up_to: float | None = None
    reason: str = ""
    author: str = ""
    date: datetime.date | None = None
    expires: datetime.date | None = None
    origin: str = ""
    expired: bool = False

    def fits(self, key: Key) -> bool:
        """Whether this is an entry for a benchmark, and for this one and this metric."""
        names = (key.benchmark.full, key.benchmark.name)
        named = bool(self.benchmark) and any(matches(self.benchmark, name) for name in names)
        return named and matches(self.metric, key.metric.name)

    def allows(self, change: float) -> bool:
        """Whether a relative change may pass: within the limit, and before the entry has expired."""
        return not self.expired and self.covers(change)

    def covers(self, change: float) -> bool:
        """Whether a relative change is within the limit, expired or not; a rounding error beyond it is."""
        return self.up_to is None or abs(change) <= self.up_to + 1e-9


@dataclass(frozen=True, slots=True)
class Note:
    """One `[[note]]` of regress-accepted.toml: what somebody wrote of a cause."""

    cause: str
    text: str
    origin: str = ""
