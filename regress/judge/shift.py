"""What moved together: a shift that most of a suite's noisy series share is one finding, not a hundred.

A slower import, another interpreter or a busier machine moves everything; that is seen far more surely than any single
change, and has another cause. The shift of a run is the median over the series of log(figure / level); how far it
strays without a cause is learned from the shifts of the earlier runs, as for any series.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Fewer series share no more than chance.
FEWEST = 10
#: So many of them must have moved the shift's way, each at least half as far.
MOST = 0.6


class Shift(NamedTuple):
    """A common change on the logarithm, worse is positive; which series took part; shifts of the earlier runs."""

    size: float
    moved: NDArray[np.bool_]
    past: Floats


def common_shift(changes: Floats, past: Floats) -> Shift | None:
    """The shift that most of the series share, whatever its size; None for too few, or where they went different ways.

    `changes`: log(candidate / centre) of shape (series,), worse is positive; `past`: the same of the earlier runs of
    the level, of shape (series, runs), NaN where a series has no such run.
    """
    if np.isfinite(changes).sum() < FEWEST:
        return None
    size = float(np.nanmedian(changes))
    moved = (changes * np.sign(size) >= abs(size) / 2) & (size != 0)
    if moved.sum() < MOST * np.isfinite(changes).sum():
        return None
    # A run that holds few of the series tells of those.
    enough = np.isfinite(past).sum(axis=0) >= FEWEST
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        shifts = np.nanmedian(past[:, enough], axis=0) if enough.any() else np.empty(0)
    return Shift(size, moved, shifts)
