"""Taking runs away: which ones, and the tombstones that tell every other history to do the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..globs import matches
from ..history import History
from ..model import StoredRun
from .branch import Branch, Change
from .layout import Tombstone, Tree, run_path, tombstone_path


@dataclass(frozen=True, slots=True)
class Policy:
    """Which runs go: those that meet everything that is given. The newest `keep_runs` of each environment stay."""

    keep_runs: int = 0
    older_than: datetime | None = None
    refs: tuple[str, ...] = ()

    def chosen(self, runs: Sequence[StoredRun], named: Collection[str]) -> list[StoredRun]:
        """Those of the runs (in the order of the history) that go; those that a baseline names stay."""
        left = Counter(run.environment.digest for run in runs)
        found = []
        for run in runs:
            is_kept = left[run.environment.digest] <= self.keep_runs
            left[run.environment.digest] -= 1
            if not is_kept and run.digest not in named and self._meets(run):
                found.append(run)
        return found

    def _meets(self, run: StoredRun) -> bool:
        if self.refs and not any(matches(ref, run.ref) for ref in self.refs):
            return False
        date = run.started_at or run.committed_at
        return self.older_than is None or (date is not None and date < self.older_than)


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was taken away from the branch, and how many runs of it the history has lost."""

    digests: tuple[str, ...]
    removed: int
    tip: str | None


def prune(history: History, branch: Branch, stones: Sequence[Tombstone]) -> Pruned:
    """Takes the runs of these tombstones out of the branch and the history, and puts the tombstones there."""
    by_digest = {stone.digest: stone for stone in stones}
    taken: list[str] = []

    def make(tree: Tree) -> Change | None:
        taken[:] = sorted(by_digest.keys() & tree.runs.keys())
        files = {tombstone_path(digest): by_digest[digest].text() for digest in taken if digest not in tree.pruned}
        message = f"Prune {len(taken)} run{'s' * (len(taken) != 1)}: {stones[0].reason}\n"
        return Change(message, files, [run_path(digest) for digest in taken]) if taken else None

    published = branch.publish(make)
    removed = history.remove_runs(by_digest.keys() & (set(taken) | published.before.pruned.keys()))
    return Pruned(tuple(taken), removed, published.tip)


def tombstone(digest: str, run: StoredRun | None, reason: str, author: str, at: datetime) -> Tombstone:
    """The tombstone of a run, with what is kept of it where it is known."""
    if run is None:
        return Tombstone(digest, reason, author, at)
    return Tombstone(digest, reason, author, at, run.commit, run.environment.key, run.started_at, run.points)
