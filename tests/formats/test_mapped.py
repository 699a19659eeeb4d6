"""A team's own JSON and CSV, read as a mapping says; what names say of units; mappings that are proposed."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.config.mapping_table import MappingTable
from regress.formats import Document, ReadOptions, read, source_digest
from regress.formats.guess import guess
from regress.formats.propose import propose, toml
from regress.model import Bad, MappingSpec, Run
from tests.formats.samples import COMMIT, read_all
from tests.formats.strategies import spoiled

WORK_QUEUE = {
    "timestamp": "2026-01-02T03:04:05Z",
    "git_commit": COMMIT,
    "config": {"pods": 5, "store": "postgres"},
    "benchmarks": [
        {
            "benchmark_name": "claiming", "success": True,
            "metrics": {"claiming_throughput_ops_per_sec": 45.2, "latency": {"p95_ms": 120.5}, "peak_memory_mb": 312},
        },
        {"benchmark_name": "recovery", "success": False, "metrics": {"recovery_time_seconds": 39.0}},
        {"benchmark_name": "lost", "success": False, "metrics": {}, "error": "boom"},
    ],
}  # fmt: skip
TABLE: dict[str, Any] = {
    "name": "work-queue", "files": ["*.json"], "each": "benchmarks", "benchmark": "benchmark_name",
    "params": {"pods": "$.config.pods"}, "environment": {"store": "$.config.store"}, "success": "success",
    "timestamp": "$.timestamp", "commit": "$.git_commit", "metrics": "metrics", "guess": True,
}  # fmt: skip


def spec(**changes: Any) -> MappingSpec:
    return MappingTable(**TABLE | changes).spec("regress.toml:1")


def plain(**fields: Any) -> MappingSpec:
    return MappingTable(**{"name": "own", "files": ["*"], **fields}).spec("regress.toml:1")


def read_by(mapping: MappingSpec, content: object, name: str = "a.json") -> tuple[list[Run], list[Bad]]:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    items = list(read(Document.of_bytes(name, raw), ReadOptions(mappings=(mapping,))))
    return [item for item in items if isinstance(item, Run)], [item for item in items if isinstance(item, Bad)]


def cells(run: Run) -> dict[str, float]:
    found = {}
    for row in range(len(run.columns)):
        result = run.columns.result(row)
        stats = result.stats
        found[f"{result.key.benchmark.full} {result.key.metric.name}"] = stats.get("value", stats.get("median"))
    return found


def test_a_suite_of_its_own_json():
    (run,), faults = read_by(spec(), WORK_QUEUE)
    assert not faults
    assert cells(run) == {
        "claiming{pods=5} claiming_throughput_ops_per_sec": 45.2,
        "claiming{pods=5} latency.p95_ms": pytest.approx(0.1205),
        "claiming{pods=5} peak_memory_mb": 312e6,
    }
    meant = {key.metric.name: (key.metric.unit, key.metric.direction.value) for key in run.columns.keys}
    assert meant == {
        "claiming_throughput_ops_per_sec": ("1/s", "higher"),
        "latency.p95_ms": ("s", "lower"),
        "peak_memory_mb": ("B", "lower"),
    }
    assert [(gap.key.benchmark.name, gap.key.metric.name, gap.status) for gap in run.gaps] == [
        ("recovery", "recovery_time_seconds", "failed"),
        ("lost", "success", "failed"),
    ]
    assert (run.commit, run.started_at) == (COMMIT, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert dict(run.environment.key) == {"store": "postgres"}
    assert {key.benchmark.suite for key in run.columns.keys} == {"work-queue"}


def test_unlike_loads_are_unlike_benchmarks():
    six = WORK_QUEUE | {"config": {"pods": 6, "store": "postgres"}}
    (one,), _ = read_by(spec(), WORK_QUEUE)
    (other,), _ = read_by(spec(), six)
    assert not {*one.columns.keys} & {*other.columns.keys}


def test_without_guess_nothing_is_guessed():
    (run,), _ = read_by(spec(guess=False), WORK_QUEUE)
    assert {(key.metric.unit, key.metric.direction.value) for key in run.columns.keys} == {("1", "unknown")}
    assert cells(run)["claiming{pods=5} peak_memory_mb"] == 312


def test_metrics_one_by_one_with_samples():
    content = {"latencies": [0.2, 0.4, None, "x", 0.3], "note": "text", "size": 3}
    table = {"latency": {"path": "latencies", "unit": "ms", "direction": "lower"}, "size": "size", "gone": "no.where"}
    (run,), faults = read_by(plain(metrics=table), content)
    assert not faults
    assert cells(run) == {"own latency": pytest.approx(3e-4), "own size": 3.0}
    assert run.samples[0].tolist() == pytest.approx([2e-4, 4e-4, 3e-4])
    assert run.columns.result(0).stats["n"] == 3


def test_what_comes_again_is_another_sample():
    rows = [{"op": "get", "ms": 1.0}, {"op": "get", "ms": 3.0}, {"op": "set", "ms": 9.0}]
    (run,), _ = read_by(plain(benchmark="op", guess=True), rows)
    assert cells(run) == {"get ms": pytest.approx(0.002), "set ms": pytest.approx(0.009)}


def test_results_in_an_object_are_named_by_their_keys():
    (run,), _ = read_by(plain(each="results", benchmark="@key"), {"results": {"a b": {"x": 1}, "c": {"x": 2}}})
    assert cells(run) == {"a b x": 1.0, "c x": 2.0}


def test_a_file_with_results_of_several_commits_is_several_runs():
    rows = [{"sha": c * 40, "when": n, "v": n} for n, c in enumerate("aabb", 1_700_000_000)]
    runs, _ = read_by(plain(commit="sha", timestamp="when"), rows)
    assert [(run.commit[0], run.columns.result(0).stats["n"]) for run in runs] == [("a", 2.0), ("b", 2.0)]
    assert runs[1].started_at == datetime.fromtimestamp(1_700_000_002, UTC)
    assert runs[1].ended_at == datetime.fromtimestamp(1_700_000_003, UTC)
    grown, _ = read_by(plain(commit="sha", timestamp="when"), [*rows, {"sha": "c" * 40, "when": 1_700_000_009, "v": 1}])
    assert [run.digest() for run in grown[:2]] == [run.digest() for run in runs]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_of_samples(delimiter):
    lines = ["timestamp,cpu_percent,memory_mb,state", "2026-01-01T00:00:00,10,300,up", "2026-01-01T00:00:10,30,,up"]
    content = "\n".join(lines).replace(",", delimiter).encode()
    (run,), faults = read_by(plain(timestamp="timestamp", guess=True), b"\xef\xbb\xbf" + content, "usage.csv")
    assert not faults
    assert cells(run) == {"own cpu_percent": pytest.approx(0.2), "own memory_mb": 3e8}
    assert (run.ended_at - run.started_at).total_seconds() == 10


FAULTS = [
    (spec(), {"benchmarks": {}}, "no result in it"),
    (spec(each="gone"), WORK_QUEUE, "leads to no list"),
    (spec(), {"benchmarks": [3]}, "it is no object"),
    (spec(benchmark="nom"), WORK_QUEUE, "'nom' leads to no name"),
    (spec(metrics="figures", success=""), WORK_QUEUE, "claiming has no figure"),
    (plain(), b"", "empty"),
    (plain(), b"[1, 2", "cut short"),
    (plain(), b"3", "it is no object"),
]


@pytest.mark.parametrize(("mapping", "content", "said"), FAULTS)
def test_what_is_at_fault_is_named_with_the_line_of_the_mapping(mapping, content, said):
    _, faults = read_by(mapping, content)
    assert said in faults[0].what
    if content != b"" and not isinstance(content, bytes):
        assert "regress.toml:1" in faults[0].hint


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1\n", "as many cells"),
        (b"a,b\n1,2,3\n", "as many cells"),
        (b"a,a\n1,2\n", "two columns have one name"),
        (b'a,b\n"1,2\n', "no CSV"),
        (b"a,b\n\xff,2\n", "no text"),
        (b"a,b\n", "no result"),
        (b"", "no result"),
        (b"a,b\nx,y\n", "no figure"),
    ],
)
def test_a_broken_table_is_one_line(content, said):
    runs, faults = read_by(plain(), content, "a.csv")
    assert not runs
    assert said in faults[0].what


def test_many_faults_are_counted():
    _, faults = read_by(spec(), {"benchmarks": [3] * 100})
    assert len(faults) == 21
    assert "and 80 more" in faults[-1].what


def test_a_result_that_is_not_finite_is_a_gap():
    (run,), _ = read_by(plain(), b'{"x": NaN, "y": Infinity, "z": 1}')
    assert cells(run) == {"own z": 1.0}
    assert [(gap.key.metric.name, gap.status) for gap in run.gaps] == [("x", "skipped"), ("y", "skipped")]


def test_the_mapping_is_part_of_the_source_digest():
    def digest(mapping):
        document = Document.of_bytes("a.json", json.dumps(WORK_QUEUE).encode())
        return source_digest(document, ReadOptions(mappings=(mapping,)))

    assert digest(spec()) == digest(spec(files=["a.*"]))
    assert digest(spec()) != digest(spec(guess=False))


def test_a_mapping_is_chosen_by_files_or_by_name():
    document = Document.of_bytes("/p/out/a.json", json.dumps(WORK_QUEUE).encode())
    first, second = spec(name="one", files=["b.json"]), spec(name="two", files=["/p/out/*.json"])
    (run,) = read(document, ReadOptions(mappings=(first, second)))
    assert run.source.tool == "two"
    (run,) = read(document, ReadOptions(mappings=(first, second), mapping="one"))
    assert run.source.tool == "one"
    (fault,) = read(document, ReadOptions(mappings=(first,), mapping="three"))
    assert "no mapping 'three'" in fault.what


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_no_content_raises(data):
    read_all(data.draw(spoiled(WORK_QUEUE)), mappings=(spec(files=["*"]),))


@given(st.binary(max_size=200), st.sampled_from(["a.json", "a.csv", "a"]))
@settings(deadline=None)
def test_no_bytes_raise(raw, name):
    read_by(plain(each="a.b", benchmark="c"), raw, name)


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_a_file_that_is_cut_short(cut):
    raw = json.dumps(WORK_QUEUE).encode()[: 20 + cut]
    runs, faults = read_by(spec(), raw)
    assert not runs
    assert len(faults) == 1


@pytest.mark.parametrize(
    ("name", "unit", "direction"),
    [
        ("claiming_throughput_ops_per_sec", "1/s", "higher"), ("latency_p95_ms", "ms", "lower"),
        ("peakMemoryMb", "MB", "lower"), ("success_rate", "", "higher"), ("error_rate_percent", "%", "lower"),
        ("preserved percent", "%", "higher"), ("failed_ops_per_sec", "1/s", "lower"), ("duration", "", "lower"),
        ("steps", "", "unknown"), ("items_per_second", "1/s", "higher"), ("queue_depth", "", "lower"),
        ("elapsed_s", "s", "lower"), ("s", "s", "lower"), ("per_s", "1/s", "higher"), ("", "", "unknown"),
        ("size_kib", "KiB", "lower"), ("rps", "1/s", "higher"), ("p99", "", "unknown"),
    ],
)  # fmt: skip
def test_what_a_name_says(name, unit, direction):
    found = guess(name)
    assert (found.unit, found.direction.value) == (unit, direction)


PROPOSED = {
    "work queue": (WORK_QUEUE, 3),
    "a list": ([{"name": "a", "seconds": 1.0}, {"name": "b", "seconds": 2.0}], 2),
    "nested": ({"run": {"scenarios": {"a": {"p95": 1}, "b": {"p95": 2}}}, "version": 3}, 2),
    "one result": ({"cpu": 1.5, "inner": {"memory_mb": 3}}, 2),
    "odd keys": ({"the results": [{"test name": "a", "mean time": 1.0}]}, 1),
}


@pytest.mark.parametrize("name", PROPOSED)
def test_a_proposed_mapping_reads_the_file_that_it_was_made_of(name):
    content, figures = PROPOSED[name]
    document = Document.of_bytes("My results.json", json.dumps(content).encode())
    proposed = propose(document)
    table = tomllib.loads(toml(proposed))["mapping"][0]
    again = MappingTable(**table).spec("regress.toml:1")
    assert again.name == "my-results"
    runs, faults = read_by(again, content, "My results.json")
    assert not faults
    assert sum(len(run.columns) for run in runs) == figures


@pytest.mark.parametrize("content", [{}, [], [1, 2], {"a": "text"}, "x", None])
def test_where_there_is_no_number_nothing_is_proposed(content):
    assert propose(Document.of_bytes("a.json", json.dumps(content).encode())) is None
