"""From facts, policies and noise to opinions.

Two questions for every change: is it *relevant* (beyond the tolerance of the rule) and is it *significant* (would
unchanged code hardly ever show it)? Red needs both.

The error is stated for a run of the gate: `false_red`, 1 % by default, is shared by all the noisy series that are
judged, so that a gate of a thousand benchmarks is red without a reason no more often than one of ten. What passes that
limit is *regressed*. What only passes the limit of one series by itself (.005) is a suspect: *inconclusive*, until
both sides are measured again in turn. What passes neither is *unchanged*, with the smallest change that could have
been seen beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from ..model import (
    Acknowledgement,
    Action,
    Comparison,
    Direction,
    Finding,
    Outcome,
    Pairs,
    Policy,
    Proof,
    Side,
    Verdict,
)
from ..units import percent
from .centre import COMMIT, Centre
from .compare import Place, change
from .draft import Draft, incomparable
from .noise import ALONE, MODEL, Reading, read
from .past import Group, Past
from .shift import Shared, shared

CONFIRM = "measure only these again, both sides in turn: regress check --confirm"


@dataclass(frozen=True, slots=True)
class Plan:
    """How to decide, beside the rules.

    centre     what of the earlier runs the candidate is compared with
    accepted   what may be worse, by benchmark, and applies to this comparison
    facts      of the baseline's side, by environment digest: what a common shift is explained with
    subtract   a common shift is taken out of every figure before it is judged
    """

    centre: Centre = COMMIT
    accepted: Sequence[Acknowledgement] = ()
    facts: Mapping[str, Pairs] = field(default_factory=dict)
    subtract: bool = False


class Decision(NamedTuple):
    """An opinion on every draft, in their order, and on whole suites; the readings of the noise that they rest on."""

    verdicts: list[Verdict]
    findings: list[Finding]
    readings: Sequence[Reading] = ()


def decide(drafts: Sequence[Draft], pasts: Mapping[Group, Past], plan: Plan | None = None) -> Decision:
    """Every draft's verdict; `pasts` are the earlier runs, from which the noise is learned."""
    plan = plan or Plan()
    wanted = {
        made.place for made in drafts for entry in plan.accepted if not entry.expired and entry.fits(made.measured.key)
    }
    readings = read(drafts, pasts, plan.centre, wanted)
    family = sum(len(reading.drafts) for reading in readings)
    told: dict[Place, Verdict] = {}
    findings: list[Finding] = []
    for reading in readings:
        found = shared(reading, plan.facts, subtract=plan.subtract)
        findings += [found.finding] if found else []
        told |= {
            made.place: verdict
            for made, verdict in zip(reading.drafts, _noisy(reading, family, found, plan), strict=True)
        }
    verdicts = [made.verdict or told.get(made.place) or _exact(made) for made in drafts]
    given = [replace(verdict, policy=made.policy) for made, verdict in zip(drafts, verdicts, strict=True)]
    return Decision([acknowledged(verdict, plan.accepted) for verdict in given], findings, readings)


# --- one series ---


def _noisy(reading: Reading, family: int, found: Shared | None, plan: Plan) -> list[Verdict]:
    """The verdicts of a reading's drafts; a shift shared with the suite is judged apart from what is a series' own."""
    shift = found.shift if found else None
    own = reading.shifted(shift.size) if shift else reading.p
    verdicts = []
    for row in range(len(reading.drafts)):
        subtracted = shift.size * reading.worse if shift and plan.subtract else 0.0
        one = _one(reading, row, family, math.exp(-subtracted), float(own[row]) if plan.subtract else None)
        verdict = _verdict(one)
        if found and shift and shift.moved[row] and found.finding.outcome is Outcome.INCOMPARABLE:
            verdict = _moved_along(verdict, one, found, float(own[row]))
        verdicts.append(verdict)
    return verdicts


class _One(NamedTuple):
    """One series, ready to be judged: the facts, its policy, the chances, what else is to be known."""

    comparison: Comparison
    policy: Policy
    direction: Direction
    proof: Proof
    better: float
    runs: int


