"""Variants side by side: the same benchmark with one parameter, environment, label or suite after the other.

Each variant has the median over its runs of one figure: what the rules say, or with "auto" the least noisy one that all
variants have. A winner is better than each other variant by a 95 % interval that excludes 1 (see `ratios`): each
contest by itself, so that between equals one in twenty names a winner. Of an exact metric the better figure wins. Where
nothing says which way is better, nobody does.

Two benchmarks that differ in more than their parameters say are never taken for one: they are left out, and counted.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import NamedTuple

import numpy as np

from ..model import TIME, Benchmark, Direction, Environment, Key, Kind, Metric, Run
from ..model.components import By, Contest, Entry, Group, Place, Ratio
from .compare import Measured, statistic_for
from .ratios import Asked, Floats, Lane, levelled, mean_lane, ratios
from .rules import AUTO, Rules
from .timeline import machine

Name = tuple[str, str, str, str]
"""A contest: environment, suite, full name without what tells the variants apart, metric."""


_EMPTY = Lane(np.empty(0), np.empty(0))


class Material(NamedTuple):
    """What is compared: `own` runs, and earlier ones (`past`, oldest first) that say how far unchanged code strays.

    level   the own runs are of several commits: those of the present level count
    """

    own: Sequence[Run]
    past: Sequence[Run] = ()
    level: bool = False


class Found(NamedTuple):
    """What became of it; `reference` is "" where there is nothing to compare, `unclear` counts what was left out."""

    contests: list[Contest]
    groups: list[Group]
    reference: str
    variants: list[str]
    unclear: int
    machines: int


@dataclass(slots=True)
class _Variant:
    """One variant of one contest: rows of figures by the number of the run, and the figures of earlier runs."""

    key: Key
    rows: dict[int, dict[str, float]] = field(default_factory=dict)
    past: dict[int, float] = field(default_factory=dict)
    failed: str = ""
    lane: Lane = _EMPTY

    def value(self, statistic: str) -> float:
        """The median over its runs that count."""
        rows = [row[statistic] for at, row in self.rows.items() if statistic in row]
        counted = [
            row[statistic]
            for at, row in self.rows.items()
            if statistic in row and (not len(self.lane.own) or row[statistic] <= 0 or np.isfinite(self.lane.own[at]))
        ]
        return median(counted or rows) if rows else math.nan


@dataclass(slots=True)
class _Open:
    """A contest that is being put together."""

    benchmark: Benchmark
    metric: Metric
    environment: Environment
    variants: dict[str, _Variant] = field(default_factory=dict)
    unclear: bool = False
    statistic: str = ""

    @property
    def measured(self) -> set[str]:
        """The variants that have a positive figure."""
        return {name for name, variant in self.variants.items() if np.isfinite(variant.lane.own).any()}


def components(material: Material, by: By, rules: Rules, reference: str | None = None) -> Found:
    """The contests and their geometric means; `reference` as asked for, else the fastest variant of all."""
    places = _Places(by)
    everything = _collect(material, places)
    unclear = sum(one.unclear for one in everything.values())
    open_ = {name: one for name, one in everything.items() if len(one.variants) > 1 and not one.unclear}
    for one in open_.values():
        one.statistic = _statistic(one, rules)
    open_ = {name: one for name, one in open_.items() if one.statistic}
    _add_past(open_, material, places)
    _add_lanes(open_.values(), material)
    variants = sorted({variant for one in open_.values() for variant in one.variants}, key=natural)
    chosen = reference if reference in variants else _fastest(open_.values(), variants)
    answered = list(_answered(open_, chosen))
    contests = [one for one in answered if isinstance(one, Contest)]
    groups = [one for one in answered if isinstance(one, Group)]
    first = sorted(variants, key=lambda variant: variant != chosen)
    return Found(contests, groups, chosen, first, unclear, len({machine(run.environment) for run in material.own}))


def natural(text: str) -> tuple[tuple[int, float, str], ...]:
    """A key that sorts "v9" before "v10", and numbers by their size."""
    parts = re.split(r"(\d+(?:\.\d+)?)", text)
    return tuple((0, float(part), "") if at % 2 else (1, 0.0, part) for at, part in enumerate(parts))


class _Places:
    """Where rows belong, found once for each key in each environment."""

    def __init__(self, by: By) -> None:
        self.by = by
        self._known: dict[tuple[bytes, str, tuple[str, ...]], tuple[Name, Place] | None] = {}

    def of(self, key: Key, run: Run) -> tuple[Name, Place] | None:
        """The contest and the place of a row; None where it has no variant."""
        known = key.digest, run.environment.digest, run.tags if self.by.kind == "tag" else ()
        if known not in self._known:
            self._known[known] = self._find(key, run)
        return self._known[known]

    def _find(self, key: Key, run: Run) -> tuple[Name, Place] | None:
        place = self.by.place(key, run)
        if place is None:
            return None
        benchmark = place.benchmark
        return (place.environment.digest, benchmark.suite, benchmark.full, key.metric.name), place


def _collect(material: Material, places: _Places) -> dict[Name, _Open]:
    found: dict[Name, _Open] = {}

    def variant_of(key: Key, run: Run) -> _Variant | None:
        named = places.of(key, run)
        if named is None:
            return None
        name, place = named
        one = found.setdefault(name, _Open(place.benchmark, key.metric, place.environment))
        variant = one.variants.setdefault(place.variant, _Variant(key))
        one.unclear |= variant.key.benchmark.full != key.benchmark.full
        return variant

    for at, run in enumerate(material.own):
        names = list(run.columns.stats)
        figures = zip(*(run.columns.stats[name].tolist() for name in names), strict=True)
        for key, row in zip(run.columns.keys, figures, strict=True):
            if variant := variant_of(key, run):
                variant.rows[at] = {name: figure for name, figure in zip(names, row, strict=True) if figure == figure}
        for gap in run.gaps:
            if variant := variant_of(gap.key, run):
                variant.failed = gap.status
    return {name: one for name, one in found.items() if sum(bool(v.rows) for v in one.variants.values()) > 1}


def _statistic(one: _Open, rules: Rules) -> str:
    there = [variant for variant in one.variants.values() if variant.rows]
    return shared_statistic([Measured(v.key, one.environment, list(v.rows.values())) for v in there], rules)


def shared_statistic(sides: Sequence[Measured], rules: Rules) -> str:
    """The figure that all sides have: as the rules say, else the least noisy one; "" where there is none."""
    key, environment = sides[0].key, sides[0].environment
    wanted = rules.policy(key, environment).statistic
    everything = Measured(key, environment, [row for side in sides for row in side.rows])
    if wanted != AUTO:
        return statistic_for(everything, everything, wanted) or ""
    by_rounds = sorted(sides, key=lambda side: median([row.get("n", 0.0) for row in side.rows]))
    alike = statistic_for(by_rounds[0], by_rounds[-1], AUTO) == "min"
    if not alike:
        # Of unlike numbers of rounds the smallest figures say more of the rounds than of the variants.
        unlike = Measured(key, environment, [_without_min(row) for row in everything.rows])
        if found := statistic_for(unlike, unlike, AUTO):
            return found
    return statistic_for(everything, everything, AUTO) or ""


def _without_min(row: Mapping[str, float]) -> dict[str, float]:
    return {name: figure for name, figure in row.items() if name != "min"}


def _add_past(open_: Mapping[Name, _Open], material: Material, places: _Places) -> None:
    """The figures of earlier runs on the processors that the own runs were made on."""
    here: defaultdict[str, set[object]] = defaultdict(set)
    for run in material.own:
        here[run.environment.digest].add(machine(run.environment))
    for at, run in enumerate(material.past):
        if machine(run.environment) not in here[run.environment.digest]:
            continue
        columns = {name: figures.tolist() for name, figures in run.columns.stats.items()}
        for row, key in enumerate(run.columns.keys):
            named = places.of(key, run)
            one = open_.get(named[0]) if named else None
            variant = one.variants.get(named[1].variant) if one and named else None
            if one and variant and one.statistic in columns:
                variant.past[at] = columns[one.statistic][row]


def _add_lanes(open_: Iterable[_Open], material: Material) -> None:
    listed = [(one, variant) for one in open_ for variant in one.variants.values()]
    owns = [_row({at: r.get(one.statistic, math.nan) for at, r in v.rows.items()}, material.own) for one, v in listed]
    pasts = levelled([_row(variant.past, material.past) for _, variant in listed])
    owns = levelled(owns) if material.level else owns
    for (_, variant), own, past in zip(listed, owns, pasts, strict=True):
        variant.lane = Lane(own, past)


def _row(figures: Mapping[int, float], runs: Sequence[Run]) -> Floats:
    row = np.full(len(runs), np.nan)
    for at, figure in figures.items():
        if 0 < figure < math.inf:
            row[at] = math.log(figure)
    return row


def _better(metric: Metric) -> int:
    """1 where less is better, -1 where more is, 0 where nothing says it."""
    return {Direction.LOWER: 1, Direction.HIGHER: -1}.get(metric.direction, 0)


def _fastest(open_: Collection[_Open], variants: Sequence[str]) -> str:
    """The best by the geometric mean of the contests that the commonest variants share.

    Of the time where there is one, else of the first metric with a direction; without one it is the first variant.
    """
    judged = [one for one in open_ if _better(one.metric)]
    names = [one.metric.name for one in judged]
    metric = TIME.name if TIME.name in names else next(iter(names), "")
    shared, most = _shared([one for one in judged if one.metric.name == metric])
    centres = {variant: [_centre(one.variants[variant].lane) for one in shared] for variant in most}
    scores = {variant: fmean(logs) * _better(shared[0].metric) for variant, logs in centres.items() if logs}
    return min(scores, key=lambda variant: (scores[variant], natural(variant))) if scores else next(iter(variants), "")


def _shared(members: Sequence[_Open]) -> tuple[list[_Open], list[str]]:
    """Contests that all have the same variants, and these: as many of both, multiplied, as there are.

    Looked for among the variants that were measured most often, the commonest first.
    """
    count = Counter(variant for one in members for variant in one.measured)
    common = sorted(count, key=lambda variant: (-count[variant], natural(variant)))
    best: tuple[list[_Open], list[str]] = ([], [])
    for number in range(min(2, len(common)), len(common) + 1):
        taken = common[:number]
        shared = [one for one in members if one.measured >= {*taken}]
        if len(shared) * number > len(best[0]) * len(best[1]):
            best = shared, taken
    return best


def _centre(lane: Lane) -> float:
    own = lane.own[np.isfinite(lane.own)]
    return float(np.median(own)) if len(own) else math.nan


class _Round(NamedTuple):
    """A contest or a group of them, as far as ratios are asked for: lanes by variant, the best one's name."""

    lanes: Mapping[str, Sequence[Lane]]
    metric: Metric
    reference: str
    leader: str


