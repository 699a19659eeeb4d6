"""What noisy measurements say of which commit made a step: the posterior, and what one more would tell.

    value       log(value) ~ .95 normal(level, s) + .05 Cauchy(level, 3 s): now and then a run is far off
    levels      before and after the step, unknown: integrated over a grid that spans what was measured
    s           unknown: integrated over a grid around what the history says of the noise
    no step     a hypothesis of its own: one level explains all

Measurements are made in groups (a machine with its facts); a group has levels and noise of its own, and all of them
bear on the same hypotheses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..stats.spread import successive_sigma

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The relative noise of a run where nothing is known of it, and by which factor (one sigma) that may be wrong.
ASSUMED_NOISE, ASSUMED_FACTOR = 0.03, 3.0
KNOWN_FACTOR = 1.6
#: How probable it is, before anything is measured, that there is no step at all.
NO_STEP_PRIOR = 0.05
#: Two levels lie within about this distance (in logarithms): what a second level has to pay for explaining more.
_SPAN = 1.0
_OUTLIERS, _OUTLIER_WIDTH = 0.05, 3.0
_LEVELS, _MOST_LEVELS = 240, 1000
_SMALLEST_NOISE = 1e-4
#: Below this weight a side of the step was not seen, and has no level.
_UNSEEN = 0.02


@dataclass(frozen=True, slots=True)
class Reading:
    """One run at one place: a positive value, and the group whose levels it shares.

    `live` readings were made one right after the other, in the order given, so that what disturbs the machine for a
    while may have hit several of them.
    """

    place: int
    value: float
    group: str = ""
    live: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """What is searched: `slow[h, p]` says whether place p lies at or after the culprit under hypothesis h.

    Shapes: slow (hypotheses, places), bool; measurable (places,), bool. Hypothesis h is culprits[h], a place. Places
    are in an order in which none comes before its ancestors; the first is the good end, the last the bad end.
    """

    slow: NDArray[np.bool_]
    culprits: tuple[int, ...]
    measurable: NDArray[np.bool_]

    @classmethod
    def line(cls, length: int, unmeasurable: Sequence[int] = ()) -> Field:
        """`length` commits after the good end, one after the other."""
        places = np.arange(length + 1)
        return cls(places[None, :] >= places[1:, None], tuple(range(1, length + 1)), _mask(length + 1, unmeasurable))

    @classmethod
    def graph(cls, parents: Sequence[Sequence[int]], unmeasurable: Sequence[int] = ()) -> Field:
        """Commits with several parents: parents[p] are places before p; place 0 is the good end."""
        count = len(parents)
        reached = np.eye(count, dtype=np.bool_)  # reached[p, q]: q is p or one of its ancestors
        for place, above in enumerate(parents):
            for parent in above:
                reached[place] |= reached[parent]
        return cls(reached.T[1:], tuple(range(1, count)), _mask(count, unmeasurable))

    def classes(self) -> NDArray[np.intp]:
        """For each hypothesis the number of its class: those that no measurement can tell apart share one."""
        return np.unique(self.slow[:, self.measurable], axis=0, return_inverse=True)[1].reshape(-1)


def _mask(count: int, unmeasurable: Sequence[int]) -> NDArray[np.bool_]:
    mask = np.ones(count, dtype=np.bool_)
    mask[list(unmeasurable)] = False
    return mask


@dataclass(frozen=True, slots=True)
class Noise:
    """What is known of the noise beforehand: the relative deviation of a run, and the factor it may be wrong by."""

    sigma: float = ASSUMED_NOISE
    factor: float = ASSUMED_FACTOR

    @classmethod
    def of(cls, earlier: NDArray[np.float64]) -> Noise:
        """Learned from earlier values of the series, oldest first; assumed where they are too few."""
        sigma = successive_sigma(earlier)
        return cls() if sigma is None else cls(max(sigma, 0.002), KNOWN_FACTOR)


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """What the readings say.

    culprit     probability of each hypothesis; with `none`, that of no step, they sum to 1
    sigma       relative noise of one run;  before, after: the two levels, in the group asked for (NaN: unknown)
    """

    culprit: NDArray[np.float64]
    none: float
    sigma: float
    before: float = math.nan
    after: float = math.nan


def believe(field: Field, readings: Sequence[Reading], noise: Noise | None = None, group: str = "") -> Belief:
    """The posterior over the hypotheses, and the levels and the noise in `group`."""
    noise = noise or Noise()
    usable = [reading for reading in readings if reading.value > 0 and math.isfinite(reading.value)]
    scores = np.zeros(len(field.culprits))
    none = 0.0
    sigma = noise.sigma
    for name in dict.fromkeys(reading.group for reading in usable):
        own = [reading for reading in usable if reading.group == name]
        model = _Model.of(field, own, noise)
        score, single, share = model.evidence()
        scores += score
        none += single
        sigma = math.exp(float((share * np.log(model.sigmas)).sum())) if name == group else sigma
    peak = max(float(scores.max()), none)
    weights = np.exp(scores - peak) * (1 - NO_STEP_PRIOR) / len(scores)
    against = math.exp(none - peak) * NO_STEP_PRIOR
    total = float(weights.sum()) + against
    culprit = weights / total
    before, after = _levels(field, [reading for reading in usable if reading.group == group], culprit)
    return Belief(culprit, against / total, sigma, before, after)


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """The readings of one group on a grid of levels, for each noise of a grid.

    Shapes: levels (levels,); sigmas and weight (noises,), weight is log prior; likelihood (noises, readings, levels).
    after (rows, readings), bool: hypotheses that put the same readings on the same side share a row, so that the cost
    grows with the readings alone; row (hypotheses,) is which. rent is what each level that is used has to pay.
    """

    levels: NDArray[np.float64]
    sigmas: NDArray[np.float64]
    weight: NDArray[np.float64]
    likelihood: NDArray[np.float64]
    after: NDArray[np.bool_]
    row: NDArray[np.intp]
    rent: float

    @classmethod
    def of(cls, field: Field, own: Sequence[Reading], noise: Noise) -> _Model:
        x = np.log([reading.value for reading in own])
        after, row = np.unique(field.slow[:, [reading.place for reading in own]], axis=0, return_inverse=True)
        wide = max(float(np.ptp(x)), 0.01) + 6 * noise.sigma
        count = int(np.clip(4 * (2 * wide) / noise.sigma, _LEVELS, _MOST_LEVELS))
        levels = np.linspace(x.min() - wide / 2, x.max() + wide / 2, count)
        around = np.linspace(-2, 2, 9)
        sigmas = np.maximum(noise.sigma * noise.factor**around, max(_SMALLEST_NOISE, (levels[1] - levels[0]) * 0.7))
        weight = -(around**2) / 2 - math.log(float(np.exp(-(around**2) / 2).sum()))
        likelihood = _log_likelihood((x[:, None] - levels[None, :])[None], sigmas[:, None, None])
        return cls(levels, sigmas, weight, likelihood, after, row.reshape(-1), math.log(min(wide / _SPAN, 1.0)))

    def evidence(self) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
        """log P(readings | hypothesis), log P(readings | no step), and the posterior of the noises."""
        both = _log_mean(self.after @ self.likelihood) + _log_mean(~self.after @ self.likelihood)
        levels_used = self.after.any(axis=1).astype(np.float64) + (~self.after).any(axis=1)
        each = both + self.weight[:, None] + self.rent * levels_used
        single = _log_mean(self.likelihood.sum(axis=1)) + self.weight + self.rent
        share = np.logaddexp.reduce(each, axis=1)
        share = np.exp(share - share.max())
        return np.logaddexp.reduce(each, axis=0)[self.row], float(np.logaddexp.reduce(single)), share / share.sum()


def _log_likelihood(distance: NDArray[np.float64], sigma: NDArray[np.float64]) -> NDArray[np.float64]:
    """log of .95 normal + .05 Cauchy: a run that is ten times too slow moves no level and widens no noise."""
    scaled = distance / sigma
    inside = math.log((1 - _OUTLIERS) / math.sqrt(2 * math.pi)) - scaled**2 / 2
    outside = math.log(_OUTLIERS / (math.pi * _OUTLIER_WIDTH)) - np.log1p((scaled / _OUTLIER_WIDTH) ** 2)
    result: NDArray[np.float64] = np.logaddexp(inside, outside) - np.log(sigma)
    return result


def _log_mean(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """log of the mean of exp(rows) over the last axis, the levels."""
    peak = rows.max(axis=-1, keepdims=True)
    result: NDArray[np.float64] = np.log(np.exp(rows - peak).mean(axis=-1)) + peak[..., 0]
    return result


def _levels(field: Field, own: Sequence[Reading], culprit: NDArray[np.float64]) -> tuple[float, float]:
    """The medians of the readings before and after the step, each weighed by how surely it lies there."""
    if not own:
        return math.nan, math.nan
    values = np.array([reading.value for reading in own])
    after = chance_after(field, culprit)[[reading.place for reading in own]]
    return _weighted_median(values, 1 - after), _weighted_median(values, after)


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    if weights.sum() < _UNSEEN:
        return math.nan
    order = np.argsort(values)
    running = np.cumsum(weights[order])
    low, high = np.searchsorted(running, [running[-1] * 0.4999, running[-1] * 0.5001])
    return float((values[order[low]] + values[order[min(high, len(order) - 1)]]) / 2)


def chance_after(field: Field, culprit: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each place, how probable it is that it lies at or after the step, given that there is one."""
    total = float(culprit.sum())
    result: NDArray[np.float64] = culprit @ field.slow / total if total > 0 else field.slow.mean(axis=0)
    return result


