"""The vertical axis: bounds that do not make noise look like news, and ticks on nice numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..units import Scale, scale_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# A range of less than a tenth of the level is not enlarged further: one per cent of noise is to look like one.
LEAST_RANGE = 0.10
# Eight lines about 100 % need more: enlarged so far, the noise of all of them hides what one of them does.
LEAST_RANGE_PERCENT = 0.30
PADDING = 0.08
TICKS = 5
PERCENT = "%"


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis: `at` in per cent of the picture from its top or left, and its text."""

    at: float
    label: str
    minor: bool = False  # left out where there is little room


@dataclass(frozen=True, slots=True)
class YScale:
    """From values to heights, between the bounds `lo` and `hi`."""

    lo: float
    hi: float
    ticks: tuple[Tick, ...]

    def down(self, values: Floats) -> Floats:
        """How far from the top, 0 to 1 inside of the bounds."""
        return down(values, self.lo, self.hi)


def down(values: Floats, lo: float, hi: float) -> Floats:
    """The share of the height from the top; values outside of the bounds are kept near to the picture."""
    return np.clip((hi - values) / (hi - lo), -0.5, 1.5)


def bounds(values: Floats, least: float = LEAST_RANGE) -> tuple[float, float]:
    """Bounds with room around `values`, at least `least` of their level wide, and zero where that is near."""
    lo, hi = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    level = float(np.median(np.abs(values))) if len(values) else 1.0
    lack = least * (level or 1.0) - (hi - lo)
    if lack > 0:
        lo, hi = lo - lack / 2, hi + lack / 2
    room = (hi - lo) * PADDING
    padded = lo - room
    if len(values) and values.min() >= 0 and lo < 0.25 * hi:
        padded = 0.0
    return padded, hi + room


def y_scale(values: Floats, unit: str) -> YScale:
    """A scale with room for `values`, its ticks in `unit`; PERCENT has ticks such as 100 %."""
    percent = unit == PERCENT
    lo, hi = bounds(values, LEAST_RANGE_PERCENT if percent else LEAST_RANGE)
    scale = Scale(100.0, "%") if percent else scale_of(max(abs(lo), abs(hi)), unit)
    return YScale(lo, hi, _ticks(lo, hi, scale))


def _ticks(lo: float, hi: float, scale: Scale) -> tuple[Tick, ...]:
    step = nice((hi - lo) * scale.factor / TICKS)
    first, last = math.ceil(lo * scale.factor / step - 1e-9), math.floor(hi * scale.factor / step + 1e-9)
    shown = [(number * step / scale.factor, _text(number * step, step, scale)) for number in range(first, last + 1)]
    return tuple(Tick(_percent((hi - value) / (hi - lo)), label) for value, label in shown)


def nice(step: float) -> float:
    """The smallest of 1, 2, 2.5 or 5 times a power of ten that is not below `step`."""
    power = 10.0 ** math.floor(math.log10(step))
    return next((nice * power for nice in (1, 2, 2.5, 5) if nice * power >= step * (1 - 1e-9)), 10 * power)


def _text(number: float, step: float, scale: Scale) -> str:
    if not 1e-6 < step < 1e9:
        return f"{number:.4g} {scale.label}".rstrip()
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if round(step * 10**decimals) / 10**decimals != round(step, 12):
        decimals += 1  # a step of 2.5 needs one more
    return f"{number + 0.0:.{decimals}f} {scale.label}".rstrip()


def _percent(share: float) -> float:
    return round(share * 100, 2)
