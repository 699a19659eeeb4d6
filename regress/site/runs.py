"""View model of the runs: commits × environments, what was measured, what failed and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median

from ..model import Environment, StoredRun
from .axis import Axis, Stop, axis_of
from .input import SiteInput
from .links import Links
from .pages import anchor
from .slug import Named

# The newest commits are what people look for; a row for each of 2,000 would be a page of a megabyte.
MOST_ROWS = 200
# A run with fewer cells than this share of its neighbours' was stopped, or measured a selection.
PARTIAL = 0.8
NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """What one column holds of one commit. `state` is measured, gap (not measured) or before (its first run).

    values, failed, skipped  counts as text, "" for none; `share` (0 to 100) of the fullest run's values
    notes                    what is to be known besides: "2 runs", "partial", "dirty"
    """

    state: str
    values: str = ""
    failed: str = ""
    skipped: str = ""
    share: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One commit, a cell for each column."""

    stop: Stop
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """An environment above its columns; `label` is without what all environments share, `full` with it."""

    label: str
    full: str
    href: str
    suites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """One column in words. `tone` and `state` say whether the newest commits were measured."""

    label: str
    href: str
    suite: str
    newest: Stop
    tone: str
    state: str
    measured: str
    missing: str
    failed: str
    partial: str


@dataclass(frozen=True, slots=True)
class RunsPage:
    """The page of runs. `total` commits were measured, `rows` are the newest; `absent`: columns without a cell there.

    subjects  whether a subject or a label of any of the commits is known
    """

    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    total: int
    summaries: tuple[Summary, ...]
    absent: tuple[str, ...]
    subjects: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """The runs of one environment and suite by their place in the history."""

    environment: Environment
    suite: str
    at: Mapping[int, Sequence[StoredRun]]

    def covers(self, places: Iterable[int]) -> bool:
        return any(place in self.at for place in places)


def short_labels(environments: Iterable[Environment]) -> dict[Environment, str]:
    """A label for each environment without what all of them have in common; the whole one where that is all."""
    listed = list(environments)
    shared = set.intersection(*(set(each.key) for each in listed)) if len(listed) > 1 else set()
    own = {each: tuple(pair for pair in each.key if pair not in shared) for each in listed}
    if not all(own.values()):
        return {each: each.label for each in listed}
    return {each: replace(each, key=key).label for each, key in own.items()}


def runs_page(site: SiteInput, hrefs: Mapping[Named, str], links: Links) -> RunsPage:
    """The newest commits that any environment measured, newest first."""
    axis = axis_of(Environment(()), site.runs.values(), links)
    columns = _columns(site.runs, axis)
    places = range(max(0, len(axis) - MOST_ROWS), len(axis))
    shown = [column for column in columns if column.covers(places)]
    labels = short_labels(dict.fromkeys(column.environment for column in columns))
    cells = [_cells(column, places) for column in shown]
    heads = [
        Head(labels[place], place.label, f"machines.html#{anchor(place)}", tuple(column.suite for column in group))
        for place, group in groupby(shown, key=lambda column: column.environment)
    ]
    rows = [Row(axis.stops[place], tuple(column[i] for column in cells)) for i, place in enumerate(places)]
    summaries = [_summary(column, own, axis, labels) for column, own in zip(shown, cells, strict=True)]
    absent = [f"{column.environment.label}: {column.suite}" for column in columns if not column.covers(places)]
    subjects = any(row.stop.subject or row.stop.tags for row in rows)
    return RunsPage(tuple(heads), tuple(rows[::-1]), len(axis), tuple(summaries), tuple(absent), subjects)


def _columns(runs: Mapping[int, StoredRun], axis: Axis) -> list[_Column]:
    """A column for each environment and suite, the environments measured last first, then by name."""
    placed = dict(zip(axis.run_ids.tolist(), axis.positions.tolist(), strict=True))
    found: dict[Environment, dict[str, dict[int, list[StoredRun]]]] = {}
    for id_ in sorted(runs):
        run = runs[id_]
        suite = " + ".join(run.suites) or "unnamed suite"
        column = found.setdefault(run.environment, {}).setdefault(suite, defaultdict(list))
        column[placed[id_]].append(run)
    newest = {place: max(max(column) for column in suites.values()) for place, suites in found.items()}
    ordered = sorted(found, key=lambda place: (-newest[place], place.label, place.digest))
    return [_Column(place, suite, found[place][suite]) for place in ordered for suite in sorted(found[place])]


def _cells(column: _Column, places: range) -> list[Cell]:
    """The cells of a column, oldest first."""
    first = min(column.at)
    here = {place: column.at[place] for place in places if place in column.at}
    alone = [runs[0].points for runs in here.values() if len(runs) == 1]
    fullest = max(alone or [sum(run.points for run in runs) for runs in here.values()], default=0)
    sizes = {place: sum(run.points + run.failed + run.skipped for run in runs) for place, runs in here.items()}
    order = list(sizes)
    usual = {
        place: median(sizes[near] for near in order[max(0, i - NEIGHBOURS) : i + NEIGHBOURS + 1])
        for i, place in enumerate(order)
    }
    return [
        _cell(here[place], fullest, sizes[place] < PARTIAL * usual[place])
        if place in here
        else Cell("gap" if place > first else "before")
        for place in places
    ]


def _cell(runs: Sequence[StoredRun], fullest: int, partial: bool) -> Cell:
    points = sum(run.points for run in runs)
    failed, skipped = sum(run.failed for run in runs), sum(run.skipped for run in runs)
    notes = [f"{len(runs)} runs"] if len(runs) > 1 else []
    notes += ["partial"] if partial else []
    notes += ["dirty"] if any(run.dirty for run in runs) else []
    share = round(100 * min(1.0, points / fullest)) if fullest else 0
    return Cell("measured", f"{points:,}", _count(failed), _count(skipped), share, tuple(notes))


def _summary(column: _Column, cells: Sequence[Cell], axis: Axis, labels: Mapping[Environment, str]) -> Summary:
    states = [cell.state for cell in cells]
    measured, missing = states.count("measured"), states.count("gap")
    last = max(column.at)
    behind = len(axis) - 1 - last
    state = f"{behind:,} {'commits' if behind > 1 else 'commit'} behind" if behind else "up to date"
    return Summary(
        labels[column.environment],
        f"machines.html#{anchor(column.environment)}",
        column.suite,
        axis.stops[last],
        "warn" if behind else "good",
        state,
        f"{measured:,} of {len(cells) - states.count('before'):,}",
        _count(missing),
        _count(sum(bool(cell.failed) for cell in cells)),
        _count(sum("partial" in cell.notes for cell in cells)),
    )


def _count(number: int) -> str:
    return f"{number:,}" if number else ""
