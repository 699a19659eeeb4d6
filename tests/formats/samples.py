"""Small valid documents, ways to spoil them, and what every run holds to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from regress.formats import Document, ReadOptions, read
from regress.model import STATISTICS, Bad, Run

TESTDATA = Path(__file__).parent.parent / "testdata"
COMMIT = "0123456789abcdef0123456789abcdef01234567"

ASV_COLUMNS = [
    "result", "params", "version", "started_at", "duration", "stats_ci_99_a", "stats_ci_99_b", "stats_q_25",
    "stats_q_75", "stats_number", "stats_repeat", "samples", "profile",
]  # fmt: skip


def asv_file(results: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A result file of asv, version 2."""
    machine = {"machine": "box", "os": "Linux 6.1", "arch": "x86_64", "cpu": "Test CPU", "num_cpu": "4", "ram": "16"}
    return {
        "commit_hash": COMMIT,
        "env_name": "virtualenv-py3.11",
        "date": 1700000000000,
        "params": machine,
        "python": "3.11",
        "requirements": {},
        "env_vars": {},
        "result_columns": ASV_COLUMNS,
        "results": results,
        "durations": {},
        "version": 2,
    } | fields


def timed(*values: float | None, params: list[list[str]] | None = None, started: int | None = 1700000001000) -> list:
    """A row of asv with statistics."""

    def around(factor: float) -> list[float | None]:
        return [None if v is None or v != v else v * factor for v in values]

    n = [None if v is None or v != v else 5 for v in values]
    stats = [around(0.9), around(1.1), around(0.95), around(1.05), n, n]
    return [list(values), [] if params is None else params, "v1", started, 0.5, *stats]


def pytest_file(*benchmarks: Any, **fields: Any) -> dict[str, Any]:
    """A run as pytest-benchmark saves it."""
    machine = {
        "node": "box-1", "machine": "x86_64", "system": "Linux", "release": "6.1", "python_version": "3.11.7",
        "python_implementation": "CPython", "cpu": {"brand_raw": "Test CPU", "count": 4},
    }  # fmt: skip
    commit = {"id": COMMIT, "time": "2024-01-01T12:00:00+02:00", "dirty": False, "branch": "main"}
    return {
        "machine_info": machine,
        "commit_info": commit,
        "benchmarks": list(benchmarks),
        "datetime": "2024-01-02T03:04:05+00:00",
        "version": "5.3.1",
    } | fields


def benchmark(fullname: str = "tests/test_a.py::test_a", **fields: Any) -> dict[str, Any]:
    """One benchmark of such a run."""
    stats = {
        "min": 1.0, "q1": 1.5, "median": 2.0, "q3": 2.5, "mean": 2.1, "max": 4.0, "stddev": 0.5, "rounds": 5,
        "iterations": 1, "ops": 0.5, "iqr": 1.0, "hd15iqr": 4.0,
    }  # fmt: skip
    return {
        "group": None, "name": fullname.rpartition("::")[2], "fullname": fullname, "params": None, "param": None,
        "extra_info": {}, "options": {}, "stats": stats,
    } | fields  # fmt: skip


def data_js(*entries: Any, name: str = "Linux") -> dict[str, Any]:
    """A history of github-action-benchmark, as its external data file holds it."""
    return {"lastUpdate": 1700000002000, "repoUrl": "https://example.org/repo", "entries": {name: list(entries)}}


def entry(*benches: Any, tool: str = "pytest", **commit: Any) -> dict[str, Any]:
    """One entry of such a history; without benches it has one of pytest-benchmark."""
    plain = {"name": "t.py::test_a", "value": 4.0, "unit": "iter/sec", "range": "stddev: 0.5", "extra": "rounds: 7"}
    about = {"id": COMMIT, "timestamp": "2024-01-01T12:00:00+02:00", "url": f"https://example.org/commit/{COMMIT}"}
    return {"commit": about | commit, "date": 1700000001000, "tool": tool, "benches": list(benches) or [plain]}


