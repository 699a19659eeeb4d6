"""From the points of series to their change points: several runs of a commit are one point, machines are kept apart.

    strands(series, timeline)   what is looked at: the points of one series that were made on one processor
    look(sheets)                the steps in many strands at once: plain numbers, so that any executor can do it
    analysis(…)                 the steps as change points, with commits and changed facts
    quiet(…)                    whether a new point is so near the last level that a look could find nothing

A noisy series is cut where the processor or the number of cores changes: each machine's points are a strand of their
own, adjacent or not, so a change of machine is never a change of code. A strand's other changed facts are named.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..model import Analysis, ChangePoint, ChangeStatus, Kind, Series, Span
from ..stats.levels import Course, courses
from .timeline import Timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Fewer points than this hold no step that could be told from noise.
FEWEST_POINTS = 3
#: A new point, or a mean of new points, further than so many standard errors from the level is worth a look: a step
#: that can be confirmed lies further out than this, and noise does so in one commit of fifty.
#: Note: asking more of the first few points, as `news` does, spares every tenth look and brings as many more confirmed
#: steps late as `YOUNG` does, which spares every second.
LOUD = 2.5
#: What new points are compared with: the last points of the last level; from fewer their spread says nothing.
TAIL, FEW_TAIL = 30, 8
#: After so many quiet points a series is looked at anyway; up to as many more, so that not all come at once.
LOOK_AFTER = 12
#: A suspected step is judged anew with every point while it lies within the last eight. Beyond them it is judged in
#: hindsight, as cuts far back are, and one point more tells no more of it than of a confirmed one. Two are added, as a
#: series may lack a point where its suite was measured.
YOUNG = 10
#: Within so many sigmas (and half of the step) of the old level a series counts as back.
BACK_SIGMAS = 2.0
#: What "back" allows where the old level has no noise at all.
BACK_LEAST = 0.002


class Sheet(NamedTuple):
    """The numbers of one strand.

    values    in order; weights: how many runs each is the mean of (None: one each)
    cuts      where a fact changed: possible cuts with a name
    """

    values: NDArray[np.float64]
    weights: NDArray[np.float64] | None
    cuts: tuple[int, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A step of a strand by the indices of its points; `first` and `last` bound `index`."""

    index: int
    first: int
    last: int
    before: float
    after: float
    lo: float
    hi: float
    confirmed: bool
    back: bool


class Looked(NamedTuple):
    """What a look at a strand gives: its steps, where new points are expected, within which spread, and the noise."""

    steps: tuple[Found, ...]
    level: float
    sigma: float
    noise: float = math.nan


@dataclass(frozen=True, slots=True, eq=False)
class Strand:
    """Points of one series on one machine. `first_runs`, `last_runs`: the ranks of each point's runs."""

    first_runs: NDArray[np.int64]
    last_runs: NDArray[np.int64]
    sheet: Sheet


def strands(series: Series, timeline: Timeline) -> list[Strand]:
    """The strands of a series that are long enough to be looked at; the one that was measured last comes last."""
    exact = series.key.metric.kind is Kind.EXACT
    ranks = timeline.ranks(series.run_ids)
    values = series.centre
    if len(values) < len(ranks):  # a series that holds no central figure
        return []
    usable = (ranks >= 0) & np.isfinite(values)
    if not usable.all():
        ranks, values = ranks[usable], values[usable]
    if len(ranks) < FEWEST_POINTS:
        return []
    segments = timeline.segment[ranks]
    if exact or (segments == segments[0]).all():
        found = [_strand(ranks, values, timeline, exact)]
    else:
        order = sorted(set(segments.tolist()), key=lambda segment: int(np.flatnonzero(segments == segment)[-1]))
        found = [_strand(ranks[segments == s], values[segments == s], timeline, exact) for s in order]
    return [strand for strand in found if len(strand.sheet.values) >= FEWEST_POINTS]


