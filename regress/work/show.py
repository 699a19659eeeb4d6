"""What the history holds: commits with counts, one commit's results, one benchmark's course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..model import Run, Series, StoredRun
from .sides import from_commit

if TYPE_CHECKING:
    from .context import Workspace


@dataclass(frozen=True, slots=True)
class CommitSummary:
    """One commit and what was measured on it."""

    commit: str
    subject: str
    date: str
    runs: int
    points: int
    failed: int
    skipped: int
    environments: tuple[str, ...]
    suites: tuple[str, ...]
    dirty: bool


def commits(workspace: Workspace) -> list[CommitSummary]:
    """Every commit that has runs, in the order of the history."""
    groups: dict[str, list[StoredRun]] = {}
    for run in workspace.existing_history.runs():
        groups.setdefault(run.commit, []).append(run)
    return [_summary(runs) for runs in groups.values()]


def _summary(runs: Sequence[StoredRun]) -> CommitSummary:
    last = runs[-1]
    return CommitSummary(
        commit=last.commit,
        subject=last.subject,
        date=last.day,
        runs=len(runs),
        points=sum(run.points for run in runs),
        failed=sum(run.failed for run in runs),
        skipped=sum(run.skipped for run in runs),
        environments=tuple(sorted({run.environment.label for run in runs})),
        suites=tuple(sorted({suite for run in runs for suite in run.suites})),
        dirty=all(run.dirty for run in runs),
    )


@dataclass(frozen=True, slots=True)
class CommitResults:
    """One commit's runs, with their results."""

    summary: CommitSummary
    stored: Sequence[StoredRun]
    runs: Sequence[Run]


def commit_results(workspace: Workspace, reference: str) -> CommitResults:
    """The results of one commit; UncomparedError where it has none."""
    side = from_commit(workspace, reference)
    return CommitResults(_summary(side.stored), side.stored, side.runs)


def benchmark_series(workspace: Workspace, name: str) -> list[Series]:
    """The series of a benchmark by its name or full name, in the order of keys; [] where there is none such."""
    return list(workspace.existing_history.series(benchmark=name))


def find(workspace: Workspace, name: str) -> list[Series] | CommitResults:
    """What `name` means: a benchmark first, then a commit."""
    if series := benchmark_series(workspace, name):
        return series
    try:
        return commit_results(workspace, name)
    except UsageError:
        near = [key.benchmark.full for key in workspace.existing_history.benchmarks() if name in key.benchmark.full]
        hint = (
            f"did you mean {near[0]}?"
            if near
            else "`regress show` lists the commits, `regress show COMMIT` its benchmarks"
        )
        raise UsageError(f"{name!r} is neither a benchmark nor a commit of this history", hint=hint) from None
