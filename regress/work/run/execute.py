"""One suite: what it needs, its server, its runs, what went wrong; whatever was measured is stored at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InputError, UsageError
from ...model import BUSY, Commit, Course, Failure, Metric, Run, Slow, SuiteState, SuiteSummary
from ...suites import (
    Measured,
    ProofError,
    Request,
    ServerError,
    SuiteError,
    Trouble,
    serving,
    suite_of,
    trouble_of,
    unmet,
)
from ..variables import environment_of
from ..workload import bare
from .collect import Measuring, collect, store, with_figures
from .plan import Planned
from .watched import Watch

if TYPE_CHECKING:
    from ...repo import Repository
    from ..context import Workspace

_SLOWEST = 5
#: What a suite that was only guessed need not have.
_NOTHING_THERE = "nothing shows that the project has such a suite"
_OF_THE_WHOLE = (Trouble.TIMEOUT, Trouble.CRASH)
_NOTHING_CHOSEN = "it gave nothing that was selected"


@dataclass(frozen=True, slots=True)
class Step:
    """A suite begins (`state` is None) or has ended: which of how many, its log, its time, that of the last time."""

    suite: str
    number: int
    most: int
    log: Path
    state: SuiteState | None = None
    seconds: float = 0.0
    earlier: float = 0.0
    words: str = ""


Show = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where and of what the runs are made: the project, its commit as it was at the beginning, the folder of logs."""

    workspace: Workspace
    repository: Repository
    commit: Commit
    branch: str
    dirty: bool
    logs: Path
    scratch: Path
    head: str = ""


@dataclass
class Made:
    """What one suite has given so far."""

    planned: Planned
    log: Path
    state: SuiteState = SuiteState.PASSED
    reason: str = ""
    seconds: float = 0.0
    stored: int = 0
    runs: list[Run] = field(default_factory=list)
    failures: dict[tuple[str, str], Failure] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    durations: tuple[tuple[str, float], ...] = ()
    last_seconds: float = 0.0
    figures: list[tuple[str, Metric, float]] = field(default_factory=list)
    courses: Sequence[Course] = ()
    statuses: set[int] = field(default_factory=set)

    def fail(self, name: str, trouble: Trouble | str, reason: str, *, status: int = 1) -> None:
        """Notes a failure, each once however often the suite is run."""
        word = trouble.name.lower() if isinstance(trouble, Trouble) else trouble
        self.failures.setdefault((name, word), Failure(name, word, reason))
        self.statuses.add(status)

    def summary(self) -> SuiteSummary:
        """What became of it, frozen."""
        spec = self.planned.spec
        keys = {key.benchmark for run in self.runs for key in run.columns.keys}
        gaps = {gap.key.benchmark: gap.status for run in self.runs for gap in run.gaps}
        missed = {benchmark: status for benchmark, status in gaps.items() if benchmark not in keys}
        named = {benchmark.full for benchmark, status in missed.items() if status == "failed"}
        # Without a run there is none that could hold a gap.
        unknown = {failure.name for failure in self.failures.values() if failure.name and not self.runs}
        return SuiteSummary(
            name=spec.name, kind=spec.kind, state=self.state, phase=spec.phase, reason=self.reason,
            seconds=self.seconds, repeat=spec.repeat, runs=self.stored, benchmarks=len(keys),
            points=sum(len(run.columns) for run in self.runs), failed=len(named | unknown),
            skipped=sum(status == "skipped" for status in missed.values()), failures=tuple(self.failures.values()),
            slowest=tuple(self._slowest()), warnings=tuple(dict.fromkeys(self.warnings)), log=str(self.log),
            figures=tuple(self.figures), courses=tuple(self.courses),
        )  # fmt: skip

    def _slowest(self) -> list[Slow]:
        ranked = sorted(self.durations, key=lambda pair: -pair[1])[:_SLOWEST]
        whole = max(self.last_seconds, sum(seconds for _, seconds in self.durations))
        return [Slow(name, seconds, seconds / whole if whole else 0.0) for name, seconds in ranked]


