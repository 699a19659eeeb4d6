"""What a CI job is for: the event, its commits and its branch, read from the environment.

GitHub Actions tells it in GITHUB_* and in the webhook's payload at GITHUB_EVENT_PATH, GitLab CI in CI_*, Jenkins'
multibranch pipelines in CHANGE_*, BRANCH_* and GIT_*. Without any of them it is what is checked out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..repo import Repository

_NO_COMMIT = "0" * 40


class EventKind(StrEnum):
    """Why a job runs; FOLLOW_UP is a privileged job that began when another one had ended (`workflow_run`)."""

    PUSH = "push"
    TAG = "tag"
    PULL_REQUEST = "pull request"
    MERGE_QUEUE = "merge queue"
    SCHEDULE = "schedule"
    MANUAL = "manual"
    FOLLOW_UP = "follow-up"
    PLAIN = "plain"


class ForgeKind(StrEnum):
    """Who runs it; NONE for a shell."""

    GITHUB = "github"
    GITLAB = "gitlab"
    JENKINS = "jenkins"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One CI job's reason; what is not known is "".

    commit      what is checked out: of a pull request, the merge commit that CI made of it
    head        the pull request's own tip; elsewhere the same as `commit`
    base        what it is to be compared with by the event's own word: the target's tip, or the push's old tip
    branch      the branch that was pushed, or the pull request's own; `target` the one that it shall go into
    number      of the pull request or merge request; None where there is none, or where the forge must be asked
    fork        whether it comes from another repository, so that nothing it says is trusted and it has no secrets
    repository  "owner/name" of the repository that the job belongs to; `head_repository` of the pull request's branch
    server, api addresses of the forge and of its API; `job` that of this job's page
    triggered   of a follow-up, what the job that it follows ran for: "pull_request"
    """

    kind: EventKind
    forge: ForgeKind = ForgeKind.NONE
    commit: str = ""
    head: str = ""
    base: str = ""
    branch: str = ""
    target: str = ""
    number: int | None = None
    fork: bool = False
    repository: str = ""
    head_repository: str = ""
    server: str = ""
    api: str = ""
    job: str = ""
    default_branch: str = ""
    triggered: str = ""

    @property
    def is_request(self) -> bool:
        """Whether it is about a pull request or merge request, directly or as a follow-up."""
        return self.kind is EventKind.PULL_REQUEST or (
            self.kind is EventKind.FOLLOW_UP and self.triggered.startswith("pull_request")
        )

    @property
    def on_default(self) -> bool:
        """Whether what is checked out is the main branch itself, so that its results belong to the history."""
        mainly = self.kind in (EventKind.PUSH, EventKind.SCHEDULE, EventKind.MANUAL, EventKind.PLAIN)
        return mainly and bool(self.branch) and self.branch == self.default_branch


def read_event(environ: Mapping[str, str], repository: Repository | None = None) -> Event:
    """What this job is for. `repository` fills in what the environment leaves out. Raises InputError."""
    if environ.get("GITHUB_ACTIONS") == "true" or environ.get("GITHUB_EVENT_NAME"):
        event = _github(environ)
    elif environ.get("GITLAB_CI"):
        event = _gitlab(environ)
    elif environ.get("JENKINS_URL") or (environ.get("BUILD_NUMBER") and environ.get("JOB_NAME")):
        event = _jenkins(environ)
    else:
        event = Event(EventKind.PLAIN)
    if repository is None:
        return event
    commit = event.commit or repository.head() or ""
    return replace(
        event,
        commit=commit,
        head=event.head or commit,
        branch=event.branch or (repository.branch() or "" if event.kind is EventKind.PLAIN else ""),
        default_branch=event.default_branch or repository.default_branch() or "",
    )


# --- GitHub ---

_GITHUB_KINDS = {
    "push": EventKind.PUSH,
    "merge_group": EventKind.MERGE_QUEUE,
    "schedule": EventKind.SCHEDULE,
    "workflow_dispatch": EventKind.MANUAL,
    "repository_dispatch": EventKind.MANUAL,
    "workflow_run": EventKind.FOLLOW_UP,
    "pull_request": EventKind.PULL_REQUEST,
    "pull_request_target": EventKind.PULL_REQUEST,
}


