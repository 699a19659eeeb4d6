"""Bencher Metric Format, in and out."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.errors import UsageError
from regress.formats import FORMATS, Document, detect
from regress.formats.bmf import Bmf, dump_bmf
from regress.model import CENTRES, TIME, Benchmark, Direction, Key, Metric
from tests.factories import make_run

from .samples import COMMIT, TESTDATA, document, fault, figures, only, pytest_file, read_all
from .samples import benchmark as pytest_entry
from .strategies import runs

REPORT = TESTDATA / "bmf" / "documented" / "report.json"
THROUGHPUT = Metric("throughput", "1/s", Direction.HIGHER)


def reread(*given_runs):
    """What is read of what was written, forced as an odd head may hide what it is."""
    return only(document(dump_bmf(given_runs).encode()), format="bmf")


def written(*given_runs):
    return json.loads(dump_bmf(given_runs))


def test_the_documented_example():
    run = only(Document.of(REPORT))
    assert figures(run) == {
        "parse": {
            "time": {"value": 88e-9, "lo": 87.42e-9, "hi": 88.88e-9},
            "throughput": {"value": 5.55, "lo": 3.14, "hi": 6.3},
        },
        "/bin/sh -c ./my_build_script.sh": {"build-time": {"value": 87}},
        "my_binary": {"file-size": {"value": 42}},
        "play_game": {
            "Total Bytes": {"value": 662},
            "time": {"value": 3247e-9, "lo": 1044e-9, "hi": 1044e-9},  # "Latency", the measure's name
        },
    }
    known = {key.metric.name: (key.metric.unit, str(key.metric.direction)) for key in run.columns.keys}
    assert known == {
        "time": ("s", "lower"), "throughput": ("1/s", "higher"), "build-time": ("s", "lower"),
        "file-size": ("B", "lower"), "Total Bytes": ("1", "unknown"),
    }  # fmt: skip
    assert (run.commit, run.started_at, run.level) == ("", None, None)
    assert "when it was measured" in run.warnings[0]
    assert only(Document.of(REPORT), commit=COMMIT).commit == COMMIT
    assert {key.benchmark.suite for key in run.columns.keys} == {"bmf"}
    assert only(Document.of(REPORT)).digest() == run.digest()


def test_a_measure_called_time_is_not_in_seconds():
    run = only({"a": {"time": {"value": 3}, "latency": {"value": 3}}})
    assert figures(run) == {"a": {"measure.time": {"value": 3}, "time": {"value": 3e-9}}}
    assert written(run) == {"a": {"time": {"value": 3.0}, "latency": {"value": pytest.approx(3.0)}}}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({}, "no benchmarks"),
        ({"a": {}}, "no measures"),
        ({"a": 1}, "no measures"),
        ({"": {"latency": {"value": 1}}}, "no name"),
        ({"-bencher-ignore": {"latency": {"value": 1}}}, "no name"),
        ({"a": {" ": {"value": 1}}}, "no name"),
        ({"a": {"latency": 1}}, "no object"),
        ({"a": {"latency": {"lower_value": 1}}}, "no value"),
        ({"a": {"latency": {"value": "1"}}}, "no finite number"),
        ({"a": {"latency": {"value": float("nan")}}}, "no finite number"),
        ({"a": {"latency": {"value": 1, "upper_value": None}}}, "no finite number"),
        ({"a": {"latency": {"value": 1, "lower_value": 3, "upper_value": 2}}}, "above"),
        ({"a": [{"measures": {"latency": {"value": 1}}}]}, "version 1"),
    ],
)
def test_what_holds_no_figure_says_why(content, what):
    assert what in fault(content, format="bmf").what


def test_a_bad_measure_does_not_hide_the_others():
    content = {"a": {"latency": {"value": 1}, "Latency": {"value": 2}, "x": {}}, "b": [], "a-bencher-ignore": 1}
    (run,), faults = read_all(content)
    assert figures(run) == {"a": {"time": {"value": 1e-9}}}
    assert [bad.what[:14] for bad in faults] == ["it came before", "it has no valu", "it holds no me", "it holds no me"]
    assert faults[0].where.endswith("a: Latency")


@pytest.mark.parametrize(
    "content",
    [
        {}, {"a": 1}, {"a": {"b": 1}}, {"a": {"b": {}}}, {"a": {"b": {"value": "1"}}}, {"a": {"b": {"value": {}}}},
        {"metrics": {"vus": {"value": 1, "min": 1, "max": 1}}}, {"a": {"b": {"values": 1}}},
        {"metrics": {"checks": {"passes": 3, "value": 1}}}, [{"a": {"b": {"value": 1}}}],
        {"a": [{"measures": {"b": {"value": 1}}}]},
    ],
)  # fmt: skip
def test_other_json_is_not_taken_for_its_own(content):
    assert Bmf().detect(document(content)) < 0.5


def test_it_is_known_by_its_first_metric_whatever_the_names_hold():
    for name in ("a", 'quote " and \\', "{}", "ä", "x" * 1000):
        for metric in ({"value": 1}, {"value": -1.5e-9, "lower_value": -2}, {"upper_value": 2, "value": 1}):
            assert detect(document({name: {name: metric | {}}})) is FORMATS["bmf"]
    assert Bmf().detect(document(b'{"' + b"\\" * 100_000)) == 0  # and at once


def test_a_file_cut_short_anywhere_is_one_fault():
    whole = REPORT.read_bytes().rstrip()
    for cut in range(len(whole)):
        assert fault(document(whole[:cut]), format="bmf")


def test_a_run_of_another_tool_goes_out_as_bencher_has_it():
    run = only(pytest_file(pytest_entry("t.py::b[x]", extra_info={"size": 3})))
    assert written(run) == {"t.py::b[x]": {"latency": {"value": 2e9}, "size": {"value": 3}}}
    timed = make_run("c1", {"bench.sort(1)": {"median": 0.1, "mean": 0.3, "lo": 0.09, "hi": 0.3}})
    expected = {"value": 0.1 * 1e9, "lower_value": 0.09 * 1e9, "upper_value": 0.3 * 1e9}
    assert written(timed) == {"bench.sort(1)": {"latency": pytest.approx(expected)}}


@pytest.mark.parametrize(
    ("metric", "measure", "factor"),
    [
        (TIME, "latency", 1e9),
        (Metric("latency", "s"), "latency", 1e9),
        (Metric("Latency", "s"), "latency", 1e9),
        (Metric("latency", "1"), "latency (1)", 1),
        (Metric("time", "1"), "time", 1),
        (THROUGHPUT, "throughput", 1),
        (Metric("throughput", "MB/s"), "throughput (MB/s)", 1),
        (Metric("Build Time", "s"), "build-time", 1),
        (Metric("peak memory", "B"), "peak memory", 1),
    ],
)
def test_the_measure_of_a_metric(metric, measure, factor):
    key = Key(Benchmark("s", "b"), metric)
    assert written(make_run("c1", {key: 2.0})) == {"b": {measure: {"value": pytest.approx(2 * factor)}}}


def test_what_bmf_cannot_hold_is_left_out():
    rows = {"deviation": {"sd": 1.0}, "huge": {"value": 1e305}, "bound": {"value": 1.0, "hi": 1e305}}
    run = make_run("c1", rows, gaps={"bench.gone": "failed"})
    assert written(run) == {"bound": {"latency": {"value": 1e9}}}
    assert written(make_run("c1", {}, gaps={"bench.gone": "failed"})) == {}


def test_two_figures_of_one_cell_are_refused_and_two_suites_go_together():
    first, second = make_run("c1", {"a": 1.0}), make_run("c2", {"a": 2.0})
    with pytest.raises(UsageError, match="latency of a has two figures"):
        dump_bmf([first, second])
    assert set(written(first, make_run("c1", {"b": 2.0}, suite="other"))) == {"a", "b"}


names = st.text(min_size=1, max_size=12).filter(lambda name: name.strip() and not name.endswith("-bencher-ignore"))
cells = st.fixed_dictionaries(
    {"value": st.floats(-1e290, 1e290)}, optional={"bounds": st.tuples(*[st.floats(-1e290, 1e290)] * 2)}
)
measures = st.sampled_from(
    [TIME, THROUGHPUT, Metric("build-time", "s"), Metric("file-size", "B"), Metric("measure.time")]
)
others = names.map(lambda name: Metric(f"x{name}"))


@given(st.dictionaries(st.tuples(names, measures | others), cells, min_size=1, max_size=6))
@settings(max_examples=200, deadline=None)
def test_what_bmf_can_hold_comes_back(rows):
    run = make_run("", {
        Key(Benchmark("bmf", name), metric): {"value": cell["value"]}
        | (dict(zip(("lo", "hi"), sorted(cell["bounds"]), strict=True)) if "bounds" in cell else {})
        for (name, metric), cell in rows.items()
    })  # fmt: skip
    back = reread(run)
    assert set(back.columns.keys) == set(run.columns.keys)
    for mine, theirs in figure_pairs(run, back):
        assert theirs == pytest.approx(mine, rel=1e-14, abs=0)
    kinds = {key.metric.name: key.metric.unit for key in back.columns.keys}
    assert all(kinds[metric.name] == metric.unit for _, metric in rows)
    assert reread(back).columns.keys == back.columns.keys


def figure_pairs(one, other):
    places = {key: row for row, key in enumerate(other.columns.keys)}
    for row, key in enumerate(one.columns.keys):
        yield dict(one.columns.result(row).stats), dict(other.columns.result(places[key]).stats)


@given(runs())
@settings(max_examples=150, deadline=None)
def test_any_run_goes_out_as_valid_json_or_is_refused(run):
    try:
        content = written(run)
    except UsageError:
        return
    figures_of = [row for row in range(len(run.columns)) if set(run.columns.result(row).stats) & set(CENTRES)]
    assert sum(map(len, content.values())) <= len(figures_of)
    for named in content.values():
        for metric in named.values():
            assert np.isfinite(list(metric.values())).all()
            assert next(iter(metric)) == "value"
