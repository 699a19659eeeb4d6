"""Budgets: limits on the candidate alone, and what is never counted as met."""

import math

import numpy as np
import pytest

from regress.judge.budgets import concerns, judge_budgets, sampled
from regress.model import Action, Budget, BudgetState, Direction, Environment, Kind, Metric
from regress.model.written import limit
from tests.factories import ENVIRONMENT, make_key, make_run

RSS = Metric("peak_rss", "B", Direction.LOWER, Kind.NOISY)
RATE = Metric("success_rate")
LATENCY = Metric("latency", "s", Direction.LOWER)
MET, WARNED, BREACHED, UNJUDGED = BudgetState.MET, BudgetState.WARNED, BudgetState.BREACHED, BudgetState.UNJUDGED


def budget(*limits: str, **fields) -> Budget:
    return Budget(limits=tuple(map(limit, limits)), **fields)


def states(budgets, *runs):
    return [result.state for result in judge_budgets(budgets, runs)]


def sampled_run(name="bench.one", count=100, *, iterations=1.0, top=1.0, **fields):
    """A run of one benchmark with `count` samples, evenly spread from 0 to `top` seconds."""
    values = np.linspace(0, top, count)
    figures = {"mean": float(values.mean()), "max": top, "n": float(count), "iterations": iterations}
    return make_run("c1", {name: figures}, samples={0: values}, **fields)


@pytest.mark.parametrize(
    ("text", "state", "headroom"),
    [
        ("median < 2 s", MET, 0.5),
        ("median < 1 s", BREACHED, 0.0),
        ("median <= 1 s", MET, 0.0),
        ("median < 500 ms", BREACHED, -1.0),
        ("min > 100 ms", MET, 4.0),
        ("min >= 1 s", BREACHED, -0.5),
        ("median < 2", MET, 0.5),
        ("median < 2 MB", UNJUDGED, None),
        ("q3 < 2 s", UNJUDGED, None),
    ],
)
def test_a_limit_is_kept_or_it_is_not(text, state, headroom):
    (result,) = judge_budgets([budget(text)], [make_run("c1", {"bench.one": {"median": 1.0, "min": 0.5}})])
    assert result.state is state
    assert result.failing is (state is BREACHED)
    assert (result.headroom == pytest.approx(headroom)) if headroom is not None else math.isnan(result.headroom)
    assert bool(result.reason) is (state is UNJUDGED)


def test_within_the_margin_is_a_warning():
    run = make_run("c1", {"bench.one": {"median": 0.95}})
    assert states([budget("median < 1 s", warn=0.1)], run) == [WARNED]
    assert states([budget("median < 1 s", warn=0.01)], run) == [MET]
    assert states([budget("median < 0.9 s", warn=0.1)], run) == [BREACHED]


def test_a_limit_of_nothing_has_no_margin():
    failures = make_run("c1", {"bench.load": 0.0}, metric=Metric("failures"))
    assert states([budget("failures <= 0", warn=0.1)], failures) == [MET]
    assert states([budget("failures <= 0")], make_run("c1", {"bench.load": 1.0}, metric=Metric("failures"))) == [
        BREACHED
    ]


def test_actions():
    run = make_run("c1", {"bench.one": {"median": 2.0}})
    (warned,) = judge_budgets([budget("median < 1 s", action=Action.WARN)], [run])
    assert (warned.state, warned.failing) == (BREACHED, False)
    assert judge_budgets([budget("median < 1 s", action=Action.IGNORE)], [run]) == []


# --- what a limit is about ---


def test_metrics_by_name_by_figure_and_by_selector():
    run = make_run("c1", {
        make_key("load.search"): {"median": 1.0}, make_key("load.search", LATENCY): {"mean": 0.1, "max": 0.4},
        make_key("load.search", RSS): 2e8, make_key("load.other", RSS): 2e9,
    })  # fmt: skip

    def judged(text, **fields):
        return [
            (r.key and r.key.benchmark.name, r.key and r.key.metric.name, r.statistic, r.state)
            for r in judge_budgets([budget(text, **fields)], [run])
        ]

    assert judged("median < 2 s", benchmark="load.search") == [("load.search", "time", "median", MET)]
    assert judged("peak_rss < 1 GB") == [
        ("load.other", "peak_rss", "value", BREACHED), ("load.search", "peak_rss", "value", MET),
    ]  # fmt: skip
    assert judged("latency.max < 300 ms") == [("load.search", "latency", "max", BREACHED)]
    assert judged("latency < 300 ms") == [("load.search", "latency", "mean", MET)]
    assert judged("max < 300 ms", metric="lat*") == [("load.search", "latency", "max", BREACHED)]
    assert judged("value < 1 GB", benchmark="load.other") == [("load.other", "peak_rss", "value", BREACHED)]


