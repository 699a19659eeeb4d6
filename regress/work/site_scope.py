"""What of a history a site shows: which environments, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..globs import matches
from ..model import Cause, Environment, StoredRun
from .since import day_of

if TYPE_CHECKING:
    from .context import Workspace


@dataclass(frozen=True, slots=True)
class SiteRequest:
    """What is wanted of a site; None, "" and () leave it as it is configured, and whole.

    environments  globs on an environment's label, its digest, or one of its values, such as the machine's name
    since         a commit, which is the first one shown, or a date (2026-01-31)
    base_url      where the site will be, for its feed and canonical links; "": as configured
    theme         a directory of templates that go before ours
    points        every benchmark's points as CSV too
    sqlite        a copy of the history, to download
    """

    title: str | None = None
    commit_url: str | None = None
    environments: tuple[str, ...] = ()
    since: str | None = None
    base_url: str = ""
    theme: Path | None = None
    points: bool = False
    sqlite: bool = False

    @property
    def narrows(self) -> bool:
        """Whether less than the whole history is asked for."""
        return bool(self.environments) or self.since is not None


def within(workspace: Workspace, runs: Sequence[StoredRun], request: SiteRequest) -> list[StoredRun]:
    """The runs that the request asks for, in their order; UsageError where there are none."""
    chosen = [run for run in runs if _wanted(run.environment, request.environments)]
    if not chosen:
        known = ", ".join(sorted({run.environment.label for run in runs}))
        what = f"no environment fits {' or '.join(map(repr, request.environments))}"
        raise UsageError(what, where="--environment", hint=f"there are: {known}")
    if request.since is None:
        return chosen
    later = _since(workspace, chosen, request.since)
    if not later:
        last = chosen[-1].commit[:10] or "not known"
        what = f"nothing was measured since {request.since!r}"
        raise UsageError(what, where="--since", hint=f"the newest measured commit is {last}")
    return later


def causes_within(causes: Sequence[Cause], runs: Sequence[StoredRun], request: SiteRequest) -> list[Cause]:
    """The causes that the runs show, each with the changes of their environments alone."""
    if not request.narrows:
        return list(causes)
    commits, environments = {run.commit for run in runs}, {run.environment for run in runs}
    found = []
    for cause in causes:
        changes = tuple(change for change in cause.changes if change.environment in environments)
        if changes and {cause.span.estimate, cause.span.until} & commits:
            found.append(replace(cause, changes=changes))
    return found


def _wanted(environment: Environment, patterns: Sequence[str]) -> bool:
    texts = (environment.label, environment.digest, *(value for _, value in environment.key))
    return not patterns or any(matches(pattern, text) for pattern in patterns for text in texts)


def _since(workspace: Workspace, runs: Sequence[StoredRun], since: str) -> list[StoredRun]:
    """The runs of a commit and of those after it, or of commits of a day and later."""
    if first := day_of(since):
        return [run for run in runs if run.moment and run.moment >= first]
    commit = workspace.resolve(since)
    older = set(workspace.graph.ancestors(commit)) - {commit}
    if not older:  # its parents are not known: the order of the history is
        first_order = min((run.order for run in runs if run.commit == commit), default=None)
        return [run for run in runs if first_order is None or run.order >= first_order]
    return [run for run in runs if run.commit not in older]
