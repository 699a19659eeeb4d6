"""Reads a track as a receiver writes it: a line for each point, latitude, longitude, height, seconds."""

from __future__ import annotations

from typing import NamedTuple


class Point(NamedTuple):
    """Where somebody was: degrees, metres above the sea, seconds since the first point."""

    latitude: float
    longitude: float
    height: float
    seconds: float


class BadTrackError(ValueError):
    """What is wrong with a track."""


def parse(text: str) -> list[Point]:
    """The points of a track; empty lines are left out."""
    points = []
    for line in text.splitlines():
        if not line:
            continue
        try:
            points.append(Point(*map(float, line.split(","))))
        except (TypeError, ValueError):
            raise BadTrackError("a point that is none") from None
    return points
