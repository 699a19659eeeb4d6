"""The search for cuts in many series: prepare, propose, weigh, propose again, accept, and once more along a drift.

Everything but the partitioning is done series by series; `propose` takes all series at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from . import drift
from .accept import Sums, accept, score, threshold
from .modes import weigh
from .noise import (
    Floats,
    clipped,
    levels,
    median,
    phi_of_differences,
    phi_of_residuals,
    running_median,
    smallest_move,
    successive_spread,
)
from .propose import Search, penalty, propose

#: Noise smaller than this share of the smallest move is rounding: with it, a counter that moves once by one moves by
#: four sigmas, which three points make certain.
_QUANTUM = 0.25
#: Sums of the same numbers in another order differ in the last bits: logarithms and shares this near are equal.
_GRAIN = 1e-12
#: With a constant series any sigma will do.
_NO_SIGMA = 1.0
#: Cuts that stand at this many sigmas are there with a drift or without: the first fit of a drift keeps these alone.
_SURE = 6.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A series in sigmas around its median: raw, clipped at its spikes, with the weights that its points came with.

    `middle` is the running median of `raw`. In the units of what was given, a value is `base` + `scale` × raw.
    `still`: whether nothing moves in it.
    """

    raw: Floats
    middle: Floats
    z: Floats
    own: Floats
    base: float
    scale: float
    named: tuple[int, ...]
    still: bool


class Found(NamedTuple):
    """What the search found: values (raw, clipped) without modes, weights, the drift under them, the cuts.

    `unit` is the sigma of the values in those of what was prepared; `degree` that of the drift, 0 for none; `sure` the
    cuts that stand without a doubt. `tested`: the sums in which the cuts were tested, and their scores.
    """

    raw: Floats
    z: Floats
    weights: Floats
    unit: float
    curve: Floats
    degree: int
    phi: float
    cuts: list[int]
    sure: list[int]
    tested: tuple[Sums, list[float]] | None = None

    @property
    def flat(self) -> Floats:
        """The values without the drift."""
        return self.z - self.curve if self.degree else self.z

    def scored(self) -> tuple[Sums, list[float]]:
        """The sums of the values without the drift, and in them the score of each cut."""
        if self.tested is not None:
            return self.tested
        sums = Sums(self.flat, self.weights, self.phi)
        edges = [0, *self.cuts, sums.n]
        return sums, [score(sums, *edges[i : i + 3]) for i in range(len(self.cuts))]


def prepare(x: Floats, own: Floats, named: tuple[int, ...] = (), middle: Floats | None = None) -> Prepared:
    """A series of usable values on the scale of the search, in sigmas; `middle` is its running median, where known."""
    if middle is None:
        middle = running_median(x)
    base = median(x) if len(x) else 0.0
    quantum = _QUANTUM * smallest_move(x, _GRAIN)
    sigma = max(successive_spread(x), quantum) or _NO_SIGMA
    # A median is one of the values, so that of other units is the same one.
    z = clipped((x - base) / sigma, 1.0, (middle - base) / sigma)
    # Clipping draws sigma in where there are spikes: once more, from what is left.
    again = successive_spread(z)
    if again > 1e-6:
        again = max(again, quantum / sigma)
        z, sigma = z / again, sigma * again
    return Prepared((x - base) / sigma, (middle - base) / sigma, z, own, base, sigma, named, quantum == 0)


def search(series: Sequence[Prepared]) -> list[Found]:
    """The cuts of every series; one series' cuts do not depend on the others."""
    early = [Search(p.z, p.own, penalty(len(p.z), phi_of_differences(p.z)), p.named) for p in series]
    coarse = propose(early)
    weighed = [weigh(p.raw, p.z, p.own, cuts, p.middle) for p, cuts in zip(series, coarse, strict=True)]
    plain = [
        Found(w.raw, w.z, w.weights, w.unit, np.zeros(len(w.z)), 0, _phi(w.z, w.weights, cuts), cuts, cuts)
        for w, cuts in zip(weighed, coarse, strict=True)
    ]
    # Where the noise is as plain as was taken for granted, the second search would be the first again.
    again = [i for i, (f, p, one) in enumerate(zip(plain, series, early, strict=True)) if not _same(f, p, one)]
    for i, found in zip(again, _searched([plain[i] for i in again], [series[i] for i in again]), strict=True):
        plain[i] = found
    for i in set(range(len(plain))).difference(again):
        plain[i] = _accepted(plain[i], early[i], coarse[i])
    return _along_drift(plain, series)


def _same(found: Found, prepared: Prepared, one: Search) -> bool:
    """Whether a search of what was found is the search that was made of what was prepared."""
    plain = found.z is prepared.z and found.weights is prepared.own
    return plain and penalty(len(found.z), found.phi) == one.penalty


