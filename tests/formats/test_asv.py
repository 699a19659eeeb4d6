"""asv's result files: every cell is a figure, a gap or a fault, and none is lost."""

import json
import shutil
from datetime import UTC, datetime
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.formats import Document, ReadOptions, documents, read
from regress.model import Bad, Direction, Kind, Run

from .samples import ASV_COLUMNS, COMMIT, TESTDATA, asv_file, document, fault, figures, gaps, only, read_all, timed

NUMPY = TESTDATA / "asv" / "numpy-0.4" / "results"
(REAL,) = TESTDATA.glob("asv/0.6.6/results/fixture/8*.json")

#: Counted with the json module of Python alone: results, nulls, NaNs; a row that is null counts all its combinations.
COUNTS = {
    "00261124-virtualenv-py3.7-Cython0.29.21-six.json": (57, 0, 9),
    "03164d2d-virtualenv-py3.7-Cython0.29.21-six.json": (33, 29, 17),
    "03164d2d-virtualenv-py3.9-Cython0.29.27-setuptools59.8.0-six.json": (0, 78, 0),
    "044f5131-virtualenv-py3.9-Cython0.29.27-setuptools59.8.0-six.json": (61, 0, 17),
    "37a1ad06-virtualenv-py3.7-Cython0.29.21-six.json": (61, 1, 17),
}


def runs_under(*paths):
    """The runs under some paths, which have no fault."""
    items = [item for path in paths for doc in documents([str(path)]) for item in read(doc)]
    assert not [item for item in items if isinstance(item, Bad)]
    return items


def counted(path):
    """How many figures, nulls and NaNs a file holds, counted in another way than the reader counts."""
    values = nulls = nans = 0
    for row in json.loads(path.read_text())["results"].values():
        cells = row[0] if row[0] is not None else [None] * int(np.prod([len(p) for p in row[1]], dtype=int))
        nulls += sum(cell is None for cell in cells)
        nans += sum(cell is not None and cell != cell for cell in cells)
        values += sum(cell is not None and cell == cell for cell in cells)
    return values, nulls, nans


@pytest.mark.parametrize("path", sorted(NUMPY.glob("i7/*-*.json")), ids=lambda path: path.name[:22])
def test_every_cell_of_a_real_file_is_a_figure_or_a_gap(path):
    run = only(Document.of(path))
    statuses = [gap.status for gap in run.gaps]
    found = len(run.columns), statuses.count("failed"), statuses.count("skipped")
    assert found == counted(path) == COUNTS[path.name]


def test_a_real_run_in_detail():
    run = only(Document.of(next(NUMPY.glob("i7/37a1ad06*"))))
    assert run.commit == "37a1ad069a800f5ef98286f25fb3fb632375168d"
    assert dict(run.environment.key) == {
        "system": "Linux", "arch": "x86_64", "python": "CPython 3.7", "machine": "i7",
        "matrix.Cython": "0.29.21", "matrix.six": "*",
    }  # fmt: skip
    cpu = "Intel(R) Core(TM) i7 CPU 920 @ 2.67GHz"
    assert dict(run.environment.facts) == {"cpu": cpu, "cores": "8", "ram": "16416652"}
    assert (run.ref, run.head, run.dirty, run.growing, run.level) == ("", "", False, True, 0.99)
    assert run.started_at <= run.ended_at
    assert (run.source.format, run.source.tool) == ("asv", "asv")
    rows = {key.benchmark.full: (key, i) for i, key in enumerate(run.columns.keys)}
    key, place = rows["bench_linalg.Linalg.time_op('svd', 'int16')"]
    assert key.benchmark.params == (("op", "'svd'"), ("type", "'int16'"))
    raw = json.loads(next(NUMPY.glob("i7/37a1ad06*")).read_text())["results"]["bench_linalg.Linalg.time_op"]
    assert key.benchmark.version == raw[2]
    assert run.cell_times[place] == raw[3] / 1000
    expected = dict(zip(("lo", "hi", "q1", "q3", "iterations", "n"), (column[0] for column in raw[5:11]), strict=True))
    assert run.columns.result(place).stats == expected | {"median": raw[0][0]}
    assert gaps(run)["bench_linalg.Linalg.time_op('svd', 'float16')"] == "skipped"
    assert "failed" in {status for name, status in gaps(run).items() if name.startswith("bench_random.RNG")}
    # A benchmark that benchmarks.json describes no more is read by its name.
    key, _ = rows["bench_avx.Mandelbrot.time_mandel"]
    assert (key.metric.name, key.metric.unit, key.benchmark.params) == ("time", "s", ())


