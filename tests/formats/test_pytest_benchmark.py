"""pytest-benchmark's saved runs, of four versions and of every oddity."""

import json
import time
from datetime import UTC, datetime
from math import inf, nan

import numpy as np
import pytest

from regress.formats import Document
from regress.model import TIME, Direction, Kind

from .samples import TESTDATA, benchmark, fault, figures, gaps, only, pytest_file, read_all

REAL = TESTDATA / "pytest-benchmark"
NAME = "tests/test_a.py::test_a"


def stats(**changes):
    return benchmark(stats=benchmark()["stats"] | changes)


@pytest.mark.parametrize(
    ("path", "times", "extras", "samples"),
    [
        ("3.2.3/data.json", 12, 3, 5),
        ("4.0.0/data.json", 12, 3, 5),
        ("5.1.0/data.json", 12, 3, 5),
        ("5.3.1/data.json.xz", 12, 3, 5),
        ("5.3.1/plain.json", 16, 3, 0),
        ("5.3.1/dirty-cprofile.json", 4, 0, 0),
    ],
)
def test_every_version_is_read_whole(path, times, extras, samples):
    run = only(Document.of(REAL / path))
    names = [key.metric.name for key in run.columns.keys]
    assert names.count("time") == times
    assert len(names) == times + extras
    assert len(run.samples) == samples
    assert run.source.tool_version == path.split("/")[0]
    assert run.commit == "9b14cb3351e485b4aa5bf64f7029aa597e286083"
    assert run.ref == "main"
    assert run.dirty == ("dirty" in path)
    assert run.started_at.utcoffset().total_seconds() == 0
    assert run.committed_at == datetime(2026, 11, 20, 13, 32, 17, tzinfo=UTC)
    assert dict(run.environment.key) == {"arch": "x86_64", "python": "CPython 3.11", "system": "Linux"}
    assert run.environment.host == "vm"
    facts = dict(run.environment.facts)
    assert facts["python"] == "3.11.7"
    if not path.startswith("3"):  # which knew no processor
        assert (facts["cpu"], facts["cores"]) == ("AMD EPYC", "2")
    assert not run.growing


def test_all_versions_of_one_suite_have_the_same_keys():
    first, *others = (only(Document.of(path)) for path in sorted(REAL.glob("*/data.json*")))
    for other in others:
        assert other.columns.keys == first.columns.keys
        assert other.environment == first.environment


def test_a_real_benchmark_in_detail():
    path = REAL / "4.0.0" / "data.json"
    run = only(Document.of(path))
    raw = {entry["fullname"]: entry for entry in json.loads(path.read_text())["benchmarks"]}
    name = "test_text.py::test_json[list-1000]"
    row = next(i for i, key in enumerate(run.columns.keys) if key.benchmark.full == name)
    key, source = run.columns.keys[row], raw[name]["stats"]
    assert (key.benchmark.name, key.benchmark.variant) == ("test_text.py::test_json", "[list-1000]")
    assert key.benchmark.params == (("kind", "list"), ("n", "1000"))
    assert run.columns.result(row).stats == {
        "min": source["min"], "q1": source["q1"], "median": source["median"], "q3": source["q3"],
        "mean": source["mean"], "max": source["max"], "sd": source["stddev"], "n": source["rounds"], "iterations": 1,
    }  # fmt: skip
    assert run.samples[row].tolist() == source["data"]
    assert run.quantiles[row] == ((0.95, float(np.quantile(source["data"], 0.95))),)
    rows = figures(run)
    assert rows["test_text.py::test_sha256"]["peak_kib"] == {"value": 123.5}
    assert "sd" not in rows["test_text.py::TestZlib::test_single_round"]["time"]
    odd = next(key for key in run.columns.keys if key.benchmark.variant == "[o]")
    assert odd.benchmark.params == ()  # an object's repr holds an address
    group = {key.benchmark.full: key.benchmark.group for key in run.columns.keys}
    assert (group["test_text.py::test_md5"], group[name]) == ("hash", "")


