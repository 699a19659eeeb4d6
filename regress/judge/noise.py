"""What the earlier runs say of each series: which figure to compare, with what, and how unusual the candidate is.

The unit of evidence is the run. Rounds within one process are not independent of each other, so their spread says
little about the next process. `stats.gate` is the model; here the runs of the present level are chosen for it, and
what it is asked is put together for thousands of series at once.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model import STATISTICS, Direction, Kind
from ..stats.gate import Prediction, predict
from .centre import Centre, held_out, present_level
from .compare import Measured, Place
from .draft import Draft
from .past import Group, Past
from .rules import AUTO

Floats = NDArray[np.float64]
Rows = dict[str, Floats]

#: The version of the noise model: whatever may move a verdict raises it.
MODEL = "gate 1"
#: The error level of one series by itself; what lies beyond it is a suspect.
ALONE = 0.005
#: How far a run of unchanged code strays at most, in its standard deviations, for who has to allow for it.
SIGMAS = 3.0
#: Figures that tell where a level is, the first that is there.
_CENTRES = ("median", "value", "mean", "min", "max", "q1", "q3")
_EMPTY: dict[str, float] = {}
#: Figures that only tell of the rounds.
_ROUNDS = ("n", "sd", "q1", "q3", "lo", "hi")


class Part(NamedTuple):
    """A prediction, and for which series (`rows`) of a reading its rows `at` speak."""

    rows: NDArray[np.intp]
    at: NDArray[np.intp]
    made: Prediction


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What is known of some series of one suite and environment; every array has one entry, or row, a draft.

    value, centre  the candidate's figure and what it is compared with, in the metric's unit; `anchor`: the baseline's
                   own figure;  change  log(value / centre), worse is positive (a plain share where logs make no sense)
    p, better      the chance that unchanged code comes out so bad, or so good, or more, by what the series itself shows
    pooled         p, knowing besides how often this machine's runs are hit by something, from all series together
    visible        the smallest change to the worse that p sees at `ALONE`
    runs           earlier runs of the level;  level, held  which columns of `past` those are, and which are held out
    residuals      log(figure / centre) of the earlier runs, worse is positive, NaN where there is none
    """

    drafts: Sequence[Draft]
    past: Past | None
    statistic: list[str]
    value: Floats
    centre: Floats
    anchor: Floats
    change: Floats
    sigma: Floats
    degrees: Floats
    p: Floats
    pooled: Floats
    better: Floats
    visible: Floats
    runs: NDArray[np.int64]
    level: NDArray[np.bool_]
    held: NDArray[np.bool_]
    residuals: Floats
    parts: Sequence[Part]
    worse: int

    def shifted(self, shift: float) -> Floats:
        """The chances once a shift (a logarithm, worse is positive) is taken out of the candidate's figures."""
        return _chance(len(self.drafts), self.parts, self.value * np.exp(-shift * self.worse))


def read(
    drafts: Sequence[Draft], pasts: Mapping[Group, Past], centre: Centre, accepted: Collection[Place] = ()
) -> list[Reading]:
    """A reading for each group of noisy drafts that are alike; `accepted`: series whose newest change is wanted."""
    groups: defaultdict[tuple[Group, bool, str], list[Draft]] = defaultdict(list)
    for made in drafts:
        metric = made.measured.key.metric
        if made.verdict is None and metric.kind is Kind.NOISY:
            group = made.measured.environment.digest, made.measured.key.benchmark.suite
            groups[group, metric.direction is Direction.HIGHER, made.policy.statistic].append(made)
    wanted = frozenset(accepted)
    return [
        _read(members, pasts.get(group), centre, -1 if higher else 1, wanted)
        for (group, higher, _), members in groups.items()
    ]


class _Sides(NamedTuple):
    """The figures of the earlier runs of the level, of the candidate and of the baseline, by statistic."""

    earlier: Rows
    new: Rows
    base: Rows


