"""The change points of a line: where they stand on its axis, the levels between them, and a table of both."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ..model import Cause, CauseStatus, ChangePoint, ChangeStatus, Environment, Trend
from ..units import signed_percent
from .axis import Axis, Stop
from .lines import Line, Pair
from .wording import Badge, Change, describe, value

CAUSES_PAGE = "changes.html"
NO_CHANGE = Change()
TRENDS = {
    Trend.REGRESSION: Badge("Regression", "bad", 0),
    Trend.UNKNOWN: Badge("Change", "warn", 1),
    Trend.IMPROVEMENT: Badge("Improvement", "good", 2),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A change point of a line: `position` is the stop that the new level begins at.

    `href` leads from a benchmark's page to the cause, "" where that is not on the page of changes.
    """

    position: int
    change: ChangePoint
    cause: Cause
    href: str

    @property
    def suspected(self) -> bool:
        """Whether this series alone does not prove it."""
        return self.change.status is ChangeStatus.SUSPECTED


@dataclass(frozen=True, slots=True)
class Segment:
    """A row of the table of levels; `trend`, `change`, `interval` and `cause` tell how it began, empty for the first.

    `cause` is the id, `remark` says what else there is to know.
    """

    name: str
    start: Stop
    end: Stop
    level: str
    trend: Badge | None = None
    change: Change = NO_CHANGE
    interval: str = ""
    cause: str = ""
    href: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A level between two places of the axis, in the metric's base unit."""

    first: int
    last: int
    level: float


class Steps:
    """The change points of a history, found by line. Withdrawn ones are left out: there is no evidence of them."""

    def __init__(self, causes: Iterable[Cause], shown: Collection[str] = ()) -> None:
        self._shown = shown
        self._found: dict[tuple[Pair, Environment], list[tuple[ChangePoint, Cause]]] = defaultdict(list)
        self._places: dict[Axis, dict[str, int]] = {}
        for cause in causes:
            if cause.status is not CauseStatus.WITHDRAWN:
                for change in cause.changes:
                    if change.status is not ChangeStatus.WITHDRAWN:
                        self._found[change.key.unversioned, change.environment].append((change, cause))

        # A line is asked for by its chart, its table, its data: each time of a few benchmarks at most.
        self.of = lru_cache(maxsize=4096)(self._of)

    def _of(self, line: Line) -> tuple[Step, ...]:
        """The steps of one line, in order; at one place the surest and largest only, and none that is off its axis."""
        found = self._found.get((line.key.unversioned, line.axis.environment))
        if not found or not len(line.positions):
            return ()
        places = self._places_of(line.axis)
        at: dict[int, Step] = {}
        first, last = int(line.positions[0]), int(line.positions[-1])
        for change, cause in sorted(found, key=_surest, reverse=True):
            place = places.get(change.span.estimate, -1)
            if first < place <= last and place not in at:
                href = f"../{cause_href(cause.id)}" if cause.id in self._shown else ""
                at[place] = Step(place, change, cause, href)
        return tuple(at[place] for place in sorted(at))

    def _places_of(self, axis: Axis) -> dict[str, int]:
        if axis not in self._places:
            self._places[axis] = {stop.commit: place for place, stop in enumerate(axis.stops)}
        return self._places[axis]


def cause_anchor(id_: str) -> str:
    """The id of a cause's place on the page of changes."""
    return f"c-{id_}" if id_ else ""


def cause_href(id_: str) -> str:
    """Where a cause is told of, from the top of the site."""
    return f"{CAUSES_PAGE}#{cause_anchor(id_)}"


def interval_of(change: ChangePoint) -> str:
    """The 95 % interval of a change for people, "" where it has none."""
    low, high = change.interval
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        return ""
    return f"{signed_percent(low)} to {signed_percent(high)}".replace("-", "−")


def change_of(change: ChangePoint) -> Change:
    """A change in words, with the colour of what it means."""
    return describe(change.change, change.key.metric, TRENDS[change.trend].tone)


def remark_of(change: ChangePoint) -> str:
    """What a reader must know of a change besides its size."""
    doubt = "suspected" if change.status is ChangeStatus.SUSPECTED else ""
    return ", ".join(part for part in (doubt, "since back" if change.back else "") if part)


def segments_of(line: Line, steps: Sequence[Step], name: str = "") -> list[Segment]:
    """The levels of a line, the newest first; none where nothing changed."""
    if not steps:
        return []
    metric, stops = line.key.metric, line.axis.stops
    places = line.positions.tolist()
    starts = [int(places[0]), *(step.position for step in steps)]
    levels = [steps[0].change.before, *(step.change.after for step in steps)]
    made = []
    for i, (start, level) in enumerate(zip(starts, levels, strict=True)):
        before = starts[i + 1] if i + 1 < len(starts) else places[-1] + 1
        last = bisect_left(places, before) - 1
        end = stops[places[last] if last >= 0 and places[last] >= start else start]
        if not i:
            made.append(Segment(name, stops[start], end, value(level, metric)))
            continue
        step = steps[i - 1]
        change = step.change
        began = TRENDS[change.trend], change_of(change), interval_of(change), step.cause.id, step.href
        made.append(Segment(name, stops[start], end, value(level, metric), *began, remark_of(change)))
    return made[::-1]


def stretches_of(line: Line, steps: Sequence[Step]) -> list[Stretch]:
    """The levels as they are drawn, each only as far as nothing else than the code changed."""
    if not steps:
        return []
    cuts = sorted({cut.position for cut in (*line.cuts, *line.axis.cuts)})
    first, last = int(line.positions[0]), int(line.positions[-1])
    edges = [first, *(step.position for step in steps), last]
    made = []
    for i, (start, end) in enumerate(pairwise(edges)):
        between = [cut for cut in cuts if start < cut < end]
        if i and start < (stop := min(between, default=end)):
            made.append(Stretch(start, stop, steps[i - 1].change.after))
        if i < len(steps) and (between or not i) and (begin := max(between, default=start)) < end:
            made.append(Stretch(begin, end, steps[i].change.before))
    return [stretch for stretch in made if math.isfinite(stretch.level)]


def _surest(found: tuple[ChangePoint, Cause]) -> tuple[bool, float]:
    return found[0].status is ChangeStatus.CONFIRMED, found[0].size