def test_percentiles_need_single_calls_and_enough_of_them():
    def quantiles(count, iterations=1):
        data = [float(i) for i in range(count)]
        content = stats(data=data, rounds=count, iterations=iterations)
        return only(pytest_file(content)).quantiles.get(0, ())

    assert quantiles(99) == ()
    assert quantiles(100) == ((0.95, 94.05),)
    assert [q for q, _ in quantiles(499)] == [0.95]
    assert [q for q, _ in quantiles(500)] == [0.95, 0.99]
    assert quantiles(500, iterations=2) == ()


def test_a_profile_is_kept_beside_the_time():
    run = only(Document.of(REAL / "5.3.1" / "dirty-cprofile.json"))
    assert set(run.attachments) == {0, 1, 2, 3}
    rows = json.loads(run.attachments[0])["cprofile"]
    assert 0 < len(rows) <= 25
    costs = [row["cumtime"] for row in rows]
    assert costs == sorted(costs, reverse=True)


@pytest.mark.parametrize(
    ("fullname", "param", "name", "variant"),
    [
        ("t.py::a", None, "t.py::a", ""),
        ("t.py::a[x]", "x", "t.py::a", "[x]"),
        ("t.py::a[x]", None, "t.py::a", "[x]"),
        ("t.py::a[x[1]]", "x[1]", "t.py::a", "[x[1]]"),
        ("t.py::a[x[1]]", None, "t.py::a", "[x[1]]"),
        ("t.py::a[][]", "][", "t.py::a", "[][]"),
        ("t.py::a[b::c]", None, "t.py::a", "[b::c]"),
        ("d[1]/t.py::C::a[x]", None, "d[1]/t.py::C::a", "[x]"),
        ("d[1]/t.py::C::a", None, "d[1]/t.py::C::a", ""),
        ("t.py::a[x]", "other", "t.py::a", "[x]"),
        ("t.py::a[<f at 0x7fa3>]", "<f at 0x7fa3>", "t.py::a", "[<f at 0x…>]"),
        ("t.py::a[]", "", "t.py::a", "[]"),
        ("t.py::a[1][x]", "x", "t.py::a[1]", "[x]"),
        ("a]", None, "a]", ""),
        ("[a]", None, "[a]", ""),
    ],
)
def test_names_and_ids(fullname, param, name, variant):
    (key,) = only(pytest_file(benchmark(fullname, param=param))).columns.keys
    assert (key.benchmark.name, key.benchmark.variant) == (name, variant)


def test_params_are_short_texts():
    params = {
        "n": 10, "flag": True, "none": None, "list": [1, "a"], "text": "x" * 999,
        "odd": "UNSERIALIZABLE[<object object at 0x7f>]", "address": "<f at 0x7f>",
    }  # fmt: skip
    (key,) = only(pytest_file(benchmark(params=params))).columns.keys
    found = dict(key.benchmark.params)
    assert len(found.pop("text")) == 120
    assert found == {"n": "10", "flag": "true", "none": "null", "list": '[1, "a"]'}


def test_extra_info_becomes_metrics():
    extra = {
        "size": 3,
        "deep": {"er": {"x": 1.5}},
        "list": [1],
        "flag": True,
        "text": "1",
        "time": 9,
        "regress": {"a": 1},
    }
    run = only(pytest_file(benchmark(extra_info=extra)))
    rows = figures(run)[NAME]
    assert {name: row for name, row in rows.items() if name != "time"} == {
        "size": {"value": 3.0}, "deep.er.x": {"value": 1.5}, "extra.time": {"value": 9.0},
    }  # fmt: skip
    assert rows["time"]["median"] == 2.0
    metric = next(key.metric for key in run.columns.keys if key.metric.name == "size")
    assert (metric.unit, metric.direction, metric.kind) == ("1", Direction.UNKNOWN, Kind.NOISY)


@pytest.mark.parametrize("value", [inf, -inf, 10**400])
def test_an_extra_figure_that_is_infinite_is_a_fault(value):
    (run,), (bad,) = read_all(pytest_file(benchmark(extra_info={"size": value, "ok": 1})))
    assert set(figures(run)[NAME]) == {"time", "ok"}
    assert "size" in bad.what


def test_an_extra_figure_that_is_nan_is_skipped():
    run = only(pytest_file(benchmark(extra_info={"size": nan})))
    assert [(gap.key.metric.name, gap.status) for gap in run.gaps] == [("size", "skipped")]


