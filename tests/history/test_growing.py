"""Files that a tool adds to: no cell is stored twice, and no new measurement is lost."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from regress.history import History
from regress.model import Environment, Run, Source
from tests.factories import START, make_run

T0 = START.timestamp()


def stage(cells: dict[str, float], times: list[float], gaps: dict[str, str] | None = None, **fields) -> Run:
    """One reading of a growing file; `times` are seconds after START."""
    known = [time for time in times if time == time]
    return make_run(
        "c1",
        cells,
        gaps=gaps,
        growing=True,
        cell_times=np.array(times) + T0,
        started_at=START + timedelta(seconds=min(known, default=0)),
        ended_at=START + timedelta(seconds=max(known, default=0)),
        **fields,
    )


def cells(history: History) -> list[tuple[str, list[float]]]:
    return [(series.key.benchmark.full, series.stats["value"].tolist()) for series in history.series()]


def test_only_what_is_new_is_stored(history: History) -> None:
    first = stage({"b.a": 1.0, "b.b": 2.0}, [0, 10], gaps={"b.x": "failed"})
    grown = stage({"b.a": 1.0, "b.b": 2.0, "b.c": 3.0}, [0, 10, 20], gaps={"b.x": "failed", "b.y": "skipped"})
    (one,) = history.record([first])
    (two,) = history.record([grown])
    assert (two.known, two.points, two.failed, two.skipped) == (False, 1, 0, 1)
    assert cells(history) == [("b.a", [1.0]), ("b.b", [2.0]), ("b.c", [3.0]), ("b.x", []), ("b.y", [])]
    (rest,) = history.load([two.run_id], samples=True)
    assert rest.digest() == two.digest != grown.digest()
    assert rest.started_at == rest.ended_at == START + timedelta(seconds=20)
    (again,) = history.record([grown])
    assert (again.known, again.points) == (True, 3)
    assert (again.run_id, again.digest) in [(one.run_id, one.digest), (two.run_id, two.digest)]
    assert history.stats()["runs"] == 2


def test_stages_in_one_call(history: History) -> None:
    stages = [stage({f"b.{n}": float(n) for n in range(size)}, list(range(size))) for size in (2, 4, 4, 3)]
    recorded = history.record(stages)
    assert [(record.known, record.points) for record in recorded] == [(False, 2), (False, 2), (True, 4), (True, 3)]
    stored = {(run.id, run.digest) for run in history.runs()}
    assert all((record.run_id, record.digest) in stored for record in recorded)
    assert cells(history) == [(f"b.{n}", [float(n)]) for n in range(4)]


def test_another_figure_is_another_measurement(history: History) -> None:
    history.record([stage({"b.a": 1.0}, [0])])
    (recorded,) = history.record([stage({"b.a": 1.5}, [30])])
    assert not recorded.known
    assert cells(history) == [("b.a", [1.0, 1.5])]


def test_the_same_figure_measured_later_is_another_measurement(history: History) -> None:
    history.record([stage({"b.size": 100.0}, [0])])
    assert not history.record([stage({"b.size": 100.0}, [30])])[0].known
    assert cells(history) == [("b.size", [100.0, 100.0])]


def test_without_a_time_the_same_figure_is_the_same_measurement(history: History) -> None:
    history.record([stage({"b.a": 1.0, "b.b": 2.0}, [0, 10])])
    (recorded,) = history.record([stage({"b.a": 1.0, "b.c": 3.0}, [float("nan"), 20])])
    assert recorded.points == 1
    assert [name for name, _ in cells(history)] == ["b.a", "b.b", "b.c"]


def test_a_statistic_more_is_another_measurement(history: History) -> None:
    history.record([stage({"b.a": 1.0}, [0])])
    more = stage({"b.a": {"value": 1.0, "n": 5}}, [0])  # type: ignore[dict-item]
    assert not history.record([more])[0].known


def test_elsewhere_nothing_is_left_out(history: History) -> None:
    history.record([stage({"b.a": 1.0}, [0])])
    elsewhere = [
        stage({"b.a": 1.0}, [0], environment=Environment.of({"machine": "other"})),
        stage({"b.a": 1.0}, [0], source=Source("x", "bundle"), dirty=True),
    ]
    assert [record.known for record in history.record(elsewhere)] == [False, False]


def test_a_run_that_does_not_grow_is_stored_whole(history: History) -> None:
    history.record([stage({"b.a": 1.0}, [0])])
    whole = make_run("c1", {"b.a": 1.0, "b.b": 2.0})
    assert history.record([whole])[0].points == 2


def test_a_failed_cell_that_was_measured_later(history: History) -> None:
    history.record([stage({"b.a": 1.0}, [0], gaps={"b.x": "failed"})])
    (recorded,) = history.record([stage({"b.a": 1.0, "b.x": 5.0}, [0, 30])])
    assert (recorded.points, recorded.failed) == (1, 0)


def test_what_hangs_on_a_cell_stays_with_it(history: History) -> None:
    history.record([stage({"b.a": 1.0}, [0])])
    grown = stage(
        {"b.a": 1.0, "b.b": 2.0},
        [0, 10],
        samples={0: np.array([1.0]), 1: np.array([2.0, 3.0])},
        quantiles={1: ((0.95, 2.5),)},
        attachments={0: "{}", 1: "[]"},
    )
    (recorded,) = history.record([grown])
    (rest,) = history.load([recorded.run_id], samples=True)
    assert rest.samples[0].tolist() == [2.0, 3.0]
    assert (rest.quantiles, rest.attachments) == ({0: ((0.95, 2.5),)}, {0: "[]"})
    assert rest.digest() == recorded.digest
