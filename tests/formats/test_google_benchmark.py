"""Google Benchmark's reports, of the C++ library and of its Python package: repetitions, aggregates, errors."""

import json
from datetime import UTC, datetime
from math import inf, nan

import numpy as np
import pytest

from regress.formats import FORMATS, Document
from regress.model import Direction

from .samples import TESTDATA, document, fault, figures, gaps, google_entry, google_file, only, read_all

REAL = TESTDATA / "google-benchmark"
NAME = "BM_sort/size:64"


@pytest.mark.parametrize(
    ("path", "measured", "rows", "failed"),
    [
        ("1.7.1/plain.json", 8, 24, "BM_bad"),
        ("1.7.1/repeated.json", 3, 14, "BM_bad"),
        ("1.7.1/aggregates.json", 2, 8, "BM_bad"),
        ("1.9.5/plain.json", 4, 16, "broken"),
        ("1.9.5/repeated.json", 2, 8, "broken"),
        ("1.9.5/aggregates.json", 2, 8, "broken"),
    ],
)
def test_every_real_file_is_read_whole(path, measured, rows, failed):
    item = Document.of(REAL / path)
    run = only(item)
    assert [each for each in FORMATS if FORMATS[each].detect(item) >= 0.5] == ["google-benchmark"]
    assert len({key.benchmark for key in run.columns.keys}) == measured
    assert len(run.columns) == rows
    assert gaps(run) == {failed: "failed"}
    assert run.gaps[0].reason == "no such file"
    raw = json.loads(item.data)
    ran = {entry["run_name"] for entry in raw["benchmarks"] if entry.get("aggregate_name") not in ("BigO", "RMS")}
    assert {key.benchmark.full for key in run.columns.keys} | set(gaps(run)) == ran
    assert run.started_at == datetime.fromisoformat(raw["context"]["date"])
    assert (run.environment.host, run.environment.fact("cores")) == ("box", "2")
    assert run.source.tool_version == raw["context"].get("library_version", "")
    assert bool(run.warnings) == (raw["context"]["library_build_type"] == "debug")


@pytest.mark.parametrize("version", ["1.7.1", "1.9.5"])
def test_repetitions_are_the_samples_of_one_benchmark(version):
    path = REAL / version / "repeated.json"
    run = only(Document.of(path))
    raw = json.loads(path.read_text())["benchmarks"]
    for row, key in enumerate(run.columns.keys):
        field = "real_time" if key.metric.name == "time" else key.metric.name
        factor = {"ns": 1e-9, "us": 1e-6} if field in ("real_time", "cpu_time") else {}
        of = [each for each in raw if each["run_name"] == key.benchmark.full]
        values = [each[field] * factor.get(each["time_unit"], 1.0) for each in of if each["run_type"] == "iteration"]
        assert run.samples[row].tolist() == values
        assert len(values) == run.columns.result(row).stats["n"] == 3
        # What the library calculated of them, which it writes with all its digits.
        told = {each["aggregate_name"]: each[field] * factor.get(each["time_unit"], 1.0) for each in of
                if each["run_type"] == "aggregate"}  # fmt: skip
        stats = run.columns.result(row).stats
        assert np.isclose(stats["mean"], told["mean"], rtol=1e-12)
        assert np.isclose(stats["median"], told["median"], rtol=1e-12)
        assert np.isclose(stats["sd"], told["stddev"], rtol=1e-6, atol=1e-30)


def test_aggregates_serve_where_only_they_are_there():
    rows = figures(only(Document.of(REAL / "1.9.5" / "aggregates.json")))
    raw = json.loads((REAL / "1.9.5" / "aggregates.json").read_text())["benchmarks"]
    told = {each["aggregate_name"]: each for each in raw if each["run_name"] == "sum_small"}
    assert rows["sum_small"]["time"] == {
        "mean": told["mean"]["real_time"] * 1e-9, "median": told["median"]["real_time"] * 1e-9,
        "sd": told["stddev"]["real_time"] * 1e-9, "n": 3.0,
    }  # fmt: skip


def test_an_aggregate_in_percent_is_no_time():
    def aggregate(name, unit):
        return google_entry(run_type="aggregate", aggregate_name=name, aggregate_unit=unit, repetitions=3)

    rows = figures(only(google_file(aggregate("mean", "time"), aggregate("max", "percentage"))))
    assert rows[NAME]["time"] == {"mean": 20.0 * 1e-9, "n": 3.0}