def test_one_name_for_two_extra_figures_is_a_fault():
    (run,), (bad,) = read_all(pytest_file(benchmark(extra_info={"a.b": 1, "a": {"b": 2}})))
    assert figures(run)[NAME]["a.b"] == {"value": 1.0}
    assert "twice" in bad.what


def test_endless_extra_info_is_cut():
    (run,), (bad,) = read_all(pytest_file(benchmark(extra_info={f"x{i}": i for i in range(1500)})))
    assert len(run.columns) == 1001
    assert "1000" in bad.what


def test_a_name_that_came_before_is_a_fault():
    (run,), (bad,) = read_all(pytest_file(benchmark(), benchmark(stats={"min": 9.0}), benchmark("t.py::b")))
    assert len(run.columns) == 2
    assert figures(run)[NAME]["time"]["min"] == 1.0
    assert "came before" in bad.what
    assert bad.where.endswith(NAME)


def test_an_infinite_figure_is_a_fault_and_left_out():
    (run,), (bad,) = read_all(pytest_file(stats(median=inf)))
    assert "median" not in figures(run)[NAME]["time"]
    assert bad.what == "median is infinite"


@pytest.mark.parametrize("value", [None, nan, "1.0", [], True, 10**400])
def test_a_figure_that_is_none_is_left_out_alone(value):
    run = only(pytest_file(stats(median=value)))
    row = figures(run)[NAME]["time"]
    assert "median" not in row
    assert row["min"] == 1.0


@pytest.mark.parametrize("counts", [{"rounds": 0}, {"rounds": -1}, {"iterations": 0}])
def test_a_count_below_one_is_none(counts):
    row = figures(only(pytest_file(stats(**counts))))[NAME]["time"]
    assert {"rounds": "n", "iterations": "iterations"}[next(iter(counts))] not in row


def test_a_deviation_of_one_round_says_nothing():
    assert "sd" not in figures(only(pytest_file(stats(rounds=1, stddev=0))))[NAME]["time"]
    assert figures(only(pytest_file(stats(rounds=2, stddev=0))))[NAME]["time"]["sd"] == 0


@pytest.mark.parametrize("figures_", [{}, {"rounds": 5, "iterations": 1}, {"min": None, "median": nan, "stddev": 1.0}])
def test_stats_without_a_figure_are_a_gap(figures_):
    run = only(pytest_file(benchmark("t.py::b"), benchmark(stats=figures_)))
    assert gaps(run) == {NAME: "failed"}


@pytest.mark.parametrize("entry", [None, 7, [], {}, {"fullname": 3}, benchmark(stats=None), benchmark(stats=[1])])
def test_a_malformed_benchmark_is_a_fault(entry):
    (run,), (bad,) = read_all(pytest_file(entry, benchmark("t.py::b")))
    assert list(figures(run)) == ["t.py::b"]
    assert bad.what


@pytest.mark.parametrize("data", [[1.0, None], [1.0, inf], [1.0, "x"], [10**400]])
def test_faulty_raw_data_are_left_out(data):
    (run,), (bad,) = read_all(pytest_file(stats(data=data)))
    assert not run.samples
    assert len(run.columns) == 1
    assert "data" in bad.what


@pytest.mark.parametrize("commit", [{"id": "unversioned", "time": None}, {"id": "unknown", "error": "x"}, {}, None, []])
def test_without_version_control_there_is_no_commit(commit):
    run = only(pytest_file(benchmark(), commit_info=commit))
    assert (run.commit, run.ref, run.dirty, run.committed_at) == ("", "", False, None)


