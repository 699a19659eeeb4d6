"""The measured commits in their order, and for each run its place, its facts and its segment.

Series hold run ids; what a step between two points means (which commits, which changed facts) is looked up here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..model import ChangePoint, Environment, StoredRun

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Facts whose change makes noisy figures another stretch of the series.
SEGMENT_FACTS = ("cpu", "cores")
_WORDS = {"cpu": "CPU", "python": "Python", "ram": "memory"}
_PREFIX = "version."


class Timeline:
    """The runs of a history's main branch, in its order; runs that name no commit are left out.

    commits   the distinct measured commits; a *place* is an index into them
    place     the place of each run, by its rank
    facts     a number for each run's set of facts, equal where the facts are
    segment   a number for each run's processor and cores
    """

    def __init__(self, runs: Sequence[StoredRun]) -> None:
        self.runs = [run for run in runs if run.commit]
        self.commits = list(dict.fromkeys(run.commit for run in self.runs))
        self.place_of = {commit: place for place, commit in enumerate(self.commits)}
        first: dict[str, StoredRun] = {}
        for run in self.runs:
            first.setdefault(run.commit, run)
        self._first_run = list(first.values())
        self.place = np.array([self.place_of[run.commit] for run in self.runs], dtype=np.int64)
        self.facts = _numbered([run.environment.facts for run in self.runs])
        self.segment = _numbered([machine(run.environment) for run in self.runs])
        ids = np.array([run.id for run in self.runs], dtype=np.int64)
        self._order = np.argsort(ids)
        self._ids = ids[self._order]

    def ranks(self, run_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rank of each run; -1 for one that is not of this timeline. Shape (points,)."""
        if not len(self._ids):
            return np.full(len(run_ids), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self._ids, run_ids), len(self._ids) - 1)
        return np.where(self._ids[at] == run_ids, self._order[at], -1)

    def date(self, place: int) -> datetime | None:
        """The date of a measured commit: as git knows it, else when it was measured."""
        return self._first_run[place].moment

    def places_by_environment(self) -> dict[str, list[int]]:
        """The places at which each environment was measured, in order, by its digest."""
        found: dict[str, dict[int, None]] = {}
        for run, place in zip(self.runs, self.place.tolist(), strict=True):
            found.setdefault(run.environment.digest, {})[place] = None
        return {environment: list(places) for environment, places in found.items()}

    @cached_property
    def _places_by_suite(self) -> dict[tuple[str, str], list[int]]:
        """The places at which each suite was measured in each environment, in order."""
        found: dict[tuple[str, str], dict[int, None]] = {}
        for run, place in zip(self.runs, self.place.tolist(), strict=True):
            for suite in run.suites:
                found.setdefault((run.environment.digest, suite), {})[place] = None
        return {name: list(places) for name, places in found.items()}

    def age(self, change: ChangePoint) -> int:
        """At how many commits its suite was measured in its environment since a change, the estimate counted.

        0 where that is not known.
        """
        place = self.place_of.get(change.span.estimate)
        places = self._places_by_suite.get((change.environment.digest, change.key.benchmark.suite), [])
        return 0 if place is None else len(places) - bisect_left(places, place)

    def changed_facts(self, before: int, after: int) -> tuple[str, ...]:
        """What differs between the facts of two runs, in words; only what both of them say."""
        if self.facts[before] == self.facts[after]:
            return ()
        return facts_in_words(dict(self.runs[before].environment.facts), dict(self.runs[after].environment.facts))


def facts_in_words(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """The facts that differ: `numpy 2.3 → 2.4`, `kernel 6.1 → 6.8`, `scipy none → 1.14`; sorted by name.

    A fact that one side lacks is not known there, and so no change, unless it is an installed version and that side
    has others: then it was not installed.
    """
    listed = [any(name.startswith(_PREFIX) for name in side) for side in (old, new)]
    words = []
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if was == now or ((was is None or now is None) and not (name.startswith(_PREFIX) and all(listed))):
            continue
        title = _WORDS.get(name, name.removeprefix(_PREFIX))
        words.append(f"{title} {was or 'none'} → {now or 'none'}")
    return tuple(words)


def machine(environment: Environment) -> tuple[str, ...]:
    """The processor and its cores: what tells segments apart."""
    named = dict(environment.facts)
    return tuple(named.get(fact, "") for fact in SEGMENT_FACTS)


def _numbered(values: Sequence[Hashable]) -> NDArray[np.int64]:
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int64)