def locust_request(**fields: Any) -> dict[str, Any]:
    """One request as `locust --json` prints it."""
    return {
        "name": "/a", "method": "GET", "last_request_timestamp": 1_700_000_010.5, "start_time": 1_700_000_000.5,
        "num_requests": 20, "num_none_requests": 0, "num_failures": 2, "total_response_time": 200.0,
        "max_response_time": 19.75, "min_response_time": 5.25, "total_content_length": 400,
        "response_times": {"5": 11, "15": 8, "20": 1}, "num_reqs_per_sec": {}, "num_fail_per_sec": {},
    } | fields  # fmt: skip


def document(content: Any, siblings: dict[str, Any] | None = None, path: str = "results/box/a.json") -> Document:
    """A document of JSON or of bytes, with siblings."""

    def raw(value: Any) -> bytes:
        return value if isinstance(value, bytes) else json.dumps(value).encode()

    return Document.of_bytes(path, raw(content), {name: raw(value) for name, value in (siblings or {}).items()})


def read_all(content: Any, siblings: dict[str, Any] | None = None, **options: Any) -> tuple[list[Run], list[Bad]]:
    """The runs and the faults of a document; content that is no Document is made one."""
    source = content if isinstance(content, Document) else document(content, siblings)
    items = list(read(source, ReadOptions(**options)))
    runs, faults = [x for x in items if isinstance(x, Run)], [x for x in items if isinstance(x, Bad)]
    assert len(runs) + len(faults) == len(items)
    for run in runs:
        check_run(run)
    for fault in faults:
        check_fault(fault)
    return runs, faults


def only(content: Any, siblings: dict[str, Any] | None = None, **options: Any) -> Run:
    """The one run of a document that has no fault."""
    (run,), faults = read_all(content, siblings, **options)
    assert not faults
    return run


def fault(content: Any, **options: Any) -> Bad:
    """The one fault of a document that has no run."""
    runs, (bad,) = read_all(content, **options)
    assert not runs
    return bad


def figures(run: Run) -> dict[str, dict[str, dict[str, float]]]:
    """The rows as {full name: {metric: figures}}."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for row in range(len(run.columns)):
        result = run.columns.result(row)
        found.setdefault(result.key.benchmark.full, {})[result.key.metric.name] = dict(result.stats)
    return found


def gaps(run: Run) -> dict[str, str]:
    """The gaps as {full name: status}."""
    return {gap.key.benchmark.full: gap.status for gap in run.gaps}


def check_fault(bad: Bad) -> None:
    """A fault says where, what, and what to do, on one line, and does not come from the last net."""
    assert bad.where
    assert bad.what
    assert bad.hint
    assert "reader failed" not in bad.what
    assert "Traceback" not in bad.what


def check_run(run: Run) -> None:
    """What every run holds to, whatever it was read from."""
    rows = len(run.columns)
    stats = run.columns.stats
    assert set(stats) <= set(STATISTICS)
    assert len({key.digest for key in run.columns.keys}) == rows
    assert not {gap.key for gap in run.gaps} & set(run.columns.keys)
    for column in stats.values():
        assert column.shape == (rows,)
        assert column.dtype == np.float64
        assert not np.isinf(column).any()
        assert not np.isnan(column).all()
    if rows:
        assert not np.isnan(np.array(list(stats.values()))).all(axis=0).any()
    assert run.cell_times is None or run.cell_times.shape == (rows,)
    for by_row in (run.samples, run.quantiles, run.attachments):
        assert all(0 <= row < rows for row in by_row)
    assert all(np.isfinite(raw).all() and len(raw) for raw in run.samples.values())
    for time in (run.started_at, run.ended_at, run.committed_at):
        assert time is None or time.utcoffset() is not None
    assert len(run.digest()) == 64
    assert len(run.source.digest) == 64


def pyperf_file(*benchmarks: Any, **fields: Any) -> dict[str, Any]:
    """A suite as pyperf writes it."""
    metadata = {
        "cpu_model_name": "Test CPU", "cpu_count": 4, "hostname": "box-1", "perf_version": "2.10.0",
        "platform": "Linux-6.1.0-18-amd64-x86_64-with-glibc2.36", "python_implementation": "cpython",
        "python_version": "3.11.7 (64-bit)", "unit": "second",
    }  # fmt: skip
    return {"version": "1.0", "metadata": metadata, "benchmarks": list(benchmarks)} | fields


def pyperf_benchmark(name: str = "sort", *values: list[float], **metadata: Any) -> dict[str, Any]:
    """One benchmark of such a suite: a process that calibrates, and one for each list of values."""
    runs: list[dict[str, Any]] = [{"metadata": {"date": "2024-01-02 03:04:05.5"}, "warmups": [[1, 2.0]]}]
    for place, found in enumerate(values or ([1.0, 2.0], [3.0, 4.0])):
        said = {"date": f"2024-01-02 03:04:{10 + place:02}", "mem_max_rss": 1000 + place}
        runs.append({"metadata": said, "values": found, "warmups": [[8, 2.0]]})
    return {"metadata": {"name": name, "loops": 8} | metadata, "runs": runs}


def hyperfine_result(command: str = "sleep 1", **fields: Any) -> dict[str, Any]:
    """One result of hyperfine's export."""
    return {
        "command": command, "mean": 2.0, "stddev": 1.0, "median": 2.0, "user": 0.5, "system": 0.25, "min": 1.0,
        "max": 3.0, "times": [1.0, 2.0, 3.0], "memory_usage_byte": [1024, 2048, 4096], "exit_codes": [0, 0, 0],
    } | fields  # fmt: skip


