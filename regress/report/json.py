"""The report as JSON: the stored form of a verdict, from which everything else can be drawn again (see `reading`).

    {"schema": 1, "outcome": "failed", "status": 1, "counts": {"regressed": 1, …}, "headline": …,
     "candidate": {"what", "commit", "subject", "runs"}, "baseline": {…} | null, "distance": 3 | null,
     "verdicts": [{"benchmark", "params", "metric", "statistic", "outcome", "change", "base", "candidate", "reason",
                   "suite", "name", "variant", "version", "group", "unit", "direction", "kind", "environment",
                   "noise", "evidence", "rule", "failing", "provisional", "hint", "suspect",
                   "proof": {"past": [0, 1, …], "held": […], …} | null, "confirmation": {…} | null, "policy": 0}],
     "findings": [{"outcome", "suite", "environment", "shift", "moved", "judged", "reason", "facts", "failing"}],
     "budgets": [{"requirement", "limit", "benchmark", "metric", "statistic", "value", "headroom", "n", "state", …}],
     "earlier": [run digests, oldest first], "centre": "level", "policies": […], "limits": […],
     "notices": […], "not_run": […], "warnings": […], "command", "project", "created_at", "version"}

`outcome` of the whole is passed, failed, uncompared, unjudged (statuses 0, 1, 3, 5). `change` is relative and signed
as measured; figures are in the metric's base unit, null where there is none, and exact, so that a verdict can be
recomputed. What many verdicts share is listed once, and they hold indices: `environment` into `environments`, `policy`
(the rules as they were merged) into `policies`, a proof's `past` and `held` runs into `earlier`, the `written` of a
budget's target into `limits`. A change that adds keys keeps the schema's number; one that removes or redefines a key
raises it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from ..model import (
    SELECTORS,
    Budget,
    BudgetResult,
    Confirmation,
    Environment,
    Finding,
    Key,
    Policy,
    Proof,
    Report,
    Side,
    SideInfo,
    Verdict,
)
from .budget_formats import target

SCHEMA = 1
OUTCOMES = {0: "passed", 1: "failed", 3: "uncompared", 5: "unjudged"}
_T = TypeVar("_T")


class JsonRenderer:
    """JSON, a key of the whole a line and a verdict a line, in the order of the report."""

    def render(self, report: Report) -> str:
        """The report as a JSON document."""
        shared = _Shared(report)
        # Note: json.dumps(indent=…) would encode in Python, five times slower, and a figure a line helps nobody.
        encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
        lines = [f"{encode(name)}: {encode(value)}" for name, value in _head(report, shared).items()]
        for name, each in (
            ("budgets", [_budget(result, shared) for result in report.budgets]),
            ("verdicts", [_verdict(verdict, shared) for verdict in report.verdicts]),
        ):
            lines.append(f'"{name}": [' + ",".join(f"\n  {encode(one)}" for one in each) + "]")
        return "{" + ",\n ".join(lines) + "}\n"


class _Shared:
    """What many verdicts have in common, by its place in the lists of the whole."""

    def __init__(self, report: Report) -> None:
        told = [verdict.comparison.environment for verdict in report.verdicts]
        told += [finding.environment for finding in report.findings]
        told += [result.environment for result in report.budgets if result.environment]
        proofs = [verdict.proof for verdict in report.verdicts if verdict.proof]
        self.environments = _places(told)
        self.policies = _places(verdict.policy for verdict in report.verdicts if verdict.policy)
        self.budgets = _places(result.budget for result in report.budgets)
        # A verdict tells of the runs of its level; the whole of all that were looked at.
        self.earlier = _places([*report.earlier, *(run for proof in proofs for run in (*proof.past, *proof.held))])


def _places(values: Iterable[_T]) -> dict[_T, int]:
    return {value: place for place, value in enumerate(dict.fromkeys(values))}


def _head(report: Report, shared: _Shared) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "outcome": OUTCOMES.get(report.status, "failed"),
        "status": report.status,
        "counts": dict(report.counts),
        "headline": report.headline,
        "project": report.project,
        "created_at": report.created_at,
        "version": report.version,
        "command": report.command,
        "candidate": _side_info(report.candidate),
        "baseline": _side_info(report.baseline) if report.baseline else None,
        "distance": report.distance,
        "not_run": list(report.not_run),
        "notices": list(report.notices),
        "warnings": list(report.warnings),
        "environments": [_environment(environment) for environment in shared.environments],
        "centre": report.centre,
        "earlier": list(shared.earlier),
        "policies": [policy_document(policy) for policy in shared.policies],
        "limits": [_written(budget) for budget in shared.budgets],
        "findings": [_finding(finding, shared.environments[finding.environment]) for finding in report.findings],
    }


def _environment(environment: Environment) -> dict[str, Any]:
    return {
        "label": environment.label,
        "digest": environment.digest,
        "key": dict(environment.key),
        "facts": dict(environment.facts),
    }


def _side_info(side: SideInfo) -> dict[str, Any]:
    return {
        "what": side.what,
        "commit": side.commit,
        "subject": side.subject,
        "runs": list(side.runs),
        "reference": side.reference,
    }


def key_document(key: Key) -> dict[str, Any]:
    """What a benchmark and its metric are, for programs."""
    benchmark, metric = key.benchmark, key.metric
    return {
        "benchmark": benchmark.full,
        "params": dict(benchmark.params),
        "metric": metric.name,
        "suite": benchmark.suite,
        "name": benchmark.name,
        "variant": benchmark.variant,
        "version": benchmark.version,
        "group": benchmark.group,
        "unit": metric.unit,
        "direction": metric.direction.value,
        "kind": metric.kind.value,
    }


def _verdict(verdict: Verdict, shared: _Shared) -> dict[str, Any]:
    facts = verdict.comparison
    return {
        **key_document(facts.key),
        "statistic": facts.statistic,
        "outcome": verdict.outcome.value,
        "change": number(facts.change),
        "base": side_document(facts.base),
        "candidate": side_document(facts.candidate),
        "reason": verdict.reason,
        "environment": shared.environments[facts.environment],
        "noise": number(facts.noise),
        "evidence": facts.evidence,
        "rule": verdict.rule,
        "failing": verdict.failing,
        "provisional": verdict.provisional,
        "hint": verdict.hint,
        "suspect": verdict.suspect,
        "proof": _proof(verdict.proof, shared.earlier) if verdict.proof else None,
        "confirmation": _confirmation(verdict.confirmation) if verdict.confirmation else None,
        "policy": shared.policies[verdict.policy] if verdict.policy else None,
    }


def _proof(proof: Proof, places: Mapping[str, int]) -> dict[str, Any]:
    values = {name: getattr(proof, name) for name in _PROOF}
    return {
        name: [places[run] for run in value] if name in ("past", "held") else _figure(value)
        for name, value in values.items()
    }


_PROOF = tuple(field.name for field in fields(Proof))


def _confirmation(found: Confirmation) -> dict[str, Any]:
    """All of it but the key, which is the verdict's."""
    values = {name: getattr(found, name) for name in _CONFIRMATION}
    return {name: list(value) if isinstance(value, tuple) else _figure(value) for name, value in values.items()}


