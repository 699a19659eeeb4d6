"""The public face: the levels, steps and drift of a series, or of many at once.

    from regress.stats.levels import course
    course([1.00, 1.01, 0.99, 1.00, 1.01, 1.20, 1.21, 1.19, 1.20]).steps

Values are compared on the logarithm where all of them are positive, so a step is a ratio and the unit does not matter;
else on their own scale. NaN is a missing point, and so is an infinite value. A step within the last points is
*suspected* first, and *confirmed* when the evidence holds at the false-alarm rate asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .counters import counted
from .noise import Floats, median, running_medians
from .search import Found, Prepared, prepare, search
from .steps import Cut, Step, cuts_of

__all__ = ["VERSION", "Course", "Level", "Step", "course", "courses"]

#: The version of the algorithm: whatever may move a step raises it, and what was stored is computed again.
VERSION = 2

#: The logarithm of the largest float, which a level a hair above it must not leave.
_LARGEST = 709.78


@dataclass(frozen=True, slots=True)
class Level:
    """A stretch without a change, [start, stop) in indices of the values given.

    `centre` is in the values' unit; `sigma` is relative to it: the standard deviation of one point (NaN at centre 0).
    """

    start: int
    stop: int
    centre: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Course:
    """How a series went: its levels, the steps between them, and after the last level a suspected step, if any.

    `sigma` is the relative noise of one point, `phi` its lag-1 autocorrelation, `drift` whether levels slope or bend.
    Indices are those of the values given, missing ones counted.
    """

    levels: tuple[Level, ...]
    steps: tuple[Step, ...]
    sigma: float
    phi: float
    drift: bool


def course(
    values: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cuts: Sequence[int] = (),
    exact: bool = False,
    false_alarms: float = 1.0,
) -> Course:
    """The course of one series of shape (n,), oldest first; see `courses` for the rest."""
    given = None if weights is None else [weights]
    return courses([values], weights=given, cuts=[cuts], exact=exact, false_alarms=false_alarms)[0]


def courses(
    series: Sequence[ArrayLike],
    *,
    weights: Sequence[ArrayLike] | None = None,
    cuts: Sequence[Sequence[int]] | None = None,
    exact: bool = False,
    false_alarms: float = 1.0,
) -> list[Course]:
    """The course of every series, each exactly as it would be alone, in a fraction of the time.

    `weights`: how many runs each point stands for; `cuts`: indices at which a fact changed, where a step needs less
    evidence; `exact`: counters, in which any change is one; `false_alarms`: confirmed online in 1,000 commits.
    """
    inputs = [
        _usable(values, None if weights is None else weights[i], () if cuts is None else cuts[i])
        for i, values in enumerate(series)
    ]
    plain = [counted(one.values) if exact else None for one in inputs]
    noisy = [i for i, found in enumerate(plain) if found is None]
    scaled = [inputs[i].scaled() for i in noisy]
    middles = running_medians(scaled)
    prepared = [prepare(x, inputs[i].own, inputs[i].named, m) for i, x, m in zip(noisy, scaled, middles, strict=True)]
    searched = dict(zip(noisy, zip(prepared, search(prepared), strict=True), strict=True))
    result = []
    for i, one in enumerate(inputs):
        found = plain[i]
        if found is None:
            result.append(_course(one, *searched[i], false_alarms))
        else:
            result.append(_exact_course(one, found))
    return result


@dataclass(frozen=True, slots=True)
class _Usable:
    """The points of a series that can be used: where they stood, their values, weights, the named cuts among them."""

    places: NDArray[np.intp]
    values: Floats
    own: Floats
    named: tuple[int, ...]
    logarithmic: bool
    length: int

    @property
    def largest(self) -> float:
        """The largest magnitude, 1 where all is zero: what plain values are shares of."""
        return float(np.abs(self.values).max(initial=0.0)) or 1.0

    def scaled(self) -> Floats:
        """On the scale of the search."""
        return np.log(self.values) if self.logarithmic else self.values / self.largest

    def span(self, a: int, b: int) -> tuple[int, int]:
        """Usable points [a, b) as indices of the values given; missing ones belong to the level before them."""
        start = int(self.places[a]) if a else 0
        return start, int(self.places[b]) if b < len(self.places) else self.length

    def unscaled(self, x: float) -> float:
        """Back in the values' unit."""
        return _exp(x) if self.logarithmic else max(-1.0, min(x, 1.0)) * self.largest


