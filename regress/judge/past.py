"""The earlier runs of what is judged, side by side: a row a cell, a column a run.

One table for each suite in each environment, so that a column is a run that may hold every row. Runs on another
processor, and figures of another version of the benchmark, are no evidence and are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model import Key, Run
from .compare import Cell, Measured, Place
from .timeline import machine

Group = tuple[str, str]
"""Environment digest and suite."""


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Earlier runs of one suite in one environment.

    cells   what each row is about; row: the other way round
    runs    digests of the runs, oldest first; commits: what they measured
    stats   arrays of shape (cells, runs) by statistic, base units, NaN where a run has no such figure
    """

    cells: tuple[Cell, ...]
    row: Mapping[Cell, int]
    runs: tuple[str, ...]
    commits: tuple[str, ...]
    stats: Mapping[str, NDArray[np.float64]]

    @property
    def shape(self) -> tuple[int, int]:
        """(cells, runs)."""
        return len(self.cells), len(self.runs)


def pasts(
    measured: Mapping[Place, Measured], earlier: Iterable[tuple[str, Run]], across: Collection[Place] = ()
) -> dict[Group, Past]:
    """The tables of the cells in `measured`; `earlier`: run digests with runs, oldest first.

    A run counts for a group only on the machine that the group's cells were measured on; for the cells `across`, on
    any.
    """
    groups: defaultdict[Group, list[Place]] = defaultdict(list)
    for place in measured:
        groups[place[0], place[1][0]].append(place)
    runs = list(earlier)
    result = {}
    for (digest, suite), places in groups.items():
        cells = {place[1]: measured[place] for place in places}
        crossing = {place[1] for place in places if place in across}
        own = [(name, run) for name, run in runs if run.environment.digest == digest]
        made = _table(cells, crossing, own)
        if made.runs:
            result[digest, suite] = made
    return result


def _table(cells: Mapping[Cell, Measured], across: Collection[Cell], runs: Sequence[tuple[str, Run]]) -> Past:
    row = {cell: index for index, cell in enumerate(cells)}
    here = machine(next(iter(cells.values())).environment)
    # Keys are shared between runs: what row a key belongs to is found once.
    rows_of: dict[int, int] = {}
    versions = {cell: measured.key.benchmark.version for cell, measured in cells.items()}
    crossing = np.array([cell in across for cell in cells])
    columns: list[tuple[str, str, dict[str, NDArray[np.float64]]]] = []
    for digest, run in runs:
        at = np.array([_row_of(key, row, versions, rows_of) for key in run.columns.keys], dtype=np.intp)
        elsewhere = machine(run.environment) != here
        kept = at >= 0
        if elsewhere:
            kept &= crossing[at]
        if not kept.any():
            continue
        column = {}
        for name, figures in run.columns.stats.items():
            column[name] = np.full(len(cells), np.nan)
            column[name][at[kept]] = figures[kept]
        columns.append((digest, run.commit, column))
    names = sorted({name for _, _, column in columns for name in column})
    nothing = np.full(len(cells), np.nan)
    stats = {name: np.column_stack([column.get(name, nothing) for _, _, column in columns]) for name in names}
    return Past(tuple(cells), row, tuple(c[0] for c in columns), tuple(c[1] for c in columns), stats)


def _row_of(key: Key, row: Mapping[Cell, int], versions: Mapping[Cell, str], known: dict[int, int]) -> int:
    """The row of a key, -1 where none of the cells, or not the same benchmark."""
    found = known.get(id(key))
    if found is None:
        cell = key.unversioned
        found = row.get(cell, -1)
        version = key.benchmark.version
        if found >= 0 and version and versions[cell] and version != versions[cell]:
            found = -1
        known[id(key)] = found
    return found