def _one(reading: Reading, row: int, family: int, factor: float, chance: float | None) -> _One:
    made = reading.drafts[row]
    base = made.base or made.measured
    centre, value = float(reading.centre[row]), float(reading.value[row]) * factor
    runs, visible = int(reading.runs[row]), float(reading.visible[row])
    before = made.comparison.base
    of_one = reading.centre[row] == reading.anchor[row]
    side = Side(centre, len(base.rows) if of_one else runs, before.n, *((before.lo, before.hi) if of_one else ()))
    comparison = replace(
        made.comparison, statistic=reading.statistic[row] or made.comparison.statistic, base=side,
        candidate=replace(made.comparison.candidate, value=value), change=change(centre, value),
        noise=visible, evidence=_evidence(runs),
    )  # fmt: skip
    policy = made.policy
    limit = min(ALONE, policy.false_red / family) if policy.false_red else ALONE
    p, pooled = (float(reading.p[row]), float(reading.pooled[row])) if chance is None else (chance, chance)
    past = reading.past
    # Without a past the baseline's own runs are all there is, and they are named in the report already.
    columns = past.runs if past else ()
    proof = Proof(
        model=MODEL,
        past=tuple(columns[i] for i in np.flatnonzero(reading.level[row]) if columns),
        held=tuple(columns[i] for i in np.flatnonzero(reading.held[row]) if columns),
        centre=centre, anchor=float(reading.anchor[row]), sigma=float(reading.sigma[row]),
        degrees=float(reading.degrees[row]), p=p, pooled=max(pooled, p), alone=ALONE, limit=limit, family=family,
    )  # fmt: skip
    return _One(comparison, policy, made.measured.key.metric.direction, proof, float(reading.better[row]), runs)


def _evidence(runs: int) -> str:
    return f"{runs} earlier run{'' if runs == 1 else 's'}" if runs else "no earlier run: what benchmarks usually show"


def _verdict(one: _One) -> Verdict:
    """The opinion on one series by itself."""
    comparison, policy, proof = one.comparison, one.policy, one.proof
    rule = policy.origin("relative")
    few = one.runs < policy.min_runs
    plain = Verdict(comparison, Outcome.UNCHANGED, "within the tolerance", rule, proof=proof)
    if few:
        need = f"on {one.runs} earlier run{'' if one.runs == 1 else 's'}; {policy.min_runs} make it firm"
        plain = replace(plain, provisional=True, reason=f"within the tolerance, {need}")
    if not beyond_tolerance(comparison, policy):
        return plain
    if one.direction is Direction.UNKNOWN:
        return _undirected(comparison, rule)
    worse = (comparison.change > 0) == (one.direction is Direction.LOWER)
    if not worse:
        if one.better < proof.alone:
            return replace(plain, outcome=Outcome.IMPROVED, reason="better, beyond tolerance and noise")
        return replace(plain, reason=f"better, but not beyond what its runs show anyway (p = {one.better:.2g})")
    return _worse(one, plain, few)


def _worse(one: _One, plain: Verdict, few: bool) -> Verdict:
    """Worse than the tolerance allows: by chance?"""
    proof, policy = one.proof, one.policy
    tolerance = percent(policy.tolerance.relative)
    if proof.pooled <= proof.limit:
        reason = (
            f"worse, beyond the tolerance of {tolerance}, and unchanged code shows this with p = {proof.pooled:.2g}"
        )
        failing = policy.action is Action.FAIL
        return replace(plain, outcome=Outcome.REGRESSED, reason=reason, failing=failing, suspect=True)
    if proof.p <= proof.alone:
        by_chance = f"red is below {proof.limit:.2g}, the share of each of {proof.family} series"
        if proof.p <= proof.limit:
            by_chance += f"; and runs here are hit by something now and then, which makes it {proof.pooled:.2g}"
        reason = f"worse than the tolerance of {tolerance}, and suspect (p = {proof.p:.2g}), but {by_chance}"
        return replace(plain, outcome=Outcome.INCONCLUSIVE, reason=reason, hint=CONFIRM, suspect=True)
    if few or math.isnan(proof.p):
        noise = one.comparison.noise
        least = f"no change below {noise:.0%} can be seen" if math.isfinite(noise) else "nothing can be seen"
        reason = f"worse than the tolerance of {tolerance}, but {least} with {_evidence(one.runs)}"
        return replace(plain, outcome=Outcome.INCONCLUSIVE, reason=reason, hint=CONFIRM, suspect=True)
    least = f"{one.comparison.noise:.0%}"
    reason = f"worse, but unchanged code shows as much with p = {proof.p:.2g}: below {least} it sees nothing"
    return replace(plain, reason=reason)


