"""Columns of numbers as short text, for scripts to read: what a trend page draws.

A number is an unsigned integer in a little-endian base of 24 "more follows" digits, ended by one of 62 last digits, so
that what is below 62 is one character. Signed ones are folded (0, -1, 1, -2 ... are 0, 1, 2, 3). A column is the
difference of each value to the one before it; "~" and a number n stand for a hole of n + 1 places. Noisy values are
steps of 0.1 % (a value is 1.001 to the power of its integer), exact ones integers of their own unit.

Note: decimal deltas with commas are 3.4 bytes a point and this 1.7, packed 1.2 and 1.1; and this is made by NumPy for
many columns at once, a fifth of the time. The reader is `templates/static/data.js`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..model import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: None of these needs an escape in JSON or in HTML.
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MORE = "!#$%()*+,-./:;=?@[]^_{|}"
HOLE = "~"

QUANTUM = math.log(1.001)
#: Folded, it is still exact as a number of JavaScript.
_LARGEST = 2.0**51
#: An exact metric that is no integer, such as a share, keeps up to so many decimals.
_DECIMALS = 6
#: What can be neither: a noisy metric with zeros or negative values. A step is so small a part of the largest value.
_PARTS = 1e4

_LAST = np.frombuffer(DIGITS.encode(), dtype=np.uint8)
_MORE = np.frombuffer(MORE.encode(), dtype=np.uint8)


def quantised(values: Floats, kind: Kind) -> tuple[float, Ints]:
    """The step of a column's scale (0: steps of 0.1 %), and its values as integers of it; all values are finite."""
    largest = float(np.abs(values).max(initial=0.0))
    if kind is Kind.EXACT:
        for decimals in range(_DECIMALS + 1):
            scaled = values * 10.0**decimals
            whole = np.rint(scaled)
            if largest * 10.0**decimals < _LARGEST and np.allclose(scaled, whole, rtol=1e-12, atol=1e-9):
                return _step(-decimals), whole.astype(np.int64)
    if len(values) and values.min() > 0:
        return 0.0, np.rint(np.log(values) / QUANTUM).astype(np.int64)
    step = _step(math.floor(math.log10(largest / _PARTS))) if largest else 1.0
    return step, np.rint(values / step).astype(np.int64)


def _step(power: int) -> float:
    return float(f"1e{power}")  # exact to the last digit, as a power of a float is not


def columns(parts: Sequence[tuple[Ints, Ints]]) -> list[str]:
    """The text of each column of (ascending places, values); a column begins at its own first place."""
    if not parts:
        return []
    sizes = np.array([len(places) for places, _ in parts])
    first = (np.cumsum(sizes) - sizes)[sizes > 0]
    values = np.concatenate([values for _, values in parts])
    places = np.concatenate([places for places, _ in parts])
    deltas, gaps = np.diff(values, prepend=0), np.diff(places, prepend=0) - 1
    deltas[first], gaps[first] = values[first], 0
    return _texts(_folded(deltas), gaps, sizes)


def numbers(values: Sequence[int]) -> str:
    """Signed integers as they are, one after the other."""
    folded = _folded(np.array(values, dtype=np.int64))
    return _texts(folded, np.zeros(len(folded), dtype=np.int64), np.array([len(folded)]))[0]


def _folded(values: Ints) -> Ints:
    return np.where(values >= 0, 2 * values, -2 * values - 1)


def _texts(folded: Ints, gaps: Ints, sizes: Ints) -> list[str]:
    """The text of each of several columns that stand one after the other, `sizes` long."""
    holes = np.flatnonzero(gaps > 0)
    # A hole is a number of its own before its point; `own` is where the points' numbers go.
    own = np.arange(len(folded)) + np.cumsum(gaps > 0)
    tokens = np.zeros(len(folded) + len(holes), dtype=np.int64)
    tokens[own] = folded
    marked = np.zeros(len(tokens), dtype=np.int64)
    marked[own[holes] - 1] = 1
    tokens[own[holes] - 1] = gaps[holes] - 1
    lengths, last = _lengths(tokens)
    ends = np.cumsum(lengths + marked)
    starts = ends - lengths
    out = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    out[(starts - 1)[marked == 1]] = ord(HOLE)
    rest, at = tokens.copy(), starts.copy()
    while (long := rest >= len(DIGITS)).any():
        out[at[long]] = _MORE[rest[long] % len(MORE)]
        rest[long] //= len(MORE)
        at += long
    out[at] = _LAST[last]
    stops = np.append(0, ends)[np.append(0, (own + 1))[np.cumsum(sizes)]].tolist()
    text = out.tobytes().decode("ascii")
    return [text[start:stop] for start, stop in zip([0, *stops[:-1]], stops, strict=True)]


def _lengths(tokens: Ints) -> tuple[Ints, Ints]:
    """How many characters each number takes, and the last digit of each."""
    lengths, rest = np.ones(len(tokens), dtype=np.int64), tokens.copy()
    while (long := rest >= len(DIGITS)).any():
        lengths += long
        rest[long] //= len(MORE)
    return lengths, rest
