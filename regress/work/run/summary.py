"""What became of all suites: the targets on these runs alone, the first line, the exit status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ... import __version__
from ...judge.verdict import OK, PRECEDENCE, UNCOMPARED, WORSE
from ...model import BudgetResult, BudgetState, Commit, Run, RunSummary, SideInfo, SuiteState, SuiteSummary, presented
from ..budgets import judged
from ..rules import rules_for
from ..sides import Chosen

if TYPE_CHECKING:
    from ..context import Workspace

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Finished:
    """All that was done, before it is summed up. `statuses` are what the suites call for."""

    commit: Commit
    branch: str
    dirty: bool
    suites: Sequence[SuiteSummary]
    runs: Sequence[Run]
    statuses: Sequence[int]
    not_run: Sequence[str] = ()
    seconds: float = 0.0
    interrupted: bool = False
    span: str = ""


def summarised(workspace: Workspace, done: Finished) -> RunSummary:
    """The summary of what was done."""
    targets, warnings = _targets(workspace, done)
    targets, not_run = _without_the_absent(targets, done.not_run)
    status = _status(done, targets)
    if done.dirty:
        warnings.append("measured with uncommitted changes of tracked files: these runs never serve as a baseline")
    environments = dict.fromkeys(run.environment.label for run in done.runs)
    return RunSummary(
        commit=done.commit.hash, subject=done.commit.subject, suites=tuple(done.suites), status=status,
        headline=_headline(done, targets), seconds=done.seconds, dirty=done.dirty, branch=done.branch, span=done.span,
        environment="; ".join(environments), targets=tuple(targets), not_run=tuple(not_run),
        warnings=tuple(warnings), interrupted=done.interrupted, project=workspace.project,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"), version=__version__,
    )  # fmt: skip


def _targets(workspace: Workspace, done: Finished) -> tuple[list[BudgetResult], list[str]]:
    """The budgets, judged on these runs; a range has no candidate, and so no targets."""
    if done.span or not done.runs:
        return [], []
    runs = [presented(run, workspace.present) for run in done.runs]
    chosen = Chosen(SideInfo(done.commit.hash[:10], done.commit.hash), runs)
    force = rules_for(workspace, None, candidate=chosen)
    return judged(workspace, chosen, force.budgets), list(force.warnings)


def _without_the_absent(
    targets: Sequence[BudgetResult], not_run: Sequence[str]
) -> tuple[list[BudgetResult], list[str]]:
    """Where suites were left out, the targets about something else than what was run are counted with what was not."""
    absent = sum(target.key is None for target in targets) if not_run else 0
    if not absent:
        return list(targets), list(not_run)
    words = f"{_plural(absent, 'target')} of what was not run: `regress budgets` judges all of a commit"
    return [target for target in targets if target.key is not None], [*not_run, words]


def _status(done: Finished, targets: Sequence[BudgetResult]) -> int:
    """2 wrong usage, 4 unreadable, 1 a suite failed or a target is breached, 3 nothing was measured, 0 else."""
    if done.interrupted:
        return INTERRUPTED
    statuses = {OK, *done.statuses}
    if any(target.failing for target in targets):
        statuses.add(WORSE)
    if not any(suite.points or suite.state is SuiteState.PASSED for suite in done.suites):
        statuses.add(UNCOMPARED)
    return next(status for status in PRECEDENCE if status in statuses)


def _headline(done: Finished, targets: Sequence[BudgetResult]) -> str:
    """The first line: what failed, what is breached, then what was measured."""
    states = Counter(suite.state for suite in done.suites)
    words = ["INTERRUPTED"] if done.interrupted else []
    failed = states[SuiteState.FAILED]
    breached = sum(target.state is BudgetState.BREACHED for target in targets)
    if failed:
        words.append(f"FAILED: {failed} of {_plural(len(done.suites), 'suite')}")
    if breached:
        words.append(f"BREACHED: {_plural(breached, 'target')}")
    benchmarks = sum(suite.benchmarks for suite in done.suites)
    runs = sum(suite.runs for suite in done.suites)
    if not benchmarks and not failed and not done.span:
        words.append("NOTHING MEASURED")
    words.append(f"{_plural(benchmarks, 'benchmark')} in {_plural(runs, 'new run')}")
    words += [f"{states[state]} {state}" for state in (SuiteState.SKIPPED, SuiteState.EXPECTED) if states[state]]
    lost = sum(suite.failed for suite in done.suites)
    if lost:
        words.append(f"{_plural(lost, 'benchmark')} failed")
    if targets:
        met = sum(target.state in (BudgetState.MET, BudgetState.WARNED) for target in targets)
        words.append(f"{met} of {_plural(len(targets), 'target')} met")
    return " · ".join(words)


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
