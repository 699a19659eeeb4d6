"""Posts a stored report where its readers are: the comment, the job's summary, annotations, a check.

What is not asked for by name is done where it makes sense: the comment in a pull request where there is a token, the
summary and the annotations on GitHub Actions. A report that a job of a fork has left is taken for a claim: checked,
summed up anew by our own rules, and posted where the event says, whatever the report says of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError, RegressError, UsageError
from ..forge import (
    Annotation,
    Check,
    Event,
    EventKind,
    Forge,
    ForgeError,
    ForgeKind,
    Patience,
    add_summary,
    checked,
    commands,
    connect,
    marker,
    read_event,
)
from ..judge.verdict import NOT_JUDGED, OK, PRECEDENCE, WORSE, Opinions, headline, status_of
from ..model import Outcome, Report, SideInfo
from ..plain import printable
from ..report import read
from ..report.comment import Around, comment
from .lines import place_of
from .trends import benchmark_pages, site_root

if TYPE_CHECKING:
    from .context import Workspace

MOST_BYTES = 200 * 2**20
#: A commit may be the tip of several requests; more than so many is somebody's play.
MOST_REQUESTS = 3
CLAIM = (
    "These figures come from a job of the pull request's own repository: they are what that job claims, "
    "and nobody here has measured them."
)
_SUMMARY = "GITHUB_STEP_SUMMARY"
_FORK_HINT = (
    "a fork's job gets no token that may write: leave the JSON as an artifact and post it from a job that follows, "
    "with --from-fork"
)


@dataclass(frozen=True, slots=True)
class PostRequest:
    """What is to be posted, and how; None: where it makes sense.

    from_fork   the report was left by a job of a fork, this one follows it
    key         tells several comments of one pull request apart
    site_url    of the trend site; None: as configured. `report_url`: of the whole report; None: this job's page
    repository, number  in place of what the event says; not for a fork's
    """

    report: Path
    from_fork: bool = False
    comment: bool | None = None
    check: bool | None = None
    summary: bool | None = None
    annotations: bool | None = None
    key: str = "check"
    site_url: str | None = None
    report_url: str | None = None
    repository: str = ""
    number: int | None = None
    dry_run: bool = False


@dataclass(slots=True)
class Posted:
    """What became of it: lines for people, workflow commands for the job's output, and what could not be posted."""

    lines: list[str] = field(default_factory=list)
    output: str = ""
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Post:
    """One posting: the request, the event, the report as it is to be shown, and what finds the forge."""

    workspace: Workspace
    request: PostRequest
    event: Event
    report: Report
    around: Around
    forge: Callable[[], Forge | None]
    done: Posted


def post(
    workspace: Workspace, request: PostRequest, environ: Mapping[str, str], patience: Patience | None = None
) -> Posted:
    """Posts a report. A report or an event that cannot be read is an error; what a forge refuses is a problem."""
    event = read_event(environ, workspace.repository)
    request = _settled(request, event)
    report = _read(workspace, request, event)
    done = Posted()
    around = _around(workspace, request, event)
    one = _Post(
        workspace, request, event, report, around,
        lambda: connect(event, environ, repository=request.repository, patience=patience), done,
    )  # fmt: skip
    on_github = event.forge is ForgeKind.GITHUB
    steps: tuple[tuple[str, bool | None, bool, Callable[[], None]], ...] = (
        ("summary", request.summary, on_github and bool(environ.get(_SUMMARY)), lambda: _summary(one, environ)),
        ("annotations", request.annotations, on_github and not request.from_fork, lambda: _annotations(one)),
        ("check", request.check, False, lambda: _check(one)),
        ("comment", request.comment, _is_request(one), lambda: _comment(one)),
    )
    for name, asked, sensible, step in steps:
        if asked or (asked is None and sensible):
            try:
                step()
            except ForgeError as error:
                done.problems.append(f"{name}: {error}")
    return done


