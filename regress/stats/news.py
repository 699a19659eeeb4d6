"""Has the level changed among the last points? Judged anew at each commit, so stricter than in hindsight.

A detector that looks at every commit has as many chances of a false alarm as there are commits (Page 1954): the
evidence that confirms is set by the false alarms that all looks together bring, not by the p of one.
"""

from __future__ import annotations

import math

import numpy as np

from .accept import Sums, z_of_t
from .noise import Floats, levels, phi_of_residuals
from .search import Found

#: What a change among the last k points must show beyond `needed`: the fifth point after a change decides at the stated
#: rate; sooner or later asks for more, or each look would cost false alarms without finding more within five commits.
#: One or two points never confirm, whatever they show: they may be spikes.
LATER = {1: 1.0, 2: 0.5, 3: 0.5, 4: 0.25, 5: 0.0, 6: 0.5, 7: 0.75, 8: 1.0}
CONFIRMING = 3
#: A cut before the last eight points is confirmed with this much more: what has shown in none of the eight looks before
#: is wander more often than a change.
HISTORY = 2.0
#: Points before the change that its level and noise are learned from, and the fewest that make a level.
_BEFORE = 60
_FEWEST = 3
#: Points' worth of the whole series' noise that steadies the noise near the end.
_PRIOR = 6.0
#: Near the end memory is feared more than in hindsight: half a standard error is taken off its estimate, not 1.5.
_CAUTION = 0.5
#: A wander that phi does not describe shows in sums of five points of the past; windows' worth of none of it.
_SUM = 5
_SUM_PRIOR = 8.0


def news(found: Found, sums: Sums, start: int, least: float) -> tuple[int, float] | None:
    """The place among the last points where the level since `start` most likely ended, and its evidence.

    The evidence is a normal deviate less what `LATER` asks; None where it is less than `least`.
    """
    n = len(found.z)
    places = _worth(found, sums, start, least)
    if not places:
        return None
    residuals = (found.flat - levels(found.flat, found.weights, found.cuts)) * np.sqrt(found.weights)
    phi = phi_of_residuals(residuals, len(found.cuts) + 1, _CAUTION)
    wander = _wander(residuals[: n - max(LATER)], phi)
    best: tuple[int, float] | None = None
    for c in places:
        z = _deviate(found, max(start, c - _BEFORE), c, phi, wander) - LATER[n - c]
        if z >= max(least, best[1] if best else least):
            best = c, z
    return best


def _worth(found: Found, sums: Sums, start: int, least: float) -> list[int]:
    """The places where the last points lie far enough from the level for `_deviate`, which takes its time.

    An innovation can tell more than a mean by 1 / sqrt(1 - phi²), and the noise near by can be half that of the series.
    """
    n = sums.n
    raw = (found.raw[-2:] - found.curve[-2:]).tolist()
    few = CONFIRMING - 1
    worth = []
    for k, later in LATER.items():
        c = n - k
        if c < start + _FEWEST:
            continue
        new, weight = (sums.mean(c, n), sums.w[n] - sums.w[c]) if k > few else (sum(raw[-k:]) / k, float(k))
        apart = abs(new - sums.mean(max(start, c - _BEFORE), c)) * math.sqrt(weight)
        if apart >= 0.5 * math.sqrt(1 - found.phi**2) * (least + later):
            worth.append(c)
    return worth


def _deviate(found: Found, a: int, c: int, phi: float, wander: float) -> float:
    """How many sigmas the points from c on lie from the level of [a, c), for AR(1) noise (generalised least squares).

    A step of size d moves the first innovation by d and each later one by (1 - phi) d.
    """
    m, k = c - a, len(found.z) - c
    if k < CONFIRMING:
        # Clipping and the weights of spikes hide what one or two points show; they can only be suspected.
        z, w = np.concatenate((found.flat[a:c], (found.raw - found.curve)[c:])), found.weights[a:].copy()
        w[m:] = 1.0
    else:
        z, w = found.flat[a:], found.weights[a:]
    total = float(w[:m].sum())
    off = (z - (z[:m] * w[:m]).sum() / total) * np.sqrt(w)
    innovations = off.copy()
    innovations[1:] -= phi * off[:-1]
    effect = np.sqrt(w[m:]) * (1 - phi)
    effect[0] /= 1 - phi
    power = float((effect * effect).sum())
    apart = float((effect * innovations[m:]).sum()) / power
    rest = innovations[m:] - effect * apart
    degrees = m + k - 3 + _PRIOR
    square = float((innovations[1:m] ** 2).sum()) + float((rest * rest).sum()) + _PRIOR * (1 - phi * phi)
    variance = square / degrees
    # The level before is known only so well, and its error enters each innovation by (1 - phi).
    level = variance / (1 - phi * phi) * _of_mean(m, phi) * m / total
    error = variance / power + level * ((1 - phi) * float(effect.sum()) / power) ** 2
    return z_of_t(apart / math.sqrt(error * wander), degrees)


def _of_mean(m: int, phi: float) -> float:
    """The variance of the mean of m points of AR(1) noise of unit variance."""
    return (1 + phi) / (1 - phi) / m - 2 * phi * (1 - phi**m) / (m * m * (1 - phi) ** 2)


def _wander(residuals: Floats, phi: float) -> float:
    """How much more sums of a few points vary than AR(1) noise explains, drawn to 1 where the past is short."""
    if len(residuals) < 3 * _SUM:
        return 1.0
    innovations = residuals[1:] - phi * residuals[:-1]
    sums = np.concatenate(([0.0], innovations.cumsum()))
    windows = sums[_SUM:] - sums[:-_SUM]
    expected = float((innovations * innovations).mean()) * _SUM
    if expected <= 1e-6:
        return 1.0
    count = len(innovations) / _SUM
    return (count * float((windows * windows).mean()) / expected + _SUM_PRIOR) / (count + _SUM_PRIOR)
