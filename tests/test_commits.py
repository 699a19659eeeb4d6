from __future__ import annotations

import random
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.errors import InputError
from regress.model import Commit, CommitGraph, topological
from regress.repo import Repository


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[list[int], int]]:
    """Commits as (indices of earlier commits as parents, date): any shape, several roots, clocks that go wrong."""
    count = draw(st.integers(1, 14))
    history = []
    for number in range(count):
        parents = draw(st.lists(st.integers(0, number - 1), max_size=3, unique=True)) if number else []
        history.append((parents, 1_700_000_000 + draw(st.integers(0, 20))))
    return history


def stream(history: list[tuple[list[int], int]]) -> bytes:
    """The history for `git fast-import`; every commit has a branch, so that none is out of reach."""
    lines = []
    for number, (parents, date) in enumerate(history):
        lines += [f"commit refs/heads/c{number}", f"mark :{number + 1}", f"committer A <a@b> {date} +0000"]
        lines += [f"data {len(str(number))}", str(number)]
        for index, parent in enumerate(parents):
            lines.append(f"{'merge' if index else 'from'} :{parent + 1}")
        lines.append("")
    return "\n".join(
        ["feature done", *lines, "reset refs/heads/main", f"from :{len(history)}", "", "done", ""]
    ).encode()


def git(directory: Path, *args: str) -> list[str]:
    done = subprocess.run(["git", "-C", str(directory), *args], capture_output=True, check=False, text=True)
    return done.stdout.split()


@given(history=histories())
@settings(max_examples=40, deadline=None)
def test_git_says_the_same(history: list[tuple[list[int], int]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("graph")
    repository = Repository.create(path, stream(history), "main")
    tips = [repository.refs()[f"c{number}"] for number in range(len(history))]
    commits = repository.commits(tips)
    assert {c.hash for c in commits} == set(tips)
    assert {c.hash: c.parents for c in commits} == {
        tip: tuple(tips[p] for p in parents) for tip, (parents, _) in zip(tips, history, strict=True)
    }

    place = {c.hash: index for index, c in enumerate(topological(commits))}
    assert all(place[parent] < place[c.hash] for c in commits for parent in c.parents)

    graph = CommitGraph({c.hash: c.parents for c in commits})
    newest = tips[-1]
    assert list(graph.first_parents(newest)) == git(path, "rev-list", "--first-parent", newest)
    assert graph.ancestors(newest) == set(git(path, "rev-list", newest))
    other = tips[len(tips) // 2]
    for one, two in ((newest, other), (other, newest), (tips[-2 % len(tips)], newest)):
        best = git(path, "merge-base", "--all", one, two)
        base = graph.merge_base(one, two)
        assert base in best if best else base is None


@given(history=histories(), data=st.data())
def test_every_merge_base_is_a_best_common_ancestor(history: list[tuple[list[int], int]], data: st.DataObject) -> None:
    """Against the definition, on many more graphs than git can be asked about."""
    graph = CommitGraph({str(n): tuple(map(str, parents)) for n, (parents, _) in enumerate(history)})
    one, other = (str(data.draw(st.integers(0, len(history) - 1))) for _ in range(2))
    common = graph.ancestors(one) & graph.ancestors(other)
    best = {c for c in common if not any(c != d and c in graph.ancestors(d) for d in common)}
    base = graph.merge_base(one, other)
    assert base in best if best else base is None


@given(history=histories(), seed=st.integers(0, 999))
def test_the_order_does_not_depend_on_the_order_of_the_input(history: list[tuple[list[int], int]], seed: int) -> None:
    commits = [
        Commit(str(n), tuple(map(str, parents)), datetime.fromtimestamp(date, UTC))
        for n, (parents, date) in enumerate(history)
    ]
    ordered = topological(commits)
    assert sorted(c.hash for c in ordered) == sorted(c.hash for c in commits)
    random.Random(seed).shuffle(commits)
    assert topological(commits) == ordered


def test_dates_choose_where_the_graph_is_free() -> None:
    day = datetime(2024, 1, 1, tzinfo=UTC)
    later = [
        Commit("root", (), day),
        Commit("b", ("root",), day + timedelta(2)),
        Commit("a", ("root",), day + timedelta(3)),
    ]
    assert [c.hash for c in topological(later)] == ["root", "b", "a"]
    wrong_clock = [Commit("parent", (), day + timedelta(9)), Commit("child", ("parent",), day)]
    assert [c.hash for c in topological(wrong_clock)] == ["parent", "child"]
    assert [c.hash for c in topological([Commit("y", ("x",)), Commit("x")])] == ["x", "y"]  # no date at all


def test_a_commit_that_is_given_twice_comes_once_and_an_unknown_parent_is_no_commit() -> None:
    commit = Commit("a", ("beyond the edge", "beyond the edge"))
    assert topological([commit, commit]) == [commit]
    graph = CommitGraph({"a": commit.parents})
    assert list(graph.first_parents("a")) == ["a"]
    assert list(graph.first_parents("nowhere")) == []
    assert graph.ancestors("a") == {"a"}
    assert graph.merge_base("a", "nowhere") is None
    assert graph.merge_base("nowhere", "a") is None
    assert graph.merge_base("a", "a") == "a"


def test_first_parents_can_be_limited() -> None:
    graph = CommitGraph({"c": ("b",), "b": ("a",), "a": ()})
    assert list(graph.first_parents("c", 2)) == ["c", "b"]
    assert list(graph.first_parents("c", 0)) == []


def test_a_circle_of_parents_is_refused_and_hangs_nothing() -> None:
    """Git cannot make one, a hand-written list can."""
    parents = {"a": ("b",), "b": ("a",), "root": ()}
    with pytest.raises(InputError, match="circle"):
        topological([Commit(hash_, above) for hash_, above in parents.items()])
    graph = CommitGraph(parents)
    assert list(graph.first_parents("a")) == ["a", "b"]
    assert graph.ancestors("a") == {"a", "b"}
    assert graph.merge_base("a", "root") is None


class Counting(dict[str, tuple[str, ...]]):
    """A graph that counts how often it is asked for parents."""

    asked = 0

    def __getitem__(self, key: str) -> tuple[str, ...]:
        self.asked += 1
        return super().__getitem__(key)


def test_the_cost_of_a_merge_base_does_not_grow_with_the_number_of_candidates() -> None:
    """A branch that merged main many times has a candidate for each merge; each commit may be looked at a few times."""
    count = 300
    graph = Counting({"m0": (), "b0": ("m0",)})
    for number in range(1, count):
        graph[f"m{number}"] = (f"m{number - 1}",)
        graph[f"b{number}"] = (f"b{number - 1}", f"m{number}")
    graph["main"] = (f"m{count - 1}",)
    assert CommitGraph(graph).merge_base(f"b{count - 1}", "main") == f"m{count - 1}"
    assert graph.asked < 4 * len(graph)
