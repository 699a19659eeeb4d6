"""The rows of one asv file, laid side by side as columns.

Speed is what shapes this room: a file holds some two thousand cells with seven figures each, and a suite's history
thousands of files. So a row costs a few list extensions, a column one conversion, and a cell nothing of its own;
the slow ways are taken only for what is at fault.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model import Bad, Columns, Gap, Key
from .fields import moment, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Our statistics and asv's columns for them; `result` stands apart, as it is a median or a value.
_STATS = {
    "lo": "stats_ci_99_a",
    "hi": "stats_ci_99_b",
    "q1": "stats_q_25",
    "q3": "stats_q_75",
    "iterations": "stats_number",
    "n": "stats_repeat",
}
_NUMBERS = {float, int, type(None), bool}


@dataclass(frozen=True, eq=False)
class Cells:
    """What the cells of a row are about: a key for each combination of the params, in their order.

    factor    what brings the figures to their base unit
    distinct  which of the cells to take where several have the same key, None where all are distinct
    """

    params: object
    keys: tuple[Key, ...]
    factor: float = 1.0
    distinct: list[int] | None = None

    @cached_property
    def failed(self) -> list[Gap]:
        """The gaps of a row that failed as a whole."""
        return [Gap(key, "failed") for key in dict.fromkeys(self.keys)]


@dataclass(frozen=True, slots=True)
class Finished:
    """The rows as a run holds them. `times`: seconds since the epoch for each row of the columns."""

    columns: Columns
    gaps: list[Gap]
    samples: dict[int, NDArray[np.float64]]
    times: NDArray[np.float64]
    started_at: datetime | None
    ended_at: datetime | None


class Rows:
    """Rows are added one by one, faults collected on the way, columns made at the end."""

    def __init__(self, path: str, columns: Sequence[object]) -> None:
        self.path = path
        self.faults: list[Bad] = []
        # One more place than there are columns: always null, and where a column points that the file has not.
        self._width = len(columns)
        self._nulls = [None] * (self._width + 1)
        place = {name: i for i, name in enumerate(columns) if isinstance(name, str)}
        wanted = ("result", "params", "version", "started_at", "samples", *_STATS.values())
        self._pick = itemgetter(*(place.get(name, self._width) for name in wanted))
        self._keys: list[Key] = []
        self._gaps: list[Gap] = []
        self._values: list[object] = []
        self._stats: list[list[object]] = [[] for _ in _STATS]
        self._samples: list[tuple[int, list[object]]] = []
        self._factors: list[tuple[slice, float]] = []
        self._counts: list[int] = []
        self._starts: list[object] = []
        self._null_starts: list[object] = []

    def add(self, name: str, row: object, cells_of: Callable[[str, object, object], Cells]) -> None:
        """Add one row, or say in `faults` why it cannot be."""
        try:
            self._add(name, row, cells_of)
        except ValueError as error:
            self._fault(name, str(error))

    def _add(self, name: str, row: object, cells_of: Callable[[str, object, object], Cells]) -> None:
        if type(row) is not list or len(row) > self._width:
            raise ValueError("the row is no list of the columns' length")
        result, params, version, started, samples, *stats = self._pick(row + self._nulls[len(row) :])
        cells = cells_of(name, version, params)
        keys: Sequence[Key] = cells.keys
        count = len(keys)
        if result is None:
            self._gaps.extend(cells.failed)
            self._null_starts.append(started)
            return
        if type(result) is not list or len(result) != count:
            raise ValueError(f"the result is no list of {count} figures, one for each combination of its params")
        for column in stats:
            if type(column) is not list or len(column) != count:
                stats = _filled(stats, count)
                break
        if cells.distinct is not None:
            keys, result, stats, samples = self._distinct(name, cells.distinct, keys, result, stats, samples)
        if samples is not None:
            self._samples.extend(self._raw(name, len(self._keys), len(result), samples))
        if cells.factor != 1:
            self._factors.append((slice(len(self._keys), len(self._keys) + len(keys)), cells.factor))
        self._keys.extend(keys)
        self._values.extend(result)
        for whole, column in zip(self._stats, stats, strict=True):
            whole.extend(column)
        self._counts.append(len(keys))
        self._starts.append(started)

    def _distinct(
        self, name: str, kept: list[int], keys: Sequence[Key], result: list[Any], stats: list[Any], samples: Any
    ) -> tuple[Sequence[Key], list[Any], list[Any], Any]:
        """The first cell of each key, where params that differ only in an address, or not at all, give it twice."""
        self._fault(name, f"{len(keys) - len(kept)} of its parameter combinations have the same name as another one")
        if type(samples) is list and len(samples) == len(keys):
            samples = [samples[i] for i in kept]
        return [keys[i] for i in kept], [result[i] for i in kept], [[c[i] for i in kept] for c in stats], samples

    def _raw(self, name: str, start: int, count: int, samples: Any) -> list[tuple[int, list[object]]]:
        if type(samples) is not list or len(samples) != count:
            self._fault(name, f"its samples are no list of {count} lists")
            return []
        return [(start + i, raw) for i, raw in enumerate(samples) if isinstance(raw, list) and raw]

    def _fault(self, name: str, what: str, hint: str = "the rest of the file is read") -> None:
        self.faults.append(Bad(f"{self.path}: {name}", what, hint))

    def finish(self) -> Finished:
        """The columns of all rows that were added, with their gaps, samples and times."""
        values = self._array(self._values, "result", fatal=True)
        stats = {name: self._array(raw, name) for name, raw in zip(_STATS, self._stats, strict=True)}
        for figures in stats.values():
            figures[np.isinf(figures)] = np.nan
        unbounded = np.isnan(stats["lo"]) | np.isnan(stats["hi"])
        stats["lo"][unbounded] = stats["hi"][unbounded] = np.nan
        factors = np.ones(len(values))
        for rows_of_it, factor in self._factors:
            factors[rows_of_it] = factor
        starts = self._times(self._starts)
        times = np.repeat(starts, self._counts)
        rows = self._measured(values)
        if self._factors:
            values *= factors
            for name in ("lo", "hi", "q1", "q3"):
                stats[name] *= factors
        described = ~(np.isnan(stats["n"]) & np.isnan(stats["q1"]) & np.isnan(stats["q3"]) & unbounded)
        stats |= {"median": np.where(described, values, np.nan), "value": np.where(described, np.nan, values)}
        columns = Columns(self._keys, stats)
        if len(rows) < len(values):
            columns, times = columns.take(rows), times[rows]
        present = {name: column for name, column in columns.stats.items() if not np.isnan(column).all()}
        known = np.concatenate([starts, self._times(self._null_starts)])
        known = known[~np.isnan(known)]
        return Finished(
            Columns(tuple(columns.keys), present),
            self._gaps,
            self._sampled(rows, factors),
            times,
            moment(float(known.min())) if len(known) else None,
            moment(float(known.max())) if len(known) else None,
        )

    def _measured(self, values: NDArray[np.float64]) -> NDArray[np.intp]:
        """The cells that hold a number; a gap is kept for each null and each NaN, a fault for what is infinite."""
        finite = np.isfinite(values)
        if finite.all():
            return np.arange(len(values))
        for i in np.flatnonzero(~finite).tolist():
            key, raw = self._keys[i], self._values[i]
            if raw is None:
                self._gaps.append(Gap(key, "failed"))
            elif np.isnan(values[i]) and isinstance(raw, float):
                self._gaps.append(Gap(key, "skipped"))
            elif np.isinf(values[i]):
                self._fault(key.benchmark.full, "its result is infinite", "the other cells are read")
        return np.flatnonzero(finite)

    def _array(self, column: list[object], name: str, *, fatal: bool = False) -> NDArray[np.float64]:
        """A column as an array with NaN for null. What is no number is a fault; `fatal`: it costs the cell."""
        if set(map(type, column)) <= _NUMBERS:
            try:
                return np.array(column, dtype=np.float64)
            except OverflowError:  # an integer of more than 308 digits
                pass
        clean: list[float] = []
        for i, raw in enumerate(column):
            figure = raw if isinstance(raw, float) else number(raw)
            if figure is None and raw is not None:
                rest = "the other cells are read" if fatal else "the figure is left out"
                self._fault(self._keys[i].benchmark.full, f"its {name} is not a number", rest)
            clean.append(np.nan if figure is None else figure)
        return np.array(clean, dtype=np.float64)

    def _times(self, milliseconds: list[object]) -> NDArray[np.float64]:
        """Seconds since the epoch, NaN where there are none."""
        return np.array([np.nan if (t := number(m)) is None else t for m in milliseconds], dtype=np.float64) / 1000

    def _sampled(self, rows: NDArray[np.intp], factors: NDArray[np.float64]) -> dict[int, NDArray[np.float64]]:
        """The raw figures of the cells that hold a number, by their row among those."""
        sampled: dict[int, NDArray[np.float64]] = {}
        row_of = {int(cell): row for row, cell in enumerate(rows)} if self._samples else {}
        for cell, raw in self._samples:
            if cell not in row_of:
                continue
            figures = [number(figure) for figure in raw]
            if None in figures:
                self._fault(self._keys[cell].benchmark.full, "its samples are not all numbers", "they are left out")
            else:
                sampled[row_of[cell]] = np.array(figures, dtype=np.float64) * factors[cell]
        return sampled


def _filled(stats: list[Any], count: int) -> list[list[Any]]:
    """The columns of a row with nulls in place of those that are null as a whole. Raises ValueError."""
    for name, column in zip(_STATS.values(), stats, strict=True):
        if column is not None and (type(column) is not list or len(column) != count):
            raise ValueError(f"its {name} is no list of {count} figures")
    return [[None] * count if column is None else column for column in stats]
