"""The horizontal axis: which commits were measured in an environment, in the order of the history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..model import Environment, StoredRun
from .links import Links

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Facts whose change is worth a line in a chart; the others (kernel, RAM, host) change with every hosted runner.
CUT_FACTS = {"cpu": "CPU", "cores": "cores", "python": "Python"}
DATE_TICKS = 7

#: The tags of git by the commit that they are shown at.
Releases = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Stop:
    """One place of the axis: a commit and what is said of it; `minute` is its time since 1970, 0 where not known."""

    commit: str
    short: str
    url: str
    subject: str
    date: str
    dirty: bool
    tags: tuple[str, ...]
    minute: int = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """A place from which on something else than the code is different: `what` in words, `label` in short."""

    position: int
    label: str
    what: str


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """The stops of one environment and suite. `run_ids` is sorted; `positions[i]` is the stop of `run_ids[i]`.

    `facts` are what the newest run that states any says of its machine, and its host.
    """

    environment: Environment
    stops: tuple[Stop, ...]
    run_ids: NDArray[np.int64]
    positions: NDArray[np.int64]
    cuts: tuple[Cut, ...]
    facts: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.stops)

    def place(self, run_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The stop of each run; -1 for a run that is not on this axis."""
        if not len(self.run_ids):
            return np.full(len(run_ids), -1, dtype=np.int64)
        index = np.minimum(np.searchsorted(self.run_ids, run_ids), len(self.run_ids) - 1)
        return np.where(self.run_ids[index] == run_ids, self.positions[index], -1)

    def ticks(self, first: int, last: int) -> list[int]:
        """At most seven stops between `first` and `last`, evenly spread, both ends among them."""
        span = last - first
        if span <= 0:
            return [first] if self.stops else []
        steps = min(DATE_TICKS - 1, span)
        return [first + round(i * span / steps) for i in range(steps + 1)]


class Axes:
    """The axes of a history, each made when it is first asked for."""

    def __init__(self, runs: Mapping[int, StoredRun], links: Links, releases: Releases = MappingProxyType({})) -> None:
        self._links = links
        self._releases = releases
        self._made: dict[tuple[Environment, str], Axis] = {}
        self._runs: dict[Environment, list[StoredRun]] = defaultdict(list)
        for run in runs.values():
            self._runs[run.environment].append(run)

    def of(self, environment: Environment, suite: str) -> Axis:
        """The axis of `environment` with the runs of `suite`; runs that name no suite count for every one."""
        key = (environment, suite)
        if key not in self._made:
            runs = [run for run in self._runs.get(environment, ()) if not run.suites or suite in run.suites]
            self._made[key] = axis_of(environment, runs, self._links, self._releases)
        return self._made[key]


def axis_of(
    environment: Environment, runs: Iterable[StoredRun], links: Links, releases: Releases = MappingProxyType({})
) -> Axis:
    """One stop for each commit of `runs`, in the order of the history, with the tags of its releases."""
    by_place: dict[tuple[int, str], list[StoredRun]] = defaultdict(list)
    for run in runs:
        by_place[run.order, run.commit].append(run)
    groups = [sorted(by_place[place], key=_age) for place in sorted(by_place)]
    placed = sorted((run.id, position) for position, group in enumerate(groups) for run in group)
    pairs = np.array(placed, dtype=np.int64).reshape(-1, 2)
    stops = tuple(_stop(group, links, releases) for group in groups)
    return Axis(environment, stops, pairs[:, 0], pairs[:, 1], _cuts(groups), _facts(groups))


def newest(runs: Iterable[StoredRun]) -> StoredRun | None:
    """The run that the history ends with."""
    return max(runs, key=lambda run: (run.order, *_age(run)), default=None)


def _age(run: StoredRun) -> tuple[float, int]:
    return (run.started_at.timestamp() if run.started_at else 0.0, run.id)


def _stop(group: list[StoredRun], links: Links, releases: Releases) -> Stop:
    run = group[-1]
    tags = tuple(sorted({tag for each in group for tag in each.tags}))
    dirty = any(each.dirty for each in group)
    moment = run.moment
    return Stop(
        run.commit, links.short(run.commit), links.commit(run.commit), run.subject, run.day, dirty,
        tuple(dict.fromkeys((*releases.get(run.commit, ()), *tags))), int(moment.timestamp() // 60) if moment else 0,
    )  # fmt: skip


def _facts(groups: list[list[StoredRun]]) -> tuple[tuple[str, str], ...]:
    for group in reversed(groups):
        for run in reversed(group):
            host = (("host", run.environment.host),) if run.environment.host else ()
            if run.environment.facts or host:
                return (*run.environment.facts, *host)
    return ()


def _cuts(groups: list[list[StoredRun]]) -> tuple[Cut, ...]:
    cuts = []
    known: dict[str, str] = {}
    for position, group in enumerate(groups):
        facts = {name: value for run in group for name, value in run.environment.facts if name in CUT_FACTS}
        # A fact that a run does not state is not known to have changed.
        changed = [name for name in CUT_FACTS if name in facts and facts[name] != known.get(name, facts[name])]
        if changed:
            label = ", ".join(f"{CUT_FACTS[name]} {facts[name]}" for name in changed)
            what = "; ".join(f"{CUT_FACTS[name]}: {known[name]} → {facts[name]}" for name in changed)
            cuts.append(Cut(position, label, what))
        known |= facts
    return tuple(cuts)
