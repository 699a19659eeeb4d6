"""Noise that is not one bell curve: two modes, spikes, a spread that changes along the series.

A first, coarse segmentation leaves residuals; they say how much each point is worth to the second.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .noise import CLIP, ROUNDING, Floats, clipped, levels, median, running_median, successive_spread

#: Share of the sum of squares that the best split in two must explain. A normal's is 2/pi = .64, a uniform's .75.
_SPLIT_SHARE = 0.76
#: The gap between modes in standard deviations within them: below it, a mixture is too blurred to tell points apart.
_SPLIT_GAP = 3.5
#: The rarer mode holds a tenth of the points at least: rarer ones are spikes.
_RARE_MODE = 0.1
_ENOUGH_FOR_MODES = 30
#: How often a series changes between its modes at least.
_SWITCHES = 4
#: A point that lies further from the running median (in sigmas) is a spike: 1 in 2,000 of normal noise.
_SPIKE = 3.5
#: What a spike still counts: not nothing, so that a stretch of spikes alone keeps a mean.
SPIKE_WEIGHT = 0.02
#: Half a window of local spread. 25 points estimate a standard deviation to 14 %, and follow changes of a few dozen.
_HALF_WINDOW = 12


class Weighed(NamedTuple):
    """What the second search works on: values raw and clipped, weights; `unit` is the new sigma in old ones."""

    raw: Floats
    z: Floats
    weights: Floats
    unit: float


def weigh(raw: Floats, z: Floats, own: Floats, cuts: list[int], middle: Floats) -> Weighed:
    """Values and weights after a first search: `raw` in sigmas, `z` the same clipped, `own` weights they came with.

    `middle` is the running median of `raw`.
    """
    unit = 1.0
    if not len(z):
        return Weighed(raw, z, own, unit)
    residuals = z - levels(z, own, cuts)
    if float(np.abs(residuals).mean()) < ROUNDING:
        return Weighed(raw, z, own, unit)
    single = one_mode(raw, residuals)
    sigma = 0.0 if single is None else successive_spread(single)
    if single is not None and sigma > ROUNDING:
        raw, unit = single / sigma, sigma
        middle = running_median(raw)
        z = clipped(raw, 1.0, middle)
    weights = own
    spikes = np.abs(raw - middle) > _SPIKE
    if spikes.any():
        weights = np.where(spikes, SPIKE_WEIGHT * own, own)
        sigma = successive_spread(z[~spikes])
        if sigma > ROUNDING:
            raw, z, unit = raw / sigma, z / sigma, unit * sigma
    residuals = np.where(spikes, 0.0, z - levels(z, weights, cuts))
    local = local_weights(residuals * np.sqrt(own))
    return Weighed(raw, z, weights if local is None else weights * local, unit)


def one_mode(raw: Floats, residuals: Floats) -> Floats | None:
    """`raw` with the upper of two modes moved onto the lower; None where the residuals have one mode.

    The split in two of least squares in one dimension (Fisher 1958; Otsu 1979).
    """
    n = len(residuals)
    if n < _ENOUGH_FOR_MODES:
        return None
    ordered = np.sort(residuals)
    low, high = ordered[int(0.02 * n)], ordered[int(0.98 * n)]
    kept = np.clip(ordered, low, high)
    kept -= kept.mean()
    edge = max(3, int(_RARE_MODE * n))
    size = np.arange(1, n)
    between = np.cumsum(kept)[:-1] ** 2 * n / (size * (n - size))
    split = int(between[edge : n - edge].argmax()) + edge
    total = float((kept * kept).sum())
    if total <= 0 or between[split] < _SPLIT_SHARE * total:
        return None
    gap = float(kept[split + 1 :].mean() - kept[: split + 1].mean())
    within = math.sqrt(max(total - float(between[split]), 0.0) / (n - 2))
    if gap < _SPLIT_GAP * within:
        return None
    threshold = (ordered[split] + ordered[split + 1]) / 2
    upper = residuals > threshold
    # What comes once and stays is a level; a mode comes and goes.
    if int((upper[1:] != upper[:-1]).sum()) < _SWITCHES:
        return None
    gap = median(ordered[split + 1 :]) - median(ordered[: split + 1])
    lowered: Floats = raw - gap * upper
    return lowered


def local_weights(residuals: Floats) -> Floats | None:
    """Weights that follow a spread that changes along the series; None where it does not.

    Empirical Bayes (Smyth 2004): the variance of a window is drawn to that of the whole, the more the less the
    variances of blocks differ beyond what sampling makes them (var log s² is about 2/d for d degrees of freedom).
    """
    n, size = len(residuals), 2 * _HALF_WINDOW + 1
    if n < 2 * size:
        return None
    squares = np.minimum(residuals * residuals, CLIP * CLIP)
    whole = float(squares.mean())
    blocks = squares[: n // size * size].reshape(-1, size).mean(axis=1)
    # The factor 1.3: clipped and autocorrelated noise spreads a little more than the formula says.
    excess = float(np.log(np.maximum(blocks, 1e-6)).var(ddof=1)) - 1.3 * 2 / size * (1 + 1 / size)
    if excess <= 0.05 or whole <= 0:
        return None
    prior = 2 / excess
    sums = np.concatenate(([0.0], np.cumsum(squares)))
    index = np.arange(n)
    low, high = np.maximum(index - _HALF_WINDOW, 0), np.minimum(index + _HALF_WINDOW + 1, n)
    local: Floats = whole * (high - low + prior) / (sums[high] - sums[low] + prior * whole)
    return local
