"""Verdicts: from facts, policies and noise to outcomes, and from outcomes to one exit status.

Two questions for every change: is it *relevant* (beyond the tolerance of the rule) and is it *significant* (beyond the
noise band)? Red needs both. Relevant but not significant is inconclusive: never red, and never silently green.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ..model import Acknowledgement, Action, Comparison, Direction, Outcome, Policy, Report, Verdict
from .compare import Cell, Measured, Sides, compare, one_sided, statistic_for
from .noise import Band, band
from .rules import AUTO, Rules

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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

#: Facts whose change makes noisy figures incomparable: another processor is another stretch of the series.
_SEGMENT_FACTS = ("cpu", "cores")

Earlier = Mapping[tuple[str, Cell], "NDArray[np.float64]"]
"""By environment digest and cell: the compared figure in earlier runs, oldest first."""


class Draft(NamedTuple):
    """A cell between the facts and the verdict; `suspect` when it depends on the noise."""

    measured: Measured
    comparison: Comparison
    policy: Policy
    verdict: Verdict | None

    @property
    def suspect(self) -> bool:
        """Whether the change is relevant, so that the noise decides."""
        return self.verdict is None


def draft(base: Sides, candidate: Sides, rules: Rules) -> tuple[list[Draft], list[str]]:
    """The facts of every cell, and verdicts where no noise is needed; and, in words, what was not run at all.

    Sorted by suite, benchmark, metric, environment. A cell of the base is *missing* only where the candidate has
    results of the same suite in the same environment; otherwise that suite was not selected: *not run*.
    """
    ran = {(digest, cell[0]) for digest, cell in candidate}
    drafts: list[Draft] = []
    not_run: dict[tuple[str, str], str] = {}
    for place in sorted(base.keys() | candidate.keys(), key=lambda place: (place[1], place[0])):
        one, other = base.get(place), candidate.get(place)
        measured = other or one
        assert measured is not None
        suite = place[1][0]
        if other is None and (place[0], suite) not in ran:
            not_run[place[0], suite] = f"{suite} on {measured.environment.label}"
            continue
        policy = rules.policy(measured.key, measured.environment)
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
    if reason := _why_incomparable(base, candidate):
        return Draft(candidate, comparison, policy, _incomparable(comparison, reason))
    if not beyond_tolerance(comparison, policy):
        return Draft(candidate, comparison, policy, _within(comparison, policy))
    return Draft(candidate, comparison, policy, None)


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


def _why_incomparable(base: Measured, candidate: Measured) -> str:
    one, other = base.key.benchmark.version, candidate.key.benchmark.version
    if one and other and one != other:
        return "the benchmark's own source changed"
    if candidate.key.metric.kind == "noisy":
        for fact in _SEGMENT_FACTS:
            was, now = base.environment.fact(fact), candidate.environment.fact(fact)
            if was and now and was != now:
                return f"another machine: {fact} was {was!r} and is {now!r}"
    return ""


def beyond_tolerance(comparison: Comparison, policy: Policy) -> bool:
    """Whether a change, in either direction, is relevant: beyond the relative and the absolute tolerance."""
    difference = abs(comparison.candidate.value - comparison.base.value)
    return abs(comparison.change) > policy.tolerance.relative and difference > policy.tolerance.absolute


def decide(drafts: Iterable[Draft], earlier: Earlier, accepted: Sequence[Acknowledgement] = ()) -> list[Verdict]:
    """Every draft's verdict; `earlier` tells of the suspects what their noise is learned from.

    `accepted`: what may be worse, by benchmark, and applies to this comparison.
    """
    return [made.verdict or _acknowledged(_decide_suspect(made, earlier), accepted) for made in drafts]


def _acknowledged(verdict: Verdict, accepted: Sequence[Acknowledgement]) -> Verdict:
    """A regression within the limit of an entry is accepted; beyond it, it says so and stays what it is."""
    if verdict.outcome is not Outcome.REGRESSED or not accepted:
        return verdict
    comparison = verdict.comparison
    fitting = [entry for entry in accepted if entry.fits(comparison.key)]
    for entry in fitting:
        if entry.allows(comparison.change):
            limit = "" if entry.up_to is None else f" up to {_percent(entry.up_to)}"
            reason = f"worse, and accepted{limit}" + (f": {entry.reason}" if entry.reason else "")
            return Verdict(comparison, Outcome.ACCEPTED, reason, entry.origin, provisional=verdict.provisional)
    if not fitting:
        return verdict
    most = max(fitting, key=lambda entry: entry.up_to or 0.0)
    return replace(verdict, reason=f"{verdict.reason}; {most.origin} accepts only {_percent(most.up_to or 0.0)}")


def _decide_suspect(made: Draft, earlier: Earlier) -> Verdict:
    key, environment = made.measured.key, made.measured.environment
    facts = made.comparison
    noise = band(key.metric.kind, facts.base, facts.candidate, earlier.get((environment.digest, key.unversioned)))
    comparison = replace(facts, noise=noise.width, evidence=noise.evidence)
    rule = made.policy.origin("relative")
    if key.metric.direction is Direction.UNKNOWN:
        hint = f'[[tool.regress.metric]] name = "{key.metric.name}" direction = "lower"  # or "higher"'
        reason = "it changed, and nothing says which way is better"
        return Verdict(comparison, Outcome.INCONCLUSIVE, reason, rule, hint=f"add {hint}")
    worse = (comparison.change > 0) == (key.metric.direction is Direction.LOWER)
    if abs(comparison.change) <= noise.width:
        return _within_noise(comparison, noise, worse, rule)
    provisional = not noise.firm
    if not worse:
        return Verdict(
            comparison, Outcome.IMPROVED, "better, beyond tolerance and noise", rule, provisional=provisional
        )
    failing = made.policy.action is Action.FAIL
    reason = (
        f"worse, beyond the tolerance of {_percent(made.policy.tolerance.relative)} and the noise of ±{noise.width:.1%}"
    )
    return Verdict(comparison, Outcome.REGRESSED, reason, rule, failing, provisional)


def _within_noise(comparison: Comparison, noise: Band, worse: bool, rule: str) -> Verdict:
    if not worse:
        return Verdict(comparison, Outcome.UNCHANGED, f"better, but within the noise of ±{noise.width:.1%}", rule)
    reason = f"worse than the tolerance, but within the noise of ±{noise.width:.1%} ({noise.evidence})"
    hint = "measure both commits again: more runs narrow the band"
    return Verdict(comparison, Outcome.INCONCLUSIVE, reason, rule, provisional=not noise.firm, hint=hint)


def _within(comparison: Comparison, policy: Policy) -> Verdict:
    return Verdict(comparison, Outcome.UNCHANGED, "within the tolerance", policy.origin("relative"))


def _without_statistic(comparison: Comparison, policy: Policy) -> Verdict:
    if policy.statistic == AUTO:
        return _incomparable(comparison, "the two sides have no figure in common")
    reason, rule = f"a side has no {policy.statistic}", policy.origin("statistic")
    hint = 'the tool does not give it: narrow the rule, or let it say statistic = "auto"'
    return Verdict(comparison, Outcome.INCOMPARABLE, reason, rule, hint=hint)


def _incomparable(comparison: Comparison, reason: str) -> Verdict:
    return Verdict(comparison, Outcome.INCOMPARABLE, reason)


def _percent(share: float) -> str:
    return f"{share * 100:.3g}%"


def status_of(verdicts: Sequence[Verdict], *, strict: bool = False, max_uncompared: float = 0.2) -> int:
    """The exit status that the verdicts against a baseline call for, by the table above.

    A check without any baseline is not judged here: it has nothing to be worse than.
    """
    statuses = {OK}
    uncompared = compared = 0
    for verdict in verdicts:
        status = STATUSES[verdict.outcome][1 if strict else 0]
        if status != WORSE or verdict.failing:
            statuses.add(status)
        if verdict.outcome in (Outcome.INCOMPARABLE, Outcome.MISSING):
            uncompared += 1
        elif verdict.outcome is not Outcome.NEW:
            compared += 1
    incomparable = any(v.outcome is Outcome.INCOMPARABLE for v in verdicts)
    too_much = incomparable and uncompared > max_uncompared * (uncompared + compared)
    if not compared or too_much:
        statuses.add(UNCOMPARED)
    return next(status for status in PRECEDENCE if status in statuses)


def summary(verdicts: Sequence[Verdict]) -> str:
    """The first line of a comparison that is no gate: `1 regressed, 2 improved, 20 unchanged`."""
    return ", ".join(f"{n} {outcome}" for outcome, n in Report.count(verdicts).items()) or "nothing to compare"


def headline(verdicts: Sequence[Verdict], status: int) -> str:
    """The first line of a check: what the author of the change must know."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    failing = Counter(verdict.outcome for verdict in verdicts if verdict.failing)
    unjudged = sum(counts[outcome] for outcome in NOT_JUDGED)
    compared = len(verdicts) - unjudged - counts[Outcome.NEW] - counts[Outcome.MISSING]
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
    words.append(f"{compared} compared")
    return " · ".join(words)
