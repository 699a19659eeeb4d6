"""View model of the targets: what the newest commit makes of every budget, the breached ones first."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..model import BudgetResult, BudgetState, Environment
from ..units import signed_percent, significant
from .axis import Stop, axis_of, newest
from .input import SiteInput
from .lines import Line, Pair
from .links import Links
from .pages import Place, anchor, metric_label
from .slug import Named
from .sparkline import COMMITS, Sparkline, sparkline
from .wording import Badge, value

WIDTH, TOP, BAR = 1200, 90, 100
#: The figures that a line holds: those that a point has in the middle.
CENTRAL = ("median", "value")
STATES = {
    BudgetState.BREACHED: Badge("Breached", "bad", 0),
    BudgetState.UNJUDGED: Badge("Not judged", "warn", 1),
    BudgetState.WARNED: Badge("Near the limit", "warn", 2),
    BudgetState.MET: Badge("Met", "good", 3),
}
MEANING = {
    BudgetState.BREACHED: "The limit is not kept.",
    BudgetState.UNJUDGED: "It cannot be told whether the limit is kept; this never counts as met.",
    BudgetState.WARNED: "The limit is kept, but by less than the margin that its budget asks for.",
    BudgetState.MET: "The limit is kept.",
}


@dataclass(frozen=True, slots=True)
class Headroom:
    """How far a value is from its limit: `bar` from the middle of a box of 1,200 x 280 units, and the same in words.

    To the right there is room, to the left lies what is beyond the limit; a whole limit or more fills the side.
    """

    bar: str
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Target:
    """One limit of one benchmark and metric in one environment; `benchmark` is the budget's selection where none fits.

    href    of its panel on the benchmark's page, "" where there is none
    course  how its metric went; `shows` says of what, where that is another figure than the limited one
    was     the headroom that it had before, in words
    """

    requirement: str
    benchmark: str
    variant: str
    href: str
    figure: str
    environment: str
    limit: str
    value: str
    course: Sparkline | None
    shows: str
    headroom: Headroom | None
    was: str
    n: str
    badge: Badge
    reason: str
    origin: str


@dataclass(frozen=True, slots=True)
class Group:
    """The targets of one state."""

    id: str
    badge: Badge
    meaning: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class TargetsPage:
    """The page of targets; `commit` is the one that was judged. `budgets` are written, whether or not any is judged."""

    commit: Stop | None
    groups: tuple[Group, ...]
    budgets: int


@dataclass(frozen=True, slots=True)
class Course:
    """How a target's metric went: its picture, the panel that shows it whole, the headroom that it had in words."""

    spark: Sparkline
    panel: str
    was: str


class Courses:
    """The courses of all targets, taken from the lines as they stream by: of each only a picture is kept."""

    def __init__(self, results: Iterable[BudgetResult]) -> None:
        self._wanted: dict[tuple[Pair, Environment], list[BudgetResult]] = defaultdict(list)
        self._found: dict[int, Course] = {}
        for result in results:
            if result.key is not None and result.environment is not None:
                self._wanted[result.key.unversioned, result.environment].append(result)

    def add(self, places: Sequence[Place]) -> None:
        """Looks through the panels of one benchmark."""
        for place in places if self._wanted else ():
            for line in place.lines:
                results = self._wanted.get((line.key.unversioned, place.environment), ())
                picture = sparkline(line) if results else None
                for result in results:
                    assert picture is not None
                    self._found[id(result)] = Course(picture, place.id, _was(result, line))

    def of(self, result: BudgetResult) -> Course | None:
        """The course of one of the results that this was made with; None where the site has no line of it."""
        return self._found.get(id(result))


def targets_page(
    site: SiteInput, hrefs: Mapping[Named, str], links: Links, courses: Courses | None = None
) -> TargetsPage:
    """Every result of a budget, grouped by its state, within that in the order of the configuration."""
    courses = courses or Courses(())
    several = len({result.environment for result in site.budgets if result.environment}) > 1
    groups = []
    for state, badge in STATES.items():
        found = [result for result in site.budgets if result.state is state]
        targets = tuple(_target(result, hrefs, several, courses.of(result)) for result in found)
        if targets:
            groups.append(Group(state.value, badge, MEANING[state], targets))
    last = newest(site.runs.values())
    stop = axis_of(last.environment, [last], links).stops[0] if last else None
    return TargetsPage(stop, tuple(groups), len(site.limits))


def _target(result: BudgetResult, hrefs: Mapping[Named, str], several: bool, course: Course | None) -> Target:
    key, budget, limit = result.key, result.budget, result.limit
    href = hrefs.get((key.benchmark.suite, key.benchmark.name), "") if key else ""
    if href and result.environment:
        href += f"#{course.panel if course else anchor(result.environment)}"
    return Target(
        requirement=budget.requirement,
        benchmark=key.benchmark.name if key else budget.selects(),
        variant=key.benchmark.variant if key else "",
        href=href,
        figure=_figure(result),
        environment=result.environment.label if several and result.environment else "",
        limit=limit.text.removeprefix(limit.left).strip(),
        value=_value(result),
        course=course.spark if course else None,
        shows="" if result.statistic in CENTRAL or not course else "central values",
        headroom=headroom(result.headroom) if math.isfinite(result.headroom) else None,
        was=course.was if course else "",
        n=f"{result.n:,.0f}" if math.isfinite(result.n) else "",
        badge=_badge(result),
        reason=result.reason,
        origin=budget.origin,
    )


def _was(result: BudgetResult, line: Line) -> str:
    """The headroom of the first of the last fifty commits, "was 38.0% on 2026-01-31"; "" where that is another figure.

    A line holds the central figure of each commit: the history of a percentile is not known from it.
    """
    if result.statistic not in CENTRAL or not math.isfinite(result.headroom):
        return ""
    begin = int(np.searchsorted(line.positions, len(line.axis) - COMMITS))
    if begin >= len(line.positions) - 1:
        return ""
    room = result.limit.headroom(float(line.values[begin]))
    stop = line.axis.stops[int(line.positions[begin])]
    when = f"on {stop.date}" if stop.date else f"at {stop.short}"
    words = signed_percent(room).lstrip("+").replace("-", "−").replace("~", "")
    return f"was {words} {when}" if math.isfinite(room) else ""


def _badge(result: BudgetResult) -> Badge:
    badge = STATES[result.state]
    if result.state is BudgetState.BREACHED and not result.failing:
        return Badge(f"{badge.word}, a warning only", "warn", badge.rank)
    return badge


def _figure(result: BudgetResult) -> str:
    """The metric with its figure, "time, p95"; as it is written where nothing was found."""
    if result.key is None:
        return result.limit.left
    return ", ".join(_distinct((metric_label(result.key.metric), result.statistic.removesuffix("value"))))


def _distinct(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, words)))


def _value(result: BudgetResult) -> str:
    if result.key is None or not math.isfinite(result.value):
        return ""
    if result.limit.percent:
        return f"{significant(result.value * 100)} %"
    return value(result.value, result.key.metric)


def headroom(share: float) -> Headroom:
    """The bar and the words of a headroom given as a share of the limit, negative beyond it."""
    middle = WIDTH // 2
    size = round(min(abs(share), 1.0) * middle)
    start = middle if share >= 0 else middle - size
    words = signed_percent(abs(share)).lstrip("+").replace("~0%", "less than 0.1%")
    if share == 0:
        return Headroom("", "exactly on the limit", "warn")
    text = f"{words} to spare" if share > 0 else f"{words} beyond"
    return Headroom(f"M{start} {TOP}h{size}v{BAR}h-{size}z", text, "good" if share > 0 else "bad")