def execute(place: Place, planned: Planned, states: Mapping[str, SuiteState]) -> Made:
    """Runs one suite as often as it asks for. `states` are those of the suites before it.

    Raises Interrupted at Ctrl-C, after its children were ended and what was whole is stored.
    """
    spec = planned.spec
    made = Made(planned, log_of(place, planned))
    if reason := _unmet(place, planned, states):
        made.state, made.reason = SuiteState.SKIPPED, reason
        return made
    environment = environment_of(spec, os.environ)
    for _ in range(spec.repeat):
        if not _once(place, made, environment):
            break
    _conclude(made)
    return made


def log_of(place: Place, planned: Planned) -> Path:
    """Where a suite writes."""
    return place.logs / f"{_file_name(planned.spec.name)}.log"


def _file_name(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name).lstrip(".") or "suite"


def _unmet(place: Place, planned: Planned, states: Mapping[str, SuiteState]) -> str:
    """Why a suite cannot be run; "" where it can."""
    spec = planned.spec
    for name in spec.needs:
        if states.get(name) is not SuiteState.PASSED:
            return f"it needs {name}, which {_became(states.get(name))}"
    own = {**os.environ}
    folder = place.workspace.root / spec.cwd
    if not folder.is_dir():
        raise UsageError(f"there is no folder {spec.cwd}", where=spec.origin_of("cwd"), hint="correct `cwd`")
    for requirement in sorted(spec.requires, key=lambda text: not text.startswith("env:")):
        if not requirement.startswith("env:") and spec.env:
            own |= environment_of(spec, os.environ)
        # A path counts from the project's root, as for the suite itself.
        python = str(place.workspace.root / spec.python) if "/" in spec.python else spec.python
        if reason := unmet(requirement, folder, own, python):
            return reason
    return ""


def _became(state: SuiteState | None) -> str:
    return "was not run" if state is None else f"was {state}" if state is SuiteState.SKIPPED else str(state)


def _once(place: Place, made: Made, environment: Mapping[str, str]) -> bool:
    """One run of a suite; whether another one is worth its time."""
    planned, spec = made.planned, made.planned.spec
    request = Request(
        place.workspace.root, place.workspace.root, place.commit.hash, (), place.scratch / _file_name(spec.name),
        variables=environment, as_it_is=True, interpreter=spec.python, selection=planned.selection, log_file=made.log,
    )  # fmt: skip
    request.scratch.mkdir(parents=True, exist_ok=True)
    began, measured, watch = datetime.now(UTC), None, None
    try:
        with Watch(spec, place.workspace.root, one_core=_asks_of_one_core(place)) as watch:
            measured = _measured(place, made, replace(request, started=watch.suite), watch)
    except KeyboardInterrupt:
        made.state = SuiteState.INTERRUPTED
        if kept := suite_of(spec).kept(request):
            _keep(place, made, kept, began)
        raise Interrupted(made) from None
    except ServerError as error:
        made.fail("", "server", error.reason)
    except SuiteError as error:
        if error.trouble is Trouble.MISSING and (planned.guessed or planned.selection):
            made.state = SuiteState.SKIPPED
            made.reason = _NOTHING_CHOSEN if planned.selection else _NOTHING_THERE
            return False
        measured = error.partial
        # Where each failed by itself, the whole has nothing to add.
        if not (measured and measured.failed) or error.trouble in _OF_THE_WHOLE:
            made.fail("", error.trouble, error.reason)
    except ProofError as error:
        made.fail("", "proof", error.what)
    except UsageError as error:
        made.fail("", "usage", str(error), status=UsageError.status)
    finally:
        made.seconds += (datetime.now(UTC) - began).total_seconds()
        if watch:
            # Also of a run that crashed: there its memory is what one wants to see.
            made.courses = tuple(watch.courses) or made.courses
            made.warnings += watch.notes
    if measured is None:
        return False
    return _keep(place, made, measured, began, watch)


