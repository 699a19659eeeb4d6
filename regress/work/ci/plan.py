"""What a job is to do, step after step, and why or why not. Asks nobody over a network and does nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...forge import Event, EventKind, ForgeKind
from ..run import plan as plan_of_suites
from .request import CiRequest

if TYPE_CHECKING:
    from ...repo import Repository
    from ..context import Workspace
    from ..run import Plan

PULL, RUN, TAKE, BUNDLE, CHECK, REPORTS, POST, PUSH, SITE = STEPS = (
    "pull", "run", "take", "bundle", "check", "reports", "post", "push", "site",
)  # fmt: skip
_FORGES = {ForgeKind.GITHUB: "GitHub Actions", ForgeKind.GITLAB: "GitLab CI", ForgeKind.JENKINS: "Jenkins"}
#: A job's own token of GitLab is no use: it may not write notes.
_TOKENS = {ForgeKind.GITHUB: ("GITHUB_TOKEN", "GH_TOKEN"), ForgeKind.GITLAB: ("GITLAB_TOKEN",)}
_FORK_POSTS = "a fork's job has no token that may write; the job that follows posts the report (--from-fork)"


@dataclass(frozen=True, slots=True)
class Intent:
    """One step: whether it is done, what it does (or would), and why (or why not)."""

    step: str
    does: bool
    what: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One job, before anything is done: its event, the commit that is checked out, what it is to do.

    head, ref  what the runs are filed under besides: a pull request's tip, its branch; "" elsewhere
    comment, check  whether they are posted
    """

    event: Event
    commit: str
    request: CiRequest
    suites: Plan | None
    intents: tuple[Intent, ...]
    confirm: bool = False
    comment: bool = False
    check: bool = False

    @property
    def head(self) -> str:
        """A pull request's tip, where something else is checked out."""
        event = self.event
        return event.head if event.is_request and event.head != self.commit == event.commit else ""

    @property
    def ref(self) -> str:
        """The branch that the runs are of: of a fork's with its repository's name, so that none is taken for ours."""
        event = self.event
        if event.fork and event.branch:
            return f"{event.head_repository.partition('/')[0] or 'fork'}:{event.branch}"
        return event.branch

    def told(self) -> str:
        """The job in a line: `pull request #42 (faster → main): merge commit 3f2a9c01 of 9d1b7c22 · GitHub Actions`."""
        event = self.event
        words = [event.kind.value, f"#{event.number}" if event.number else ""]
        if event.is_request:
            way = f"{event.branch or '?'} → {event.target or '?'}"
            words += [f"({way}, from a fork)" if event.fork else f"({way})"]
        elif event.branch:
            words.append(f"of {event.branch}")
        at = f"merge commit {self.commit[:10]} of {self.head[:10]}" if self.head else f"at {self.commit[:10]}"
        return " · ".join([" ".join([*filter(None, words), at]), _FORGES.get(event.forge, "no CI server")])


def plan_job(workspace: Workspace, request: CiRequest, event: Event, environ: Mapping[str, str]) -> Job:
    """What this job is to do. Raises UsageError where the request, the event or the checkout do not fit together."""
    if workspace.repository is None:
        hint = "check the project out with git (actions/checkout), or name its folder with -C"
        raise UsageError("there is no git repository here", where=str(workspace.root), hint=hint)
    commit = workspace.repository.head()
    if commit is None:
        raise UsageError("the repository has no commit yet", where=str(workspace.root), hint="commit first")
    _check_event(event, environ)
    _check_request(request)
    suites = None if request.no_run else plan_of_suites(workspace, request.run)
    confirm = workspace.config.ci_confirm if request.confirm is None else request.confirm
    silence = _silence(event, environ)
    comment, check = (not silence if asked is None else asked for asked in (request.comment, request.check))
    intents = (
        _pull(workspace, workspace.repository, request, event),
        *_measuring(request, suites, commit),
        _check(request, confirm, event),
        _reports(request),
        _post(request, event, (comment, check), silence),
        _push(workspace, workspace.repository, request, event),
        _site(request, event),
    )
    return Job(event, commit, request, suites, intents, confirm, comment, check)


def _check_event(event: Event, environ: Mapping[str, str]) -> None:
    if event.kind is EventKind.FOLLOW_UP and event.is_request:
        hint = "post the report that the first job left: regress post REPORT.json --from-fork"
        raise UsageError("a job that follows that of a pull request measures nothing", hint=hint)
    if event.fork and environ.get("GITHUB_EVENT_NAME") == "pull_request_target":
        hint = "use `on: pull_request`, and a second workflow that posts the report (docs/ci.md)"
        raise UsageError("a fork's code must not run with the rights of this repository", hint=hint)


