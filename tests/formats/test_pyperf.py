"""pyperf's suites: what the real tool wrote, and every oddity of its files."""

import gzip
import json
import math
from datetime import UTC, datetime

import numpy as np
import pytest

from regress.formats import FORMATS, Document
from regress.history import History
from regress.model import Direction, Kind

from .samples import TESTDATA, document, fault, figures, gaps, only, pyperf_benchmark, pyperf_file, read_all

REAL = TESTDATA / "pyperf" / "2.10.0"


@pytest.mark.parametrize(
    ("name", "benchmarks", "metrics", "samples"),
    [
        ("timeit.json", 1, {"time", "rss_peak"}, [3 * 2, 3]),
        ("calibrated.json", 1, {"time", "rss_peak"}, [10 * 2, 10]),
        ("command.json", 1, {"time", "rss_peak"}, [2 * 2, 2]),
        ("suite.json.gz", 3, {"time", "rss_peak"}, [2 * 2, 2] * 3),
        ("rss.json", 1, {"peak memory", "rss_peak"}, [2, 2]),
        ("tracemalloc.json", 1, {"peak memory", "rss_peak"}, [2, 2]),
    ],
)
def test_every_real_file_is_read_whole(name, benchmarks, metrics, samples):
    item = Document.of(REAL / name)
    run = only(item)
    assert [each for each in FORMATS if FORMATS[each].detect(item) >= 0.5] == ["pyperf"]
    assert len({key.benchmark for key in run.columns.keys}) == benchmarks == len(json.loads(item.data)["benchmarks"])
    assert {key.metric.name for key in run.columns.keys} == metrics
    assert [len(run.samples[row]) for row in range(len(run.columns))] == samples
    assert (run.commit, run.source.tool_version, run.environment.host) == ("", "2.10.0", "box")
    key = dict(run.environment.key)
    assert (key["system"], key["arch"]) == ("Linux", "x86_64")
    assert key.get("python") == (None if name == "command.json" else "CPython 3.11")
    assert run.environment.fact("cores") == "2"
    assert run.environment.fact("kernel") == "6.18.44-fc-v669"
    assert only(Document.of(REAL / name)).digest() == run.digest()


def test_a_real_benchmark_in_detail():
    run = only(Document.of(REAL / "calibrated.json"))
    (benchmark,) = json.loads((REAL / "calibrated.json").read_text())["benchmarks"]
    values = np.array([value for process in benchmark["runs"] for value in process.get("values", ())])
    assert run.samples[0].tolist() == values.tolist()
    found = run.columns.result(0)
    assert (found.key.metric.unit, found.key.metric.direction, found.key.metric.kind) == (
        "s",
        Direction.LOWER,
        Kind.NOISY,
    )
    assert found.stats == {
        "min": values.min(), "q1": np.quantile(values, 0.25), "median": np.median(values),
        "q3": np.quantile(values, 0.75), "mean": values.mean(), "max": values.max(), "sd": values.std(ddof=1),
        "n": 20.0, "iterations": 4096.0,
    }  # fmt: skip
    assert run.started_at == datetime(2026, 11, 20, 13, 46, 4, 59398, UTC)  # the process that calibrates
    assert run.ended_at == datetime(2026, 11, 20, 13, 46, 14, 10015, UTC)
    sizes = [process["metadata"]["mem_max_rss"] for process in benchmark["runs"] if "values" in process]
    assert run.samples[1].tolist() == sizes
    assert run.environment.fact("cpu") == "AMD EPYC"


def test_loops_are_multiplied_by_inner_loops():
    rows = figures(only(Document.of(REAL / "suite.json.gz")))
    assert rows["dup"]["time"]["iterations"] == 131072 * 4
    assert rows["sort"]["time"]["iterations"] == 4096
    other = pyperf_benchmark()
    other["runs"][2]["metadata"]["loops"] = 16  # one process calibrated for itself
    assert "iterations" not in figures(only(pyperf_file(other)))["sort"]["time"]


def test_percentiles_are_of_single_calls():
    values = [float(i) for i in range(1, 101)]
    assert only(pyperf_file(pyperf_benchmark("a", values, loops=1))).quantiles == {0: ((0.95, 95.05),)}
    assert only(pyperf_file(pyperf_benchmark("a", values, loops=2))).quantiles == {}
    assert only(pyperf_file(pyperf_benchmark("a", values[:99], loops=1))).quantiles == {}


def test_units():
    entries = [pyperf_benchmark(unit, [3.0], unit=unit) for unit in ("second", "byte", "integer")]
    run = only(pyperf_file(*entries))
    found = {key.benchmark.name: key.metric for key in run.columns.keys if key.metric.name != "rss_peak"}
    assert [(m.name, m.unit, m.direction) for m in found.values()] == [
        ("time", "s", Direction.LOWER),
        ("peak memory", "B", Direction.LOWER),
        ("value", "1", Direction.UNKNOWN),
    ]
    runs, (bad,) = read_all(pyperf_file(pyperf_benchmark(unit="parsec"), pyperf_benchmark("other")))
    assert len(runs) == 1
    assert "parsec" in bad.what


