"""Which earlier runs say what is usual: the present level of each series, and what is held out of its centre.

A baseline must not poison itself. The last one or two runs that lie off the level (a red commit, most often) are held
out of the centre until the level is theirs, which three runs make it, or until the change is accepted. A run off the
level that the next one has come back from stays in the spread, or every exclusion would make the noise look smaller.
Nothing of that is remembered: it follows from the stored runs each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..stats.gate import predict
from ..stats.levels import courses
from ..stats.spread import successive_sigmas

Floats = NDArray[np.float64]


class Centre(NamedTuple):
    """What the candidate is compared with.

    "commit": the runs of the baseline alone. "level": the present level. "branch": the present level, but where the
    baseline itself lies off it, the baseline too. "window": the last `window` runs.
    """

    kind: str
    window: int = 0

    def __str__(self) -> str:
        return f"{self.kind}:{self.window}" if self.window else self.kind

    @classmethod
    def of(cls, text: str) -> Centre:
        """The centre that `str` made a text of."""
        kind, _, window = text.partition(":")
        return cls(kind, int(window or 0))


COMMIT = Centre("commit")

#: A series whose figures lie this close together (in sigmas, from one run to the next) needs no search for levels.
_CLOSE = 2.0
#: Means before and after some place that lie this many of their deviations apart may be two levels.
_STEPPED = 3.0
_CUT = 3.0
#: Fewer runs than this have no levels.
_ENOUGH = 5


#: How improbable a run at the end must be, on either side, to be held out; and after how many others.
_OFF = 0.005
_BEFORE = 3

Mask = NDArray[np.bool_]


def present_level(x: Floats, candidate: Floats, tolerance: Floats) -> Mask:
    """Which runs are of the present level; of x's shape.

    `x`: logarithms of shape (series, runs), oldest first, NaN where there is none; `candidate`: of shape (series,).
    `tolerance`, of shape (series,): a candidate well within it of every centre there could be needs no level.
    """
    there = np.isfinite(x)
    if x.shape[1] < _ENOUGH:
        return there
    level = there.copy()
    looked = _worth_a_look(x, candidate, tolerance) & (there.sum(axis=1) >= _ENOUGH)
    rows = np.flatnonzero(looked).tolist()
    # On the logarithm but for a factor, so that no figure is too large.
    found = courses([np.exp(x[row] - x[row, there[row]][-1]) for row in rows])
    for row, one in zip(rows, found, strict=True):
        level[row, : one.levels[-1].start] = False
    return level


def held_out(earlier: Mapping[str, Floats], level: Mask) -> Mask:
    """Which of the last two runs of each level lie off it: what the gate itself would have found off, run by run."""
    held = np.zeros_like(level)
    count = level.sum(axis=1)
    rows = np.flatnonzero(count > _BEFORE)
    if not len(rows):
        return held
    places = level[rows].cumsum(axis=1) * level[rows]
    last, second = (places == (count[rows] - back)[:, None] for back in (0, 1))
    figures = {name: values[rows] for name, values in earlier.items()}
    off = _off(figures, level[rows] & ~last, last)
    # Two together: the one would hide the other among the runs that say what is usual.
    enough = count[rows] > _BEFORE + 1
    rest = level[rows] & ~last & ~second
    both = enough & _off(figures, rest, last) & _off(figures, rest, second)
    held[rows] = (last & (off | both)[:, None]) | (second & both[:, None])
    return held


def _off(figures: Mapping[str, Floats], usual: Mask, one: Mask) -> Mask:
    """Whether the one run of each series lies off what is usual, to either side."""
    past = {name: np.where(usual, values, np.nan) for name, values in figures.items()}
    new = {name: values[one][:, None] for name, values in figures.items()}
    made = predict(past, new)
    with np.errstate(invalid="ignore"):
        return np.asarray((made.p() < _OFF) | (made.better() < _OFF))


def _medians(x: Floats) -> Floats:
    """The median of each row; NaN, and no warning, where a row has no figure (the logarithm of nothing but zeros)."""
    found = np.full(len(x), np.nan)
    known = ~np.isnan(x).all(axis=1)
    found[known] = np.nanmedian(x[known], axis=1)
    return found


def _worth_a_look(x: Floats, candidate: Floats, tolerance: Floats) -> Mask:
    """The series in which something may have moved, by figures that are quick to have."""
    sigma = successive_sigmas(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        recent, middle = _medians(x[:, -5:]), _medians(x)
        still = (np.abs(candidate - recent) <= _CLOSE * sigma) & (np.abs(x[:, -1] - recent) <= _CLOSE * sigma)
        far = np.max([np.abs(candidate - centre) for centre in (recent, middle, x[:, -1])], axis=0)
        # Spikes are cut, or each would look like a step.
        z = np.clip((x - middle[:, None]) / sigma[:, None], -_CUT, _CUT)
    sums = np.nan_to_num(z).cumsum(axis=1)
    n = x.shape[1]
    before = np.arange(1, n)
    apart = (sums[:, -1:] - sums[:, :-1]) / (n - before) - sums[:, :-1] / before
    stepped = np.abs(apart) * np.sqrt(before * (n - before) / n) > _STEPPED
    relevant = ~(far <= np.log1p(tolerance) / 2)
    return np.asarray(relevant & (~still | stepped.any(axis=1)))
