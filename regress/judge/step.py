"""Before and after a search for a culprit: where the largest step of a series lies, and what a noisy search can see."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .posterior import Field, Noise, Reading, believe

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A step is looked for between so many points on each side of a place, and then weighed among twice as many.
_SIDE = 10
#: The range of a stored step holds this much of its probability.
_HELD = 0.99
_END_RUNS = 4


def largest_step(values: NDArray[np.float64], *, upwards: bool | None = None) -> tuple[int, int] | None:
    """Where the largest step of a series is: the points (last before, first after) that it surely lies between.

    `values` have shape (points,), in any unit, oldest first. `upwards` True or False asks for steps of one direction.
    None where no step stands out of the noise. The place is found by medians of ten points on each side, and its
    range by the posterior of a search that was given the points around it.
    """
    usable = np.flatnonzero(np.isfinite(values) & (values > 0))
    x = np.log(values[usable])
    if len(x) < 2:
        return None
    place = _place(x, upwards)
    if place is None:
        return None
    first = max(place - 2 * _SIDE, 0)
    window = usable[first : place + 2 * _SIDE]
    readings = [Reading(number, float(values[at])) for number, at in enumerate(window)]
    belief = believe(Field.line(len(window) - 1), readings, Noise.of(values[usable]))
    if belief.none > 0.5:
        return None
    return _range(belief.culprit, window)


def _place(x: NDArray[np.float64], upwards: bool | None) -> int | None:
    """The point at which a level begins that is furthest from the one before, in units of what so few points tell."""
    best, place = 0.0, None
    for at in range(1, len(x)):
        left, right = x[max(at - _SIDE, 0) : at], x[at : at + _SIDE]
        size = float(np.median(right) - np.median(left))
        if upwards is not None and (size > 0) != upwards:
            continue
        weight = abs(size) * math.sqrt(len(left) * len(right) / (len(left) + len(right)))
        if weight > best:
            best, place = weight, at
    return place


def _range(culprit: NDArray[np.float64], window: NDArray[np.intp]) -> tuple[int, int]:
    """The shortest range around the likeliest place that holds enough of the probability."""
    low = high = int(culprit.argmax())
    total = float(culprit.sum())
    while culprit[low : high + 1].sum() < _HELD * total:
        left = culprit[low - 1] if low else -1.0
        right = culprit[high + 1] if high + 1 < len(culprit) else -1.0
        low, high = (low - 1, high) if left >= right else (low, high + 1)
    # Hypothesis h is the point h + 1 of the window, so the last point before the range is point `low`.
    return int(window[low]), int(window[high + 1])


def runs_needed(step: float, sigma: float, places: int, confidence: float) -> int:
    """About how many runs it takes to find a step (a ratio: .2 is 20 %) among so many places.

    Cutting the posterior in halves, one run gives 1 − H(p) bits, where p is the chance that noise puts it on the wrong
    side of the middle (Horstein 1963); the two places beside the step then take what the confidence asks for. Both are
    more by what unknown levels, unknown noise and runs that are far off cost in simulated searches.
    """
    size = abs(math.log1p(step)) if step > -1 else math.inf
    if not size or not math.isfinite(size):
        return 10**6
    distance = size / max(sigma, 1e-6)
    wrong = math.erfc(distance / 2 / math.sqrt(2)) / 2
    bits = 1.0 if wrong < 1e-9 else 1 + wrong * math.log2(wrong) + (1 - wrong) * math.log2(1 - wrong)
    search = math.log2(max(places, 2)) / max(bits, 1e-9) ** 1.3
    sure = max(2.0, 10 * math.log(confidence / (1 - confidence)) / distance**2)
    return int(min(_END_RUNS + math.ceil(search) + math.ceil(sure), 10**6))


def smallest_step(sigma: float, places: int, runs: int, confidence: float) -> float:
    """About the smallest step (a ratio) that so many runs can find; infinite where they are too few for any."""
    if runs_needed(1e3, sigma, places, confidence) > runs:
        return math.inf
    low, high = 0.0, 1e3
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if runs_needed(middle, sigma, places, confidence) <= runs else (middle, high)
    return high
