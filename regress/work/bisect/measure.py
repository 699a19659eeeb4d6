"""Measures what is searched for at one commit, and stores what that gave, also that it gave nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from ...errors import InputError, UsageError
from ...model import Columns, Commit, Environment, Gap, Run, Source, presented
from ...suites import SuiteError
from ..measure import Bench, open_bench
from .subject import Subject

if TYPE_CHECKING:
    from ...repo import Repository
    from ..context import Workspace


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one measurement: a value with its group, or what went wrong."""

    value: float = float("nan")
    unit: str = ""
    group: str = ""
    trouble: str = ""
    seconds: float = 0.0


@dataclass
class Probe:
    """Measures the subject, commit after commit, on one bench."""

    bench: Bench
    environment: Environment | None = None
    #: What each commit's processes imported, to be told where two commits that differ imported the same files.
    imported: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    @property
    def workspace(self) -> Workspace:
        """The project that is searched."""
        return self.bench.workspace

    def measure(self, subject: Subject, commit: Commit) -> Attempt:
        """Runs the benchmark with the package of `commit` and stores what it gave, also that it gave nothing.

        Raises ProofError where nothing shows that this commit's package was measured.
        """
        try:
            measured = self.bench.measure(subject.spec, commit, (subject.full,))
        except SuiteError as failure:
            self._store_failure(subject, commit, failure.what)
            return Attempt(trouble=failure.what)
        self.imported[commit.hash] = measured.imported
        runs = [replace(run, tags=subject.tags, source=_source(run.source, subject)) for run in measured.runs]
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

    def _nothing(self, subject: Subject, commit: Commit, runs: Sequence[Run]) -> Attempt:
        """The tool ended well, but its results hold no figure of the subject."""
        names = sorted({key.benchmark.full for run in runs for key in run.columns.keys})
        if names and subject.full not in names:
            hint = f"name it as the tool does: {names[0]}"
            raise InputError(f"the results do not hold {subject.full}", where=str(self.bench.log), hint=hint)
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
        run = Run(
            commit.hash, self.environment, _source(Source("", subject.spec.kind), subject), none, (gap,),
            started_at=now, ended_at=now, committed_at=commit.committed_at, tags=subject.tags,
        )  # fmt: skip
        self.workspace.history.record([run])


@contextmanager
def bench(workspace: Workspace, repository: Repository, commit: str) -> Iterator[Probe]:
    """A work tree that shows commit after commit, `commit` first; it is removed at the end."""
    with open_bench(workspace, repository, "bisect", (commit,)) as opened:
        yield Probe(opened)


def _source(source: Source, subject: Subject) -> Source:
    return replace(source, path=f"bisect of {subject.full}")
