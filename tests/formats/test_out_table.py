"""Runs as rows: what a spreadsheet, a data frame and a database are given."""

import csv
import io
import json
import math
from dataclasses import replace
from datetime import UTC, datetime

import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.formats.out_parquet import write_parquet
from regress.formats.out_table import columns_of, flat_rows, json_lines, sheet_of
from regress.model import STATISTICS, Environment, StoredRun
from regress.site.tables import csv_parts, fields
from tests.factories import ENVIRONMENT, make_run


def stored(run, **fields) -> StoredRun:
    """The run as a history would list it."""
    sizes = {"points": len(run.columns), "failed": len(run.gaps), "skipped": 0}
    return StoredRun(
        id=1, digest=run.digest(), commit=run.commit, head=run.head, ref=run.ref, environment=run.environment,
        source=run.source, started_at=run.started_at, order=1, **sizes | fields,
    )  # fmt: skip


def as_csv(*runs) -> list[dict[str, str]]:
    about = [stored(run) for run in runs]
    columns = columns_of(about)
    sheets = [sheet_of(run, one) for run, one in zip(runs, about, strict=True)]
    rows = [row for sheet in sheets for row in flat_rows(sheet, columns, lambda cell: fields((cell,))[0])]
    text = "".join(csv_parts([column.name for column in columns], rows))
    text.encode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def as_jsonl(*runs) -> list[dict]:
    about = [stored(run) for run in runs]
    columns = columns_of(about)
    text = "".join(
        line for run, one in zip(runs, about, strict=True) for line in json_lines(sheet_of(run, one), columns)
    )
    return [json.loads(line) for line in text.splitlines()]


def as_parquet(*runs, path):
    about = [stored(run) for run in runs]
    sheets = (sheet_of(run, one) for run, one in zip(runs, about, strict=True))
    with path.open("wb") as file:
        assert write_parquet(file, columns_of(about), sheets) == sum(len(run.columns) + len(run.gaps) for run in runs)
    return pyarrow.parquet.ParquetFile(path)


RUN = make_run(
    "c1",
    {"bench.sort(10)": {"median": 1.5e-3, "lo": 1.4e-3, "n": 10.0}, "bench.read": {"value": 2.0}},
    gaps={"bench.write": "failed"},
    level=0.99,
    quantiles={0: ((0.95, 1.7e-3),)},
    tags=("nightly", "arm"),
    ref="main",
)


def test_a_row_for_each_result_and_each_gap():
    rows = {row["benchmark"]: row for row in as_csv(RUN)}
    assert list(rows) == ["bench.read", "bench.sort(10)", "bench.write"]
    sort, read, failed = rows["bench.sort(10)"], rows["bench.read"], rows["bench.write"]
    assert (sort["name"], sort["variant"], sort["metric"], sort["unit"]) == ("bench.sort", "(10)", "time", "s")
    assert (float(sort["median"]), float(sort["lo"]), float(sort["n"])) == (1.5e-3, 1.4e-3, 10)
    assert (sort["value"], sort["hi"], read["median"], float(read["value"])) == ("", "", "", 2.0)
    assert (sort["level"], json.loads(sort["quantiles"]), sort["tags"]) == ("0.99", {"0.95": 1.7e-3}, "nightly; arm")
    assert (failed["status"], [failed[name] for name in STATISTICS]) == ("failed", [""] * len(STATISTICS))
    assert sort["commit"] == RUN.commit
    assert datetime.fromisoformat(sort["started_at"]) == RUN.started_at
    assert (sort["dirty"], sort["branch"], sort["key.machine"], sort["fact.cores"]) == ("false", "main", "box", "4")


def test_lines_of_json_say_the_same_with_their_types():
    sort = next(row for row in as_jsonl(RUN) if row["benchmark"] == "bench.sort(10)")
    assert (sort["median"], sort["quantiles"], sort["tags"]) == (1.5e-3, {"0.95": 1.7e-3}, ["nightly", "arm"])
    assert sort["dirty"] is False
    assert not {"hi", "value", "params"} & sort.keys(), "what is not known is left out"


