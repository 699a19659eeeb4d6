"""Finds the runs of a check's baseline, and the earlier runs that its noise is learned from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UncomparedError, UsageError
from ..judge import baseline as choose
from ..judge.baseline import MERGE_BASE
from ..judge.centre import COMMIT, Centre
from ..model import BaselineSpec, StoredRun
from .sides import APART, Chosen, clean_if_any, load, side_of

if TYPE_CHECKING:
    from .context import Workspace

#: From how many commits the level and the noise of a series are learned, and how far back they are looked for.
NOISE_COMMITS = 20
NOISE_REACH = 500


@dataclass(frozen=True, slots=True)
class Basis:
    """What a candidate is compared with. Without a side there is nothing: `problem` says why, "" where it is the first.

    centre    what of the earlier runs the candidate is compared with
    distance  first-parent commits from the candidate back to the baseline
    earlier   stored runs at and before the baseline, newest first
    """

    side: Chosen | None
    centre: Centre = COMMIT
    distance: int | None = None
    earlier: Sequence[StoredRun] = ()
    problem: str = ""
    warnings: tuple[str, ...] = ()


def parse_against(text: str, max_distance: int) -> BaselineSpec:
    """`--against` as a specification: merge-base, previous, level, window:N, else a name or a file."""
    if text in ("merge-base", "previous", "level"):
        return BaselineSpec(text, max_distance=max_distance)
    if match := re.fullmatch(r"window:(\d+)", text):
        if not int(match[1]):
            raise UsageError("a window holds at least one run", where=text, hint="window:5 is the last five")
        return BaselineSpec("window", match[1], max_distance)
    return BaselineSpec("named", text, max_distance)


def find(workspace: Workspace, spec: BaselineSpec, candidate: Chosen) -> Basis:
    """The baseline that `spec` asks for; UncomparedError where that is the candidate itself."""
    if spec.kind == "named":
        return _named(workspace, spec, candidate)
    commit = candidate.stored[-1].commit
    # A search for a culprit measures single benchmarks: as a baseline its runs would make all others look new. Many
    # runs of one sitting, as a calibration makes them, lie closer together than those of different days.
    runs = workspace.existing_history.runs()
    others = [run for run in runs if run.commit != commit and not run.dirty and not APART & {*run.tags}]
    if not others:
        return Basis(None)
    if commit in workspace.graph:
        return _by_graph(workspace, spec, candidate, others)
    return _by_date(workspace, spec, candidate, others)


def of_side(workspace: Workspace, side: Chosen) -> Basis:
    """A side that is already chosen, as a baseline."""
    return Basis(side, earlier=_at_and_before(workspace, side.stored))


def _named(workspace: Workspace, spec: BaselineSpec, candidate: Chosen) -> Basis:
    side = side_of(workspace, spec.value)
    of_base = {run.id for run in side.stored}
    left = [run for run in candidate.stored if run.id not in of_base]
    # A run that may serve no baseline, as the machine was busy, makes no candidate of its own out of the others.
    if len(left) < len(candidate.stored) and all(run.dirty or APART & {*run.tags} for run in left):
        hint = "name another commit, or `regress compare run:A run:B` for two runs of one commit"
        raise UncomparedError("the baseline is the candidate itself", where=spec.value, hint=hint)
    return of_side(workspace, side)


def _by_graph(workspace: Workspace, spec: BaselineSpec, candidate: Chosen, others: Sequence[StoredRun]) -> Basis:
    """The nearest measured ancestor, for each suite and environment of the candidate by itself."""
    commit, graph = candidate.stored[-1].commit, workspace.graph
    main = None if spec.kind == "previous" else workspace.main_tip
    start, what = choose.starting_point(graph, commit, main)
    chosen: dict[int, StoredRun] = {}
    furthest = 0
    for place in _places(candidate.stored):
        runs = [run for run in others if place in _places([run])]
        found = choose.nearest(graph, start, {run.commit for run in runs}, spec.max_distance)
        if found:
            furthest = max(furthest, found.distance)
            chosen |= {run.id: run for run in runs if run.commit == found.commit}
    if not chosen:
        return Basis(None, problem=_why_nothing(workspace, spec, what))
    stored = sorted(chosen.values(), key=lambda run: (run.order, run.id))
    line = graph.first_parents(commit)
    lead = next((steps for steps, passed in enumerate(line) if passed == start), 0)
    side = load(workspace, f"{furthest} before {what}" if furthest else what, stored)
    centre = _centre(spec, on_main=start is None or what != MERGE_BASE)
    return Basis(side, centre, lead + furthest, _at_and_before(workspace, stored))


def _centre(spec: BaselineSpec, *, on_main: bool) -> Centre:
    """What of the earlier runs serves as the centre.

    A pull request answers for its own change: where the commit it left from is already off the level, that is not
    its doing. A commit of the main branch answers to the level, or one red commit would excuse the next.
    """
    if spec.kind == "window":
        return Centre("window", int(spec.value))
    if spec.kind == "previous":
        return COMMIT
    return Centre("level" if on_main or spec.kind == "level" else "branch")


def _by_date(workspace: Workspace, spec: BaselineSpec, candidate: Chosen, others: Sequence[StoredRun]) -> Basis:
    """Without a commit graph, the run before by the recorded dates; and the report says so."""
    order = candidate.stored[-1].order
    chosen: dict[int, StoredRun] = {}
    for place in _places(candidate.stored):
        runs = [run for run in others if place in _places([run]) and run.order < order]
        chosen |= {run.id: run for run in runs if run.commit == runs[-1].commit}
    if not chosen:
        return Basis(None, problem="no earlier commit was measured with the same suites and environments")
    stored = sorted(chosen.values(), key=lambda run: (run.order, run.id))
    warning = (
        "git does not know the candidate, so the baseline is the commit before by date; "
        "work in the clone, or give the graph with `regress commits import FILE`"
    )
    side = load(workspace, "the commit before by date", stored)
    centre = _centre(spec, on_main=True)
    return Basis(side, centre, None, _at_and_before(workspace, stored), warnings=(warning,))


def _places(runs: Iterable[StoredRun]) -> list[tuple[str, str]]:
    """The suites that were measured, each with its environment."""
    return sorted({(run.environment.digest, suite) for run in runs for suite in run.suites})


def _why_nothing(workspace: Workspace, spec: BaselineSpec, what: str) -> str:
    """No measured ancestor, said with the shallow clone that most often explains it."""
    reason = f"no commit within {spec.max_distance} of {what} was measured with the same suites and environments"
    if workspace.repository is not None and workspace.repository.is_shallow():
        return f"{reason}; this clone is shallow: fetch the whole history (actions/checkout with fetch-depth: 0)"
    return f"{reason}; measure an older commit and ingest it, or choose another baseline with --against"


def _at_and_before(workspace: Workspace, stored: Sequence[StoredRun]) -> list[StoredRun]:
    """Clean runs at and before the baseline on its own line, newest first."""
    if not stored:
        return []
    newest, graph = stored[-1], workspace.graph
    runs = clean_if_any(workspace.existing_history.runs())
    if newest.commit not in graph:
        found = [run for run in runs if run.order <= newest.order]
        return sorted(found, key=lambda run: (-run.order, -run.id))[: 2 * NOISE_COMMITS]
    line = choose.before(graph, newest.commit, {run.commit for run in runs}, NOISE_COMMITS, NOISE_REACH)
    place = {commit: index for index, commit in enumerate(line)}
    return sorted((run for run in runs if run.commit in place), key=lambda run: (place[run.commit], -run.id))