def _settled(request: PostRequest, event: Event) -> PostRequest:
    """The request with what the event makes of it; UsageError for what a privileged job must not do."""
    if event.kind is EventKind.FOLLOW_UP and not request.from_fork:
        # What such a job is given was made by a job that may be anybody's.
        request = replace(request, from_fork=True)
    if not request.from_fork:
        return request
    if event.kind is not EventKind.FOLLOW_UP:
        hint = "run it in a workflow with `on: workflow_run`; elsewhere leave --from-fork out"
        raise UsageError("--from-fork is for a job that follows the fork's own", hint=hint)
    if request.number is not None or request.repository:
        hint = "leave --number and --repository out"
        raise UsageError("the pull request of a fork's report is taken from the event alone", hint=hint)
    if request.annotations:
        hint = "leave --annotations out"
        raise UsageError("a fork's files are not here, so there are no lines to annotate", hint=hint)
    return request


def _read(workspace: Workspace, request: PostRequest, event: Event) -> Report:
    path = request.report
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"is larger than {MOST_BYTES // 2**20} MiB", where=str(path), hint="is it a report?")
        raw = path.read_bytes()
        text = checked(raw, str(path)) if request.from_fork else raw.decode("utf-8")
    except OSError as error:
        hint = "`regress check --report json=FILE` writes it"
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), hint=hint) from None
    except UnicodeDecodeError:
        raise InputError("is not a report: not UTF-8", where=str(path)) from None
    report = read(text, str(path))
    return claimed(report, event.head) if request.from_fork else report


def claimed(report: Report, head: str) -> Report:
    """A stranger's report as we show it: the headline and the status are our own sum of its verdicts.

    The candidate is the tip that the event names, and no command of theirs is proposed to anybody.
    """
    said = Opinions(report.verdicts, report.findings, report.budgets)
    own = status_of(said, alone=report.baseline is None)
    status = next(status for status in PRECEDENCE if status in (own, report.status))
    line = headline(said, status)
    if report.baseline is None:
        line = f"no baseline was there to compare {len(report.verdicts):,} benchmarks with"
    return replace(report, candidate=SideInfo("the pull request", head), status=status, headline=line, command="")


def _around(workspace: Workspace, request: PostRequest, event: Event) -> Around:
    root = site_root(workspace, request.site_url)
    return Around(
        marker=marker(workspace.project, request.key),
        href=benchmark_pages(workspace, root),
        site=root,
        report=event.job if request.report_url is None else request.report_url,
        note=CLAIM if request.from_fork else "",
    )


def _is_request(one: _Post) -> bool:
    """Whether there is a pull request to comment on, and it can be meant."""
    if one.request.number is not None:
        return True
    return one.event.is_request and one.event.forge in (ForgeKind.GITHUB, ForgeKind.GITLAB)


def _need(one: _Post) -> Forge:
    forge = one.forge()
    if forge is None:
        fork = one.event.fork and not one.request.from_fork
        hint = _FORK_HINT if fork else "set GITHUB_TOKEN or GITLAB_TOKEN for this step"
        raise ForgeError("there is no token", hint=hint)
    return forge


def _comment(one: _Post) -> None:
    text = comment(one.report, one.around)
    if one.request.dry_run:
        one.done.lines += ["comment: this would be posted", "", text]
        return
    forge = _need(one)
    numbers = _numbers(one, forge)
    if not numbers:
        tip = one.event.head[:10]
        one.done.lines.append(f"comment: no open pull request has the tip {tip} any more, so there is none to post")
    for number in numbers:
        try:
            said = forge.comment(number, one.around.marker, text)
        except ForgeError as error:
            if error.code == 403 and one.event.fork and not one.request.from_fork:
                raise ForgeError(error.what, where=error.where, hint=_FORK_HINT, code=error.code) from None
            raise
        one.done.lines.append(printable(f"comment: {said.how} on {forge.name} #{number} {said.url}".rstrip()))


