"""Commits and their graph: order, first-parent lines, merge bases, all without asking git again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime


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
        commit, seen = tip, 0
        while commit in self.parents and (limit is None or seen < limit):
            yield commit
            seen += 1
            commit = next(iter(self.parents[commit]), "")

    def ancestors(self, tip: str) -> set[str]:
        """`tip` and every known commit that it contains."""
        found: set[str] = set()
        queue = deque([tip])
        while queue:
            commit = queue.popleft()
            if commit in self.parents and commit not in found:
                found.add(commit)
                queue.extend(self.parents[commit])
        return found

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor: one that no other common ancestor contains; None where there is none.

        Where several are best (a criss-cross merge), the one first met on `one`'s breadth-first way, as a merge
        base has to be one commit and must be the same one each time.
        """
        common_of = self.ancestors(other)
        if one in common_of:
            return one
        seen: set[str] = set()
        queue = deque([one])
        candidates: list[str] = []
        while queue:
            commit = queue.popleft()
            if commit in seen or commit not in self.parents:
                continue
            seen.add(commit)
            if commit in common_of:
                candidates.append(commit)
            else:
                queue.extend(self.parents[commit])
        for candidate in candidates:
            if not any(candidate != other_ and candidate in self.ancestors(other_) for other_ in candidates):
                return candidate
        return None


def topological(commits: Iterable[Commit]) -> list[Commit]:
    """The commits, parents before children, each line kept together; independent lines by committer date.

    Kahn's algorithm (1962) run backwards from the tips, newest tip first, so that the order is the reverse of
    `git log --date-order`. Dates only choose between commits that the graph leaves free.
    """
    import heapq

    by_hash = {commit.hash: commit for commit in commits}
    children = dict.fromkeys(by_hash, 0)
    for commit in by_hash.values():
        for parent in set(commit.parents):
            if parent in children:
                children[parent] += 1

    def rank(commit: Commit) -> tuple[float, str]:
        date = commit.committed_at
        return (-date.timestamp() if date else 0.0, commit.hash)

    heap = [(rank(c), c.hash) for c in by_hash.values() if not children[c.hash]]
    heapq.heapify(heap)
    newest_first: list[Commit] = []
    while heap:
        commit = by_hash[heapq.heappop(heap)[1]]
        newest_first.append(commit)
        for parent in set(commit.parents):
            if parent in children:
                children[parent] -= 1
                if not children[parent]:
                    heapq.heappush(heap, (rank(by_hash[parent]), parent))
    return newest_first[::-1]
