"""The use case: measures suspects again on two commits, in turn, and says of each what the pairs say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import UsageError
from ...model import Commit, Kind, Outcome, SuiteSpec
from ...model.confirmation import Confirmation, Suspect
from ...stats.sequential import FALSE_GREEN, PAIRS, design
from ..context import Workspace
from ..measure import open_bench, spec_of
from .rounds import Batch, Case, Rounds, Show, Sides, Step

#: What the folders of a confirmation are called after.
PURPOSE = "confirm"


@dataclass(frozen=True, slots=True)
class Options:
    """How a confirmation is done.

    false_red    how probable it may be that any of the suspects is called regressed without a reason; shared by all
                 noisy ones
    false_green  how probable it may be, of each, that it is called unchanged though it is worse by the tolerance
    pairs        at most
    two_sided    whether an improvement is worth measuring on
    seed         which side and which place begin
    """

    false_red: float = 0.01
    false_green: float = FALSE_GREEN
    pairs: int = PAIRS[-1]
    two_sided: bool = False
    seed: int = 0


def confirm(
    workspace: Workspace, suspects: Sequence[Suspect], base: str, head: str, options: Options = Options(),
    show: Show | None = None,
) -> list[Confirmation]:  # fmt: skip
    """Measures the suspects again, base and head in turn in two work trees, and decides each; in the given order.

    `base` and `head` are full hashes. What cannot be measured is *failed*, *incomparable* or *inconclusive* with the
    reason, never unchanged. Raises UsageError where there is no repository, and InputError where there can be no work
    tree. An interrupt leaves no work tree behind.
    """
    if not suspects:
        return []
    if workspace.repository is None:
        raise UsageError("there is no git repository here", hint="a confirmation needs the package of both commits")
    noisy = sum(suspect.key.metric.kind is Kind.NOISY for suspect in suspects)
    looks = design(options.false_red / max(noisy, 1), options.pairs, options.false_green)
    batches = batches_of(workspace, suspects)
    sides = Sides(Commit(base), Commit(head))
    with open_bench(workspace, workspace.repository, PURPOSE, (base, base)) as bench:
        rounds = Rounds(workspace, workspace.repository, sides, looks, options.two_sided, bench, show or _silent)
        rounds.run(batches, options.seed)
    said = {case.suspect: case.result() for batch in batches for case in batch.cases}
    return [said[suspect] for suspect in suspects]


def _silent(step: Step) -> None:
    """Nobody looks on."""


def batches_of(workspace: Workspace, suspects: Sequence[Suspect]) -> list[Batch]:
    """The suspects by the suite that runs them; one that nothing says how to run has ended before it began."""
    by_suite: dict[SuiteSpec, Batch] = {}
    for suspect in dict.fromkeys(suspects):
        case = Case(suspect)
        try:
            spec = spec_of(workspace, suspect.key, suspect.suite)
        except UsageError as error:
            spec = SuiteSpec(suspect.key.benchmark.suite, "")
            case.end(Outcome.INCONCLUSIVE, f"it cannot be run: {error}")
        by_suite.setdefault(spec, Batch(spec, [])).cases.append(case)
    return list(by_suite.values())