def test_all_kinds_of_benchmarks_of_a_real_file():
    run = only(Document.of(REAL))
    rows = figures(run)
    assert rows["bench_all.Suite.mem_data(1000, 'list')"] == {"memory": {"value": 8056.0}}
    assert rows["bench_all.Suite.peakmem_data(10, 'list')"] == {"peak memory": {"value": 35856384.0}}
    assert rows["bench_all.track_latency"] == {"value": {"value": 0.0125}}
    assert rows["bench_all.track_count"] == {"value": {"value": 42.0}}
    assert rows["bench_all.Unnamed.track_ratio(2)"] == {"value": {"value": 0.005}}
    assert rows["bench_all.timeraw_import"]["time"]["n"] == 4
    assert gaps(run) == {
        "bench_all.time_fails": "failed",
        "bench_all.Suite.time_sum(10, 'dict')": "failed",
        "bench_all.Suite.time_sum(1000, 'dict')": "skipped",
        "bench_all.Suite.mem_data(1000, 'dict')": "skipped",
        "bench_all.Suite.peakmem_data(1000, 'dict')": "skipped",
    }
    metrics = {key.benchmark.full: key for key in run.columns.keys}
    assert metrics["bench_all.Suite.mem_data(10, 'list')"].metric.kind is Kind.EXACT
    assert metrics["bench_all.track_latency"].metric.unit == "s"
    assert metrics["bench_all.track_count"].metric.unit == "1"
    assert metrics["bench_all.track_unit_of_its_own"].metric.unit == "widgets"
    assert metrics["bench_all.track_count"].metric.direction is Direction.UNKNOWN
    assert metrics["bench_all.Unnamed.track_ratio(2)"].benchmark.params == (("param1", "2"),)
    row = next(i for i, key in enumerate(run.columns.keys) if key.benchmark.name.endswith("time_plain"))
    assert run.samples[row].tolist() == [
        7.649115169376242e-07, 7.840266854718005e-07, 7.597064607163825e-07, 8.076264044049229e-07,
    ]  # fmt: skip
    assert run.warnings  # an existing environment does not say which Python it has


def test_siblings_are_parsed_once(monkeypatch):
    parsed = []

    def spy(data, **options):
        parsed.append(data)
        return from_json(data, **options)

    from regress.formats import fields

    from_json = fields.from_json
    monkeypatch.setattr(fields, "from_json", spy)
    assert len(runs_under(NUMPY)) == 5
    assert len(parsed) == 5 + 2


def test_keys_are_shared_between_files():
    runs = runs_under(NUMPY)
    keys = {key.digest: key for run in runs for key in run.columns.keys}
    assert all(keys[key.digest] is key for run in runs for key in run.columns.keys)


def test_what_benchmarks_json_does_not_say_the_names_do(tmp_path):
    for path in (NUMPY / "i7").iterdir():
        shutil.copy(path, tmp_path)
    (tmp_path / "machine.json").unlink()
    with_siblings = {run.digest() for run in runs_under(NUMPY)}
    assert {run.digest() for run in runs_under(tmp_path)} == with_siblings