_CONFIRMATION = tuple(field.name for field in fields(Confirmation) if field.name != "key")


def policy_document(policy: Policy) -> dict[str, Any]:
    """The merged rules, with the line of every field that was set."""
    return {
        "statistic": policy.statistic,
        "relative": policy.tolerance.relative,
        "absolute": policy.tolerance.absolute,
        "false_red": policy.false_red,
        "min_runs": policy.min_runs,
        "across": policy.across,
        "action": policy.action.value,
        "origins": dict(policy.origins),
    }


def _written(budget: Budget) -> dict[str, Any]:
    """A budget as it stands in the configuration."""
    selects = {name: value for name in SELECTORS if (value := getattr(budget, name)) != "*"}
    own = {"warn": budget.warn, "requirement": budget.requirement, "action": budget.action.value}
    limits = [limit.text for limit in budget.limits]
    return {"selects": selects, "only": list(budget.only), "limits": limits, **own, "origin": budget.origin}


def _budget(result: BudgetResult, shared: _Shared) -> dict[str, Any]:
    """A target as `regress budgets` writes it, and what it takes to read it back."""
    places = {
        "environment": shared.environments[result.environment] if result.environment else None,
        "written": shared.budgets[result.budget],
    }
    return {**target(result), **(key_document(result.key) if result.key else {}), **places}


def _finding(finding: Finding, environment: int) -> dict[str, Any]:
    return {
        "outcome": finding.outcome.value,
        "suite": finding.suite,
        "environment": environment,
        "shift": number(finding.shift),
        "moved": finding.moved,
        "judged": finding.judged,
        "reason": finding.reason,
        "facts": list(finding.facts),
        "failing": finding.failing,
    }


def side_document(side: Side) -> dict[str, Any]:
    """The figures of one side."""
    return {name: number(getattr(side, name)) for name in ("value", "runs", "n", "lo", "hi")}


def number(value: float) -> float | None:
    """A figure as JSON can hold it: null where there is none."""
    return value if math.isfinite(value) else None


def _figure(value: Any) -> Any:
    return number(value) if isinstance(value, float) else value
