"""The data of the pages as CSV and JSON: numbers as numbers, and nothing that a spreadsheet would run."""

import csv
import io
import json
import math
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.model import BudgetState, Environment, Outcome
from regress.site import build, records
from regress.site.tables import FORMULA, Table, as_csv, as_json

from .causes import make_cause, make_change, of_every_kind
from .factories import ENVIRONMENT, History, make_key, make_run, make_runs, realistic, steps
from .html_reader import read
from .test_extra import KEY, result

HOSTILE = '=HYPERLINK("http://x.example")"\'\n<script>\u202e\0'
PAGES = ("index", "changes", "targets", "runs", "machines")


def rows_of(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def read_csv(path):
    head, *rows = rows_of(path.read_text("utf-8"))
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "out"
    budgets = [
        result(BudgetState.BREACHED, value=0.2, headroom=-1 / 3, n=120.0, failing=True, requirement="SLA-3"),
        result(BudgetState.UNJUDGED, key=None, reason="matches nothing"),
    ]
    build(realistic(40).site(causes=of_every_kind(), budgets=budgets, points=True), out)
    return out


def test_numbers_are_numbers_and_what_is_not_known_is_nothing():
    table = Table(("a", "b"), [(0.1 + 0.2, "x"), (math.nan, ""), (math.inf, None), (-5, True), (3, ("x", "y"))])
    assert rows_of(as_csv(table)) == [
        ["a", "b"], ["0.30000000000000004", "x"], ["", ""], ["", ""], ["-5", "true"], ["3", "x; y"],
    ]  # fmt: skip
    assert json.loads(as_json(table)) == {
        "columns": ["a", "b"],
        "data": [[0.1 + 0.2, "x"], [None, ""], [None, None], [-5, True], [3, ["x", "y"]]],
    }


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@sum", "\tx", "\rx", "--5"])
def test_a_formula_is_no_formula_any_more(text):
    assert rows_of(as_csv(Table(("a",), [(text,)])))[1] == ["'" + text]
    assert json.loads(as_json(Table(("a",), [(text,)])))["data"] == [[text]]


@pytest.mark.parametrize("text", ["-5", "+1.5e3", "-.5"])
def test_a_text_that_is_a_number_stays_one(text):
    assert rows_of(as_csv(Table(("a",), [(text,)])))[1] == [text]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.floats(allow_nan=False)), max_size=5))
def test_any_text_comes_back_and_begins_no_formula(rows):
    table = Table(("text", "number"), rows)
    found = list(csv.reader(io.StringIO(as_csv(table), newline="")))[1:]
    for (text, number), (field, figure) in zip(rows, found, strict=True):
        guarded = field != text
        assert field == ("'" + text if guarded else text)
        assert guarded or not text.startswith(FORMULA) or math.isfinite(float(text))
        assert figure == (repr(number) if math.isfinite(number) else "")
    back = json.loads(as_json(table))["data"]
    assert back == [[text, number if math.isfinite(number) else None] for text, number in rows]


def test_every_page_links_its_data_and_about_lists_all(site):
    about = [attrs["href"] for attrs in read(site / "about.html").all("a")]
    for stem in PAGES:
        links = [attrs["href"] for attrs in read(site / f"{stem}.html").all("a")]
        for kind in ("csv", "json"):
            assert f"{stem}.{kind}" in links
            assert f"{stem}.{kind}" in about
            assert (site / f"{stem}.{kind}").is_file()
    assert "history.sqlite" not in about


@pytest.mark.parametrize("stem", PAGES)
def test_both_formats_say_the_same(site, stem):
    head, *rows = rows_of((site / f"{stem}.csv").read_text("utf-8"))
    told = json.loads((site / f"{stem}.json").read_text("utf-8"))
    assert told["columns"] == head
    assert len(told["data"]) == len(rows) > 0
    assert {len(row) for row in (*rows, *told["data"])} == {len(head)}


def test_the_data_of_the_overview(site):
    rows = read_csv(site / "index.csv")
    sort = next(row for row in rows if row["name"] == "bench_sort.Sort.time_sort" and "bench-01" in row["environment"])
    assert (sort["suite"], sort["metric"], sort["unit"], sort["states"]) == ("asv", "time", "s", "regressed")
    assert 0.01 < float(sort["value"]) < 0.05
    assert 0.3 < float(sort["change"]) < 0.6
    assert sort["date"] == "2026-02-14"
    assert sort["commit"] == make_run(40).commit
    page, _, section = sort["href"].partition("#")
    assert section in read(site / page).ids
    assert len(rows) == len({(row["suite"], row["name"], row["environment_id"]) for row in rows})


def test_the_data_of_changes(site):
    rows = {row["id"]: row for row in read_csv(site / "changes.csv")}
    first = rows["aaaa0001"]
    assert (first["trend"], first["status"], first["confirmed"], first["note"]) == (
        "regression", "open", "true", "seen by Grace",
    )  # fmt: skip
    assert (first["benchmarks"], first["series"], first["authors"]) == ("3", "3", "Ada")
    assert (float(first["before"]), float(first["now"]), float(first["change"])) == (1.0, 1.5, 0.5)
    assert float(first["change_low"]) == pytest.approx(0.425)
    assert datetime.fromisoformat(first["date"]).date().isoformat() == first["date"][:10]
    assert first["href"] == "changes.html#c-aaaa0001"
    assert rows["aaaa0005"]["reason"] == "checks its input now"
    assert rows[""]["href"] == ""


