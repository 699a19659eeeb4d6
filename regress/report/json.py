"""The report as JSON, and back: the stored form of a verdict, from which everything else can be drawn again.

    {"schema": 1, "outcome": "failed", "status": 1, "counts": {"regressed": 1, …}, "headline": …,
     "candidate": {"what", "commit", "subject", "runs"}, "baseline": {…} | null, "distance": 3 | null,
     "verdicts": [{"benchmark", "params", "metric", "statistic", "outcome", "change", "base", "candidate", "reason",
                   "suite", "name", "variant", "version", "group", "unit", "direction", "kind", "environment",
                   "noise", "evidence", "rule", "failing", "provisional", "hint"}],
     "not_run": […], "warnings": […], "command", "project", "created_at", "version"}

`outcome` of the whole is passed, failed, uncompared, unjudged (statuses 0, 1, 3, 5). `change` is relative and signed
as measured; figures are in the metric's base unit, null where there is none. `environment` is an index into
`environments`. A change that adds keys keeps the schema's number; one that removes or redefines a key raises it.
"""

from __future__ import annotations

import json
import math
from typing import Any

from ..errors import InputError
from ..model import (
    Benchmark,
    Comparison,
    Direction,
    Environment,
    Key,
    Kind,
    Metric,
    Outcome,
    Report,
    Side,
    SideInfo,
    Verdict,
)

SCHEMA = 1
OUTCOMES = {0: "passed", 1: "failed", 3: "uncompared", 5: "unjudged"}


class JsonRenderer:
    """JSON, a key of the whole a line and a verdict a line, in the order of the report."""

    def render(self, report: Report) -> str:
        """The report as a JSON document."""
        environments = list(dict.fromkeys(v.comparison.environment for v in report.verdicts))
        places = {environment: index for index, environment in enumerate(environments)}
        head = {
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
            "warnings": list(report.warnings),
            "environments": [
                {"label": e.label, "digest": e.digest, "key": dict(e.key), "facts": dict(e.facts)} for e in environments
            ],
        }
        # Note: json.dumps(indent=…) would encode in Python, five times slower, and a figure a line helps nobody.
        encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
        lines = [f"{encode(name)}: {encode(value)}" for name, value in head.items()]
        verdicts = [encode(_verdict(v, places[v.comparison.environment])) for v in report.verdicts]
        lines.append('"verdicts": [' + ",".join(f"\n  {verdict}" for verdict in verdicts) + "]")
        return "{" + ",\n ".join(lines) + "}\n"


def _side_info(side: SideInfo) -> dict[str, Any]:
    return {
        "what": side.what,
        "commit": side.commit,
        "subject": side.subject,
        "runs": list(side.runs),
        "reference": side.reference,
    }


def _verdict(verdict: Verdict, environment: int) -> dict[str, Any]:
    facts = verdict.comparison
    benchmark, metric = facts.key.benchmark, facts.key.metric
    return {
        "benchmark": benchmark.full,
        "params": dict(benchmark.params),
        "metric": metric.name,
        "statistic": facts.statistic,
        "outcome": verdict.outcome.value,
        "change": _number(facts.change),
        "base": _side(facts.base),
        "candidate": _side(facts.candidate),
        "reason": verdict.reason,
        "suite": benchmark.suite,
        "name": benchmark.name,
        "variant": benchmark.variant,
        "version": benchmark.version,
        "group": benchmark.group,
        "unit": metric.unit,
        "direction": metric.direction.value,
        "kind": metric.kind.value,
        "environment": environment,
        "noise": _number(facts.noise),
        "evidence": facts.evidence,
        "rule": verdict.rule,
        "failing": verdict.failing,
        "provisional": verdict.provisional,
        "hint": verdict.hint,
    }


def _side(side: Side) -> dict[str, Any]:
    return {name: _number(getattr(side, name)) for name in ("value", "runs", "n", "lo", "hi")}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def read(text: str, where: str) -> Report:
    """The report of a JSON document; InputError where it is none, or of a newer schema."""
    try:
        document = json.loads(text)
        if not isinstance(document, dict) or "schema" not in document or "verdicts" not in document:
            raise InputError("is not a report", where=where, hint="`regress check --report json=FILE` writes one")
        if document["schema"] != SCHEMA:
            what = f"is a report of schema {document['schema']!r}; this version reads {SCHEMA}"
            raise InputError(what, where=where, hint="update regress")
        return _report(document)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise InputError(f"is not a report: {type(error).__name__}: {error}", where=where) from None


def _report(document: dict[str, Any]) -> Report:
    environments = [
        Environment(tuple(sorted(e["key"].items())), tuple(sorted(e["facts"].items())))
        for e in document["environments"]
    ]
    verdicts = [_read_verdict(v, environments[v["environment"]]) for v in document["verdicts"]]
    return Report(
        candidate=_read_side_info(document["candidate"]),
        baseline=_read_side_info(document["baseline"]) if document["baseline"] else None,
        verdicts=verdicts,
        status=int(document["status"]),
        headline=str(document["headline"]),
        distance=document["distance"],
        not_run=tuple(document["not_run"]),
        warnings=tuple(document["warnings"]),
        command=document["command"],
        project=document["project"],
        created_at=document["created_at"],
        version=document["version"],
        counts=Report.count(verdicts),
    )


def _read_side_info(side: dict[str, Any]) -> SideInfo:
    return SideInfo(side["what"], side["commit"], side["subject"], tuple(side["runs"]), side["reference"])


def _read_verdict(v: dict[str, Any], environment: Environment) -> Verdict:
    params = tuple((str(name), str(value)) for name, value in v["params"].items())
    benchmark = Benchmark(v["suite"], v["name"], v["variant"], v["version"], params, v["group"])
    metric = Metric(v["metric"], v["unit"], Direction(v["direction"]), Kind(v["kind"]))
    base, candidate = _read_side(v["base"]), _read_side(v["candidate"])
    comparison = Comparison(
        Key(benchmark, metric), environment, v["statistic"], base, candidate,
        change=_read_change(v["change"], base, candidate), noise=_read_number(v["noise"]), evidence=v["evidence"],
    )  # fmt: skip
    return Verdict(
        comparison, Outcome(v["outcome"]), v["reason"], v["rule"], bool(v["failing"]), bool(v["provisional"]), v["hint"]
    )


def _read_side(side: dict[str, Any]) -> Side:
    n, lo, hi = (_read_number(side[name]) for name in ("n", "lo", "hi"))
    return Side(_read_number(side["value"]), int(side["runs"]), n, lo, hi)


def _read_number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _read_change(change: float | None, base: Side, candidate: Side) -> float:
    """JSON has no infinity: a change without a number is infinite where the base is 0, else unknown."""
    if change is None and base.value == 0 and candidate.value:
        return math.copysign(math.inf, candidate.value)
    return _read_number(change)
