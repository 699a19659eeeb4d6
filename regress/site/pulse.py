"""One line for a whole suite: how all of its benchmarks together went over the last fifty commits.

Each benchmark counts by its worst line, as the overview shows it, against that line's own median, so that a fast one
weighs as much as a slow one; of these ratios the geometric mean is drawn, turned so that up is worse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ..model import Direction
from ..units import signed_percent
from . import path
from .lines import Line
from .scale import bounds, down
from .sparkline import COMMITS, HEIGHT, INSET, WIDTH, Sparkline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: A commit that fewer of the benchmarks were measured at than this share says nothing of the suite.
SHARE = 0.5
_SIGNS = {Direction.LOWER: 1.0, Direction.HIGHER: -1.0}


def recent(line: Line) -> Floats | None:
    """How much worse than its median a line is, as a logarithm, shape (50,): the last commits of its axis.

    NaN where there is no value; None for a line of which nothing says what is worse, or that holds no ratio.
    """
    begin = len(line.axis) - COMMITS
    here = line.positions >= begin
    values = line.values[here]
    sign = _SIGNS.get(line.key.metric.direction)
    if sign is None or len(values) < 2 or values.min() <= 0:
        return None
    found = np.full(COMMITS, np.nan)
    ratios = np.log(values)
    found[line.positions[here] - begin] = sign * (ratios - np.median(ratios))
    return found


def pulse(lines: Iterable[tuple[str, Floats | None]]) -> Sparkline | None:
    """The line of the suite that the most benchmarks belong to, of (axis, `recent`); None where there is none."""
    groups: dict[str, list[Floats]] = defaultdict(list)
    for axis, ratios in lines:
        if ratios is not None:
            groups[axis].append(ratios)
    largest = max(groups, key=lambda axis: (len(groups[axis]), axis), default=None)
    return None if largest is None else _drawn(np.array(groups[largest]))


def _drawn(ratios: Floats) -> Sparkline | None:
    there = np.isfinite(ratios)
    places = np.flatnonzero(there.sum(axis=0) >= SHARE * len(ratios))
    if len(places) < 2:
        return None
    means = np.nansum(ratios[:, places], axis=0) / there[:, places].sum(axis=0)
    values = np.exp(means)
    first = int(places[0])
    x = INSET + (places - first) / (COMMITS - 1 - first or 1) * (WIDTH - 2 * INSET)
    y = INSET + down(values, *bounds(values)) * (HEIGHT - 2 * INSET)
    last = signed_percent(float(values[-1] / np.median(values)) - 1).replace("-", "−")
    text = f"{len(ratios):,} benchmarks over {len(places)} commits, geometric mean, now {last} beside the middle"
    return Sparkline(path.line(x, y, np.diff(places) > 1), path.dot(x[-1], y[-1]), "", text, False)
