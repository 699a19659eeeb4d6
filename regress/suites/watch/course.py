"""Samples as courses: CPU, memory and gauges over the seconds of a run, thinned for a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...model import Course
from ...stats.thin import extremes
from .figures import Spread, spreads
from .sample import SHARES, Sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: The columns that are kept as a course, besides every gauge.
COURSES = ("cpu", "rss")
#: So many points has a course at most.
MOST = 300


def courses(samples: Sequence[Sample], of: str, since: float = 0.0) -> list[Course]:
    """The courses of one run, each of at most MOST points; those of which nothing was ever read are left out.

    of     the benchmark that the figures of these samples are filed under
    since  seconds from what the courses count from to the beginning of this watch
    """
    gauges = {gauge.name for gauge in samples[-1].gauges} if samples else set()
    return [
        _course(samples, spread, of, since)
        for spread in spreads(samples)
        if spread.name in COURSES or spread.name in gauges
    ]


def _course(samples: Sequence[Sample], spread: Spread, of: str, since: float) -> Course:
    x = np.array([sample.seconds for sample in samples])
    read = (sample.value(spread.name) for sample in samples)
    y = np.array([np.nan if value is None else value for value in read])
    there = np.flatnonzero(np.isfinite(y))
    whole = slice(there[0], there[-1] + 1) if len(there) else slice(0)
    x, y = _thinned(x[whole], y[whole])
    return Course(
        of, spread.name, spread.unit, tuple(round(second + since, 3) for second in x.tolist()),
        tuple(float(f"{value:.6g}") for value in y.tolist()), spread.low, spread.mean, spread.high, spread.n,
        share=spread.name in SHARES,
    )  # fmt: skip


def _thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The lowest and the highest point of each stretch, both ends, and a NaN for each hole that is wide enough to see.

    A hole of more than two stretches leaves one of them empty, so that its NaN takes the place of two points: there are
    never more than MOST.
    """
    if len(x) <= MOST:
        return x, y
    places = np.flatnonzero(np.isfinite(y))
    known_x, known_y = x[places], y[places]
    if len(places) < 2:
        return known_x, known_y
    keep, width = extremes(known_x, known_y, MOST // 2 - 1)
    keep = np.union1d(keep, [0, len(places) - 1])
    holes = (np.diff(places) > 1) & (np.diff(known_x) > 2 * width)
    first_lost = x[places[:-1][holes] + 1]
    seconds = np.concatenate([known_x[keep], first_lost])
    values = np.concatenate([known_y[keep], np.full(len(first_lost), np.nan)])
    order = np.argsort(seconds, kind="stable")
    return seconds[order], values[order]
