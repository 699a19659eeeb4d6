"""How far two runs of the same code lie apart, as a trend shows it: a band, a change counted in it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..model import Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The newest points tell the noise of today's machine.
RECENT = 100
_FEWEST = 5
#: The median of |x| is so small a part of a normal standard deviation; differences of two are wider by a root of two.
_OF_DIFFERENCES = 0.6745 * math.sqrt(2)


def learned(verdict: Verdict | None) -> float:
    """The noise of one run as a verdict learned it from earlier runs; NaN where it did not."""
    proof = verdict.proof if verdict else None
    return proof.sigma if proof and proof.past else math.nan


def seen(values: NDArray[np.float64], breaks: NDArray[np.bool_]) -> float:
    """The noise of one run by the median difference of neighbours among the newest hundred points; NaN: too few.

    A step or a spike leaves it as it is. `breaks[i]` says that points i and i + 1 are no neighbours.
    """
    newest = values[-RECENT:]
    if len(newest) < _FEWEST or newest.min() <= 0:
        return math.nan
    apart = np.abs(np.diff(np.log(newest)))[~breaks[len(breaks) - len(newest) + 1 :]]
    if len(apart) < _FEWEST:
        return math.nan
    return float(np.partition(apart, len(apart) // 2)[len(apart) // 2]) / _OF_DIFFERENCES
