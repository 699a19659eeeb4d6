"""Looking at everything in the branch: is each file what its name says, and do the files agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import RegressError
from ..model import Bad, Baseline
from .branch import Branch
from .layout import Tombstone, Tree, read_baseline, run_path, tombstone_path, unpack
from .telling import told

_LOST = "push it from a history that has it, or set the baseline anew"


@dataclass(slots=True)
class Verified:
    """What was found; `bad` is empty where all is well. `unknown` files are no fault."""

    tree: Tree
    points: int = 0
    received: int = 0
    bad: list[Bad] = field(default_factory=list)

    @property
    def unknown(self) -> list[str]:
        """The files that this program has no use for."""
        return self.tree.unknown


def verify(branch: Branch) -> Verified:
    """Reads every file of the branch and compares its content with its name, and the files with each other."""
    tree = branch.fetch()
    done = Verified(tree)
    found = {tree.runs[digest]: digest for digest in sorted(tree.runs)}
    for digest in sorted(tree.runs):
        if found[tree.runs[digest]] != digest:
            done.bad.append(Bad(run_path(digest), "two runs are one file", "prune it"))
    for oid, data in branch.read(found):
        try:
            done.points += len(unpack(data, found[oid]).columns)
        except RegressError as error:
            done.bad.append(Bad(error.where, error.what, error.hint))
    done.bad += _tombstones(branch, tree)
    for baseline, path in _baselines(branch, tree, done.bad):
        done.bad += _lost(baseline, path, tree)
    for _ in told(branch, tree, (), done.bad):
        pass  # reading it says what is wrong with it
    done.received = branch.received
    return done


def _tombstones(branch: Branch, tree: Tree) -> Iterator[Bad]:
    """What is wrong with the tombstones."""
    contents = dict(branch.read(tree.pruned.values()))
    for digest, oid in sorted(tree.pruned.items()):
        path = tombstone_path(digest)
        try:
            if Tombstone.read(contents[oid], path).digest != digest:
                yield Bad(path, "the tombstone is that of another run", "restore it from an older commit of the branch")
        except RegressError as error:
            yield Bad(error.where, error.what, error.hint)
        if digest in tree.runs:
            yield Bad(run_path(digest), "the run is there, though it was pruned", "prune it again")


def _baselines(branch: Branch, tree: Tree, bad: list[Bad]) -> Iterator[tuple[Baseline, str]]:
    contents = dict(branch.read(tree.baselines.values()))
    for path, oid in sorted(tree.baselines.items()):
        try:
            yield read_baseline(contents[oid], path), path
        except RegressError as error:
            bad.append(Bad(error.where, error.what, error.hint))


def _lost(baseline: Baseline, path: str, tree: Tree) -> Iterator[Bad]:
    """The runs that a baseline names and the branch does not hold."""
    for digest in baseline.digests:
        if digest not in tree.runs:
            why = "was pruned" if digest in tree.pruned else "is not there"
            yield Bad(path, f"run {digest[:12]} of the baseline {baseline.name!r} {why}", _LOST)