def _asks_of_one_core(place: Place) -> bool:
    """Whether a budget limits `cpu_one`, which is measured on demand: it is `cpu` times the cores."""
    limits = [limit for budget in place.workspace.config.budgets for limit in budget.limits]
    return any(limit.left.partition(".")[0] == "cpu_one" for limit in limits)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while a suite ran: what it had given is in `made`."""

    def __init__(self, made: Made) -> None:
        super().__init__()
        self.made = made


def _measured(place: Place, made: Made, request: Request, watch: Watch) -> Measured:
    spec = made.planned.spec
    with ExitStack() as stack:
        if spec.server:
            env = {**os.environ, **{name: text for name, text in request.variables.items() if text is not None}}
            log = made.log.with_suffix(".server.log")
            stack.enter_context(
                serving(spec.server, cwd=request.project / spec.cwd, env=env, log=log, started=watch.server)
            )
        return suite_of(spec).run(spec, request)


def _keep(place: Place, made: Made, measured: Measured, began: datetime, watch: Watch | None = None) -> bool:
    """Stores what was measured, unless the checkout was moved meanwhile; whether there was anything."""
    head = place.repository.head()
    if head != place.commit.hash:
        made.fail("", "proof", f"the checkout was moved to {(head or 'nothing')[:10]} while the suite ran")
        return False
    dirty = place.dirty or place.repository.is_dirty()
    measuring = Measuring(place.commit, place.branch, dirty, began, datetime.now(UTC), place.head)
    found = collect(place.workspace, made.planned.spec, measured, measuring, made.planned.selection)
    if watch:
        found.runs = _with_resources(made, found.runs, watch)
    for bad in found.bad:
        made.fail("", Trouble.UNREADABLE, str(InputError(bad.what, where=bad.where, hint=bad.hint)), status=4)
    for run in found.runs:
        for gap in run.gaps:
            if gap.status == "failed":
                made.fail(gap.key.benchmark.full, trouble_of(gap.reason), gap.reason or "it failed")
    known = {name for full, _ in made.failures for name in (full, *bare([full], made.planned.spec))}
    for name, reason in (*measured.failed, *measured.broken):
        # asv says of a benchmark what its gaps say of each combination of its parameters.
        if name not in known and not any(full.startswith(f"{name}(") for full in known):
            made.fail(name, trouble_of(reason), reason)
    made.stored += store(place.workspace, found.runs)
    made.runs += found.runs
    made.warnings += found.warnings
    made.durations, made.last_seconds = measured.durations, measured.seconds
    return bool(found.runs)


def _with_resources(made: Made, runs: list[Run], watch: Watch) -> list[Run]:
    """The runs with what was sampled while they were made, and a label where the machine was busy."""
    for name, figures in watch.figures:
        runs = with_figures(runs, made.planned.spec, figures, name)
        made.figures += [(name, metric, value) for metric, value in figures]
    if watch.busy:
        made.warnings.append(f"{watch.busy}; the run serves no baseline")
        runs = [replace(run, tags=(*run.tags, BUSY)) for run in runs]
    return runs


def _conclude(made: Made) -> None:
    """The state of a suite that was run to its end."""
    spec = made.planned.spec
    if made.state is SuiteState.SKIPPED:
        return
    if made.failures:
        whole = [failure for failure in made.failures.values() if not failure.name]
        first = (whole or [*made.failures.values()])[0]
        made.reason = f"{first.trouble}: {first.reason}" if whole else f"{len(made.failures)} failed"
        made.state = SuiteState.FAILED
        if spec.expected == "failing":
            made.state = SuiteState.EXPECTED
            made.statuses.clear()
    elif spec.expected == "failing":
        made.warnings.append(f"{spec.name} passes now: take `expected` away ({spec.origin_of('expected')})")
