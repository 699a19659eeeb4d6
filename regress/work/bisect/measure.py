"""Measures one commit: its package in a work tree, the present checkout's benchmark, the result in the history."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...errors import InputError, UsageError
from ...formats import Document, ReadOptions, documents, read
from ...model import Columns, Commit, Environment, Gap, Run, Source, presented
from ...suites import ProofError, Request, SuiteError, suite_of
from .subject import Subject

if TYPE_CHECKING:
    from ...repo import Repository
    from ..context import Workspace

_FOLDER = ".regress"
_PREFIX = "bisect-"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one measurement: a value with its group, or what went wrong."""

    value: float = float("nan")
    unit: str = ""
    group: str = ""
    trouble: str = ""
    seconds: float = 0.0


@dataclass
class Bench:
    """The one work tree that shows commit after commit, and the folder for what the tools write."""

    workspace: Workspace
    repository: Repository
    tree: Repository
    scratch: Path
    environment: Environment | None = None
    #: What each commit's processes imported, to be told where two commits that differ imported the same files.
    imported: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def measure(self, subject: Subject, commit: Commit) -> Attempt:
        """Runs the benchmark with the package of `commit` and stores what it gave, also that it gave nothing.

        Raises ProofError where nothing shows that this commit's package was measured.
        """
        self.tree.checkout(commit.hash)
        request = Request(self.workspace.root, self.tree.root, commit.hash, (subject.full,), self.scratch)
        try:
            measured = suite_of(subject.spec).run(subject.spec, request)
        except SuiteError as failure:
            self._store_failure(subject, commit, failure.what)
            return Attempt(trouble=failure.what)
        if self.tree.head() != commit.hash or self.tree.is_dirty():
            what = f"the work tree of {commit.short} was changed while it was measured"
            raise ProofError(what, where=str(self.tree.root), hint="a benchmark must not write into its package")
        self.imported[commit.hash] = measured.proof.files
        runs = [self._own(run, subject, commit) for run in _runs(measured.results, subject)]
        shown = [presented(run, self.workspace.present) for run in runs]
        found = next((found for run in shown if (found := subject.in_run(run))), None)
        if found is None:
            return self._nothing(subject, commit, shown)
        if not found[1] > 0:
            hint = "the search compares ratios, and needs figures above zero"
            what = f"{subject.key.metric.name} is {found[1]:g} at {commit.short}"
            raise UsageError(what, where=subject.full, hint=hint)
        self.workspace.history.record(runs)
        self.environment = runs[-1].environment
        return Attempt(found[1], found[0].metric.unit, found[2], seconds=measured.seconds)

    def _own(self, run: Run, subject: Subject, commit: Commit) -> Run:
        """A run as it is to be filed: the tool saw the present checkout, and says its commit and its changes."""
        return replace(
            run, commit=commit.hash, head="", ref="", dirty=False, growing=False, tags=subject.tags,
            committed_at=commit.committed_at, source=replace(run.source, path=f"bisect of {subject.full}", digest=""),
        )  # fmt: skip

    def _nothing(self, subject: Subject, commit: Commit, runs: list[Run]) -> Attempt:
        """The tool ended well, but its results hold no figure of the subject."""
        names = sorted({key.benchmark.full for run in runs for key in run.columns.keys})
        if names and subject.full not in names:
            hint = f"name it as the tool does: {names[0]}"
            raise InputError(f"the results do not hold {subject.full}", where=str(self.scratch / "log.txt"), hint=hint)
        trouble = f"no {subject.key.metric.name} in the results"
        self._store_failure(subject, commit, trouble)
        return Attempt(trouble=trouble)

    def _store_failure(self, subject: Subject, commit: Commit, reason: str) -> None:
        """Stores that the commit cannot be measured here, so that a search which is resumed does not try again."""
        if self.environment is None:
            return
        none = Columns((), {"value": np.array([], dtype=np.float64)})
        gap = Gap(subject.key, "failed", reason[:500])
        now = datetime.now(UTC)
        source = Source(f"bisect of {subject.full}", subject.spec.kind)
        run = Run(
            commit.hash, self.environment, source, none, (gap,), started_at=now, ended_at=now,
            committed_at=commit.committed_at, tags=subject.tags,
        )  # fmt: skip
        self.workspace.history.record([run])


@contextmanager
def bench(workspace: Workspace, repository: Repository, commit: str) -> Iterator[Bench]:
    """A work tree under .regress/worktrees, removed at the end; those that a killed search left are removed first."""
    folder = own_folder(workspace.root)
    trees, scratches = folder / "worktrees", folder / "bisect"
    for left in [*trees.glob(_PREFIX + "*"), *scratches.glob(_PREFIX + "*")]:
        if not _is_alive(left.name.removeprefix(_PREFIX)):
            if left.parent == trees:
                repository.remove_worktree(left)
            shutil.rmtree(left, ignore_errors=True)
    name = f"{_PREFIX}{os.getpid()}"
    scratch = scratches / name
    scratch.mkdir(parents=True, exist_ok=True)
    trees.mkdir(exist_ok=True)
    try:
        with repository.worktree(trees / name, commit) as tree:
            yield Bench(workspace, repository, tree, scratch)
    finally:
        for entry in scratch.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != "log.txt":
                entry.unlink(missing_ok=True)


def own_folder(root: Path) -> Path:
    """The project's folder for what this program keeps; it ignores itself, so that nobody commits it by accident."""
    folder = root / _FOLDER
    try:
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(folder), hint="make it writable") from None
    return folder


def _is_alive(number: str) -> bool:
    """Whether the process that made a folder still runs."""
    try:
        os.kill(int(number), 0)
    except PermissionError:
        return True
    except (ValueError, OSError):
        return False
    return True


def _runs(paths: tuple[Path, ...], subject: Subject) -> list[Run]:
    """The runs in a tool's results. Raises InputError where they cannot be read."""
    options = ReadOptions(suite=subject.key.benchmark.suite)
    found: list[Run] = []
    for document in documents([str(path) for path in paths]):
        for item in read(document, options) if isinstance(document, Document) else [document]:
            if not isinstance(item, Run):
                raise InputError(item.what, where=item.where, hint=item.hint)
            found.append(item)
    return found