def _github(environ: Mapping[str, str]) -> Event:
    name = environ.get("GITHUB_EVENT_NAME", "")
    payload = _payload(environ.get("GITHUB_EVENT_PATH", ""))
    server = environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    own = environ.get("GITHUB_REPOSITORY", "") or _text(payload, "repository", "full_name")
    commit, ref = environ.get("GITHUB_SHA", ""), environ.get("GITHUB_REF", "")
    run = environ.get("GITHUB_RUN_ID", "")
    event = Event(
        kind=_GITHUB_KINDS.get(name, EventKind.MANUAL),
        forge=ForgeKind.GITHUB,
        commit=commit,
        head=commit,
        branch=ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else "",
        repository=own,
        server=server,
        api=environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/"),
        job=f"{server}/{own}/actions/runs/{run}" if run and own else "",
        default_branch=_text(payload, "repository", "default_branch"),
    )
    if name == "push":
        before = _text(payload, "before")
        tagged = ref.startswith("refs/tags/")
        return replace(event, kind=EventKind.TAG if tagged else EventKind.PUSH, base=_known(before))
    if name == "merge_group":
        group = ("merge_group",)
        target = _text(payload, *group, "base_ref").removeprefix("refs/heads/")
        head = _text(payload, *group, "head_sha") or commit
        return replace(event, head=head, base=_text(payload, *group, "base_sha"), target=target)
    if name == "workflow_run":
        return _follow_up(event, payload)
    return _pull_request(event, payload) if event.kind is EventKind.PULL_REQUEST else event


def _pull_request(event: Event, payload: Mapping[str, Any]) -> Event:
    request = "pull_request"
    number = _number(payload, request, "number") or _number(payload, "number")
    if not number or not _text(payload, request, "head", "sha"):
        hint = "GITHUB_EVENT_PATH must lead to the payload of the event"
        raise InputError("the event is no pull request", where="GITHUB_EVENT_PATH", hint=hint)
    origin = _text(payload, request, "head", "repo", "full_name")  # "" where the fork was deleted
    own = _text(payload, request, "base", "repo", "full_name") or event.repository
    return replace(
        event,
        head=_text(payload, request, "head", "sha"),
        base=_text(payload, request, "base", "sha"),
        branch=_text(payload, request, "head", "ref"),
        target=_text(payload, request, "base", "ref"),
        number=number,
        fork=origin.lower() != own.lower(),
        repository=own,
        head_repository=origin,
    )


def _follow_up(event: Event, payload: Mapping[str, Any]) -> Event:
    """A job that began when another one had ended: what the other one measured is `head`, not what is checked out."""
    run = "workflow_run"
    head = _text(payload, run, "head_sha")
    if not head:
        hint = "GITHUB_EVENT_PATH must lead to the payload of the event"
        raise InputError("the event names no commit", where="GITHUB_EVENT_PATH", hint=hint)
    origin = _text(payload, run, "head_repository", "full_name")
    listed = payload[run].get("pull_requests")
    # For forks the list is empty, and a branch may have several: then the forge is asked which one has this head.
    fitting = [
        one for one in listed if isinstance(one, dict) and _text(one, "head", "sha") == head
    ] if isinstance(listed, list) else []  # fmt: skip
    return replace(
        event,
        head=head,
        branch=_text(payload, run, "head_branch"),
        number=_number(fitting[0], "number") if len(fitting) == 1 and origin == event.repository else None,
        fork=origin.lower() != event.repository.lower(),
        head_repository=origin,
        triggered=_text(payload, run, "event"),
    )


def _payload(path: str) -> dict[str, Any]:
    if not path:
        return {}
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"the event cannot be read: {error.strerror}", where=path) from None
    except (ValueError, RecursionError):
        raise InputError("the event is no JSON", where=path, hint="GITHUB_EVENT_PATH must lead to it") from None
    if not isinstance(document, dict):
        raise InputError("the event is no JSON object", where=path)
    return document