def test_a_real_benchmark_in_detail():
    run = only(Document.of(REAL / "1.9.5" / "plain.json"))
    found = {(key.benchmark.full, key.metric.name): key for key in run.columns.keys}
    key = found["sorted/size:1000/kind:2", "time"]
    assert (key.benchmark.name, key.benchmark.variant) == ("sorted", "/size:1000/kind:2")
    assert key.benchmark.params == (("size", "1000"), ("kind", "2"))
    assert key.benchmark.group == "bench.py"
    rows = figures(run)["sorted/size:1000/kind:2"]
    assert rows["time"]["iterations"] == 1773
    assert rows["time"]["mean"] == pytest.approx(3.9522619618578814e-06, rel=1e-15)
    metrics = {name: (found["sorted/size:1000/kind:2", name].metric) for name in rows}
    assert {name: (metric.unit, metric.direction) for name, metric in metrics.items()} == {
        "time": ("s", Direction.LOWER), "cpu_time": ("s", Direction.LOWER), "depth": ("1", Direction.UNKNOWN),
        "calls": ("1", Direction.UNKNOWN), "items_per_second": ("1/s", Direction.HIGHER),
        "bytes_per_second": ("B/s", Direction.HIGHER),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("run_name", "name", "variant", "params"),
    [
        ("BM_a", "BM_a", "", {}),
        ("BM_a/64", "BM_a", "/64", {}),
        ("BM_a/-1/2.5", "BM_a", "/-1/2.5", {}),
        ("BM_a/x:8/2/real_time/threads:2", "BM_a", "/x:8/2/real_time/threads:2", {"x": "8", "threads": "2"}),
        ("Fixture/Method/8", "Fixture/Method", "/8", {}),
        ("BM_capture/int_string/4", "BM_capture/int_string", "/4", {}),
        ("BM_t<std::pair<a/b, int>>/iterations:10", "BM_t<std::pair<a/b, int>>", "/iterations:10", {}),
        ("BM_t<a/2/b>/3", "BM_t<a/2/b>", "/3", {}),
        ("ns::bench/min_time:0.500/repeats:3", "ns::bench", "/min_time:0.500/repeats:3", {}),
        ("a/ns::b/process_time/manual_time", "a/ns::b", "/process_time/manual_time", {}),
        ("64", "64", "", {}),
        ("/", "/", "", {}),
        ("a at 0x7f00", "a at 0x…", "", {}),
    ],
)
def test_names(run_name, name, variant, params):
    (key, *_) = only(google_file(google_entry(run_name))).columns.keys
    assert (key.benchmark.name, key.benchmark.variant) == (name, variant)
    assert dict(key.benchmark.params) == params


def test_one_repetition_that_failed_fails_the_benchmark():
    bad = google_entry(repetition_index=1, error_occurred=True, error_message="lost")
    run = only(google_file(google_entry(), bad))
    assert gaps(run) == {NAME: "failed"}
    assert not len(run.columns)


def test_a_benchmark_may_be_skipped():
    run = only(google_file(google_entry(skipped=True, skip_message="no GPU")))
    assert (gaps(run), run.gaps[0].reason) == ({NAME: "skipped"}, "no GPU")


@pytest.mark.parametrize("unit", ["ns", "us", "ms", "s"])
def test_time_units(unit):
    factor = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}[unit]
    run = only(google_file(google_entry(time_unit=unit)))
    assert figures(run)[NAME]["time"]["mean"] == 20.0 * factor


def test_iterations_and_percentiles():
    many = [google_entry(repetition_index=i, real_time=float(i + 1), iterations=1) for i in range(100)]
    assert only(google_file(*many)).quantiles[0] == ((0.95, pytest.approx(95.05e-9)),)
    pairs = [google_entry(repetition_index=i, iterations=2) for i in range(100)]
    assert only(google_file(*pairs)).quantiles == {}
    uneven = [google_entry(repetition_index=i, iterations=100 + i) for i in range(2)]
    assert "iterations" not in figures(only(google_file(*uneven)))[NAME]["time"]


def test_before_1_5_aggregates_show_in_their_names():
    def entry(name, value):
        return {"name": name, "iterations": 10, "real_time": value, "cpu_time": value, "time_unit": "ns"}

    suffixes = ["", "", "_mean", "_median", "_stddev"]
    entries = [entry(f"BM_a/8{suffix}", 10.0 + i) for i, suffix in enumerate(suffixes)]
    run = only(google_file(*entries, entry("BM_mean", 7.0)))
    assert set(figures(run)) == {"BM_a/8", "BM_mean"}
    assert run.samples[0].tolist() == [10.0 * 1e-9, 11.0 * 1e-9]
    alone = figures(only(google_file(*entries[2:])))
    assert alone["BM_a/8"]["time"] == {"mean": 12.0 * 1e-9, "median": 13.0 * 1e-9, "sd": 14.0 * 1e-9}.__or__(
        {"n": 10.0}
    )


def test_counters_that_are_named_like_ours():
    rows = figures(only(google_file(google_entry(time=3.0, n=4.0))))[NAME]
    assert rows["counter.time"]["mean"] == 3.0
    assert rows["n"]["mean"] == 4.0
    (run,), (bad,) = read_all(google_file(google_entry(**{"time": 3.0, "counter.time": 4.0})))
    assert "came before" in bad.what
    assert figures(run)[NAME]["counter.time"]["mean"] == 3.0


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_figure_that_is_none_is_left_out(value):
    (run,), faults = read_all(google_file(google_entry(depth=value)))
    assert len(faults) == 1
    assert "depth" not in figures(run)[NAME]
    (run,), _ = read_all(google_file(google_entry(real_time=value)))
    assert gaps(run) == {NAME: "failed"}


def test_an_entry_that_stands_twice_is_said():
    (run,), (bad,) = read_all(google_file(google_entry(), google_entry()))
    assert "more than once" in bad.what
    assert len(run.samples[0]) == 2


def test_warnings():
    run = only(google_file(google_entry(), library_build_type="debug", cpu_scaling_enabled=True, date="today"))
    assert len(run.warnings) == 3
    assert only(google_file(google_entry())).started_at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "no list of benchmarks"),
        (google_file(), "no benchmarks"),
        (google_file({"real_time": 1.0}), "no name"),
        (google_file(None), "no name"),
    ],
)
def test_what_is_no_report_says_why(content, words):
    assert words in fault(content, format="google-benchmark").what


def test_it_is_cut_anywhere():
    raw = (REAL / "1.9.5" / "plain.json").read_bytes().rstrip()
    for cut in range(len(raw)):
        assert fault(document(raw[:cut]), format="google-benchmark")
    for cut in range(raw.index(b'"benchmarks"'), len(raw), 7):
        assert "cut short" in fault(document(raw[:cut])).what
