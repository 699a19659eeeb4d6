"""The steps of a job. Each does one thing and tells it in a line; a RegressError says why it could not."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import HistoryError, InputError, RegressError, UncomparedError
from ...formats import ReadOptions, bundle
from ...judge.verdict import WORSE
from ...model import Bad, Report, RunSummary, SuiteState
from ...report import RENDERERS
from .. import sync
from ..check import CheckRequest, check
from ..export import digests_of, whole_runs
from ..ingest import ingest
from ..post import PostRequest, post
from ..run import run
from ..site import build_site
from ..site_scope import SiteRequest
from . import plan
from .plan import Job
from .screen import Done, Mark, Screen

if TYPE_CHECKING:
    from ..context import Workspace

_REPORT = "report.json"
_SHOWN = 20
_NO_HISTORY = "there is no history yet"


@dataclass
class Doing:
    """A job while it goes on. `report` is there once the commit is judged; `statuses` are what the steps call for."""

    workspace: Workspace
    job: Job
    environ: Mapping[str, str]
    screen: Screen
    report: Report | None = None
    statuses: list[int] = field(default_factory=list)
    interrupted: bool = False
    stack: ExitStack = field(default_factory=ExitStack)


def pull(doing: Doing) -> Done:
    """Brings what earlier jobs have shared."""
    workspace, url = doing.workspace, doing.job.request.history_url
    if url:
        try:
            copied, where = sync.pull_from(workspace, url)
        except HistoryError as error:
            if error.what != _NO_HISTORY:
                raise
            return Done(plan.PULL, Mark.DONE, "no shared history there yet: it begins with this job")
        words = f"{_plural(copied.runs, 'run')} from {where}"
        return _with_faults(doing, Done(plan.PULL, Mark.DONE, f"pulled {words}"), copied.bad)
    done, where = sync.pull(workspace, sync.Place())
    if not done.exists:
        return Done(plan.PULL, Mark.DONE, f"no shared history yet at {where}: it begins with this job")
    words = f"pulled {_plural(done.runs, 'run')} from {where}"
    words += f", {done.known:,} known" if done.known else ""
    return _with_faults(doing, Done(plan.PULL, Mark.DONE, words), done.bad)


def run_suites(doing: Doing) -> Done:
    """Runs the suites and stores what they measured."""
    job = doing.job
    assert job.suites is not None
    summary = run(doing.workspace, job.suites, doing.screen.suite, head=job.head, branch=job.ref)
    if job.request.bundle or not is_left_to_the_check(summary):
        doing.statuses.append(summary.status)
    doing.interrupted = summary.interrupted
    doing.screen.measured(summary, job.request.reports)
    return Done(plan.RUN, Mark.RED if summary.status else Mark.DONE, summary.headline)


def is_left_to_the_check(summary: RunSummary) -> bool:
    """Whether the check knows of all that went wrong, and knows better: single benchmarks that failed, and targets.

    What fails on the base too is no news, and of a fork the targets are those of the base. A suite that failed as a
    whole leaves nothing behind that a check could see.
    """
    failed = [suite for suite in summary.suites if suite.state is SuiteState.FAILED]
    named = all(suite.runs and all(failure.name for failure in suite.failures) for suite in failed)
    return summary.status == WORSE and named


def take(doing: Doing) -> Done:
    """Reads results that exist."""
    done = ingest(doing.workspace, doing.job.request.paths, ReadOptions())
    words = f"{_plural(done.total('runs'), 'run')} with {_plural(done.total('points'), 'point')}"
    words += f", {done.total('known'):,} known" if done.total("known") else ""
    return _with_faults(doing, Done(plan.TAKE, Mark.DONE, f"took {words}"), done.bad)


def export(doing: Doing) -> Done:
    """Writes the runs of the commit into one file, for the job that merges them."""
    target = doing.job.request.bundle
    assert target is not None
    doing.workspace.existing_history  # noqa: B018  one that is missing says so
    digests = digests_of(doing.workspace, [doing.job.commit])
    if not digests:
        raise UncomparedError("there is no run of this commit to export", hint="see why its suites gave nothing")
    doing.screen.write(target, "".join(bundle.dump(run) for _, run in whole_runs(doing.workspace, digests)))
    return Done(plan.BUNDLE, Mark.DONE, f"{_plural(len(digests), 'run')} in {target}")


def judge(doing: Doing) -> Done:
    """Judges the commit that is checked out."""
    job, asked = doing.job, doing.job.request
    request = CheckRequest(
        commit=job.commit, against=asked.against, strict=asked.strict, require_baseline=asked.require_baseline,
        fork=job.event.fork, confirm=job.confirm,
    )  # fmt: skip
    report = doing.report = check(doing.workspace, request, doing.screen.pair)
    doing.statuses.append(report.status)
    doing.screen.judged(report)
    return Done(plan.CHECK, Mark.RED if report.status else Mark.DONE, report.headline)


def write_reports(doing: Doing) -> Done:
    """Writes the reports, all formats of them."""
    folder = doing.job.request.reports
    assert folder is not None
    doing.screen.write_reports(_report(doing), folder)
    return Done(plan.REPORTS, Mark.DONE, f"wrote {folder}")


def tell(doing: Doing) -> Done:
    """Posts the report. What cannot be posted is a warning: the verdict is another matter."""
    report, job, asked = _report(doing), doing.job, doing.job.request
    folder = Path(doing.stack.enter_context(tempfile.TemporaryDirectory(prefix="regress-ci-")))
    (folder / _REPORT).write_text(RENDERERS["json"].render(report), encoding="utf-8")
    try:
        done = post(
            doing.workspace,
            PostRequest(folder / _REPORT, comment=job.comment, check=job.check, key=asked.key),
            doing.environ,
        )
    except RegressError as error:
        return Done(plan.POST, Mark.WARNED, "not posted", more=(str(error),))
    doing.screen.command(done.output)
    mark = Mark.WARNED if done.problems else Mark.DONE
    words = f"posted {len(done.lines)}" + (f", not posted {len(done.problems)}" if done.problems else "")
    more = (*done.lines, *(f"not posted: {problem}" for problem in done.problems))
    return Done(plan.POST, mark, words, more=more)


def push(doing: Doing) -> Done:
    """Shares the runs of the main branch, or those of this job where it was asked to keep them."""
    job, url = doing.job, doing.job.request.history_url
    choice = sync.Choice(() if job.event.on_default else (job.commit,))
    sent = sync.push_to(doing.workspace, choice, url) if url else sync.push(doing.workspace, choice, sync.Place())
    tries = getattr(sent.done, "tries", 1)
    words = f"pushed {_plural(sent.done.runs, 'run')} to {sent.where}" + (f" in {tries} tries" if tries > 1 else "")
    notes = []
    if not sent.done.runs and not sent.done.known:
        notes.append("no clean run of the main branch is there to share")
    if sent.shallow:
        notes.append("this clone is shallow (`fetch-depth: 0`): the main branch is known only as far back as it goes")
    return _with_faults(doing, Done(plan.PUSH, Mark.DONE, words, more=tuple(notes)), sent.done.bad)


def build(doing: Doing) -> Done:
    """Builds the site."""
    out = doing.job.request.site
    assert out is not None
    built = build_site(doing.workspace, out, SiteRequest(base_url=doing.workspace.config.site_url))
    return Done(plan.SITE, Mark.DONE, f"{_plural(built.pages, 'page')} in {out}")


STEPS: Mapping[str, Callable[[Doing], Done]] = {
    plan.PULL: pull, plan.RUN: run_suites, plan.TAKE: take, plan.BUNDLE: export, plan.CHECK: judge,
    plan.REPORTS: write_reports, plan.POST: tell, plan.PUSH: push, plan.SITE: build,
}  # fmt: skip


def _report(doing: Doing) -> Report:
    if doing.report is None:
        raise UncomparedError("there is no report, as the commit could not be judged")
    return doing.report


def _with_faults(doing: Doing, done: Done, bad: list[Bad]) -> Done:
    """The step with what could not be read, which ends the job with 4."""
    if not bad:
        return done
    doing.statuses.append(InputError.status)
    lines = [str(InputError(one.what, where=one.where, hint=one.hint)) for one in bad[:_SHOWN]]
    lines += [f"and {len(bad) - _SHOWN:,} more"] if len(bad) > _SHOWN else []
    return replace(done, mark=Mark.FAILED, more=(*done.more, *lines))


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
