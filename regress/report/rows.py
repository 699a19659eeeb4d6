"""What every drawing of a report says of one verdict, in words, and in which order the verdicts come."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from ..model import Direction, Environment, Finding, Outcome, Report, Side, Verdict
from ..units import SECONDS, human, signed_percent

_ORDER = {outcome: place for place, outcome in enumerate(Outcome)}
#: Outcomes that a reader must see one by one; the others are counted.
LOUD = tuple(outcome for outcome in Outcome if outcome not in (Outcome.UNCHANGED, Outcome.NEW, Outcome.ACCEPTED))
_WORSE = (Outcome.REGRESSED, Outcome.INCONCLUSIVE, Outcome.ACCEPTED)
_JUDGED = (*_WORSE, Outcome.IMPROVED, Outcome.UNCHANGED)


@dataclass(frozen=True, slots=True)
class Row:
    """One verdict in words."""

    outcome: str
    benchmark: str
    metric: str
    base: str
    candidate: str
    change: str
    environment: str
    verdict: Verdict


def rows(verdicts: Iterable[Verdict]) -> list[Row]:
    """Rows in the order of `Outcome` (what is red first), the largest change first."""
    return [_row(verdict) for verdict in sorted(verdicts, key=_rank)]


def _rank(verdict: Verdict) -> tuple[int, float, str]:
    change = verdict.comparison.change
    size = math.inf if math.isnan(change) else abs(change)
    return _ORDER[verdict.outcome], -size, verdict.comparison.key.benchmark.full


@cache
def _label(environment: Environment) -> str:
    """A label is asked for with every row and is the same for thousands of them."""
    return environment.label


def _row(verdict: Verdict) -> Row:
    facts = verdict.comparison
    unit = facts.key.metric.unit
    figures = "" if facts.statistic == "value" else f" ({facts.statistic})"
    return Row(
        outcome=verdict.outcome.value + (" (provisional)" if verdict.provisional else ""),
        benchmark=facts.key.benchmark.full,
        metric=facts.key.metric.name + figures,
        base=human(facts.base.value, unit),
        candidate=human(facts.candidate.value, unit),
        change=change_in_words(verdict),
        environment=_label(facts.environment),
        verdict=verdict,
    )


def change_in_words(verdict: Verdict) -> str:
    """The change with its sign and in words: `+210% worse`, `-12.0% better`, `~`, `-` where there is none."""
    facts = verdict.comparison
    if math.isnan(facts.change):
        return "-"
    if verdict.outcome is Outcome.UNCHANGED:
        return f"~ ({signed_percent(facts.change)})" if facts.change else "~"
    direction = facts.key.metric.direction
    if direction is Direction.UNKNOWN or facts.change == 0:
        return signed_percent(facts.change)
    worse = (facts.change > 0) == (direction is Direction.LOWER)
    return f"{signed_percent(facts.change)} {'worse' if worse else 'better'}"


def proof(verdict: Verdict, report: Report) -> list[str]:
    """What a red or doubtful verdict rests on, a line each: values, spread, noise, rule, what could be seen."""
    facts = verdict.comparison
    lines = [verdict.reason]
    for name, side in (("base", facts.base), ("candidate", facts.candidate)):
        if side.runs:
            lines.append(f"{name}: {facts.statistic} {side_in_words(side, facts.key.metric.unit)}")
    if verdict.confirmation is None:
        lines += _noise(verdict)
    lines.append(f"rule: {verdict.rule}{_tolerance(verdict)}")
    if report.baseline and report.baseline.commit:
        lines.append(f"baseline: {report.baseline.what} {report.baseline.commit[:10]}{distance(report)}")
    if verdict.hint:
        lines.append(verdict.hint)
    return lines


def side_in_words(side: Side, unit: str) -> str:
    """`12.40 ms [12.28 ms … 12.52 ms], 1 run, n = 20`."""
    n = f", n = {side.n:.0f}" if math.isfinite(side.n) else ""
    interval = f" [{human(side.lo, unit)} … {human(side.hi, unit)}]" if math.isfinite(side.lo) else ""
    return f"{human(side.value, unit, digits=4)}{interval}, {side.runs} run{'s' if side.runs != 1 else ''}{n}"


def _noise(verdict: Verdict) -> list[str]:
    """What the noise model says, in a line each."""
    facts, given = verdict.comparison, verdict.proof
    if not math.isfinite(facts.noise) or facts.noise == 0:
        return []
    lines = [f"the smallest change that could have been seen: {facts.noise:.1%} ({facts.evidence})"]
    if given is None or not math.isfinite(given.sigma):
        return lines
    held = f"; {len(given.held)} held out, as off the level" if given.held else ""
    lines.append(f"noise: one run of unchanged code strays by {given.sigma:.2%} (standard deviation{held})")
    if verdict.outcome in _WORSE and math.isfinite(given.pooled):
        several = given.limit < given.alone and given.family > 1
        shared = f", the share of each of {given.family} series" if several else ""
        lines.append(f"p = {given.pooled:.2g}; red at {given.limit:.2g} or below{shared}")
    return lines


def _tolerance(verdict: Verdict) -> str:
    """How much worse may be, where that is what decided; nothing where an acceptance did, or where nothing is known."""
    policy = verdict.policy
    if policy is None or verdict.outcome not in _JUDGED or verdict.rule != policy.origin("relative"):
        return ""
    floor = policy.tolerance.absolute
    unit = verdict.comparison.key.metric.unit
    return f" (tolerance {policy.tolerance.relative * 100:g}%" + (f" and {human(floor, unit)})" if floor else ")")


def counted(report: Report) -> str:
    """`1 regressed, 2 improved, 21 unchanged`, with the geometric mean of the times."""
    counts = ", ".join(f"{n} {name}" for name, n in report.counts.items()) or "nothing was compared"
    mean = geometric_mean(report.verdicts)
    return counts + (f"; geometric mean of the times {signed_percent(mean)}" if mean is not None else "")


def distance(report: Report) -> str:
    """How far back the baseline lies, in words, with a leading comma; "" where it has no meaning."""
    if report.distance is None:
        return ""
    return f", {report.distance} commit{'s' if report.distance != 1 else ''} back"


def finding_lines(findings: Iterable[Finding]) -> list[str]:
    """What is said of whole suites, a line each."""
    return [f"{found.outcome.value}: {found.reason}" for found in findings]


def shown_environments(verdicts: Sequence[Verdict]) -> list[str]:
    """The labels of the environments in play, sorted."""
    return sorted({_label(verdict.comparison.environment) for verdict in verdicts})


def geometric_mean(verdicts: Sequence[Verdict]) -> float | None:
    """The geometric mean of candidate / base over the times that were compared; None for fewer than two."""
    ratios = [
        math.log1p(v.comparison.change)
        for v in verdicts
        if v.comparison.key.metric.direction is Direction.LOWER
        and v.comparison.key.metric.unit == SECONDS
        and v.outcome is not Outcome.INCOMPARABLE
        and -1 < v.comparison.change < math.inf
    ]
    return math.expm1(sum(ratios) / len(ratios)) if len(ratios) > 1 else None
