"""The present checkout, suite after suite, as people would run them by hand."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...model import Commit, RunSummary, SuiteState
from ..measure import own_folder
from .execute import Interrupted, Made, Place, Show, Step, execute, log_of
from .plan import Plan
from .summary import Finished, summarised

if TYPE_CHECKING:
    from ...repo import Repository
    from ..context import Workspace

#: How many runs' logs stay.
_KEPT = 50
#: How long each suite took the last time: what is left to wait for is guessed from it.
_DURATIONS = "durations.json"


def run(
    workspace: Workspace, plan: Plan, show: Show = lambda step: None, *, head: str = "", branch: str = ""
) -> RunSummary:
    """Runs the planned suites, and stores what each measured as soon as it is done.

    `head` is a pull request's tip, where its merge commit is checked out; `branch` goes before what is checked out.

    Ctrl-C ends the suite that runs with its children and keeps what is whole; the summary says so. Raises UsageError
    where there is no repository, as a run is of a commit.
    """
    if workspace.repository is None:
        raise UsageError("there is no git repository here", where=str(workspace.root), hint="a run is of a commit")
    workspace.history  # noqa: B018  one that cannot be written says so before minutes are spent
    commit = commit_at(workspace.repository, "HEAD")
    logs = log_folder(workspace, commit)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="regress-run-", ignore_cleanup_errors=True) as scratch:
        place = Place(
            workspace, workspace.repository, commit, branch or workspace.repository.branch() or "",
            workspace.repository.is_dirty(), logs, Path(scratch), head,
        )  # fmt: skip
        done, interrupted = _all(place, plan, show)
    finished = Finished(
        commit=commit, branch=place.branch, dirty=place.dirty or any(run.dirty for made in done for run in made.runs),
        suites=[made.summary() for made in done], runs=[run for made in done for run in made.runs],
        statuses=[status for made in done for status in made.statuses], not_run=plan.not_run,
        seconds=time.monotonic() - began, interrupted=interrupted,
    )  # fmt: skip
    return summarised(workspace, finished)


def _all(place: Place, plan: Plan, show: Show) -> tuple[list[Made], bool]:
    """The suites in their order; whether somebody interrupted them."""
    states: dict[str, SuiteState] = {}
    durations = earlier_durations(place.logs.parent)
    done: list[Made] = []
    for number, planned in enumerate(plan.suites, 1):
        spec = planned.spec
        log, earlier = log_of(place, planned), durations.get(spec.name, 0.0)
        step = Step(spec.name, number, len(plan.suites), log, earlier=earlier)
        show(step)
        try:
            made = execute(place, planned, states)
        except Interrupted as stopped:
            done.append(stopped.made)
            return done, True
        except KeyboardInterrupt:
            return done, True
        done.append(made)
        before = states.get(spec.name, SuiteState.PASSED)
        states[spec.name] = made.state if before is SuiteState.PASSED else before
        words = made.reason or f"{len({key.benchmark for run in made.runs for key in run.columns.keys})} benchmarks"
        show(Step(spec.name, number, len(plan.suites), made.log, made.state, made.seconds, step.earlier, words))
        if made.state is SuiteState.PASSED:
            durations[spec.name] = round(made.seconds, 3)
            _remember(place.logs.parent, durations)
    return done, False


def commit_at(repository: Repository, name: str) -> Commit:
    """A commit with its date and subject. Raises UsageError where there is none."""
    if name == "HEAD" and repository.head() is None:
        raise UsageError("the repository has no commit yet", where=str(repository.root), hint="commit first")
    commit = repository.resolve(name)
    known = repository.commits([commit], (f"{commit}^@",))  # without its parents: git would list the whole history
    return known[0] if known else Commit(commit)


def log_folder(workspace: Workspace, commit: Commit) -> Path:
    """A new folder for the logs of one run; those of runs long ago are removed."""
    logs = own_folder(workspace.root) / "logs"
    logs.mkdir(exist_ok=True)
    old = sorted((path for path in logs.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in old[: max(len(old) - _KEPT + 1, 0)]:
        shutil.rmtree(path, ignore_errors=True)
    made = logs / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{commit.short}-{os.getpid()}"
    made.mkdir(exist_ok=True)
    return made


def earlier_durations(logs: Path) -> dict[str, float]:
    """Seconds that each suite took the last time it passed."""
    with suppress(OSError, ValueError, AttributeError):
        found = json.loads((logs / _DURATIONS).read_text(encoding="utf-8"))
        return {str(name): float(seconds) for name, seconds in found.items()}
    return {}


def _remember(logs: Path, durations: dict[str, float]) -> None:
    with suppress(OSError):
        (logs / _DURATIONS).write_text(json.dumps(durations), encoding="utf-8")
