"""Runs that a slow neighbour hit: found among earlier runs, and what they say of the runs to come.

Now and then something else on the machine makes a run much slower than its fellows. Such a run must neither move the
centre nor widen the noise, and yet it says that the next run may be hit as well: the bound at an error level below the
share of spikes has to reach beyond them. A series alone has too few runs to know how often and how far; all series of
a machine together do (`Tail`).

Distances are in the direction that is worse, on the scale of the values (the logarithm of a ratio).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .student import Floats, normal_tail, student_tail

#: How often a series of normal noise may show a spike that is none.
_FALSE = 0.001
#: At most this share of the runs can be spikes: what is more frequent is noise.
_MOST = 0.25
#: Fewest runs among which one can stand out.
_LEAST_RUNS = 5
#: How many runs of the others a series' own are weighed against: learned from how alike the series are hit, in between.
_EQUAL, _UNEQUAL = 1000.0, 5.0
#: The share of the spikes, the furthest ones, from which the distances never seen are extrapolated; and the fewest.
_FAR, _FEWEST = 0.2, 5
#: Fewer spikes than this show no curve.
FEW = 10


def stand_out(values: Floats) -> NDArray[np.bool_]:
    """Which values of each row lie too far up to belong to the rest (Rosner's generalised ESD, 1983, one-sided).

    `values` (series, runs) may hold NaN. For j = 1, 2, … the j-th largest is compared with all smaller ones by a
    t test; the largest j at which it stands out tells how many do, so that two spikes do not hide each other.
    """
    count = np.isfinite(values).sum(axis=1)
    order = np.sort(values, axis=1)
    middle = np.nanmedian(np.where(count[:, None] > 0, values, 0.0), axis=1) if values.size else np.zeros(len(values))
    centred = np.nan_to_num(order - middle[:, None])
    sums, squares = centred.cumsum(axis=1), (centred**2).cumsum(axis=1)
    rows = np.arange(len(values))
    border = np.full(len(values), np.inf)
    for j in range(1, int(count.max(initial=0) * _MOST) + 1):
        able = rows[(count >= _LEAST_RUNS) & (j <= count * _MOST)]
        kept = count[able] - j
        mean = sums[able, kept - 1] / kept
        rest = np.maximum(squares[able, kept - 1] - kept * mean**2, 0.0)
        sigma = np.sqrt(rest / (kept - 1) * (1 + 1 / kept))
        apart = centred[able, kept] - mean
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(apart > 1e-12, apart / sigma, 0.0)
            chance = student_tail(np.minimum(t, 1e12), np.maximum(kept - 1.0, 3.0)) * (kept + 1)
        found = able[chance < _FALSE]
        border[found] = order[found, count[found] - j]
    with np.errstate(invalid="ignore"):
        return np.asarray(values >= border[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """How often the runs of a machine are hit and how far they go, learned from many series.

    runs     how many runs were looked at;  spikes  how many of them stand out; 0 where no more than chance would bring
    sigmas   distances are counted in sigmas of the series, else as they are (on log values: as ratios)
    weight   a series' own runs are weighed against so many of the others: many where all are hit alike
    beyond   P(a spike goes further than this) is `chance`, both of shape (knots,), ascending distances from 0
    decay    beyond the last knot the chance falls by e over this distance; of fewer than `FEW` spikes there are no
             knots, and it is the scale of a half-normal law instead; 0 without spikes
    """

    runs: int
    spikes: int
    sigmas: bool
    weight: float
    beyond: Floats
    chance: Floats
    decay: float

    @classmethod
    def of(cls, distances: Floats, runs: NDArray[np.int64], sigma: Floats) -> Tail:
        """From how far the spikes of each series went (series, runs), NaN for all other runs, among so many (series,).

        A neighbour slows every series by a ratio; a series that is noisy by itself has spikes that go by its own
        `sigma` (series,): distances are counted in whichever unit makes them more alike. They count as they were seen;
        from the furthest fifth on also an exponential with the mean excess of that fifth (peaks over a threshold,
        Pickands 1975), which on ratios is Pareto's law: whichever is more.
        """
        hit = np.isfinite(distances)
        looked, count = int(runs.sum()), int(hit.sum())
        weight = _weight(hit.sum(axis=1).astype(np.float64), runs.astype(np.float64))
        chance = _FALSE * float((runs >= _LEAST_RUNS).sum())
        if count <= 1 + chance + 3 * math.sqrt(chance):
            return cls(looked, 0, False, weight, np.zeros(1), np.ones(1), 0.0)
        ratios, scaled = distances[hit], (distances / sigma[:, None])[hit]
        sigmas = bool(count >= _FEWEST and np.log(scaled).std() < np.log(ratios).std())
        return cls(looked, count, sigmas, weight, *_curve(np.sort(scaled if sigmas else ratios)))

    @property
    def share(self) -> float:
        """The share of runs that are hit."""
        return self.spikes / self.runs if self.runs else 0.0

    def shares(self, spikes: Floats, runs: Floats) -> Floats:
        """The share for each series, from its own spikes and runs and those of all."""
        result: Floats = (spikes + self.weight * self.share) / (runs + self.weight)
        return result

    def further(self, distance: Floats, sigma: Floats) -> Floats:
        """P(a spike goes further than `distance`) for series with this sigma; both of shape (series,)."""
        if not self.spikes:
            return np.zeros(len(distance))
        distance = distance / sigma if self.sigmas else distance
        if self.spikes < FEW:
            return half_normal(distance, np.full(len(distance), self.decay))
        inside = np.exp(np.interp(distance, self.beyond, np.log(self.chance)))
        result: Floats = inside * np.exp(-np.maximum(distance - self.beyond[-1], 0.0) / self.decay)
        return result


def half_normal(distance: Floats, scale: Floats) -> Floats:
    """P(further than `distance`) where a few spikes have shown this root mean square."""
    return np.minimum(2 * normal_tail(distance / scale), 1.0)


def _curve(far: Floats) -> tuple[Floats, Floats, float]:
    """`beyond`, `chance` and `decay` of a tail from the sorted distances."""
    count = len(far)
    if count < FEW:
        return np.zeros(1), np.ones(1), float(np.sqrt((far**2).mean()))
    top = max(math.ceil(count * _FAR), _FEWEST)
    start = float(far[count - top - 1])
    decay = float((far[count - top :] - start).mean())
    seen = 1 - np.arange(1, count + 1) / (count + 1)
    decay = max(decay, 1e-3 * float(far[-1]))  # spikes that all went as far are still no wall
    thought = top / (count + 1) * np.exp(-(far - start) / decay)
    chance = np.where(far > start, np.maximum(seen, thought), seen)
    return np.concatenate([[0.0], far]), np.concatenate([[1.0], np.minimum(chance, 1.0)]), decay


def _weight(spikes: Floats, runs: Floats) -> float:
    """How alike the series are hit, as a number of runs: the concentration of a beta-binomial, by its moments."""
    total = float(runs.sum())
    share = float(spikes.sum()) / total if total else 0.0
    pairs = float((runs * (runs - 1)).sum())
    if not 0 < share < 1 or not pairs:
        return _EQUAL
    variance = share * (1 - share)
    excess = float(((spikes - runs * share) ** 2).sum()) - variance * total
    alike = excess / (variance * pairs)
    return min(max(1 / alike - 1, _UNEQUAL), _EQUAL) if alike > 0 else _EQUAL