def _read(drafts: list[Draft], past: Past | None, centre: Centre, worse: int, accepted: frozenset[Place]) -> Reading:
    fixed = drafts[0].policy.statistic
    new = _rows([made.measured for made in drafts], fixed)
    base = _rows([made.base or made.measured for made in drafts], fixed)
    earlier = _earlier(drafts, past, fixed) or base
    x = _logarithms(earlier, len(drafts))
    wanted = np.array([made.place in accepted for made in drafts])
    tolerance = np.array([made.policy.tolerance.relative for made in drafts])
    level = present_level(x, _middle(_logarithms(new, len(drafts))), tolerance)
    held = held_out(earlier, level)
    # What is accepted is the level from its first run on.
    level = np.where((wanted & held.any(axis=1))[:, None], held, level)
    held &= ~wanted[:, None]
    used = level & ~held
    sides = _Sides({name: np.where(used, figures, np.nan) for name, figures in earlier.items()}, new, base)
    parts = _parts(sides, centre, worse, used, held[:, -1] if x.shape[1] else np.zeros(len(drafts), dtype=bool))
    return _reading(drafts, past, sides, parts, (earlier, level, held), worse)


def _parts(sides: _Sides, centre: Centre, worse: int, used: NDArray[np.bool_], red: NDArray[np.bool_]) -> list[Part]:
    """The predictions against the centre that was asked for; `red`: series whose last earlier run is held out."""
    every = np.arange(len(used))
    alone: Rows | None = None
    if centre.kind == "commit" or not used.any():
        alone = sides.base
    elif centre.kind == "window":
        last = used & (used[:, ::-1].cumsum(axis=1)[:, ::-1] <= centre.window)
        alone = {name: np.where(last, figures, np.nan) for name, figures in sides.earlier.items()}
    new = sides.new if alone is None else _alike(sides.new, sides.base)
    made = predict(sides.earlier, new, worse=worse, base=alone)
    if centre.kind != "branch" or alone is not None:
        return [Part(every, every, made)]
    # The baseline's commit is not the author's: one that is already worse is what the candidate is held against. One
    # that was better than its level, by luck or by its own change, must be passed as well as the level.
    anchor = _chosen(sides.base, made.statistic)
    with np.errstate(invalid="ignore", divide="ignore"):
        beyond = worse * (anchor - made.centre) > 0
        slower = (red & beyond) | (made.p(anchor) < ALONE)
        faster = (red & ~beyond) | (made.better(anchor) < ALONE)
    off = np.flatnonzero(slower | faster)
    if not len(off):
        return [Part(every, every, made)]
    narrow = [{name: figures[off] for name, figures in side.items()} for side in sides]
    own = predict(narrow[0], narrow[1], worse=worse, base=narrow[2])
    kept = np.flatnonzero(~slower)
    return [Part(off, np.arange(len(off)), own), Part(kept, kept, made)]


def _alike(new: Rows, base: Rows) -> Rows:
    """The candidate's figures, without the minimum where a side had more than twice the rounds of the other."""
    if "n" not in new or "n" not in base or not (new.keys() & base.keys()) - {"min", "max", *_ROUNDS}:
        return new
    one, other = _middle(new["n"]), _middle(base["n"])
    apart = ((one > 2 * other) | (other > 2 * one))[:, None]
    return {name: np.where(apart, np.nan, v) if name in ("min", "max") else v for name, v in new.items()}