def test_parquet_has_types(tmp_path):
    made = as_parquet(RUN, make_run("c2", {"bench.read": 3.0}), path=tmp_path / "x.parquet")
    kinds = {field.name: str(field.type) for field in made.schema_arrow}
    assert kinds["started_at"] == "timestamp[us, tz=UTC]"
    assert kinds["benchmark"] == "dictionary<values=string, indices=int32, ordered=0>"
    assert (kinds["median"], kinds["dirty"]) == ("double", "bool")
    assert kinds["tags"].startswith("list<")
    rows = made.read().to_pylist()
    sort = next(row for row in rows if row["benchmark"] == "bench.sort(10)")
    assert (sort["median"], sort["hi"], dict(sort["quantiles"])) == (1.5e-3, None, {"0.95": 1.7e-3})
    assert sort["started_at"] == RUN.started_at
    assert [row["status"] for row in rows] == ["measured", "measured", "failed", "measured"]


def test_a_row_group_holds_whole_runs(tmp_path, monkeypatch):
    monkeypatch.setattr("regress.formats.out_parquet.GROUP", 3)
    runs = [make_run(f"c{i}", {"a": 1.0, "b": 2.0}, minutes=i) for i in range(5)]
    made = as_parquet(*runs, path=tmp_path / "x.parquet")
    assert [made.metadata.row_group(i).num_rows for i in range(made.num_row_groups)] == [4, 4, 2]


def test_without_pyarrow_one_line_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(Exception, match=r"^Parquet needs pyarrow; pip install 'regress\[parquet\]'$"):
        write_parquet(io.BytesIO(), columns_of([]), [])


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2", "@SUM(A1)", "\tx", "＝1"])
def test_no_cell_is_a_formula(name):
    run = make_run("c1", {"a": 1.0}, environment=Environment.of({"machine": name}, {"cpu": name}))
    row = as_csv(run)[0]
    for column in ("key.machine", "fact.cpu"):
        plain = name == "-2"
        assert row[column] == (name if plain else "'" + name)
    assert as_jsonl(run)[0]["key.machine"] == name


def test_environments_that_differ_share_one_table():
    other = make_run("c2", {"a": 1.0}, environment=Environment.of({"matrix.numpy": "2.4"}, {"cpu": "Other"}))
    one, two = as_csv(make_run("c1", {"a": 1.0}), other)
    assert (one["key.matrix.numpy"], two["key.matrix.numpy"]) == ("", "2.4")
    assert (one["fact.cpu"], two["fact.cpu"], two["fact.cores"]) == ("Test CPU", "Other", "")


NAMES = st.text(st.characters(codec=None), min_size=1, max_size=12)


@settings(deadline=None, max_examples=60)
@given(
    names=st.lists(NAMES, min_size=1, max_size=4, unique=True), figure=st.floats(allow_nan=False, allow_infinity=False)
)
def test_every_name_and_every_figure_comes_back(names, figure, tmp_path_factory):
    run = make_run("c1", dict.fromkeys(names, figure), environment=replace(ENVIRONMENT, host=names[0]))
    said = [name.encode("utf-8", "replace").decode() for name in names]
    table, lines = as_csv(run), as_jsonl(run)
    assert sorted(row["benchmark"] for row in lines) == sorted(said)
    assert all(float(row["value"]) == figure for row in table)
    assert all(row["value"] == figure or math.isnan(figure) for row in lines)
    made = as_parquet(run, path=tmp_path_factory.mktemp("p") / "x.parquet").read().to_pylist()
    assert sorted(row["benchmark"] for row in made) == sorted(said)


def test_a_name_that_is_no_unicode_has_question_marks(tmp_path):
    run = make_run("c1", {"a\ud800b": 1.0}, environment=Environment.of({"machine": "\udfff"}))
    for rows in (as_csv(run), as_jsonl(run), as_parquet(run, path=tmp_path / "x.parquet").read().to_pylist()):
        assert (rows[0]["benchmark"], rows[0]["key.machine"], rows[0]["environment"]) == ("a?b", "?", "?")


def test_a_time_that_is_not_known_is_nothing():
    run = make_run("c1", {"a": 1.0}, started_at=None, committed_at=datetime(2026, 1, 2, tzinfo=UTC))
    row = as_csv(run)[0]
    assert (row["started_at"], row["committed_at"]) == ("", "2026-01-02T00:00:00+00:00")