def google_file(*entries: Any, **context: Any) -> dict[str, Any]:
    """A report of Google Benchmark."""
    said = {
        "date": "2024-01-02T05:04:05+02:00", "host_name": "box-1", "executable": "./out/bench", "num_cpus": 4,
        "mhz_per_cpu": 2600, "cpu_scaling_enabled": False, "caches": [], "load_avg": [0.5], "library_version": "1.9.5",
        "library_build_type": "release",
    }  # fmt: skip
    return {"context": said | context, "benchmarks": list(entries)}


def google_entry(name: str = "BM_sort/size:64", **fields: Any) -> dict[str, Any]:
    """One repetition in such a report."""
    return {
        "name": name, "run_name": name, "run_type": "iteration", "repetitions": 1, "repetition_index": 0,
        "threads": 1, "iterations": 100, "real_time": 20.0, "cpu_time": 10.0, "time_unit": "ns", "depth": 3.0,
        "items_per_second": 5.0,
    } | fields  # fmt: skip


def k6_file(**metrics: Any) -> dict[str, Any]:
    """What k6 hands to handleSummary."""
    trend = {"avg": 20.0, "min": 1.0, "med": 15.0, "max": 90.0, "p(90)": 50.0, "p(95)": 60.0}
    counter = {"type": "counter", "contains": "default"}
    said = {
        "http_req_duration": {"type": "trend", "contains": "time", "values": trend,
                              "thresholds": {"p(95)<50": {"ok": False}, "avg<50": {"ok": True}}},
        "http_reqs": counter | {"values": {"count": 200, "rate": 40.0}},
        "iterations": counter | {"values": {"count": 100, "rate": 20.0}},
        "http_req_failed": {"type": "rate", "contains": "default", "values": {"rate": 0.1, "passes": 20, "fails": 180}},
        "vus": {"type": "gauge", "contains": "default", "values": {"value": 1, "min": 1, "max": 5}},
    }  # fmt: skip
    group = {"name": "", "path": "", "id": "d4", "groups": [], "checks": []}
    return {"root_group": group, "state": {"testRunDurationMs": 5000.0}, "metrics": said | metrics}