def _strand(ranks: NDArray[np.int64], values: NDArray[np.float64], timeline: Timeline, exact: bool) -> Strand:
    """Neighbouring runs of one commit with the same facts become one point."""
    places, facts = timeline.place[ranks], timeline.facts[ranks]
    new = np.empty(len(ranks), dtype=np.bool_)
    new[0] = True
    new[1:] = (places[1:] != places[:-1]) | (facts[1:] != facts[:-1])
    cuts = np.flatnonzero(facts[1:] != facts[:-1]) + 1
    if new.all():
        return Strand(ranks, ranks, Sheet(values, None, tuple(cuts.tolist()), exact))
    starts = np.flatnonzero(new)
    # A change of facts always begins a point, so each cut is the start of one.
    cuts = np.searchsorted(starts, cuts)
    stops = np.append(starts[1:], len(ranks))
    weights = (stops - starts).astype(np.float64)
    if exact or (values <= 0).any():
        means = np.add.reduceat(values, starts) / weights
    else:
        means = np.exp(np.add.reduceat(np.log(values), starts) / weights)
    # A point of one run keeps its digits: exp(log(x)) is not always x.
    means = np.where(weights == 1, values[starts], means)
    return Strand(ranks[starts], ranks[stops - 1], Sheet(means, weights, tuple(cuts.tolist()), exact))


def look(sheets: Sequence[Sheet]) -> list[Looked]:
    """The steps in each sheet. A pure function of numbers: the same here and in another process."""
    found: list[Looked | None] = [None] * len(sheets)
    for exact in (False, True):
        rows = [row for row, sheet in enumerate(sheets) if sheet.exact is exact]
        if rows:
            values, cuts = [sheets[row].values for row in rows], [sheets[row].cuts for row in rows]
            done = courses(values, weights=_weights(sheets, rows), cuts=cuts, exact=exact)
            for row, course in zip(rows, done, strict=True):
                found[row] = _looked(course, sheets[row])
    return [each for each in found if each is not None]


def _weights(sheets: Sequence[Sheet], rows: Sequence[int]) -> list[NDArray[np.float64]] | None:
    """Weights for all where any has some."""
    if all(sheets[row].weights is None for row in rows):
        return None
    return [np.ones(len(sheets[row].values)) if (w := sheets[row].weights) is None else w for row in rows]


def _looked(course: Course, sheet: Sheet) -> Looked:
    if not course.levels:
        return Looked((), math.nan, math.nan)
    # Suspected steps part no levels, so the last level is where the series stands as far as anybody can tell.
    standing = course.levels[-1].centre
    steps = []
    old = 0
    for step in course.steps:
        level = course.levels[min(old, len(course.levels) - 1)]
        old += step.confirmed
        later = old < len(course.levels) - 1
        back = step.confirmed and later and is_back(step.before, step.after, standing, level.sigma)
        steps.append(
            Found(
                int(step.index), int(step.first), int(step.last), float(step.before), float(step.after),
                float(step.lo), float(step.hi), bool(step.confirmed), bool(back),
            )
        )  # fmt: skip
    return Looked(tuple(steps), *_standing(course, sheet), float(course.sigma))


def _standing(course: Course, sheet: Sheet) -> tuple[float, float]:
    """Where new points are expected, and how far from it they usually lie, relative.

    Not the level's centre and the course's noise: a level may slope, and the noise of some series has tails so heavy
    that every fifth point would be worth a look.
    """
    tail = sheet.values[course.levels[-1].start :][-TAIL:]
    centre = float(np.median(tail))
    if len(tail) < FEW_TAIL or sheet.exact or centre <= 0:
        return centre, float(course.sigma)
    apart = float(np.quantile(np.abs(tail / centre - 1), 0.9)) / 1.645  # of a normal, nine of ten lie within 1.645
    return centre, max(float(course.sigma), apart)


