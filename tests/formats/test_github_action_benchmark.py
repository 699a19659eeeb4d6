"""github-action-benchmark's histories and custom lists: real ones of ten tools, and every oddity."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.formats import FORMATS, Document, detect, documents, read, source_digest
from regress.formats.fields import split_id
from regress.formats.github_action_benchmark import GithubActionBenchmark
from regress.model import TIME, Bad, Direction, Run

from .samples import COMMIT, TESTDATA, data_js, document, entry, fault, figures, gaps, only, pytest_file, read_all
from .samples import benchmark as pytest_entry
from .strategies import spoiled

REAL = TESTDATA / "github-action-benchmark"
OTHER = "f" * 40
NAME = "t.py::test_a"


def script(content, before=b"window.BENCHMARK_DATA = ", after=b""):
    return document(before + json.dumps(content).encode() + after, path="bench/data.js")


def listed(run):
    """The list that an entry was in."""
    return dict(run.environment.key)["name"]


def one(tool, unit, value=8.0, name="b", **more):
    """The one row of an entry: its metric and its figures."""
    run = only(data_js(entry({"name": name, "value": value, "unit": unit} | more, tool=tool)))
    return run.columns.keys[0].metric, dict(run.columns.result(0).stats), run


@pytest.mark.parametrize(
    ("name", "counts", "points"),
    [
        ("pypdf", {"CPython Benchmark": 4, "PyPy 3.11 Benchmark": 2}, 25),
        ("ml-instrumentation", {"Python Benchmark with pytest-benchmark": 3}, 12),
        (
            "own",
            {
                "Rust Benchmark": 2, "Criterion.rs Benchmark": 1, "Go Benchmark": 5, "Benchmark.js Benchmark": 3,
                "Python Benchmark with pytest-benchmark": 3, "C++ Benchmark": 1, "Catch2 Benchmark": 3,
                "Julia benchmark result": 1, "Benchmark.Net Benchmark": 1, "JMH Benchmark": 1,
                "Catch2 Benchmark (v3)": 1,
            },
            52,
        ),
    ],
)  # fmt: skip
def test_real_histories_are_read_whole(name, counts, points):
    path = REAL / name / "data.js"
    assert detect(Document.of(path)) is FORMATS["github-action-benchmark"]
    runs, faults = read_all(Document.of(path))
    assert not faults
    raw = json.loads(path.read_text().removeprefix("window.BENCHMARK_DATA = "))["entries"]
    assert {label: len(entries) for label, entries in raw.items()} == counts
    assert [listed(run) for run in runs] == [label for label, entries in raw.items() for _ in entries]
    assert sum(len(run.columns) for run in runs) == points
    for run, content in zip(runs, [content for entries in raw.values() for content in entries], strict=True):
        assert run.commit == content["commit"]["id"]
        assert run.started_at.timestamp() == content["date"] / 1000
        assert run.committed_at == datetime.fromisoformat(content["commit"]["timestamp"]).astimezone(UTC)
        assert not run.growing
        for row, key in enumerate(run.columns.keys):  # every figure of a time is that of the file, in seconds
            stats = run.columns.result(row).stats
            (bench,) = [b for b in content["benches"] if b["name"] == key.benchmark.full][:1] or [None]
            if bench and content["tool"] == "pytest":
                assert stats["mean"] == pytest.approx(1 / bench["value"], rel=1e-15)
                assert f"stddev: {stats['sd']}" == f"stddev: {float(bench['range'].removeprefix('stddev: '))}"
                assert bench["extra"].endswith(f"rounds: {stats['n']:.0f}")


def test_a_real_entry_in_detail():
    runs, _ = read_all(Document.of(REAL / "pypdf" / "data.js"))
    first, again, third, *_ = runs
    assert first.commit == "1305df628fc63ed70829902edf934ab186b112c7"
    assert first.source.tool == "pytest-benchmark"
    key = first.columns.keys[0]
    assert (key.benchmark.suite, key.benchmark.full) == ("pytest-benchmark", "tests/bench.py::test_page_operations")
    assert (key.metric.unit, key.metric.direction) == ("s", Direction.LOWER)
    assert first.columns.result(0).stats == {"mean": 1.0724763806, "sd": 0.004305996984652197, "n": 5}
    assert "pull request" in first.warnings[0]  # its URL says so; those of the others do not
    assert not again.warnings
    assert (again.commit, again.environment) == (third.commit, third.environment)
    assert again.digest() != third.digest()  # measured twice
    assert len({run.environment.digest for run in runs}) == 2


def test_the_series_are_those_of_the_tools_own_files():
    names = ["t.py::a", "t.py::b[x]", "t.py::C::c[x[1]-y]", "t.py::d[<o at 0x7f00>]"]
    own = only(pytest_file(*map(pytest_entry, names)))
    benches = [{"name": name, "value": 1.0, "unit": "iter/sec"} for name in names]
    assert only(data_js(entry(*benches))).columns.keys == own.columns.keys
    assert split_id("t.py::b[x]") == ("t.py::b", "[x]")


def test_the_mean_is_taken_from_extra_where_both_agree():
    def mean(value, extra):
        return one("pytest", "iter/sec", value, NAME, extra=extra)[1]["mean"]

    exact = 0.006809556758044685
    assert 1 / (1 / exact) != exact
    assert mean(1 / exact, "mean: 6.8095567580446845 msec\nrounds: 3") == exact
    for unit, scale in (("sec", 1.0), ("msec", 1e3), ("usec", 1e6), ("nsec", 1e9)):
        for said in (n / 7 for n in range(8, 60)):
            assert mean(1 / (said / scale), f"mean: {said!r} {unit}") == said / scale
    assert mean(0.25, "mean: 5 sec\nrounds: 3") == 4.0  # it differs
    assert mean(0.25, "mean: 4.0.0 sec") == mean(0.25, "mean: 4 hours") == mean(0.25, "") == 4.0


def test_the_deviation_of_a_single_round_says_nothing():
    def stats(extra, **more):
        return one("pytest", "iter/sec", 4.0, NAME, extra=extra, **more)[1]

    assert stats("rounds: 1", range="stddev: 0") == {"mean": 0.25, "n": 1}
    assert stats("rounds: 0", range="stddev: 0.5") == {"mean": 0.25, "sd": 0.5}
    assert stats("", range="stddev: NaN") == stats("rounds: many", range="0.5") == {"mean": 0.25}
    assert stats("", range="stddev: 8.7e-7") == {"mean": 0.25, "sd": 8.7e-7}


@pytest.mark.parametrize(
    ("tool", "unit", "more", "metric", "direction", "expected"),
    [
        ("cargo", "ns/iter", {"range": "± 3"}, "time", "lower", {"value": 8e-9}),
        ("cargo", "cycles/iter", {"range": "± 3"}, "value", "lower", {"value": 8}),
        ("cargo", "MS/s", {}, "value", "higher", {"value": 8}),
        ("go", "ns/op", {"extra": "30 times\n4 procs"}, "time", "lower", {"value": 8e-9, "iterations": 30}),
        ("go", "B/op", {}, "B/op", "lower", {"value": 8}),
        ("go", "MB/s", {}, "MB/s", "higher", {"value": 8}),
        ("go", "", {}, "value", "unknown", {"value": 8}),
        ("benchmarkjs", "ops/sec", {"extra": "91 samples"}, "throughput", "higher", {"value": 8, "n": 91}),
        ("googlecpp", "us/iter", {"extra": "iterations: 5\ncpu: 7"}, "time", "lower", {"value": 8e-6, "iterations": 5}),
        (
            "catch2", "us", {"range": "± 362", "extra": "100 samples\n2 iterations"}, "time", "lower",
            {"mean": 8e-6, "n": 100, "iterations": 2},
        ),
        ("julia", "ns", {"extra": "gctime=0\nmemory=0"}, "time", "lower", {"value": 8e-9}),
        ("jmh", "ops/s", {"extra": "iterations: 3\nforks: 1"}, "throughput", "higher", {"value": 8}),
        ("jmh", "ops/ms", {}, "throughput", "higher", {"value": 8000}),
        ("jmh", "us/op", {}, "time", "lower", {"value": 8e-6}),
        ("benchmarkdotnet", "ns", {"range": "± 0.5"}, "time", "lower", {"mean": 8e-9, "sd": 5e-10}),
        ("benchmarkluau", "ms", {"range": "±0.6%", "extra": "luau"}, "time", "lower", {"value": 8e-3}),
        ("customBiggerIsBetter", "req/s", {}, "throughput", "higher", {"value": 8}),
        ("customBiggerIsBetter", "ms", {"range": "3"}, "time", "higher", {"value": 8e-3}),
        ("customSmallerIsBetter", "KiB", {"range": 3}, "value", "lower", {"value": 8192}),
        ("customSmallerIsBetter", "errors/s", {}, "value", "lower", {"value": 8}),
        ("another", "Megabytes", {}, "value", "unknown", {"value": 8}),
        ("", "ms", {}, "time", "unknown", {"value": 8e-3}),
    ],
)  # fmt: skip
def test_what_each_tool_says(tool, unit, more, metric, direction, expected):
    found, stats, run = one(tool, unit, **more)
    assert (found.name, found.direction) == (metric, direction)
    assert stats == pytest.approx(expected)
    assert run.columns.keys[0].benchmark.suite == (tool or "github-action-benchmark")
    assert run.level is None


def test_the_interval_of_benchmark_js_is_that_of_the_mean_time():
    metric, stats, run = one("benchmarkjs", "ops/sec", range="±25%")
    assert (metric.unit, stats, run.level) == ("1/s", {"value": 8, "lo": 6.4, "hi": 8 / 0.75}, 0.95)
    assert one("benchmarkjs", "ops/sec", range="25%")[1] == stats  # as its first version wrote it
    assert one("benchmarkjs", "ops/sec", range="±100%")[1] == {"value": 8}
    assert one("benchmarkjs", "ops/sec", range="±2")[1] == {"value": 8}


def test_metrics_of_go_go_together_and_the_copy_is_left_out():
    benches = [
        {"name": "BenchmarkA", "value": 5, "unit": "ns/op\t 64 B/op", "extra": "3 times"},
        {"name": "BenchmarkA - ns/op", "value": 5, "unit": "ns/op", "extra": "3 times"},
        {"name": "BenchmarkA - B/op", "value": 64, "unit": "B/op", "extra": "3 times"},
    ]
    run = only(data_js(entry(*benches, tool="go")))
    assert figures(run) == {
        "BenchmarkA": {"time": {"value": 5e-9, "iterations": 3}, "B/op": {"value": 64, "iterations": 3}}
    }


def test_a_suite_that_is_given_takes_the_place_of_the_tool():
    run = only(data_js(entry()), suite="mine")
    assert {key.benchmark.suite for key in run.columns.keys} == {"mine"}
    assert figures(run) == figures(only(data_js(entry())))


def test_only_an_entry_that_is_the_very_same_is_left_out():
    later = entry() | {"date": 1700000009000}
    runs, faults = read_all(data_js(entry(), entry(), later, entry(id=OTHER)))
    assert not faults
    assert [(run.commit, run.started_at.second) for run in runs] == [(COMMIT, 21), (COMMIT, 29), (OTHER, 21)]
    content = data_js(entry())
    content["entries"]["macOS"] = [entry()]
    assert len(read_all(content)[0]) == 2  # another place


def test_a_file_that_has_grown_yields_the_old_runs_and_the_new_one():
    def digests(content):
        return [run.digest() for run in read_all(content)[0]]

    old = [entry(), entry(id=OTHER)]
    before, after = data_js(*old), data_js(*old, entry(id="a" * 40)) | {"lastUpdate": 1}
    assert digests(after)[:2] == digests(before) == digests(before)
    assert source_digest(script(after)) != source_digest(script(before))
    assert digests(data_js(*old[1:], entry(id="a" * 40))) == digests(after)[1:]  # the action keeps the last ones only


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"window.BENCHMARK_DATA = ", b""), (b"window.BENCHMARK_DATA=", b";"), (b"", b""), (b"\n", b"\n"),
        (b"\xef\xbb\xbfwindow.BENCHMARK_DATA =\n", b" ;\n"), (b"\xef\xbb\xbf", b""),
    ],
)  # fmt: skip
def test_the_script_may_be_json_alone(before, after):
    item = script(data_js(entry()), before, after)
    assert detect(item) is FORMATS["github-action-benchmark"]
    assert only(item).digest() == only(data_js(entry())).digest()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"window.BENCHMARK_DATA = ", b"; alert(1)"), (b"window.BENCHMARK_DATA = ", b";;"),
        (b"window.BENCHMARK_DATA = f(", b")"), (b"window.BENCHMARK_DATA = window.BENCHMARK_DATA = ", b""),
        (b"window.BENCHMARK_DATA = ", b"\nwindow.BENCHMARK_DATA.entries = {}"),
    ],
)  # fmt: skip
def test_any_other_script_is_refused(before, after):
    assert "not JSON" in fault(script(data_js(entry()), before, after)).what


def test_a_fault_is_told_where_it_stands_in_the_script():
    assert "column 29" in fault(document(b'window.BENCHMARK_DATA = {"a"? 1}')).what


def test_a_real_file_cut_short_anywhere_is_one_fault():
    whole = b"window.BENCHMARK_DATA = " + json.dumps(data_js(entry())).encode() + b";"
    for cut in range(len(whole) - 1):
        assert fault(document(whole[:cut], path="data.js"))
        forced = fault(document(whole[:cut], path="data.js"), format="github-action-benchmark")
        assert cut < 25 or "cut short" in forced.what
    assert only(document(whole[:-1]))


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_no_real_entry_that_is_spoiled_raises(data):
    content = json.loads((REAL / "own" / "data.js").read_text().removeprefix("window.BENCHMARK_DATA = "))
    label = data.draw(st.sampled_from(sorted(content["entries"])))
    some = content | {"entries": {label: content["entries"][label][-2:]}}
    read_all(data.draw(spoiled(some)), format="github-action-benchmark")


@pytest.mark.parametrize(
    ("bench", "what"),
    [
        ({"value": 1, "unit": "s"}, "no name"),
        ("text", "no name"),
        ({"name": " "}, "no name"),
        ({"name": "a", "unit": "s"}, "no number"),
        ({"name": "a", "unit": "s", "value": True}, "no number"),
        ({"name": "a", "unit": "s", "value": "fast"}, "no number"),
        ({"name": "a", "unit": "s", "value": 10**400}, "no number"),
        ({"name": "a", "unit": "h", "value": 1e308}, "cannot be"),
        ({"name": "a", "unit": "iter/sec", "value": 0}, "cannot be"),
        ({"name": "a", "unit": "iter/sec", "value": -1}, "cannot be"),
        ({"name": "a", "unit": "iter/sec", "value": 5e-324}, "cannot be"),
        ({"name": "t.py::test_a", "unit": "iter/sec", "value": 1}, "came before"),
    ],
)
def test_a_bad_benchmark_is_one_fault_and_the_others_are_read(bench, what):
    good = entry()["benches"][0]
    (run,), (bad,) = read_all(data_js(entry(good, bench)))
    assert list(figures(run)) == [NAME]
    assert what in bad.what
    assert "Linux, entry 1" in bad.where
    runs, faults = read_all(data_js(entry(bench, bench) if "came" in what else entry(bench)))
    assert (len(runs), len(faults)) == ((1, 1) if "came" in what else (0, 1))


def test_null_is_a_benchmark_that_failed_and_a_text_may_be_a_number():
    run = only(data_js(entry({"name": "a", "unit": "s", "value": None}, {"name": "b", "unit": "s", "value": " 2.5 "})))
    assert gaps(run) == {"a": "failed"}
    assert figures(run) == {"b": {"time": {"value": 2.5}}}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({"entries": []}, "no entries"),
        ({"entries": {}}, "no runs"),
        ({"entries": {"a": []}}, "no runs"),
        ({"entries": {"a": {"b": 1}}}, "no list"),
        (data_js("text"), "no list of benches"),
        (data_js(entry() | {"benches": None}), "no list of benches"),
        (data_js(entry() | {"benches": []}), "no benchmark"),
        (data_js(entry(id="prev commit id")), "no commit"),
        (data_js(entry() | {"commit": None}), "no commit"),
        ([], "no benchmark"),
    ],
)
def test_what_holds_no_run_says_why(content, what):
    assert what in fault(content, format="github-action-benchmark").what


def test_a_bad_entry_does_not_hide_the_others():
    runs, (bad,) = read_all(data_js(entry(), 5, entry(id=OTHER)))
    assert [run.commit for run in runs] == [COMMIT, OTHER]
    assert "entry 2" in bad.where


def test_what_is_not_known_of_an_entry_stays_unknown():
    run = only(data_js({"commit": {"id": COMMIT}, "benches": [{"name": "a", "value": 1, "unit": "x"}]}))
    assert (run.started_at, run.committed_at) == (None, None)
    assert "when it was measured" in run.warnings[0]
    odd = only(data_js(entry(timestamp="dummy") | {"date": 1e300}))
    assert (odd.started_at, odd.committed_at) == (None, None)


def test_one_commit_for_a_whole_history_is_refused():
    history = data_js(entry(), entry(id=OTHER))
    for option in ({"commit": "a" * 40}, {"head": "a" * 40}):
        bad = fault(history, **option)
        assert "2 commits" in bad.what
        assert "leave the commit out" in bad.hint
    assert only(data_js(entry(id="prev commit id")), commit=OTHER).commit == OTHER


@pytest.mark.parametrize("name", ["bigger", "smaller"])
def test_a_custom_list_has_no_commit_and_no_direction_of_its_own(name):
    path = REAL / "custom" / f"{name}.json"
    run = only(Document.of(path))
    assert (run.commit, run.started_at, dict(run.environment.key)) == ("", None, {})
    assert {key.metric.direction for key in run.columns.keys} == {Direction.UNKNOWN}
    assert len(run.columns) == len(json.loads(path.read_text()))
    suite = f"custom{name.title()}IsBetter"
    said = only(Document.of(path), suite=suite, commit=COMMIT)
    direction = {"bigger": Direction.HIGHER, "smaller": Direction.LOWER}[name]
    assert {key.metric.direction for key in said.columns.keys} == {direction}
    in_history = only(data_js(entry(*json.loads(path.read_text()), tool=suite)))
    assert said.columns.keys == in_history.columns.keys


def test_figures_of_a_custom_list():
    run = only(Document.of(REAL / "custom" / "smaller.json"))
    assert figures(run) == {
        "Server - CPU Load": {"value": {"value": 50}},
        "Log a line": {"time": {"value": pytest.approx(90.9439e-9)}},
        "Memory Used": {"value": {"value": 100}},
    }
    assert {key.metric.unit for key in run.columns.keys} == {"Percent", "s", "Megabytes"}
    own = only(Document.of(REAL / "custom" / "bigger.json"), suite="mine")
    assert {key.benchmark.suite for key in own.columns.keys} == {"mine"}
    assert {key.metric.direction for key in own.columns.keys} == {Direction.UNKNOWN}


@pytest.mark.parametrize(
    "content",
    [
        [], [1], [{"name": "x"}], [{"value": 1}], {"entries": {}}, {"name": "a", "unit": "s", "value": 1},
        [{"method": "GET", "name": "/", "num_requests": 3}], [{"benchmark": "a", "primaryMetric": {"scoreUnit": "s"}}],
    ],
)  # fmt: skip
def test_other_json_is_not_taken_for_its_own(content):
    assert GithubActionBenchmark().detect(document(content)) < 0.5


def test_a_folder_walk_finds_a_history(tmp_path):
    (tmp_path / "dev" / "bench").mkdir(parents=True)
    (tmp_path / "dev" / "bench" / "data.js").write_bytes((REAL / "pypdf" / "data.js").read_bytes())
    (tmp_path / "dev" / "bench" / "index.html").write_text("<html>")
    (item,) = documents([str(tmp_path)])
    assert not isinstance(item, Bad)
    assert sum(isinstance(found, Run) for found in read(item)) == 6


def test_time_is_the_metric_of_all_tools():
    assert one("cargo", "ns/iter")[0] == one("pytest", "iter/sec")[0] == TIME
