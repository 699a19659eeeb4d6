"""What a job is for, out of real payloads and variables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regress.errors import InputError
from regress.forge import Event, EventKind, ForgeKind, read_event
from regress.repo import Repository
from tests.project import make_project

EVENTS = Path(__file__).parent / "events"
PUSHED, BASE, MERGE, TIP = ("a" * 39 + "1", "b" * 39 + "2", "c" * 39 + "3", "d" * 39 + "4")


def github(name, sha, ref, event=None, **more):
    return {
        "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event or name, "GITHUB_EVENT_PATH": str(EVENTS / f"{name}.json"),
        "GITHUB_SHA": sha, "GITHUB_REF": ref, "GITHUB_REPOSITORY": "octo/widgets",
        "GITHUB_SERVER_URL": "https://github.com", "GITHUB_API_URL": "https://api.github.com", "GITHUB_RUN_ID": "99",
        **more,
    }  # fmt: skip


def essence(event: Event):
    return (event.kind, event.commit[:1], event.head[:1], event.base[:1], event.branch, event.target, event.number,
            event.fork, event.on_default, event.is_request)  # fmt: skip


CASES = {
    "push": (github("push", PUSHED, "refs/heads/main"),
             (EventKind.PUSH, "a", "a", "b", "main", "", None, False, True, False)),
    "push to a branch": (github("push", PUSHED, "refs/heads/topic/x"),
                         (EventKind.PUSH, "a", "a", "b", "topic/x", "", None, False, False, False)),
    "tag": (github("push", PUSHED, "refs/tags/v1"),
            (EventKind.TAG, "a", "a", "b", "", "", None, False, False, False)),
    "pull_request": (github("pull_request", MERGE, "refs/pull/42/merge"),
                     (EventKind.PULL_REQUEST, "c", "d", "b", "faster-sort", "main", 42, False, False, True)),
    "from a fork": (github("pull_request_fork", MERGE, "refs/pull/42/merge", "pull_request"),
                    (EventKind.PULL_REQUEST, "c", "d", "b", "main", "main", 42, True, False, True)),
    "target": (github("pull_request_fork", BASE, "refs/heads/main", "pull_request_target"),
               (EventKind.PULL_REQUEST, "b", "d", "b", "main", "main", 42, True, False, True)),
    "workflow_run": (github("workflow_run", PUSHED, "refs/heads/main"),
                     (EventKind.FOLLOW_UP, "a", "d", "", "faster-sort", "", 42, False, False, True)),
    "workflow_run of a fork": (github("workflow_run_fork", PUSHED, "refs/heads/main", "workflow_run"),
                               (EventKind.FOLLOW_UP, "a", "d", "", "main", "", None, True, False, True)),
    "merge_group": (github("merge_group", MERGE, "refs/heads/gh-readonly-queue/main/pr-42-b"),
                    (EventKind.MERGE_QUEUE, "c", "c", "b", "gh-readonly-queue/main/pr-42-b", "main", None, False,
                     False, False)),
    "schedule": (github("schedule", PUSHED, "refs/heads/main"),
                 (EventKind.SCHEDULE, "a", "a", "", "main", "", None, False, True, False)),
    "workflow_dispatch": (github("workflow_dispatch", PUSHED, "refs/heads/release"),
                          (EventKind.MANUAL, "a", "a", "", "release", "", None, False, False, False)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_events_of_github(name):
    environ, wanted = CASES[name]
    event = read_event(environ)
    assert essence(event) == wanted
    assert (event.forge, event.repository, event.default_branch) == (ForgeKind.GITHUB, "octo/widgets", "main")
    assert event.job == "https://github.com/octo/widgets/actions/runs/99"


def changed(tmp_path, name, change):
    document = json.loads((EVENTS / f"{name}.json").read_text())
    change(document)
    (tmp_path / "event.json").write_text(json.dumps(document))
    return {"GITHUB_EVENT_PATH": str(tmp_path / "event.json")}


def test_a_fork_that_was_deleted_is_one(tmp_path):
    path = changed(tmp_path, "pull_request_fork", lambda d: d["pull_request"]["head"].update(repo=None))
    assert read_event(github("pull_request_fork", MERGE, "", "pull_request") | path).fork
    path = changed(tmp_path, "workflow_run_fork", lambda d: d["workflow_run"].update(head_repository=None))
    assert read_event(github("workflow_run_fork", PUSHED, "", "workflow_run") | path).fork


def test_a_follow_up_takes_no_number_that_is_not_of_its_head(tmp_path):
    def move_on(document):
        document["workflow_run"]["pull_requests"][0]["head"]["sha"] = "e" * 40

    path = changed(tmp_path, "workflow_run", move_on)
    assert read_event(github("workflow_run", PUSHED, "") | path).number is None


def test_a_branch_that_is_new_has_no_base(tmp_path):
    path = changed(tmp_path, "push", lambda d: d.update(before="0" * 40))
    assert read_event(github("push", PUSHED, "refs/heads/topic") | path).base == ""


@pytest.mark.parametrize(
    "content", ["", "[1]", "{", '{"pull_request": 3}', '{"pull_request": {"number": true}}', "[" * 9999]
)
def test_an_event_that_cannot_be_read(tmp_path, content):
    (tmp_path / "e.json").write_text(content)
    environ = github("pull_request", MERGE, "") | {"GITHUB_EVENT_PATH": str(tmp_path / "e.json")}
    with pytest.raises(InputError, match="the event") as caught:
        read_event(environ)
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="cannot be read"):
        read_event(environ | {"GITHUB_EVENT_PATH": str(tmp_path / "none.json")})


GITLAB = {
    "GITLAB_CI": "true", "CI_COMMIT_SHA": MERGE, "CI_PROJECT_PATH": "group/sub/widgets", "CI_DEFAULT_BRANCH": "main",
    "CI_SERVER_URL": "https://gitlab.example", "CI_API_V4_URL": "https://gitlab.example/api/v4",
    "CI_JOB_URL": "https://gitlab.example/group/sub/widgets/-/jobs/1",
}  # fmt: skip
REQUEST = {
    "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "42",
    "CI_MERGE_REQUEST_PROJECT_PATH": "group/sub/widgets", "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "group/sub/widgets",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "topic", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA": BASE,
}  # fmt: skip
MERGED = {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": TIP, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": PUSHED}


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": BASE},
         (EventKind.PUSH, "c", "c", "b", "main", "", None, False, True, False)),
        ({"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_TAG": "v1", "CI_COMMIT_BEFORE_SHA": "0" * 40},
         (EventKind.TAG, "c", "c", "", "", "", None, False, False, False)),
        ({"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main"},
         (EventKind.SCHEDULE, "c", "c", "", "main", "", None, False, True, False)),
        (REQUEST, (EventKind.PULL_REQUEST, "c", "c", "b", "topic", "main", 42, False, False, True)),
        (REQUEST | MERGED, (EventKind.PULL_REQUEST, "c", "d", "a", "topic", "main", 42, False, False, True)),
        (REQUEST | {"CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "mallory/widgets"},
         (EventKind.PULL_REQUEST, "c", "c", "b", "topic", "main", 42, True, False, True)),
        (REQUEST | MERGED | {"CI_MERGE_REQUEST_EVENT_TYPE": "merge_train"},
         (EventKind.MERGE_QUEUE, "c", "d", "a", "topic", "main", 42, False, False, False)),
    ],
)  # fmt: skip
def test_events_of_gitlab(more, wanted):
    event = read_event(GITLAB | more)
    assert essence(event) == wanted
    assert (event.forge, event.api) == (ForgeKind.GITLAB, "https://gitlab.example/api/v4")


JENKINS = {"JENKINS_URL": "https://ci/", "BUILD_URL": "https://ci/job/w/3/", "GIT_COMMIT": MERGE}


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"BRANCH_NAME": "main", "BRANCH_IS_PRIMARY": "true", "GIT_PREVIOUS_SUCCESSFUL_COMMIT": BASE},
         (EventKind.PUSH, "c", "c", "b", "main", "", None, False, True, False)),
        ({"GIT_BRANCH": "origin/topic"}, (EventKind.PUSH, "c", "c", "", "topic", "", None, False, False, False)),
        ({"BRANCH_NAME": "PR-42", "CHANGE_ID": "42", "CHANGE_TARGET": "main", "CHANGE_BRANCH": "topic"},
         (EventKind.PULL_REQUEST, "c", "c", "", "topic", "main", 42, False, False, True)),
        ({"BRANCH_NAME": "PR-42", "CHANGE_ID": "42", "CHANGE_TARGET": "main", "CHANGE_FORK": "mallory"},
         (EventKind.PULL_REQUEST, "c", "c", "", "", "main", 42, True, False, True)),
        ({"BRANCH_NAME": "v1", "TAG_NAME": "v1"}, (EventKind.TAG, "c", "c", "", "v1", "", None, False, False, False)),
    ],
)  # fmt: skip
def test_events_of_jenkins(more, wanted):
    event = read_event(JENKINS | more)
    assert essence(event) == wanted
    assert (event.forge, event.job) == (ForgeKind.JENKINS, "https://ci/job/w/3/")


def test_without_a_ci_job_it_is_what_is_checked_out(tmp_path):
    project = make_project(tmp_path / "widgets")
    event = read_event({}, Repository.discover(project.root))
    assert (event.kind, event.commit, event.branch, event.default_branch) == (
        EventKind.PLAIN, project.commits["c5"], "main", "main",
    )  # fmt: skip
    assert event.on_default
    project.git("checkout", "-q", "--detach")
    assert not read_event({}, Repository.discover(project.root)).on_default
    assert read_event({}) == Event(EventKind.PLAIN)
