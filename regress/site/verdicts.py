"""Verdicts for people: what happened, from what to what, and the proof."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..model import Outcome, Side, Verdict
from ..units import signed_percent
from .wording import BADGES, Badge, Change, describe, value, worsening

QUIET = (Outcome.UNCHANGED, Outcome.NEW, Outcome.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Opinion:
    """A verdict as it is shown; `proof` are (term, text), `environment` "" where there is only one."""

    name: str
    variant: str
    metric: str
    environment: str
    base: str
    candidate: str
    change: Change
    badge: Badge
    reason: str
    proof: tuple[tuple[str, str], ...]


def old_news(verdict: Verdict) -> bool:
    """Whether it is a failure that the base had too: no work of the newest commit."""
    return verdict.outcome is Outcome.FAILED and not verdict.failing and not verdict.comparison.base.runs


def noteworthy(verdict: Verdict) -> bool:
    """Whether a reader is to see it before all the others."""
    return verdict.outcome not in QUIET and not old_news(verdict)


def severity(verdict: Verdict) -> tuple[object, ...]:
    """The order of findings: the worst outcome, then the worst change; a name for what is left."""
    comparison = verdict.comparison
    worse = worsening(comparison.change, comparison.key.metric)
    if verdict.outcome is Outcome.IMPROVED:
        worse = -worse
    return (BADGES[verdict.outcome].rank, -worse, *comparison.key.unversioned, comparison.environment.label)


def opinion_of(verdict: Verdict, *, several: bool) -> Opinion:
    """The view of one verdict; `several`: the environment is to be named, as there is more than one."""
    comparison = verdict.comparison
    metric, badge = comparison.key.metric, BADGES[verdict.outcome]
    tone = badge.tone if badge.tone in ("bad", "good") else "quiet"
    return Opinion(
        comparison.key.benchmark.name,
        comparison.key.benchmark.variant,
        metric.name.replace("_", " "),
        comparison.environment.label if several else "",
        _figure(verdict, comparison.base),
        _figure(verdict, comparison.candidate),
        describe(comparison.change, metric, tone),
        badge,
        verdict.reason,
        _proof(verdict),
    )


def _figure(verdict: Verdict, side: Side) -> str:
    return "" if math.isnan(side.value) else value(side.value, verdict.comparison.key.metric)


def _proof(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    comparison = verdict.comparison
    noise = signed_percent(abs(comparison.noise)).lstrip("+") if math.isfinite(comparison.noise) else "not known"
    evidence = f"{noise} ({comparison.evidence})" if comparison.evidence else noise
    lines = (
        ("Statistic", comparison.statistic),
        ("Base", _side(verdict, comparison.base)),
        ("Candidate", _side(verdict, comparison.candidate)),
        ("Smallest visible change", evidence),
        ("Rule", verdict.rule),
        ("Provisional", "given on little evidence" if verdict.provisional else ""),
        ("What to do", verdict.hint),
    )
    return tuple((term, text) for term, text in lines if text)


def _side(verdict: Verdict, side: Side) -> str:
    metric = verdict.comparison.key.metric
    if math.isnan(side.value):
        return "no figure"
    parts = [value(side.value, metric), f"{side.runs} run" + ("s" if side.runs != 1 else "")]
    if math.isfinite(side.n):
        parts.append(f"n = {side.n:g}")
    if math.isfinite(side.lo) and math.isfinite(side.hi):
        parts.append(f"{value(side.lo, metric)} to {value(side.hi, metric)}")
    return " · ".join(parts)