def _usable(values: ArrayLike, weights: ArrayLike | None, cuts: Sequence[int]) -> _Usable:
    given = np.asarray(values, dtype=np.float64).ravel()
    own = np.ones(len(given)) if weights is None else np.asarray(weights, dtype=np.float64).ravel()
    if len(own) != len(given):
        raise ValueError(f"{len(given)} values but {len(own)} weights: give one weight a value")
    good = np.isfinite(given) & np.isfinite(own) & (own > 0)
    places = np.flatnonzero(good)
    kept = given[good]
    # A cut before a missing point is one before the next point there is.
    named = tuple(
        sorted({int(c) for c in np.searchsorted(places, np.asarray(cuts, dtype=np.intp)) if 0 < c < len(kept)})
    )
    own = own[good]
    if len(own):
        # Sigma is that of a usual point.
        own = own / median(own)
    return _Usable(places, kept, own, named, bool((kept > 0).all()), len(given))


def _course(one: _Usable, prepared: Prepared, found: Found, false_alarms: float) -> Course:
    if not len(one.values):
        return Course((), (), math.nan, 0.0, False)
    scale = prepared.scale * found.unit
    # Noise modes that were moved onto each other, and spikes, leave a level where most of its points are.
    base = prepared.base + median(prepared.scale * prepared.raw - scale * found.z)
    scale = 0.0 if prepared.still else scale
    sums, scores = found.scored()
    curve = found.curve.tolist()

    def unit(z: float) -> float:
        return one.unscaled(base + scale * z)

    def step(cut: Cut) -> Step:
        before = sums.mean(cut.start, cut.place) + curve[cut.place]
        margin, apart = 1.96 * scale * cut.error, scale * cut.apart
        lo, hi = (_exp(apart - margin), _exp(apart + margin)) if one.logarithmic else (math.nan, math.nan)
        place, first, last = (int(one.places[c]) for c in (cut.place, cut.first, cut.last))
        return Step(place, unit(before), unit(before + cut.apart), lo, hi, first, last, cut.score, cut.confirmed)

    def level(a: int, b: int) -> Level:
        bent = float(found.curve[a:b].mean()) if found.degree else 0.0
        # Six points' worth of the whole series steadies the spread of a short level.
        sigma = scale * math.sqrt((sums.rest(a, b) + 6.0) / (b - a + 5.0))
        centre = base + scale * (sums.mean(a, b) + bent)
        return Level(*one.span(a, b), one.unscaled(centre), _relative(one, sigma, centre))

    steps = tuple(step(cut) for cut in cuts_of(found, sums, scores, false_alarms))
    levels = tuple(level(a, b) for a, b in pairwise([0, *found.cuts, sums.n]))
    return Course(levels, steps, _relative(one, scale, base), found.phi, found.degree > 0)


def _exp(x: float) -> float:
    return math.exp(min(x, _LARGEST))


def _relative(one: _Usable, sigma: float, centre: float) -> float:
    """A standard deviation on the scale of the search as a share of the centre."""
    if one.logarithmic:
        return sigma
    return sigma / abs(centre) if centre else math.nan


def _exact_course(one: _Usable, cuts: list[int]) -> Course:
    """The course of a counter: every change is a step, at once and for certain."""
    if not len(one.values):
        return Course((), (), math.nan, 0.0, False)
    edges = [0, *cuts, len(one.values)]
    levels = [Level(*one.span(a, b), float(one.values[a]), 0.0) for a, b in pairwise(edges)]
    steps = []
    for old, new in pairwise(levels):
        ratio = new.centre / old.centre if old.centre > 0 and new.centre > 0 else math.nan
        i = new.start
        steps.append(Step(i, old.centre, new.centre, ratio, ratio, i, i, math.inf, True))
    return Course(tuple(levels), tuple(steps), 0.0, 0.0, False)