def _numbers(one: _Post, forge: Forge) -> list[int]:
    """The pull requests that are meant: as asked, as the event says, else those that have the event's head as tip."""
    event = one.event
    if one.request.number is not None:
        return [one.request.number]
    if event.number is not None:
        return [event.number]
    if event.kind is EventKind.FOLLOW_UP and event.is_request:
        return forge.requests_of(event.head, event.branch, event.head_repository)[:MOST_REQUESTS]
    raise ForgeError("this job is of no pull request", hint="name it with --number, or leave --comment out")


def _summary(one: _Post, environ: Mapping[str, str]) -> None:
    path = environ.get(_SUMMARY)
    if not path:
        raise ForgeError(f"{_SUMMARY} is not set", hint="only GitHub Actions has a summary of the job")
    if one.request.dry_run:
        one.done.lines.append(f"summary: would be added to {path}")
        return
    try:
        add_summary(Path(path), comment(one.report, replace(one.around, marker="")))
    except RegressError as error:
        raise ForgeError(error.what, where=error.where, hint=error.hint) from None
    one.done.lines.append("summary: added")


def _annotations(one: _Post) -> None:
    found = annotations_of(one.report, one.workspace)
    one.done.output = commands(found)
    one.done.lines.append(f"annotations: {len(found)}")


def annotations_of(report: Report, workspace: Workspace) -> list[Annotation]:
    """What is worse, at the line of its benchmark, as far as a file is known: errors first."""
    found = []
    for verdict in report.verdicts:
        if not verdict.failing and verdict.outcome is not Outcome.REGRESSED:
            continue
        key = verdict.comparison.key
        place = place_of(key.benchmark, workspace.root, workspace.config.suites)
        if place:
            title = f"{verdict.outcome.value}: {key.benchmark.full} · {key.metric.name}"
            found.append(Annotation(*place, "failure" if verdict.failing else "warning", title, verdict.reason))
    for result in report.budgets:
        place = place_of(result.key.benchmark, workspace.root, workspace.config.suites) if result.key else None
        if result.failing and result.key and place:
            title = f"{result.state.value}: {result.key.benchmark.full} · {result.limit.text}"
            found.append(Annotation(*place, "failure", title, result.reason or f"budget {result.budget.origin}"))
    return sorted(found, key=lambda one: (one.level != "failure", one.path, one.line, one.title))


def _check(one: _Post) -> None:
    report, event = one.report, one.event
    if not event.head:
        raise ForgeError("no commit is known to put a check on", hint="run it in a CI job or in a clone")
    name = "regress" if one.request.key == "check" else f"regress ({one.request.key})"
    stranger = one.request.from_fork
    made = Check(
        name=name,
        commit=event.head,
        conclusion=conclusion(report, stranger),
        title=printable(report.headline)[:250],
        summary=comment(report, replace(one.around, marker="")),
        key=one.around.marker,
        url=one.around.report,
        annotations=() if stranger else annotations_of(report, one.workspace),
    )
    if one.request.dry_run:
        one.done.lines.append(f"check: {made.name} on {made.commit[:10]} would be {made.conclusion}")
        return
    forge = _need(one)
    said = forge.check(made)
    one.done.lines.append(printable(f"check: {made.conclusion}, {said.how} on {forge.name} {said.url}".rstrip()))


def conclusion(report: Report, stranger: bool = False) -> str:
    """What a check says. Silence is not green: what was not judged, or not compared at all, is no success.

    The claim of a stranger's job can fail a check and never make one green.
    """
    if report.status == WORSE:
        return "failure"
    if report.status != OK:
        return "neutral" if stranger else "failure"
    outcomes = [outcome for outcome, _ in Opinions(report.verdicts, report.findings, report.budgets).outcomes()]
    silent = report.baseline is None or any(outcome in NOT_JUDGED for outcome in outcomes)
    return "neutral" if silent or stranger else "success"