@pytest.mark.parametrize(
    ("name", "metric", "unit"),
    [
        ("a.time_x", "time", "s"),
        ("a.TimeSort", "time", "s"),
        ("a.B.timeraw_x", "time", "s"),
        ("a.mem_x", "memory", "B"),
        ("a.peakmem_x", "peak memory", "B"),
        ("a.PeakMemSet", "peak memory", "B"),
        ("a.track_x", "value", "1"),
        ("a.times", "value", "1"),
        ("time_a.whatever", "value", "1"),
        ("time_x", "time", "s"),
    ],
)
def test_names_without_a_description(name, metric, unit):
    (key,) = only(asv_file({name: [[1.5], [], "v"]})).columns.keys
    assert (key.metric.name, key.metric.unit) == (metric, unit)


def test_a_description_goes_before_the_name():
    about = {"a.x": {"type": "track", "unit": "ms", "param_names": []}, "version": 2}
    run = only(asv_file({"a.x": [[1.5], [], "v"]}), {"../benchmarks.json": about})
    assert figures(run) == {"a.x": {"value": {"value": 0.0015}}}


def test_a_broken_description_is_one_fault_for_all_files(tmp_path):
    shutil.copytree(NUMPY, tmp_path / "results")
    (tmp_path / "results" / "benchmarks.json").write_text("{")
    items = [item for doc in documents([str(tmp_path)]) for item in read(doc)]
    (bad,) = [item for item in items if isinstance(item, Bad)]
    assert bad.where.endswith("benchmarks.json")
    assert len([item for item in items if isinstance(item, Run)]) == 5


def test_combinations_run_with_the_last_parameter_fastest():
    run = only(asv_file({"a.time_x": timed(1, 2, 3, 4, 5, 6, params=[["1", "2"], ["'a'", "'b'", "'c'"]])}))
    medians = {key.benchmark.variant: run.columns.stats["median"][i] for i, key in enumerate(run.columns.keys)}
    assert medians == {"(1, 'a')": 1, "(1, 'b')": 2, "(1, 'c')": 3, "(2, 'a')": 4, "(2, 'b')": 5, "(2, 'c')": 6}


@given(st.lists(st.integers(1, 3), max_size=3), st.data())
@settings(max_examples=60, deadline=None)
def test_no_cell_is_lost(shape, data):
    params = [[str(i) for i in range(size)] for size in shape]
    count = int(np.prod(shape, dtype=int))
    cells = st.none() | st.just(nan) | st.just(inf) | st.floats(1e-9, 1e9)
    row = data.draw(st.none() | st.lists(cells, min_size=count, max_size=count))
    runs, faults = read_all(asv_file({"a.time_x": [row, params, "v"], "a.time_y": timed(1.0)}))
    (run,) = runs
    infinite = sum(cell == inf for cell in row or ())
    assert len(run.columns) + len(run.gaps) + infinite == count + 1
    assert len(faults) == infinite


def test_addresses_never_become_a_name():
    about = {"a.time_x": {"type": "time", "unit": "seconds", "param_names": ["f"]}}

    def file(address):
        return asv_file({"a.time_x": timed(1.0, 2.0, params=[[f"<function f at {address}>", "3"]])})

    one, other = only(file("0x7f00ab"), {"../benchmarks.json": about}), only(file("0x7fffcd"))
    assert one.digest() == other.digest()
    assert one.columns.keys[0].benchmark.full == "a.time_x(<function f at 0x…>)"
    assert one.columns.keys[0].benchmark.params == (("f", "<function f at 0x…>"),)


@pytest.mark.parametrize("values", [["<f at 0x1>", "<f at 0x2>", "3"], ["1", "1", "3"]])
def test_of_equal_names_the_first_is_taken(values):
    row = [*timed(1.0, 2.0, 3.0, params=[values]), [[1.0], [2.0], [3.0]]]
    (run,), (bad,) = read_all(asv_file({"a.time_x": row}))
    assert run.columns.stats["median"].tolist() == [1.0, 3.0]
    assert {i: raw.tolist() for i, raw in run.samples.items()} == {0: [1.0], 1: [3.0]}
    assert "same name" in bad.what


def test_a_long_parameter_is_cut_for_facets_and_whole_in_the_name():
    run = only(asv_file({"a.time_x": timed(1.0, params=[["x" * 500]])}))
    (benchmark,) = (key.benchmark for key in run.columns.keys)
    assert len(benchmark.params[0][1]) == 120
    assert len(benchmark.variant) == 502


