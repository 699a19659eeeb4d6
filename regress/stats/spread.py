"""How far values of a series lie apart from one to the next."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The third quartile of the standard normal: a median absolute deviation divided by it estimates sigma.
_Q3_NORMAL = 0.6745


def successive_sigma(values: NDArray[np.float64], *, enough: int = 5) -> float | None:
    """The relative standard deviation of `values` (shape (n,), any unit, oldest first); None from fewer than `enough`.

    s = median |x[i+1] - x[i]| / .6745 / sqrt(2) on x = log values: differences of neighbours are hardly moved by a
    step between two levels or by a slow drift (von Neumann et al. 1941), and the median not by outliers. Values that
    are not positive and finite are left out.
    """
    usable = values[np.isfinite(values) & (values > 0)]
    if len(usable) < enough:
        return None
    steps = np.sort(np.abs(np.diff(np.log(usable))))
    # Note: np.median takes six times as long on the twenty values that this is called with thousands of times.
    middle = len(steps) // 2
    median = steps[middle] if len(steps) % 2 else (steps[middle - 1] + steps[middle]) / 2
    return float(median) / _Q3_NORMAL / math.sqrt(2)


def successive_sigmas(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same of many series at once: of logarithms of shape (series, runs), NaN where there is no run.

    Shape (series,); NaN for a series without two neighbours.
    """
    steps = np.abs(x[:, 1:] - x[:, :-1])
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        median = np.median(steps, axis=1) if np.isfinite(steps).all() else np.nanmedian(steps, axis=1)
    result: NDArray[np.float64] = median / _Q3_NORMAL / math.sqrt(2)
    return result
