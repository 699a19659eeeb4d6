"""Looks at a growing sample of pairs: is it worse than a tolerance, surely not, or not to be told yet?

A pair is one process of each side; its figure is d = log(head / base), signed so that positive is worse. Before the
first pair is measured, `design` fixes after how many pairs there is a look, and what share of the error each look may
spend (Lan and DeMets 1983; a Bonferroni sum over the looks, which holds however they depend on each other, in place of
their joint distribution, which trimmed means do not have). At a look an interval is made of all pairs so far:

    regressed    its lower end lies above the tolerance
    improved     its upper end, as strict as the lower one, lies below minus the tolerance
    unchanged    its upper end lies below the tolerance: a proof that it is not worse, not "no difference seen"

and otherwise more is measured. The interval is Student's around a trimmed mean, with the winsorised variance of Yuen
(1974): none of 5 pairs is cut off, 1 of 10 and 2 of 15 on each side, so that a pair which a neighbour spoilt does not
decide, and its error is taken as 1.2 times as large as it looks, as pairs on a real machine may be correlated (.18 from
one to the next makes it so).

Note: chosen by simulation (`benchmarks/confirm_design.py`). More trimming breaks with two modes, as many pairs of one
kind then look like little noise; signed ranks cannot reach an error of .001 with 10 pairs, nor .0001 with 15 of which
one is spoilt; an autocorrelation estimated from 15 pairs costs more than the factor, and holds no better.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .student import student_tail

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The pairs after which there is a look, unless told otherwise.
PAIRS = (5, 10, 15)
#: How often *unchanged* may be said of a change as large as the tolerance.
FALSE_GREEN = 0.05
#: Shares of the error by look: little is spent early on *regressed*, more on *unchanged*, as most suspects are.
_RED = (0.1, 0.3, 0.6)
_GREEN = (0.3, 0.3, 0.4)
#: How much larger the error of a centre is than independent pairs would make it.
CAUTION = 1.2
#: Pairs vary by at least so much: figures that are rounded alike do not prove that there is no noise.
LEAST_SPREAD = 1e-3
#: Fewest pairs for a spread.
_FEWEST = 3


class Call(StrEnum):
    """What a look says; OPEN where more pairs are needed, or would have been."""

    REGRESSED = "regressed"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Looks:
    """A design, fixed before the first pair: looks after so many `pairs`, and the error each may spend on one claim.

    red     of *regressed* and of *improved*; 0 where so few pairs cannot make so small an error
    green   of *unchanged*
    """

    pairs: tuple[int, ...]
    red: tuple[float, ...]
    green: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at a look, in logarithms: the centre and its ends, and what that means.

    lo       the end that *regressed* is judged by; -inf where this look spends nothing on it
    hi       the end that *unchanged* is judged by
    highest  the end that *improved* is judged by: as strict as `lo`
    """

    pairs: int
    centre: float
    lo: float
    hi: float
    highest: float
    call: Call


@lru_cache(maxsize=64)
def design(alpha: float, most: int = PAIRS[-1], green: float = FALSE_GREEN) -> Looks:
    """Looks after a third, two thirds and all of `most` pairs, with the error `alpha` for *regressed* over all of them.

    A look spends nothing on a claim that it cannot make: n pairs of which each lies in one of two modes, each as
    likely, fall all on the same side with 4^-n, and no spread warns of it. Its share goes to the later looks.
    """
    pairs = tuple(sorted({max(round(most * part / 3), min(_FEWEST, most)) for part in (1, 2, 3)}))
    red = [share * alpha for share in _shares(_RED, len(pairs))]
    for at, n in enumerate(pairs[:-1]):
        if red[at] < 0.2 * 4.0 ** -(n - trimmed(n)):
            rest = sum(red[at + 1 :])
            red[at + 1 :] = [share * (1 + red[at] / rest) for share in red[at + 1 :]]
            red[at] = 0.0
    return Looks(pairs, tuple(red), tuple(share * green for share in _shares(_GREEN, len(pairs))))


def _shares(shares: tuple[float, ...], looks: int) -> list[float]:
    """The last `looks` shares, made to sum to one."""
    kept = shares[len(shares) - looks :]
    return [share / sum(kept) for share in kept]


def look(ratios: NDArray[np.float64], looks: Looks, tolerance: float, *, two_sided: bool = False) -> Look:
    """What the pairs say at the look that they are enough for: `ratios` (shape (pairs,)) in logarithms, in order.

    The tolerance is a logarithm, too. Pairs beyond a look count at the next one only; with fewer than the first look
    has, nothing is known. `two_sided` goes on where it looks like an improvement that is not proven yet. Raises
    ValueError for figures that are not finite.
    """
    if not np.isfinite(ratios).all():
        raise ValueError("a pair without a figure")
    at = max((i for i, n in enumerate(looks.pairs) if n <= len(ratios)), default=None)
    if at is None:
        return Look(len(ratios), math.nan, -math.inf, math.inf, math.inf, Call.OPEN)
    n = looks.pairs[at]
    centre, error, degrees = centre_of(ratios[:n])
    red = error * student_point(looks.red[at], degrees) if looks.red[at] else math.inf
    green = error * student_point(looks.green[at], degrees)
    seen = Look(n, centre, centre - red, centre + green, centre + red, Call.OPEN)
    goes_on = two_sided and n < looks.pairs[-1] and centre < -tolerance
    return replace(seen, call=_call(seen, tolerance, goes_on=goes_on))


def _call(seen: Look, tolerance: float, *, goes_on: bool) -> Call:
    if seen.lo > tolerance:
        return Call.REGRESSED
    if seen.highest < -tolerance:
        return Call.IMPROVED
    if seen.hi < tolerance and not goes_on:
        return Call.UNCHANGED
    return Call.OPEN


def centre_of(ratios: NDArray[np.float64]) -> tuple[float, float, int]:
    """The trimmed mean, its standard error and the degrees of freedom; one pair or two have an infinite error."""
    n = len(ratios)
    cut = trimmed(n)
    ordered = np.sort(ratios)
    inner = ordered[cut : n - cut]
    centre = float(inner.mean())
    if n < _FEWEST:
        return centre, math.inf, 1
    # Note: np.clip and .std of numbers so few cost more in calls than these sums do.
    held = np.concatenate((np.full(cut, inner[0]), inner, np.full(cut, inner[-1])))
    spread = max(float(held.std(ddof=1)), LEAST_SPREAD)
    return centre, CAUTION * spread / ((1 - 2 * cut / n) * math.sqrt(n)), n - 2 * cut - 1


def trimmed(n: int) -> int:
    """How many pairs are cut off on each side."""
    return max(n // 5 - 1, 0)


@lru_cache(maxsize=256)
def student_point(p: float, degrees: int) -> float:
    """The point of Student's t that is exceeded with probability `p` (0 < p <= .5), within 1 % of that probability."""
    free = np.array([float(degrees)])

    def tail(t: float) -> float:
        return float(student_tail(np.array([t]), free)[0])

    low, high = 0.0, 1.0
    while tail(high) > p:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(middle) > p else (low, middle)
    return (low + high) / 2
