"""How a cost grows with the size of its input: constant, log n, linear, n log n or quadratic, or none that can be told.

    found = fit(sizes, values)          # arrays of shape (points,), both positive; in any order
    found.order, found.firm             # Order.LINEAR, True; order is None where two are within noise of each other
    found.best.a, found.best.b          # y = a + b f(n), both not negative

The method is that of Google Benchmark's BigO (least squares over a list of orders, the best one named), after the
empirical cost functions of Goldsmith, Aiken and Wilkerson (2007) and Zaparanuks and Hauswirth (2012), with four
differences, all of them so that nothing is named that the figures do not show:

- The squares are those of *relative* errors: noise is a share of the time, and one large size must not decide alone.
  The weights come from the fit itself, in a few rounds (iteratively reweighted; Charnes, Frome and Yu 1976).
  A fixed part `a`, the cost of a call, is fitted too, and is not negative: else n log n is a linear growth below zero.
- The orders are held against each other by the likelihood of their errors where the noise is known no better than from
  `degrees` runs (Student's, as for a scaled inverse chi-square), with the penalty of Schwarz (1978) for `b`. So a
  constant with noise stays constant, and where two orders fit about as well none is called.
- The order must be the best one whichever size is left out: no single figure decides (see `_steady`).
- An order whose best fit is still far off (quadratic for n³) is not called: `Fit.misfit`. The slope in logarithms, the
  `exponent`, is there for all.

A constant is a case of every other order (b = 0), so it is called by another test: no order is clearly more likely, or
grows by 10 % over the whole range, and the slope in logarithms surely makes less than half as much again of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .ratios import t_point

Floats = NDArray[np.float64]

#: Fewer sizes show no shape; fewer than FIRM_SIZES no surprise either.
FEWEST_SIZES, FIRM_SIZES = 3, 4
#: Sizes and figures beyond these have squares that a number cannot hold.
LEAST, MOST = 1e-75, 1e75
#: How much more likely than the second best an order must be to be called, as twice a logarithm: 20 to 1.
CLEAR = 2 * math.log(20)
#: The relative noise of a figure of which nothing is known, and how surely (degrees of freedom).
UNKNOWN_NOISE, UNKNOWN_DEGREES = 0.05, 3.0
#: However well the noise is known: caches, allocators and lower terms bend real curves by this much; and that knowledge
#: weighs no more than so many sizes do, as the bends of a curve are no noise.
LEAST_NOISE, MOST_DEGREES = 0.01, 4.0
#: Growth over the whole range that is worth a name.
RELEVANT = 1.1
#: A constant is called where the whole range surely grows by less than this factor.
SURELY_FLAT = 1.5
#: Relative error (root of the mean square) beyond which no order fits.
MISFIT = 0.25
_ROUNDS = 4


class Order(StrEnum):
    """The orders of growth, slowest first."""

    CONSTANT = "constant"
    LOG = "log n"
    LINEAR = "linear"
    LINEAR_LOG = "n log n"
    QUADRATIC = "quadratic"

    @property
    def rank(self) -> int:
        """Its place among the orders; a larger one grows faster."""
        return list(Order).index(self)

    @property
    def formula(self) -> str:
        """The term that grows: "n log2 n"; "" for a constant."""
        return {"log n": "log2 n", "linear": "n", "n log n": "n log2 n", "quadratic": "n²"}.get(self.value, "")


_TERMS: dict[Order, Callable[[Floats], Floats]] = {
    Order.CONSTANT: lambda n: np.zeros_like(n),
    Order.LOG: lambda n: np.log2(n),
    Order.LINEAR: lambda n: n,
    Order.LINEAR_LOG: lambda n: n * np.log2(n),
    Order.QUADRATIC: lambda n: n * n,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One order fitted: y = a + b f(n / unit).

    error  root of the mean square of the relative errors;  score  how unlikely it is: twice a logarithm, less is better
    growth  fitted cost at the largest size over that at the smallest
    """

    order: Order
    a: float
    b: float
    unit: float
    error: float
    score: float
    growth: float

    def at(self, n: float) -> float:
        """The fitted cost of one size."""
        return float(self.a + self.b * _TERMS[self.order](np.array([n / self.unit]))[0])


