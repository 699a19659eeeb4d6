"""Commits and their graph: order, first-parent lines, merge bases, all without asking git again."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ..errors import InputError


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as git knows it: full lower-case hash, parents (the first one first), committer date (aware)."""

    hash: str
    parents: tuple[str, ...] = ()
    committed_at: datetime | None = None
    author: str = ""
    subject: str = ""

    @property
    def short(self) -> str:
        """The first ten digits, as shown to people."""
        return self.hash[:10]


class CommitGraph:
    """The parents of every known commit. A commit without an entry is unknown (a shallow clone's edge, a typo)."""

    def __init__(self, parents: Mapping[str, tuple[str, ...]]) -> None:
        self.parents = parents

    def __contains__(self, commit: object) -> bool:
        return commit in self.parents

    def first_parents(self, tip: str, limit: int | None = None) -> Iterator[str]:
        """`tip`, its first parent, that one's first parent …, at most `limit` commits, as far as they are known."""
        commit = tip
        seen: set[str] = set()  # an imported list of commits may hold a circle
        while commit in self.parents and commit not in seen and (limit is None or len(seen) < limit):
            yield commit
            seen.add(commit)
            commit = next(iter(self.parents[commit]), "")

    def ancestors(self, tip: str) -> set[str]:
        """`tip` and every known commit that it contains."""
        return self._reached((tip,))

    def _reached(self, tips: Iterable[str]) -> set[str]:
        parents = self.parents
        stack = [tip for tip in tips if tip in parents]
        found = set(stack)
        while stack:
            for parent in parents[stack.pop()]:
                if parent not in found and parent in parents:
                    found.add(parent)
                    stack.append(parent)
        return found

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor: one that no other common ancestor contains; None where there is none.

        Where several are best (a criss-cross merge), the one first met on `one`'s breadth-first way, as a merge
        base has to be one commit and must be the same one each time.
        """
        shared = self.ancestors(other)
        if one in shared:
            return one
        candidates = self._first_met(one, shared)
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        # One walk from the parents of all candidates: asking pair by pair costs a walk for each pair, and a branch
        # that merged main twenty times has twenty candidates.
        contained = self._reached({parent for candidate in candidates for parent in self.parents[candidate]})
        return next((candidate for candidate in candidates if candidate not in contained), None)

    def _first_met(self, one: str, shared: set[str]) -> list[str]:
        """The members of `shared` that are met first on every way down from `one`, breadth first."""
        if one not in self.parents:
            return []
        seen = {one}
        queue = deque([one])
        met: list[str] = []
        while queue:
            commit = queue.popleft()
            if commit in shared:
                met.append(commit)
                continue
            for parent in self.parents[commit]:
                if parent not in seen and parent in self.parents:
                    seen.add(parent)
                    queue.append(parent)
        return met


def topological(commits: Iterable[Commit]) -> list[Commit]:
    """The commits, parents before children; what the graph leaves free is ordered by committer date, then by hash.

    Kahn's algorithm (1962) run backwards from the tips, newest tip first, so that the order is the reverse of
    `git log --date-order`. Raises InputError where the commits are their own ancestors (an imported list may be wrong).
    """
    by_hash = {commit.hash: commit for commit in commits}
    children = dict.fromkeys(by_hash, 0)
    for commit in by_hash.values():
        for parent in set(commit.parents):
            if parent in children:
                children[parent] += 1

    def rank(commit: Commit) -> tuple[float, str]:
        date = commit.committed_at
        return (-date.timestamp() if date else 0.0, commit.hash)

    heap = [rank(commit) for commit in by_hash.values() if not children[commit.hash]]
    heapq.heapify(heap)
    newest_first: list[Commit] = []
    while heap:
        commit = by_hash[heapq.heappop(heap)[1]]
        newest_first.append(commit)
        for parent in set(commit.parents):
            if parent in children:
                children[parent] -= 1
                if not children[parent]:
                    heapq.heappush(heap, rank(by_hash[parent]))
    if len(newest_first) < len(by_hash):
        stuck = next(hash_ for hash_, count in children.items() if count)
        raise InputError(
            "the commits' parents form a circle", where=f"commit {stuck[:10]}", hint="correct the list of commits"
        )
    return newest_first[::-1]