def _moved_along(verdict: Verdict, one: _One, found: Shared, own: float) -> Verdict:
    """A series that moved with its suite while a fact changed, and not further than its noise explains."""
    if verdict.outcome in (Outcome.REGRESSED, Outcome.INCONCLUSIVE, Outcome.IMPROVED) and not own <= one.proof.limit:
        reason = f"it moved with the whole suite ({found.finding.shift:+.1%}), and {', '.join(found.finding.facts)}"
        made = incomparable(one.comparison, f"{reason}: the machine, not the code?")
        return replace(made, suspect=True, proof=one.proof, hint=CONFIRM)
    return verdict


def _undirected(comparison: Comparison, rule: str) -> Verdict:
    name = comparison.key.metric.name
    hint = f'[[tool.regress.metric]] name = "{name}" direction = "lower"  # or "higher"'
    reason = "it changed, and nothing says which way is better"
    return Verdict(comparison, Outcome.INCONCLUSIVE, reason, rule, hint=f"add {hint}")


def _exact(made: Draft) -> Verdict:
    """A count has no noise: beyond the tolerance is beyond it."""
    comparison = replace(made.comparison, noise=0.0, evidence="an exact metric")
    policy, rule = made.policy, made.policy.origin("relative")
    if not beyond_tolerance(comparison, policy):
        return Verdict(comparison, Outcome.UNCHANGED, "within the tolerance", rule)
    direction = made.measured.key.metric.direction
    if direction is Direction.UNKNOWN:
        return _undirected(comparison, rule)
    if (comparison.change > 0) != (direction is Direction.LOWER):
        return Verdict(comparison, Outcome.IMPROVED, "better: an exact metric has no noise", rule)
    reason = f"worse, beyond the tolerance of {percent(policy.tolerance.relative)}: an exact metric has no noise"
    return Verdict(comparison, Outcome.REGRESSED, reason, rule, policy.action is Action.FAIL)


def beyond_tolerance(comparison: Comparison, policy: Policy) -> bool:
    """Whether a change, in either direction, is relevant: beyond the relative and the absolute tolerance."""
    difference = abs(comparison.candidate.value - comparison.base.value)
    return abs(comparison.change) > policy.tolerance.relative and difference > policy.tolerance.absolute


# --- what is accepted ---


def acknowledged(verdict: Verdict, accepted: Sequence[Acknowledgement]) -> Verdict:
    """A regression within the limit of an entry is accepted; beyond it, it says so and stays what it is."""
    if verdict.outcome is not Outcome.REGRESSED or not accepted:
        return verdict
    comparison = verdict.comparison
    fitting = [entry for entry in accepted if entry.fits(comparison.key)]
    for entry in fitting:
        if entry.allows(comparison.change):
            limit = "" if entry.up_to is None else f" up to {percent(entry.up_to)}"
            limit += f" until {entry.expires}" if entry.expires else ""
            reason = f"worse, and accepted{limit}" + (f": {entry.reason}" if entry.reason else "")
            return replace(verdict, outcome=Outcome.ACCEPTED, reason=reason, rule=entry.origin, failing=False, hint="")
    if not fitting:
        return verdict
    most = max(fitting, key=lambda entry: (not entry.expired, entry.up_to or 0.0))
    said = f" ({most.reason})" if most.reason else ""
    if most.expired:
        told = f"{most.origin} accepted this until {most.expires}{said}, and has expired"
    else:
        told = f"{most.origin} accepts only {percent(most.up_to or 0.0)}{said}"
    return replace(verdict, reason=f"{verdict.reason}; {told}")
