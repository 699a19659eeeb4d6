"""What was found in the series, and the causes: kept, brought up to date, and there after a migration."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import inspect, text

from regress.errors import HistoryError
from regress.history import Found, History, Look
from regress.history.migrations import MIGRATIONS, m002_causes
from regress.model import (
    Analysis,
    Benchmark,
    Cause,
    CauseStatus,
    ChangePoint,
    ChangeStatus,
    Key,
    KnownCause,
    Shown,
    Span,
    Trend,
)
from tests.factories import ENVIRONMENT, make_key, make_run, sha

V1 = Path(__file__).parent.parent / "testdata" / "history" / "v1.db"
NOW = datetime(2024, 6, 1, 12, 30, 0, 5, tzinfo=UTC)


def change(name: str = "bench.sort", **fields) -> ChangePoint:
    span = Span(sha("c1"), sha("c3"), sha("c2"))
    facts = ("numpy 2.3 → 2.4", "kernel 6.1 → 6.8")
    base = ChangePoint(
        make_key(name), ENVIRONMENT, 1.0, 1.5, 1.4, float("inf"), span, ChangeStatus.CONFIRMED, facts, True, 0.012
    )
    return replace(base, **fields)


def analysis(name: str = "bench.sort", **fields) -> Analysis:
    base = Analysis((ENVIRONMENT.digest, make_key(name).digest), "00ff", 1.5, 0.01, (0.5, -1.25), (change(name),))
    return replace(base, **fields)


def known(cause_id: str = "1f3a9c02", **fields) -> KnownCause:
    cause = Cause(cause_id, change().span, Trend.REGRESSION, (change(), change("bench.read")), ("kernel 6.1 → 6.8",))
    return replace(KnownCause(cause, NOW), **fields)


def found(since: int, analyses: Sequence[Analysis] = (), **fields) -> Found:
    return Found(since, "1.1", (3, 1, 2), analyses, **fields)


@pytest.fixture
def filled(history: History) -> History:
    history.record([make_run("c1", {"bench.sort": 1.0, "bench.read": 2.0})])
    return history


def test_a_new_history_holds_nothing(history: History) -> None:
    assert (history.last_look(), history.analyses(), history.causes()) == (Look(), {}, [])


def test_what_was_found_comes_back(filled: History) -> None:
    one, other = analysis(), analysis("bench.read", level=float("nan"), sigma=float("nan"), recent=(), changes=())
    assert filled.save_analysis(found(0, [one, other], causes=[known()]))
    assert filled.last_look() == Look(1, "1.1", (3, 1, 2))
    back = filled.analyses()
    assert back[one.series] == one
    assert np.isnan(back[other.series].level)
    assert replace(back[other.series], level=0.0, sigma=0.0) == replace(other, level=0.0, sigma=0.0)
    (cause,) = filled.causes()
    assert cause == known()
    assert cause.cause.changes[0].key.metric.unit == "s"


def test_a_look_brings_some_series_up_to_date_and_forgets_others(filled: History) -> None:
    one, other = analysis(), analysis("bench.read")
    filled.save_analysis(found(0, [one, other]))
    assert filled.save_analysis(found(1, [replace(one, recent=(0.1,))], gone=[other.series]))
    assert filled.last_look().number == 2
    assert filled.analyses() == {one.series: replace(one, recent=(0.1,))}


def test_of_two_looks_at_once_one_is_kept(filled: History) -> None:
    assert filled.save_analysis(found(0, [analysis()], causes=[known()]))
    assert not filled.save_analysis(found(0, [analysis(recent=())], causes=[]))
    assert filled.analyses()[analysis().series].recent == (0.5, -1.25)
    assert len(filled.causes()) == 1


def test_causes_are_withdrawn_merged_and_forgotten(filled: History) -> None:
    filled.save_analysis(found(0, causes=[known(), known("00000002")]))
    withdrawn = replace(known().cause, status=CauseStatus.WITHDRAWN)
    after = [
        known("00000002", merged="00000003"),
        known("00000003", confirmed_at=NOW + timedelta(days=1)),
        replace(known(), cause=withdrawn, withdrawn_at=NOW + timedelta(days=2)),
    ]
    filled.save_analysis(found(1, causes=after))
    assert [one.cause.id for one in filled.causes()] == ["00000002", "1f3a9c02", "00000003"]
    assert sorted(filled.causes(), key=lambda one: one.cause.id) == sorted(after, key=lambda one: one.cause.id)
    filled.save_analysis(found(2, causes=None))
    assert len(filled.causes()) == 3
    filled.save_analysis(found(3, causes=[]))
    assert filled.causes() == []


def test_a_renamed_benchmark_is_another_series(filled: History, history_url: str) -> None:
    filled.save_analysis(found(0, [analysis()], causes=[known()]))

    def present(key: Key) -> Shown:
        old = key.benchmark
        return Shown(Key(Benchmark(old.suite, old.name.replace("sort", "order")), key.metric))

    with History.open(history_url, present=present) as renamed:
        assert renamed.analyses() == {}
        (cause,) = renamed.causes()
        assert [each.key.benchmark.name for each in cause.cause.changes] == ["bench.read"]


def test_central_figures_alone(filled: History) -> None:
    filled.record([make_run("c2", {"bench.sort": {"median": 1.5, "lo": 1.0, "mean": 9.0}}, minutes=10)])
    every = {s.key.benchmark.name: s for s in filled.series(detail="centre")}
    assert {name: s.stats.keys() for name, s in every.items()} == {"bench.sort": {"value"}, "bench.read": {"value"}}
    assert every["bench.sort"].centre.tolist() == [1.0, 1.5]
    named = [(ENVIRONMENT.digest, make_key("bench.read").digest)]
    assert [s.key.benchmark.name for s in filled.series(names=named)] == ["bench.read"]
    assert list(filled.series(names=[])) == []


def test_commits_by_their_hashes(filled: History) -> None:
    assert filled.commits([sha("c1"), sha("none")]).keys() == {sha("c1")}
    assert filled.commits([]) == {}


# --- migration ---


def test_a_history_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    shutil.copy(V1, path)
    with History.open(str(path)) as history:
        assert len(history.runs()) == 12
        assert history.baseline("v1.0") is not None
        assert len(list(history.series())) == 2
        assert history.last_look() == Look()
        assert history.save_analysis(found(0, [analysis()], causes=[known()]))
    with closing(sqlite3.connect(path)) as connection:
        applied = [row[0] for row in connection.execute("SELECT name FROM migration ORDER BY name")]
        assert applied == [step.__name__ for step in MIGRATIONS]
    with History.open(str(path)) as history:
        assert history.analyses() == {analysis().series: analysis()}


def test_the_migration_makes_the_tables_of_a_new_history(history_url: str) -> None:
    tables = ("look", "analysis", "cause")
    with History.open(history_url) as history:
        engine = history._database._engine

        def columns() -> list[object]:
            seen = inspect(engine)
            return [
                [(c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)]
                + [seen.get_pk_constraint(table)["constrained_columns"]]
                for table in tables
            ]

        fresh = columns()
        with engine.begin() as connection:
            for table in tables:
                connection.execute(text(f"DROP TABLE {table}"))
            connection.execute(text(f"DELETE FROM migration WHERE name = '{m002_causes.__name__}'"))
    with History.open(history_url) as history:
        engine = history._database._engine
        assert columns() == fresh
        history.record([make_run("c1", {"bench.sort": 1.0, "bench.read": 2.0})])
        assert history.save_analysis(found(0, [analysis()], causes=[known()]))
        assert history.causes() == [known()]


def test_a_history_that_is_only_read_and_old_says_so(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    shutil.copy(V1, path)
    path.chmod(0o444)
    with pytest.raises(HistoryError, match="read-only"):
        History.open(f"sqlite:///{path}?mode=ro")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        assert connection.execute("SELECT count(*) FROM migration").fetchone() == (1,)
