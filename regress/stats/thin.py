"""Fewer points that look the same: the lowest and the highest of each stretch of a line, so that no spike is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def extremes(x: Floats, y: Floats, stretches: int) -> tuple[NDArray[np.int64], float]:
    """Places of the lowest and the highest point of each of so many equal stretches of x, and how wide one is.

    x, y  shape (n,), n > 1; x rises. The places rise too, there are at most two of them a stretch.
    """
    width = float(x[-1] - x[0]) / stretches
    stretch = np.minimum(((x - x[0]) / width).astype(np.int64), stretches - 1)
    by_height = np.lexsort((y, stretch))
    edge = np.flatnonzero(np.diff(stretch))
    first, last = np.append(0, edge + 1), np.append(edge, len(x) - 1)
    return np.unique(np.concatenate([by_height[first], by_height[last]])), width