def _answered(open_: Mapping[Name, _Open], reference: str) -> Iterator[Contest | Group]:
    """Every contest, then every group: all ratios are asked for at once."""
    ordered = [open_[name] for name in sorted(open_, key=lambda name: (*map(natural, name[1:]), name[0]))]
    singles = [_round([one], reference) for one in ordered]
    grouped = list(_grouped(ordered))
    rounds = [*singles, *(_round(members, reference) for _, members in grouped)]
    asked = [list(_asks(one)) for one in rounds]
    answers = iter(ratios([ask for part in asked for _, _, ask in part]))
    told = [{(one, other): next(answers) for one, other, _ in part} for part in asked]
    for made, one, found in zip(singles, ordered, told, strict=False):
        own = made.reference
        entries = [_entry(one, variant, found, own) for variant in _order(one.variants, own)]
        told_of = one.benchmark, one.metric, one.environment, one.statistic
        yield Contest(*told_of, entries, own, *_winner(made, found))
    for made, (suite, members), found in zip(rounds[len(singles) :], grouped, told[len(singles) :], strict=True):
        if min(map(len, made.lanes.values()), default=0) < 2:
            continue
        entries = [
            Entry(variant, math.nan, 0, found.get((variant, made.reference)), count=len(made.lanes[variant]))
            for variant in _order(made.lanes, made.reference)
        ]
        first = members[0]
        yield Group(suite, first.metric, first.environment, entries, made.reference, *_winner(made, found))