def test_several_metrics_and_no_time_must_be_named():
    run = make_run("c1", {make_key("load", RSS): 1.0, make_key("load", RATE): 1.0})
    (result,) = judge_budgets([budget("max < 1 s")], [run])
    assert (result.state, "write METRIC.max" in result.reason) == (UNJUDGED, True)


def test_a_limit_of_times_says_nothing_of_what_is_not_timed():
    run = make_run("c1", {make_key("a"): {"value": 0.5}, make_key("peak", RSS): 1.0})
    assert [r.key.benchmark.name for r in judge_budgets([budget("value < 1 s")], [run])] == ["a"]
    assert states([budget("value < 1 s", benchmark="peak")], run) == [UNJUDGED]
    assert states([budget("value < 1 s", metric="peak_rss")], run) == [UNJUDGED]
    assert not concerns(budget("value < 1 s"), {make_key("peak", RSS)})(make_key("peak", RSS), ENVIRONMENT, ())


def test_a_metric_may_have_the_name_of_a_figure_of_another():
    dotted = Metric("cpu.max", "1", Direction.LOWER)
    run = make_run("c1", {make_key("a", dotted): 0.2, make_key("a", Metric("cpu", "1", Direction.LOWER)): {"max": 0.9}})
    (result,) = judge_budgets([budget("cpu.max < 50%")], [run])
    assert (result.key.metric.name, result.state) == ("cpu.max", MET)


def test_what_matches_nothing_is_unjudged_and_says_so():
    run = make_run("c1", {"bench.one": 1.0})
    for one in (budget("median < 1 s", benchmark="renamed.*"), budget("peak_rss < 1 GB"), budget("x.p95 < 1 s")):
        (result,) = judge_budgets([one], [run])
        assert (result.state, result.key, result.failing) == (UNJUDGED, None, False)
        assert result.reason.startswith("matches nothing")
    assert states([budget("median < 1 s")]) == [UNJUDGED]


def test_what_failed_is_unjudged():
    run = make_run("c1", {"bench.two": 1.0}, gaps={"bench.one": "failed"})
    (result,) = judge_budgets([budget("median < 1 s", benchmark="bench.one")], [run])
    assert (result.state, result.reason) == (UNJUDGED, "it failed")


def test_beside_a_test_it_is_for_that_test_alone():
    run = make_run("c1", {"bench.sort(1)": 2.0, "bench.sort(2)": 2.0})
    near = budget("value < 1 s", only=("asv", "bench.sort(2)"))
    assert [r.key.benchmark.full for r in judge_budgets([near], [run])] == ["bench.sort(2)"]


def test_each_environment_is_judged_by_itself():
    other = Environment.of({"machine": "slow"})
    fast, slow = make_run("c1", {"b": 1.0}), make_run("c1", {"b": 3.0}, environment=other)
    assert states([budget("value < 2 s")], fast, slow) == [MET, BREACHED]
    assert states([budget("value < 2 s", environment="box")], fast, slow) == [MET]


def test_labels_select_runs():
    run = make_run("c1", {"b": 3.0}, tags=("nightly",))
    assert states([budget("value < 2 s", tag="nightly")], run) == [BREACHED]
    assert states([budget("value < 2 s", tag="weekly")], run) == [UNJUDGED]


# --- units ---


def test_a_metric_without_a_unit_is_not_taken_for_bytes():
    (result,) = judge_budgets([budget("peak_rss < 1 GB")], [make_run("c1", {"b": 5e8}, metric=Metric("peak_rss"))])
    assert result.state is UNJUDGED
    assert '[[tool.regress.metric]] name = "peak_rss" unit = "B"' in result.reason


def test_per_cent_is_not_taken_for_a_share():
    """A success rate of 40, if it were a share, would be far above 95 %."""
    run = make_run("c1", {"b": 40.0}, metric=RATE)
    (result,) = judge_budgets([budget("success_rate >= 95%")], [run])
    assert (result.state, 'unit = "%"' in result.reason) == (UNJUDGED, True)
    described = Metric("success_rate", "1", Direction.HIGHER)
    assert states([budget("success_rate >= 95%")], make_run("c1", {"b": 0.4}, metric=described)) == [BREACHED]
    assert states([budget("success_rate >= 95%")], make_run("c1", {"b": 0.99}, metric=RATE)) == [MET]
    assert states([budget("cpu < 180%")], make_run("c1", {"b": 1.5}, metric=Metric("cpu"))) == [MET]
    of_one = make_run("c1", {"b": 1.5}, metric=Metric("cpu_one", "1"))
    assert states([budget("cpu_one < 80%")], of_one) == [BREACHED], "one and a half cores"


