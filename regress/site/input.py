"""What a site is made from, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..model import Budget, BudgetResult, Cause, Report, Rule, Series, StoredRun
from ..model.components import Components


@dataclass(frozen=True, slots=True)
class SiteInput:
    """All that a site shows.

    series      read once, as a stream; the series of one benchmark (suite and name) must follow one another, and
                within a series the points stand in history order
    runs        by id; a point whose run is not among them is not shown
    reports     the newest commit's verdicts, one report for each environment or one for all
    causes      what changed along the history, newest first; budgets: what the newest commit makes of each limit
    components  variants side by side, by what was asked ("param:backend"); a text says why it cannot be compared
    rules       in force, in order, and `limits`: the budgets in force
    releases    the tags of git, by the measured commit that they are shown at
    commit_url  "https://github.com/o/r/commit/{commit}", or "" for no links
    base_url    where the site will be, "https://…/", for the feed and canonical links; "" where that is not known
    theme       a directory of templates that go before ours, or None
    renamed     the former (suite, name) of renamed benchmarks, each with those that it has now
    points      whether each benchmark's points are written as CSV too
    copy        writes a copy of the history's database to a path, where that is wanted
    version     of regress, for the footer
    built       when the site was built, in words, for the footer; "" leaves the line out and the output unchanged
    """

    project: str
    series: Iterable[Series]
    runs: Mapping[int, StoredRun]
    reports: Sequence[Report] = ()
    causes: Sequence[Cause] = ()
    budgets: Sequence[BudgetResult] = ()
    components: Mapping[str, Components | str] = field(default_factory=dict)
    rules: Sequence[Rule] = ()
    limits: Sequence[Budget] = ()
    releases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    commit_url: str = ""
    base_url: str = ""
    theme: Path | None = None
    renamed: Mapping[tuple[str, str], Sequence[tuple[str, str]]] = field(default_factory=dict)
    points: bool = False
    copy: Callable[[Path], None] | None = None
    version: str = ""
    built: str = ""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: pages in the site, bytes of all its files, and how many files were touched."""

    pages: int
    bytes: int
    written: int
    unchanged: int
    removed: int
