"""What is looked at again when something new comes, and that it makes no difference to what is found."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from regress.errors import UncomparedError, UsageError
from regress.model import Cause
from regress.work import changes as working
from regress.work.accepted import append, quoted, read_accepted
from regress.work.changes import find_changes
from regress.work.context import Workspace
from tests.factories import ENVIRONMENT, make_commits, make_run, sha

NAMES = [f"bench.b{number}" for number in range(20)]
#: Which benchmark steps at which commit, and by how much.
STEPS = {"bench.b0": (20, 1.5), "bench.b1": (20, 1.3), "bench.b2": (35, 0.7), "bench.b3": (30, 1.05)}


def value(name: str, place: int, sigma: float = 0.01) -> float:
    """The value of a benchmark at a commit: its noise is the same whenever it is asked for."""
    rng = np.random.default_rng([NAMES.index(name), place])
    step, factor = STEPS.get(name, (10**9, 1.0))
    return float(np.exp(rng.normal(0, sigma))) * (factor if place >= step else 1.0)


def runs(first: int, last: int, **fields):
    return [
        make_run(f"c{place}", {name: value(name, place) for name in NAMES}, minutes=10 * place, **fields)
        for place in range(first, last)
    ]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A project without a repository whose history knows sixty commits, and has no run yet."""
    with Workspace.open(tmp_path) as opened:
        opened.history.add_commits(make_commits(*(f"c{place}" for place in range(60))))
        yield opened


def outline(causes: list[Cause]) -> list[tuple[object, ...]]:
    """What must not depend on the way the results came in."""
    return [
        (cause.id, cause.span, cause.trend, cause.status, [(c.key.benchmark.name, c.status) for c in cause.changes])
        for cause in causes
    ]


def test_the_causes_of_a_history(workspace: Workspace) -> None:
    workspace.history.record(runs(0, 50))
    found = find_changes(workspace)
    assert found.looked == len(NAMES)
    assert [(cause.span.estimate, len(cause.changes)) for cause in found.causes] == [
        (sha("c35"), 1),
        (found.causes[1].span.estimate, 1),
        (sha("c20"), 2),
    ]
    assert [change.key.benchmark.name for change in found.causes[2].changes] == ["bench.b0", "bench.b1"]


def test_nothing_new_is_not_looked_at(workspace: Workspace) -> None:
    workspace.history.record(runs(0, 50))
    first = find_changes(workspace)
    number = workspace.history.last_look().number
    again = find_changes(workspace)
    assert (again.looked, again.causes) == (0, first.causes)
    assert workspace.history.last_look().number == number


def test_commit_by_commit_finds_what_all_at_once_finds(workspace: Workspace, tmp_path: Path) -> None:
    looked = 0
    workspace.history.record(runs(0, 15))
    find_changes(workspace)
    for place in range(15, 50):
        workspace.history.record(runs(place, place + 1))
        step_by_step = find_changes(workspace)
        looked += step_by_step.looked
    assert looked < 35 * len(NAMES) / 2, "most series are quiet most of the time"
    workspace.history.record(runs(50, 52))
    step_by_step = find_changes(workspace)
    with Workspace.open(tmp_path, database=str(tmp_path / "other.db")) as other:
        other.history.add_commits(make_commits(*(f"c{place}" for place in range(60))))
        other.history.record(runs(0, 52))
        at_once = find_changes(other)

    def steps(causes: list[Cause]) -> list[tuple[object, ...]]:
        live = [cause for cause in causes if cause.status.value != "withdrawn"]
        return [(cause.trend, [c.key.benchmark.name for c in cause.changes]) for cause in live]

    assert steps(step_by_step.causes) == steps(at_once.causes)


