"""An explanation for programs.

    {"schema": 1, "same": true, "candidate": {…}, "baseline": {…}, "created_at", "version", "left_out": 0,
     "explained": [{"benchmark", "metric", …, "environment", "statistic", "outcome", "reason", "change", "base",
                    "candidate", "noise", "failing", "provisional", "rule", "policy": {…}, "proof": {…},
                    "earlier": [{"run", "commit", "date", "subject", "value", "distance", "state"}],
                    "calculations": [{"against", "centre", "sigma", "degrees", "spread", "distance", "t", "p", …}],
                    "borders": [{"end", "change", "outcome", "why"}], "runs_needed": 3 | null,
                    "grown": [{"name", "calls": [1, 2], "own": […], "cumulative": […], "growth"}], "profile": "",
                    "recomputed": {"same", "differences", "outcome", "p", "pooled"} | null}]}

Figures are in the metric's base unit, null where there is none (the last border has no end).
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from ..model import Verdict
from .explained import Explained, Explanation
from .json import key_document, number, policy_document, side_document

SCHEMA = 1


def as_json(explanation: Explanation) -> str:
    """The explanation as a document."""
    report = explanation.report
    document = {
        "schema": SCHEMA,
        "same": explanation.same,
        "candidate": asdict(report.candidate),
        "baseline": asdict(report.baseline) if report.baseline else None,
        "distance": report.distance,
        "centre": report.centre,
        "created_at": report.created_at,
        "version": report.version,
        "left_out": explanation.left_out,
        "explained": [_one(one) for one in explanation.explained],
    }
    return json.dumps(document, ensure_ascii=True, indent=1, allow_nan=False) + "\n"


def _one(one: Explained) -> dict[str, Any]:
    verdict, facts = one.verdict, one.verdict.comparison
    return {
        **key_document(facts.key),
        "environment": facts.environment.label,
        "statistic": facts.statistic,
        "outcome": verdict.outcome.value,
        "reason": verdict.reason,
        "hint": verdict.hint,
        "change": number(facts.change),
        "base": side_document(facts.base),
        "candidate": side_document(facts.candidate),
        "noise": number(facts.noise),
        "failing": verdict.failing,
        "provisional": verdict.provisional,
        "rule": verdict.rule,
        "policy": policy_document(verdict.policy) if verdict.policy else None,
        "proof": finite(asdict(verdict.proof)) if verdict.proof else None,
        "earlier": [finite({"run": run.digest, **_without(asdict(run), "digest")}) for run in one.runs],
        "calculations": [finite(asdict(found)) for found in one.calculations],
        "borders": [finite(asdict(border)) for border in one.borders],
        "runs_needed": one.needed,
        "grown": [finite(asdict(found)) for found in one.grown],
        "profile": one.profile,
        "recomputed": {"same": one.same, "differences": list(one.differences), **_now(one.now)},
    }


def _now(verdict: Verdict | None) -> dict[str, Any]:
    if verdict is None:
        return {"outcome": None}
    figures = {name: number(getattr(verdict.proof, name)) for name in ("p", "pooled", "limit")} if verdict.proof else {}
    return {"outcome": verdict.outcome.value, "reason": verdict.reason, **figures}


def _without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


def finite(value: Any) -> Any:
    """The same with null for every figure that JSON cannot hold."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    return [finite(inner) for inner in value] if isinstance(value, list | tuple) else value
