"""A report out of its JSON: see `json` for what stands there."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..model import (
    Action,
    Benchmark,
    Budget,
    BudgetResult,
    BudgetState,
    Comparison,
    Confirmation,
    Direction,
    Environment,
    Finding,
    Key,
    Kind,
    Metric,
    Outcome,
    Policy,
    Proof,
    Report,
    Side,
    SideInfo,
    Tolerance,
    Verdict,
)
from ..model.written import limit
from .json import SCHEMA

_Document = Mapping[str, Any]


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


@dataclass(frozen=True, slots=True)
class _Shared:
    """The lists of the whole that verdicts hold indices into."""

    environments: Sequence[Environment]
    earlier: Sequence[str]
    policies: Sequence[Policy]
    budgets: Sequence[Budget]


def _report(document: _Document) -> Report:
    shared = _Shared(
        environments=[
            Environment(tuple(sorted(e["key"].items())), tuple(sorted(e["facts"].items())))
            for e in document["environments"]
        ],
        earlier=tuple(map(str, document.get("earlier", ()))),
        policies=[_policy(p) for p in document.get("policies", ())],
        budgets=[_budget(b) for b in document.get("limits", ())],
    )
    verdicts = [_verdict(v, shared) for v in document["verdicts"]]
    return Report(
        candidate=_side_info(document["candidate"]),
        baseline=_side_info(document["baseline"]) if document["baseline"] else None,
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
        notices=tuple(document.get("notices", ())),
        findings=[_finding(f, shared) for f in document.get("findings", ())],
        budgets=[_result(b, shared) for b in document.get("budgets", ())],
        earlier=shared.earlier,
        centre=str(document.get("centre", "")),
    )


def _policy(p: _Document) -> Policy:
    return Policy(
        statistic=str(p["statistic"]),
        tolerance=Tolerance(float(p["relative"]), float(p["absolute"])),
        action=Action(p["action"]),
        origins=tuple(sorted((str(name), str(line)) for name, line in p["origins"].items())),
        false_red=float(p["false_red"]),
        min_runs=int(p["min_runs"]),
        across=bool(p["across"]),
    )


def _budget(b: _Document) -> Budget:
    only = b["only"]
    return Budget(
        **{str(name): str(value) for name, value in b["selects"].items()},
        only=(str(only[0]), str(only[1])) if only else (),
        limits=tuple(limit(text) for text in b["limits"]),
        warn=float(b["warn"]),
        requirement=str(b["requirement"]),
        action=Action(b["action"]),
        origin=str(b["origin"]),
    )


def _result(b: _Document, shared: _Shared) -> BudgetResult:
    place = b["environment"]
    return BudgetResult(
        shared.budgets[b["written"]], limit(b["limit"]), None if b["benchmark"] is None else _key(b),
        None if place is None else shared.environments[place], str(b["statistic"]), BudgetState(b["state"]),
        value=_number(b["value"]), headroom=_number(b["headroom"]), n=_number(b["n"]), reason=str(b["reason"]),
        failing=bool(b["failing"]),
    )  # fmt: skip


def _finding(f: _Document, shared: _Shared) -> Finding:
    return Finding(
        Outcome(f["outcome"]), f["suite"], shared.environments[f["environment"]], _number(f["shift"]), int(f["moved"]),
        int(f["judged"]), f["reason"], tuple(f["facts"]), bool(f["failing"]),
    )  # fmt: skip


def _proof(p: _Document | None, shared: _Shared) -> Proof | None:
    if not p:
        return None
    figures = {
        name: _number(p[name]) for name in ("centre", "anchor", "sigma", "degrees", "p", "pooled", "alone", "limit")
    }
    past, held = (tuple(shared.earlier[place] for place in p[name]) for name in ("past", "held"))
    return Proof(str(p["model"]), past, held, **figures, family=int(p["family"]))


def _confirmation(c: _Document | None, key: Key) -> Confirmation | None:
    if not c:
        return None
    figures = {name: _number(c[name]) for name in ("change", "lo", "hi", "tolerance", "error", "seconds")}
    base, head = (tuple(map(_number, c[name])) for name in ("base", "head"))
    return Confirmation(
        key, Outcome(c["outcome"]), str(c["reason"]), str(c["statistic"]), base, head, **figures,
        looks=int(c["looks"]), open=bool(c["open"]),
    )  # fmt: skip


def _side_info(side: _Document) -> SideInfo:
    return SideInfo(side["what"], side["commit"], side["subject"], tuple(side["runs"]), side["reference"])


def _key(v: _Document) -> Key:
    params = tuple((str(name), str(value)) for name, value in v["params"].items())
    benchmark = Benchmark(v["suite"], v["name"], v["variant"], v["version"], params, v["group"])
    return Key(benchmark, Metric(v["metric"], v["unit"], Direction(v["direction"]), Kind(v["kind"])))


def _verdict(v: _Document, shared: _Shared) -> Verdict:
    base, candidate = _side(v["base"]), _side(v["candidate"])
    comparison = Comparison(
        _key(v), shared.environments[v["environment"]], v["statistic"], base, candidate,
        change=_change(v["change"], base, candidate), noise=_number(v["noise"]), evidence=v["evidence"],
    )  # fmt: skip
    policy = v.get("policy")
    return Verdict(
        comparison, Outcome(v["outcome"]), v["reason"], v["rule"], bool(v["failing"]), bool(v["provisional"]),
        hint=v["hint"], suspect=bool(v.get("suspect", False)), proof=_proof(v.get("proof"), shared),
        confirmation=_confirmation(v.get("confirmation"), comparison.key),
        policy=None if policy is None else shared.policies[policy],
    )  # fmt: skip


def _side(side: _Document) -> Side:
    n, lo, hi = (_number(side[name]) for name in ("n", "lo", "hi"))
    return Side(_number(side["value"]), int(side["runs"]), n, lo, hi)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _change(change: float | None, base: Side, candidate: Side) -> float:
    """JSON has no infinity: a change without a number is infinite where the base is 0, else unknown."""
    if change is None and base.value == 0 and candidate.value:
        return math.copysign(math.inf, candidate.value)
    return _number(change)
