"""A slow drift under the steps: smooth curves of low degree, fitted together with the levels.

Only series whose residuals ask for it come here; a drift is kept only if it explains more than the steps it replaces.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.polynomial import legendre

from .noise import ROUNDING, Floats, levels, phi_of_residuals
from .propose import penalty

#: Degrees tried: a line, and bends up to two waves or so of a seasonal wander.
DEGREES = (1, 3, 5)
#: Shorter series can not tell a drift from a step.
ENOUGH = 40
#: The F ratio (per degree) that a curve must reach before it is searched with: 6 finds the same drifts, 15 fewer.
_ASKS = 10.0
#: What one degree costs, in log n. In calibration 1, the BIC's own, took steps for bends (F1 lower by .008), and 3 took
#: bends for steps (more false cuts by half).
_DEGREE_COST = 2.0
#: That much more, half of what a cut costs, is forgiven a curve before the search along it.
_SLACK = 8.0
#: Residuals further out than this, in sigmas, say nothing about how well a curve fits.
_FAR = 4.0


@lru_cache(maxsize=64)
def _curves(n: int, degree: int) -> Floats:
    """Legendre polynomials 1 to `degree` over n points, shape (n, degree)."""
    return np.ascontiguousarray(legendre.legvander(np.linspace(-1, 1, n), degree)[:, 1:])


class Fit(NamedTuple):
    """The normal equations of the curves beside a free level in each segment; leading blocks are lower degrees."""

    normal: Floats
    right: Floats
    explained: list[float]
    square: float
    n: int
    cuts: int

    def factors(self, degree: int) -> Floats:
        """The factors of the curves up to `degree`."""
        return np.asarray(np.linalg.solve(self.normal[:degree, :degree], self.right[:degree]), dtype=np.float64)

    def left(self, degree: int) -> float:
        """The sum of squares that curves up to `degree` leave."""
        return max(self.square - self.explained[degree - 1], ROUNDING * ROUNDING * self.n)

    def asks(self, degree: int, left: float) -> bool:
        """Whether curves explain enough of this fit, by the F ratio, to be searched with."""
        freedom = max(self.n - self.cuts - 1 - degree, 1)
        return (self.square - left) / degree >= _ASKS * left / freedom


def prepared(z: Floats, weights: Floats, cuts: Sequence[int], degree: int) -> Fit:
    """The equations of curves up to `degree`."""
    n = len(z)
    curves = _curves(n, degree)
    edges = np.array([0, *cuts, n])
    starts = edges[:-1]
    lengths, total = edges[1:] - starts, np.add.reduceat(weights, starts)
    bent = np.add.reduceat(curves * weights[:, None], starts) / total[:, None]
    across = curves - np.repeat(bent, lengths, axis=0)
    rest = z - levels(z, weights, cuts)
    weighted = across * weights[:, None]
    # A hair on the diagonal: with as many segments as bends the curves are no longer apart.
    normal = across.T @ weighted + 1e-9 * np.eye(degree)
    right = rest @ weighted
    # Cholesky's factor of a leading block is the leading block of the factor: one solution tells of all degrees.
    part = np.linalg.solve(np.linalg.cholesky(normal), right)
    return Fit(normal, right, (part * part).cumsum().tolist(), float((rest * rest * weights).sum()), n, len(cuts))


def promising(starts: Sequence[Fit], degree: int) -> list[Floats]:
    """The factors, from each start, of curves that may cost less than all cuts without a curve (the first start).

    What a search along a curve will find is not known yet: it lies between the cuts of the start and all of them, so a
    curve is dropped only where both would cost a cut too much.
    """
    all_cuts, *fewer = starts
    n = all_cuts.n
    before = n * math.log(max(all_cuts.square, ROUNDING * ROUNDING * n))
    own = degree * _DEGREE_COST * math.log(n)
    with_all = n * math.log(all_cuts.left(degree)) + own - before
    found = []
    for start in fewer:
        left = start.left(degree)
        alone = n * math.log(left) + own - before - (all_cuts.cuts - start.cuts) * penalty(n, 0.0)
        # Without cuts to drop, there is nothing that a search could add.
        forgiven = _SLACK if all_cuts.cuts else 0.0
        if start.asks(degree, left) and min(alone, with_all) < forgiven:
            found.append(start.factors(degree))
    return found


def curve(n: int, factors: Floats) -> Floats:
    """The drift with these factors over n points."""
    drawn: Floats = _curves(n, len(factors)) @ factors
    return drawn


def fitted(z: Floats, weights: Floats, cuts: Sequence[int], degree: int) -> Floats:
    """The curve of `degree` that fits best beside a free level in each segment."""
    return curve(len(z), prepared(z, weights, cuts, degree).factors(degree))


def criterion(z: Floats, weights: Floats, cuts: Sequence[int], degree: int, most_phi: float) -> float:
    """What a fit costs: a BIC of the innovations of its AR(1) residuals; the least is the best."""
    n = len(z)
    residuals = np.clip((z - levels(z, weights, cuts)) * np.sqrt(weights), -_FAR, _FAR)
    phi = min(phi_of_residuals(residuals, len(cuts) + degree), most_phi)
    innovations = residuals[1:] - phi * residuals[:-1]
    # Where there is no noise to speak of, explaining it better is worth nothing.
    variance = max(float((innovations * innovations).sum()) / len(innovations), ROUNDING)
    return n * math.log(variance) + len(cuts) * penalty(n, 0.0) + degree * _DEGREE_COST * math.log(n)