@pytest.mark.parametrize("branch", ["(detached head)", "(unknown)", None, []])
def test_a_branch_that_is_none(branch):
    content = pytest_file(benchmark())
    content["commit_info"]["branch"] = branch
    assert only(content).ref == ""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-11-20T13:43:53.308440", datetime(2026, 11, 20, 13, 43, 53, 308440, UTC)),
        ("2026-11-20T13:43:53+00:00", datetime(2026, 11, 20, 13, 43, 53, tzinfo=UTC)),
        ("2026-11-20T13:43:53+02:00", datetime(2026, 11, 20, 11, 43, 53, tzinfo=UTC)),
        ("2026-11-20T13:43:53Z", datetime(2026, 11, 20, 13, 43, 53, tzinfo=UTC)),
        ("0001-01-01T00:00:00+23:00", None),
        ("yesterday", None),
        (None, None),
        (1700000000, None),
    ],
)
def test_times_with_and_without_offset(said, expected, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")  # where the tests run makes no difference
    time.tzset()
    run = only(pytest_file(benchmark(), datetime=said))
    monkeypatch.undo()
    time.tzset()
    assert run.started_at == expected
    assert bool(run.warnings) == (expected is None)


@pytest.mark.parametrize("machine", [None, [], {}, {"cpu": None}, {"cpu": [], "python_version": 3}])
def test_machines_that_say_nothing(machine):
    assert only(pytest_file(benchmark(), machine_info=machine)).environment.key == ()


def test_other_interpreters():
    machine = {"python_implementation": "PyPy", "python_version": "3.10.14", "cpu": {"brand": "Old CPU"}}
    environment = only(pytest_file(benchmark(), machine_info=machine)).environment
    assert environment.key == (("python", "PyPy 3.10"),)
    assert dict(environment.facts) == {"cpu": "Old CPU", "python": "3.10.14"}


@pytest.mark.parametrize("benchmarks", [None, {}, "x", []])
def test_files_without_benchmarks_are_refused(benchmarks):
    assert "benchmarks" in fault(pytest_file() | {"benchmarks": benchmarks}).what


def test_ops_and_outliers_are_views_and_not_kept():
    run = only(pytest_file(benchmark()))
    assert set(run.columns.stats) == {"min", "q1", "median", "q3", "mean", "max", "sd", "n", "iterations"}
    assert run.columns.keys[0].metric == TIME


# --- what stands beside a test ---


def test_a_marker_is_kept_and_is_no_part_of_the_digest():
    plain = only(pytest_file(benchmark(extra_info={"size": 3})))
    marked = only(pytest_file(benchmark(extra_info={"size": 3, "regress": {"relative": "5%", "n": 4}})))
    assert marked.digest() == plain.digest()
    assert json.loads(marked.attachments[0]) == {"regress": {"relative": "5%", "n": 4}}
    assert marked.columns.keys[0].metric == TIME
    assert marked.warnings[0].startswith(f"{NAME}: regress: n: is not known here")


def test_a_marker_stands_beside_a_profile():
    profile = [{"label": "f", "cumtime": 1.0}]
    run = only(pytest_file(benchmark(cprofile=profile, extra_info={"regress": {"relative": 0.1}})))
    assert json.loads(run.attachments[0]) == {"cprofile": profile, "regress": {"relative": 0.1}}


def test_a_marker_of_a_benchmark_without_a_time_hangs_on_its_first_figure():
    entry = benchmark(stats={"min": None}, extra_info={"size": 3, "regress": {"size": "< 5"}})
    run = only(pytest_file(entry))
    assert run.columns.keys[0].metric.name == "size"
    assert "regress" in run.attachments[0]
    assert run.warnings == ()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (5, "is no table of keys"),
        ({"relative": "much"}, "relative: is not a number"),
        ({"p95": "< " + "9" * 20_000}, "it has more than 10,000 characters and is left out"),
    ],
)
def test_a_bad_marker_is_a_warning_that_names_the_benchmark(raw, said):
    run = only(pytest_file(benchmark(extra_info={"regress": raw})))
    assert len(run.warnings) == 1
    assert run.warnings[0].startswith(f"{NAME}: regress: {said}")


def test_a_marker_without_any_figure_is_told():
    other = benchmark(fullname="tests/test_a.py::test_b")
    run = only(pytest_file(benchmark(stats={"min": None}, extra_info={"regress": {"relative": 0.1}}), other))
    assert run.warnings == (f"{NAME}: regress: it is left out, as the benchmark has no figure",)


def test_many_bad_markers_are_counted():
    entries = [benchmark(fullname=f"t.py::test_{i}", extra_info={"regress": {"x": 1}}) for i in range(25)]
    run = only(pytest_file(*entries))
    assert len(run.warnings) == 21
    assert run.warnings[-1] == "and 5 more warnings about benchmarks"
