"""The newest figures of a line as numbers, for what is read by programs; `rows` and `pages` say them in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .lines import Line
from .pulse import recent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Latest:
    """What a row of the overview shows, unrounded; NaN where there is none.

    metric  by its own name; `value` is in its base unit `unit`
    change  relative, signed as measured
    sigma   the relative standard deviation of one run
    commit  of the newest value
    recent  how much worse than usual it was at the last commits, see `pulse`
    """

    metric: str = ""
    unit: str = ""
    value: float = math.nan
    change: float = math.nan
    sigma: float = math.nan
    commit: str = ""
    recent: NDArray[np.float64] | None = field(default=None, compare=False)


NOTHING = Latest()


def latest_of(line: Line) -> Latest:
    """The newest figures of a line."""
    commit = line.axis.stops[int(line.positions[-1])].commit if len(line.positions) else ""
    metric = line.key.metric
    return Latest(metric.name, metric.unit, line.last, line.moved, line.noise, commit, recent(line))
