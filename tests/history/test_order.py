"""The order of commits: git's graph first, dates only for what git does not know."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.history import History
from regress.model import Commit, topological
from tests.factories import START, make_commits, make_run, sha

_numbers = count()


@st.composite
def graphs(draw: st.DrawFn) -> list[Commit]:
    """A random graph, parents before children; clocks may be wrong, and dates be missing."""
    commits: list[Commit] = []
    for number in range(draw(st.integers(1, 9))):
        parents = draw(st.lists(st.sampled_from(commits), max_size=2, unique_by=lambda c: c.hash)) if commits else []
        minutes = draw(st.none() | st.integers(0, 12))
        date = None if minutes is None else START + timedelta(minutes=minutes)
        commits.append(Commit(sha(str(number)), tuple(parent.hash for parent in parents), date))
    return commits


def measured(history: History, names: list[str]) -> list[str]:
    """The commits of the runs in the order of the history."""
    return [run.commit for run in history.runs() if run.commit in names]


@settings(max_examples=30, deadline=None)
@given(commits=graphs(), cut=st.data())
def test_the_order_is_that_of_the_graph_however_it_came_in(
    tmp_path_factory: pytest.TempPathFactory, commits: list[Commit], cut: st.DataObject
) -> None:
    shuffled = cut.draw(st.permutations(commits))
    size = cut.draw(st.integers(1, len(commits)))
    path: Path = tmp_path_factory.getbasetemp() / f"order-{next(_numbers)}.db"
    with History.open(str(path)) as history:
        names = [commit.hash for commit in commits]
        runs = [make_run(name, minutes=3 * place) for place, name in enumerate(names)]
        before = cut.draw(st.booleans())
        if before:
            history.record(runs)
        parts = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
        assert sum(history.add_commits(part) for part in parts) == len(commits)
        if not before:
            history.record(runs)
        assert measured(history, names) == [commit.hash for commit in topological(commits)]
        assert history.known_commits() == set(names)
        assert history.graph().parents == {commit.hash: commit.parents for commit in commits}
        orders = {run.commit: run.order for run in history.runs()}
        assert len(set(orders.values())) == len(orders)
    path.unlink()


@settings(max_examples=15, deadline=None)
@given(commits=graphs(), minutes=st.lists(st.integers(-5, 20), max_size=4), batches=st.randoms())
def test_the_order_does_not_depend_on_how_it_came_about(
    tmp_path_factory: pytest.TempPathFactory, commits: list[Commit], minutes: list[int], batches
) -> None:
    """Unknown commits lie by their dates among the known ones, whoever came first."""
    strangers = [make_run(f"stranger {n}", {f"b.{n}": 1.0}, minutes=m) for n, m in enumerate(minutes)]
    found = []
    for _ in range(2):
        path = tmp_path_factory.getbasetemp() / f"order-{next(_numbers)}.db"
        with History.open(str(path)) as history:
            steps = [lambda run=run: history.record([run]) for run in strangers]
            steps += [lambda commit=commit: history.add_commits([commit]) for commit in commits]
            batches.shuffle(steps)
            for step in steps:
                step()
            history.record([make_run(commit.hash) for commit in commits])
            found.append([run.commit for run in history.runs()])
        path.unlink()
    assert found[0] == found[1]
    known = {commit.hash for commit in commits}
    assert [name for name in found[0] if name in known] == [commit.hash for commit in topological(commits)]


def test_an_unknown_commit_lies_by_its_date(history: History) -> None:
    history.add_commits(make_commits("c1", "c2", "c3"))  # at 0, 10 and 20 minutes
    runs = [
        make_run("between", minutes=15),
        make_run("first", minutes=-1),
        make_run("last", minutes=500),
        make_run("dated", minutes=600, committed_at=START + timedelta(minutes=5)),
        *(make_run(name, minutes=700) for name in ("c1", "c2", "c3")),
    ]
    history.record(runs)
    order = ["first", "c1", "dated", "c2", "between", "c3", "last"]
    assert [run.commit for run in history.runs()] == [sha(name) for name in order]
    assert history.known_commits() == {sha("c1"), sha("c2"), sha("c3")}
    assert history.commit(sha("between")) == Commit(sha("between"))
    history.add_commits([Commit(sha("last"), (sha("c1"),), START + timedelta(minutes=1), "Bo", "Side line")])
    order = ["first", "c1", "last", "dated", "c2", "between", "c3"]
    assert [run.commit for run in history.runs()] == [sha(name) for name in order]
    assert history.commit(sha("last")).author == "Bo"  # type: ignore[union-attr]


def test_the_earliest_date_of_an_unknown_commit_counts(history: History) -> None:
    history.add_commits(make_commits("c1", "c2"))
    history.record([make_run("c1", minutes=50), make_run("c2", minutes=50), make_run("x", minutes=90)])
    assert [run.commit for run in history.runs()][-1] == sha("x")
    history.record([make_run("x", {"b.other": 1.0}, minutes=5)])
    assert [run.commit for run in history.runs()] == [sha("c1"), sha("x"), sha("x"), sha("c2")]


def test_a_run_without_a_commit_lies_by_its_start(history: History) -> None:
    history.record([make_run("", minutes=15), make_run("", minutes=-5), make_run("c2", minutes=99), make_run("c1")])
    history.add_commits(make_commits("c1", "c2", "c3"))
    assert [run.commit for run in history.runs()] == ["", sha("c1"), "", sha("c2")]
    assert history.find_commits("") == []
    assert history.stats()["commits"] == 3


def test_commits_are_appended_and_known_ones_kept(history: History) -> None:
    line = make_commits("c1", "c2", "c3", "c4")
    assert history.add_commits(line[:2]) == 2
    assert history.add_commits(line) == 2
    assert history.add_commits(line) == 0
    assert history.add_commits([]) == 0
    history.record([make_run(name) for name in ("c4", "c1", "c3", "c2")])
    assert [run.commit for run in history.runs()] == [commit.hash for commit in line]
    assert history.commit(line[3].hash) == line[3]
    assert history.commit("0" * 40) is None


def test_a_deepened_clone_teaches_the_parents(history: History) -> None:
    c1, c2, c3 = make_commits("c1", "c2", "c3")
    history.add_commits([Commit(c2.hash, (), c2.committed_at), c3])
    assert history.add_commits([c1, c2]) == 1
    assert history.graph().parents[c2.hash] == (c1.hash,)
    history.add_commits([Commit(c2.hash, (), c2.committed_at)])  # a shallow clone comes by again
    assert history.commit(c2.hash) == c2


def test_commits_are_found_by_their_beginning(history: History) -> None:
    history.add_commits(make_commits("c1", "c2"))
    history.record([make_run("merge", head=sha("tip"))])
    for name in ("c1", "c2", "merge", "tip"):
        assert history.find_commits(sha(name)[:12]) == [sha(name)]
    assert history.find_commits("zz") == history.find_commits("%") == history.find_commits("") == []


def test_a_graph_of_runs_alone_knows_no_parents(history: History) -> None:
    history.record([make_run("c1")])
    assert sha("c1") not in history.graph()
    assert history.known_commits() == set()
    assert history.find_commits(sha("c1")) == [sha("c1")]
