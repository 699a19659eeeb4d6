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
    """Legendre polynomials 1 to `degree` over n points, shape (degree, n)."""
    return np.ascontiguousarray(legendre.legvander(np.linspace(-1, 1, n), degree)[:, 1:].T)


class Fit(NamedTuple):
    """The normal equations of the curves beside a free level in each segment; leading blocks are lower degrees."""

    normal: Floats
    right: Floats
    explained: list[float]
    square: float
    n: int
    cuts: int

    def may_ask(self) -> bool:
        """Whether `asks` can be true of any degree: the highest leaves least, and the lowest is asked least."""
        left = self.left(len(self.explained))
        return self.square - left >= 0.99 * _ASKS * left / max(self.n - self.cuts - 2, 1)

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


class Equations(NamedTuple):
    """The normal equations of curves beside a free level in each segment, before they are solved."""

    normal: Floats
    right: Floats
    square: float
    n: int
    cuts: int


def equations(z: Floats, weights: Floats, cuts: Sequence[int], degree: int) -> Equations:
    """The equations of curves up to `degree`."""
    n = len(z)
    curves = _curves(n, degree)
    edges = np.array([0, *cuts, n])
    starts = edges[:-1]
    lengths, total = edges[1:] - starts, np.add.reduceat(weights, starts)
    bent = np.add.reduceat(curves * weights, starts, axis=1) / total
    across = curves - (np.repeat(bent, lengths, axis=1) if cuts else bent)
    off = z - levels(z, weights, cuts)
    rest = off * weights
    # A hair on the diagonal: with as many segments as bends the curves are no longer apart.
    normal = (across * weights) @ across.T + 1e-9 * np.eye(degree)
    return Equations(normal, across @ rest, float(rest @ off), n, len(cuts))


def fits(asked: Sequence[Equations]) -> list[Fit]:
    """Each with what its curves explain; all of the same degree are solved in one call."""
    if not asked:
        return []
    # Cholesky's factor of a leading block is the leading block of the factor: one solution tells of all degrees.
    factor = np.linalg.cholesky(np.array([one.normal for one in asked]))
    part = np.linalg.solve(factor, np.array([one.right for one in asked])[:, :, None])[:, :, 0]
    explained = (part * part).cumsum(axis=1).tolist()
    return [Fit(e.normal, e.right, told, e.square, e.n, e.cuts) for e, told in zip(asked, explained, strict=True)]


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
    drawn: Floats = factors @ _curves(n, len(factors))
    return drawn


def fitted(z: Floats, weights: Floats, cuts: Sequence[int], degree: int) -> Floats:
    """The curve of `degree` that fits best beside a free level in each segment."""
    one = equations(z, weights, cuts, degree)
    return curve(one.n, np.asarray(np.linalg.solve(one.normal, one.right), dtype=np.float64))


def criterion(z: Floats, weights: Floats, cuts: Sequence[int], degree: int, most_phi: float) -> float:
    """What a fit costs: a BIC of the innovations of its AR(1) residuals; the least is the best."""
    n = len(z)
    residuals = np.clip((z - levels(z, weights, cuts)) * np.sqrt(weights), -_FAR, _FAR)
    phi = min(phi_of_residuals(residuals, len(cuts) + degree), most_phi)
    innovations = residuals[1:] - phi * residuals[:-1]
    # Where there is no noise to speak of, explaining it better is worth nothing.
    variance = max(float(innovations @ innovations) / len(innovations), ROUNDING)
    return n * math.log(variance) + len(cuts) * penalty(n, 0.0) + degree * _DEGREE_COST * math.log(n)
