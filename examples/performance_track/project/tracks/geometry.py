"""Measures tracks, and thins them out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import asin, cos, hypot, radians, sin, sqrt

from . import faults
from .parse import Point

_EARTH = 6_371_000.0
_DEGREE = 111_195.0


def length(points: Sequence[Point]) -> float:
    """Metres along a track, on a sphere."""
    return sum(_apart(one, other) for one, other in pairwise(points))


def _apart(one: Point, other: Point) -> float:
    north = sin(radians(other.latitude - one.latitude) / 2) ** 2
    east = sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * _EARTH * asin(sqrt(north + cos(radians(one.latitude)) * cos(radians(other.latitude)) * east))


def thin(points: Sequence[Point], metres: float = 5.0) -> list[Point]:
    """The fewest points from which none of the others lies further away than so many metres (Douglas and Peucker)."""
    faults.on_thin()
    kept = {0, len(points) - 1}
    todo = [(0, len(points) - 1)]
    while todo:
        first, last = todo.pop()
        place, distance = _furthest(points, first, last)
        if distance > metres:
            kept.add(place)
            todo += [(first, place), (place, last)]
    return [points[place] for place in sorted(kept) if place >= 0]


def _furthest(points: Sequence[Point], first: int, last: int) -> tuple[int, float]:
    """Which point between two lies furthest from the line through them, and how far."""
    if last - first < 2:
        return first, 0.0
    start, end = points[first], points[last]
    stretch = cos(radians(start.latitude))
    north, east = end.latitude - start.latitude, (end.longitude - start.longitude) * stretch
    span = hypot(north, east) or 1e-12
    found, most = first, 0.0
    for place in range(first + 1, last):
        up = points[place].latitude - start.latitude
        right = (points[place].longitude - start.longitude) * stretch
        distance = abs(up * east - right * north) / span
        if distance > most:
            found, most = place, distance
    return found, most * _DEGREE