def is_back(before: float, after: float, now: float, sigma: float) -> bool:
    """Whether `now` is within the old level's noise of `before`, or on its other side."""
    if min(before, after, now) <= 0:
        return now == before or (now < before) == (before < after)
    step, left = math.log(after / before), math.log(now / before)
    if step < 0:
        step, left = -step, -left
    return left <= max(BACK_SIGMAS * sigma if sigma == sigma else 0.0, BACK_LEAST) and left <= step / 2


def analysis(series: Series, timeline: Timeline, parts: Sequence[Strand], looked: Sequence[Looked]) -> Analysis:
    """What the looks at the strands of one series say of it."""
    changes = [
        replace(_change(series, timeline, strand, step), noise=result.noise)
        for strand, result in zip(parts, looked, strict=True)
        for step in result.steps
    ]
    changes.sort(key=lambda change: timeline.place_of[change.span.estimate])
    last = looked[-1] if looked else Looked((), math.nan, math.nan)
    name = (series.environment.digest, series.key.digest)
    return Analysis(name, fingerprint(series.run_ids), last.level, last.sigma, (), tuple(changes))


def _change(series: Series, timeline: Timeline, strand: Strand, step: Found) -> ChangePoint:
    # A point before the first one there is not: a step's interval begins at the second point at the earliest.
    old, new = strand.last_runs[max(step.first, 1) - 1], strand.first_runs[step.last]
    estimate = strand.first_runs[step.index]
    run = timeline.runs
    return ChangePoint(
        key=series.key,
        environment=series.environment,
        before=step.before,
        after=step.after,
        lo=step.lo,
        hi=step.hi,
        span=Span(run[old].commit, run[new].commit, run[estimate].commit),
        status=ChangeStatus.CONFIRMED if step.confirmed else ChangeStatus.SUSPECTED,
        facts=timeline.changed_facts(int(old), int(new)),
        back=step.back,
    )


_FACTOR = 0x9E3779B97F4A7C15  # odd, so that multiplying loses nothing modulo 2**64
_MASK = 2**64 - 1


def fingerprint(run_ids: NDArray[np.int64]) -> str:
    """A number for a sequence of runs, as text, that `extended` can bring up to date without the sequence."""
    powers = np.full(len(run_ids), _FACTOR, dtype=np.uint64)
    if len(powers):
        powers[0] = 1
    powers = np.multiply.accumulate(powers)[::-1] if len(powers) else powers
    mixed = (run_ids.astype(np.uint64) + np.uint64(1)) * np.uint64(_FACTOR)
    mixed ^= mixed >> np.uint64(29)
    return f"{int((mixed * powers).sum(dtype=np.uint64)):016x}"


def extended(text: str, run_id: int) -> str:
    """The fingerprint of the same sequence with one run more at its end."""
    mixed = (run_id + 1) * _FACTOR & _MASK
    mixed ^= mixed >> 29
    return f"{(int(text, 16) * _FACTOR + mixed) & _MASK:016x}"


def quiet(known: Analysis, values: Sequence[float], age: int | None = None) -> tuple[float, ...] | None:
    """The distances of all points since the last look, `values` being the newest; None where a look is due.

    `age`: how many measured commits ago the newest suspected step began; None where there is none.
    """
    if not known.level > 0:
        return None
    recent = list(known.recent)
    if age is not None and age - len(recent) - len(values) <= YOUNG:  # as of the last look
        return None
    for value in values:
        if value == known.level:
            recent.append(0.0)
        elif value > 0 and known.sigma > 0:
            recent.append(round(math.log(value / known.level) / known.sigma, 3))
        else:
            return None
    if len(recent) > LOOK_AFTER + known.series[1][0] % LOOK_AFTER:
        return None
    total = 0.0
    for number, distance in enumerate(reversed(recent), 1):
        total += distance
        if abs(total) > LOUD * math.sqrt(number):
            return None
    return tuple(recent)
