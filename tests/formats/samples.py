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
