"""How a project stands, in figures for a monitoring system: its newest runs, budgets, and last check."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..errors import UncomparedError
from ..formats.out_metrics import CENTRE, CheckCounts, Exposition, Snapshot, exposition
from ..model import BudgetResult, Key, Outcome, Run, StoredRun
from .budgets import budgets_of
from .export import Selection, Test, chosen, shown_runs, taken, test_of
from .sides import main_runs
from .site import RECENT_COMMITS
from .site_scope import SiteRequest, within

if TYPE_CHECKING:
    from .context import Workspace

#: The digest of an environment, and a suite.
_Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Newest:
    """The newest runs, oldest first, and the commit that each suite was measured on last in each environment."""

    stored: Sequence[StoredRun]
    commits: dict[_Place, str]

    def holds(self, commit: str, environment: str, key: Key) -> bool:
        """Whether this is the newest commit on which the key's suite was measured there."""
        return self.commits.get((environment, key.benchmark.suite)) == commit


def exposed(workspace: Workspace, selection: Selection, statistics: Sequence[str] = (CENTRE,)) -> Exposition:
    """The figures of the runs that are named, else of the newest run of each suite in each environment of main.

    Raises UncomparedError where there is no run.
    """
    newest = _newest(workspace, selection)
    test = test_of(workspace, selection)
    commit = newest.stored[-1].commit
    snapshot = Snapshot(
        project=workspace.project,
        runs=list(_runs(workspace, newest, test)),
        budgets=[found for found in _budgets(workspace, newest) if not test or not found.key or test(found.key)],
        check=_last_check(workspace, commit) if commit else None,
        statistics=statistics,
    )
    return exposition(snapshot)


def _newest(workspace: Workspace, selection: Selection) -> _Newest:
    if selection.names:
        stored = chosen(workspace, selection)
        return _Newest(stored, {place: run.commit for run in stored for place in _places(run)})
    workspace.existing_history  # noqa: B018  one that is missing says so before anything is learnt
    workspace.learn_commits()
    runs = main_runs(workspace)
    if not runs:
        hint = "`regress ingest PATH` reads results into it"
        raise UncomparedError("the history holds no run of the main branch", hint=hint)
    runs = within(workspace, runs, SiteRequest(environments=selection.environments, since=selection.since))
    # An environment, or a suite, that none of the newest commits was measured with has been given up.
    recent = set(list(dict.fromkeys(run.commit for run in reversed(runs)))[:RECENT_COMMITS])
    commits = {place: run.commit for run in runs if run.commit in recent for place in _places(run)}
    stored = [run for run in runs if any(commits.get(place) == run.commit for place in _places(run))]
    return _Newest(stored, commits)


def _places(run: StoredRun) -> list[_Place]:
    return [(run.environment.digest, suite) for suite in run.suites]


def _runs(workspace: Workspace, newest: _Newest, test: Test | None) -> Iterator[tuple[StoredRun, Run]]:
    """The runs, each with the suites alone that were not measured again later."""
    for stored, run in shown_runs(workspace, newest.stored, test):
        yield stored, taken(run, partial(newest.holds, stored.commit, run.environment.digest))


def _budgets(workspace: Workspace, newest: _Newest) -> Iterator[BudgetResult]:
    """What the newest commits make of each limit; that one is about nothing is said of the newest of all alone."""
    commits = list(dict.fromkeys(run.commit for run in newest.stored if run.commit))
    for commit in commits:
        for result in budgets_of(workspace, commit).results:
            if result.key is None or result.environment is None:
                if commit == commits[-1]:
                    yield result
            elif newest.holds(commit, result.environment.digest, result.key):
                yield result


def _last_check(workspace: Workspace, commit: str) -> CheckCounts | None:
    """What the last stored check of a commit counted; None where there is none that can be read."""
    for report in workspace.existing_history.reports(1, commit=commit):
        try:
            document = json.loads(report.text)
            found = Counter({str(name): int(count) for name, count in document["counts"].items()})
            found.update(str(one["state"]) for one in document.get("budgets", ()))  # a verdict is of no budget
            counts = {outcome.value: found[outcome.value] for outcome in Outcome}
            status = float(document.get("status", math.nan))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        return CheckCounts(counts, status, report.created_at)
    return None
