"""Sources that grow: which cells of a run are already stored.

asv adds to a result file, so a file that is read again holds cells that an earlier run of the history has. They are
left out: a measurement that is stored twice makes noise look smaller than it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from ..model import STATISTICS, Columns, Run


def subtracted(run: Run, stored: Sequence[Run]) -> tuple[Run, NDArray[np.intp] | None]:
    """`run` without the cells and gaps that one of the `stored` runs of the same place holds, and the rows it keeps.

    Where nothing is held, the result is `run` itself and None.

    A cell is held where all its figures are identical and it was not measured after that run's end: an exact metric
    that is measured again gives the same number, and is a new measurement all the same.
    """
    fresh = np.ones(len(run.columns), dtype=np.bool_)
    gaps = {(gap.key.digest, gap.status) for gap in run.gaps}
    for other in stored:
        fresh &= ~_held(run, other)
        gaps -= {(gap.key.digest, gap.status) for gap in other.gaps}
    if fresh.all() and len(gaps) == len(run.gaps):
        return run, None
    rows = np.flatnonzero(fresh)
    return _taken(run, rows, gaps), rows


def _held(run: Run, other: Run) -> NDArray[np.bool_]:
    """Which rows of `run` are in `other` with the same figures and no later time."""
    place = {key.digest: row for row, key in enumerate(other.columns.keys)}
    match = np.array([place.get(key.digest, -1) for key in run.columns.keys], dtype=np.intp)
    held = match >= 0
    if not held.any():
        return held
    for name in STATISTICS:
        mine, theirs = run.columns.stats.get(name), other.columns.stats.get(name)
        if mine is None and theirs is None:
            continue
        here = np.full(len(match), np.nan) if mine is None else mine
        there = np.full(len(match), np.nan) if theirs is None else theirs[match]
        held &= (here == there) | (np.isnan(here) & np.isnan(there))
    if run.cell_times is not None and other.ended_at is not None:
        held &= ~(run.cell_times > other.ended_at.timestamp())
    return held


def _taken(run: Run, rows: NDArray[np.intp], gaps: set[tuple[bytes, str]]) -> Run:
    """`run` with the given rows and gaps, begun when the first of these rows was measured."""
    place = {old: new for new, old in enumerate(rows.tolist())}
    times = None if run.cell_times is None else run.cell_times[rows]
    started, ended = run.started_at, run.ended_at
    if times is not None and not np.isnan(times).all():
        started = datetime.fromtimestamp(float(np.nanmin(times)), UTC)
        ended = datetime.fromtimestamp(float(np.nanmax(times)), UTC)
    columns = run.columns.take(rows)
    stats = {name: column for name, column in columns.stats.items() if not np.isnan(column).all()}
    return replace(
        run,
        columns=Columns(columns.keys, stats),
        gaps=tuple(gap for gap in run.gaps if (gap.key.digest, gap.status) in gaps),
        started_at=started,
        ended_at=ended,
        samples={place[row]: values for row, values in run.samples.items() if row in place},
        quantiles={place[row]: values for row, values in run.quantiles.items() if row in place},
        attachments={place[row]: text for row, text in run.attachments.items() if row in place},
        cell_times=times,
    )
