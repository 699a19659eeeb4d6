"""Ratios of two sides with their intervals: from the runs compared, else from what the history knows of the noise.

The evidence, best first, on the logarithm of one figure of each run:

pairs     three runs or more that measured both sides: Student's interval of their ratios, in which what slows a whole
          run down cancels out
sides     three runs or more of each side, measured in runs of their own: Welch's interval
history   fewer runs: the noise of one run as the earlier runs of the present level show it (`stats.gate`), of the ratio
          where they measured both sides; five of them at least, or nothing is known
two runs  without such a history: the two runs alone, with Student's t of one degree

Otherwise there is a ratio without an interval, and it says why.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model.components import Ratio
from ..stats.gate import ENOUGH_RUNS, predict
from ..stats.ratios import Estimate, around, combined, of_pairs, of_sides
from .centre import present_level

Floats = NDArray[np.float64]

#: From so many runs on, those that are compared say by themselves how far they stray.
OWN_RUNS = 3


class Lane(NamedTuple):
    """One side: log figures of the runs that are compared, and of earlier ones, oldest first; NaN: has none.

    Shapes (runs,), (earlier runs,); the columns of all lanes are the same runs.
    """

    own: Floats
    past: Floats


class Asked(NamedTuple):
    """The ratio one / other is asked for; that of `exact` figures has no interval, as they have no noise."""

    one: Lane
    other: Lane
    exact: bool = False


class Noise(NamedTuple):
    """The standard deviation of one run, as sure as from so many degrees, learned from so many runs."""

    sigma: float
    degrees: float
    runs: int


def ratios(asked: Sequence[Asked]) -> list[Ratio | None]:
    """The answers, in order; None where a side has no positive figure."""
    needs: list[Floats] = []
    places: dict[int, tuple[int, int]] = {}
    for at, one in enumerate(asked):
        if not one.exact and _has_figures(one) and not _by_itself(one):
            rows = _history(one)
            places[at] = len(needs), len(needs) + len(rows)
            needs += rows
    known = learned(needs)
    return [_answer(one, known[slice(*places.get(at, (0, 0)))]) for at, one in enumerate(asked)]


def _has_figures(asked: Asked) -> bool:
    return bool(np.isfinite(asked.one.own).any() and np.isfinite(asked.other.own).any())


def _pairs(asked: Asked) -> Floats:
    both = asked.one.own - asked.other.own
    return both[np.isfinite(both)]


def _by_itself(asked: Asked) -> bool:
    """Whether the runs compared are enough."""
    sides = min(len(_finite(asked.one.own)), len(_finite(asked.other.own)))
    return len(_pairs(asked)) >= OWN_RUNS or sides >= OWN_RUNS


def _history(asked: Asked) -> list[Floats]:
    """What is to be learned from: the ratio's own past where both were measured in the same run."""
    return [asked.one.past - asked.other.past] if len(_pairs(asked)) else [asked.one.past, asked.other.past]


def _answer(asked: Asked, known: Sequence[Noise]) -> Ratio | None:
    if not _has_figures(asked):
        return None
    one, other = _finite(asked.one.own), _finite(asked.other.own)
    pairs = _pairs(asked)
    # A centre as the figures that are shown have it: the median over the runs.
    centre = float(pairs.mean()) if len(pairs) else float(np.median(one) - np.median(other))
    if asked.exact:
        return Ratio(_exp(float(np.median(one) - np.median(other))), evidence="exact: no noise")
    if len(pairs) >= OWN_RUNS:
        return _ratio(of_pairs(pairs), f"{len(pairs)} runs that measured both")
    if min(len(one), len(other)) >= OWN_RUNS:
        return _ratio(of_sides(one, other), f"{len(one)} and {len(other)} runs")
    if known and min(noise.runs for noise in known) >= ENOUGH_RUNS:
        count = f"{min(noise.runs for noise in known)} earlier runs"
        if len(pairs):
            noise = known[0]
            return _ratio(around(centre, noise.sigma / math.sqrt(len(pairs)), noise.degrees, len(pairs)), count)
        variances = [noise.sigma**2 / n for noise, n in zip(known, (len(one), len(other)), strict=True)]
        return _ratio(combined(centre, variances, [noise.degrees for noise in known], 1), count)
    if len(pairs) == 2:
        return _ratio(of_pairs(pairs), "2 runs that measured both")
    if min(len(one), len(other)) == 2:
        return _ratio(of_sides(one, other), f"{len(one)} and {len(other)} runs")
    return Ratio(_exp(centre), evidence="no interval: one run, and too few earlier ones to know the noise")


def _ratio(found: Estimate, evidence: str) -> Ratio:
    return Ratio(_exp(found.centre), _exp(found.lo), _exp(found.hi), evidence)


def _exp(logarithm: float) -> float:
    return math.exp(min(max(logarithm, -700.0), 700.0))


def _finite(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def learned(rows: Sequence[Floats]) -> list[Noise]:
    """The noise of each row of log figures (shape (runs,), oldest first, NaN: none), by the gate's own model."""
    if not rows:
        return []
    packed = _packed(rows)
    last = np.where(np.isfinite(packed[:, -1:]), packed[:, -1:], 0.0)
    centred = packed - last  # a figure of 1e-300 has a logarithm, and its exponential must have one too
    made = predict({"value": np.exp(centred)}, {"value": np.ones_like(last)})
    found = zip(made.sigma.tolist(), made.degrees.tolist(), made.earlier.tolist(), strict=True)
    return [Noise(sigma, degrees, runs if math.isfinite(sigma) else 0) for sigma, degrees, runs in found]


def levelled(rows: Sequence[Floats]) -> list[Floats]:
    """The rows of log figures, each with NaN outside of its present level."""
    long = [at for at, row in enumerate(rows) if len(_finite(row)) >= ENOUGH_RUNS]
    if not long:
        return list(rows)
    packed = _packed([rows[at] for at in long])
    level = present_level(packed, packed[:, -1], np.zeros(len(long)))
    result = list(rows)
    for at, kept in zip(long, level, strict=True):
        row = rows[at]
        there = np.flatnonzero(np.isfinite(row))
        result[at] = row.copy()
        result[at][there[~kept[len(kept) - len(there) :]]] = np.nan
    return result


def _packed(rows: Sequence[Floats]) -> Floats:
    """The rows side by side, what is there pushed to the end: neighbours are neighbours whoever else was measured."""
    finite = [_finite(row) for row in rows]
    width = max(1, *(len(row) for row in finite))
    packed = np.full((len(rows), width), np.nan)
    for place, row in enumerate(finite):
        if len(row):
            packed[place, width - len(row) :] = row
    return packed


def mean_lane(lanes: Sequence[Lane]) -> Lane:
    """The mean of many lanes, run by run: the logarithm of a geometric mean.

    A run that lacks some lanes stands by how the others of it stray from their own means.
    """
    own, past = (_mean_row(np.stack([lane[part] for lane in lanes])) for part in (0, 1))
    return Lane(own, past)


def _mean_row(rows: Floats) -> Floats:
    there = np.isfinite(rows)
    count = there.sum(axis=1)
    used = count > 0
    if not used.any():
        return np.full(rows.shape[1], np.nan)
    means = np.where(there, rows, 0.0).sum(axis=1) / np.maximum(count, 1)
    strays = np.where(there, rows - means[:, None], 0.0)
    lanes = there.sum(axis=0)
    result: Floats = np.where(lanes > 0, strays.sum(axis=0) / np.maximum(lanes, 1) + means[used].mean(), np.nan)
    return result
