"""Figures for monitoring, read back by the reference parsers."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus

from regress.formats.out_metrics import FAMILIES, CheckCounts, Snapshot, exposition, openmetrics, prometheus
from regress.model import Budget, BudgetResult, BudgetState, Environment, Metric, Outcome
from regress.model.written import limit
from tests.factories import ENVIRONMENT, make_key, make_run
from tests.formats.test_out_table import stored

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def snapshot(*runs, **fields) -> Snapshot:
    return Snapshot(fields.pop("project", "widgets"), [(stored(run), run) for run in runs], **fields)


def read_back(found, form: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """The samples by name, as the reference parser reads them."""
    text = (prometheus if form == "prometheus" else openmetrics)(found)
    text.encode("utf-8")
    read = read_prometheus if form == "prometheus" else read_openmetrics
    samples: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in read(text):
        for sample in family.samples:
            samples.setdefault(sample.name, []).append((sample.labels, sample.value))
    return samples


BOTH = pytest.mark.parametrize("form", ["prometheus", "openmetrics"])
SIZE, RATE, BARE, ODD = Metric("memory", "B"), Metric("requests", "1/s"), Metric("share"), Metric("power", "W")
WHERE = {"project": "widgets", "suite": "asv", "environment": ENVIRONMENT.label}


@BOTH
def test_each_unit_has_a_family_and_each_figure_its_labels(form):
    keys = {metric: make_key("bench.x(1)", metric) for metric in (SIZE, RATE, BARE, ODD)}
    times = make_run("c1", {"bench.x(1)": {"median": 1.5e-3, "min": 1e-3, "n": 7.0}})
    others = make_run("c1", {key: {"value": float(place)} for place, key in enumerate(keys.values())})
    found = read_back(exposition(snapshot(times, others)), form)
    about = WHERE | {"benchmark": "bench.x(1)", "statistic": "centre"}
    assert found["regress_benchmark_time_seconds"] == [(about | {"metric": "time"}, 1.5e-3)]
    assert found["regress_benchmark_size_bytes"] == [(about | {"metric": "memory"}, 0.0)]
    assert found["regress_benchmark_rate_per_second"] == [(about | {"metric": "requests"}, 1.0)]
    assert found["regress_benchmark_value"] == [
        (about | {"metric": "power", "unit": "W"}, 3.0),
        (about | {"metric": "share", "unit": "1"}, 2.0),
    ]
    assert "regress_benchmark_samples" not in found, "only what was asked for"


@BOTH
def test_other_statistics_are_written_when_asked_for(form):
    run = make_run("c1", {"b": {"median": 2.0, "min": 1.0, "n": 7.0}}, quantiles={0: ((0.95, 3.0), (0.999, 4.0))})
    some = read_back(exposition(snapshot(run, statistics=("min", "quantiles"))), form)
    told = {labels["statistic"]: value for labels, value in some["regress_benchmark_time_seconds"]}
    assert told == {"min": 1.0, "p95": 3.0, "p99.9": 4.0}
    every = read_back(exposition(snapshot(run, statistics=("all",))), form)
    assert {labels["statistic"] for labels, _ in every["regress_benchmark_time_seconds"]} == {
        "centre", "median", "min", "p95", "p99.9",
    }  # fmt: skip
    assert [value for _, value in every["regress_benchmark_samples"]] == [7.0]


@BOTH
def test_the_commit_is_a_label_of_the_run_alone(form):
    run = make_run("c1", {"b": 1.0, "d": 2.0}, gaps={"e": "failed"}, ref="main")
    found = read_back(exposition(snapshot(run)), form)
    assert found["regress_run_info"] == [(WHERE | {"commit": run.commit, "branch": "main"}, 1.0)]
    assert found["regress_run_timestamp_seconds"] == [(WHERE, run.started_at.timestamp())]
    results = {labels["state"]: value for labels, value in found["regress_run_results"]}
    assert results == {"measured": 2, "failed": 1, "skipped": 0}
    for name, samples in found.items():
        assert name == "regress_run_info" or not any("commit" in labels for labels, _ in samples)


@BOTH
def test_a_newer_run_replaces_an_older_one(form):
    runs = [make_run(commit, {"b": value}, minutes=i) for i, (commit, value) in enumerate([("c1", 1.0), ("c2", 2.0)])]
    found = read_back(exposition(snapshot(*runs)), form)
    assert [value for _, value in found["regress_benchmark_time_seconds"]] == [2.0]
    assert [labels["commit"] for labels, _ in found["regress_run_info"]] == [runs[1].commit]


@BOTH
def test_budgets_met_broken_and_not_judged(form):
    def result(text, state, headroom=math.nan, key=None):
        budget = Budget(benchmark="*", limits=(limit(text),), requirement="SLA-3")
        return BudgetResult(budget, limit(text), key, ENVIRONMENT if key else None, "p95", state, headroom=headroom)

    key = make_key("b")
    budgets = [
        result("p95 < 150 ms", BudgetState.WARNED, 0.05, key),
        result("max < 1 s", BudgetState.BREACHED, -0.5, key),
        result("max < 1 s", BudgetState.MET, 0.5, key),
        result("p99 < 2 s", BudgetState.UNJUDGED, key=key),
        result("rss < 1 GB", BudgetState.UNJUDGED),
    ]
    found = read_back(exposition(snapshot(make_run("c1", {"b": 1.0}), budgets=budgets)), form)
    met = {labels["limit"]: value for labels, value in found["regress_budget_met"]}
    assert (met["p95 < 150 ms"], met["max < 1 s"]) == (1.0, 0.0), "the worst of two that say the same"
    assert all(math.isnan(met[text]) for text in ("p99 < 2 s", "rss < 1 GB"))
    limits = {labels["limit"]: (labels["unit"], value) for labels, value in found["regress_budget_limit"]}
    assert limits["p95 < 150 ms"] == ("s", 0.15)
    assert limits["rss < 1 GB"] == ("B", 1e9)
    assert all(labels["requirement"] == "SLA-3" for labels, _ in found["regress_budget_met"])


@BOTH
def test_verdicts_of_the_last_check(form):
    counts = {outcome.value: 0 for outcome in Outcome} | {"regressed": 2}
    check = CheckCounts(counts, 1.0, stored(make_run()).started_at)
    found = read_back(exposition(snapshot(make_run("c1", {"b": 1.0}), check=check)), form)
    told = {labels["outcome"]: value for labels, value in found["regress_verdicts"]}
    assert (told["regressed"], told["unchanged"], len(told)) == (2, 0, len(Outcome))
    assert found["regress_check_status"] == [({"project": "widgets"}, 1.0)]


def test_environments_that_people_would_call_the_same_are_told_apart():
    environments = [
        Environment.of({"machine": "a", "python": "b"}),
        Environment.of({"machine": "a", "x": "", "python": "b"}),
    ]
    environments[1] = Environment((("machine", "a · b"),))
    runs = [make_run("c1", {"b": float(i)}, environment=one) for i, one in enumerate(environments)]
    found = read_back(exposition(snapshot(*runs)), "prometheus")
    assert sorted(value for _, value in found["regress_benchmark_time_seconds"]) == [0.0, 1.0]
    assert {labels["environment"] for labels, _ in found["regress_benchmark_time_seconds"]} == {
        f"a · b ({one.digest[:8]})" for one in environments
    }


def test_a_name_that_is_no_unicode_has_question_marks():
    found = read_back(exposition(snapshot(make_run("c1", {"a\ud800b": 1.0}))), "prometheus")
    assert found["regress_benchmark_time_seconds"][0][0]["benchmark"] == "a?b"


def test_nothing_gives_an_empty_text():
    assert prometheus(exposition(snapshot())) == ""
    assert openmetrics(exposition(snapshot())) == "# EOF\n"


NAMES = st.text(st.characters(codec=None), min_size=1, max_size=12) | st.text('"\\\n{}=, #é\U0001f600\r\t', min_size=1)


@BOTH
@settings(deadline=None, max_examples=60)
@given(project=NAMES, suite=NAMES, names=st.lists(NAMES, min_size=1, max_size=3, unique=True), host=NAMES,
       figure=st.floats(allow_nan=False, allow_infinity=False))  # fmt: skip
def test_every_name_comes_back_as_it_was(form, project, suite, names, host, figure):
    keys = [make_key("b", suite=suite) for _ in names]
    keys = [replace_name(key, name) for key, name in zip(keys, names, strict=True)]
    run = make_run("c1", dict.fromkeys(keys, figure), environment=Environment.of({"machine": host}))
    found = read_back(exposition(snapshot(run, project=project)), form)

    def clean(text):
        return text.encode("utf-8", "replace").decode()

    samples = found["regress_benchmark_time_seconds"]
    assert {labels["benchmark"] for labels, _ in samples} == {clean(name) for name in names}
    for labels, value in samples:
        assert (labels["project"], labels["suite"], value) == (clean(project), clean(suite), figure)


def replace_name(key, name):
    return type(key)(replace(key.benchmark, name=name, variant=""), key.metric)


def names_in(text: str) -> set[str]:
    return {name for name in re.findall(r"\bregress_\w+", text) if not name.endswith("_")}


def test_every_name_in_the_dashboard_is_written():
    dashboard = json.loads((EXAMPLES / "grafana-dashboard.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += [variable["definition"] for variable in dashboard["templating"]["list"] if "definition" in variable]
    asked += [one["expr"] for one in dashboard["annotations"]["list"]]
    named = names_in("\n".join(asked))
    assert len(asked) > 10
    assert named
    assert named <= FAMILIES.keys()
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    assert set(re.findall(r"\$(\w+)", "\n".join(asked))) <= variables
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_every_name_in_the_alerts_is_written():
    rules = yaml.safe_load((EXAMPLES / "prometheus-alerts.yml").read_text(encoding="utf-8"))
    listed = [rule for group in rules["groups"] for rule in group["rules"]]
    named = names_in("\n".join(rule["expr"] for rule in listed))
    assert named
    assert named <= FAMILIES.keys()
    assert len({rule["alert"] for rule in listed}) == len(listed)


def test_the_page_names_every_family():
    page = (EXAMPLES.parent / "export.md").read_text(encoding="utf-8")
    assert set(FAMILIES) == names_in(page) & FAMILIES.keys()


def test_names_end_as_conventions_say():
    for name, (about, unit) in FAMILIES.items():
        assert name.endswith(unit)
        assert about.endswith(".")
