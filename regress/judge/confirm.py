"""Decides a suspect from pairs of processes: base and head measured in turn on one machine.

One figure a process and side; the unit of evidence is the pair. Which figure (minimum, median or mean) is settled by
the pairs of the first look, by how far each side scatters around its own middle, which knows nothing of how far the
sides lie apart. What a look then says is `stats.sequential`; here are the suspects' words: tolerances in shares and
units, metrics of which more is better, exact metrics, which one pair decides.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..model import Direction, Kind, Outcome
from ..model.confirmation import Confirmation, Suspect
from ..stats.sequential import Call, Look, Looks, look
from ..units import human, signed_percent
from .verdict import NOT_JUDGED, PRECEDENCE, STATUSES, UNCOMPARED

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The figures that "auto" chooses from; one that is noisier by less than a tenth goes first if it stands first.
CHOICES = ("median", "min", "mean", "value")
_CLEARLY = 0.9
#: Minima of very different numbers of rounds are not alike: more rounds find a lower one.
_ROUNDS_APART = 2.0


@dataclass(frozen=True, slots=True)
class Pair:
    """The figures of one benchmark and metric in one process of each side, by statistic, in base units."""

    base: Mapping[str, float]
    head: Mapping[str, float]


def judged(suspect: Suspect, pairs: Sequence[Pair], looks: Looks, *, two_sided: bool = False) -> Confirmation:
    """What the pairs say of a suspect; `open` where more pairs could say more.

    `two_sided` goes on for an improvement, too; without it, what is surely not worse is measured no more.
    """
    first = pairs[: looks.pairs[0]]
    statistic = statistic_of(suspect, first)
    found = Confirmation(suspect.key, Outcome.INCONCLUSIVE, "", statistic, error=sum(looks.red), open=True)
    if not pairs:
        return replace(found, reason="not measured yet")
    if not statistic:
        wanted = "figure" if suspect.statistic == "auto" else suspect.statistic
        return replace(found, reason=f"the results hold no {wanted} of both sides", open=False)
    base, head = (np.array([side[statistic] for side in sides]) for sides in _sides(pairs, statistic))
    found = replace(found, base=tuple(base.tolist()), head=tuple(head.tolist()))
    if suspect.key.metric.kind is Kind.EXACT:
        return _exact(suspect, found)
    if (base <= 0).any() or (head <= 0).any():
        return replace(found, reason="a figure is not above zero, so that there is no ratio", open=False)
    return _noisy(suspect, found, looks, two_sided=two_sided)


def _sides(pairs: Sequence[Pair], statistic: str) -> tuple[list[Mapping[str, float]], list[Mapping[str, float]]]:
    """The pairs of which both sides have the figure."""
    whole = [pair for pair in pairs if statistic in pair.base and statistic in pair.head]
    return [pair.base for pair in whole], [pair.head for pair in whole]


def statistic_of(suspect: Suspect, pairs: Sequence[Pair]) -> str:
    """The figure to compare by: the one asked for, else the least noisy one; "" where no pair has it on both sides."""
    there = [
        name
        for name in (CHOICES if suspect.statistic == "auto" else (suspect.statistic,))
        if pairs and all(name in pair.base and name in pair.head for pair in pairs)
    ]
    if "min" in there and len(there) > 1 and _rounds_apart(pairs) > _ROUNDS_APART:
        there.remove("min")
    best, least = "", math.inf
    for name in there:
        spread = scatter([p.base[name] for p in pairs], [p.head[name] for p in pairs])
        if not best or spread < _CLEARLY * least:
            best, least = name, spread
    return best


def _rounds_apart(pairs: Sequence[Pair]) -> float:
    """How many times as many rounds one side has."""
    ratios = [pair.head["n"] / pair.base["n"] for pair in pairs if pair.base.get("n") and pair.head.get("n")]
    return math.exp(abs(math.log(float(np.median(ratios))))) if ratios else 1.0


def scatter(base: Sequence[float], head: Sequence[float]) -> float:
    """How far each side's figures lie from their own middle: the mean absolute deviation of the logarithms."""
    sides = [np.array(side) for side in (base, head)]
    if any((side <= 0).any() for side in sides):
        return math.inf
    logs = [np.log(side) for side in sides]
    return float(np.mean([np.abs(side - np.median(side)).mean() for side in logs]))


def limit_of(suspect: Suspect, base: NDArray[np.float64]) -> float:
    """The tolerance as a share of the base: a change is too much beyond the relative and the absolute one, both."""
    middle = abs(float(np.median(base)))
    absolute = suspect.tolerance.absolute
    return max(suspect.tolerance.relative, absolute / middle if middle else math.inf if absolute else 0.0)


