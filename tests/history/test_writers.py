"""Several processes write at once: every run is there once, and nobody fails."""

from __future__ import annotations

import multiprocessing
import sqlite3
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from regress.errors import HistoryError
from regress.history import History, engine
from regress.history.tables import COMMIT
from regress.model import Source, topological
from tests.factories import START, make_commits, make_run

PROCESSES, RUNS, CELLS = 4, 12, 30


def _runs(writer: int) -> list[Any]:
    """Half of the runs are those of the next writer as well, in another order."""
    numbers = [(writer * RUNS // 2 + n) % (PROCESSES * RUNS // 2) for n in range(RUNS)]
    numbers = numbers[::-1] if writer % 2 else numbers
    gaps = {"b.gap": "failed"}
    return [make_run(f"c{n}", {f"b.{i}": n + i for i in range(CELLS)}, minutes=n, gaps=gaps) for n in numbers]


def _growing(writer: int) -> Any:
    """A stage of one growing file, the same for all but for its end."""
    size = 5 + writer
    times = np.arange(size) + START.timestamp()
    cells = {f"grown.{i}": float(i) for i in range(size)}
    return make_run("grown", cells, growing=True, cell_times=times, source=Source("grown", "grown"))


def _write(url: str, writer: int, barrier: Barrier) -> None:
    barrier.wait(60)
    with History.open(url) as history:
        for run in _runs(writer):
            history.record([run], [Source(run.source.path, "asv", digest=run.digest())])
        history.record([_growing(writer)])
        history.record(_runs(writer))
        history.add_commits(make_commits(*(f"c{n}" for n in range(10 * (writer + 1)))))
        barrier.wait(60)
        history.add_commits(make_commits(*(f"writer {writer} commit {n}" for n in range(200)), minutes=1 + writer))
        history.set_baseline("shared", ["digest"], commit="c", reason=f"writer {writer}", author="Ada")


def test_every_run_is_stored_once(history_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(PROCESSES)
    writers = [context.Process(target=_write, args=(history_url, writer, barrier)) for writer in range(PROCESSES)]
    for process in writers:
        process.start()
    for process in writers:
        process.join(120)
    assert [process.exitcode for process in writers] == [0] * PROCESSES
    expected = {run.digest() for writer in range(PROCESSES) for run in _runs(writer)}
    with History.open(history_url, create=False) as history:
        runs = history.runs()
        grown = [run for run in runs if run.source.format == "grown"]
        others = [run for run in runs if run.source.format != "grown"]
        assert sorted(run.digest for run in others) == sorted(expected)
        assert sum(run.points for run in grown) == 5 + PROCESSES - 1
        stats = history.stats()
        assert (stats["points"], stats["failed"]) == (len(expected) * CELLS + 5 + PROCESSES - 1, len(expected))
        assert stats["series"] == CELLS + 1 + 5 + PROCESSES - 1
        loaded = history.load([run.id for run in others], samples=True)
        assert [run.digest() for run in loaded] == [run.digest for run in others]
        assert all(len(series) == 1 for series in history.series() if series.key.benchmark.name.startswith("grown"))
        assert history.known_sources(expected) == expected
        with history._database.reading() as connection:
            line = connection.execute(select(COMMIT.c.hash, COMMIT.c.ordinal).order_by(COMMIT.c.ordinal)).all()
        assert [ordinal for _, ordinal in line] == list(range(1, len(line) + 1))
        known = [history.commit(name) for name in history.known_commits()]
        place = {row.hash: row.ordinal for row in line}
        assert sorted(known, key=lambda commit: place[commit.hash]) == topological(known)
        assert [baseline.version for baseline in history.baselines("shared")] == [4, 3, 2, 1]


def test_a_locked_history_is_named_after_the_timeout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT", 0.05)
    path = tmp_path / "history.db"
    with History.open(str(path)) as history, closing(sqlite3.connect(path, isolation_level=None)) as other:
        history.record([make_run("c1")])
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError, match=r"history\.db: the history is locked by another process; wait"):
            history.record([make_run("c2")])
        assert len(history.runs()) == 1  # who reads does not wait
        other.execute("ROLLBACK")
        assert not history.record([make_run("c2")])[0].known


def test_a_new_history_that_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT", 0.05)
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(HistoryError, match="is locked by another process"):
            History.open(str(path))


class _LostError(Exception):
    sqlstate = "40001"


def test_a_transaction_that_lost_is_tried_again(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def work(connection: Any) -> int:
        tries.append(connection)
        if len(tries) < 3:
            raise OperationalError("COMMIT", {}, _LostError())
        return len(tries)

    assert history._database.write(work) == 3
    monkeypatch.setattr(engine, "TRIES", 2)
    tries.clear()
    with pytest.raises(HistoryError):
        history._database.write(work)
    assert len(tries) == 2


def test_a_batch_survives_a_transaction_that_lost(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    from regress.history import record

    original, calls = record.name_commits, []

    def lose_once(*args: Any) -> None:
        original(*args)
        calls.append(args)
        if len(calls) == 1:
            raise OperationalError("COMMIT", {}, _LostError())

    monkeypatch.setattr(record, "name_commits", lose_once)
    run = make_run(
        "c1", {"b.a": {"median": 1.0, "lo": 0.5}, "b.b": 2.0}, gaps={"b.c": "failed"}, samples={0: np.ones(3)}
    )
    (recorded,) = history.record([run])
    assert (len(calls), recorded.known) == (2, False)
    assert history.load([recorded.run_id], samples=True)[0].digest() == run.digest()
