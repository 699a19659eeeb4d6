"""What moved together: a shift that most of a suite's noisy series share is one finding, not a hundred.

A slower import, another interpreter or a busier machine moves everything; that is seen far more surely than any single
change, and has another cause. The shift of a run is the median over the series of log(figure / level); how far it
strays without a cause is learned from the shifts of the earlier runs, as for any series.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model import Action, Finding, Outcome, Pairs
from ..stats.gate import predict
from ..units import percent
from .noise import ALONE, Reading
from .timeline import facts_in_words

Floats = NDArray[np.float64]

#: Fewer series share no more than chance.
FEWEST = 10
#: So many of them must have moved the shift's way, each at least half as far.
MOST = 0.6


class Shift(NamedTuple):
    """A common change on the logarithm, worse is positive; which series took part; shifts of the earlier runs."""

    size: float
    moved: NDArray[np.bool_]
    past: Floats


def common_shift(changes: Floats, past: Floats) -> Shift | None:
    """The shift that most of the series share, whatever its size; None for too few, or where they went different ways.

    `changes`: log(candidate / centre) of shape (series,), worse is positive; `past`: the same of the earlier runs of
    the level, of shape (series, runs), NaN where a series has no such run.
    """
    if np.isfinite(changes).sum() < FEWEST:
        return None
    size = float(np.nanmedian(changes))
    moved = (changes * np.sign(size) >= abs(size) / 2) & (size != 0)
    if moved.sum() < MOST * np.isfinite(changes).sum():
        return None
    # A run that holds few of the series tells of those.
    enough = np.isfinite(past).sum(axis=0) >= FEWEST
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        shifts = np.nanmedian(past[:, enough], axis=0) if enough.any() else np.empty(0)
    return Shift(size, moved, shifts)


class Shared(NamedTuple):
    """A common shift that is to be told of, and what it means for each series."""

    shift: Shift
    finding: Finding


def shared(reading: Reading, facts_before: Mapping[str, Pairs], *, subtract: bool) -> Shared | None:
    """The finding for one suite in one environment, where most of it moved further than its runs do by themselves.

    `facts_before`: of the baseline's side, by environment digest; `subtract`: the shift is taken out of every figure.
    """
    found = common_shift(reading.change, reading.residuals)
    if found is None:
        return None
    way = 1 if found.size > 0 else -1
    past, new = ({"value": np.exp(np.atleast_2d(values))} for values in (found.past, np.array([[found.size]])))
    # One run has one shift: the same model, on the series of shifts.
    made = predict(past, new, worse=way, base={"value": np.ones((1, 1))})
    if not float(made.p()[0]) < ALONE:
        return None
    first = reading.drafts[0].measured
    facts = _changed(facts_before.get(first.environment.digest, ()), first.environment.facts)
    share = math.copysign(abs(math.expm1(found.size)), found.size)
    outcome, words = _said(share, reading, facts, subtract=subtract)
    moved, judged = int(found.moved.sum()), int(np.isfinite(reading.change).sum())
    size = f"{abs(share):.1%} {'worse' if way > 0 else 'better'}"
    reason = f"the whole of {first.key.benchmark.suite} is {size} ({moved} of {judged} series moved){words}"
    mostly = 2 * sum(made.policy.action is Action.FAIL for made in reading.drafts) > len(reading.drafts)
    failing = outcome is Outcome.REGRESSED and mostly
    suite = first.key.benchmark.suite
    return Shared(found, Finding(outcome, suite, first.environment, share, moved, judged, reason, facts, failing))


def _said(share: float, reading: Reading, facts: tuple[str, ...], *, subtract: bool) -> tuple[Outcome, str]:
    """What a shift that is no accident means, and that in words."""
    tolerance = float(np.median([made.policy.tolerance.relative for made in reading.drafts]))
    changed = f", and {', '.join(facts)}" if facts else ""
    if subtract:
        return Outcome.UNCHANGED, f"{changed}; taken out of every figure, as common_shift says"
    if abs(share) <= tolerance:
        return Outcome.UNCHANGED, f"{changed}: within the tolerance of {percent(tolerance)}"
    if facts:
        return Outcome.INCOMPARABLE, f"{changed}: the machine, not the code?"
    return (Outcome.REGRESSED if share > 0 else Outcome.IMPROVED), ""


def _changed(before: Pairs, now: Pairs) -> tuple[str, ...]:
    """The facts that differ, in words; none where nothing is known of the baseline's side."""
    return facts_in_words(dict(before), dict(now)) if before else ()
