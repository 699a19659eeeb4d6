"""Which commit was it? A search that weighs what noisy measurements say, and knows when they do not say enough.

A hypothesis is a commit that made the step. Each measured place (a commit whose code differs from its parent's) lies,
under a hypothesis, before or after the step. Bayes' rule weighs the hypotheses (`posterior`), and the next place is the
one whose measurement is expected to tell most: about where the posterior is cut in halves, the probabilistic bisection
of Horstein (1963), see Waeber, Frazier and Henderson (2013).

A culprit is named when it has the confidence asked for, and leads without any single one of the measurements too: no
verdict hangs on one run. Places that cannot be measured make the answer a range.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from .posterior import Belief, Field, Noise, Reading, believe, chance_after, information

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: With more than this probability of no step, the ends are measured again before any search between them.
MAYBE_NONE = 0.2
#: Each side of the step is measured so often before the search begins.
SIDE_RUNS = 2
#: After so many runs of each side that may still be of one level, there is no step that can be seen.
PATIENCE = 8
#: What disturbs the machine may last for so many runs: no verdict hangs on fewer in a row.
DISTURBED = 4
#: Below this probability of the contrary a place counts as one before (or after) the step.
SURE = 0.02


class State(StrEnum):
    """How a search stands."""

    SEARCHING = "searching"
    FOUND = "found"
    NO_STEP = "no step"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Advice:
    """How the search stands, and where to measure next (None at its end).

    leading      the places that the answer would name now: one, or a range that cannot be told apart
    probability  of the leading ones together;  left: how many places hold 99 % of the probability
    """

    state: State
    place: int | None
    leading: tuple[int, ...]
    probability: float
    left: int
    belief: Belief


def advise(
    field: Field,
    readings: Sequence[Reading],
    *,
    group: str = "",
    noise: Noise | None = None,
    confidence: float = 0.95,
    patience: int = PATIENCE,
) -> Advice:
    """How the search stands and where to measure next; `group` is that of the machine which measures."""
    belief = believe(field, readings, noise, group)
    classes = field.classes()
    shares = np.bincount(classes, weights=belief.culprit)
    best = int(shares.argmax())
    leading = tuple(place for place, number in zip(field.culprits, classes.tolist(), strict=True) if number == best)

    def advice(state: State, place: int | None) -> Advice:
        return Advice(state, place, leading, float(shares[best]), _left(belief), belief)

    if field.measurable.sum() < 2:
        return advice(State.LOST, None)
    after = chance_after(field, belief.culprit)
    if shares[best] >= confidence and _both_sides(readings, after):
        doubtful = _hangs_on(field, readings, noise, classes == best, group)
        return advice(State.FOUND, None) if doubtful is None else advice(State.SEARCHING, doubtful)
    low, high = _sides(field, after)
    own = after[[reading.place for reading in readings if reading.group == group]]
    counts = [int((own <= max(SURE, after[low])).sum()), int((own >= min(1 - SURE, after[high])).sum())]
    if belief.none > MAYBE_NONE and min(counts) >= patience:
        return advice(State.NO_STEP, None)
    if min(counts) < SIDE_RUNS or belief.none > MAYBE_NONE:
        if min(counts) < SIDE_RUNS:
            low, high = np.flatnonzero(field.measurable)[[0, -1]].tolist()
        return advice(State.SEARCHING, low if counts[0] <= counts[1] else high)
    tells = np.where(field.measurable, information(field, readings, belief, noise, group) * _away(field), 0.0)
    place = int(tells.argmax())
    return advice(State.SEARCHING, place) if tells[place] > 1e-9 else advice(State.LOST, None)


def _both_sides(readings: Sequence[Reading], after: NDArray[np.float64]) -> bool:
    """Whether one group has seen both levels more than once: before that, only the prior has spoken."""
    sides = Counter[tuple[str, bool]]()
    for reading in readings:
        chance = float(after[reading.place])
        if not SURE < chance < 1 - SURE:
            sides[reading.group, chance > 0.5] += 1
    return any(min(sides[reading.group, side] for side in (False, True)) >= SIDE_RUNS for reading in readings)


def _sides(field: Field, after: NDArray[np.float64]) -> tuple[int, int]:
    """The measurable places nearest to the step that surely lie before and after it; else the outermost ones."""
    places = np.flatnonzero(field.measurable)
    before = places[after[places] <= SURE]
    behind = places[after[places] >= 1 - SURE]
    low = before[after[before].argmax()] if len(before) else places[0]
    if len(before):
        low = before[np.flatnonzero(after[before] == after[low])[-1]]
    high = behind[after[behind].argmin()] if len(behind) else places[-1]
    return int(low), int(high)


def _hangs_on(
    field: Field, readings: Sequence[Reading], noise: Noise | None, leading: NDArray[np.bool_], group: str
) -> int | None:
    """Where to measure again, as the leading hypotheses would not lead without some readings; None where they would.

    A run that was disturbed, or a few in a row, can look like a step between others. So the search is repeated without
    each stored reading and without each few live ones that follow each other, and what decides it has to be measured
    at two different times: at that of their places which would tell most if they were not there.
    """
    worst, decisive = 0.5, None
    for block in _blocks(readings):
        rest = [reading for number, reading in enumerate(readings) if number not in block]
        without = believe(field, rest, noise, group)
        share = float(without.culprit[leading].sum())
        if share < worst:
            again = [place for number in block if field.measurable[place := readings[number].place]]
            tells = information(field, rest, without, noise, group)
            if again:
                worst, decisive = share, max(again, key=lambda place: float(tells[place]))
    return decisive


def _blocks(readings: Sequence[Reading]) -> list[range]:
    """The readings that may have been disturbed together: a few live ones in a row, or any single other one."""
    live = [number for number, reading in enumerate(readings) if reading.live]
    first = live[0] if live else len(readings)
    blocks = [range(number, number + 1) for number in range(first)]
    last = max(len(readings) - DISTURBED, first)
    ends = [(number, min(number + DISTURBED, len(readings))) for number in range(first, last + 1) if live]
    return blocks + [range(*ends_at) for ends_at in ends]


def _away(field: Field) -> NDArray[np.float64]:
    """Less than 1 beside places that could not be measured: what breaks one commit often breaks the next, too."""
    failed = np.flatnonzero(~field.measurable)
    if not len(failed):
        return np.ones(len(field.measurable))
    distance = np.abs(np.arange(len(field.measurable))[:, None] - failed[None, :]).min(axis=1)
    result: NDArray[np.float64] = distance / (distance + 1.0)
    return result


def _left(belief: Belief) -> int:
    """How many hypotheses it takes to hold 99 % of what speaks for any."""
    ranked = np.sort(belief.culprit)[::-1].cumsum()
    return int(np.searchsorted(ranked, 0.99 * ranked[-1])) + 1