def _order(variants: Iterable[str], reference: str) -> list[str]:
    return sorted(variants, key=lambda variant: (variant != reference, natural(variant)))


def _grouped(ordered: Sequence[_Open]) -> Iterator[tuple[str, list[_Open]]]:
    """Contests of one metric in one environment: all together, and by suite where there are several; two at least."""
    whole: defaultdict[tuple[str, str], list[_Open]] = defaultdict(list)
    for one in ordered:
        whole[one.environment.digest, one.metric.name].append(one)
    for members in whole.values():
        if len(members) > 1:
            yield "", members
        suites = dict.fromkeys(one.benchmark.suite for one in members)
        for suite in suites if len(suites) > 1 else ():
            own = [one for one in members if one.benchmark.suite == suite]
            if len(own) > 1:
                yield suite, own


def _round(members: Sequence[_Open], reference: str) -> _Round:
    """The lanes of each variant, one for each member, and the best variant.

    A geometric mean is that of the same benchmarks for all, or it would compare benchmarks.
    """
    shared, most = _shared(members)
    lanes = {variant: [one.variants[variant].lane for one in shared] for variant in most if shared}
    metric = members[0].metric
    scores = {variant: fmean(map(_centre, one)) * _better(metric) for variant, one in lanes.items()}
    leader = min(scores, key=lambda variant: scores[variant]) if scores and _better(metric) else ""
    own = reference if reference in lanes else leader or next(iter(sorted(lanes, key=natural)), "")
    return _Round(lanes, metric, own, leader)


