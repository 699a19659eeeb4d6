"""What stands beside the tests of a side: the rules and budgets of its markers, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import BESIDE, Beside, Budget, Key, Rule, attached
from .sides import Chosen

if TYPE_CHECKING:
    from .context import Workspace

#: As many faults of markers are told one by one.
_MOST_FAULTS = 10


@dataclass(frozen=True, slots=True)
class Markers:
    """The rules and budgets that stand beside the tests of one side; where its runs differ, those of the last."""

    rules: tuple[Rule, ...] = ()
    budgets: tuple[Budget, ...] = ()
    warnings: tuple[str, ...] = ()

    def only(self, benchmarks: Container[tuple[str, str] | tuple[()]]) -> Markers:
        """Those of some benchmarks (suite and full name)."""
        rules = tuple(rule for rule in self.rules if rule.only in benchmarks)
        return Markers(rules, tuple(budget for budget in self.budgets if budget.only in benchmarks), self.warnings)


def measured(side: Chosen | None) -> frozenset[tuple[str, str]]:
    """Suite and full name of every benchmark that a side has results of."""
    runs = side.runs if side else ()
    return frozenset((key.benchmark.suite, key.benchmark.full) for run in runs for key in run.columns.keys)


def markers(workspace: Workspace, side: Chosen | None) -> Markers:
    """The markers of a side's benchmarks under their present names."""
    found: dict[tuple[str, str], Beside] = {}
    for key, text in _attached(workspace, side) if side else ():
        benchmark = key.benchmark
        found[benchmark.suite, benchmark.full] = attached(text, benchmark)
    faults = [f"{name}: its marker: {fault}" for (_, name), one in found.items() for fault in one.faults]
    left = len(faults) - _MOST_FAULTS
    return Markers(
        tuple(one.rule for one in found.values() if one.rule),
        tuple(one.budget for one in found.values() if one.budget),
        (*faults[:_MOST_FAULTS], *([f"and {left} more faults in markers"] if left > 0 else [])),
    )


def _attached(workspace: Workspace, side: Chosen) -> Iterator[tuple[Key, str]]:
    """Keys and attachments that may hold a marker, the oldest run first."""
    if not side.stored:
        for run in side.runs:
            yield from ((run.columns.keys[row], text) for row, text in run.attachments.items())
        return
    ids = [run.id for run in side.stored]
    place = {run_id: index for index, run_id in enumerate(ids)}
    rows = workspace.existing_history.attachments(ids, f'"{BESIDE}"')
    yield from ((key, text) for _, key, text in sorted(rows, key=lambda row: place[row[0]]))
