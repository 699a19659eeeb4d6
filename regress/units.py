"""Base units on entry, human units on exit: one function each way.

Inside the program a time is in seconds (`s`), an amount of memory in bytes (`B`), a throughput in `1/s`
and a ratio or a count in `1`. Any other unit is kept as it is written and never scaled.

    to_base(12.4, "ms")     -> (0.0124, "s")
    human(0.0124, "s")      -> "12.4 ms"
    common_scale([…], "s")  -> Scale(factor=1000.0, label="ms"), for a column or an axis
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

SECONDS, BYTES, PER_SECOND, ONE = "s", "B", "1/s", "1"

_TIME = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0}
# Decimal prefixes are powers of 1,000 and binary ones powers of 1,024, as SI and IEC 80000-13 define them.
_SIZE = {"B": 1.0, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
_SIZE |= {"KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40}
_WORDS = {
    "second": "s", "seconds": "s", "sec": "s", "secs": "s", "milliseconds": "ms", "millisecond": "ms", "msec": "ms",
    "microseconds": "us", "microsecond": "us", "usec": "us", "nanoseconds": "ns", "nanosecond": "ns", "nsec": "ns",
    "minutes": "min", "hours": "h", "byte": "B", "bytes": "B", "kib": "KiB", "mib": "MiB", "gib": "GiB",
    "ops/s": "1/s", "op/s": "1/s", "ops/sec": "1/s", "iter/sec": "1/s", "req/s": "1/s", "requests/s": "1/s",
    "hz": "1/s", "/s": "1/s", "per second": "1/s",
}  # fmt: skip


class Scale(NamedTuple):
    """How to show a base unit: shown = value * factor, followed by `label`."""

    factor: float
    label: str


def to_base(value: float, unit: str) -> tuple[float, str]:
    """`value` in `unit` as a value in its base unit; an unknown unit is returned unchanged."""
    factor, base = base_of(unit)
    return value * factor, base


def base_of(unit: str) -> tuple[float, str]:
    """The factor and the base unit of `unit`: ("ms") -> (0.001, "s"), ("%") -> (0.01, "1")."""
    word = unit.strip()
    word = _WORDS.get(word.lower(), word)
    if word in _TIME:
        return _TIME[word], SECONDS
    if word in _SIZE:
        return _SIZE[word], BYTES
    if word == PER_SECOND:
        return 1.0, PER_SECOND
    if word == "%":
        return 0.01, ONE
    if word in ("", ONE):
        return 1.0, ONE
    return 1.0, word


# Note: bytes are shown with binary prefixes, as the tools that people compare with (ps, memray, asv) do.
_LADDERS: dict[str, list[tuple[float, str]]] = {
    SECONDS: [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")],
    BYTES: [(2.0**40, "TiB"), (2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "B")],
    PER_SECOND: [(1e9, "G/s"), (1e6, "M/s"), (1e3, "k/s"), (1.0, "/s")],
}


def scale_of(value: float, unit: str) -> Scale:
    """The scale in which `value` has one to three digits before the point where the unit allows it."""
    ladder = _LADDERS.get(unit)
    if ladder is None:
        return Scale(1.0, "" if unit == ONE else unit)
    size = abs(value)
    for step, label in ladder:
        if size >= step * 0.9995:
            return Scale(1.0 / step, label)
    if size == 0:
        return Scale(1.0, "B" if unit == BYTES else ladder[0][1] if unit == SECONDS else "/s")
    step, label = ladder[-1]
    return Scale(1.0 / step, label)


def common_scale(values: Iterable[float], unit: str) -> Scale:
    """One scale for a column or an axis: that of the smallest positive value, so that no row loses its digits."""
    sizes = [abs(v) for v in values if math.isfinite(v) and v]
    return scale_of(min(sizes), unit) if sizes else scale_of(0.0, unit)


def human(value: float, unit: str, *, digits: int = 3) -> str:
    """`value` (in a base unit) for people, with `digits` significant digits: `12.4 ms`, `1.2 MiB`, `-`."""
    if not math.isfinite(value):
        return "-"
    scale = scale_of(value, unit)
    number = significant(value * scale.factor, digits)
    return f"{number} {scale.label}".rstrip()


def significant(value: float, digits: int = 3) -> str:
    """`value` with `digits` significant digits and no exponent up to a million: 0.0123, 12.3, 1230."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "-"
    if float(value).is_integer() and abs(value) < 1e6:
        return str(int(value))
    rounded = float(f"{value:.{digits - 1}e}")  # 0.9999 is shown as 1.00, so it has one digit before the point
    whole = math.floor(math.log10(abs(rounded))) + 1
    if whole > 9 or whole < -5:
        return f"{value:.{digits - 1}e}"
    return f"{value:.{max(digits - whole, 0)}f}"


def signed_percent(ratio: float) -> str:
    """A relative change for people, always with its sign: `+12.3%`, `-3.1%`, `+210%`, `~0%`."""
    if not math.isfinite(ratio):
        return "+∞%" if ratio > 0 else "-"
    percent = ratio * 100
    if abs(percent) < 0.05:
        return "~0%"
    return f"{percent:+.0f}%" if abs(percent) >= 99.95 else f"{percent:+.1f}%"


def elapsed(seconds: float) -> str:
    """A stretch of time as people say it: `1.20 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 60:
        return human(seconds, SECONDS) if seconds else "0 s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def percent(share: float) -> str:
    """A share as people write a tolerance: .1 is `10%`, .005 is `0.5%`."""
    return f"{share * 100:.3g}%"
