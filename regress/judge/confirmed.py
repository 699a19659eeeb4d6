"""What a confirmation makes of the verdicts: it measured both sides on one machine, in turn, and so has the last word.

The screening run is not pooled with the pairs: it chose the suspects by their size, and would say the same again. The
size that is reported comes from the pairs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median

from ..model import Acknowledgement, Action, Comparison, Confirmation, Finding, Outcome, Side, Verdict
from .compare import Place
from .decide import Decision, acknowledged

#: What a confirmation can decide; where it could not be measured, the verdict stays what it was.
_DECIDED = (Outcome.REGRESSED, Outcome.UNCHANGED, Outcome.IMPROVED)


def with_confirmations(
    decision: Decision,
    confirmations: Mapping[Place, Confirmation],
    accepted: Sequence[Acknowledgement],
) -> Decision:
    """The decision after suspects were measured again."""
    verdicts = []
    for verdict in decision.verdicts:
        found = confirmations.get(place_of(verdict.comparison))
        verdicts.append(acknowledged(_confirmed(verdict, found), accepted) if found else verdict)
    return Decision(verdicts, [_finding(finding, verdicts) for finding in decision.findings])


def place_of(comparison: Comparison) -> Place:
    """What tells a comparison's cell from all others."""
    return comparison.environment.digest, comparison.key.unversioned


def _confirmed(verdict: Verdict, found: Confirmation) -> Verdict:
    if found.outcome not in _DECIDED:
        # Red without confirmation stays red: that it could not be measured again speaks for nobody.
        reason = f"{verdict.reason}; measured again: {found.outcome}, {found.reason}"
        return replace(verdict, reason=reason, confirmation=found)
    comparison = replace(
        verdict.comparison, statistic=found.statistic or verdict.comparison.statistic,
        base=Side(_middle(found.base), found.pairs), candidate=Side(_middle(found.head), found.pairs),
        change=found.change,
    )  # fmt: skip
    may_fail = verdict.policy is None or verdict.policy.action is Action.FAIL
    failing = found.outcome is Outcome.REGRESSED and may_fail
    reason = f"measured again, both sides in turn: {found.reason}"
    return replace(
        verdict, comparison=comparison, outcome=found.outcome, reason=reason, failing=failing, provisional=False,
        suspect=False, hint="", confirmation=found,
    )  # fmt: skip


def _middle(values: Sequence[float]) -> float:
    return median(values) if values else math.nan


def _finding(finding: Finding, verdicts: Sequence[Verdict]) -> Finding:
    """What moved together, after some of it was measured again: nothing of it is left, or it stands."""
    own = [
        verdict.confirmation
        for verdict in verdicts
        if verdict.confirmation
        and verdict.comparison.environment.digest == finding.environment.digest
        and verdict.comparison.key.benchmark.suite == finding.suite
    ]
    decided = [found for found in own if found.outcome in _DECIDED]
    worse = sum(found.outcome is Outcome.REGRESSED for found in decided)
    if not decided or finding.outcome not in (Outcome.REGRESSED, Outcome.INCOMPARABLE):
        return finding
    told = f"{finding.reason}; measured again in turn, {worse} of {len(decided)} are worse"
    if 2 * worse > len(decided):
        return replace(finding, outcome=Outcome.REGRESSED, failing=True, reason=told)
    return replace(finding, outcome=Outcome.UNCHANGED, failing=False, reason=told)
