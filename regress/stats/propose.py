"""Where the levels of many series may change: optimal partitioning, all series of about one length at once.

The partition maximises the sum over segments of (weighted sum)² / weight less a penalty a cut, which is least squares
around each segment's mean (optimal partitioning, Jackson et al. 2005). It is pruned before it starts: cuts are looked
for only where a moving difference of means peaks, at some scale, for all series at once (intervals of many lengths, as
Fryzlewicz 2014 and Kovács et al. 2023 search). What is proposed is judged by `accept`.

Note: moving each cut to the best place near its peak, afterwards, changed nothing: some scale peaks there already.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .noise import Floats

Places = NDArray[np.intp]

#: The shortest segment: two points that agree by chance are common in long histories, three are not.
SHORTEST = 3
#: Half-widths of the moving difference: a step best seen at any width keeps 85 % of its evidence at the nearest.
_SCALES = (3, 5, 8, 13, 24, 48, 96, 192, 384, 768)
#: Peaks below this share of what a cut must gain are no places for one: at the nearest scale it keeps most of its gain.
_PEAK = 0.5
#: Series screened together, and those whose places are searched together: some rows of a few hundred points stay in a
#: second-level cache.
_SCREENED = 16
_TOGETHER = 64
#: A named cut (a changed fact) is one place, not one of n: it needs no log n. With n = 200 that leaves about half.
_NAMED_SHARE = 0.5


class Search(NamedTuple):
    """What is searched: values and weights of shape (n,), the penalty of a cut, and the places with a name."""

    values: Floats
    weights: Floats
    penalty: float
    named: tuple[int, ...] = ()


def penalty(n: int, phi: float) -> float:
    """What a cut must gain, in squared sigmas, among n points of AR(1) noise.

    Among white noise 2.5 log n + 4: a modified BIC (Zhang and Siegmund 2007) with its constants chosen so that about .1
    false cuts in 1,000 points are left, over eight families of noise. Memory widens sums by (1 + phi) / (1 - phi) and
    makes wander look like levels; the further 1 / (1 - phi) holds the rate on AR(1) noise of phi up to .8.
    """
    return (2.5 * math.log(max(n, 2)) + 4.0) * (1 + phi) / (1 - phi) ** 2


def propose(searches: Sequence[Search]) -> list[list[int]]:
    """The cuts of each search: the first index of each new segment, rising. The same whatever is searched beside it."""
    asked = _asked(searches)
    # Rows of about as many places together, so that little of a table is padding.
    asked.sort(key=lambda one: len(one.at))
    found: list[list[int]] = [[] for _ in searches]
    for start in range(0, len(asked), _TOGETHER):
        group = asked[start : start + _TOGETHER]
        for one, cuts in zip(group, _partition(group), strict=True):
            found[one.which] = cuts
    return found


class _Table(NamedTuple):
    """Running sums of some series, a row each, of shape (rows, margin + longest + 1 + margin).

    The sums before the first point are in column `margin`. To its left they are 0, after a row's end constant, so that
    a window that reaches beyond either end needs no other index.
    """

    sums: Floats
    weights: Floats
    longest: int
    margin: int

    def row(self, row: int, n: int) -> tuple[Floats, Floats]:
        """The running sums of one series of n points, shape (n + 1,) each."""
        own = slice(self.margin, self.margin + n + 1)
        return self.sums[row, own].copy(), self.weights[row, own].copy()


class _Asked(NamedTuple):
    """A search that has places for a cut: them, between 0 and n, and the running sums of the series."""

    which: int
    search: Search
    at: Places
    sums: Floats
    weights: Floats


def _asked(searches: Sequence[Search]) -> list[_Asked]:
    """The screen: the searches whose moving differences peak somewhere, or that have a named place."""
    order = [i for i, one in enumerate(searches) if len(one.values) >= 2 * SHORTEST]
    order.sort(key=lambda i: len(searches[i].values))
    asked = []
    for start in range(0, len(order), _SCREENED):
        group = order[start : start + _SCREENED]
        table = _table([searches[i] for i in group])
        peaks = _peaks(table, [searches[i] for i in group])
        for row, (i, inner) in enumerate(zip(group, peaks, strict=True)):
            one = searches[i]
            n = len(one.values)
            if one.named:
                inner = np.union1d(inner, one.named).astype(np.intp)
            if len(inner):
                at = np.concatenate(([0], inner, [n]))
                asked.append(_Asked(i, one, at, *table.row(row, n)))
    return asked


def _table(group: list[Search]) -> _Table:
    longest = max(len(one.values) for one in group)
    margin = max(scale for scale in _SCALES if _fits(scale, longest))
    shape = len(group), longest + 1 + 2 * margin
    padded, weights = np.zeros(shape), np.zeros(shape)
    for row, one in enumerate(group):
        own = slice(margin + 1, margin + 1 + len(one.values))
        weights[row, own] = one.weights
        np.multiply(one.values, one.weights, out=padded[row, own])
    return _Table(padded.cumsum(axis=1, out=padded), weights.cumsum(axis=1, out=weights), longest, margin)


def _fits(scale: int, length: Any) -> Any:
    """Whether a series (or each of several) is long enough for a half-width."""
    return (2 * scale <= length + 1) | (scale == _SCALES[0])


def _peaks(table: _Table, group: list[Search]) -> list[Places]:
    """The places of each row where a difference of means peaks at some scale."""
    inner = table.longest - 1
    shape = len(group), inner
    peaked = np.zeros(shape, dtype=bool)
    length = np.array([[len(one.values)] for one in group])
    enough = np.array([[_PEAK * one.penalty] for one in group])
    w1, w2, square, other = (np.empty(shape) for _ in range(4))
    high = np.empty(shape, dtype=bool)

    def around(sums: Floats, scale: int) -> Iterator[Floats]:
        at = table.margin + 1
        return (sums[:, start : start + inner] for start in (at - scale, at, at + scale))

    for scale in (each for each in _SCALES if each <= table.margin):
        before, here, after = around(table.weights, scale)
        np.subtract(here, before, out=w1)
        np.subtract(after, here, out=w2)
        before, here, after = around(table.sums, scale)
        # (u2/w2 - u1/w1)² / (1/w1 + 1/w2), without a division by the nothing that lies beyond a row's end.
        np.subtract(after, here, out=square)
        square *= w1
        np.subtract(here, before, out=other)
        other *= w2
        square -= other
        square *= square
        np.add(w1, w2, out=other)
        w1 *= w2
        w1 *= other
        square /= np.maximum(w1, 1e-300, out=w1)
        # A half-width that only fits in a longer row is none of this one's.
        np.greater(square, np.where(_fits(scale, length), enough, np.inf), out=high)
        high[:, 0] = high[:, -1] = False
        # Few places are high: their neighbours are looked up, not compared everywhere.
        some = np.flatnonzero(high)
        flat = square.ravel()
        top = flat[some]
        peaked.ravel()[some[(top >= flat[some - 1]) & (top >= flat[some + 1])]] = True
    return [np.flatnonzero(peaked[row, : len(one.values) - SHORTEST]) + 1 for row, one in enumerate(group)]


def _partition(group: list[_Asked]) -> list[list[int]]:
    """The best partition of each, cutting at some of its places only."""
    most = max(len(one.at) for one in group)
    at = np.zeros((len(group), most), dtype=np.intp)
    sums, weights, price = np.zeros((len(group), most)), np.zeros((len(group), most)), np.zeros((len(group), most))
    for row, one in enumerate(group):
        count = len(one.at)
        at[row, :count], at[row, count:] = one.at, one.at[-1]
        sums[row], weights[row] = one.sums[at[row]], one.weights[at[row]]
        # Beyond a row's end anything will do but a weight of nothing, by which the search would divide.
        weights[row, count:] += np.arange(1, most - count + 1)
        price[row] = one.search.penalty
        if one.search.named:
            price[row, :count][np.isin(one.at, one.search.named)] *= _NAMED_SHARE
    came = _search(sums, weights, at, price)
    return [_walk_back(came[row], one.at) for row, one in enumerate(group)]


def _search(sums: Floats, weights: Floats, at: Places, price: Floats) -> Places:
    """For each row and each place, at which place the best last segment before it begins."""
    rows, ends = sums.shape
    came = np.zeros((rows, ends), dtype=np.intp)
    best = np.full((rows, ends), -np.inf)
    best[:, 0] = 0.0
    every = np.arange(rows)
    gain, weight = np.empty((rows, ends)), np.empty((rows, ends))
    # Only the last few places can be too close.
    banned = [np.where(at[:, by:] - at[:, :-by] < SHORTEST, -np.inf, 0.0) for by in range(1, min(SHORTEST, ends))]
    for end in range(1, ends):
        g, w = gain[:, :end], weight[:, :end]
        np.subtract(sums[:, end : end + 1], sums[:, :end], out=g)
        np.multiply(g, g, out=g)
        np.subtract(weights[:, end : end + 1], weights[:, :end], out=w)
        np.divide(g, w, out=g)
        np.add(g, best[:, :end], out=g)
        for by, ban in enumerate(banned[:end], 1):
            g[:, end - by] += ban[:, end - by]
        where = g.argmax(axis=1)
        came[:, end] = where
        best[:, end] = g[every, where] - price[:, end]
    return came


def _walk_back(came: Places, at: Places) -> list[int]:
    """The cuts on the best way back from the last place."""
    cuts: list[int] = []
    end = len(at) - 1
    while end > 0:
        end = int(came[end])
        if end > 0:
            cuts.append(int(at[end]))
    return cuts[::-1]