def test_intervals_without_bounds_are_left_out():
    row = timed(1.0, 2.0, 3.0, params=[["1", "2", "3"]])
    row[5], row[6] = [-inf, nan, 2.9], [inf, 2.1, 3.1]
    run = only(asv_file({"a.time_x": row}))
    np.testing.assert_array_equal(run.columns.stats["lo"], [nan, nan, 2.9])
    np.testing.assert_array_equal(run.columns.stats["hi"], [nan, nan, 3.1])
    assert run.columns.stats["median"].tolist() == [1.0, 2.0, 3.0]
    assert run.level == 0.99


def test_rows_with_and_without_statistics_stand_side_by_side():
    run = only(asv_file({"a.time_x": timed(1.0), "a.mem_x": [[100], [], "v"]}))
    assert figures(run)["a.time_x"]["time"]["median"] == 1.0
    assert "value" not in figures(run)["a.time_x"]["time"]
    assert figures(run)["a.mem_x"] == {"memory": {"value": 100.0}}
    assert only(asv_file({"a.mem_x": [[100], [], "v"]})).level is None


def test_columns_are_found_by_name():
    content = asv_file({"a.time_x": ["v", [], [1.0]]}, result_columns=["version", "params", "result"])
    assert figures(only(content)) == {"a.time_x": {"time": {"value": 1.0}}}


def test_times_of_cells_and_of_the_run():
    rows = {
        "a.time_x": timed(1.0, nan, params=[["1", "2"]], started=1700000005000),
        "a.time_y": timed(1.0, started=1700000001500),
        "a.time_z": timed(1.0, started=None),
        "a.time_failed": [None, [], "v", 1700000009000],
    }
    run = only(asv_file(rows))
    np.testing.assert_array_equal(run.cell_times, [1700000005.0, 1700000001.5, nan])
    assert run.started_at == datetime(2023, 11, 14, 22, 13, 21, 500000, UTC)
    assert run.ended_at == datetime(2023, 11, 14, 22, 13, 29, tzinfo=UTC)
    assert run.committed_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("python", "expected"),
    [
        ("3.9", "CPython 3.9"), ("3.13.1", "CPython 3.13"), ("pypy3.9", "PyPy 3.9"), ("3.14t", "CPython 3.14t"),
        ("/usr/bin/python3.12", "CPython 3.12"), (r"C:\Python\python3.12.exe", "CPython 3.12"),
        ("/usr/bin/python3", None), ("", None), (None, None), (3, None),
    ],
)  # fmt: skip
def test_the_interpreter(python, expected):
    run = only(asv_file({"a.time_x": timed(1.0)}, python=python))
    assert dict(run.environment.key).get("python") == expected
    assert bool(run.warnings) == (expected is None)


def test_the_declared_matrix_is_part_of_the_key():
    fields = {"requirements": {"numpy": "2.1", "six": "", "gone": None}, "env_vars": {"BLAS": "mkl"}}
    key = dict(only(asv_file({"a.time_x": timed(1.0)}, **fields)).environment.key)
    assert {name: value for name, value in key.items() if "." in name} == {
        "matrix.numpy": "2.1", "matrix.six": "*", "matrix.BLAS": "mkl",
    }  # fmt: skip


def test_the_machine_is_the_one_it_ran_on_then_machine_json_then_the_folder():
    rows, beside = {"a.time_x": timed(1.0)}, {"machine.json": {"machine": "other", "cpu": "new", "os": "Linux 6.1-5"}}
    run = only(asv_file(rows), beside)
    assert dict(run.environment.key)["machine"] == "box"
    assert dict(run.environment.facts)["cpu"] == "Test CPU"
    run = only(asv_file(rows, params={}), beside)
    assert (dict(run.environment.key)["machine"], dict(run.environment.key)["system"]) == ("other", "Linux")
    assert dict(run.environment.facts) == {"cpu": "new", "kernel": "6.1-5"}
    assert dict(only(asv_file(rows, params={})).environment.key)["machine"] == "box"  # results/box/a.json


