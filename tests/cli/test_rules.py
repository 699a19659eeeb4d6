"""`regress rules` and `regress budgets` on a command line."""

import csv
import io
import json

import pytest

CONFIG = """
[[rule]]
relative = "10%"
absolute = "50 ns"

[[rule]]
benchmark = "test_text.py::*"
relative = "5%"
action = "warn"

[[rule]]
benchmark = "test_gone*"
relative = "1%"

[[budget]]
benchmark = "*sort"
limits = ["median < 3 ms", "p95 < 1 s"]
requirement = "SLA-3"

[[budget]]
limit = "peak_rss < 1 GB"
"""


@pytest.fixture
def configured(ingested):
    (ingested.root / "regress.toml").write_text(CONFIG, encoding="utf-8")
    return ingested


def test_the_list_counts_the_series_of_each_rule(configured, regress):
    done = regress("rules")
    lines = [line.split() for line in done.out.splitlines()]
    assert done.status == 0
    assert ["4", "everything", "relative", "10%,", "absolute", "50", "ns", "regress.toml:2"] in lines
    assert ["3", "test_text.py::*", "relative", "5%,", "action", "warn", "regress.toml:6"] in lines
    assert "warning: the rule at regress.toml:11 (test_gone*) matches nothing" in done.out
    assert "warning: the budget at regress.toml:20 (everything) matches nothing" in done.out
    assert "regress.toml:15 (" not in done.out


def test_the_list_as_json(configured, regress):
    document = json.loads(regress("rules --format json").out)
    assert document["schema"] == 1
    assert [rule["series"] for rule in document["rules"]] == [4, 3, 0]
    assert document["rules"][1]["sets"] == {"relative": 0.05, "action": "warn"}
    assert [(b["series"], b["requirement"]) for b in document["budgets"]] == [(1, "SLA-3"), (0, "")]


def test_without_rules_the_defaults_hold(ingested, regress):
    assert regress("rules").out == "no rules and no budgets: the defaults hold for 4 series in the history\n"


def test_explain_shows_the_line_of_every_field(configured, regress):
    done = regress("rules explain test_text.py::test_md5 --metric time")
    lines = [line.split() for line in done.out.splitlines()]
    assert done.status == 0
    assert done.out.startswith("test_text.py::test_md5 · time · CPython 3.11")
    assert ["relative", "5%", "regress.toml:8"] in lines
    assert ["absolute", "50", "ns", "regress.toml:4"] in lines
    assert ["action", "warn", "regress.toml:9"] in lines
    assert ["min_runs", "5", "default"] in lines
    assert "relative 10% (overridden by regress.toml:8), absolute 50 ns" in done.out


def test_explain_names_the_budgets(configured, regress):
    assert "median < 3 ms, p95 < 1 s, SLA-3" in regress("rules explain '*sort*'").out


def test_explain_as_json(configured, regress):
    document = json.loads(regress("rules explain re:md5 --format json").out)
    by_metric = {one["series"][0]["metric"]: one for one in document["explained"]}
    assert by_metric["time"]["policy"]["relative"] == {"value": 0.05, "origin": "regress.toml:8"}
    assert by_metric["time"]["rules"][0]["overridden"] == {"relative": "regress.toml:8"}
    assert by_metric["bytes"]["rules"][0]["idle"] == ["absolute"]


def test_series_that_are_judged_alike_stand_together(configured, regress):
    out = regress("rules explain '*' --metric time").out
    assert out.count("rules that match, in order") == 2
    assert "test_text.py::test_md5 · time" in out
    assert "test_text.py::test_re[lit] · time" in out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("rules explain nothing", "the history has no series of nothing"),
        ("rules explain test_text* --metric nothing", "the history has no series of test_text*, metric nothing"),
        ("rules explain 're:('", "is not a regular expression"),
        ("rules show x", "write: regress rules explain BENCHMARK"),
        ("rules explain", "write: regress rules explain BENCHMARK"),
        ("rules --metric time", "go with explain"),
    ],
)
def test_wrong_usage_is_one_line(configured, regress, line, says):
    done = regress(line)
    assert (done.status, done.out) == (2, "")
    assert says in done.err
    assert done.err.count("\n") == 1


def test_budgets_list_every_target(configured, regress):
    done = regress("budgets")
    lines = [line.split() for line in done.out.splitlines()]
    assert done.status == 0
    assert done.out.startswith("2 unjudged, 1 met · ")
    assert ["met", "SLA-3", "test_algo.py::test_sort", "time", "(median)", "<", "3", "ms"] in [
        line[:8] for line in lines
    ]
    assert "time (p95): neither samples nor p95 were kept" in done.out
    assert "warning: the budget at regress.toml:20 (peak_rss < 1 GB) matches nothing" in done.out


def test_a_breach_ends_with_1_unless_it_only_warns(configured, regress):
    path = configured.root / "regress.toml"
    path.write_text(CONFIG.replace("median < 3 ms", "median < 1 ns"), encoding="utf-8")
    assert regress("budgets").status == 1
    assert regress("budgets v1.0").status == 1
    path.write_text(CONFIG.replace("median < 3 ms", "median < 1 ns").replace('"SLA-3"', '"SLA-3"\naction = "warn"'))
    done = regress("budgets")
    assert (done.status, "breached (warning)" in done.out) == (0, True)


def test_budgets_as_json_csv_and_markdown(configured, regress):
    document = json.loads(regress("budgets --format json").out)
    first = document["budgets"][0]
    assert document["counts"] == {"met": 1, "unjudged": 2}
    assert (first["limit"], first["bound"], first["state"]) == ("median < 3 ms", 0.003, "met")
    assert 0 < first["headroom"] < 1
    rows = list(csv.DictReader(io.StringIO(regress("budgets --format csv").out)))
    assert [row["state"] for row in rows] == ["met", "unjudged", "unjudged"]
    assert float(rows[0]["value"]) == first["value"]
    table = regress("budgets --format markdown").out
    assert table.startswith("### Budgets: 2 unjudged, 1 met\n")
    assert "| met | SLA-3 | `test_algo.py::test_sort` |" in table


def test_no_budgets(ingested, regress):
    done = regress("budgets")
    assert (done.status, done.out.splitlines()[0][:10]) == (0, "no budgets")


def test_percentiles_come_from_stored_samples(project, regress):
    path = project.results("c5")
    document = json.loads(path.read_text(encoding="utf-8"))
    for entry in document["benchmarks"]:
        entry["stats"] |= {"data": [i / 1000 for i in range(1, 201)], "rounds": 200, "iterations": 1}
    path.write_text(json.dumps(document), encoding="utf-8")
    assert regress(f"ingest {path}").status == 0
    text = '[[budget]]\nlimits = ["p95 < 150 ms", "p90 < 1 s", "p99 < 1 s"]\n[renamed]\n"test_algo.py::*" = "algo::*"\n'
    for config in (text, text.partition("[renamed]")[0]):
        (project.root / "regress.toml").write_text(config, encoding="utf-8")
        done = regress("budgets")
        assert done.status == 1
        assert done.out.startswith("3 breached, 3 unjudged, 3 met")
        assert "p99 needs 500 single calls, and it has 200" in done.out
