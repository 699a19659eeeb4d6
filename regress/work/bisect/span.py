"""The commits between two ends as places to measure: those whose package differs from their parent's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from ...errors import UncomparedError, UsageError
from ...judge.posterior import Field
from ...judge.step import largest_step
from ...model import Cause, Commit, Direction, Series, StoredRun, topological

if TYPE_CHECKING:
    from ...repo import Repository
    from ..context import Workspace
    from .subject import Subject


@dataclass(frozen=True, slots=True)
class Span:
    """What is searched. Place 0 is the good end; each other place is a commit that changed the package.

    places     the commits, in order
    parents    for each place those places that it comes directly after
    place_of   the place of every commit in between: that of the commit whose package it still has
    """

    places: tuple[Commit, ...]
    parents: tuple[tuple[int, ...], ...]
    place_of: Mapping[str, int]

    def field(self, unmeasurable: Sequence[int]) -> Field:
        """The hypotheses: each place after the first may be the culprit."""
        return Field.graph(self.parents, unmeasurable)


def repository_of(workspace: Workspace) -> Repository:
    """The repository to search in; UsageError where there is none, or no work tree."""
    if workspace.repository is None:
        raise UsageError("there is no git repository here", where=str(workspace.root), hint="run it in a clone")
    if workspace.repository.bare:
        hint = "run it in a clone with a work tree: the benchmarks are taken from there"
        raise UsageError("this is a bare repository", where=str(workspace.root), hint=hint)
    return workspace.repository


def ends_of(
    workspace: Workspace, subject: Subject, cause: Cause | None, good: str | None, bad: str | None
) -> tuple[str, str]:
    """The commits to search between: the range of a cause, else those given, else those around the largest stored step.

    Each way gives a pair (good, bad) of full hashes. Raises UsageError where what is given makes no pair.
    """
    if good is None and bad is not None:
        raise UsageError("BAD is given without GOOD", hint="name both, or none")
    if cause is not None:
        if good is not None:
            hint = f"leave them out, or name the benchmark: regress bisect {subject.full} {good}"
            raise UsageError(f"cause {cause.id} brings both ends along", where=good, hint=hint)
        return cause.span.after, cause.span.until
    if good is not None:
        return workspace.resolve(good), workspace.resolve(bad or "HEAD")
    found = _stored_ends(workspace, subject)
    if found is None:
        hint = "name both ends: regress bisect BENCHMARK GOOD BAD"
        raise UsageError(f"nothing stored of {subject.full} shows a step", where="the history", hint=hint)
    return found


def _stored_ends(workspace: Workspace, subject: Subject) -> tuple[str, str] | None:
    """The measured commits around the largest step for the worse on the main line, in the series that shows most."""
    tip = workspace.main_tip or workspace.resolve("HEAD")
    line = set(workspace.graph.first_parents(tip))
    runs = {run.id: run for run in workspace.existing_history.runs() if not run.dirty and run.commit in line}
    direction = subject.key.metric.direction
    upwards = None if direction is Direction.UNKNOWN else direction is Direction.LOWER
    courses = [course for series in subject.series for course in _courses(series, runs)]
    for course in sorted(courses, key=len, reverse=True):
        commits = list(course)
        step = largest_step(np.array([median(values) for values in course.values()]), upwards=upwards)
        if step is not None:
            return commits[step[0]], commits[step[1]]
    return None


def _courses(series: Series, runs: Mapping[int, StoredRun]) -> list[dict[str, list[float]]]:
    """The values of each commit in order, apart for each processor: another machine is a step without a culprit."""
    found: defaultdict[tuple[str, str], dict[str, list[float]]] = defaultdict(dict)
    for run_id, value in zip(series.run_ids.tolist(), series.centre.tolist(), strict=True):
        run = runs.get(run_id)
        if run is not None and value > 0:
            machine = run.environment.fact("cpu"), run.environment.fact("cores")
            found[machine].setdefault(run.commit, []).append(value)
    return list(found.values())


def between(workspace: Workspace, good: str, bad: str, paths: Sequence[str], *, all_parents: bool) -> Span:
    """The span between two commits; `paths` are what the package under test is made of, "" the whole tree."""
    repository = repository_of(workspace)
    commits = _line(workspace, good, bad) if not all_parents else _ancestry(workspace, good, bad)
    names = [commit.hash for commit in commits]
    found = repository.objects(f"{name}:{path}" for name in names for path in paths)
    width = len(paths)
    trees = {name: tuple(found[at * width : (at + 1) * width]) for at, name in enumerate(names)}
    place_of = {good: 0}
    places: list[Commit] = [commits[0]]
    parents: list[tuple[int, ...]] = [()]
    for before, commit in pairwise(commits):
        above = [parent for parent in commit.parents if parent in trees] if all_parents else [before.hash]
        same = next((parent for parent in above if trees[parent] == trees[commit.hash]), None)
        if same is not None:
            place_of[commit.hash] = place_of[same]
            continue
        place_of[commit.hash] = len(places)
        places.append(commit)
        parents.append(tuple(sorted({place_of[parent] for parent in above})) or (0,))
    if len(places) == 1 or place_of[bad] == 0:
        named = " and ".join(filter(None, paths)) or "the trees"
        what = f"{named} of {good[:10]} and of {bad[:10]} hold the same files"
        hint = "no commit between them changed the package: look at the environment, or set `source` of the suite"
        raise UncomparedError(what, hint=hint)
    return Span(tuple(places), tuple(parents), place_of)


def _line(workspace: Workspace, good: str, bad: str) -> list[Commit]:
    """The first-parent line from good to bad, good first."""
    graph = workspace.graph
    line: list[str] = []
    for commit in graph.first_parents(bad):
        line.append(commit)
        if commit == good:
            break
    if good == bad or line[-1:] != [good]:
        raise _unrelated(workspace, good, bad)
    return [_known(workspace, commit) for commit in reversed(line)]


def _ancestry(workspace: Workspace, good: str, bad: str) -> list[Commit]:
    """Every commit that bad contains and good does not, parents first, with good before them."""
    graph = workspace.graph
    if good == bad or good not in graph.ancestors(bad):
        raise _unrelated(workspace, good, bad)
    new = graph.ancestors(bad) - graph.ancestors(good)
    return [_known(workspace, good), *topological(_known(workspace, commit) for commit in new)]


def _known(workspace: Workspace, name: str) -> Commit:
    return workspace.existing_history.commit(name) or Commit(name)


def _unrelated(workspace: Workspace, good: str, bad: str) -> UsageError:
    """Why there is nothing between two commits, and what to do."""
    graph = workspace.graph
    where = f"{good[:10]}..{bad[:10]}"
    if good == bad:
        return UsageError("both ends are the same commit", where=where, hint="name an older GOOD or a newer BAD")
    if bad in graph.ancestors(good):
        return UsageError("BAD is older than GOOD", where=where, hint="write the older commit first: GOOD, then BAD")
    if good in graph.ancestors(bad):
        hint = "name a commit of that line, or search every way with --all-parents"
        return UsageError("GOOD is not on the first-parent line of BAD", where=where, hint=hint)
    base = graph.merge_base(good, bad)
    hint = f"GOOD may be their merge base, {base[:10]}" if base else "is the clone shallow? fetch the whole history"
    return UsageError("BAD does not contain GOOD", where=where, hint=hint)
