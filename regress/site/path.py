"""SVG path data from numbers: a picture is a box of 9,600 x 3,200 (or less) whole units, y downwards.

Note: whole units of a fine box are shorter than decimals of a coarse one, and relative steps shorter than
absolute places: a line of 800 points weighs about 6 KB.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..stats.thin import extremes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


def line(x: Floats, y: Floats, breaks: Bools) -> str:
    """A line through the points, interrupted after point i where `breaks[i]`; a lone point is a dot (round cap)."""
    if not len(x):
        return ""
    places = _whole(x, y)
    edges = [0, *(np.flatnonzero(breaks) + 1).tolist(), len(places)]
    return "".join(_stroke(places[a:b]) for a, b in pairwise(edges))


def box(left: float, right: float, top: float, bottom: float) -> str:
    """An upright rectangle."""
    a, b, c, d = (round(edge) for edge in (left, right, top, bottom))
    return f"M{a} {c}H{b}V{d}H{a}z"


def thinned(x: Floats, y: Floats, breaks: Bools, most: int) -> tuple[Floats, Floats, Bools]:
    """The same line of at most `most` points: the lowest and the highest of each of so many equal stretches.

    It looks the same where a stretch is narrower than a few pixels, as no spike is lost. Holes narrower than a stretch
    are closed.
    """
    if len(x) <= most:
        return x, y, breaks
    keep, width = extremes(x, y, most // 2)
    wide = np.append(0, np.cumsum(breaks & (np.diff(x) > width)))
    return x[keep], y[keep], np.diff(wide[keep]) > 0


def dot(x: float, y: float) -> str:
    """One point, drawn by a round line cap, which stays round however the picture is stretched."""
    return f"M{round(x)} {round(y)}h0"


def _whole(x: Floats, y: Floats) -> NDArray[np.int64]:
    return np.rint(np.column_stack((x, y))).astype(np.int64)


def _stroke(places: NDArray[np.int64]) -> str:
    start = f"M{places[0, 0]} {places[0, 1]}"
    if len(places) == 1:
        return start + "h0"
    steps = np.diff(places, axis=0).ravel().tolist()
    return f"{start}l{' '.join(map(str, steps))}"