# --- percentiles ---


@pytest.mark.parametrize(
    ("name", "count", "state"),
    [("p95", 100, MET), ("p95", 99, UNJUDGED), ("p99", 500, MET), ("p99", 499, UNJUDGED), ("p99.9", 5000, MET),
     ("p99.9", 4999, UNJUDGED), ("p50", 10, MET), ("p50", 9, UNJUDGED), ("p5", 100, MET), ("p5", 99, UNJUDGED)],
)  # fmt: skip
def test_a_percentile_needs_its_samples(name, count, state):
    (result,) = judge_budgets([budget(f"{name} < 2 s")], [sampled_run(count=count)])
    assert (result.state, result.n) == (state, count)
    if state is UNJUDGED:
        assert result.reason.startswith(f"{name} needs {count + 1:,} single calls")


def test_too_few_samples_never_count_as_met_or_breached():
    assert states([budget("p95 < 1 h"), budget("p95 < 1 ns")], sampled_run(count=50)) == [UNJUDGED, UNJUDGED]


def test_a_percentile_is_the_percentile():
    (result,) = judge_budgets([budget("p95 < 0.9 s")], [sampled_run(count=101)])
    assert (result.state, result.value) == (BREACHED, pytest.approx(0.95))


def test_rounds_of_many_calls_hide_the_tail():
    (result,) = judge_budgets([budget("p95 < 2 s")], [sampled_run(count=1000, iterations=50.0)])
    assert (result.state, "mean of up to 50 calls" in result.reason) == (UNJUDGED, True)


def test_samples_of_several_runs_are_pooled():
    runs = [sampled_run(count=60, minutes=minute) for minute in (0, 5)]
    (result,) = judge_budgets([budget("p95 < 2 s")], runs)
    assert (result.state, result.n, result.reason) == (MET, 120, "the samples of 2 runs together")


def test_of_every_other_figure_the_worst_run_counts():
    runs = [make_run("c1", {"b": {"mean": value}}, minutes=value) for value in (1.0, 3.0, 2.0)]
    below, above = judge_budgets([budget("mean < 2 s", "mean > 1 s")], runs)
    assert (below.value, below.state, below.reason) == (3.0, BREACHED, "the worst of 3 runs")
    assert (above.value, above.state) == (1.0, BREACHED)


def stored(count, value, **fields):
    return make_run("c1", {"b": {"median": 1.0, "n": count}}, quantiles={0: ((0.95, value), (0.99, 9.0))}, **fields)


def test_stored_quantiles_serve_where_there_are_no_samples():
    assert states([budget("p95 < 2 s")], stored(100.0, 1.5)) == [MET]
    assert states([budget("p95 < 2 s")], stored(99.0, 1.5)) == [UNJUDGED]
    assert states([budget("p99 < 20 s")], stored(100.0, 1.5)) == [UNJUDGED]
    assert states([budget("p95 < 2 s")], stored(float("nan"), 1.5)) == [UNJUDGED]
    (result,) = judge_budgets([budget("p95 < 2 s")], [stored(100.0, 1.5), stored(100.0, 2.5), stored(20.0, 9.0)])
    assert (result.value, result.state) == (2.5, BREACHED)


def test_neither_samples_nor_quantiles():
    (result,) = judge_budgets([budget("p95 < 2 s")], [make_run("c1", {"b": {"median": 1.0, "n": 1000.0}})])
    assert (result.state, "--benchmark-save-data" in result.reason) == (UNJUDGED, True)


# --- which samples are needed, and what a budget concerns ---


def test_only_the_samples_of_limited_percentiles_are_asked_for():
    run = make_run("c1", {"bench.one": 1.0, "bench.two": 1.0})
    assert sampled([budget("mean < 1 s")], [run]) == set()
    assert sampled([budget("p95 < 1 s", benchmark="bench.two")], [run]) == {make_key("bench.two").digest}
    assert sampled([budget("time.p95 < 1 s")], [run]) == {key.digest for key in run.columns.keys}


def test_what_a_budget_concerns():
    time, rss = make_key("b"), make_key("b", RSS)
    for text, about_time, about_rss in (
        ("p95 < 1 s", True, False),
        ("peak_rss < 1", False, True),
        ("time.max < 1", True, False),
    ):
        test = concerns(budget(text))
        assert (test(time, ENVIRONMENT, ()), test(rss, ENVIRONMENT, ())) == (about_time, about_rss)
    assert concerns(budget("value < 1"), {rss})(rss, ENVIRONMENT, ())