def test_a_quiet_commit_reads_no_series(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace.history.record(runs(0, 45))
    find_changes(workspace)
    quiet = replace(make_run("c45", {name: 1.0 for name in NAMES if name not in STEPS}, minutes=450))
    workspace.history.record([quiet])
    monkeypatch.setattr(type(workspace.history), "series", lambda *args, **kwargs: pytest.fail("series were read"))
    assert find_changes(workspace).looked == 0


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_of_cycles_is_left_as_it_was(workspace: Workspace, enabled: bool) -> None:
    before = gc.isenabled()
    try:
        gc.enable() if enabled else gc.disable()
        with pytest.raises(UncomparedError):
            find_changes(workspace)
        workspace.history.record(runs(0, 3))
        find_changes(workspace)
        assert gc.isenabled() is enabled
    finally:
        gc.enable() if before else gc.disable()


def test_runs_in_between_are_looked_at_where_they_are(workspace: Workspace) -> None:
    workspace.history.record([*runs(0, 30), *runs(31, 50)])
    find_changes(workspace)
    workspace.history.record([make_run("c30", {name: value(name, 30) for name in NAMES[:7]}, minutes=300)])
    assert find_changes(workspace).looked == 7


def test_many_new_runs_are_read_series_by_series(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "MANY_RUNS", 5)
    workspace.history.record(runs(0, 15))
    find_changes(workspace)
    workspace.history.record(runs(15, 50))
    assert find_changes(workspace).looked == len(NAMES)


def test_another_version_looks_at_everything(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace.history.record(runs(0, 50))
    first = find_changes(workspace)
    monkeypatch.setattr(working, "VERSION", 10**6)
    second = find_changes(workspace)
    assert second.looked == len(NAMES)
    assert outline(second.causes) == outline(first.causes)


def test_another_machine_is_looked_at(workspace: Workspace) -> None:
    workspace.history.record(runs(0, 45))
    find_changes(workspace)
    moved = replace(ENVIRONMENT, facts=(("cores", "8"), ("cpu", "Other CPU")))
    workspace.history.record(runs(45, 46, environment=moved))
    assert find_changes(workspace).looked == len(NAMES)


def test_series_that_are_no_more_are_forgotten(workspace: Workspace) -> None:
    workspace.history.record(runs(0, 30))
    find_changes(workspace)
    assert len(workspace.history.analyses()) == len(NAMES)
    with workspace.history._database._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM point WHERE run_id > 2")
        connection.exec_driver_sql("DELETE FROM run WHERE id > 2")
    found = find_changes(workspace)
    assert [cause.status.value for cause in found.causes] == ["withdrawn"] * len(found.causes)
    with workspace.history._database._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM point")
        connection.exec_driver_sql("DELETE FROM run WHERE id > 1")
    find_changes(workspace)
    assert workspace.history.analyses() == {}


def test_small_batches_and_processes_find_the_same(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.history.record(runs(0, 50))
    here = find_changes(workspace, jobs=1)
    (tmp_path / "history").mkdir()
    monkeypatch.setattr(working, "BATCH_POINTS", 60)
    for number, jobs in enumerate((1, 2)):
        with Workspace.open(tmp_path, database=str(tmp_path / "history" / f"{number}.db")) as other:
            other.history.add_commits(make_commits(*(f"c{place}" for place in range(60))))
            other.history.record(runs(0, 50))
            assert find_changes(other, jobs=jobs).causes == here.causes


def test_a_dask_cluster_finds_the_same(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    workspace.history.record(runs(0, 50))
    monkeypatch.setattr(working, "BATCH_POINTS", 300)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None, protocol="tcp://"
    ) as cluster:
        monkeypatch.setattr(workspace, "config", replace(workspace.config, dask=cluster.scheduler_address))
        there = find_changes(workspace)
    monkeypatch.setattr(workspace, "config", replace(workspace.config, dask=None))
    monkeypatch.setattr(working, "VERSION", 10**6)
    assert find_changes(workspace).causes == there.causes
    assert there.looked == len(NAMES)


def test_a_cluster_that_is_not_there(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    workspace.history.record(runs(0, 5))
    monkeypatch.setattr(workspace, "config", replace(workspace.config, dask="nonsense://here"))
    with pytest.raises(UsageError, match="cannot be reached"):
        find_changes(workspace)


def test_a_history_without_runs(workspace: Workspace) -> None:
    with pytest.raises(UncomparedError, match="ingest results first"):
        find_changes(workspace)


# --- the file of what is accepted ---


@pytest.mark.parametrize("text", ["plain", 'with "quotes" and \\', "two\nlines\tand\x07bell", "naïve → ☃", "\ud800"])
def test_whatever_is_written_can_be_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "regress-accepted.toml").write_text(append(tmp_path, "note", {"cause": "x", "text": text}), "utf-8")
    assert read_accepted(tmp_path).notes[0].text == text.encode("utf-8", "replace").decode()
    assert "\n" not in quoted(text)


def test_what_stands_in_the_file_stays(tmp_path: Path) -> None:
    before = "# a comment\n[[note]]  # another\ncause='x'\ntext='''y'''"
    path = tmp_path / "regress-accepted.toml"
    path.write_text(before, "utf-8")
    text = append(tmp_path, "accepted", {"benchmark": "b.*", "reason": "why", "author": ""})
    assert text == before + '\n\n[[accepted]]\nbenchmark = "b.*"\nreason = "why"\n'
