"""Of all causes, those that somebody asks for, with their commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..globs import matches
from ..model import Cause, Commit
from .since import day_of

if TYPE_CHECKING:
    from .context import Workspace

#: With more commits than this only the estimated one is shown; nobody reads further.
MOST_COMMITS = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What causes are asked for; None does not filter. `since` is a commit or a date (2026-01-31)."""

    since: str | None = None
    benchmark: str | None = None
    trend: str | None = None
    statuses: frozenset[str] | None = None


def selected(workspace: Workspace, causes: Sequence[Cause], wanted: Wanted) -> list[Cause]:
    """The causes that pass, in their order."""
    chosen = [
        cause
        for cause in causes
        if (wanted.trend is None or cause.trend == wanted.trend)
        and (wanted.statuses is None or cause.status.value in wanted.statuses)
        and (wanted.benchmark is None or _hits(cause, wanted.benchmark))
    ]
    return chosen if wanted.since is None else _since(workspace, chosen, wanted.since)


def _hits(cause: Cause, pattern: str) -> bool:
    benchmarks = (change.key.benchmark for change in cause.changes)
    return any(matches(pattern, benchmark.full) or matches(pattern, benchmark.name) for benchmark in benchmarks)


def _since(workspace: Workspace, causes: list[Cause], since: str) -> list[Cause]:
    """The causes behind a commit, or whose estimated commit is of a day or later."""
    if first := day_of(since):
        return [cause for cause in causes if cause.when is not None and cause.when >= first]
    old = _up_to(workspace, workspace.resolve(since))
    return [cause for cause in causes if cause.span.until not in old]


def _up_to(workspace: Workspace, commit: str) -> set[str]:
    """The commits that `commit` contains; where its parents are not known, those that were measured up to it."""
    if contained := workspace.graph.ancestors(commit):
        return contained
    runs = workspace.existing_history.runs()
    last = max((run.order for run in runs if run.commit == commit), default=-1)
    return {run.commit for run in runs if run.order <= last}


def find(causes: Sequence[Cause], name: str) -> Cause | None:
    """The cause with this id, or the only one whose id begins so."""
    if len(name) < 4:
        return None
    found = [cause for cause in causes if cause.id.startswith(name.lower())]
    if len(found) > 1:
        raise UsageError(f"{name!r} is the beginning of {len(found)} causes", hint="give all eight digits")
    return found[0] if found else None


def described(workspace: Workspace, causes: Sequence[Cause]) -> list[Cause]:
    """The causes with the commits of their ranges, as far as the history knows the main branch's line."""
    line = _Line(workspace)
    ranges = [line.between(cause.span.after, cause.span.until) for cause in causes]
    shown = [found if len(found) <= MOST_COMMITS else [] for found in ranges]
    names = {name for found in shown for name in found} | {cause.span.estimate for cause in causes}
    known = workspace.existing_history.commits(names)
    made = []
    for cause, found, few in zip(causes, ranges, shown, strict=True):
        commits = tuple(known.get(name, Commit(name)) for name in few or [cause.span.estimate])
        made.append(replace(cause, first=found[0] if found else "", candidates=len(found), commits=commits))
    return made


class _Line:
    """The main branch from its first known commit to its tip."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @cached_property
    def commits(self) -> list[str]:
        """The first-parent line of the tip, else of the newest measured commit; oldest first."""
        workspace = self._workspace
        tip = workspace.main_tip
        if tip is None:
            runs = [run for run in workspace.existing_history.runs() if run.commit]
            tip = runs[-1].commit if runs else ""
        return list(workspace.graph.first_parents(tip))[::-1]

    @cached_property
    def places(self) -> dict[str, int]:
        return {commit: place for place, commit in enumerate(self.commits)}

    def between(self, after: str, until: str) -> list[str]:
        """The commits behind `after` up to `until`; none where the line does not hold both."""
        start, stop = self.places.get(after), self.places.get(until)
        return [] if start is None or stop is None else self.commits[start + 1 : stop + 1]
