"""Tracks to measure with, always the same ones."""

from __future__ import annotations

import random
from math import cos, sin


def walk(points: int, seed: int = 1) -> str:
    """A track as a receiver writes it: a winding way with some noise."""
    chance = random.Random(seed)
    lines = []
    for place in range(points):
        north = 47 + place * 2e-5 + 3e-4 * sin(place / 23) + chance.gauss(0, 1e-5)
        east = 11 + place * 1e-5 + 4e-4 * cos(place / 31) + chance.gauss(0, 1e-5)
        lines.append(f"{north:.6f},{east:.6f},{600 + 40 * sin(place / 50):.1f},{place}")
    return "\n".join(lines)
