"""Turns what a user names (a commit, a tag, a baseline, a file, a run) into runs to compare."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError, UncomparedError, UsageError
from ..model import BUSY, PART, Run, SideInfo, StoredRun, presented

if TYPE_CHECKING:
    from .context import Workspace

#: The label of runs that a search for a culprit made: of one benchmark, where a whole suite would have been run.
PARTIAL = "bisect"
#: Runs with these labels are kept apart: of single benchmarks, many of one sitting, which make noise look small, or of
#: a busy machine.
APART = frozenset({PARTIAL, "calibrate", PART, BUSY})
_RUN_ID = re.compile(r"(?:run:|#)(\d+)$")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One side: its runs with their results, and what to say of them."""

    info: SideInfo
    runs: Sequence[Run]
    stored: Sequence[StoredRun] = ()


def side_of(workspace: Workspace, name: str) -> Chosen:
    """The side that `name` means: a file, else `run:ID`, else a stored baseline, else a commit, tag or branch."""
    if name and Path(name).is_file():
        return from_file(workspace, name)
    if name.endswith((".json", ".gz", ".xz")):
        raise InputError("there is no such file", where=name, hint="check the path")
    if match := _RUN_ID.match(name):
        stored = workspace.existing_history.runs(ids=[int(match[1])])
        if not stored:
            raise UsageError(f"no run {match[1]} in the history", hint="`regress show COMMIT` lists run ids")
        return load(workspace, name, stored)
    baseline = workspace.existing_history.baseline(name)
    if baseline is not None:
        stored = workspace.existing_history.runs(digests=baseline.digests)
        if not stored:
            raise UncomparedError(f"none of the runs of the baseline {name!r} is in this history")
        return load(workspace, f"baseline {name} (version {baseline.version})", stored, name)
    return from_commit(workspace, name)


def from_commit(workspace: Workspace, reference: str) -> Chosen:
    """The runs of one commit; those of a clean tree where there are any."""
    commit = workspace.resolve(reference)
    stored = workspace.existing_history.runs(commits=[commit])
    if not stored:
        hint = "ingest its results first: regress ingest PATH"
        raise UncomparedError(f"no run of commit {commit[:10]} in the history", where=reference, hint=hint)
    return load(workspace, reference, clean_of_each_suite(stored))


def clean_if_any(stored: Sequence[StoredRun]) -> list[StoredRun]:
    """The runs of clean trees and whole suites, as far as there are any."""
    whole = [run for run in stored if not APART & {*run.tags}] or stored
    return [run for run in whole if not run.dirty] or list(whole)


def clean_of_each_suite(stored: Sequence[StoredRun]) -> list[StoredRun]:
    """The same suite by suite: a suite whose only run was of a busy machine is not left out for another's quiet one.

    Runs of a search or a calibration are no run of a suite as long as there is any other.
    """
    own = [run for run in stored if not APART - {PART, BUSY} & {*run.tags}] or list(stored)
    kept = {
        run.id for suites in {run.suites for run in own} for run in clean_if_any([r for r in own if r.suites == suites])
    }
    return [run for run in own if run.id in kept]


def main_runs(workspace: Workspace) -> list[StoredRun]:
    """The clean runs of commits on the main branch's first-parent line; all clean runs where that is not known."""
    runs = clean_if_any(workspace.existing_history.runs())
    tip = workspace.main_tip
    if tip is None:
        return runs
    line = set(workspace.graph.first_parents(tip))
    return [run for run in runs if run.commit in line] or runs


def load(workspace: Workspace, what: str, stored: Sequence[StoredRun], reference: str = "") -> Chosen:
    """A side made of stored runs; `reference` names it again, by default its commit."""
    commits = {run.commit for run in stored}
    newest = stored[-1]
    commit = newest.commit if len(commits) == 1 else ""
    subject = newest.subject if len(commits) == 1 else f"{len(commits)} commits"
    digests = tuple(run.digest for run in stored)
    info = SideInfo(what, commit, subject, digests, reference or commit[:12] or what)
    return Chosen(info, workspace.existing_history.load([run.id for run in stored]), stored)


def from_file(workspace: Workspace, path: str) -> Chosen:
    """A side read from a result file or an exported baseline, without storing it."""
    from ..formats import runs_of

    runs = list(runs_of([path]))
    commits = {run.commit for run in runs}
    commit = commits.pop() if len(commits) == 1 else ""
    info = SideInfo(path, commit, "", tuple(run.digest() for run in runs), path)
    return Chosen(info, [presented(run, workspace.present) for run in runs])
