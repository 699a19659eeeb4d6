"""Rows collected one at a time, for formats that hold a few hundred of them in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..model import STATISTICS, Columns, Gap, Key

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RowList:
    """Keys with their figures, gaps beside them, and what belongs to single rows; a key is taken once."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.gaps: list[Gap] = []
        self.samples: dict[int, NDArray[np.float64]] = {}
        self.quantiles: dict[int, tuple[tuple[float, float], ...]] = {}
        self.attachments: dict[int, str] = {}
        self._figures: list[Mapping[str, float]] = []
        self._known: set[Key] = set()

    def knows(self, key: Key) -> bool:
        """Whether the key has a row or a gap already."""
        return key in self._known

    def add(self, key: Key, figures: Mapping[str, float]) -> int:
        """Add a row of at least one finite figure; its place is returned."""
        self._known.add(key)
        self.keys.append(key)
        self._figures.append(figures)
        return len(self.keys) - 1

    def gap(self, key: Key, status: str, reason: str) -> None:
        """Add a cell without a number."""
        self._known.add(key)
        self.gaps.append(Gap(key, status, reason))

    @property
    def columns(self) -> Columns:
        """The rows side by side."""
        named = [name for name in STATISTICS if any(name in row for row in self._figures)]
        nan = float("nan")
        stats = {name: np.array([row.get(name, nan) for row in self._figures], dtype=np.float64) for name in named}
        return Columns(tuple(self.keys), stats)
