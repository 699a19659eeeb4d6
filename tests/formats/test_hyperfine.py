"""hyperfine's exports: two real ones, parameters, failures."""

import json
from math import inf, nan

import numpy as np
import pytest

from regress.formats import FORMATS, Document
from regress.model import Direction

from .samples import TESTDATA, document, fault, figures, gaps, hyperfine_result, only, read_all

REAL = TESTDATA / "hyperfine" / "1.15.0"


def result(**fields):
    return {"results": [hyperfine_result(**fields)]}


@pytest.mark.parametrize(
    ("name", "results", "failed"),
    [("startup.json", 2, 0), ("params.json", 4, 0), ("fails.json", 2, 1), ("one.json", 1, 0)],
)
def test_every_real_file_is_read_whole(name, results, failed):
    item = Document.of(REAL / name)
    run = only(item)
    assert [each for each in FORMATS if FORMATS[each].detect(item) >= 0.5] == ["hyperfine"]
    names = [key.metric.name for key in run.columns.keys]
    assert names == ["time", "user_time", "system_time"] * (results - failed)
    assert len(run.gaps) == failed
    assert run.started_at is None
    assert run.warnings
    raw = [entry for entry in json.loads(item.data)["results"] if not any(entry["exit_codes"])]
    for row, entry in zip(range(0, len(names), 3), raw, strict=True):
        found = dict(run.columns.result(row).stats)
        times = np.array(entry["times"])
        assert run.samples[row].tolist() == entry["times"]
        assert found.pop("n") == len(times)
        assert (found.pop("q1"), found.pop("q3")) == tuple(np.quantile(times, (0.25, 0.75)))
        assert found.pop("sd", None) == entry["stddev"]
        assert found == {name: entry[name] for name in ("mean", "median", "min", "max")} | {"iterations": 1.0}
        assert run.columns.result(row + 1).stats == {"mean": entry["user"]}
        assert run.columns.result(row + 2).stats == {"mean": entry["system"]}


def test_parameters_of_a_real_file():
    run = only(Document.of(REAL / "params.json"))
    benchmarks = [key.benchmark for key in run.columns.keys if key.metric.name == "time"]
    assert {each.name for each in benchmarks} == {"{tool} {n}"}
    assert [each.variant for each in benchmarks] == [
        "[n=10,tool=echo]", "[n=1000,tool=echo]", "[n=10,tool=printf]", "[n=1000,tool=printf]",
    ]  # fmt: skip
    assert benchmarks[1].params == (("n", "1000"), ("tool", "echo"))


def test_a_command_that_failed_has_no_time():
    run = only(Document.of(REAL / "fails.json"))
    assert gaps(run) == {"fails": "failed"}
    assert run.gaps[0].reason == "2 of 2 runs ended with exit code 2"
    assert set(figures(run)) == {"lists"}
    assert only(result(exit_codes=[0, None, 0])).gaps[0].reason == "1 of 3 runs ended by a signal"


@pytest.mark.parametrize(
    ("command", "params", "name"),
    [
        ("echo 10", {"n": "10"}, "echo {n}"),
        ("make -j4 all", {"n": "4"}, "make -j{n} all"),
        ("make -j 4 x4", {"n": "4"}, "make -j {n} x4"),
        ("sleep 0.5 1.5", {"t": "0.5"}, "sleep {t} 1.5"),
        ("sleep 1.5", {"t": "5"}, "sleep 1.5"),
        ("sort --size=10 f10", {"n": "10"}, "sort --size={n} f10"),
        ("cc -O2 a.c", {"level": "2", "file": "a.c"}, "cc -O{level} {file}"),
        ("named", {"n": "10"}, "named"),
        ("a b", {"x": "", "y": "-"}, "a b"),
        ("x {y}", {"a": "x", "b": "y"}, "{a} {{b}}"),
        ("run $(x) [y", {"a": "$(x)"}, "run {a} [y"),
    ],
)
def test_values_are_put_back_into_braces(command, params, name):
    (key, *_) = only(result(command=command, parameters=params)).columns.keys
    assert key.benchmark.name == name
    assert dict(key.benchmark.params) == params


def test_memory_is_a_metric():
    run = only(result())
    row = [key.metric.name for key in run.columns.keys].index("rss_peak")
    assert run.columns.keys[row].metric.unit == "B"
    assert run.columns.keys[row].metric.direction is Direction.LOWER
    assert run.samples[row].tolist() == [1024, 2048, 4096]
    for unmeasured in ([0, 0, 0], [], None):
        assert "rss_peak" not in figures(only(result(memory_usage_byte=unmeasured)))["sleep 1"]


def test_percentiles_of_many_runs():
    times = [float(i) for i in range(1, 101)]
    assert only(result(times=times, exit_codes=[0] * 100)).quantiles == {0: ((0.95, 95.05),)}


def test_a_single_run_has_no_deviation():
    run = only(result(times=[2.0], exit_codes=[0], stddev=0.0))
    assert "sd" not in run.columns.result(0).stats


def test_without_the_times_the_statistics_are_taken():
    plain = hyperfine_result()
    del plain["times"]
    run = only({"results": [plain]})
    assert not run.samples.get(0, ())
    assert run.columns.result(0).stats == {
        "mean": 2.0, "median": 2.0, "min": 1.0, "max": 3.0, "sd": 1.0, "n": 3.0, "iterations": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "no list of results"),
        ({"results": {}}, "no list of results"),
        ({"results": []}, "no results"),
        ({"results": [{"mean": 1.0}]}, "no command"),
    ],
)
def test_what_is_no_export_says_why(content, words):
    assert words in fault(content, format="hyperfine").what


@pytest.mark.parametrize("times", [["x"], [1.0, inf], [nan], {"a": 1}])
def test_odd_times_are_a_fault_and_the_rest_is_read(times):
    (run,), (bad,) = read_all(result(times=times))
    assert "not all numbers" in bad.what
    assert figures(run)["sleep 1"]["time"]["mean"] == 2.0


def test_the_same_command_twice_is_a_fault():
    (run,), (bad,) = read_all({"results": [hyperfine_result(), hyperfine_result(mean=9.0)]})
    assert "came before" in bad.what
    assert figures(run)["sleep 1"]["time"]["mean"] == 2.0


def test_nothing_measured_is_a_gap():
    empty = dict.fromkeys(("mean", "median", "min", "max", "stddev", "times"))
    assert gaps(only(result(**empty))) == {"sleep 1": "failed"}


def test_it_is_cut_anywhere():
    raw = (REAL / "one.json").read_bytes().rstrip()
    for cut in range(len(raw)):
        assert fault(document(raw[:cut]), format="hyperfine")
    for cut in range(raw.index(b'"min"'), len(raw)):
        assert "cut short" in fault(document(raw[:cut])).what