def _text(document: Mapping[str, Any], *way: str) -> str:
    """The text at the end of a way of keys, "" where there is none."""
    found = _at(document, way)
    return found if isinstance(found, str) else ""


def _number(document: Mapping[str, Any], *way: str) -> int | None:
    found = _at(document, way)
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else None


def _at(document: Mapping[str, Any], way: tuple[str, ...]) -> Any:
    found: Any = document
    for name in way:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _known(commit: str) -> str:
    """A hash, "" for the zeros that stand for a branch that was not there."""
    return "" if commit == _NO_COMMIT else commit


# --- GitLab ---

_GITLAB_KINDS = {
    "push": EventKind.PUSH,
    "merge_request_event": EventKind.PULL_REQUEST,
    "external_pull_request_event": EventKind.PULL_REQUEST,
    "schedule": EventKind.SCHEDULE,
}


def _gitlab(environ: Mapping[str, str]) -> Event:
    def told(name: str) -> str:
        return environ.get(f"CI_{name}", "")

    request = "MERGE_REQUEST_"
    kind = _GITLAB_KINDS.get(told("PIPELINE_SOURCE"), EventKind.MANUAL)
    if told("COMMIT_TAG"):
        kind = EventKind.TAG
    if told(f"{request}EVENT_TYPE") == "merge_train":
        kind = EventKind.MERGE_QUEUE
    source, own = told(f"{request}SOURCE_PROJECT_PATH"), told(f"{request}PROJECT_PATH") or told("PROJECT_PATH")
    number = told(f"{request}IID")
    bases = (told(f"{request}TARGET_BRANCH_SHA"), told(f"{request}DIFF_BASE_SHA"), _known(told("COMMIT_BEFORE_SHA")))
    in_request = bool(number)
    return Event(
        kind=kind,
        forge=ForgeKind.GITLAB,
        commit=told("COMMIT_SHA"),
        # Only pipelines of merged results name the source's tip; in the others it is what is checked out.
        head=told(f"{request}SOURCE_BRANCH_SHA") or told("COMMIT_SHA"),
        base=next(filter(None, bases), ""),
        branch=told(f"{request}SOURCE_BRANCH_NAME") or told("COMMIT_BRANCH"),
        target=told(f"{request}TARGET_BRANCH_NAME"),
        number=int(number) if number.isdecimal() else None,
        fork=in_request and bool(source) and source.lower() != own.lower(),
        repository=own,
        head_repository=source,
        server=told("SERVER_URL").rstrip("/"),
        api=told("API_V4_URL").rstrip("/"),
        job=told("JOB_URL"),
        default_branch=told("DEFAULT_BRANCH"),
    )


# --- Jenkins ---


def _jenkins(environ: Mapping[str, str]) -> Event:
    """A multibranch pipeline's job; of a change, Jenkins does not tell the tip, only what it checked out."""
    number, branch = environ.get("CHANGE_ID", ""), environ.get("BRANCH_NAME", "")
    commit = environ.get("GIT_COMMIT", "")
    primary = environ.get("BRANCH_IS_PRIMARY") == "true"
    event = Event(
        kind=EventKind.TAG if environ.get("TAG_NAME") else EventKind.PUSH,
        forge=ForgeKind.JENKINS,
        commit=commit,
        head=commit,
        base=environ.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT", ""),
        branch=branch or environ.get("GIT_BRANCH", "").removeprefix("origin/"),
        job=environ.get("BUILD_URL", ""),
        default_branch=branch if primary else "",
    )
    if not number:
        return event
    return replace(
        event,
        kind=EventKind.PULL_REQUEST,
        base="",
        branch=environ.get("CHANGE_BRANCH", ""),
        target=environ.get("CHANGE_TARGET", ""),
        number=int(number) if number.isdecimal() else None,
        fork=bool(environ.get("CHANGE_FORK")),
        head_repository=environ.get("CHANGE_FORK", ""),
    )
