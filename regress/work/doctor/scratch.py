"""Copies to try things on: the project seen without writing to it, and small histories in a scratch folder.

A scratch history holds the runs that a check of one commit looks at and no others, so that its size depends neither on
that of the history nor on the engine behind it. One is prepared and its file copied for each trial.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ...errors import HistoryError, UncomparedError
from ...formats import ReadOptions
from ...formats.bundle import dump_all
from ...history import History
from ...model import Commit, CommitGraph, Report, Run, SideInfo, StoredRun
from .. import basis
from ..basis import Basis
from ..check import CheckRequest, check
from ..context import Workspace
from ..ingest import Ingested, ingest
from ..sides import APART, Chosen

if TYPE_CHECKING:
    from ...config import Config
    from ...repo import Repository

#: So many of the newest measured commits are tried as the one to plant at, and looked through for what is in use.
_RECENT_COMMITS = 30
_TRIED = 5
_numbers = count(1)


@dataclass
class Patient(Workspace):
    """The project, read only: what git knows of commits and the history does not yet is kept in memory."""

    @classmethod
    def of(cls, workspace: Workspace) -> Self:
        """The same project once more."""
        return cls(workspace.root, workspace.config, workspace.repository, workspace.database)

    def learn_commits(self, measured: Collection[str] = ()) -> None:
        """Nothing is told to the history; `graph` holds what git knows, too."""

    @cached_property
    def graph(self) -> CommitGraph:
        """The commit graph as the history and git know it."""
        known = dict(self.existing_history.graph().parents) if self.has_history else {}
        if self.repository is not None:
            tips = [tip for tip in (self.repository.head(), *self.repository.refs().values()) if tip]
            whole = all(parent in known for parents in known.values() for parent in parents)
            known |= {c.hash: c.parents for c in self.repository.commits(tips, known.keys() if whole else ())}
        return CommitGraph(known)

    @cached_property
    def has_history(self) -> bool:
        """Whether there is a history; one that is there and cannot be read raises HistoryError."""
        try:
            return bool(self.existing_history)
        except HistoryError:
            if "://" in self.database or Path(self.database).exists():
                raise
            return False

    @cached_property
    def runs(self) -> list[StoredRun]:
        """The runs that serve as evidence: of whole suites, with nothing uncommitted; in the history's order."""
        if not self.has_history:
            return []
        return [run for run in self.existing_history.runs() if not run.dirty and not APART & {*run.tags}]


@dataclass(frozen=True, slots=True)
class Subject:
    """A commit whose check is tried: what it would be compared with, and the runs whose copies stand for its own."""

    commit: str
    found: Basis
    models: Sequence[StoredRun]


def subject_of(patient: Patient) -> Subject | None:
    """HEAD, else one of the newest measured commits, with a baseline; None where no commit has any."""
    head = patient.repository.head() if patient.repository else None
    newest = list(dict.fromkeys(run.commit for run in reversed(patient.runs)))[:_TRIED]
    spec = basis.parse_against(patient.config.against, patient.config.max_distance)
    for commit in dict.fromkeys([*([head] if head else []), *newest]):
        places = _in_place_of(patient, commit)
        if not places:
            continue
        try:
            found = basis.find(patient, spec, Chosen(SideInfo(commit), (), places))
        except UncomparedError:
            continue
        if found.side:
            return Subject(commit, found, _newest(found.side.stored))
    return None


def _in_place_of(patient: Patient, commit: str) -> list[StoredRun]:
    """The runs that a commit has or, if it has none, those of the suites and environments in use, as its own."""
    own = [run for run in patient.runs if run.commit == commit]
    if own:
        return own
    recent = set(list(dict.fromkeys(run.commit for run in reversed(patient.runs)))[:_RECENT_COMMITS])
    last = patient.runs[-1].order + 1 if patient.runs else 0
    models = _newest([run for run in patient.runs if run.commit in recent])
    return [replace(run, commit=commit, head="", order=last) for run in models]


def _newest(runs: Iterable[StoredRun]) -> list[StoredRun]:
    """The last run of each suite in each environment."""
    return list({(run.environment.digest, run.suites): run for run in runs}.values())


@dataclass(frozen=True, slots=True)
class Scratch:
    """A prepared history at `path`; each trial works on a copy of it."""

    path: Path
    root: Path
    config: Config
    repository: Repository | None = None

    def trial(self, runs: Sequence[Run], commit: str, *, require_baseline: bool = False) -> Report:
        """What a check of `commit` says with these runs of it, written to a file and read in like any other."""
        place = self.path.with_name(f"trial-{next(_numbers)}.db")
        shutil.copyfile(self.path, place)
        with Workspace(self.root, self.config, self.repository, str(place)) as workspace:
            self.read(workspace, dump_all(runs))
            request = CheckRequest(commit=commit, require_baseline=require_baseline, fork=False)
            return check(workspace, request)

    def read(self, workspace: Workspace, content: str, options: ReadOptions | None = None) -> Ingested:
        """Reads a result file with this content into a workspace's history."""
        file = Path(workspace.database).with_suffix(".json")
        file.write_text(content, encoding="utf-8")
        return ingest(workspace, [str(file)], options or ReadOptions())


def prepare(path: Path, graph: CommitGraph, runs: Iterable[Run]) -> list[str]:
    """Makes a history at `path` with these commits and runs; the digests of the runs."""
    with History.open(str(path)) as history:
        history.add_commits(Commit(name, parents) for name, parents in graph.parents.items())
        return [recorded.digest for recorded in history.record(runs)]


def copied(patient: Patient, subject: Subject, folder: Path) -> Scratch:
    """A scratch history with all that a check of the subject looks at, except for runs of its own."""
    assert subject.found.side is not None
    stored = {run.id: run for run in (*subject.found.earlier, *subject.found.side.stored)}
    chosen = [run for run in stored.values() if run.commit != subject.commit]
    path = folder / "history.db"
    digests = prepare(path, patient.graph, raw(patient, chosen))
    config = replace(patient.config, database=None)
    name = patient.config.against
    if any(name == baseline.name for baseline in patient.existing_history.baselines(name)):
        wanted = {run.id for run in subject.found.side.stored}
        kept = [digest for run, digest in zip(chosen, digests, strict=True) if run.id in wanted]
        with History.open(str(path)) as history:
            history.set_baseline(name, kept, commit=subject.found.side.info.commit, reason="a copy", author="doctor")
    return Scratch(path, patient.root, config, patient.repository)


def raw(patient: Patient, stored: Sequence[StoredRun], *, whole: bool = False) -> list[Run]:
    """Stored runs under the names that they were recorded with; `whole`: with samples and attachments, too."""
    ids = [run.id for run in stored]
    if whole:
        return patient.existing_history.load(ids, samples=True)
    with History.open(patient.database, create=False) as history:
        return history.load(ids)
