"""A job, step after step, to one exit status."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import RegressError
from ...forge import read_event
from ...judge.verdict import OK, PRECEDENCE
from ..context import DEFAULT_FOLDER
from . import plan
from .plan import Intent, Job, plan_job
from .request import CiRequest
from .screen import Done, Mark, Screen
from .steps import STEPS, Doing

if TYPE_CHECKING:
    from ..context import Workspace

INTERRUPTED = 130
#: Without these a job must not go on: an empty history would make everything look new, and nothing was measured.
_NEEDED = (plan.PULL, plan.RUN)
_OF_A_REPORT = (plan.REPORTS, plan.POST)


def open_job(workspace: Workspace, request: CiRequest, environ: Mapping[str, str]) -> Job:
    """The job, and the workspace made ready for it; nothing is asked of a network or written. Raises UsageError.

    A history on a server is the shared one: the job has its own beside it, so that what a pull request measured stays
    out. The main branch is the one that the event names, where the configuration names none.
    """
    event = read_event(environ, workspace.repository)
    if workspace.config.branch is None and event.default_branch:
        workspace.config = replace(workspace.config, branch=event.default_branch)
    shared = workspace.database
    if "://" in shared and not shared.startswith("sqlite"):
        workspace.database = str(workspace.root / DEFAULT_FOLDER / "history.db")
        request = replace(request, history_url=request.history_url or shared)
    return plan_job(workspace, request, event, environ)


def run_job(workspace: Workspace, job: Job, environ: Mapping[str, str], screen: Screen) -> int:
    """Does what the job is to do; its exit status is that of the check, unless a step has failed.

    A red check stops nothing that comes after it: what was measured on the main branch is shared all the same, or the
    next job would not know of it. What could not be posted is a warning.
    """
    with ExitStack() as stack:
        doing = Doing(workspace, job, environ, screen, stack=stack)
        for intent in job.intents:
            done = _step(doing, intent)
            screen.end(done)
            if doing.interrupted:
                return INTERRUPTED
            if done.stops:
                break
    return next((status for status in PRECEDENCE if status in doing.statuses), OK)


def _step(doing: Doing, intent: Intent) -> Done:
    """One step, or why it is not done."""
    if not intent.does:
        return Done(intent.step, Mark.SKIPPED, intent.why)
    if intent.step in _OF_A_REPORT and doing.report is None:
        return Done(intent.step, Mark.SKIPPED, "there is no report: the commit could not be judged")
    began = time.monotonic()
    doing.screen.begin(intent.step, intent.what)
    try:
        done = STEPS[intent.step](doing)
    except RegressError as error:
        doing.statuses.append(error.status)
        done = Done(intent.step, Mark.FAILED, str(error), stops=intent.step in _NEEDED)
    return replace(done, seconds=time.monotonic() - began)
