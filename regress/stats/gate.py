"""The gate's noise model: from earlier runs of many series to how far a new run may lie, at any error level.

    made = predict(earlier, candidate, worse=+1)        # dicts of arrays: statistic -> (series, runs)
    made.p()                # (series,) chance that unchanged code gives a run this bad or worse
    made.limit(0.005)       # (series,) the value that unchanged code passes at most so often, in the values' unit
    made.visible(0.005)     # (series,) the same as a relative change of the centre: .08 is 8 % worse
    made = made.with_tail(made.learn_tail())            # the same questions, knowing how often this machine's runs are
                                                        # hit by a neighbour and how far: from all series together

`earlier`, `candidate` and `base` map names of statistics ("min", "max", "median", "mean", "value"; "sd", "q1", "q3",
"n", "lo", "hi" tell of the rounds) to arrays of shape (series, runs), one row a series, NaN where there is no figure.
`worse` is +1 where lower is better, -1 where higher is. Earlier runs are those of the present level, with the
baseline's own among them; `base` is only for a baseline of another level: then the earlier runs tell of the noise,
and the baseline's of the centre.

What a number means: the values are taken on the logarithm where all of a series are positive. For each statistic, a run
of unchanged code lies around `centre` with `sigma`, known as well as from so many `degrees` (see `sigma`); `spread` is
the deviation of candidate minus centre, sigma² (1/runs of the candidate + 1/earlier runs), and more where the
candidate's rounds scatter far more than usual. (candidate - centre) / spread follows Student's t, except for the share
of runs that a slow neighbour hits (see `spikes`). Of the statistics the one with the lowest bound is chosen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .predict import Fit, choose, fit
from .spikes import Tail, half_normal
from .student import Floats, student_limit, student_tail

__all__ = ["ENOUGH_RUNS", "LIMIT", "Prediction", "Tail", "predict"]

#: The error level of one series: what the choice of the statistic looks at.
LIMIT = 0.005
#: With fewer earlier runs a prediction is provisional: mostly the prior speaks.
ENOUGH_RUNS = 5
_STEPS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """How a run of unchanged code would come out, for many series; every array has shape (series,).

    statistic    which figure was chosen (names);  value, centre  that of the candidate and the centre, in their unit
    sigma        the relative noise of one run, with so many `degrees` of freedom;  within  the part that the rounds
                 explain (NaN: unknown);  spread  the deviation of candidate - centre
    earlier      runs that the noise was learned from, spikes among them;  spikes  how many of them were hit
    runs         runs of the candidate
    provisional  fewer than `ENOUGH_RUNS` earlier runs: the bound is mostly the prior's
    distances    (series, runs): how far the spikes went, NaN for all other runs: what `Tail.of` takes
    fit          the same on the inner scale
    """

    statistic: NDArray[np.str_]
    value: Floats
    centre: Floats
    sigma: Floats
    degrees: Floats
    within: Floats
    spread: Floats
    earlier: NDArray[np.int64]
    spikes: NDArray[np.int64]
    runs: NDArray[np.int64]
    provisional: NDArray[np.bool_]
    distances: Floats
    worse: int
    fit: Fit
    tail: Tail | None = None

    def with_tail(self, tail: Tail | None) -> Prediction:
        """The same, knowing how often the runs of this machine are hit and how far."""
        return replace(self, tail=tail)

    def learn_tail(self) -> Tail:
        """How often runs are hit and how far, from the earlier runs of all these series."""
        return Tail.of(self.distances, self.earlier, self.sigma)

    @property
    def hit_share(self) -> Floats:
        """The share of earlier runs of each series that a slow neighbour hits."""
        if self.tail is None or not self.tail.spikes:
            return self.spikes / (self.earlier + 1.0)
        return self.tail.shares(self.spikes.astype(np.float64), self.earlier.astype(np.float64))

    @property
    def hit_chance(self) -> Floats:
        """The chance that the candidate's median is a run that was hit: half of its runs, each by itself."""
        share = self.hit_share
        result = share.copy()
        for runs in np.unique(self.runs[self.runs > 1]).tolist():
            half = range((runs + 1) // 2, runs + 1)
            chance = sum(math.comb(runs, hit) * share**hit * (1 - share) ** (runs - hit) for hit in half)
            result = np.where(self.runs == runs, chance, result)
        return result

    def p(self, value: Floats | None = None) -> Floats:
        """The chance of a run as bad as `value` (shape (series,), default: the candidate's) or worse; NaN: unknown."""
        return self._chance(self.fit.distance if value is None else self.fit.distance_of(value, self.worse))

    def better(self, value: Floats | None = None) -> Floats:
        """The chance of a run as good as `value` (default: the candidate's) or better; nothing makes a run too fast."""
        distance = self.fit.distance if value is None else self.fit.distance_of(value, self.worse)
        with np.errstate(invalid="ignore", divide="ignore"):
            return student_tail(-distance / self.spread, self.degrees)

    def limit(self, alpha: float) -> Floats:
        """The value that a run of unchanged code passes with probability alpha."""
        return self.fit.value_of(self._bound(alpha), self.worse)

    def visible(self, alpha: float) -> Floats:
        """The smallest change to the worse that is seen at this level, relative to the centre, without sign."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.abs(self.limit(alpha) - self.centre) / np.abs(self.centre)

    def _chance(self, distance: Floats, rows: NDArray[np.intp] | slice = slice(None)) -> Floats:
        spread, degrees, share = self.spread[rows], self.degrees[rows], self.hit_chance[rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(distance == 0, 0.0, distance / spread)
            usual = student_tail(np.clip(t, -1e12, 1e12), degrees)
        hit = share > 0
        if not hit.any():
            return usual
        return np.where(hit, (1 - share) * usual + share * self._further(np.maximum(distance, 0.0), rows), usual)

    def _further(self, distance: Floats, rows: NDArray[np.intp] | slice) -> Floats:
        if self.tail is not None and self.tail.spikes:
            return self.tail.further(distance, self.sigma[rows])
        own = self.distances[rows]
        square = np.where(np.isfinite(own), own, 0.0) ** 2
        scale = np.sqrt(square.sum(axis=1) / np.maximum(self.spikes[rows], 1))
        return half_normal(distance, np.where(scale > 0, scale, 1.0))

    def _bound(self, alpha: float) -> Floats:
        bound = student_limit(alpha, self.degrees) * self.spread
        rows = np.flatnonzero((self.hit_share > 0) & np.isfinite(bound))
        if not len(rows):
            return bound
        # Note: no closed form for the mixture; p falls with the distance, so halving its logarithm finds the bound.
        low, high = np.log(np.maximum(bound[rows] / 4, 1e-12)), np.full(len(rows), np.log(700.0))
        for _ in range(_STEPS):
            middle = (low + high) / 2
            above = self._chance(np.exp(middle), rows) > alpha
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        bound[rows] = np.exp(high)
        return bound


def predict(
    earlier: Mapping[str, Floats],
    candidate: Mapping[str, Floats],
    *,
    worse: int = 1,
    base: Mapping[str, Floats] | None = None,
    tail: Tail | None = None,
) -> Prediction:
    """How a run of unchanged code would come out, for each series; see the module for the shapes and what they mean.

    Without earlier runs the prior of `sigma` speaks; without any run to put a centre by, p and limit are NaN.
    A series without any statistic that all sides have gets the statistic "".
    """
    names, fits = fit(earlier, candidate, worse, base)
    best, index = choose(fits, LIMIT)
    statistic = np.array([*names, ""])[np.where(np.isfinite(best.candidate), index, len(names))]
    return Prediction(
        statistic=statistic,
        value=best.value_of(best.distance, worse),
        centre=best.value_of(np.zeros(len(index)), worse),
        sigma=best.sigma,
        degrees=best.degrees,
        within=best.within,
        spread=best.spread,
        earlier=best.runs,
        spikes=best.spikes,
        runs=best.candidates,
        provisional=best.runs < ENOUGH_RUNS,
        distances=best.distances,
        worse=worse,
        fit=best,
        tail=tail,
    )