def _check_request(request: CiRequest) -> None:
    if request.paths and not request.no_run:
        hint = "add --no-run, or leave them out"
        raise UsageError("results that exist are taken in place of a run", where=request.paths[0], hint=hint)
    if request.bundle and request.no_run and not request.paths:
        raise UsageError("--bundle exports what this job measures", hint="leave --no-run out, or name results")


def _pull(workspace: Workspace, repository: Repository, request: CiRequest, event: Event) -> Intent:
    if request.bundle:
        return Intent(PULL, False, "", "a bundle holds what this job measures, and nothing else")
    where, why_not = _shared(workspace, repository, request, event)
    return Intent(PULL, not why_not, f"the shared history from {where}", why_not)


def _shared(workspace: Workspace, repository: Repository, request: CiRequest, event: Event) -> tuple[str, str]:
    """Where the shared history is, and why it is not used."""
    if not request.history:
        return "", "--no-history"
    if request.history_url:
        return "another history", ""
    config = workspace.config
    remotes = repository.call("remote")[1].decode("utf-8", "replace").split("\n")
    if event.forge is ForgeKind.NONE and config.history_remote not in remotes:
        return "", f"there is no remote {config.history_remote}"
    return f"{config.history_branch} at {config.history_remote}", ""


def _measuring(request: CiRequest, suites: Plan | None, commit: str) -> list[Intent]:
    """The run, or what stands in its place; and the bundle."""
    steps = []
    if suites is not None:
        names = ", ".join(one.spec.name for one in suites.suites) or "no suite"
        why = "; ".join(f"{text}" for text in suites.not_run)
        steps.append(Intent(RUN, True, names, f"not run: {why}" if why else ""))
    elif request.paths:
        steps.append(Intent(TAKE, True, " ".join(request.paths), "--no-run"))
    else:
        steps.append(
            Intent(TAKE, False, "", f"--no-run without results: what the history has of {commit[:10]} is judged")
        )
    if request.bundle:
        steps.append(Intent(BUNDLE, True, f"the runs of {commit[:10]} into {request.bundle}"))
    return steps


_LATER = "the job that merges the bundles does it"


def _check(request: CiRequest, confirm: bool, event: Event) -> Intent:
    if request.bundle:
        return Intent(CHECK, False, "", _LATER)
    what = f"against {request.against}" if request.against else "against its baseline"
    what += ", suspects measured again" if confirm else ""
    why = "a fork's: rules and acknowledgements are those of the merge base" if event.fork else ""
    return Intent(CHECK, True, what, why)


def _reports(request: CiRequest) -> Intent:
    if request.bundle:
        return Intent(REPORTS, False, "", _LATER)
    if request.reports is None:
        return Intent(REPORTS, False, "", "--reports DIR is not given")
    return Intent(REPORTS, True, f"into {request.reports}")


def _silence(event: Event, environ: Mapping[str, str]) -> str:
    """Why nothing is said in a pull request, "" where it can be."""
    if not event.is_request:
        return "no pull request"
    if event.fork:
        return _FORK_POSTS
    names = _TOKENS.get(event.forge, ())
    if not names:
        return f"{_FORGES.get(event.forge, 'a shell')} has no comments; `regress post` takes --repository and --number"
    if not any(environ.get(name, "").strip() for name in names):
        return f"there is no token: set {names[0]}"
    return ""


def _post(request: CiRequest, event: Event, said: tuple[bool, bool], silence: str) -> Intent:
    if request.bundle:
        return Intent(POST, False, "", _LATER)
    parts = ["the job's summary and annotations"] if event.forge is ForgeKind.GITHUB else []
    parts += [what for what, does in zip(("one comment", "a check"), said, strict=True) if does]
    return Intent(POST, bool(parts), ", ".join(parts), f"no comment: {silence}" if silence and parts else silence)


def _push(workspace: Workspace, repository: Repository, request: CiRequest, event: Event) -> Intent:
    if request.bundle:
        return Intent(PUSH, False, "", _LATER)
    where, why_not = _shared(workspace, repository, request, event)
    if not why_not and event.fork:
        why_not = "runs of a fork are never shared"
    if not why_not and not (event.on_default or request.keep):
        main = workspace.config.branch or event.default_branch or "the main branch"
        why_not = f"only runs of {main} are shared; this is a {event.kind.value}" + (
            f" of {event.branch}" if event.branch else ""
        )
    return Intent(PUSH, not why_not, f"to {where}", why_not or ("--keep" if not event.on_default else ""))


def _site(request: CiRequest, event: Event) -> Intent:
    if request.site is None:
        return Intent(SITE, False, "", "--site DIR is not given")
    if request.bundle:
        return Intent(SITE, False, "", _LATER)
    if not (event.on_default or request.site_always):
        return Intent(SITE, False, "", "it is built on the main branch; --site-always builds it everywhere")
    return Intent(SITE, True, f"into {request.site}")
