"""The facts of every cell, and the verdicts for which no noise need be known.

A cell is what the two sides are paired by: suite, benchmark and metric, in one environment.
"""

from __future__ import annotations

from typing import NamedTuple

from ..model import PART, Action, Comparison, Kind, Outcome, Policy, Verdict
from .compare import Measured, Place, Sides, compare, one_sided, statistic_for
from .rules import AUTO, Rules
from .timeline import SEGMENT_FACTS


class Draft(NamedTuple):
    """A cell between the facts and the verdict, which is None where the noise decides.

    `measured` is the candidate's side, or the base's where the candidate has none; `base` has rows where it decides.
    """

    measured: Measured
    comparison: Comparison
    policy: Policy
    verdict: Verdict | None
    base: Measured | None = None

    @property
    def place(self) -> Place:
        """What tells the cell from all others."""
        return self.measured.environment.digest, self.measured.key.unversioned


def draft(base: Sides, candidate: Sides, rules: Rules) -> tuple[list[Draft], list[str]]:
    """The facts of every cell, and verdicts where no noise is needed; and, in words, what was not run at all.

    Sorted by suite, benchmark, metric, environment. A cell of the base is *missing* only where the candidate has
    results of the same suite in the same environment; otherwise that suite was not selected: *not run*. So is what
    runs of chosen benchmarks alone do not hold.
    """
    ran = {(place[0], place[1][0]) for place, measured in candidate.items() if PART not in measured.tags}
    chosen = {(place[0], place[1][0]) for place in candidate} - ran
    drafts: list[Draft] = []
    not_run: dict[tuple[str, str], str] = {}
    for place in sorted(base.keys() | candidate.keys(), key=lambda place: (place[1], place[0])):
        one, other = base.get(place), candidate.get(place)
        measured = other or one
        assert measured is not None
        suite = place[1][0]
        if other is None and (place[0], suite) not in ran:
            some = ", but for what was chosen" if (place[0], suite) in chosen else ""
            not_run[place[0], suite] = f"{suite} on {measured.environment.label}{some}"
            continue
        policy = rules.policy(measured.key, measured.environment, measured.tags)
        if policy.action is not Action.IGNORE and (made := _draft_cell(one, other, policy)):
            drafts.append(made)
    return drafts, sorted(not_run.values())


def _draft_cell(base: Measured | None, candidate: Measured | None, policy: Policy) -> Draft | None:
    failing = policy.action is Action.FAIL
    if candidate is None or not candidate.rows:
        return _without_figures(base, candidate, policy, failing)
    if base is None or not base.rows:
        reason = f"the base {base.gap.status}" if base and base.gap else "the base has no such benchmark"
        comparison = one_sided(candidate, base=False)
        return Draft(candidate, comparison, policy, Verdict(comparison, Outcome.NEW, reason))
    statistic = statistic_for(base, candidate, policy.statistic)
    if statistic is None:
        comparison = one_sided(candidate, base=False)
        return Draft(candidate, comparison, policy, _without_statistic(comparison, policy))
    comparison = compare(base, candidate, statistic)
    reason = _why_incomparable(base, candidate, policy)
    return Draft(candidate, comparison, policy, incomparable(comparison, reason) if reason else None, base)


def _without_figures(base: Measured | None, candidate: Measured | None, policy: Policy, failing: bool) -> Draft | None:
    """The candidate has no figure: failed, skipped or gone."""
    gap = candidate.gap if candidate else None
    measured = base if base and base.rows else candidate
    if measured is None:
        return None
    comparison = one_sided(measured, base=True)
    on_base = bool(base and base.rows)
    rule = policy.origin("action")
    if gap and gap.status == "failed":
        reason = f"it failed{': ' + gap.reason if gap.reason else ''}"
        also = base is not None and not base.rows and base.gap is not None and base.gap.status == "failed"
        if also:
            reason = "it failed on the base too"
        return Draft(
            measured, comparison, policy, Verdict(comparison, Outcome.FAILED, reason, rule, failing and not also)
        )
    if not on_base:
        return None  # skipped here and not measured there: nothing to say
    reason = "the candidate skipped it" if gap else "the base measured it and the candidate did not"
    hint = "if it was renamed, say so under [tool.regress.renamed]" if not gap else ""
    return Draft(measured, comparison, policy, Verdict(comparison, Outcome.MISSING, reason, rule, failing, hint=hint))


def _why_incomparable(base: Measured, candidate: Measured, policy: Policy) -> str:
    one, other = base.key.benchmark.version, candidate.key.benchmark.version
    if one and other and one != other:
        return "the benchmark's own source changed"
    if candidate.key.metric.kind is Kind.NOISY and not policy.across:
        for fact in SEGMENT_FACTS:
            was, now = base.environment.fact(fact), candidate.environment.fact(fact)
            if was and now and was != now:
                return f"another machine: {fact} was {was!r} and is {now!r}"
    return ""


def _without_statistic(comparison: Comparison, policy: Policy) -> Verdict:
    if policy.statistic == AUTO:
        return incomparable(comparison, "the two sides have no figure in common")
    reason, rule = f"a side has no {policy.statistic}", policy.origin("statistic")
    hint = 'the tool does not give it: narrow the rule, or let it say statistic = "auto"'
    return Verdict(comparison, Outcome.INCOMPARABLE, reason, rule, hint=hint)


def incomparable(comparison: Comparison, reason: str) -> Verdict:
    """What cannot be compared, and why."""
    return Verdict(comparison, Outcome.INCOMPARABLE, reason)
