"""Series: in the order of keys and of the history, filtered, renamed."""

from __future__ import annotations

import random

import numpy as np
import pytest

from regress.history import History
from regress.model import Direction, Environment, Kind, Metric, MetricSpec, Series, presenter
from tests.factories import ENVIRONMENT, make_commits, make_key, make_run, sha

OTHER = Environment.of({"machine": "other"})
MEMORY = Metric("memory", "B")


def drawn(history: History, **filters: object) -> list[tuple[str, list[float]]]:
    found = history.series(**filters)  # type: ignore[arg-type]
    return [(series.key.benchmark.full, series.stats["value"].tolist()) for series in found]


def test_points_come_in_the_order_of_the_history(history: History) -> None:
    names = [f"c{n}" for n in range(8)]
    history.add_commits(make_commits(*names))
    runs = [make_run(name, {"b.a": n, "b.b": -n}, minutes=100 - n) for n, name in enumerate(names)]
    random.Random(1).shuffle(runs)
    history.record(runs[:3])
    history.record(runs[3:])
    assert drawn(history) == [("b.a", list(range(8))), ("b.b", [-n for n in range(8)])]
    order = [run.id for run in history.runs()]
    assert all(series.run_ids.tolist() == order for series in history.series())


def test_series_stream_in_the_order_of_their_keys(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regress.history.trends.BLOCK_POINTS", 1)
    rows = {"z.last": 1.0, "a.first(2)": 1.0, "a.first(10)": 1.0, make_key("a.first(2)", MEMORY): 1.0}
    history.record([make_run("c1", rows, environment=e) for e in (OTHER, ENVIRONMENT)])
    history.record([make_run("c1", rows, suite="another")])
    found = [(s.key.unversioned, s.environment.digest) for s in history.series()]
    assert len(found) == 4 * 2 + 3
    assert found == sorted(found)


def test_a_statistic_that_is_absent_is_left_out_or_nan(history: History) -> None:
    history.record(
        [
            make_run("c1", {"b.a": {"median": 1.0, "lo": 0.5}, "b.b": 1.0}, minutes=1),
            make_run("c2", {"b.a": {"median": 2.0, "n": 3}}, minutes=2),
        ]
    )
    one, two = history.series()
    assert list(one.stats) == ["median", "lo", "n"]
    assert one.stats["median"].tolist() == [1.0, 2.0]
    assert np.isnan(one.stats["lo"]).tolist() == [False, True]
    assert list(two.stats) == ["value"]
    assert one.stats["median"].dtype == np.float64
    assert one.run_ids.dtype == np.int64
    assert all(column.flags.c_contiguous for column in one.stats.values())


def test_series_are_filtered(history: History) -> None:
    rows = {"b.a(1)": 1.0, "b.a(2)": 2.0, "b.ab": 3.0, make_key("b.a(1)", MEMORY): 4.0}
    ids = [r.run_id for r in history.record([make_run("c1", rows), make_run("c2", {"b.ab": 5.0}, environment=OTHER)])]
    assert drawn(history, benchmark="b.a") == [("b.a(1)", [4.0]), ("b.a(1)", [1.0]), ("b.a(2)", [2.0])]
    assert drawn(history, benchmark="b.a(1)", metric="time") == [("b.a(1)", [1.0])]
    assert drawn(history, metric="memory") == [("b.a(1)", [4.0])]
    assert drawn(history, environment=OTHER.digest) == [("b.ab", [5.0])]
    assert drawn(history, suite="nobody") == drawn(history, benchmark="b") == []
    assert drawn(history, runs=ids[1:]) == [("b.ab", [5.0])]
    assert drawn(history, runs=[]) == []
    assert len(drawn(history, runs=range(5000))) == 5


def test_less_is_read_for_who_needs_less(history: History) -> None:
    runs = [make_run("c1", {"b.a": {"median": 1.0, "mean": 9.0, "n": 3}}, minutes=1)]
    runs += [make_run("c2", {"b.a": {"mean": 2.0}}, gaps={"b.b": "failed"}, minutes=2)]
    runs += [make_run("c3", {}, gaps={"b.a": "skipped", "b.b": "failed"}, minutes=3)]
    ids = [record.run_id for record in history.record(runs)]
    trend = {series.key.benchmark.name: series for series in history.series(detail="trend")}
    assert {name: values.tolist() for name, values in trend["b.a"].stats.items()} == {"value": [1.0, 2.0]}
    assert trend["b.a"].gaps == ()
    assert [(run, status) for run, status, _ in trend["b.b"].gaps] == [(ids[1], "failed"), (ids[2], "failed")]
    (centre,) = history.series(detail="centre")
    assert (centre.key.benchmark.name, centre.gaps) == ("b.a", ())


def test_gaps_come_with_their_series(history: History) -> None:
    runs = [make_run("c1", {"b.a": 1.0}, minutes=1), make_run("c2", {}, gaps={"b.a": "failed"}, minutes=2)]
    runs += [make_run("c3", {}, gaps={"b.a": "skipped"}, minutes=3)]
    one, two, three = (record.run_id for record in history.record(runs))
    (series,) = history.series()
    assert series.run_ids.tolist() == [one]
    assert series.gaps == ((two, "failed", ""), (three, "skipped", ""))
    (narrow,) = history.series(runs=[one, three])
    assert narrow.gaps == ((three, "skipped", ""),)


def test_versions_are_series_of_their_own(history: History) -> None:
    for n, version in enumerate(("v2", "v1")):
        history.record([make_run(f"c{n}", {make_key("b.a", version=version): float(n)}, minutes=n)])
    assert [series.key.benchmark.version for series in history.series(benchmark="b.a")] == ["v1", "v2"]


def test_a_run_recorded_while_reading_does_not_disturb(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regress.history.trends.BLOCK_POINTS", 1)
    history.record([make_run("c1", {"b.a": 1.0, "b.b": 2.0})])
    reading = history.series()
    first = next(reading)
    history.record([make_run("c2", {"b.a": 3.0, "b.b": 4.0})])
    (second,) = reading
    assert [len(first), len(second)] == [1, 1]


@pytest.fixture
def renamed(history_url: str):
    with History.open(history_url, present=presenter([("b.old", "b.new")], [])) as opened:
        yield opened


def test_a_metric_that_was_described_since_is_shown_in_its_unit(history_url: str) -> None:
    vague = Metric("peak_kib")
    run = make_run("c1", {make_key("b.a", vague): {"value": 2.0, "n": 5.0}, "b.t": 3.0}, samples={0: np.array([2.0])})
    with History.open(history_url) as history:
        (recorded,) = history.record([run])
    described = presenter([], [MetricSpec("peak_*", "KiB", Direction.LOWER, Kind.EXACT)])
    with History.open(history_url, present=described) as history:
        (series,) = history.series(benchmark="b.a")
        assert (series.key.metric.unit, series.key.metric.direction) == ("B", Direction.LOWER)
        assert (series.stats["value"].tolist(), series.stats["n"].tolist()) == ([2048.0], [5.0])
        (loaded,) = history.load([recorded.run_id])
        row = [key.metric.name for key in loaded.columns.keys].index("peak_kib")
        assert (loaded.columns.stats["value"][row], loaded.columns.stats["n"][row]) == (2048.0, 5.0)
        assert loaded.columns.keys[row].metric.kind is Kind.EXACT
        assert loaded.columns.stats["value"][1 - row] == 3.0
        (whole,) = history.load([recorded.run_id], samples=True)
        assert whole.digest() == run.digest(), "what is written out is what was recorded"


def test_a_renamed_benchmark_keeps_its_history(renamed: History) -> None:
    renamed.add_commits(make_commits("c1", "c2", "c3", "c4"))
    v1, v2 = (make_key("b.new", version=version) for version in ("v1", "v2"))
    runs = [
        make_run("c1", {make_key("b.old", version="x"): 1.0, "b.other": 1.0}),
        make_run("c2", {make_key("b.old", version="y"): 2.0}),
        make_run("c4", {v1: 4.0}),
        make_run("c3", {v2: 3.0}),  # v2 is the older one, whatever its name and id say
    ]
    ids = [record.run_id for record in renamed.record(runs)]
    found = {(s.key.benchmark.full, s.key.benchmark.version): s for s in renamed.series()}
    assert list(found) == [("b.new", "v1"), ("b.new", "v2"), ("b.other", "")]
    assert found["b.new", "v1"].stats["value"].tolist() == [1.0, 2.0, 4.0]
    assert found["b.new", "v1"].run_ids.tolist() == [ids[0], ids[1], ids[2]]
    assert found["b.new", "v2"].stats["value"].tolist() == [3.0]
    assert len(list(renamed.series(benchmark="b.new"))) == 2
    assert list(renamed.series(benchmark="b.old")) == []
    assert [(k.benchmark.name, k.benchmark.version) for k in renamed.benchmarks()] == [
        ("b.new", ""), ("b.new", "v1"), ("b.new", "v2"), ("b.other", ""),
    ]  # fmt: skip
    (loaded,) = renamed.load(ids[:1])
    assert {key.benchmark.full for key in loaded.columns.keys} == {"b.new", "b.other"}
    (narrow,) = renamed.load(ids[:1], keys=[make_key("b.new").digest])
    assert [key.benchmark.full for key in narrow.columns.keys] == ["b.new"]


def test_a_new_name_without_a_run_of_its_own(renamed: History) -> None:
    renamed.record([make_run("c1", {make_key("b.old(1)", version="x"): 1.0})])
    (series,) = renamed.series()
    assert (series.key.benchmark.full, series.key.benchmark.version) == ("b.new(1)", "")


def test_both_names_in_one_run(renamed: History) -> None:
    runs = [
        make_run("c1", {"b.old": 1.0}, gaps={"b.new": "failed"}),
        make_run("c2", {"b.old": 2.0, "b.new": 3.0}, minutes=1),
    ]
    ids = [record.run_id for record in renamed.record(runs)]
    (series,) = renamed.series()
    assert isinstance(series, Series)
    assert series.stats["value"].tolist() == [1.0, 3.0]
    assert series.run_ids.tolist() == ids
    assert series.gaps == ()
    (loaded,) = renamed.load(ids[1:])
    assert loaded.columns.stats["value"].tolist() == [3.0]
    assert loaded.commit == sha("c2")