def _phi(z: Floats, weights: Floats, cuts: Sequence[int]) -> float:
    if len(z) < 3:
        return 0.0
    return phi_of_residuals((z - levels(z, weights, cuts)) * np.sqrt(weights), len(cuts))


def _searched(founds: Sequence[Found], series: Sequence[Prepared]) -> list[Found]:
    """Each with the cuts that its own values, weights and memory call for."""
    searches = [
        Search(f.flat, f.weights, penalty(len(f.z), f.phi), p.named) for f, p in zip(founds, series, strict=True)
    ]
    return [_accepted(f, one, cuts) for f, one, cuts in zip(founds, searches, propose(searches), strict=True)]


def _accepted(found: Found, one: Search, proposed: list[int]) -> Found:
    """With those of the proposed cuts that stand."""
    if not proposed:
        return found._replace(cuts=[], sure=[], tested=None)
    sums = Sums(one.values, one.weights, found.phi)
    kept, scores = accept(sums, proposed, threshold(sums.n), frozenset(one.named))
    return found._replace(cuts=kept, sure=accept(sums, kept, _SURE, scores=scores).cuts, tested=(sums, scores))


def _along_drift(plain: list[Found], series: Sequence[Prepared]) -> list[Found]:
    """The same, with a drift where the cost of drift and cuts together is less than that of cuts alone."""
    best = list(plain)
    starts = _starts(plain)
    cost = {i: _cost(plain[i], plain[i].phi) for i in starts}
    least = dict(cost)
    for degree in drift.DEGREES:
        trial: dict[int, Found] = {}
        price = dict(cost)
        for i in starts:
            seen: list[list[int]] = []
            for factors in drift.promising(starts[i], degree):
                found = _bent(plain[i], factors, seen)
                if found is None:
                    continue
                paid = _cost(found, plain[i].phi)
                if paid < price[i]:
                    price[i], trial[i] = paid, found
        along = [t._replace(phi=_phi(t.flat, t.weights, t.cuts)) for t in trial.values()]
        along = _searched(along, [series[i] for i in trial])
        for i, found in zip(trial, along, strict=True):
            curve = drift.fitted(found.z, found.weights, found.cuts, degree)
            found = found._replace(curve=curve, tested=None)
            paid = _cost(found, plain[i].phi)
            if paid < least[i]:
                least[i], best[i] = paid, found
    return best


def _starts(plain: Sequence[Found]) -> dict[int, list[drift.Fit]]:
    """Fits of curves beside all cuts, then beside the sure ones, and beside none, of the series that ask for a drift.

    Strong cuts may be real, or stairs along a strong drift.
    """
    sets: dict[int, list[list[int]]] = {}
    for i, found in enumerate(plain):
        if len(found.z) >= drift.ENOUGH:
            sure = [found.sure] if found.sure and found.sure != found.cuts else []
            sets[i] = [found.cuts, *sure, []] if found.cuts else [[]]
    most = drift.DEGREES[-1]
    asked = [drift.equations(plain[i].z, plain[i].weights, cuts, most) for i in sets for cuts in sets[i]]
    fits = iter(drift.fits(asked))
    starts: dict[int, list[drift.Fit]] = {}
    for i, each in sets.items():
        made = [next(fits) for _ in each]
        found = plain[i]
        # The first is what the others are compared with, and a start of its own where its cuts are all sure or none.
        alike = not found.cuts or found.sure == found.cuts
        fewer = made if alike else made[1:]
        if any(fit.may_ask() for fit in fewer):
            starts[i] = [made[0], *fewer]
    return starts


def _bent(found: Found, factors: Floats, seen: list[list[int]]) -> Found | None:
    """Those of the cuts that stand along a drift, and the drift beside them: what a search along it may better.

    None where they are among the `seen`, to which they are added: the drift beside them would be the same again.
    """
    bent = found._replace(curve=drift.curve(len(found.z), factors), degree=len(factors), tested=None)
    if found.cuts:
        bent = bent._replace(phi=_phi(bent.flat, bent.weights, bent.cuts))
        sums = Sums(bent.flat, bent.weights, bent.phi)
        bent = bent._replace(cuts=accept(sums, bent.cuts, threshold(sums.n)).cuts)
        if bent.cuts in seen:
            return None
        seen.append(bent.cuts)
        bent = bent._replace(curve=drift.fitted(bent.z, bent.weights, bent.cuts, bent.degree))
    return bent


def _cost(found: Found, phi: float) -> float:
    """The criterion, with no more memory than was found without a drift: else memory explains the steps left out."""
    return drift.criterion(found.flat, found.weights, found.cuts, found.degree, phi)
