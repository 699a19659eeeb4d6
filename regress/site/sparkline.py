"""Sparklines: the last fifty commits of a line in a box the size of a word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import path
from .lines import Line
from .scale import bounds, down
from .wording import value

# Drawn 120 pixels wide: less than half a pixel a unit, and each of 49 steps six whole units: what repeats packs well.
WIDTH, HEIGHT = 318, 74
INSET = 12
COMMITS = 50


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Paths in a box of 318 x 74 units; `text` says the same in words.

    `stale`: the line ends more than fifty commits before the newest one.
    """

    line: str
    dot: str
    failed: str
    text: str
    stale: bool


def sparkline(line: Line) -> Sparkline:
    """The last fifty commits of the axis, or the last fifty up to the line's end where that lies further back."""
    end = len(line.axis) - 1
    newest = max([int(line.positions[-1]) if len(line.positions) else 0, *(place for place, _, _ in line.failed)])
    stale = newest <= end - COMMITS
    if stale:
        end = newest
    first = max(0, end - COMMITS + 1)
    begin = int(np.searchsorted(line.positions, first))
    positions, values = line.positions[begin:], line.values[begin:]
    x = _across(positions, first, end)
    lo, hi = bounds(values)
    y = INSET + down(values, lo, hi) * (HEIGHT - 2 * INSET)
    failed = [place for place, status, _ in line.failed if place >= first and status == "failed"]
    marks = "".join(_cross(at) for at in _across(np.array(failed, dtype=np.int64), first, end).tolist())
    dot = path.dot(x[-1], y[-1]) if len(x) else ""
    return Sparkline(path.line(x, y, line.breaks[begin:]), dot, marks, _text(line, begin, len(failed)), stale)


def _across(positions: np.ndarray, first: int, end: int) -> np.ndarray:
    return np.asarray(INSET + (positions - first) / max(end - first, 1) * (WIDTH - 2 * INSET))


def _cross(x: float) -> str:
    left, top, size = round(x) - 7, HEIGHT - 16, 14
    return f"M{left} {top}l{size} {size}m0 -{size}l-{size} {size}"


def _text(line: Line, begin: int, failed: int) -> str:
    values, metric = line.values[begin:], line.key.metric
    if not len(values):
        return "no values"
    text = f"{len(values)} values from {value(float(values.min()), metric)} to {value(float(values.max()), metric)}"
    return f"{text}, {failed} failed" if failed else text
