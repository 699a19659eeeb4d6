"""Which proposed cuts stand: backward elimination by local tests, on one series.

The search maximises a sum over the whole series; a cut stands only if the points near it, judged with the spread near
it, would call for it alone. The weakest is removed and its neighbours are tested again, until all stand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple, cast

import numpy as np

from .noise import Floats

#: Points a side that a test looks at: further ones say more about drift than about this cut. Calibrated on nine sets of
#: histories: 60 and 90 bring more false cuts among drifts, 30 misses more among recorded noise.
_SIDE = 40
#: Degrees of freedom that the spread of the whole series lends to a local one. With 6 a short level of six points
#: counts its own spread as much as the series'.
PRIOR = 6.0
#: False cuts that normal noise may bring in a series, and the least length that shares them out (a short history would
#: otherwise be tested more loosely than its estimate of sigma is good for).
_FALSE_PER_SERIES = 0.01
_LEAST_LENGTH = 50
#: A slope of both sides that is more than this many sigmas from none is fitted along with the step.
_SLOPE = 2.5
#: Fewest points a side for a slope, so that a slope can be told from a step.
_SLOPE_SIDE = 5
_SLOPE_POINTS = 16


def z_of_t(t: float, degrees: float) -> float:
    """The normal deviate with the tail of Student's t, without sign: right to 2 % from 4 degrees on (Wallace 1959)."""
    return math.sqrt(degrees * math.log1p(t * t / degrees)) * (8 * degrees + 1) / (8 * degrees + 3)


def threshold(n: int) -> float:
    """The z that a cut among n points must reach: .01 false ones a series, shared by its places (Bonferroni)."""
    return -NormalDist().inv_cdf(_FALSE_PER_SERIES / max(n, _LEAST_LENGTH) / 2)


class Sums:
    """Running sums of one series, so that a test costs the same for any number of points."""

    __slots__ = ("_slopes", "_weights", "_wz", "inflation", "n", "w", "wz", "wzz")

    def __init__(self, z: Floats, weights: Floats, phi: float) -> None:
        self.n = len(z)
        #: How much more the mean of AR(1) noise varies than that of white noise.
        self.inflation = (1 + phi) / (1 - phi)
        wz = weights * z
        self._weights, self._wz = weights, wz
        self.w, self.wz, self.wzz = _running(weights), _running(wz), _running(wz * z)
        self._slopes: tuple[Sequence[float], Sequence[float], Sequence[float]] | None = None

    @property
    def slopes(self) -> tuple[Sequence[float], Sequence[float], Sequence[float]]:
        """Running sums of w i, w i² and w z i, for places i: only a test of a slope asks for them."""
        if self._slopes is None:
            place = np.arange(self.n, dtype=np.float64)
            wi = self._weights * place
            self._slopes = _running(wi), _running(wi * place), _running(self._wz * place)
        return self._slopes

    def mean(self, a: int, b: int) -> float:
        """The weighted mean of the points of [a, b)."""
        return (self.wz[b] - self.wz[a]) / (self.w[b] - self.w[a])

    def rest(self, a: int, b: int) -> float:
        """The weighted sum of squares of [a, b) around its mean."""
        u = self.wz[b] - self.wz[a]
        return max(self.wzz[b] - self.wzz[a] - u * u / (self.w[b] - self.w[a]), 0.0)


def _running(values: Floats) -> Sequence[float]:
    """Sums of the values before each place.

    Note: a view hands out Python's floats, which are quicker to reckon with than NumPy's; a list of them all, of which
    a few dozen are read, would take longer than all tests.
    """
    sums = np.empty(len(values) + 1)
    sums[0] = 0.0
    values.cumsum(out=sums[1:])
    return cast("Sequence[float]", sums.data)


def score(s: Sums, a: int, c: int, b: int) -> float:
    """How many sigmas the level of [c, b) lies from that of [a, c), as a normal deviate, without sign."""
    a, b = max(a, c - _SIDE), min(b, c + _SIDE)
    w1, w2 = s.w[c] - s.w[a], s.w[b] - s.w[c]
    u1, u2 = s.wz[c] - s.wz[a], s.wz[b] - s.wz[c]
    rest = max(s.wzz[b] - s.wzz[a] - u1 * u1 / w1 - u2 * u2 / w2, 0.0)
    degrees = b - a - 2 + PRIOR
    variance = (rest + PRIOR) / degrees * s.inflation
    apart = u2 / w2 - u1 / w1
    plain = z_of_t(apart / math.sqrt(variance * (1 / w1 + 1 / w2)), degrees)
    if b - a < _SLOPE_POINTS or min(c - a, b - c) < _SLOPE_SIDE:
        return plain
    wi, wii, wzi = s.slopes
    i1, i2 = wi[c] - wi[a], wi[b] - wi[c]
    sxx = wii[b] - wii[a] - i1 * i1 / w1 - i2 * i2 / w2
    sxy = wzi[b] - wzi[a] - i1 * u1 / w1 - i2 * u2 / w2
    slope = sxy / sxx
    variance = (max(rest - slope * sxy, 0.0) + PRIOR) / (degrees - 1) * s.inflation
    if z_of_t(slope / math.sqrt(variance / sxx), degrees - 1) <= _SLOPE:
        return plain
    # Along a significant slope, a step is what is left of the difference once the slope has had its part.
    run = i2 / w2 - i1 / w1
    left = apart - slope * run
    if left * apart <= 0:
        return 0.0
    return min(plain, z_of_t(left / math.sqrt(variance * (1 / w1 + 1 / w2 + run * run / sxx)), degrees - 1))


class Stand(NamedTuple):
    """The cuts that stand, and the score of each between its neighbours."""

    cuts: list[int]
    scores: list[float]


def accept(
    s: Sums, cuts: Sequence[int], needed: float, named: frozenset[int] = frozenset(), scores: Sequence[float] = ()
) -> Stand:
    """The cuts that stand at z >= `needed`; a named one needs only what a single place needs.

    `scores`: those of the cuts given, where they are known.
    """
    kept = list(cuts)
    edges = [0, *kept, s.n]
    found = list(scores) or [score(s, *edges[i : i + 3]) for i in range(len(kept))]
    over = [_margin(z, c, needed, named) for z, c in zip(found, kept, strict=True)]
    while kept:
        weakest = min(range(len(over)), key=over.__getitem__)
        if over[weakest] >= 0:
            break
        del kept[weakest], over[weakest], found[weakest], edges[weakest + 1]
        for i in (weakest - 1, weakest):
            if 0 <= i < len(kept):
                found[i] = score(s, *edges[i : i + 3])
                over[i] = _margin(found[i], kept[i], needed, named)
    return Stand(kept, found)


#: One named place is tested at .001 two-sided: a changed fact is looked at once, not at n places.
_NAMED = -NormalDist().inv_cdf(0.0005)


def _margin(z: float, cut: int, needed: float, named: frozenset[int]) -> float:
    return z - (min(needed, _NAMED) if cut in named else needed)