def test_the_data_of_targets(site):
    breached, lost = read_csv(site / "targets.csv")
    assert (breached["requirement"], breached["state"], breached["failing"]) == ("SLA-3", "breached", "true")
    assert (float(breached["limit_value"]), float(breached["value"])) == (0.15, 0.2)
    assert (lost["name"], lost["value"], lost["environment"]) == ("everything", "", "")


def test_the_data_of_runs_and_machines():
    other = replace(ENVIRONMENT, facts=(("cpu", "AMD EPYC 9554"),))
    runs = make_runs(3, suites=("asv", "x"), points=7, failed=1)
    runs[3] = replace(runs[3], environment=other, tags=("v1",), dirty=True)
    table = records.runs(runs)
    newest = dict(zip(table.columns, table.rows[0], strict=True))
    assert newest["commit"] == runs[3].commit
    assert (newest["values"], newest["failed"], newest["dirty"], newest["tags"]) == (7, 1, True, ("v1",))
    assert newest["measured"] == "2026-01-08T12:00:00+00:00"
    facts = records.machines(runs)
    cpus = [row[4:] for row in facts.rows if row[2:4] == ("fact", "cpu")]
    assert cpus == [
        ("AMD EPYC 7763", 2, "2026-01-06", "2026-01-07"), ("AMD EPYC 9554", 1, "2026-01-08", "2026-01-08"),
    ]  # fmt: skip


def test_points_are_exact_and_failures_are_told(site):
    rows = read_csv(site / "b" / "bench_io.Load.time_save.csv")
    assert rows[0].keys() == set(records.POINTS)
    history = realistic(40)
    series = next(
        each for each in history.series
        if each.key.benchmark.name == "bench_io.Load.time_save" and each.environment == ENVIRONMENT
    )  # fmt: skip
    own = [row for row in rows if row["environment"] == ENVIRONMENT.label]
    assert [float(row["value"]) for row in own if row["value"]] == np.asarray(series.centre).tolist()
    assert [row["commit"] for row in own if row["status"] == "failed"] == [make_run(i).commit for i in (20, 21, 36)]
    links = [attrs["href"] for attrs in read(site / "b" / "bench_io.Load.time_save.html").all("a")]
    assert "../b/bench_io.Load.time_save.csv" in links


def test_points_are_not_written_unasked(tmp_path):
    build(realistic(12).site(), tmp_path / "out")
    assert list((tmp_path / "out" / "b").glob("*.csv")) == []
    page = read(next((tmp_path / "out" / "b").glob("*.html")))
    assert not [attrs for attrs in page.all("a") if attrs["href"].endswith(".csv")]


def test_hostile_names_are_data(tmp_path):
    place = Environment.of({"machine": HOSTILE}, {"cpu": HOSTILE}, HOSTILE)
    h = History(12, environments=(place,))
    key = make_key(HOSTILE, HOSTILE)
    h.add(key, steps(12, (1, 1.0), (12, 1.5)), outcome=Outcome.REGRESSED)
    h.runs[12] = replace(h.runs[12], subject=HOSTILE, author=HOSTILE, tags=(HOSTILE,))
    cause = make_cause("aaaa0001", make_change(key, environment=place, at=10), at=10, reason=HOSTILE, facts=(HOSTILE,))
    budgets = [result(BudgetState.UNJUDGED, key=key, reason=HOSTILE, requirement=HOSTILE)]
    build(h.site(causes=[cause], budgets=budgets, points=True), tmp_path / "deep" / "out")
    made = list(tmp_path.rglob("*.csv"))
    assert len(made) == 6
    for path in made:
        assert path.is_relative_to(tmp_path / "deep" / "out")
        for row in csv.reader(io.StringIO(path.read_text("utf-8"), newline="")):
            assert not [field for field in row if field.startswith(FORMULA)]
    told = json.loads((tmp_path / "deep" / "out" / "index.json").read_text("utf-8"))
    assert told["data"][0][1] == HOSTILE


def test_a_copy_of_the_history_is_linked(tmp_path):
    site = replace(realistic(12).site(), copy=lambda path: path.write_bytes(b"SQLite format 3\0"))
    build(site, tmp_path / "out")
    assert (tmp_path / "out" / "history.sqlite").read_bytes().startswith(b"SQLite")
    assert "history.sqlite" in [attrs["href"] for attrs in read(tmp_path / "out" / "about.html").all("a")]
    build(realistic(12).site(), tmp_path / "out")
    assert not (tmp_path / "out" / "history.sqlite").exists()


def test_a_target_shows_how_it_went(tmp_path):
    h = realistic(60)
    load, merge = make_key("bench_io.Load.time_load_csv"), make_key("bench_merge.time_merge")
    budgets = [
        result(BudgetState.MET, "median < 15ms", key=load, statistic="median", value=0.0122, headroom=0.187),
        result(BudgetState.MET, "p95 < 1ms", key=merge, statistic="p95", value=2e-4, headroom=0.8),
        result(BudgetState.MET, "median < 15ms", key=KEY, statistic="median", value=1.0, headroom=0.1),
    ]
    build(h.site(budgets=budgets), tmp_path / "out")
    page = read(tmp_path / "out" / "targets.html")
    assert "was 17.7% on 2026-01-16" in page.content
    assert page.content.count("central values") == 1, "a percentile's history is not known"
    assert page.content.count(" on 2026-01-16") == 1
    pictures = [attrs["aria-label"] for attrs in page.all("svg") if "aria-label" in attrs]
    assert len(pictures) == 2
    for href in (attrs["href"] for attrs in page.all("a") if "time_load_csv" in attrs["href"]):
        file, _, panel = href.partition("#")
        assert panel in read(tmp_path / "out" / file).ids
