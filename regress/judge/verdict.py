"""From outcomes to one exit status, and to the first line of a report. The opinions themselves are made in `decide`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..model import BudgetResult, BudgetState, Finding, Outcome, Report, Verdict

OK, WORSE, USAGE, UNCOMPARED, UNREADABLE, UNJUDGED = 0, 1, 2, 3, 4, 5

#: What each outcome does to the exit status: (by default, under --strict). Failing ones count only where the rule
#: says `action = "fail"`. Documentation and a test are drawn from this table.
STATUSES: Mapping[Outcome, tuple[int, int]] = {
    Outcome.UNCHANGED: (OK, OK),
    Outcome.IMPROVED: (OK, OK),
    Outcome.ACCEPTED: (OK, OK),
    Outcome.NEW: (OK, OK),
    Outcome.REGRESSED: (WORSE, WORSE),
    Outcome.BREACHED: (WORSE, WORSE),
    Outcome.MISSING: (WORSE, WORSE),
    Outcome.FAILED: (WORSE, WORSE),
    Outcome.INCONCLUSIVE: (OK, UNJUDGED),
    Outcome.UNJUDGED: (OK, UNJUDGED),
    Outcome.INCOMPARABLE: (OK, UNJUDGED),
}
#: Where several statuses apply, the first of these wins.
PRECEDENCE = (USAGE, UNREADABLE, WORSE, UNCOMPARED, UNJUDGED, OK)
#: Outcomes that say nothing about the code: the first line of a report counts them.
NOT_JUDGED = (Outcome.INCONCLUSIVE, Outcome.UNJUDGED, Outcome.INCOMPARABLE)


#: What a budget counts as.
OF_BUDGET = {
    BudgetState.BREACHED: Outcome.BREACHED,
    BudgetState.UNJUDGED: Outcome.UNJUDGED,
    BudgetState.WARNED: Outcome.UNCHANGED,
    BudgetState.MET: Outcome.UNCHANGED,
}


@dataclass(frozen=True, slots=True)
class Opinions:
    """All that was said of a candidate: of its benchmarks, of whole suites, and of budgets."""

    verdicts: Sequence[Verdict]
    findings: Sequence[Finding] = ()
    budgets: Sequence[BudgetResult] = ()

    def outcomes(self) -> Iterator[tuple[Outcome, bool]]:
        """Each outcome, and whether it alone ends a check with 1."""
        yield from ((verdict.outcome, verdict.failing) for verdict in self.verdicts)
        yield from ((finding.outcome, finding.failing) for finding in self.findings)
        yield from ((OF_BUDGET[result.state], result.failing) for result in self.budgets)


def status_of(said: Opinions, *, strict: bool = False, max_uncompared: float = 0.2, alone: bool = False) -> int:
    """The exit status that the opinions call for, by the table above.

    `alone`: there is no baseline, so that there is nothing to be worse than, and nothing that was not compared.
    """
    statuses = {OK}
    for outcome, failing in said.outcomes():
        status = STATUSES[outcome][1 if strict else 0]
        if status != WORSE or failing:
            statuses.add(status)
    if not alone:
        counts = Counter(verdict.outcome for verdict in said.verdicts)
        uncompared = counts[Outcome.INCOMPARABLE] + counts[Outcome.MISSING]
        compared = len(said.verdicts) - uncompared - counts[Outcome.NEW]
        too_much = uncompared > max_uncompared * (uncompared + compared)
        if not compared or (counts[Outcome.INCOMPARABLE] and too_much):
            statuses.add(UNCOMPARED)
    return next(status for status in PRECEDENCE if status in statuses)


def summary(verdicts: Sequence[Verdict]) -> str:
    """The first line of a comparison that is no gate: `1 regressed, 2 improved, 20 unchanged`."""
    return ", ".join(f"{n} {outcome}" for outcome, n in Report.count(verdicts).items()) or "nothing to compare"


def headline(said: Opinions, status: int) -> str:
    """The first line of a check: what the author of the change must know."""
    verdicts = said.verdicts
    outcomes = list(said.outcomes())
    counts = Counter(outcome for outcome, _ in outcomes)
    failing = Counter(outcome for outcome, fails in outcomes if fails)
    unjudged = sum(counts[outcome] for outcome in NOT_JUDGED)
    words = []
    if failing:
        words.append("RED: " + ", ".join(f"{failing[o]} {o.value}" for o in Outcome if failing[o]))
    if unjudged:
        words.append(f"NOT JUDGED: {unjudged}")
    if status == UNCOMPARED:
        words.append("TOO LITTLE COMPARED")
    if not failing:
        warned = counts[Outcome.REGRESSED] + counts[Outcome.BREACHED]
        words.append(f"{warned} worse, as warnings only" if warned else "no regression")
    silent = (*NOT_JUDGED, Outcome.NEW, Outcome.MISSING)
    words.append(f"{sum(verdict.outcome not in silent for verdict in verdicts)} compared")
    if said.budgets:
        kept = sum(result.state in (BudgetState.MET, BudgetState.WARNED) for result in said.budgets)
        words.append(f"{kept} of {len(said.budgets)} budgets met")
    return " · ".join(words)
