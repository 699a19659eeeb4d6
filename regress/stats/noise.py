"""The noise of one series: its size, its spikes, its memory.

Everything here takes values on the scale of the search (logarithms, or plain values where some are not positive),
oldest first and without missing points, and knows nothing of a unit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Quantiles of |N(0, 1)|: its median and its 80 % point.
_MEDIAN_NORMAL = 0.6745
_Q80_NORMAL = 1.2816
#: Points on each side of a running median: a level of five points survives a window of nine, four spikes do not.
HALF_WINDOW = 4
#: How far from its neighbours a point may lie, in sigmas, before it is drawn in: 0.3 % of normal noise does.
CLIP = 3.0
#: What is below this share of sigma is rounding, not noise.
ROUNDING = 1e-2
#: Noise with more memory than this can not be told from a level that walks.
_PHI_MOST = 0.9


def successive_spread(x: Floats) -> float:
    """The standard deviation of noise from differences of neighbours; 0 for fewer than three values.

    The larger of two robust figures (von Neumann et al. 1941 on differences; Rousseeuw and Croux 1993 on quantiles):
    the median, which half the points can not move, and the 80 % point, which sees the wider of two modes but not spikes
    rarer than about 8 % (each spike enters two differences).
    """
    if len(x) < 3:
        return 0.0
    # Note: np.diff takes five times as long on a few hundred values.
    steps = np.sort(np.abs(x[1:] - x[:-1]))
    n = len(steps)
    median = (steps[(n - 1) // 2] + steps[n // 2]) / 2
    wide = steps[min(n - 1, int(0.8 * n))]
    return float(max(median / _MEDIAN_NORMAL, wide / _Q80_NORMAL)) / math.sqrt(2)


def smallest_move(x: Floats, grain: float) -> float:
    """The smallest difference between neighbours that is more than rounding, `grain`; 0 for a constant."""
    steps = np.abs(x[1:] - x[:-1])
    moved = steps[steps > grain]
    return float(moved.min()) if len(moved) else 0.0


def median(x: Floats) -> float:
    """The median of at least one value; np.median takes five times as long on a few hundred."""
    ordered = np.sort(x)
    n = len(ordered)
    return float((ordered[(n - 1) // 2] + ordered[n // 2]) / 2)


def running_median(x: Floats) -> Floats:
    """The median of nine points around each; both ends are continued by the median of their last five."""
    return running_medians([x])[0]


def running_medians(series: Sequence[Floats]) -> list[Floats]:
    """The running median of each of many, in a fraction of the time."""
    h = HALF_WINDOW
    found: list[Floats] = [np.full(len(x), median(x)) if len(x) else x for x in series if len(x) <= 2 * h]
    parts: list[Floats] = []
    for x in series:
        if len(x) > 2 * h:
            # Note: sorting five numbers in a list takes a tenth of the time of np.median.
            ends = (np.full(h, sorted(end.tolist())[h // 2]) for end in (x[: h + 1], x[-h - 1 :]))
            parts += [next(ends), x, next(ends)]
    if not parts:
        return found
    # Windows that reach from one series into the next one are computed too, and nobody asks for them.
    middle = _median_of_nine(np.concatenate(parts))
    short, start = iter(found), 0
    result = []
    for x in series:
        if len(x) <= 2 * h:
            result.append(next(short))
            continue
        result.append(middle[start : start + len(x)])
        start += len(x) + 2 * h
    return result


#: Comparisons, in order, after which the fifth of nine values is their median (Paeth 1990).
_NETWORK = (
    (1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3),
    (5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2),
)  # fmt: skip
#: Windows compared at a time: two dozen such arrays stay in a second-level cache.
_AT_ONCE = 8192


def _median_of_nine(x: Floats) -> Floats:
    """The median of each nine neighbours, shape (n - 8,)."""
    windows = len(x) - 2 * HALF_WINDOW
    result = np.empty(windows)
    for start in range(0, windows, _AT_ONCE):
        stop = min(start + _AT_ONCE, windows)
        nine = [x[start + i : stop + i] for i in range(2 * HALF_WINDOW + 1)]
        for a, b in _NETWORK:
            nine[a], nine[b] = np.minimum(nine[a], nine[b]), np.maximum(nine[a], nine[b])
        result[start:stop] = nine[HALF_WINDOW]
    return result


def clipped(x: Floats, sigma: float, middle: Floats | None = None) -> Floats:
    """The values, none further than three sigmas from the running median (Huber 1964)."""
    if middle is None:
        middle = running_median(x)
    return middle + np.minimum(np.maximum(x - middle, -CLIP * sigma), CLIP * sigma)


def levels(z: Floats, weights: Floats, cuts: Sequence[int]) -> Floats:
    """The weighted mean of the level that each point is in."""
    if not len(z):
        return z
    if not cuts:
        return np.full(len(z), float(z @ weights) / float(weights.sum()))
    edges = np.array([0, *cuts, len(z)])
    starts = edges[:-1]
    means = np.add.reduceat(z * weights, starts) / np.add.reduceat(weights, starts)
    return np.repeat(means, edges[1:] - starts)


def phi_of_residuals(residuals: Floats, parameters: int, caution: float = 1.5) -> float:
    """The lag-1 autocorrelation, cautiously low, of residuals of a fit with so many parameters.

    Each fitted mean draws the moment estimate down by about 1/n (Kendall 1954), which is given back. The estimate has a
    standard error of 1/sqrt(n); taking off `caution` of them keeps white noise white.
    """
    n = len(residuals)
    square = float(residuals @ residuals)
    if square <= ROUNDING * ROUNDING * n:
        return 0.0
    phi = float(residuals[1:] @ residuals[:-1]) / square + parameters / n
    return min(max(phi - caution / math.sqrt(n), 0.0), _PHI_MOST)


def phi_of_differences(z: Floats) -> float:
    """The lag-1 autocorrelation, cautiously low, of values whose levels are not known yet.

    For AR(1) noise the mean squares of differences at lags 2 and 1 have the ratio 1 + phi; steps enter few of them, and
    the largest tenth is left out (the estimator of Chakar et al. 2017 with a trimmed mean in place of the median, which
    varies less).
    """
    n = len(z)
    if n < 6:
        return 0.0
    one, two = (np.sort(np.abs(z[lag:] - z[:-lag])) for lag in (1, 2))
    one, two = one[: int(0.9 * len(one))], two[: int(0.9 * len(two))]
    square = float((one * one).mean())
    if square <= ROUNDING * ROUNDING:
        return 0.0
    phi = float((two * two).mean()) / square - 1
    return min(max(phi - 1.5 / math.sqrt(n), 0.0), _PHI_MOST)
