"""What is known of each step: its size and place with their intervals, and whether it is confirmed.

Every commit is another look at a series, so what confirms a step is set by the false alarms that all looks together may
bring, and is stricter than what the search accepts in hindsight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .accept import PRIOR, Sums
from .news import CONFIRMING, HISTORY, LATER, news
from .search import Found

#: Less evidence than `needed` by this much is still worth saying: a suspected step.
_SUSPECTED = 1.0
#: A cut of the search this close to what the last points show is the same step.
_SAME = 6
#: Differences at a place chosen for being large vary this much more than at one chosen beforehand, and twice as much
#: again where a fitted drift shares them: calibrated so that 95 % intervals of white noise hold 95 % of true sizes.
_CHOSEN = 1.2
_SHARED = 2.0
#: Points to each side of a cut where the true place may be.
_NEAR = 60
#: Places less likely than this are in no interval of 95 %: all 120 together hold less than .05.
_UNLIKELY = 1e-4


@dataclass(frozen=True, slots=True)
class Step:
    """A change of level at `index`, the first of the new level.

    `before`, `after`: the levels beside it, in the values' unit; `lo`, `hi`: the 95 % interval of after/before (NaN
    where they have no ratio); `first`, `last`: that of the index; `score`: how far from no change, in normal deviates.
    """

    index: int
    before: float
    after: float
    lo: float
    hi: float
    first: int
    last: int
    score: float
    confirmed: bool


class Cut(NamedTuple):
    """A step on the scale of the search, before units: `apart` ± `error` sigmas; places as indices of usable points.

    `start`: where the level before it begins.
    """

    start: int
    place: int
    apart: float
    error: float
    first: int
    last: int
    score: float
    confirmed: bool


#: Evidence that brings so many false alarms in 1,000 commits: nine simulated sets of eight families of noise, replayed
#: commit by commit; ten others, kept for judging, gave .5, 1.1, 2.3 and 5.0.
_NEEDED = ((0.5, 5.1), (1.0, 4.2), (2.0, 3.5), (5.0, 3.0))


def needed(false_alarms: float) -> float:
    """The evidence that confirms, for so many online false alarms in 1,000 commits; beyond the table, its ends."""
    rates, levels = zip(*_NEEDED, strict=True)
    return float(np.interp(math.log(max(false_alarms, 1e-9)), np.log(rates), levels))


def cuts_of(found: Found, sums: Sums, scores: Sequence[float], false_alarms: float) -> list[Cut]:
    """The accepted cuts with their scores, then the suspected one where only the last points say so."""
    n = sums.n
    level = needed(false_alarms)
    settled = [c for c in found.cuts if n - c > max(LATER)]
    late = [c for c in found.cuts if n - c <= max(LATER)]
    edges = [0, *found.cuts, n]
    result = []
    for a, c, b, z in zip(edges, edges[1:], edges[2:], scores, strict=False):
        result.append(_cut(sums, (a, c, b), z, c in settled and z - HISTORY >= level))
    told = news(found, sums, settled[-1] if settled else 0, level - _SUSPECTED)
    c, z = told or (0, 0.0)
    near = [late_cut for late_cut in late if told and abs(late_cut - c) < _SAME]
    if near:
        # The search places it better; what the last points show decides.
        at = found.cuts.index(near[-1])
        sure = z >= level and n - c >= CONFIRMING
        result[at] = result[at]._replace(confirmed=sure)
    elif told and c > edges[-2]:
        result.append(_cut(sums, (edges[-2], c, n), z, z >= level and n - c >= CONFIRMING))
    return [cut._replace(error=_SHARED * cut.error) for cut in result] if found.degree else result


def _cut(sums: Sums, edges: tuple[int, int, int], z: float, confirmed: bool) -> Cut:
    a, c, b = edges
    a, b = max(a, c - _NEAR), min(b, c + _NEAR)
    w1, w2 = sums.w[c] - sums.w[a], sums.w[b] - sums.w[c]
    variance = (sums.rest(a, c) + sums.rest(c, b) + PRIOR) / (b - a - 2 + PRIOR) * sums.inflation
    first, last = _place(sums, (a, c, b), variance)
    return Cut(
        edges[0],
        c,
        sums.mean(c, b) - sums.mean(a, c),
        _CHOSEN * math.sqrt(variance * (1 / w1 + 1 / w2)),
        first,
        last,
        z,
        confirmed,
    )


def _place(sums: Sums, edges: tuple[int, int, int], variance: float) -> tuple[int, int]:
    """The shortest interval that holds 95 % of the likelihood of the place, all places alike before (Smith 1975)."""
    a, c, b = edges
    if b - a < 3:
        return c, c
    inner = slice(a + 1, b)
    w, u = np.asarray(sums.w)[inner] - sums.w[a], np.asarray(sums.wz)[inner] - sums.wz[a]
    all_w, all_u = sums.w[b] - sums.w[a], sums.wz[b] - sums.wz[a]
    gain = u * u / w + (all_u - u) ** 2 / (all_w - w)
    like = np.exp((gain - gain.max()) / (2 * variance))
    like /= like.sum()
    # Few places share nearly all of it, and a dozen numbers are sorted faster by Python.
    some = np.flatnonzero(like > _UNLIKELY)
    held, first, last = 0.0, c, c
    for share, place in sorted(zip((-like[some]).tolist(), some.tolist(), strict=True)):
        first, last = min(first, a + 1 + place), max(last, a + 1 + place)
        held -= share
        if held >= 0.95:
            break
    return first, last
