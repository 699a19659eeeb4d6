"""The budgets of a commit: the limits in force, judged on its runs with all that percentiles need."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import UncomparedError
from ..judge.budgets import judge_budgets, sampled
from ..model import Budget, BudgetResult, BudgetState, Run, presented
from ..report.budgets import BudgetReport
from .rules import is_fork, merge_base, rules_for, trusted_workspace
from .sides import Chosen, from_commit

if TYPE_CHECKING:
    from .context import Workspace


def budgets_of(workspace: Workspace, reference: str) -> BudgetReport:
    """Every target of a commit, of a fork under the rules of its merge base. UncomparedError where it has no run."""
    base, side, trusted = None, None, not is_fork()
    if not trusted:
        workspace.learn_commits()
        base = merge_base(workspace, workspace.resolve(reference), trusted)
        trusted_workspace(workspace, base or "")
        with suppress(UncomparedError):
            side = from_commit(workspace, base or "")
    candidate = from_commit(workspace, reference)
    force = rules_for(workspace, base, trusted, candidate=candidate, base=side)
    results = judged(workspace, candidate, force.budgets)
    warnings = (*filter(None, [force.note]), *force.warnings, *unmatched(results))
    return BudgetReport(candidate.info.commit, candidate.info.subject, results, warnings)


def judged(workspace: Workspace, candidate: Chosen, budgets: Sequence[Budget]) -> list[BudgetResult]:
    """What a candidate makes of budgets; samples are read only of the benchmarks whose percentiles are limited."""
    return judge_budgets(budgets, _with_samples(workspace, candidate, budgets)) if budgets else []


def unmatched(results: Sequence[BudgetResult]) -> list[str]:
    """A warning for each limit that is about nothing."""
    return [
        f"the budget at {result.budget.origin} ({result.limit.text}) {result.reason}"
        for result in results
        if result.key is None and result.state is BudgetState.UNJUDGED
    ]


def _with_samples(workspace: Workspace, candidate: Chosen, budgets: Sequence[Budget]) -> Sequence[Run]:
    wanted = sampled(budgets, candidate.runs)
    if not wanted or not candidate.stored:
        return candidate.runs
    ids = [run.id for run in candidate.stored]
    # A run with its samples comes as it was recorded, so under the names of then: they can be asked for by name only
    # where no name has another meaning now.
    keys = None if workspace.present else wanted
    whole = workspace.existing_history.load(ids, keys=keys, samples=True)
    return [_joined(run, presented(full, workspace.present)) for run, full in zip(candidate.runs, whole, strict=True)]


def _joined(run: Run, full: Run) -> Run:
    """A run with the samples and quantiles of the same run as it was loaded with them."""
    rows = {key: row for row, key in enumerate(run.columns.keys)}
    place = {old: rows[key] for old, key in enumerate(full.columns.keys) if key in rows}
    return replace(
        run,
        samples={place[row]: values for row, values in full.samples.items() if row in place},
        quantiles={place[row]: pairs for row, pairs in full.quantiles.items() if row in place},
    )
