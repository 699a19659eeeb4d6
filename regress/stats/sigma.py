"""How far runs of the same code lie apart: what few runs say, weighed with what is known of benchmarks beforehand.

The variance of one run is v = w² + r²: w² is what the rounds within a run leave open (the squared standard error of
its statistic), r² what each start of the process adds (layout, clock, neighbours). Few runs tell little of v, so it is
weighed with a prior: with probability `ALONE` the rounds are all there is (v = w²); else sigma is log-normal around
`TYPICAL`, the median of recorded series of benchmarks, with a factor of `FACTOR` to either side; v is never below w².
The posterior is summed over a grid of sigmas and handed on as the scaled inverse chi-square with the same mean and
variance of log v, so that a new run follows Student's t: "sigma 1.2 %, as sure as from 13 degrees".
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .student import Floats

#: The robust sigma of 829 recorded asv series: quantiles .05/.25/.50/.75/.95 are .2/.7/1.3/2.4/3.9 %. Minima on a
#: contended machine show 5 to 18 %: hence a wider factor than those quantiles have.
TYPICAL, FACTOR = 0.015, 3.0
#: How probable it is beforehand that runs differ by no more than their rounds say. More finds more where that is so
#: (2 % slower: .665 of simulated pairs with .4, .649 with .1), and is wrong more often far out where it is not quite so
#: (at .0001, 11 earlier runs: 5.8 times as often as it says with .4, 1.8 times with .1).
ALONE = 0.1
#: Fewer degrees than this are not handed on: such a t has no variance, and no bound that anyone could use.
LEAST_DEGREES = 3.0
#: By how much log sigma grows for each unit that the variance of log v exceeds the second figure: fitted to the .005
#: quantile of normal noise with a log-normal sigma, right to 7 % up to the prior's own 4.8.
_WIDEN, _WIDEN_FROM = 0.27, 1.2
_NODES = 33
#: Runs that agree to the last digit are still not free of noise: figures are written with about four.
_LEAST_SIGMA = 1e-4


class Sigma(NamedTuple):
    """The noise of one run and how surely it is known; arrays of shape (series,)."""

    sigma: Floats
    degrees: Floats


def learn(sums: Floats, degrees: Floats, within: Floats) -> Sigma:
    """The noise of one run from the sum of squares of runs around their mean, its degrees (runs - 1), and w.

    Shapes (series,); `within` is w, NaN where the rounds are not known. With 0 degrees the answer is the prior's.
    """
    free = np.maximum(degrees, 0.0)
    known = np.isfinite(within) & (within > 0)
    floor = np.where(known, np.maximum(within, _LEAST_SIGMA), 0.0)
    seen = np.where(free > 0, np.sqrt(sums / np.maximum(free, 1.0)), TYPICAL)
    start = np.maximum(np.maximum(seen, floor), _LEAST_SIGMA)
    half = np.minimum(6.0 / np.sqrt(2 * np.maximum(free, 0.5)), 4.0)
    grid = np.log(start)[:, None] + half[:, None] * np.linspace(-1, 1, _NODES)
    width = half * 2 / (_NODES - 1) / (math.log(FACTOR) * math.sqrt(2 * math.pi)) * np.where(known, 1 - ALONE, 1.0)
    score = np.log(width)[:, None] - 0.5 * ((grid - math.log(TYPICAL)) / math.log(FACTOR)) ** 2
    score = np.where(grid < np.log(np.maximum(floor, 1e-300))[:, None], -np.inf, score + _likelihood(grid, sums, free))
    at = np.log(np.where(known, floor, 1.0))[:, None]
    atom = np.where(known[:, None], _likelihood(at, sums, free) + math.log(ALONE), -np.inf)
    places = np.concatenate([grid, at], axis=1)
    weight = np.concatenate([score, atom], axis=1)
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    mean = (weight * places).sum(axis=1)
    variance = (weight * (places - mean[:, None]) ** 2).sum(axis=1)
    return _matched(2 * mean, 4 * variance)


def _likelihood(places: Floats, sums: Floats, degrees: Floats) -> Floats:
    result: Floats = -degrees[:, None] * places - 0.5 * sums[:, None] * np.exp(-2 * places)
    return result


def _matched(mean: Floats, variance: Floats) -> Sigma:
    """The scaled inverse chi-square with this mean and variance of log v.

    Var log v = trigamma(degrees / 2), mean log v = log(sigma² degrees / 2) - digamma(degrees / 2); both by their
    asymptotic series, right to a percent from three degrees on. What is known less well than three degrees can say
    (fewer than four runs) widens sigma instead, so that the .005 bound of the t is that of the posterior.
    """
    spread = np.maximum(variance, 1e-6)
    half = np.maximum((1 + np.sqrt(1 + 2 * spread)) / (2 * spread), LEAST_DEGREES / 2)
    digamma = np.log(half) - 1 / (2 * half) - 1 / (12 * half**2)
    wider = _WIDEN * np.maximum(variance - _WIDEN_FROM, 0.0)
    sigma = np.exp((mean + digamma - np.log(half)) / 2 + wider)
    return Sigma(np.maximum(sigma, _LEAST_SIGMA), 2 * half)
