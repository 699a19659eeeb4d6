"""The trend site of a history: the newest commit's verdicts first, then every series."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import UncomparedError
from ..model import BaselineSpec, Report, StoredRun
from . import basis
from .budgets import budgets_of
from .changes import find_changes
from .check import report_on
from .sides import load, main_runs

if TYPE_CHECKING:
    from ..site import Built
    from .context import Workspace

#: An environment that none of so many newest commits was measured in has been given up; its last verdict is no news.
RECENT_COMMITS = 30


def build_site(workspace: Workspace, out: Path) -> Built:
    """Builds the site into `out` from the runs of the main branch."""
    from ..site import SiteInput, build

    history = workspace.existing_history
    workspace.learn_commits()
    runs = main_runs(workspace)
    if not runs:
        raise UncomparedError(
            "the history holds no run of the main branch", hint="ingest results first: regress ingest PATH"
        )
    site = SiteInput(
        project=workspace.project,
        series=history.series(runs={run.id for run in runs}),
        runs={run.id: run for run in runs},
        reports=_newest_reports(workspace, runs),
        causes=find_changes(workspace).causes,
        budgets=budgets_of(workspace, runs[-1].commit).results if workspace.config.budgets else (),
        rules=workspace.config.rules,
        limits=workspace.config.budgets,
        commit_url=_commit_url(workspace),
        version=__version__,
    )
    return build(site, out)


def _newest_reports(workspace: Workspace, runs: Sequence[StoredRun]) -> list[Report]:
    """For each environment that is in use, its newest commit against the measured commit before it."""
    recent = set(list(dict.fromkeys(run.commit for run in reversed(runs)))[:RECENT_COMMITS])
    newest = {run.environment.digest: run for run in runs if run.commit in recent}
    reports = []
    for digest, last in sorted(newest.items()):
        same = [run for run in runs if run.environment.digest == digest and run.commit == last.commit]
        candidate = load(workspace, last.commit[:10], same)
        found = basis.find(workspace, BaselineSpec("previous", max_distance=workspace.config.max_distance), candidate)
        if found.side:
            reports.append(report_on(workspace, found, candidate))
    return reports


def _commit_url(workspace: Workspace) -> str:
    if workspace.config.commit_url is not None:
        return workspace.config.commit_url
    return workspace.repository.commit_url() if workspace.repository else ""
