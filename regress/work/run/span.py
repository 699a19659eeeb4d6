"""A range of commits, or one commit: the package of each in a work tree, the benchmarks of the present checkout.

What is stored is skipped, so that a range can be gone on with; a commit that fails is tried again the next time.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from ...errors import InputError, UsageError
from ...model import PART, Commit, Failure, Run, RunSummary, StoredRun, SuiteState, SuiteSummary
from ...suites import ProofError, Request, SuiteError, Trouble
from ..measure import Bench, open_bench
from ..sides import APART
from .collect import recorded_variables, store
from .execute import Show, Step
from .plan import Plan, Planned
from .present import commit_at
from .summary import Finished, summarised

if TYPE_CHECKING:
    from ...repo import Repository
    from ..context import Workspace

PURPOSE = "run"


@dataclass
class _Made:
    """What one suite has given over the range."""

    planned: Planned
    known: int = 0
    asked: int = 0
    runs: list[Run] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0


def run_span(workspace: Workspace, plan: Plan, span: str, show: Show = lambda step: None) -> RunSummary:
    """Measures the commits of "A..B" (without A, along first parents) or one commit, the newest first.

    A commit of a range that has as many runs of a suite as are asked for is skipped; one that is named by itself gets
    another run. Raises UsageError.
    """
    repository = workspace.repository
    if repository is None:
        raise UsageError("there is no git repository here", where=str(workspace.root), hint="a run is of a commit")
    for planned in plan.suites:
        if planned.spec.server:
            hint = "leave it out with --exclude, or check that commit out"
            raise UsageError(f"{planned.spec.name} has a server, which is that of the present checkout", hint=hint)
    began = time.monotonic()
    workspace.learn_commits()
    commits = commits_of(workspace, repository, span)
    is_range = ".." in span
    made = [_Made(planned) for planned in plan.suites]
    work = _work(workspace, commits, made, is_range)
    interrupted = False
    if work:
        try:
            with open_bench(workspace, repository, PURPOSE, (commits[0].hash,)) as bench:
                for number, (commit, one) in enumerate(work, 1):
                    _measure(bench, commit, one, partial(_numbered, show, number, len(work)))
        except KeyboardInterrupt:
            interrupted = True
    return summarised(workspace, _finished(commits, made, span, time.monotonic() - began, interrupted, plan))


def _numbered(show: Show, number: int, most: int, step: Step) -> None:
    show(replace(step, number=number, most=most))


def commits_of(workspace: Workspace, repository: Repository, span: str) -> list[Commit]:
    """The commits that a span means, the newest first. Raises UsageError."""
    if "..." in span:
        raise UsageError(f"{span!r} is not a range", hint="write A..B: the commits of B that A does not contain")
    if ".." not in span:
        return [commit_at(repository, span)]
    old, _, new = span.partition("..")
    tip, start = repository.resolve(new or "HEAD"), repository.resolve(old or "HEAD")
    known = {commit.hash: commit for commit in repository.commits([tip], [start])}
    line = [known[name] for name in workspace.graph.first_parents(tip) if name in known]
    if not line:
        raise UsageError(f"{span} holds no commit", hint="write the older one first")
    return line


def _work(
    workspace: Workspace, commits: Sequence[Commit], made: Sequence[_Made], is_range: bool
) -> list[tuple[Commit, _Made]]:
    """What is to be measured: each commit by each suite, as often as it is not stored yet."""
    stored = workspace.history.runs(commits=[commit.hash for commit in commits]) if is_range else []
    work = []
    for commit in commits:
        for one in made:
            spec = one.planned.spec
            there = sum(_is_of(run, commit, one.planned) for run in stored)
            one.known += there
            missing = max(spec.repeat - there, 0)
            one.asked += missing
            work += [(commit, one)] * missing
    return work


def _is_of(run: StoredRun, commit: Commit, planned: Planned) -> bool:
    """Whether a stored run is one of a suite at a commit, made on a machine like this one."""
    key = dict(run.environment.key)
    python = f"{platform.python_implementation()} {'.'.join(platform.python_version_tuple()[:2])}"
    here = {"system": platform.system(), "arch": platform.machine()}
    here |= {} if planned.spec.python else {"python": python}
    alike = all(key.get(name, text) == text for name, text in here.items())
    apart = APART - {PART} if planned.selection else APART
    return (
        run.commit == commit.hash and planned.spec.name in run.suites and not run.dirty and alike
        and not apart & {*run.tags} and bool(planned.selection) == (PART in run.tags)
    )  # fmt: skip


def _measure(bench: Bench, commit: Commit, made: _Made, show: Callable[[Step], None]) -> None:
    """One suite at one commit, stored; what goes wrong is noted, and the next commit may do."""
    planned = made.planned
    spec = planned.spec
    named = f"{spec.name} at {commit.short}"
    show(Step(named, 0, 0, bench.log))
    state, words = SuiteState.PASSED, ""
    began = time.monotonic()
    try:

        def change(request: Request) -> Request:
            return replace(request, selection=planned.selection)

        measured = bench.measure(spec, commit, change=change)
        runs = [_labelled(bench.workspace, run, planned) for run in measured.runs]
        store(bench.workspace, runs)
        made.runs += runs
        words = f"{sum(len(run.columns) for run in runs)} figures"
    except (SuiteError, ProofError, InputError) as error:
        state, words = SuiteState.FAILED, str(error)
        trouble = error.trouble.name.lower() if isinstance(error, SuiteError) else "proof"
        trouble = Trouble.UNREADABLE.name.lower() if isinstance(error, InputError) else trouble
        made.failures.append(Failure(commit.short, trouble, getattr(error, "reason", error.what)))
    seconds = time.monotonic() - began
    made.seconds += seconds
    show(Step(named, 0, 0, bench.log, state, seconds, words=words))


def _labelled(workspace: Workspace, run: Run, planned: Planned) -> Run:
    tags = dict.fromkeys((*run.tags, *planned.spec.tags, *([PART] if planned.selection else [])))
    environment = run.environment
    if facts := recorded_variables(workspace):
        pairs = tuple(sorted({**dict(environment.facts), **facts}.items()))
        environment = replace(environment, facts=pairs)
    source = replace(run.source, path=f"regress run {planned.spec.name} at {run.commit[:10]}")
    return replace(run, tags=tuple(tags), environment=environment, source=source)


def _finished(
    commits: Sequence[Commit], made: Sequence[_Made], span: str, seconds: float, interrupted: bool, plan: Plan
) -> Finished:
    return Finished(
        commit=commits[0], branch="", dirty=False, suites=[_summary(one, len(commits)) for one in made],
        runs=[run for one in made for run in one.runs], statuses=[int(bool(one.failures)) for one in made],
        not_run=plan.not_run, seconds=seconds, interrupted=interrupted, span=span,
    )  # fmt: skip


def _summary(made: _Made, commits: int) -> SuiteSummary:
    spec = made.planned.spec
    keys = {key.benchmark for run in made.runs for key in run.columns.keys}
    known = [f"{made.known} run{'' if made.known == 1 else 's'} stored already"] if made.known else []
    return SuiteSummary(
        name=spec.name, kind=spec.kind, state=SuiteState.FAILED if made.failures else SuiteState.PASSED,
        phase=spec.phase, reason=f"{len(made.failures)} of {commits} commits failed" if made.failures else "",
        seconds=made.seconds, repeat=made.asked, runs=len(made.runs), benchmarks=len(keys),
        points=sum(len(run.columns) for run in made.runs), failures=tuple(made.failures), warnings=tuple(known),
    )  # fmt: skip