def test_a_command_of_a_suite_is_a_run_of_its_own():
    run_time = {"python_implementation": "cpython", "python_version": "3.11.7 (64-bit)"}
    content = pyperf_file(pyperf_benchmark("sort", **run_time), pyperf_benchmark("ls", command="ls"))
    for name in run_time:
        del content["metadata"][name]
    runs, faults = read_all(content)
    assert not faults
    assert [dict(run.environment.key).get("python") for run in runs] == ["CPython 3.11", None]
    assert [run.columns.keys[0].benchmark.name for run in runs] == ["sort", "ls"]


@pytest.mark.parametrize(
    ("platform", "system", "arch", "kernel"),
    [
        ("Linux-6.1.0-18-amd64-x86_64-with-glibc2.36", "Linux", "x86_64", "6.1.0-18-amd64"),
        ("Linux-5.10.0-aarch64-with-glibc2.31", "Linux", "aarch64", "5.10.0"),
        ("Linux-4.4.0-x86_64-x86_64-with-debian-9", "Linux", "x86_64", "4.4.0"),
        ("Linux-4.4.0-unheard", "Linux", None, ""),
        ("Plan9-4-x86_64", None, None, ""),
        ("macOS-14.5-arm64-arm-64bit", "Darwin", "arm64", ""),
        ("Windows-10-10.0.19041-SP0", "Windows", None, ""),
        ("", None, None, ""),
    ],
)
def test_platforms(platform, system, arch, kernel):
    content = pyperf_file(pyperf_benchmark())
    content["metadata"]["platform"] = platform
    environment = only(content).environment
    key = dict(environment.key)
    assert (key.get("system"), key.get("arch"), environment.fact("kernel")) == (system, arch, kernel)


def test_processes_without_values_only_calibrate():
    entry = pyperf_benchmark()
    entry["runs"] = entry["runs"][:1]
    run = only(pyperf_file(entry))
    assert gaps(run) == {"sort": "failed"}


def test_a_process_with_odd_values_is_left_out():
    entry = pyperf_benchmark("sort", [1.0], [2.0, "x"], [3.0, math.inf])
    (run,), faults = read_all(pyperf_file(entry))
    assert run.samples[0].tolist() == [1.0]
    assert len(faults) == 2
    assert "sd" not in figures(run)["sort"]["time"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"version": "9.0", "benchmarks": []}, "version 9.0"),
        ({"benchmarks": []}, "version none"),
        ({"version": "1.0", "benchmarks": {}}, "no list of benchmarks"),
        ({"version": "1.0", "benchmarks": []}, "no benchmarks"),
        ({"version": "1.0", "benchmarks": [{"runs": []}]}, "no runs"),
        (pyperf_file({"runs": [{"values": [1.0]}]}), "no name"),
    ],
)
def test_what_is_no_suite_says_why(content, words):
    assert words in fault(content, format="pyperf").what


def test_the_same_name_twice_is_a_fault():
    (run,), (bad,) = read_all(pyperf_file(pyperf_benchmark("a", [1.0]), pyperf_benchmark("a", [2.0])))
    assert "came before" in bad.what
    assert run.samples[0].tolist() == [1.0]


@pytest.mark.parametrize("version", [5, 6])
def test_versions_of_2016(version):
    content = json.loads(json.dumps(pyperf_file(pyperf_benchmark(**{"unit": "second", "python_version": "3.5.2"}))))
    content["version"] = version
    if version == 5:
        (entry,) = content["benchmarks"]
        entry["common_metadata"] = content.pop("metadata") | entry.pop("metadata")
        for process in entry["runs"]:
            if "values" in process:
                process["samples"] = process.pop("values")
    run = only(content, format="pyperf")
    assert figures(run)["sort"]["time"]["median"] == 2.5
    assert run.environment.fact("cpu") == "Test CPU"


def test_a_file_that_has_grown_adds_what_is_new(tmp_path):
    first = only(pyperf_file(pyperf_benchmark("a", [1.0, 2.0])), commit="a" * 40)
    later = pyperf_benchmark("b", [5.0])
    later["runs"][1]["metadata"]["date"] = "2024-01-02 04:00:00"
    second = only(pyperf_file(pyperf_benchmark("a", [1.0, 2.0]), later), commit="a" * 40)
    with History.open(f"sqlite:///{tmp_path / 'h.db'}") as history:
        (one,) = history.record([first])
        (two,) = history.record([second])
        (again,) = history.record([second])
    assert (one.points, two.points, two.known) == (2, 2, False)  # of b, and not of a once more
    assert again.known


def test_it_is_cut_anywhere():
    raw = gzip.decompress((REAL / "suite.json.gz").read_bytes())[:1500] + b"..."
    for cut in range(0, 1500):
        assert fault(document(raw[:cut]), format="pyperf")
    packed = (REAL / "suite.json.gz").read_bytes()
    for cut in range(3, len(packed), 5):
        assert fault(document(packed[:cut], path="a.json.gz"))
