"""Limits that are judged while something runs: said once when one is broken, and once when it is kept again.

`cpu < 70%`, `rss < 1 GB`, `load < 4`, `queue < 1000`: a column of the samples or a gauge on the left, a figure in a
unit that fits it on the right. A sample without the figure leaves things as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ...errors import UsageError
from ...model import BudgetState, Limit, written
from ...units import ONE
from .sample import COLUMNS, Sample


@dataclass(frozen=True, slots=True)
class Event:
    """A limit that was broken (`broken`), or is kept again: when, with which value, and how long it was broken."""

    limit: Limit
    broken: bool
    at: datetime
    seconds: float
    value: float
    lasted: float = 0.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a limit: `worst` is the value nearest to it or farthest beyond, None where it was never seen.

    times    how often it was broken; `seconds`: how long in all, up to the last sample
    """

    limit: Limit
    state: BudgetState
    times: int
    seconds: float
    worst: float | None


class Guard:
    """Watches one limit."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._broken_since: float | None = None
        self._times = 0
        self._seconds = 0.0
        self._last = 0.0
        self._worst: float | None = None

    def see(self, sample: Sample) -> Event | None:
        """The event of one sample, where it changes anything."""
        value = sample.value(self.limit.left)
        if value is None:
            return None
        self._last = sample.seconds
        upper = self.limit.operator in ("<", "<=")
        if self._worst is None or (value > self._worst) == upper:
            self._worst = value
        holds, since = self.limit.holds(value), self._broken_since
        if not holds and since is None:
            self._broken_since = sample.seconds
            self._times += 1
            return Event(self.limit, True, sample.at, sample.seconds, value)
        if holds and since is not None:
            self._broken_since = None
            lasted = sample.seconds - since
            self._seconds += lasted
            return Event(self.limit, False, sample.at, sample.seconds, value, lasted)
        return None

    def kept(self) -> Kept:
        """What became of it so far."""
        open_for = self._last - self._broken_since if self._broken_since is not None else 0.0
        if self._worst is None:
            state = BudgetState.UNJUDGED
        else:
            state = BudgetState.BREACHED if self._times else BudgetState.MET
        return Kept(self.limit, state, self._times, self._seconds + open_for, self._worst)


def guards(texts: Sequence[str], gauges: Sequence[str] = ()) -> list[Guard]:
    """Limits as they are written, each watched. Raises UsageError for one that could never be judged."""
    return [Guard(_limit(text, gauges)) for text in texts]


def _limit(text: str, gauges: Sequence[str]) -> Limit:
    where = f"limit {text!r}"
    try:
        limit = written.limit(text)
    except ValueError as error:
        raise UsageError(str(error), where=where) from None
    if limit.left not in COLUMNS and limit.left not in gauges:
        known = ", ".join((*COLUMNS, *gauges))
        raise UsageError(f"there is no figure {limit.left!r}", where=where, hint=f"these are known: {known}")
    unit = COLUMNS.get(limit.left)
    if unit is not None and limit.unit not in ("", unit):
        shown = "a share or a number" if unit == ONE else unit
        raise UsageError(f"{limit.left} is in {shown}, the limit is in {limit.unit}", where=where)
    return limit