def _asks(made: _Round) -> Iterator[tuple[str, str, Asked]]:
    """What has to be known: each variant to the reference, and the best one to each other."""
    means = {variant: mean_lane(lanes) if len(lanes) > 1 else lanes[0] for variant, lanes in made.lanes.items()}
    exact = made.metric.kind is Kind.EXACT
    asked = {(variant, made.reference) for variant in means} if made.reference in means else set()
    asked |= {(made.leader, variant) for variant in means} if made.leader else set()
    for one, other in sorted(asked):
        if one != other:
            yield one, other, Asked(means[one], means[other], exact)


def _entry(one: _Open, variant: str, found: Mapping[tuple[str, str], Ratio | None], reference: str) -> Entry:
    there = one.variants[variant]
    value = there.value(one.statistic)
    note = "" if math.isfinite(value) else there.failed or "no figure"
    runs = int(np.isfinite(there.lane.own).sum()) or len(there.rows)
    return Entry(variant, value, runs, found.get((variant, reference)), note)


def _winner(made: _Round, found: Mapping[tuple[str, str], Ratio | None]) -> tuple[str, str]:
    """Who wins, or "", and why, in words."""
    better = _better(made.metric)
    if not better:
        return "", "nothing says which way is better"
    others = [found.get((made.leader, variant)) for variant in made.lanes if variant != made.leader]
    known = [ratio for ratio in others if ratio is not None]
    if not known:
        return "", "nothing to compare it with"
    if made.metric.kind is Kind.EXACT:
        alike = any(abs(math.log(ratio.value)) < 1e-12 for ratio in known)
        return ("", "the best are alike") if alike else (made.leader, "exact figures")
    if blind := next((ratio for ratio in known if not math.isfinite(ratio.lo)), None):
        return "", blind.evidence
    if all(ratio.hi < 1 if better > 0 else ratio.lo > 1 for ratio in known):
        return made.leader, f"95 % intervals of {known[0].evidence}"
    return "", f"the best lie within the noise of each other ({known[0].evidence})"
