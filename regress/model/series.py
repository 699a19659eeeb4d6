"""What the history gives back: runs without their results, and series of points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from .run import Environment, Key, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: The statistics that may be a point's central figure, the best one first.
CENTRES = ("median", "value", "mean", "min")
#: The label of a run of chosen benchmarks of a suite: what it does not hold was not run, and is not missing.
PART = "part"
#: The label of a run on a machine that others kept busy: its figures are worth less.
BUSY = "busy"


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as the history lists it, without its results. `order` is its commit's place in the history.

    `order` grows from parent to child and is comparable between any two runs of one history; `commit` may be ""
    for a run whose source names no commit. `subject`, `author`, `committed_at` are the commit's, where known.
    """

    id: int
    digest: str
    commit: str
    head: str
    ref: str
    environment: Environment
    source: Source
    started_at: datetime | None
    order: int
    points: int
    failed: int
    skipped: int
    suites: tuple[str, ...] = ()
    dirty: bool = False
    level: float | None = None
    tags: tuple[str, ...] = ()
    committed_at: datetime | None = None
    subject: str = ""
    author: str = ""

    @property
    def moment(self) -> datetime | None:
        """The time of its commit where that is known, else that of the measurement."""
        return self.committed_at or self.started_at

    @property
    def day(self) -> str:
        """The day of that moment, "2026-03-14", or ""."""
        return self.moment.date().isoformat() if self.moment else ""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One benchmark × metric × environment along the commits, in the order of the history.

    Shapes: `run_ids` and every array of `stats` have shape (points,); NaN where a point has no such figure.
    `gaps` are (run id, status, reason) of the runs in which the cell failed or was skipped.
    """

    key: Key
    environment: Environment
    run_ids: NDArray[np.int64]
    stats: Mapping[str, NDArray[np.float64]]
    gaps: Sequence[tuple[int, str, str]] = ()

    def __len__(self) -> int:
        return len(self.run_ids)

    @property
    def centre(self) -> NDArray[np.float64]:
        """The figure to draw: the median, else the single value, else the mean, else the minimum."""
        for name in CENTRES:
            if name in self.stats:
                return self.stats[name]
        raise ValueError(f"series {self.key.benchmark.full} holds no central figure")


@dataclass(frozen=True, slots=True)
class Baseline:
    """A stored name for runs. `version` counts from 1: setting or removing a name adds one and overwrites none."""

    name: str
    version: int
    digests: tuple[str, ...]
    commit: str
    reason: str
    author: str
    created_at: datetime
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of one run that was handed to the history."""

    digest: str
    run_id: int
    known: bool
    points: int
    failed: int
    skipped: int
    warnings: tuple[str, ...] = field(default=())
