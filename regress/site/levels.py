"""The levels of a line as a comparison of two commits reads them: medians between what parts them.

A level holds from its first measured place to its last, and over whatever was not measured in between, as no change
was found there. Between two levels there is none: nobody knows on which side of the change such a commit lies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..judge.timeline import machine
from ..model import Kind, StoredRun
from .axis import Axis
from .lines import Line
from .steps import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: What a level begins with; several add up: a change point of either kind, another source of the benchmark itself.
CONFIRMED, SUSPECTED, OWN = 1, 2, 4
#: On a machine of so few points the median is not much of a level; `judge` finds no change there either.
FEWEST_POINTS = 3


@dataclass(frozen=True, slots=True)
class Level:
    """A stretch of a strand: its first and last measured place, its median in the base unit, what it begins with."""

    first: int
    last: int
    centre: float
    begins: int


@dataclass(frozen=True, slots=True)
class Strand:
    """The levels of one line on one machine; `machine` is "" where the axis knows only one."""

    machine: str
    levels: tuple[Level, ...]


class Machines:
    """On which processor and cores each place of an axis was measured: noisy levels of two are not comparable."""

    def __init__(self, runs: Mapping[int, StoredRun]) -> None:
        self._runs = runs
        self._found: dict[Axis, tuple[Ints, tuple[str, ...]]] = {}

    def of(self, axis: Axis) -> tuple[Ints, tuple[str, ...]]:
        """A number for each place, and the words of each number."""
        if axis not in self._found:
            number: dict[str, int] = {}
            places = np.zeros(len(axis), dtype=np.int64)
            for run, place in zip(axis.run_ids.tolist(), axis.positions.tolist(), strict=True):
                processor, cores = machine(self._runs[run].environment)
                words = ", ".join(part for part in (processor, cores and f"{cores} cores") if part)
                places[place] = number.setdefault(words, len(number))
            self._found[axis] = places, tuple(number)
        return self._found[axis]


def strands_of(line: Line, steps: Sequence[Step], machines: Machines) -> list[Strand]:
    """The levels of a line, machine by machine, that which was measured last at the end; none without values."""
    if not len(line.positions):
        return []
    edges = _edges(line, steps)
    places, words = machines.of(line.axis)
    if len(words) < 2 or line.key.metric.kind is Kind.EXACT:
        return [Strand("", _levels(line.positions, line.values, edges))]
    own = places[line.positions]
    last = {int(number): int(np.flatnonzero(own == number)[-1]) for number in np.unique(own)}
    masks = [(number, own == number) for number in sorted(last, key=last.__getitem__)]
    enough = [(number, mask) for number, mask in masks if mask.sum() >= FEWEST_POINTS] or masks[-1:]
    return [Strand(words[number], _levels(line.positions[mask], line.values[mask], edges)) for number, mask in enough]


def _edges(line: Line, steps: Sequence[Step]) -> list[tuple[int, int]]:
    """(place, what begins there), in order; the first is where the line begins."""
    found: dict[int, int] = defaultdict(int)
    found[int(line.positions[0])] = 0
    for step in steps:
        found[step.position] |= SUSPECTED if step.suspected else CONFIRMED
    for cut in line.cuts:
        found[cut.position] |= OWN
    return sorted(found.items())


def _levels(positions: Ints, values: Floats, edges: Sequence[tuple[int, int]]) -> tuple[Level, ...]:
    starts = np.searchsorted(positions, [place for place, _ in edges]).tolist()
    found, begins = [], 0
    for (start, stop), (_, what) in zip(pairwise([*starts, len(positions)]), edges, strict=True):
        # What a stretch without a point began with is between its neighbours all the same.
        begins |= what
        if start < stop:
            found.append(Level(int(positions[start]), int(positions[stop - 1]), _median(values[start:stop]), begins))
            begins = 0
    return tuple(found)


def _median(values: Floats) -> float:
    # Note: `np.median` takes ten times as long for the few values of a level, and there are tens of thousands of them.
    ordered = np.sort(values)
    middle = len(ordered) // 2
    return float(ordered[middle]) if len(ordered) % 2 else float(ordered[middle - 1] + ordered[middle]) / 2
