"""Student's t and the normal distribution for arrays: upper tails as far out as a gate needs, on NumPy alone."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ERFC = np.frompyfunc(math.erfc, 1, 1)


def normal_tail(z: Floats) -> Floats:
    """P(Z > z) for a standard normal Z."""
    result: Floats = 0.5 * np.asarray(_ERFC(np.asarray(z) / math.sqrt(2)), dtype=np.float64)
    return result


def student_tail(t: Floats, degrees: Floats) -> Floats:
    """P(T > t) for Student's t with 3 degrees or more: right to 6 % at 1e-6 with 3, to 1 % with 4 or at .0001."""
    return normal_tail(np.where(t < 0, -1.0, 1.0) * _normal_deviate(t, degrees))


def student_limit(alpha: float, degrees: Floats) -> Floats:
    """The t > 0 with P(T > t) = alpha, for alpha < .5; the inverse of `student_tail`."""
    wanted = -NormalDist().inv_cdf(alpha)
    # Wallace (1959) to start from; the two functions are nearly straight lines of each other in log t.
    t = np.sqrt(degrees * np.expm1((wanted * (8 * degrees + 3) / (8 * degrees + 1)) ** 2 / degrees))
    for _ in range(3):
        z, further = _normal_deviate(t, degrees), _normal_deviate(t * 1.001, degrees)
        t = t * 1.001 ** np.clip((wanted - z) / np.maximum(further - z, 1e-12), -2000, 2000)
    return t


def _normal_deviate(t: Floats, degrees: Floats) -> Floats:
    """The normal deviate with the tail of Student's t, without sign (Hill 1970, algorithm 395)."""
    a = degrees - 0.5
    b = 48 * a * a
    y = a * np.log1p(t * t / degrees)
    high = ((0.4 * y + 3.3) * y + 24) * y + 85.5
    result: Floats = np.sqrt(y) * (1 + (y + 3 - high / (0.8 * y * y + 100 + b)) / b)
    return result