def _noisy(suspect: Suspect, found: Confirmation, looks: Looks, *, two_sided: bool) -> Confirmation:
    base, head = np.array(found.base), np.array(found.head)
    share = limit_of(suspect, base)
    sign = -1.0 if suspect.key.metric.direction is Direction.HIGHER else 1.0
    # The same share is another logarithm upwards than downwards: +100 % is twice, -50 % is half.
    limit = sign * math.log1p(sign * share) if sign * share > -1 else math.inf
    seen = look(sign * np.log(head / base), looks, limit, two_sided=two_sided)
    taken = sum(1 for n in looks.pairs if n <= len(base))
    ends = sorted(_relative(sign * end) for end in (seen.lo, _upper(seen)))
    change = _relative(sign * seen.centre)
    found = replace(found, change=change, lo=ends[0], hi=ends[1], tolerance=share, looks=taken)
    if suspect.key.metric.direction is Direction.UNKNOWN and seen.call in (Call.REGRESSED, Call.IMPROVED):
        reason = f"{_sized(found)}, and nothing says which way is better"
        return replace(found, outcome=Outcome.INCONCLUSIVE, reason=reason, open=False)
    if seen.call is not Call.OPEN:
        return replace(
            found, outcome=Outcome(seen.call.value), reason=_reason(found, seen.call, sign, limit), open=False
        )
    is_open = len(base) < looks.pairs[-1]
    return replace(found, reason=_undecided(found, sign), open=is_open)


def _relative(logarithm: float) -> float:
    """A logarithm of a ratio as a relative change; what no float can hold is infinite."""
    return math.expm1(logarithm) if logarithm < 700 else math.inf


def _upper(seen: Look) -> float:
    """The end for the better claim, where that was the claim."""
    return seen.highest if seen.call is Call.IMPROVED else seen.hi


def _sized(found: Confirmation) -> str:
    lo, hi = (signed_percent(end) if math.isfinite(end) else "any" for end in (found.lo, found.hi))
    return f"{signed_percent(found.change)} ({lo} to {hi}) over {found.pairs} pairs of processes"


def _reason(found: Confirmation, call: Call, sign: float, limit: float) -> str:
    tolerance = signed_percent(sign * found.tolerance)
    if call is Call.REGRESSED:
        return f"{_sized(found)}: worse than {tolerance}"
    if call is Call.IMPROVED:
        return f"{_sized(found)}: better than {signed_percent(_relative(-sign * limit))}"
    return f"{_sized(found)}: not worse than {tolerance}"


def _undecided(found: Confirmation, sign: float) -> str:
    if not math.isfinite(found.change):
        return f"{found.pairs} pairs of processes are too few for a look"
    tolerance = signed_percent(sign * found.tolerance)
    return f"{_sized(found)}: neither surely worse than {tolerance} nor surely not"


def _exact(suspect: Suspect, found: Confirmation) -> Confirmation:
    """One pair decides: two runs of the same code do not differ."""
    base, head = found.base[0], found.head[0]
    metric = suspect.key.metric
    difference = head - base
    change = difference / abs(base) if base else math.copysign(math.inf, difference) if difference else 0.0
    share = limit_of(suspect, np.array([base]))
    found = replace(
        found, base=(base,), head=(head,), change=change, lo=change, hi=change, tolerance=share, looks=1, open=False,
    )  # fmt: skip
    sides = f"{human(base, metric.unit)} and {human(head, metric.unit)}, an exact metric"
    if abs(change) <= share:
        same = "the same on both sides" if not difference else "within the tolerance"
        return replace(found, outcome=Outcome.UNCHANGED, reason=f"{sides}: {same}")
    if metric.direction is Direction.UNKNOWN:
        return replace(found, reason=f"{sides}: it changed, and nothing says which way is better")
    is_worse = (difference > 0) == (metric.direction is Direction.LOWER)
    word = "worse" if is_worse else "better"
    outcome = Outcome.REGRESSED if is_worse else Outcome.IMPROVED
    return replace(found, outcome=outcome, reason=f"{sides}: {signed_percent(change)}, {word}")


def trial_status(confirmations: Sequence[Confirmation]) -> int:
    """The exit status of a comparison of two sides: by the table of outcomes, 3 where nothing could be compared."""
    statuses = {STATUSES[found.outcome][0] for found in confirmations}
    if not any(found.looks for found in confirmations):
        statuses.add(UNCOMPARED)
    return next((status for status in PRECEDENCE if status in statuses), UNCOMPARED)


def trial_headline(confirmations: Sequence[Confirmation]) -> str:
    """The first line: what the reader must know."""
    counts = Counter(found.outcome for found in confirmations)
    red = [f"{counts[o]} {o.value}" for o in (Outcome.REGRESSED, Outcome.FAILED) if counts[o]]
    unjudged = sum(counts[outcome] for outcome in NOT_JUDGED)
    words = ["RED: " + ", ".join(red)] if red else []
    if unjudged:
        words.append(f"NOT JUDGED: {unjudged}")
    if not any(found.looks for found in confirmations):
        words.append("NOTHING COMPARED")
    elif not red:
        words.append("no regression")
    rest = [f"{counts[o]} {o.value}" for o in (Outcome.IMPROVED, Outcome.UNCHANGED) if counts[o]]
    return " · ".join([*words, *([", ".join(rest)] if rest else [])])
