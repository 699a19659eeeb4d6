"""The choice of a baseline's commit, on a graph:

    a - b - c - d - e        main
             \\
              f - g          a branch
"""

import pytest

from regress.judge.baseline import Choice, before, nearest, starting_point
from regress.model import CommitGraph

GRAPH = CommitGraph({"a": (), "b": ("a",), "c": ("b",), "d": ("c",), "e": ("d",), "f": ("c",), "g": ("f",)})


@pytest.mark.parametrize(
    ("candidate", "main", "start", "words"),
    [
        ("g", "e", "c", "the merge base"),
        ("e", "e", "d", "the parent"),
        ("d", "e", "c", "the parent"),
        ("g", None, "f", "the parent"),
        ("g", "unknown", "f", "the parent"),
        ("a", "e", None, "the parent"),
    ],
)
def test_where_the_search_begins(candidate, main, start, words):
    assert starting_point(GRAPH, candidate, main) == (start, words)


def test_the_nearest_measured_ancestor_with_its_distance():
    assert nearest(GRAPH, "c", {"a", "c", "e"}, 10) == Choice("c", 0)
    assert nearest(GRAPH, "c", {"a", "e"}, 10) == Choice("a", 2)
    assert nearest(GRAPH, "c", {"a", "e"}, 1) is None
    assert nearest(GRAPH, None, {"a"}, 10) is None


def test_the_commits_before_newest_first():
    assert before(GRAPH, "e", {"a", "c", "e"}, 2, 100) == ["e", "c"]
    assert before(GRAPH, "e", {"a"}, 2, 3) == []
    assert before(GRAPH, None, {"a"}, 2, 3) == []


def test_a_merge_is_followed_along_its_first_parent():
    graph = CommitGraph({"a": (), "b": ("a",), "side": ("a",), "m": ("b", "side")})
    assert nearest(graph, "m", {"side", "a"}, 10) == Choice("a", 2)