@pytest.mark.parametrize("commit", [None, "unknown", 7, "", "--upload-pack=x"])
def test_a_commit_that_is_none(commit):
    assert only(asv_file({"a.time_x": timed(1.0)}, commit_hash=commit)).commit == ""


def test_a_commit_is_written_in_lower_case():
    assert only(asv_file({"a.time_x": timed(1.0)}, commit_hash=COMMIT.upper())).commit == COMMIT


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"version": 1}, "asv update"),
        ({"version": 3}, "version 3"),
        ({"version": None}, "no format version"),
        ({"version": "2"}, "version 2"),
        ({"result_columns": None}, "no column names"),
        ({"result_columns": ["params"]}, "no column names"),
        ({"results": []}, "no results"),
        ({"results": {}}, "no results in this file"),
    ],
)
def test_files_that_are_refused(fields, word):
    bad = fault(asv_file({"a.time_x": timed(1.0)}) | fields)
    assert word in f"{bad.what}; {bad.hint}"


def test_format_version_1_is_known_and_named():
    old = {"commit_hash": COMMIT, "requirements": {}, "params": {}, "results": {"a.time_x": 1.0}, "version": 1}
    assert "asv update" in fault(old).hint


@pytest.mark.parametrize(
    "row",
    [
        None,
        7,
        {},
        [],
        [[1.0], None, "v"] + [None] * 20,
        [1.0, [], "v"],
        [[], [], "v"],
        [[1.0, 2.0], [], "v"],
        [[1.0], [["1", "2"]], "v"],
        [[1.0], "params", "v"],
        [[1.0], [["1"], "2"], "v"],
        [[1.0], [[1]], "v"],
        [["1.0"], [], "v"],
        [[[1.0]], [], "v"],
        [[inf], [], "v"],
        [[10**400], [], "v"],
        [None, [[str(i) for i in range(1000)]] * 3, "v"],
        [[1.0], [], "v", 0, 0.1, [1.0, 2.0]],
        [[1.0], [], "v", 0, 0.1, 1.0],
    ],
    ids=lambda row: json.dumps(row)[:30],
)
def test_a_faulty_row_costs_itself_alone(row):
    runs, faults = read_all(asv_file({"a.time_bad": row, "a.time_good": timed(2.0)}))
    (run,) = runs
    (key,) = run.columns.keys
    assert key.benchmark.name == "a.time_good"
    if row == []:  # all of it null: failed
        assert gaps(run) == {"a.time_bad": "failed"}
    else:
        assert len(faults) == 1
        assert "a.time_bad" in faults[0].where


def test_a_faulty_figure_costs_itself_alone():
    row = timed(1.0, 2.0, params=[["1", "2"]])
    row[7] = ["x", 1.9]
    (run,), (bad,) = read_all(asv_file({"a.time_x": row}))
    np.testing.assert_array_equal(run.columns.stats["q1"], [nan, 1.9])
    assert run.columns.stats["median"].tolist() == [1.0, 2.0]
    assert bad.where.endswith("a.time_x(1)")


@pytest.mark.parametrize("samples", [[[1.0, "x"]], [[inf]], [[1.0], [2.0]], 3])
def test_faulty_samples_are_left_out(samples):
    (run,), (bad,) = read_all(asv_file({"a.time_x": [*timed(1.0), samples]}))
    assert len(run.columns) == 1
    assert not run.samples
    assert "samples" in bad.what


def test_the_same_bytes_are_the_same_run_wherever_they_lie():
    data = REAL.read_bytes()
    beside = {"../benchmarks.json": (REAL.parent.parent / "benchmarks.json").read_bytes()}
    held = only(document(data, beside))
    assert held.digest() == only(Document.of(REAL)).digest()
    (run,) = read(document(data, beside), ReadOptions(suite="mine"))
    assert {key.benchmark.suite for key in run.columns.keys} == {"mine"}
    assert len(ASV_COLUMNS) == 13
