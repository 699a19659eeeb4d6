"""How far runs of the same code lie apart: the band within which a change says nothing.

The unit of evidence is the run. Rounds within one process are not independent of each other, so their spread says
little about the next process. The band is learned, in this order, from

1. earlier runs of the series (five at least), by `stats.spread`, which steps between levels hardly move;
2. the confidence intervals of both runs, where the tool gives them (asv): the change must lie beyond both halves;
3. nothing: s is taken to be 5 %, about what minima on a contended two-core machine show.

With 2 and 3 a verdict is provisional.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ..model import Kind, Side
from ..stats.spread import successive_sigma

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ENOUGH_RUNS = 5
SIGMAS = 3.0
ASSUMED_SIGMA = 0.05


class Band(NamedTuple):
    """A relative half-width, what it was learned from, and whether that is enough for a firm verdict."""

    width: float
    evidence: str
    firm: bool


def band(kind: Kind, base: Side, candidate: Side, earlier: NDArray[np.float64] | None) -> Band:
    """The noise band for the change from `base` to `candidate`; `earlier`: values of earlier runs, oldest first."""
    if kind is Kind.EXACT:
        return Band(0.0, "an exact metric", True)
    if earlier is not None and (sigma := successive_sigma(earlier, enough=ENOUGH_RUNS)) is not None:
        return Band(_widen(sigma, base.runs, candidate.runs), f"{len(earlier)} earlier runs", True)
    halves = (base.hi - base.lo + candidate.hi - candidate.lo) / 2
    if math.isfinite(halves) and halves > 0 and base.value:
        return Band(halves / abs(base.value), "the confidence intervals of both runs", False)
    width = _widen(ASSUMED_SIGMA, base.runs, candidate.runs)
    return Band(width, f"assumed: fewer than {ENOUGH_RUNS} earlier runs to learn it from", False)


def _widen(sigma: float, base_runs: int, candidate_runs: int) -> float:
    """The band for a difference between the medians of so many runs a side."""
    spread = math.sqrt(1 / max(base_runs, 1) + 1 / max(candidate_runs, 1))
    return math.expm1(SIGMAS * sigma * spread)
