"""Small pictures of changes on one axis: what was measured, how sure it is, what unchanged code shows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..model import Confirmation, Verdict
from ..units import signed_percent
from .scale import Tick

WIDTH, HEIGHT = 1600, 240
#: Beyond an eighth and eightfold a mark stands at the edge, or the others would be too small to be seen.
MOST = math.log(8)
#: The axis is at least this wide to both sides: a change of 1 % is not to look like a catastrophe.
LEAST = math.log(1.05)
#: Ticks nearer to each other than this share of the width would touch.
APART = 0.19
_ROUND = (7.0, 3.0, 1.0, 0.5, 0.25, 0.2, 0.1, 0.05, 0.02, -0.02, -0.05, -0.1, -0.2, -0.33, -0.5, -0.75, -0.87)


@dataclass(frozen=True, slots=True)
class Strip:
    """One change as paths: `line` its interval, `dot` itself, `band` what is noise, `limit` the tolerance."""

    text: str
    line: str
    dot: str
    band: str
    limit: str
    zero: str


@dataclass(frozen=True, slots=True)
class ChangeAxis:
    """From a relative change to a place: logarithmic, so that twice as slow and twice as fast weigh the same."""

    lo: float
    hi: float

    @classmethod
    def of(cls, changes: Iterable[float]) -> ChangeAxis:
        """An axis with room for `changes`, and for 0."""
        places = [_place(change) for change in changes if not math.isnan(change)]
        lo, hi = min([-LEAST, *places]), max([LEAST, *places])
        room = (hi - lo) * 0.06
        return cls(lo - room, hi + room)

    def share(self, change: float) -> float:
        """Where a change stands, 0 at the left end to 1 at the right one."""
        return min(max((_place(change) - self.lo) / (self.hi - self.lo), 0.0), 1.0)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Zero and round changes, the outermost first chosen, none so near to another that they touch."""
        chosen = [0.0]
        for change in sorted(_ROUND, key=abs, reverse=True):
            apart = all(abs(self.share(change) - self.share(other)) >= APART for other in chosen)
            if self.lo < _place(change) < self.hi and apart and 0.04 < self.share(change) < 0.96:
                chosen.append(change)
        return tuple(Tick(round(self.share(c) * 100, 2), _label(c)) for c in sorted(chosen))


def axis_of(verdicts: Sequence[Verdict]) -> ChangeAxis:
    """One axis for all that is drawn of these verdicts."""
    changes: list[float] = []
    for verdict in verdicts:
        again = verdict.confirmation
        changes += [again.change, again.lo, again.hi] if again else [verdict.comparison.change]
    return ChangeAxis.of(changes)


def strip_of(verdict: Verdict, axis: ChangeAxis) -> Strip | None:
    """The picture of one verdict: its confirmation where it has one; None where there is no change to draw."""
    again = verdict.confirmation
    if again and not math.isnan(again.change):
        return _confirmed(again, verdict, axis)
    change, noise = verdict.comparison.change, verdict.comparison.noise
    if math.isnan(change):
        return None
    said = f"{_label(change)}"
    band = ""
    if math.isfinite(noise) and noise > 0:
        said += f", where runs of unchanged code stay within ±{noise:.1%}"
        band = _bar(axis, -noise, noise)
    return Strip(said, "", _at(axis, change), band, _limit(verdict, axis), _upright(axis, 0.0))


def _confirmed(again: Confirmation, verdict: Verdict, axis: ChangeAxis) -> Strip:
    lo = -1.0 if math.isnan(again.lo) else again.lo
    hi = math.inf if math.isnan(again.hi) else again.hi
    left, right = _x(axis, lo), _x(axis, hi)
    middle, end = HEIGHT // 2, HEIGHT // 5
    line = f"M{left} {middle}H{right}"
    # An open end has no stop: the interval goes on beyond the picture.
    line += "" if math.isnan(again.lo) else f"M{left} {middle - end}v{2 * end}"
    line += "" if math.isnan(again.hi) else f"M{right} {middle - end}v{2 * end}"
    said = f"{_label(again.change)}, {interval_in_words(again)}"
    return Strip(said, line, _at(axis, again.change), "", _limit(verdict, axis), _upright(axis, 0.0))


def interval_in_words(again: Confirmation) -> str:
    """`between +10.0% and +28.0%`, `at least …`, `at most …`, or that nothing bounds it."""
    lo, hi = math.isnan(again.lo), math.isnan(again.hi)
    if lo and hi:
        return "without bounds"
    if lo or hi:
        return f"at most {_label(again.hi)}" if lo else f"at least {_label(again.lo)}"
    return f"between {_label(again.lo)} and {_label(again.hi)}"


def _limit(verdict: Verdict, axis: ChangeAxis) -> str:
    """The tolerance as a mark on the side that is worse; "" where it is not known or outside of the picture."""
    again, policy = verdict.confirmation, verdict.policy
    given = again.tolerance if again else policy.tolerance.relative if policy else math.nan
    direction = verdict.comparison.key.metric.direction.value
    if not math.isfinite(given) or given <= 0 or direction == "unknown":
        return ""
    change = given if direction == "lower" else max(-given, -0.999)
    return _upright(axis, change) if axis.lo < _place(change) < axis.hi else ""


def _place(change: float) -> float:
    return MOST if change >= 7.0 else max(math.log1p(max(change, -0.999)), -MOST)


def _x(axis: ChangeAxis, change: float) -> int:
    return round(axis.share(change) * WIDTH)


def _at(axis: ChangeAxis, change: float) -> str:
    return f"M{_x(axis, change)} {HEIGHT // 2}h0"


def _upright(axis: ChangeAxis, change: float) -> str:
    return f"M{_x(axis, change)} 0v{HEIGHT}"


def _bar(axis: ChangeAxis, lo: float, hi: float) -> str:
    left, right = _x(axis, lo), _x(axis, hi)
    return f"M{left} {HEIGHT // 4}H{right}V{HEIGHT * 3 // 4}H{left}z"


def _label(change: float) -> str:
    if change == 0:
        return "0%"
    return signed_percent(change).replace("-", "−").replace(".0%", "%")