@dataclass(frozen=True, slots=True)
class Fit:
    """What the sizes say: all orders, the best one first.

    order     the one that is called, None where it cannot be told;  firm: from enough sizes to hold a commit to it
    odds      how many times as likely as the second best one the best one is
    exponent  the slope in logarithms: 1.0 is linear;  `lo`, `hi`: its 95 % interval
    span      the largest size over the smallest
    misfit    even the best one is far off;  falls: the cost falls as the size grows
    unsteady  one would be called, but without one of the sizes it would be another
    """

    candidates: tuple[Candidate, ...]
    order: Order | None
    firm: bool
    odds: float
    exponent: float
    lo: float
    hi: float
    span: float
    misfit: bool
    falls: bool
    unsteady: bool = False

    @property
    def best(self) -> Candidate:
        """The best order, called or not."""
        return self.candidates[0]

    @property
    def second(self) -> Candidate:
        """The next best."""
        return self.candidates[1]

    @property
    def most_growth(self) -> float:
        """How many times as much the largest size costs as the smallest at most (95 %)."""
        return math.exp(min(self.hi * math.log(self.span), 700.0))


def fit(sizes: Floats, values: Floats, *, noise: float = UNKNOWN_NOISE, degrees: float = UNKNOWN_DEGREES) -> Fit:
    """Fits all orders; `noise` is the relative standard deviation of a figure, known as well as from so many `degrees`.

    Raises ValueError for fewer than three sizes, and for sizes or values that are not between 1e-75 and 1e75.
    """
    n, y = np.asarray(sizes, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if len(np.unique(n)) < FEWEST_SIZES:
        raise ValueError(f"fewer than {FEWEST_SIZES} sizes")
    if not all(((side >= LEAST) & (side <= MOST)).all() for side in (n, y)):
        raise ValueError(f"sizes and figures must lie between {LEAST:g} and {MOST:g}")
    unit = min(float(n.min()), 1.0)  # below a size of 1 a logarithm would be negative
    scale = float(np.exp(np.log(y).mean()))
    known = max(noise, LEAST_NOISE), min(max(degrees, 0.0), MOST_DEGREES)
    made = _candidates(n / unit, y / scale, known)
    steady = _steady(n / unit, y / scale, known)
    made = [Candidate(c.order, c.a * scale, c.b * scale, unit, c.error, c.score, c.growth) for c in made]
    found = _chosen(made, n, y, known)
    if found.order in (None, Order.CONSTANT, steady):
        return found
    return replace(found, order=None, firm=False, unsteady=True)


def _candidates(n: Floats, y: Floats, known: tuple[float, float]) -> list[Candidate]:
    return [_candidate(order, n, y, known) for order in Order]


def _steady(n: Floats, y: Floats, known: tuple[float, float]) -> Order | None:
    """The order of growth that fits best whichever size is left out; None where that hangs on a single one.

    A largest size that no longer fits into a cache, or that a neighbour spoilt, makes n log n of a linear growth, and
    no noise warns of it.
    """
    orders = {_best(_candidates(n, y, known))}
    sizes = np.unique(n)
    for size in sizes if len(sizes) >= FIRM_SIZES else ():
        orders.add(_best(_candidates(n[n != size], y[n != size], known)))
    return orders.pop() if len(orders) == 1 else None


def _best(made: list[Candidate]) -> Order:
    return min(made[1:], key=lambda one: one.score).order


def _chosen(made: list[Candidate], n: Floats, y: Floats, known: tuple[float, float]) -> Fit:
    """The order that is called. A constant is a case of every other order, so it is not held against them by odds."""
    flat = made[0]
    growing = sorted(made[1:], key=lambda one: (one.score, one.order.rank))
    slope, lo, hi = _slope(n, y, known)
    span = float(n.max() / n.min())
    falls = hi < 0 and slope * math.log(span) < -math.log(RELEVANT)
    grows = growing[0].growth >= RELEVANT and flat.score - growing[0].score >= CLEAR
    flat_first = growing[0].growth < RELEVANT or flat.score <= growing[0].score
    ordered = (
        [flat, *growing] if flat_first and not grows else sorted(made, key=lambda one: (one.score, one.order.rank))
    )
    misfit = ordered[0].error > MISFIT
    odds = math.exp(min((ordered[1].score - ordered[0].score) / 2, 700.0))
    called: Order | None = None
    if grows and growing[1].score - growing[0].score >= CLEAR:
        called = growing[0].order
    elif not grows and flat_first and hi * math.log(span) <= math.log(SURELY_FLAT):
        called = Order.CONSTANT
    called = None if misfit or falls else called
    firm = called is not None and len(np.unique(n)) >= FIRM_SIZES
    return Fit(tuple(ordered), called, firm, odds, slope, lo, hi, span, misfit, falls)


def _slope(n: Floats, y: Floats, known: tuple[float, float]) -> tuple[float, float, float]:
    """The slope in logarithms with its 95 % interval, the scatter weighed with what is known of the noise."""
    x, logs = np.log(n) - np.log(n).mean(), np.log(y) - np.log(y).mean()
    square = float(x @ x)
    slope = float(x @ logs) / square
    errors = logs - slope * x
    noise, degrees = known
    free = len(n) - 2 + degrees
    half = t_point(free) * math.sqrt((float(errors @ errors) + degrees * noise**2) / free / square)
    return slope, slope - half, slope + half


def _candidate(order: Order, n: Floats, y: Floats, known: tuple[float, float]) -> Candidate:
    term = _TERMS[order](n)
    top = float(term.max())
    a, b = _least_squares(term / top if top > 0 else term, y)
    b = b / top if top > 0 else 0.0
    fitted = a + b * term
    errors = np.log(np.maximum(fitted, 1e-12) / y)
    square = float(errors @ errors)
    noise, degrees = known
    score = (len(y) + degrees) * math.log1p(square / (max(degrees, 1.0) * noise**2))
    score += 0.0 if order is Order.CONSTANT else math.log(len(y))
    ends = fitted[np.argmax(n)], fitted[np.argmin(n)]
    growth = float(ends[0] / ends[1]) if ends[1] > 0 else math.inf
    return Candidate(order, a, b, 1.0, math.sqrt(square / len(y)), score, growth)


def _least_squares(term: Floats, y: Floats) -> tuple[float, float]:
    """a and b of y = a + b term, neither negative, with the smallest squares of (y - fitted) / fitted."""
    a, b = 0.0, 0.0
    weights = 1 / y
    for _ in range(_ROUNDS):
        a, b = _not_negative(term * weights, weights, y * weights)
        # Half way between figure and fit: so an order that is far off does not hide behind small weights.
        weights = 1 / np.sqrt(y * np.maximum(a + b * term, 1e-3 * y))
    return a, b


def _not_negative(x: Floats, one: Floats, y: Floats) -> tuple[float, float]:
    """The two coefficients of y = a one + b x by least squares with a, b >= 0 (two of them need no algorithm)."""
    oo, xx, ox = float(one @ one), float(x @ x), float(one @ x)
    oy, xy = float(one @ y), float(x @ y)
    determinant = oo * xx - ox * ox
    if xx > 0 and determinant > 1e-12 * oo * xx:
        a, b = (oy * xx - xy * ox) / determinant, (xy * oo - oy * ox) / determinant
        if a >= 0 and b >= 0:
            return a, b
    alone = max(oy, 0.0) / oo, max(xy, 0.0) / xx if xx > 0 else 0.0
    gains = alone[0] * oy, alone[1] * xy
    return (alone[0], 0.0) if gains[0] >= gains[1] else (0.0, alone[1])