def _reading(
    drafts: list[Draft],
    past: Past | None,
    sides: _Sides,
    parts: Sequence[Part],
    runs: tuple[Rows, NDArray[np.bool_], NDArray[np.bool_]],
    worse: int,
) -> Reading:
    earlier, level, held = runs
    tail = parts[-1].made.learn_tail()  # of the whole group, where the parts are several

    def gathered(name: str) -> Floats:
        found = np.full(len(drafts), np.nan)
        for rows, at, made in parts:
            found[rows] = getattr(made, name)[at]
        return found

    fixed = drafts[0].policy.statistic
    statistic = np.full(len(drafts), "", dtype=object)
    visible, good, count = np.full(len(drafts), np.nan), np.zeros(len(drafts)), np.zeros(len(drafts), dtype=np.int64)
    for rows, at, made in parts:
        statistic[rows] = made.statistic[at]
        visible[rows] = np.fmax(visible[rows], made.visible(ALONE)[at])
        good[rows] = np.fmax(good[rows], made.better()[at])
        count[rows] = made.earlier[at]
    # The figure itself, not what is left of it after a logarithm and back.
    value, centre = _chosen(sides.new, statistic), gathered("centre")
    figures = _chosen_columns(earlier, statistic, level.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        change = worse * np.log(value / centre)
        residuals = np.where(level, worse * np.log(figures / centre[:, None]), np.nan)
    names = [name and (name if fixed == AUTO else fixed) for name in statistic.tolist()]
    return Reading(
        drafts=drafts, past=past, statistic=names, value=value, centre=centre, anchor=_chosen(sides.base, statistic),
        change=np.where(np.isfinite(change), change, np.nan),
        sigma=gathered("sigma"), degrees=gathered("degrees"), p=_chance(len(drafts), parts, value),
        pooled=_chance(len(drafts), [part._replace(made=part.made.with_tail(tail)) for part in parts], value),
        better=good,
        visible=visible, runs=count, level=level, held=held, residuals=residuals, parts=parts, worse=worse,
    )  # fmt: skip


def _chance(count: int, parts: Sequence[Part], value: Floats) -> Floats:
    """The chance of such values; the largest where several predictions speak of a series, NaN where none does."""
    p = np.full(count, np.nan)
    for rows, at, made in parts:
        asked = np.full(len(made.centre), np.nan)
        asked[at] = value[rows]
        p[rows] = np.fmax(p[rows], made.p(asked)[at])
    return p


def _rows(measured: Sequence[Measured], fixed: str) -> Rows:
    """The figures of some cells by statistic, shape (cells, most runs of any), NaN where there are fewer."""
    most = max((len(one.rows) for one in measured), default=0) or 1
    names = {name for one in measured for row in one.rows for name in row}
    found = {}
    for name in STATISTICS:
        if name in names:
            figures = np.full((len(measured), most), np.nan)
            for place in range(most):
                rows = (one.rows[place] if place < len(one.rows) else _EMPTY for one in measured)
                figures[:, place] = np.fromiter((row.get(name, math.nan) for row in rows), np.float64, len(measured))
            found[name] = figures
    return _named(found, fixed)


def _earlier(drafts: Sequence[Draft], past: Past | None, fixed: str) -> Rows:
    if past is None:
        return {}
    rows = np.array([past.row[made.place[1]] for made in drafts])
    return _named({name: figures[rows] for name, figures in past.stats.items()}, fixed)


def _named(figures: Rows, fixed: str) -> Rows:
    """All figures; or, where a rule says which one counts, that one as the value, with what tells of its rounds."""
    if fixed == AUTO:
        return figures
    kept = {name: figures[name] for name in _ROUNDS if name in figures and fixed in ("median", "mean")}
    if fixed in figures:
        kept[fixed if fixed in ("median", "mean") else "value"] = figures[fixed]
    return kept


def _logarithms(figures: Rows, count: int) -> Floats:
    """Where each run lies, by the most telling figure that it has; NaN where that is not positive."""
    found: Floats | None = None
    for name in _CENTRES:
        if name in figures:
            found = figures[name] if found is None else np.where(np.isnan(found), figures[name], found)
    if found is None:
        return np.empty((count, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(found)
    return np.where(np.isfinite(logs), logs, np.nan)


def _chosen(figures: Rows, statistic: NDArray[np.object_] | NDArray[np.str_]) -> Floats:
    """The median over the runs of a side of each series' statistic; shape (series,)."""
    columns = _chosen_columns(figures, statistic, next(iter(figures.values())).shape) if figures else None
    if columns is None:
        return np.full(len(statistic), np.nan)
    return _middle(columns)


def _middle(columns: Floats) -> Floats:
    """The median of each row; NaN for an empty one."""
    if columns.shape[1] == 1:
        return columns[:, 0]
    empty = np.asarray(~np.isfinite(columns).any(axis=1))
    return np.where(empty, np.nan, np.nanmedian(np.where(empty[:, None], 0.0, columns), axis=1))


def _chosen_columns(figures: Rows, statistic: NDArray[np.object_] | NDArray[np.str_], shape: tuple[int, ...]) -> Floats:
    found = np.full(shape, np.nan)
    for name in set(statistic.tolist()):
        if name in figures:
            rows = np.flatnonzero([each == name for each in statistic])
            found[rows] = figures[name][rows]
    return found
