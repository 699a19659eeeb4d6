"""How sure a ratio of two sides is: intervals on logarithms, from runs that were compared or from what is known.

A run is one figure here: rounds within a process say nothing of the next process.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .sequential import student_point

Floats = NDArray[np.float64]

#: What a 95 % interval leaves beyond each of its ends.
BEYOND = 0.025
#: The same points of Student's t with one and two degrees, where approximations are poor.
_FEW = {1: 12.7062, 2: 4.3027}
#: Figures are written with about four digits: that they agree does not prove that there is no noise.
_LEAST = 1e-4
_MANY = 1000


class Estimate(NamedTuple):
    """A logarithm with the ends of its 95 % interval; `n`: how many runs, or pairs of runs, it rests on."""

    centre: float
    lo: float
    hi: float
    n: int


def t_point(degrees: float) -> float:
    """The point of Student's t beyond which 2.5 % lie; a broken number of degrees counts as the next lower one."""
    whole = min(max(math.floor(degrees), 1), _MANY)
    return _FEW.get(whole) or student_point(BEYOND, whole)


def around(centre: float, error: float, degrees: float, n: int) -> Estimate:
    """The interval around a centre whose standard error is known as well as from so many degrees of freedom."""
    half = t_point(degrees) * error
    return Estimate(centre, centre - half, centre + half, n)


def of_pairs(logs: Floats) -> Estimate:
    """The mean of log ratios, one of each run, shape (runs,), at least two: Student's interval."""
    n = len(logs)
    spread = max(float(logs.std(ddof=1)), _LEAST)
    return around(float(logs.mean()), spread / math.sqrt(n), n - 1, n)


def of_sides(one: Floats, other: Floats) -> Estimate:
    """The difference of the means of two sides of at least two runs each: the interval of Welch (1947)."""
    parts = [max(float(side.var(ddof=1)), _LEAST**2) / len(side) for side in (one, other)]
    return combined(float(one.mean() - other.mean()), parts, [len(one) - 1, len(other) - 1], min(len(one), len(other)))


def combined(centre: float, variances: list[float], degrees: list[float], n: int) -> Estimate:
    """The interval where the variance is a sum: with the degrees of freedom of Satterthwaite (1946)."""
    total = sum(variances)
    free = total**2 / sum(variance**2 / one for variance, one in zip(variances, degrees, strict=True))
    return around(centre, math.sqrt(total), free, n)