def information(
    field: Field, readings: Sequence[Reading], belief: Belief, noise: Noise | None = None, group: str = ""
) -> NDArray[np.float64]:
    """What one more measurement of each place is expected to tell of the hypotheses, in bits; shape (places,).

    The mutual information between hypothesis and value: the entropy of the value as it is predicted, less the one that
    is left when the hypothesis is known. Levels count with what is uncertain of them, so that a place which was
    measured often tells less and less, and an end tells more as long as there may be no step.
    """
    own = [reading for reading in readings if reading.group == group and reading.value > 0]
    if not own:
        return _entropy(chance_after(field, belief.culprit))
    model = _Model.of(field, own, noise or Noise())
    likelihood = model.likelihood[int(model.evidence()[2].argmax())]
    sigma = model.sigmas[int(model.evidence()[2].argmax())]
    spread = np.exp(_log_likelihood(model.levels[:, None] - model.levels[None, :], np.array(sigma)))
    spread /= spread.sum(axis=1, keepdims=True)
    sides = [_softmax(side @ likelihood) @ spread for side in (model.after, ~model.after)]
    single = _softmax(likelihood.sum(axis=0)[None, :]) @ spread
    rows = np.zeros((len(model.row), len(model.after)))
    rows[np.arange(len(model.row)), model.row] = belief.culprit
    shares = [field.slow.T @ rows, (~field.slow).T @ rows]
    mixed = shares[0] @ sides[0] + shares[1] @ sides[1] + belief.none * single
    known = shares[0] @ _bits(sides[0]) + shares[1] @ _bits(sides[1]) + belief.none * _bits(single)
    result: NDArray[np.float64] = np.maximum(_bits(mixed) - known, 0.0)
    return result


def _softmax(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(rows - rows.max(axis=-1, keepdims=True))
    result: NDArray[np.float64] = weights / weights.sum(axis=-1, keepdims=True)
    return result


def _bits(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The entropy of each row, a distribution."""
    result: NDArray[np.float64] = -(rows * np.log2(np.maximum(rows, 1e-300))).sum(axis=-1)
    return result


def _entropy(share: NDArray[np.float64]) -> NDArray[np.float64]:
    return _bits(np.stack([share, 1 - share], axis=-1))
