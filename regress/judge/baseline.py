"""Chooses the commit to compare with. Pure: it sees a graph and which commits were measured."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from ..model import CommitGraph

#: A starting point on another branch than the candidate's own.
MERGE_BASE = "the merge base"


class Choice(NamedTuple):
    """A measured commit, and how many first-parent commits it lies behind the place the search began at."""

    commit: str
    distance: int


def starting_point(graph: CommitGraph, candidate: str, main: str | None) -> tuple[str | None, str]:
    """Where the search for a baseline begins, and that in words.

    For a branch, its merge base with the main branch; for a commit that is itself on the main branch (or where no
    main branch is known), its first parent.
    """
    parent = next(iter(graph.parents.get(candidate, ())), None)
    if main is None or main not in graph:
        return parent, "the parent"
    base = graph.merge_base(candidate, main)
    if base is None or base == candidate:
        return parent, "the parent"
    return base, MERGE_BASE


def nearest(graph: CommitGraph, start: str | None, measured: Collection[str], max_distance: int) -> Choice | None:
    """The nearest measured commit on the first-parent line of `start`, itself included; None within max_distance."""
    if start is None:
        return None
    for distance, commit in enumerate(graph.first_parents(start, max_distance + 1)):
        if commit in measured:
            return Choice(commit, distance)
    return None


def before(graph: CommitGraph, start: str | None, measured: Collection[str], count: int, reach: int) -> list[str]:
    """Up to `count` measured commits on the first-parent line from `start` back, newest first, looking `reach` far."""
    if start is None:
        return []
    found: list[str] = []
    for commit in graph.first_parents(start, reach):
        if commit in measured:
            found.append(commit)
            if len(found) == count:
                break
    return found
