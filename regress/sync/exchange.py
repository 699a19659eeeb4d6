"""Runs, baselines and what was told between a history and the branch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import RegressError
from ..history import History
from ..model import Bad, Baseline, Run
from .branch import Branch, Change
from .layout import Tree, baseline_file, notified_file, pack, read_baseline, run_path, unpack
from .telling import learn_told

#: Points that are held in memory until they are written in one transaction.
_POINTS = 1_000_000
#: Runs of one commit.
_AT_ONCE = 1000


@dataclass(slots=True)
class Pushed:
    """What became of a push. `known` runs were there, `pruned` ones are not wanted there; `tries` pushes were made."""

    runs: int = 0
    known: int = 0
    pruned: int = 0
    baselines: int = 0
    tries: int = 0
    tip: str | None = None
    bad: list[Bad] = field(default_factory=list)


@dataclass(slots=True)
class Pulled:
    """What became of a pull. `removed` runs were pruned by somebody; `exists`: whether there is a branch at all."""

    runs: int = 0
    known: int = 0
    removed: int = 0
    baselines: int = 0
    received: int = 0
    exists: bool = True
    bad: list[Bad] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def push(history: History, branch: Branch, digests: Sequence[str]) -> Pushed:
    """Adds those of the runs, and of all baselines and what was told, that the branch lacks.

    Very many runs become several commits, so that what a large first push has done stays done.
    """
    done = Pushed()
    portions = [digests[start : start + _AT_ONCE] for start in range(0, len(digests), _AT_ONCE)] or [[]]
    for portion in portions:
        # The baselines at the end, so that the runs which they name are there before them.
        last = portion is portions[-1]
        named = dict(map(baseline_file, history.baselines())) if last else {}
        part = _Portion(history, portion, named, dict(map(notified_file, history.told())) if last else {})
        published = branch.publish(part.change)
        done.runs += part.done.runs
        done.known += part.done.known
        done.pruned += part.done.pruned
        done.baselines += part.done.baselines
        done.bad += part.done.bad
        done.tries += published.tries
        done.tip = published.tip or done.tip
    return done


class _Portion:
    """Runs that are pushed in one commit. Each is packed once, however often the push has to be made anew."""

    def __init__(
        self, history: History, digests: Sequence[str], baselines: Mapping[str, bytes], told: Mapping[str, bytes]
    ) -> None:
        self.done = Pushed()
        self._history = history
        self._digests = digests
        self._baselines = baselines
        self._told = told
        self._packed: dict[str, bytes] = {}
        self._broken: set[str] = set()

    def change(self, tree: Tree) -> Change | None:
        """What this tree lacks of it, None where that is nothing."""
        wanted = [digest for digest in self._digests if digest not in tree.runs and digest not in tree.pruned]
        self._pack([digest for digest in wanted if digest not in self._packed and digest not in self._broken])
        files = {run_path(digest): self._packed[digest] for digest in wanted if digest in self._packed}
        self.done.runs = len(files)
        self.done.known = sum(digest in tree.runs for digest in self._digests)
        self.done.pruned = sum(digest in tree.pruned for digest in self._digests)
        files |= {path: data for path, data in self._baselines.items() if path not in tree.baselines}
        self.done.baselines = len(files) - self.done.runs
        files |= {path: data for path, data in self._told.items() if path not in tree.notified}
        return Change(_message(self.done), files) if files else None

    def _pack(self, digests: list[str]) -> None:
        for digest, run in self._history.whole(digests):
            if run.digest() == digest:
                self._packed[digest] = pack(run)
            else:
                self._broken.add(digest)
                hint = "read its results again into a new history"
                self.done.bad.append(Bad(f"{self._history.url} run {digest[:12]}", "the stored run is damaged", hint))


def _message(done: Pushed) -> str:
    parts = [(done.runs, "run"), (done.baselines, "baseline")]
    named = [f"{number} {word}{'s' * (number != 1)}" for number, word in parts if number]
    return "Add " + (" and ".join(named) or "what people were told of") + "\n"


def pull(history: History, branch: Branch, learn: Callable[[Collection[str]], None] = lambda commits: None) -> Pulled:
    """Adds what the history lacks of the branch (runs, baselines, what was told); removes the runs that were pruned.

    `learn` is told the commits of the runs before they are stored. A file that is damaged is named in `bad`.
    """
    tree = branch.fetch()
    done = Pulled(exists=tree.tip is not None, unknown=tree.unknown)
    known = {run.digest for run in history.runs()}
    done.removed = history.remove_runs(known & tree.pruned.keys())
    missing = sorted(tree.runs.keys() - tree.pruned.keys() - known)
    done.known = len(known & tree.runs.keys())
    waiting: list[Run] = []
    points = 0
    for run in _runs(branch, tree, missing, done.bad):
        waiting.append(run)
        points += len(run.columns)
        if points > _POINTS:
            done.runs += _record(history, waiting, learn)
            points = 0
    done.runs += _record(history, waiting, learn)
    there = {baseline_file(one)[0] for one in history.baselines()}
    done.baselines = history.add_baselines(list(_baselines(branch, tree, there, done.bad)))
    learn_told(history, branch, tree, done.bad)
    done.received = branch.received
    return done


def _record(history: History, waiting: list[Run], learn: Callable[[Collection[str]], None]) -> int:
    """Stores the runs and forgets them; how many were new."""
    if not waiting:
        return 0
    learn({run.commit for run in waiting if run.commit})
    recorded = history.record(waiting)
    waiting.clear()
    return sum(not one.known for one in recorded)


def _runs(branch: Branch, tree: Tree, digests: Sequence[str], bad: list[Bad]) -> Iterator[Run]:
    """The runs that can be read; what is wrong with the others goes to `bad`."""
    wanted = {tree.runs[digest]: digest for digest in digests}
    for oid, data in branch.read(wanted):
        try:
            yield unpack(data, wanted[oid])
        except RegressError as error:
            bad.append(Bad(error.where, error.what, error.hint))
    for digest in digests:
        if wanted[tree.runs[digest]] != digest:
            what = f"the file is that of run {wanted[tree.runs[digest]][:12]}"
            bad.append(Bad(run_path(digest), what, "restore it from an older commit of the branch, or prune it"))


def _baselines(branch: Branch, tree: Tree, known: Collection[str], bad: list[Bad]) -> Iterator[Baseline]:
    """The versions of baselines that are not known."""
    wanted = {oid: path for path, oid in tree.baselines.items() if path not in known}
    for oid, data in branch.read(wanted):
        try:
            yield read_baseline(data, wanted[oid])
        except RegressError as error:
            bad.append(Bad(error.where, error.what, error.hint))
