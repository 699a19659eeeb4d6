"""Runs in and out, on both engines: the same store tests run on each."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from regress.errors import HistoryError
from regress.history import History
from regress.model import STATISTICS, Columns, Direction, Environment, Gap, Kind, Metric, Run, Source
from tests.factories import ENVIRONMENT, START, make_commits, make_key, make_run, sha

OTHER = Environment.of({"system": "Linux", "machine": "other"}, {"cpu": "Another CPU"})


def full_run() -> Run:
    """A run with all that a run can hold, and text that databases do not like."""
    rows = {"bench.sort(10)": {"median": 2.0, "lo": -0.0, "n": 10, "iterations": 3}, "bench.read": {"value": 1e-300}}
    odd = make_key(
        "bench.odd(\"\x00\ud800 \ufdd0é\U0001f600')", Metric("peak memory", "B", Direction.LOWER, Kind.EXACT)
    )
    odd = replace(odd, benchmark=replace(odd.benchmark, params=(("n", "\ud800"), ("k", "\x00")), group="g"))
    return make_run(
        "c1",
        rows | {odd: {"value": float("inf"), "n": 2.5}},
        gaps={"bench.read(2)": "failed", "bench.sort(11)": "skipped"},
        head=sha("tip"),
        ref="feature/é",
        started_at=datetime(2024, 5, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2))),
        committed_at=START,
        dirty=True,
        level=0.99,
        tags=("nightly", "\ud83d"),
        samples={0: np.array([1.0, float("nan"), -0.0]), 2: np.array([])},
        quantiles={0: ((0.99, 5.0), (0.95, 4.0))},
        attachments={1: '{"profile": "\x00é"}'},
        warnings=("look\x00here",),
    )


def test_a_run_comes_back_as_it_was(history: History) -> None:
    run = full_run()
    (recorded,) = history.record([run])
    assert (recorded.known, recorded.points, recorded.failed, recorded.skipped) == (False, 3, 1, 1)
    (loaded,) = history.load([recorded.run_id], samples=True)
    assert loaded.digest() == run.digest() == recorded.digest
    assert loaded.environment == run.environment
    assert (loaded.environment.facts, loaded.environment.host) == (ENVIRONMENT.facts, "box-1")
    same = (
        "commit",
        "head",
        "ref",
        "source",
        "started_at",
        "ended_at",
        "committed_at",
        "dirty",
        "level",
        "tags",
        "warnings",
    )
    for name in same:
        assert getattr(loaded, name) == getattr(run, name), name
    mine = {key.digest: key for key in run.columns.keys}
    for key in loaded.columns.keys:
        benchmark, metric = mine[key.digest].benchmark, mine[key.digest].metric
        assert (key.benchmark, key.benchmark.params, key.benchmark.group) == (
            benchmark,
            benchmark.params,
            benchmark.group,
        )
        assert (key.metric, key.metric.unit, key.metric.direction, key.metric.kind) == (
            metric, metric.unit, metric.direction, metric.kind,
        )  # fmt: skip
    row = [key.benchmark.full for key in loaded.columns.keys].index("bench.read")
    assert loaded.attachments == {row: '{"profile": "\x00é"}'}
    assert {(gap.key.benchmark.full, gap.status) for gap in loaded.gaps} == {
        ("bench.read(2)", "failed"), ("bench.sort(11)", "skipped"),
    }  # fmt: skip


def test_without_samples_only_the_figures_are_loaded(history: History) -> None:
    (recorded,) = history.record([full_run()])
    (loaded,) = history.load([recorded.run_id])
    assert not loaded.samples
    assert not loaded.quantiles
    assert not loaded.attachments
    assert len(loaded.columns) == 3


FIGURES = st.floats(allow_nan=False) | st.just(float("nan"))
RUNS = st.lists(
    st.tuples(st.text(max_size=6), st.dictionaries(st.sampled_from(STATISTICS), FIGURES, max_size=4), st.booleans()),
    max_size=6,
    unique_by=lambda row: row[0],
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=RUNS, samples=st.lists(st.floats(), max_size=3), environment=st.sampled_from([ENVIRONMENT, OTHER]))
def test_any_run_keeps_its_digest(history: History, rows: list, samples: list[float], environment: Environment) -> None:
    cells = {make_key("b." + name): figures | {"value": 1.0} for name, figures, gap in rows if not gap}
    run = make_run("c1", cells, gaps={"b." + name: "failed" for name, _, gap in rows if gap}, environment=environment)
    run = replace(run, samples={row: np.array(samples) for row in range(len(cells))})
    (recorded,) = history.record([run])
    (loaded,) = history.load([recorded.run_id], samples=True)
    assert recorded.digest == run.digest() == loaded.digest()


def test_what_is_known_is_not_stored_again(history: History) -> None:
    runs = [make_run("c1"), make_run("c2"), make_run("c1")]
    first = history.record(runs)
    before = history.stats()
    second = history.record(iter(runs))
    assert [record.known for record in first] == [False, False, True]
    assert [record.known for record in second] == [True, True, True]
    assert first[0].run_id == first[2].run_id
    assert [record.run_id for record in first] == [record.run_id for record in second]
    assert [record.points for record in second] == [1, 1, 1]
    assert history.stats() == before
    assert (before["runs"], before["points"]) == (2, 2)


def test_many_chunks_are_one_history(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regress.history.batch.CHUNK_ROWS", 3)
    monkeypatch.setattr("regress.history.bulk.BLOCK_ROWS", 2)
    monkeypatch.setattr("regress.history.bulk.STATEMENT_ROWS", 2)
    runs = [make_run(f"c{n}", {f"b.{i}": n + i / 10 for i in range(n % 4 + 1)}, minutes=n) for n in range(9)]
    recorded = history.record(runs + runs[:2])
    assert [record.digest for record in recorded] == [run.digest() for run in runs + runs[:2]]
    assert [record.known for record in recorded] == [False] * 9 + [True] * 2
    loaded = history.load([record.run_id for record in recorded], samples=True)
    assert [run.digest() for run in loaded] == [record.digest for record in recorded]
    assert sum(len(series) for series in history.series()) == sum(len(run.columns) for run in runs)


def test_a_large_load_keeps_the_index_and_empties_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regress.history.bulk.LARGE", 2)
    monkeypatch.setattr("regress.history.store.LARGE", 2)
    path = tmp_path / "history.db"
    with History.open(str(path)) as history:
        history.record([make_run("c1", {f"b.{n}": n for n in range(5)})])
        assert (tmp_path / "history.db-wal").stat().st_size == 0
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()
    assert ("point_run",) in names


def test_an_absent_figure_is_null_for_whoever_reads_the_tables(history: History) -> None:
    history.record([make_run("c1", {"b.a": {"median": 1.0, "lo": 0.5}, "b.b": {"median": 1.0}})])
    with history._database.reading() as connection:
        rows = connection.execute(text("SELECT lo, hi FROM point ORDER BY lo IS NULL")).all()
    assert rows == [(0.5, None), (None, None)]


def test_the_caller_keeps_its_runs(history: History) -> None:
    run = make_run("c1", {"b.a": {"median": 1.0, "lo": 0.5}})
    history.record([run])
    assert run.columns.stats["median"].tolist() == [1.0]
    assert list(run.columns.stats) == ["median", "lo"]


def test_a_run_of_gaps_alone(history: History) -> None:
    (recorded,) = history.record([make_run("c1", {}, gaps={"b.a": "failed", "b.b": "skipped"})])
    assert (recorded.points, recorded.failed, recorded.skipped) == (0, 1, 1)
    (run,) = history.load([recorded.run_id], samples=True)
    assert run.digest() == recorded.digest
    assert [(series.key.benchmark.full, len(series), series.gaps) for series in history.series()] == [
        ("b.a", 0, ((recorded.run_id, "failed", ""),)), ("b.b", 0, ((recorded.run_id, "skipped", ""),)),
    ]  # fmt: skip


def test_the_same_benchmark_twice_in_one_run_is_refused(history: History) -> None:
    key = make_key("b.a")
    twice = replace(make_run("c2"), columns=Columns((key, key), {"value": np.array([1.0, 2.0])}))
    with pytest.raises(HistoryError, match=r"c2\.json: a run holds b\.a twice; remove"):
        history.record([make_run("c1"), replace(twice, source=Source("c2.json", "asv"))])
    assert history.stats()["runs"] == history.stats()["series"] == history.stats()["commits"] == 0


def test_columns_that_do_not_fit_are_refused(history: History) -> None:
    for stats in ({"value": np.zeros(2)}, {"p95": np.zeros(1)}):
        with pytest.raises(HistoryError, match="its column"):
            history.record([replace(make_run(), columns=Columns((make_key("b"),), stats))])
    assert history.stats()["runs"] == 0


def test_a_reader_that_fails_leaves_nothing(history: History) -> None:
    def failing():
        yield make_run("c1")
        raise RuntimeError("half a file")

    with pytest.raises(RuntimeError, match="half a file"):
        history.record(failing(), [Source("x", "asv", digest="d")])
    assert history.stats()["runs"] == 0
    assert history.known_sources(["d"]) == set()


def test_a_write_that_fails_leaves_nothing(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    history.record([make_run("c0")])
    before = history.stats()

    def break_down(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("regress.history.record.name_commits", break_down)  # the last step of a transaction
    with pytest.raises(RuntimeError, match="power cut"):
        history.record([make_run("c1", {"b.new": 1.0}, gaps={"b.gap": "failed"}), full_run()])
    assert history.stats() | {"bytes": 0} == before | {"bytes": 0}
    assert len(list(history.series())) == 1


def test_sources_are_remembered_after_the_runs(history: History) -> None:
    whole: list[Source] = []

    def runs():
        yield make_run("c1")
        whole.append(Source("data.js", "js", digest="d1"))

    history.record(runs(), whole)
    history.record([], [Source("data.js", "js", digest="d2"), Source("other.js", "js", digest="d1"), Source("-", "js")])
    assert history.known_sources(["d1", "d2", "d3", ""]) == {"d1", "d2"}
    assert history.known_sources([f"d{n}" for n in range(3000)]) == {"d1", "d2"}
    assert history.known_sources([]) == set()


def test_a_source_of_a_run_alone_is_not_remembered(history: History) -> None:
    history.record([make_run(source=Source("data.js", "js", digest="d"))])
    assert history.known_sources(["d"]) == set()


def test_runs_are_listed_in_the_order_of_the_history(history: History) -> None:
    runs = [make_run("c2", minutes=1), make_run("c1", minutes=5), make_run("c1", minutes=2), make_run("c3", minutes=0)]
    ids = [record.run_id for record in history.record(runs)]
    history.add_commits(make_commits("c1", "c2", "c3"))
    listed = history.runs()
    assert [run.id for run in listed] == [ids[2], ids[1], ids[0], ids[3]]
    assert [run.order for run in listed] == [1, 1, 2, 3]
    assert (listed[0].subject, listed[0].author, listed[0].committed_at) == ("Change c1", "Ada", START)
    assert (listed[0].suites, listed[0].points, listed[0].source) == (("asv",), 1, runs[2].source)


def test_runs_are_filtered(history: History) -> None:
    runs = [make_run("c1"), make_run("c2", head=sha("tip")), make_run("c2", environment=OTHER), make_run("")]
    one, two, three, none = (record.run_id for record in history.record(runs))

    def found(**filters: object) -> set[int]:
        return {run.id for run in history.runs(**filters)}  # type: ignore[arg-type]

    assert found() == {one, two, three, none}
    assert found(ids=[one, none, 99]) == {one, none}
    assert found(digests=[runs[2].digest()]) == {three}
    assert found(commits=[sha("c2")]) == {two, three}
    assert found(commits={sha("tip")}) == {two}
    assert found(environment=OTHER.digest) == {three}
    assert found(environment=ENVIRONMENT.digest, commits=[sha("c2")]) == {two}
    assert found(ids=[]) == found(commits=[]) == set()
    assert found(commits=[sha("c1"), *(sha(str(n)) for n in range(3000))]) == {one}
    assert found(ids=range(5000)) == {one, two, three, none}


def test_keys_narrow_what_is_loaded(history: History) -> None:
    ids = [
        r.run_id for r in history.record([make_run(c, {"b.a": 1.0, "b.b": 2.0}, gaps={"b.c": "failed"}) for c in "xy"])
    ]
    wanted = make_key("b.b").digest
    for keys in ([wanted], {wanted, *(make_key(str(n)).digest for n in range(3000))}):
        first, second = history.load(ids, keys=keys)
        assert [key.benchmark.full for key in first.columns.keys] == ["b.b"]
        assert first.columns.stats["value"].tolist() == [2.0]
        assert first.gaps == ()
        assert first.columns.keys[0] is second.columns.keys[0]
    assert [len(run.columns) for run in history.load(ids, keys=[])] == [0, 0]
    assert [gap.status for gap in history.load(ids, keys=[make_key("b.c").digest])[0].gaps] == ["failed"]


def test_load_gives_what_was_asked_for_in_that_order(history: History) -> None:
    a, b = (record.run_id for record in history.record([make_run("a"), make_run("b")]))
    assert [run.commit for run in history.load([b, a, b])] == [sha("b"), sha("a"), sha("b")]
    assert history.load([]) == []
    with pytest.raises(HistoryError, match="no run 4711"):
        history.load([a, 4711])


def test_what_was_unknown_of_a_series_is_learnt(history: History) -> None:
    def key(metric: Metric, **fields: object):
        return make_key("b.size", metric, **fields)

    runs = [
        make_run("c1", {key(Metric("size")): 1.0}),
        make_run("c2", {key(Metric("size", "B", Direction.HIGHER, Kind.EXACT), params=(("n", "1"),), group="g"): 1.0}),
        make_run("c3", {key(Metric("size", "s", Direction.LOWER), params=(("n", "2"),), group="h"): 1.0}),
        make_run("c4", {key(Metric("size")): 1.0}),
    ]
    for run in runs:
        history.record([run])
    (found,) = history.benchmarks()
    assert (found.metric.unit, found.metric.direction, found.metric.kind) == ("B", Direction.HIGHER, Kind.EXACT)
    assert (found.benchmark.params, found.benchmark.group) == ((("n", "1"),), "g")


def test_environments_and_benchmarks_are_distinct_and_sorted(history: History) -> None:
    runs = [make_run("c1", {"b.b": 1.0, "a.a": 1.0}, environment=environment) for environment in (OTHER, ENVIRONMENT)]
    history.record(runs)
    assert history.environments() == [ENVIRONMENT, OTHER]
    assert [key.benchmark.full for key in history.benchmarks()] == ["a.a", "b.b"]


def test_facts_belong_to_the_run(history: History) -> None:
    later = Environment(ENVIRONMENT.key, (("cpu", "Newer CPU"),), "box-2")
    ids = [r.run_id for r in history.record([make_run("c1"), make_run("c1", environment=later)])]
    assert [run.environment.fact("cpu") for run in history.load(ids)] == ["Test CPU", "Newer CPU"]
    assert len(history.environments()) == 1


def test_two_gaps_of_one_cell_count_once(history: History) -> None:
    gap = Gap(make_key("b.a"), "failed", "first")
    (recorded,) = history.record([replace(make_run("c1"), gaps=(gap, gap))])
    assert recorded.failed == 1
    (loaded,) = history.load([recorded.run_id])
    assert [one.reason for one in loaded.gaps] == ["first"]


def test_an_empty_call(history: History) -> None:
    assert history.record([]) == []
    assert history.runs() == []
    assert list(history.series()) == []
    assert history.stats() | {"bytes": 0} == dict.fromkeys(
        ("runs", "points", "series", "commits", "failed", "skipped", "bytes"), 0
    )


def test_what_another_writer_adds_is_loaded_whole(history: History, history_url: str) -> None:
    (first,) = history.record([make_run("c1", {"b.old": 1.0})])
    assert len(history.load([first.run_id])[0].columns) == 1
    with History.open(history_url) as other:
        (second,) = other.record([make_run("c2", {"b.old": 1.0, "b.new": 2.0})])
    names = [key.benchmark.name for key in history.load([second.run_id])[0].columns.keys]
    assert names == ["b.old", "b.new"]


def test_what_a_run_teaches_of_a_series_is_seen_at_once(history: History) -> None:
    (first,) = history.record([make_run("c1", {"b.a": 1.0}, metric=Metric("size"))])
    assert history.load([first.run_id])[0].columns.keys[0].metric.unit == "1"
    history.record([make_run("c2", {"b.a": 1.0}, metric=Metric("size", "B", Direction.LOWER))])
    assert history.load([first.run_id])[0].columns.keys[0].metric.unit == "B"
