"""What the rules make of the history's series: how many each matches, and why one is judged as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..judge.budgets import concerns
from ..judge.rules import fits
from ..model import Budget, Environment, Key, Rule, Selector, SideInfo, StoredRun
from ..report.rules import Counted, Explained, RulesReport
from .rules import InForce, rules_for
from .sides import Chosen

if TYPE_CHECKING:
    from .context import Workspace


def listed(workspace: Workspace) -> RulesReport:
    """Every rule and budget with the number of series in the history that it matches."""
    force, tags = _present(workspace)
    series = workspace.existing_history.series_names()
    written: tuple[Rule | Budget, ...] = (*force.rules.all, *force.budgets)
    alone = _alone(series)
    tests = [concerns(one, alone) if isinstance(one, Budget) else fits(one) for one in written]
    counts = [sum(test(key, place, tags.get(place.digest, ())) for key, place in series) for test in tests]
    counted = tuple(Counted(one, count) for one, count in zip(written, counts, strict=True))
    idle = [
        f"the {one.kind} at {one.written.origin} ({one.written.selects()}) matches nothing"
        for one in counted
        if not one.series
    ]
    return RulesReport(counted, len(series), (*force.warnings, *idle))


def explained(workspace: Workspace, wanted: Selector) -> list[Explained]:
    """The merged rule of every series that is wanted; series that the same rules decide alike stand together.

    Raises UsageError where the history has no such series, or the selection is no expression.
    """
    try:
        chosen = fits(wanted)
    except ValueError as error:
        raise UsageError(f"the benchmark, metric or environment {error}") from None
    force, tags = _present(workspace)
    names = workspace.existing_history.series_names()
    series = [(key, place) for key, place in names if chosen(key, place, ())]
    if not series:
        what = f"the history has no series of {wanted.selects()}"
        raise UsageError(what, hint="`regress show` lists its benchmarks; names may be globs, or expressions as re:…")
    alone = _alone(names)
    about = [concerns(budget, alone) for budget in force.budgets]
    groups: dict[tuple[str, str, tuple[str, ...], tuple[int, ...]], list[tuple[Key, Environment]]] = {}
    for key, place in series:
        told = tags.get(place.digest, ())
        budgets = tuple(index for index, test in enumerate(about) if test(key, place, told))
        matching = tuple(rule.origin for rule in force.rules.matching(key, place, told))
        groups.setdefault((key.metric.kind, key.metric.unit, matching, budgets), []).append((key, place))
    found = []
    for (*_, budgets), alike in groups.items():
        key, place = alike[0]
        told = tags.get(place.digest, ())
        applied, policy = force.rules.applied(key, place, told), force.rules.policy(key, place, told)
        found.append(Explained(alike, policy, applied, [force.budgets[index] for index in budgets]))
    return found


def _alone(series: Sequence[tuple[Key, Environment]]) -> set[Key]:
    """The keys of benchmarks that have no other metric."""
    metrics: dict[tuple[str, str], set[Key]] = {}
    for key, _ in series:
        metrics.setdefault((key.benchmark.suite, key.benchmark.full), set()).add(key)
    return {key for keys in metrics.values() if len({key.metric.name for key in keys}) == 1 for key in keys}


def _present(workspace: Workspace) -> tuple[InForce, dict[str, tuple[str, ...]]]:
    """What is in force, with the markers of the newest run of each suite and environment; and these runs' labels."""
    newest: dict[tuple[str, tuple[str, ...]], StoredRun] = {}
    for run in workspace.existing_history.runs():
        newest[run.environment.digest, run.suites] = run
    stored = list(newest.values())
    tags: dict[str, tuple[str, ...]] = {}
    for run in stored:
        tags[run.environment.digest] = (*tags.get(run.environment.digest, ()), *run.tags)
    return rules_for(workspace, None, candidate=Chosen(SideInfo("the newest runs"), (), stored)), tags
