"""One statistic of many series: what its earlier runs say of a run to come, and which statistic says it best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from . import sigma as noise
from .spikes import stand_out
from .student import Floats, student_limit

#: Statistics that can carry a verdict, the one that is taken where nothing is known of the noise first.
_ORDER = ("extreme", "median", "value", "mean")
#: With fewer earlier runs than this their spread chooses no statistic: the order does.
_RUNS_TO_CHOOSE = 3
#: An extreme of few rounds lies further in than one of many: only runs with half to twice the candidate's rounds count.
_ALIKE_ROUNDS = 2.0
#: A minimum leans to the worse side where the rounds pile up at a floor: its bound is that of a t with at most so many
#: degrees. Simulated, 11 earlier runs, level .005: .006 of minima that are as much exponential as normal are beyond
#: (.010 with a t of ten degrees), .024 of purely exponential ones (.033), .001 of those of normal rounds.
_EXTREME_DEGREES = 6.0
#: A candidate whose rounds scatter more than this many times the usual: the standard error of its mean counts. (Not of
#: its median, which wild rounds hardly move.)
_SCATTER = 1.5
_DOUBTFUL = 2.0
#: A single wild run among the earlier ones must not pass for what the rounds usually leave open.
_CLIP = 3.0
#: Half-width of asv's interval (99 %), and of the quartiles, in deviations; variance of a median against a mean.
_INTERVAL, _QUARTILES, _MEDIAN = 2.576, 0.6745, np.pi / 2
#: Fewest rounds whose quartiles say anything.
_QUARTILE_ROUNDS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """One statistic of each series on the inner scale: log values or values over `scale`, times `worse`.

    Shapes (series,), `distances` (series, runs). `logs` tells which series are on the logarithm; `distance` is
    candidate - centre; the rest as in `gate.Prediction`.
    """

    candidate: Floats
    centre: Floats
    distance: Floats
    logs: NDArray[np.bool_]
    scale: Floats
    sigma: Floats
    degrees: Floats
    within: Floats
    spread: Floats
    runs: NDArray[np.int64]
    spikes: NDArray[np.int64]
    candidates: NDArray[np.int64]
    distances: Floats

    def distance_of(self, value: Floats, worse: int) -> Floats:
        """How far a value lies to the worse side of the centre."""
        with np.errstate(divide="ignore", invalid="ignore"):
            inner = np.where(self.logs, np.log(value), value / self.scale)
        result: Floats = worse * inner - self.centre
        return result

    def value_of(self, distance: Floats, worse: int) -> Floats:
        """The value so far to the worse side of the centre."""
        inner = worse * (self.centre + distance)
        with np.errstate(over="ignore"):
            return np.where(self.logs, np.exp(np.where(self.logs, inner, 0.0)), inner * self.scale)


Rows = Mapping[str, Floats]


def fit(earlier: Rows, candidate: Rows, worse: int, base: Rows | None) -> tuple[list[str], list[Fit]]:
    """A fit for every statistic that all sides have, with their names."""
    names = [("min" if worse > 0 else "max") if name == "extreme" else name for name in _ORDER]
    names = [name for name in names if name in earlier and name in candidate and (base is None or name in base)]
    if not names:
        some = next(iter(candidate.values()))
        earlier, candidate = {"value": np.full((len(some), 0), np.nan)}, {"value": np.full((len(some), 1), np.nan)}
        return ["value"], [_fit("value", earlier, candidate, worse, None)]
    return names, [_fit(name, earlier, candidate, worse, base) for name in names]


def choose(fits: Sequence[Fit], alpha: float) -> tuple[Fit, NDArray[np.intp]]:
    """For each series the fit with the lowest bound at `alpha`, and its index; the first one where runs are too few."""
    bounds = np.stack([student_limit(alpha, one.degrees) * one.sigma for one in fits])
    usable = np.stack([np.isfinite(one.distance) for one in fits])
    few = np.stack([one.runs for one in fits]).max(axis=0) < _RUNS_TO_CHOOSE
    bounds = np.where(few, np.arange(len(fits))[:, None], bounds)
    index = np.where(usable, bounds, np.inf).argmin(axis=0)
    rows = np.arange(bounds.shape[1])
    picked = {f.name: np.stack([getattr(one, f.name) for one in fits])[index, rows] for f in fields(Fit)}
    return Fit(**picked), index


def _fit(name: str, earlier: Rows, candidate: Rows, worse: int, base: Rows | None) -> Fit:
    past = _alike(name, earlier, candidate)
    logs, scale = _scale(past, candidate[name], None if base is None else base[name])
    inner, new = (_inner(values, logs, scale, worse) for values in (past, candidate[name]))
    hit = stand_out(inner)
    clean = np.where(hit, np.nan, inner)
    count = np.isfinite(clean).sum(axis=1)
    mean = np.nansum(clean, axis=1) / np.maximum(count, 1)
    sums = np.nansum((clean - mean[:, None]) ** 2, axis=1)
    usual = _usual(np.where(np.isfinite(clean), _errors(name, earlier, past, logs, scale), np.nan))
    learned = noise.learn(sums, count - 1.0, np.sqrt(usual))
    centre, share = mean, 1 / np.maximum(count, 1)
    if base is not None:
        centre, share = _middle(_inner(base[name], logs, scale, worse))
    value, part = _middle(new)
    own = np.nanmax(np.nan_to_num(_errors(name, candidate, candidate[name], logs, scale)), axis=1, initial=0.0)
    # Of a median or a single figure only a candidate whose rounds leave open more than runs ever strayed is doubted.
    usually = _SCATTER**2 * usual if name == "mean" else (_DOUBTFUL * learned.sigma) ** 2
    loose = np.where(own > usually, own - np.nan_to_num(usual), 0.0)
    variance = learned.sigma**2 * (share + part) + np.nan_to_num(loose) * part
    centre = np.where((count > 0) | (base is not None), centre, np.nan)
    return Fit(
        candidate=value,
        centre=centre,
        distance=value - centre,
        logs=logs,
        scale=scale,
        sigma=learned.sigma,
        degrees=np.minimum(learned.degrees, _EXTREME_DEGREES) if name in ("min", "max") else learned.degrees,
        within=np.sqrt(usual),
        spread=np.sqrt(variance),
        runs=np.isfinite(inner).sum(axis=1),
        spikes=hit.sum(axis=1),
        candidates=np.isfinite(new).sum(axis=1),
        distances=np.where(hit, inner - mean[:, None], np.nan),
    )


def _alike(name: str, earlier: Rows, candidate: Rows) -> Floats:
    """The earlier values that the candidate's can be held against: an extreme only from about as many rounds."""
    values = np.asarray(earlier[name], dtype=np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    if name not in ("min", "max") or "n" not in earlier or "n" not in candidate:
        return values
    rounds = candidate["n"].max(axis=1, initial=0.0)[:, None]
    with np.errstate(invalid="ignore"):
        alike = ~((earlier["n"] > _ALIKE_ROUNDS * rounds) | (rounds > _ALIKE_ROUNDS * earlier["n"]))
    kept = np.where(alike, values, np.nan)
    enough = 2 * np.isfinite(kept).sum(axis=1) > np.isfinite(values).sum(axis=1)
    return np.where(enough[:, None], kept, np.nan)


def _scale(past: Floats, new: Floats, base: Floats | None) -> tuple[NDArray[np.bool_], Floats]:
    every = np.concatenate([values for values in (past, new, base) if values is not None], axis=1)
    with np.errstate(invalid="ignore"):
        logs: NDArray[np.bool_] = np.asarray(~(every <= 0).any(axis=1))
    size = np.nan_to_num(np.abs(every)).max(axis=1, initial=0.0)
    return logs, np.where(logs | (size == 0), 1.0, size)


def _inner(values: Floats, logs: NDArray[np.bool_], scale: Floats, worse: int) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = worse * np.where(logs[:, None], np.log(values), values / scale[:, None])
    return result


def _middle(values: Floats) -> tuple[Floats, Floats]:
    """The median over the runs of a side, and its variance in those of one run."""
    count = np.isfinite(values).sum(axis=1)
    if values.shape[1] == 1:
        return values[:, 0], np.ones(len(values))
    filled = np.where(count[:, None] > 0, values, 0.0)
    middle = np.where(count > 0, np.nanmedian(filled, axis=1), np.nan)
    return middle, np.where(count > 2, _MEDIAN, 1.0) / np.maximum(count, 1)


def _errors(name: str, rows: Rows, values: Floats, logs: NDArray[np.bool_], scale: Floats) -> Floats:
    """What the rounds of each run leave open of its statistic: its squared standard error, relative; NaN: unknown."""
    unknown = np.full(values.shape, np.nan)
    unit = np.where(logs[:, None], np.abs(values), scale[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        if name in ("median", "mean") and "sd" in rows and "n" in rows:
            deviation, rounds = rows["sd"], np.where(rows["n"] > 1, rows["n"], np.nan)
            if name == "mean":
                return np.asarray((deviation / unit) ** 2 / rounds)
            if "q1" in rows and "q3" in rows:
                robust = np.fmin(deviation, (rows["q3"] - rows["q1"]) / (2 * _QUARTILES))
                deviation = np.where(rounds >= _QUARTILE_ROUNDS, robust, deviation)
            return np.asarray(_MEDIAN * (deviation / unit) ** 2 / rounds)
        if name in ("median", "value") and "lo" in rows and "hi" in rows:
            return np.asarray(((rows["hi"] - rows["lo"]) / (2 * _INTERVAL) / unit) ** 2)
    return unknown


def _usual(errors: Floats) -> Floats:
    """The mean of the runs' squared errors, a wild one cut; NaN where fewer than half of the runs have one."""
    count = np.isfinite(errors).sum(axis=1)
    if not errors.shape[1] or not count.any():
        return np.full(len(errors), np.nan)
    middle = np.nanmedian(np.where(count[:, None] > 0, errors, 0.0), axis=1)
    cut = np.fmin(errors, _CLIP * middle[:, None])
    return np.where(count > 0, np.nansum(cut, axis=1) / np.maximum(count, 1), np.nan)
