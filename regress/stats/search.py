"""The search for cuts in many series: prepare, propose, weigh, propose again, accept, and once more along a drift.

Everything but the partitioning is done series by series; `propose` takes all series at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from . import drift
from .accept import Sums, accept, threshold
from .modes import weigh
from .noise import Floats, clipped, levels, phi_of_differences, phi_of_residuals, smallest_move, successive_spread
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

    In the units of what was given, a value is `base` + `scale` × raw. `still`: whether nothing moves in it.
    """

    raw: Floats
    z: Floats
    own: Floats
    base: float
    scale: float
    named: tuple[int, ...]
    still: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What the search found: values (raw, clipped) without modes, weights, the drift under them, the cuts.

    `unit` is the sigma of the values in those of what was prepared; `degree` that of the drift, 0 for none; `sure` the
    cuts that stand without a doubt.
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

    @property
    def flat(self) -> Floats:
        """The values without the drift."""
        return self.z - self.curve


def prepare(x: Floats, own: Floats, named: tuple[int, ...] = ()) -> Prepared:
    """A series of usable values on the scale of the search, in sigmas."""
    base = float(np.median(x)) if len(x) else 0.0
    quantum = _QUANTUM * smallest_move(x, _GRAIN)
    sigma = max(successive_spread(x), quantum) or _NO_SIGMA
    z = clipped((x - base) / sigma, 1.0)
    # Clipping draws sigma in where there are spikes: once more, from what is left.
    again = successive_spread(z)
    if again > 1e-6:
        again = max(again, quantum / sigma)
        z, sigma = z / again, sigma * again
    return Prepared((x - base) / sigma, z, own, base, sigma, named, quantum == 0)


def search(series: Sequence[Prepared]) -> list[Found]:
    """The cuts of every series; one series' cuts do not depend on the others."""
    early = [Search(p.z, p.own, penalty(len(p.z), phi_of_differences(p.z)), p.named) for p in series]
    coarse = propose(early)
    weighed = [weigh(p.raw, p.z, p.own, cuts) for p, cuts in zip(series, coarse, strict=True)]
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
        return replace(found, cuts=[], sure=[])
    sums = Sums(one.values, one.weights, found.phi)
    kept = accept(sums, proposed, threshold(sums.n), frozenset(one.named))
    return replace(found, cuts=kept, sure=accept(sums, kept, _SURE))


def _along_drift(plain: list[Found], series: Sequence[Prepared]) -> list[Found]:
    """The same, with a drift where the cost of drift and cuts together is less than that of cuts alone."""
    best = list(plain)
    long = [i for i, found in enumerate(plain) if len(found.z) >= drift.ENOUGH]
    cost = {i: _cost(plain[i], plain[i].phi) for i in long}
    least = dict(cost)
    starts = {i: _starts(plain[i]) for i in long}
    for degree in drift.DEGREES:
        trial: dict[int, Found] = {}
        price = dict(cost)
        for i in long:
            for factors in drift.promising(starts[i], degree):
                found = _bent(plain[i], factors)
                paid = _cost(found, plain[i].phi)
                if paid < price[i]:
                    price[i], trial[i] = paid, found
        along = [replace(t, phi=_phi(t.flat, t.weights, t.cuts)) for t in trial.values()]
        along = _searched(along, [series[i] for i in trial])
        for i, found in zip(trial, along, strict=True):
            found = replace(found, curve=drift.fitted(found.z, found.weights, found.cuts, degree))
            paid = _cost(found, plain[i].phi)
            if paid < least[i]:
                least[i], best[i] = paid, found
    return best


def _starts(found: Found) -> list[drift.Fit]:
    """Fits of curves beside all cuts, then beside the sure ones, and beside none.

    Strong cuts may be real, or stairs along a strong drift.
    """
    every = drift.prepared(found.z, found.weights, found.cuts, drift.DEGREES[-1])
    if not found.cuts:
        return [every, every]
    sets = [found.sure, []] if found.sure else [[]]
    return [every] + [
        every if cuts == found.cuts else drift.prepared(found.z, found.weights, cuts, drift.DEGREES[-1])
        for cuts in sets
    ]


def _bent(found: Found, factors: Floats) -> Found:
    """Those of the cuts that stand along a drift, and the drift beside them: what a search along it may better."""
    bent = replace(found, curve=drift.curve(len(found.z), factors), degree=len(factors))
    if found.cuts:
        bent = replace(bent, phi=_phi(bent.flat, bent.weights, bent.cuts))
        sums = Sums(bent.flat, bent.weights, bent.phi)
        bent = replace(bent, cuts=accept(sums, bent.cuts, threshold(sums.n)))
        bent = replace(bent, curve=drift.fitted(bent.z, bent.weights, bent.cuts, bent.degree))
    return bent


def _cost(found: Found, phi: float) -> float:
    """The criterion, with no more memory than was found without a drift: else memory explains the steps left out."""
    return drift.criterion(found.flat, found.weights, found.cuts, found.degree, phi)
