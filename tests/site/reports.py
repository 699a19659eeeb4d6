"""Reports for the tests of a report's page: one of everything, from a few words."""

from __future__ import annotations

import math
from dataclasses import replace

from regress.model import (
    TIME,
    Action,
    Budget,
    BudgetResult,
    BudgetState,
    Comparison,
    Confirmation,
    Environment,
    Finding,
    Key,
    Limit,
    Metric,
    Outcome,
    Policy,
    Proof,
    Report,
    SideInfo,
    Tolerance,
    Verdict,
)

from .factories import ENVIRONMENT, make_key, make_run, make_verdict

POLICY = Policy(
    "auto", Tolerance(0.05, 5e-8), Action.FAIL, (("relative", "pyproject.toml:41"),), false_red=0.01, min_runs=3,
    across=False,
)  # fmt: skip
PROOF = Proof("gate 1", ("a" * 64,) * 11, ("b" * 64,), 0.0124, 0.0125, 0.012, 9.5, 1e-7, 1.5e-7, 0.005, 2.5e-4, 40)
MEMORY = Metric("peak_memory", "B", TIME.direction, TIME.kind)


def confirmed(verdict: Verdict, change: float, lo: float, hi: float, *, pairs: int = 12, **more) -> Verdict:
    """The verdict with pairs that said so."""
    reason = f"measured again in turn, {pairs} pairs: {change:+.1%}"
    found = Confirmation(
        verdict.comparison.key, verdict.outcome, reason, "min", (1.0,) * pairs, (1 + change,) * pairs, change, lo, hi,
        0.05, 0.01, 2, seconds=14.2, **more,
    )  # fmt: skip
    comparison = replace(verdict.comparison, change=change)
    return replace(verdict, comparison=comparison, confirmation=found, policy=POLICY)


def proven(key: Key, base: float, candidate: float, outcome: Outcome, **more) -> Verdict:
    """A verdict with the proof that the noise model gives."""
    return replace(make_verdict(key, base, candidate, outcome, **more), proof=PROOF, policy=POLICY)


def target(state: BudgetState, key: Key | None, value: float, headroom: float, **more) -> BudgetResult:
    limit = Limit("p95", "<", 0.15, "s", "p95 < 150 ms")
    budget = Budget(limits=(limit,), requirement="SLA-3", origin="pyproject.toml:77")
    place = ENVIRONMENT if key else None
    return BudgetResult(budget, limit, key, place, "p95", state, value, headroom, 120.0, **more)


def verdicts() -> list[Verdict]:
    """One of each outcome, some of them measured again."""
    time_sort, save = make_key("bench_sort.Sort.time_sort", "(100000, 'list')"), make_key("bench_io.Load.time_save")
    blind = make_verdict(
        make_key("bench_core.time_hash"), 2e-6, 2.3e-6, Outcome.INCONCLUSIVE, provisional=True,
        hint="two more runs of the baseline would tell", reason="+15.0% is within what noise may do (needs 3 runs, 1)",
    )  # fmt: skip
    nowhere = make_verdict(
        make_key("bench_core.time_parse"), 2e-6, 2.3e-6, Outcome.INCOMPARABLE, reason="another CPU model on each side"
    )
    gone = replace(make_verdict(make_key("bench_core.time_gone"), 2e-6, math.nan, Outcome.MISSING), failing=True)
    failed = replace(make_verdict(make_key("bench_core.time_fails"), 2e-6, math.nan, Outcome.FAILED), failing=True)
    return [
        proven(time_sort, 0.0124, 0.0181, Outcome.REGRESSED),
        confirmed(proven(make_key("bench_merge.time_merge"), 3.1e-4, 3.5e-4, Outcome.REGRESSED), 0.129, 0.071, 0.19),
        confirmed(proven(save, 0.084, 0.0845, Outcome.INCONCLUSIVE), 0.021, math.nan, 0.07, open=True),
        confirmed(proven(make_key("bench_io.Load.time_csv"), 0.08, 0.081, Outcome.UNCHANGED), 0.004, -0.03, 0.04),
        proven(make_key("bench_io.Load.peakmem_load", metric=MEMORY), 8.1e7, 6.7e7, Outcome.IMPROVED),
        replace(proven(make_key("bench_core.time_repr"), 1e-6, 1.4e-6, Outcome.REGRESSED), failing=False),
        make_verdict(make_key("bench_core.time_accepted"), 1e-6, 1.2e-6, Outcome.ACCEPTED),
        make_verdict(make_key("bench_core.time_new"), math.nan, 1.2e-6, Outcome.NEW),
        blind, nowhere, gone, failed,
        *(make_verdict(make_key(f"bench_x.time_{n}"), 1e-6, 1.01e-6, Outcome.UNCHANGED) for n in range(14)),
    ]  # fmt: skip


def rich_report(given: list[Verdict] | None = None, **more) -> Report:
    """A red report with one of everything."""
    said = verdicts() if given is None else given
    slow = make_key("tests/test_api.py::test_answer", "[large]", suite="pytest-benchmark")
    budgets = [
        target(BudgetState.MET, slow, 0.12, 0.2),
        target(BudgetState.BREACHED, slow, 0.171, -0.14, failing=True),
        target(BudgetState.UNJUDGED, None, math.nan, math.nan, reason="no benchmark of this name was measured"),
        target(BudgetState.WARNED, slow, 0.148, 0.013),
    ]
    finding = Finding(
        Outcome.INCOMPARABLE, "asv", ENVIRONMENT, 0.1, 20, 22, "20 of 22 series moved together by +10%",
        ("kernel 6.1 → 6.8",),
    )  # fmt: skip
    fields = {
        "distance": 2, "not_run": ("asv on mini",), "warnings": ("the candidate has uncommitted changes",),
        "command": "regress check --commit 6b86b273ff34", "project": "quicksort", "version": "0.1.0",
        "created_at": "2026-03-14T09:26:53+00:00", "counts": Report.count(said), "budgets": budgets,
        "notices": ("This change also edits the rules: see pyproject.toml.",), "findings": [finding],
        "headline": "RED: 2 regressed, 1 failed, 1 missing · NOT JUDGED: 3 · 22 compared",
    }  # fmt: skip
    candidate = SideInfo("HEAD", make_run(9).commit, "Sort in one pass", ("a" * 64,), make_run(9).commit[:12])
    baseline = SideInfo("the merge base", make_run(7).commit, "Say what is slow", ("b" * 64, "c" * 64))
    return Report(candidate, baseline, said, **({"status": 1} | fields | more))


OTHER = Environment.of({"system": "Darwin", "arch": "arm64", "machine": "mini"}, {"cpu": "Apple M4"})


def on(verdict: Verdict, environment: Environment) -> Verdict:
    """The same verdict elsewhere."""
    facts = verdict.comparison
    assert isinstance(facts, Comparison)
    return replace(verdict, comparison=replace(facts, environment=environment))
