"""Lines: the series of one benchmark, variant, metric and environment, set on the axis of its commits."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..model import Environment, Key, Outcome, Series, Verdict
from .axis import Axes, Axis, Cut
from .noise import learned, seen
from .wording import BADGES, NO_BADGE, Badge, Change, describe, worsening

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# The figure to draw, point by point: tools change what they save, and a series may hold runs of several.
CENTRES = ("median", "value", "mean", "min", "max")
WINDOW = 10
NOTICEABLE = 0.05

Pair = tuple[str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A series as it is drawn: one value for each commit that has one.

    Shapes: `positions` (ascending places on `axis`) and `values` have shape (points,); several runs of one commit are
    drawn by their median. `breaks[i]` says that the line is interrupted between points i and i + 1: a commit between
    them was measured and has no value here.
    `failed` are (place, status, reason); `cuts` are the places where the benchmark's own source changed. `noise` is the
    relative standard deviation of one run: the verdict's, where there is one, else as the points show it, or NaN.
    """

    key: Key
    axis: Axis
    positions: Ints
    values: Floats
    breaks: NDArray[np.bool_]
    failed: tuple[tuple[int, str, str], ...]
    cuts: tuple[Cut, ...]
    verdict: Verdict | None
    noise: float

    @property
    def last(self) -> float:
        """The newest value, NaN for a line without points."""
        return float(self.values[-1]) if len(self.values) else math.nan

    @property
    def current(self) -> bool:
        """Whether the newest commit of the axis has a value."""
        return bool(len(self.positions)) and int(self.positions[-1]) == len(self.axis) - 1

    @property
    def failing(self) -> bool:
        """Whether the newest commit of the axis failed here."""
        return any(place == len(self.axis) - 1 and status == "failed" for place, status, _ in self.failed)

    @property
    def date(self) -> str:
        """The date of the newest value."""
        return self.axis.stops[int(self.positions[-1])].date if len(self.positions) else ""

    def badge(self) -> Badge:
        """What the verdict says; without one, only a failure is said."""
        if self.verdict is not None:
            return BADGES[self.verdict.outcome]
        return BADGES[Outcome.FAILED] if self.failing else NO_BADGE

    @property
    def moved(self) -> float:
        """The newest commit's change: against the verdict's base, else against the median of the last ten points."""
        if self.verdict is not None:
            return self.verdict.comparison.change
        if not self.current or len(self.values) < 2:
            return math.nan
        base = float(np.median(self.values[:-1][-WINDOW:]))
        if base == 0:
            return 0.0 if self.last == 0 else math.copysign(math.inf, self.last)
        return self.last / base - 1

    def change(self) -> Change:
        """What is said of the newest commit's change."""
        metric, change = self.key.metric, self.moved
        if self.verdict is not None:
            tone = BADGES[self.verdict.outcome].tone
            return describe(change, metric, tone if tone in ("bad", "good") else "quiet")
        if math.isnan(change):
            return Change()
        before = self.values[:-1][-WINDOW:]
        # Only a verdict makes a change red; this is a hint that it lies outside of what was seen lately.
        outside = self.last > before.max() or self.last < before.min()
        worse = worsening(change, metric)
        tone = ("warn" if worse > 0 else "good") if worse and outside and abs(change) >= NOTICEABLE else "quiet"
        return describe(change, metric, tone)

    def rank(self) -> tuple[object, ...]:
        """The order of rows: by outcome, current ones first, then by size of the change, then by name."""
        size = self.change().size
        worse = self.badge().rank, not self.current, -size if size == size else 1.0
        return (*worse, self.key.benchmark.full, self.key.metric.name)


class Verdicts:
    """The newest verdict of each pair, found by what a series is about."""

    def __init__(self, verdicts: Iterable[Verdict]) -> None:
        self._found: dict[tuple[Pair, Environment], Verdict] = {}
        for verdict in verdicts:
            comparison = verdict.comparison
            self._found[comparison.key.unversioned, comparison.environment] = verdict

    def of(self, key: Key, environment: Environment) -> Verdict | None:
        """The verdict on `key` in `environment`, whatever version of the benchmark it was made with."""
        return self._found.get((key.unversioned, environment))


def lines_of(series: Iterable[Series], axes: Axes, verdicts: Verdicts) -> list[Line]:
    """The lines of one benchmark; versions of one variant are joined into one line with a cut between them."""
    joined: dict[tuple[Pair, Environment], list[Series]] = defaultdict(list)
    for each in series:
        joined[each.key.unversioned, each.environment].append(each)
    lines = []
    for (_, environment), versions in joined.items():
        axis = axes.of(environment, versions[0].key.benchmark.suite)
        line = line_of(versions, axis, verdicts.of(versions[0].key, environment))
        if len(line.positions) or line.failed:
            lines.append(line)
    return lines


def line_of(versions: list[Series], axis: Axis, verdict: Verdict | None = None) -> Line:
    """One line from the series of one variant, one for each version of the benchmark."""
    parts = [_points(each, axis) for each in versions]
    version = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    places = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts])
    order = np.lexsort((version, places))
    places, values, version = places[order], values[order], version[order]
    positions, first = np.unique(places, return_index=True)
    if len(positions) < len(places):
        values = _medians(values, first)
        version = version[np.append(first[1:], len(places)) - 1]
    changed = version[1:] != version[:-1]
    cuts = tuple(Cut(int(p), "benchmark changed", "the benchmark's own source changed") for p in positions[1:][changed])
    breaks = (np.diff(positions) > 1) | changed
    newest = versions[int(version[-1])] if len(version) else versions[-1]
    failed = _failed(versions, axis, set(positions.tolist()))
    noise = learned(verdict)
    noise = noise if noise > 0 else seen(values, breaks)
    return Line(newest.key, axis, positions, values, breaks, failed, cuts, verdict, noise)


def centre_of(series: Series) -> Floats:
    """The figure to draw of each point, NaN where it has none."""
    return _filled(series.stats, CENTRES, len(series))


def _points(series: Series, axis: Axis) -> tuple[Ints, Floats]:
    """The places on the axis, and the value of each."""
    places = axis.place(series.run_ids)
    centre = centre_of(series)
    keep = (places >= 0) & np.isfinite(centre)
    return places[keep], centre[keep]


def _filled(stats: Mapping[str, Floats], names: tuple[str, ...], size: int) -> Floats:
    found = np.full(size, np.nan)
    for name in names:
        if name in stats:
            found = np.where(np.isnan(found), stats[name], found)
            if not np.isnan(found).any():
                break
    return found


def _medians(column: Floats, first: NDArray[np.intp]) -> Floats:
    """The median of each group of equal places; the groups begin at `first`."""
    groups = np.split(column, first[1:])
    return np.array([group[0] if len(group) == 1 else np.median(group) for group in groups])


def _failed(versions: list[Series], axis: Axis, measured: set[int]) -> tuple[tuple[int, str, str], ...]:
    found = {}
    for series in versions:
        if series.gaps:
            places = axis.place(np.array([run for run, _, _ in series.gaps], dtype=np.int64)).tolist()
            for place, (_, status, reason) in zip(places, series.gaps, strict=True):
                # A commit that another run measured after all is not marked.
                if place >= 0 and place not in measured:
                    found[place] = (place, status, reason)
    return tuple(found[place] for place in sorted(found))
