"""The use case: one commit through the configured suites, K times, each run stored as soon as it is made.

How the runs are kept: they are real runs of the commit. But all come from one sitting, minutes apart, and lie closer
together than runs of different days do: as evidence for later checks they would drown the level of their commit and
make the noise look smaller than it is. So the first of them counts as the commit's run where it has none yet, and all
others carry the label "calibrate", which keeps them out of baselines and levels.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...errors import RegressError, UncomparedError, UsageError
from ...judge.rules import Rules
from ...model import Commit, Run, SideInfo, SuiteSpec, presented
from ...model.confirmation import ComparedSide
from ...report.calibrate import Calibration, Proposed, Rate
from ...suites import SuiteError
from ..confirm.ab import ABRequest, discover, specs_of
from ..measure import Bench, open_bench
from ..rules import rules_for
from ..sides import APART, Chosen
from .figures import Round, false_red, remarks, steadiness
from .rules import file_of, propose, toml_of

if TYPE_CHECKING:
    from ...repo import Repository
    from ..context import Workspace

#: The label of the runs that are no evidence for a check; see `sides.APART`.
TAG = "calibrate"
#: Two runs have a difference, three a spread.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class CalibrateRequest:
    """How many runs to make, and of which benchmarks: globs on names, () for all."""

    runs: int = 10
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a suite has ended: in which run of how many, how long it took, and why it gave nothing."""

    number: int
    most: int
    suite: str
    seconds: float
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is run: `shown` is the commit that the work tree shows, `head` the one that the runs are filed under.

    names  by suite, the benchmarks to run; without an entry: all
    """

    head: Commit
    shown: Commit
    specs: Sequence[SuiteSpec]
    names: Mapping[str, tuple[str, ...]]

    @property
    def dirty(self) -> bool:
        """Whether it is the work tree with its uncommitted changes."""
        return self.shown.hash != self.head.hash


@dataclass
class _Made:
    """The runs so far, and what went wrong."""

    rounds: list[list[Run]]
    warnings: list[str]
    interrupted: bool = False


def calibrate(
    workspace: Workspace, request: CalibrateRequest, show: Callable[[Step], None] | None = None
) -> Calibration:
    """Runs HEAD, or the work tree with its uncommitted changes, so many times, and says what that shows.

    An interrupt ends the runs and keeps those that are done; before the first one it is raised. Raises UsageError
    for fewer runs than three, or without a repository, and what the first run raises where none can be made.
    """
    if request.runs < FEWEST:
        raise UsageError(f"{request.runs} runs show no noise", hint=f"make at least --runs {FEWEST}")
    if workspace.repository is None:
        raise UsageError("there is no git repository here", where=str(workspace.root), hint="a run is of a commit")
    started = time.monotonic()
    warnings: list[str] = []
    subject = _subject(workspace, workspace.repository, request, warnings)
    workspace.history  # noqa: B018  one that cannot be written says so before minutes are spent
    made = _measure(workspace, workspace.repository, subject, request.runs, show or (lambda step: None))
    return _calibration(workspace, subject, made, request, warnings, time.monotonic() - started)


def _subject(workspace: Workspace, repository: Repository, request: CalibrateRequest, warnings: list[str]) -> _Subject:
    name = repository.head()
    if name is None:
        raise UsageError("the repository has no commit yet", where=str(workspace.root), hint="commit first")
    known = repository.commits([name], (f"{name}^@",))  # without its parents: git would list the whole history
    head = known[0] if known else Commit(name)
    copied = repository.snapshot()
    shown = Commit(copied) if copied else head
    if copied:
        warnings.append(
            "measured with uncommitted changes of tracked files: these runs never serve as a baseline; "
            "commit and calibrate again for runs that count"
        )
    specs = specs_of(workspace)
    if not request.only:
        return _Subject(head, shown, specs, {})
    side = ComparedSide(shown.hash, "the work tree" if copied else "HEAD", head.subject, dirty=bool(copied))
    keys, _ = discover(workspace, repository, side, ABRequest("HEAD", only=request.only), warnings)
    names: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for key in keys:
        names[key.benchmark.suite][key.benchmark.full] = None
    chosen = tuple(spec for spec in specs if spec.name in names)
    return _Subject(head, shown, chosen, {suite: tuple(listed) for suite, listed in names.items()})


def _measure(
    workspace: Workspace, repository: Repository, subject: _Subject, count: int, show: Callable[[Step], None]
) -> _Made:
    """Round after round, as far as nobody interrupts; a suite that fails in one round is tried again in the next."""
    made = _Made([], [])
    failure: RegressError | None = None
    alone = _is_first(workspace, subject)
    try:
        with open_bench(workspace, repository, TAG, (subject.shown.hash,)) as bench:
            for number in range(1, count + 1):
                runs: list[Run] = []
                made.rounds.append(runs)
                for spec in subject.specs:
                    try:
                        found, seconds = _once(bench, spec, subject, apart=number > 1 or not alone)
                        runs += found
                        show(Step(number, count, spec.name, seconds))
                    except SuiteError as error:
                        failure = error
                        made.warnings.append(f"run {number}: {error}")
                        show(Step(number, count, spec.name, 0.0, str(error)))
                if failure and not any(made.rounds):
                    raise failure
    except KeyboardInterrupt:
        made.interrupted = True
        if not any(made.rounds):
            raise
    made.rounds = [runs for runs in made.rounds if runs]
    return made


def _once(bench: Bench, spec: SuiteSpec, subject: _Subject, *, apart: bool) -> tuple[list[Run], float]:
    """One call of a suite, stored: the runs as the history would show them, and how long it took."""
    measured = bench.measure(spec, subject.shown, subject.names.get(spec.name, ()))
    tags = (TAG,) if apart else ()
    head = subject.head
    runs = [
        replace(
            run, commit=head.hash, committed_at=head.committed_at, dirty=subject.dirty, tags=(*run.tags, *tags),
            source=replace(run.source, path=f"calibrate {head.short}"),
        )
        for run in measured.runs
    ]  # fmt: skip
    bench.workspace.history.record(runs)
    return [presented(run, bench.workspace.present) for run in runs], measured.seconds


def _is_first(workspace: Workspace, subject: _Subject) -> bool:
    """Whether the commit has no run of its own yet, so that the first one made here, of all, can be it."""
    workspace.learn_commits()
    if subject.names or subject.dirty:
        return False
    stored = workspace.history.runs(commits=[subject.head.hash])
    return all(run.dirty or APART & {*run.tags} for run in stored)


def _calibration(
    workspace: Workspace, subject: _Subject, made: _Made, request: CalibrateRequest, warnings: list[str], seconds: float
) -> Calibration:
    rounds: list[Round] = [tuple(runs) for runs in made.rounds]
    force = rules_for(workspace, None, candidate=Chosen(SideInfo(subject.head.short), rounds[-1]))
    series, family = steadiness(rounds, force.rules)
    if not series:
        raise UncomparedError("the runs hold no figure", hint=f"what the tools said is in .regress/{TAG}")
    proposed: list[Proposed] = []
    rates: list[Rate] = []
    if len(rounds) >= FEWEST:
        proposed = propose(series, whole=not request.only)
        rates = false_red(rounds, force.rules, Rules((*force.rules.all, *(one.rule for one in proposed))))
    else:
        warnings.append(f"{len(rounds)} runs are too few to propose rules: {FEWEST} show a spread, 10 a usable one")
    warnings += [*force.warnings, *made.warnings, *remarks(series)]
    file, prefix = file_of(workspace)
    return Calibration(
        commit=subject.head.hash, subject=subject.head.subject, dirty=subject.dirty, asked=request.runs,
        done=len(rounds), interrupted=made.interrupted, seconds=seconds, series=series, rates=rates,
        proposed=proposed, family=family, toml=toml_of(proposed, prefix), file=file.name, warnings=tuple(warnings),
    )  # fmt: skip
