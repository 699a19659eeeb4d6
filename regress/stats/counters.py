"""Exact counters: where every change is a change, without a test."""

from __future__ import annotations

import numpy as np

from .noise import Floats

#: A counter that moves at more than one point in eight has jitter, and is searched like any noisy series.
_MOST_MOVES = 0.125
#: What is equal up to this share is equal: sums of the same numbers in another order differ in the last bits.
_EQUAL = 1e-12


def counted(values: Floats) -> list[int] | None:
    """The first index of each new value; None where values move so often that it must be jitter."""
    if len(values) < 2:
        return []
    moved = np.abs(np.diff(values)) > _EQUAL * np.maximum(np.abs(values[1:]), np.abs(values[:-1]))
    cuts = (np.flatnonzero(moved) + 1).tolist()
    # A short counter may move twice before that says anything.
    return cuts if len(cuts) <= max(2, int(_MOST_MOVES * len(values))) else None
