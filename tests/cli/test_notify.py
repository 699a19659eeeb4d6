"""`regress notify` on a real history: nobody is told twice, an issue for each cause, silence is said."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from regress.errors import UsageError
from regress.model import UNSAID, Notified
from regress.work.context import Workspace
from regress.work.news import OPEN, News
from regress.work.notify import NotifyRequest, changed, notify
from tests.forge.lab import Lab
from tests.forge.scripted import TOKEN, Clock, Fault, Scripted, serving
from tests.line import Line

CI = ("GITHUB_", "GITLAB", "CI_", "GH_TOKEN", "JENKINS_URL", "BUILD_NUMBER", "CHANGE_", "BRANCH_")
SECRET = "T0-S3CRET"


class Hook(Scripted):
    """A webhook: takes everything."""

    def answer(self, method, path, body, token):
        return 200, {"ok": True}

    @property
    def texts(self) -> list[str]:
        return [json.dumps(body, ensure_ascii=False) for _, _, body in self.requests]


@pytest.fixture
def hook(monkeypatch):
    with serving(Hook()) as started:
        monkeypatch.setenv("SLACK_URL", f"{started.url}/services/{SECRET}")
        yield started


@pytest.fixture
def hub(monkeypatch):
    with serving(Scripted()) as started:
        for name, value in {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": started.url}.items():
            monkeypatch.setenv(name, value)
        yield started


@pytest.fixture(autouse=True)
def _shell(monkeypatch):
    """No CI job."""
    for name in list(os.environ):
        if name.startswith(CI):
            monkeypatch.delenv(name)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, regress) -> Line:
    """A main branch on which sorting became half as slow again."""
    made = Line(tmp_path / "widgets")
    monkeypatch.chdir(made.project.root)
    made.add(15)
    made.add(12, sort=1.5)
    assert regress("ingest results").status == 0
    return made


def test_a_cause_is_told_once_and_once_more_when_it_is_fixed(line, regress, hook):
    done = regress("notify --slack SLACK_URL --site-url https://octo.github.io/w")
    assert (done.status, done.err) == (0, "")
    assert done.out == "slack: told of 1 new\n"
    assert "+49.5%" in hook.texts[0]
    assert "test_algo.py::test_sort" in hook.texts[0]
    assert line.sha(15)[:10] in hook.texts[0]
    assert re.search(r"https://octo\.github\.io/w/changes\.html#c-[0-9a-f]{8}\|", hook.texts[0])
    assert regress("notify --slack SLACK_URL").out == "slack: nothing new\n"
    line.add(12, sort=1.0)
    regress("ingest results")
    assert regress("notify --slack SLACK_URL").out == "slack: told of 1 over\n"
    assert "fixed: " in hook.texts[1]
    assert regress("notify --slack SLACK_URL").out == "slack: nothing new\n"
    assert len(hook.requests) == 2


@pytest.mark.parametrize("service", ["slack", "mattermost", "teams", "webhook"])
def test_every_service_is_told_in_its_shape(line, regress, hook, service):
    assert regress(f"notify --{service} SLACK_URL").out == f"{service}: told of 1 new\n"
    key = {"teams": "attachments", "webhook": "items"}.get(service, "text")
    assert hook.requests[0][2][key]


def test_channels_are_those_of_the_configuration(line, regress, hook, monkeypatch):
    Path("regress.toml").write_text('site_url = "https://x.io/w"\n[notify]\nslack = "SLACK_URL"\nteams = "TEAMS_URL"\n')
    done = regress("notify")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "the variable TEAMS_URL of the teams webhook is not set" in done.err
    monkeypatch.setenv("TEAMS_URL", f"{hook.url}/teams")
    assert regress("notify").out == "slack: told of 1 new\nteams: told of 1 new\n"
    assert "https://x.io/w/" in hook.texts[0]


def test_nobody_to_tell(line, regress):
    done = regress("notify")
    assert (done.status, "there is nobody to tell" in done.err) == (2, True)


def test_what_a_service_refuses_is_told_the_next_time(line, regress, hook):
    hook.script.append(Fault(404, body=b"no_service"))
    done = regress("notify --slack SLACK_URL")
    assert (done.status, done.err.count("\n")) == (4, 1)
    assert "make the webhook anew" in done.err
    assert SECRET not in done.out + done.err
    assert regress("notify --slack SLACK_URL").out == "slack: told of 1 new\n"


def test_what_may_have_arrived_is_not_told_twice(line, regress, hook):
    hook.script.append(Fault(close=True))
    done = regress("notify --slack SLACK_URL")
    assert done.status == 4
    assert "the connection was closed" in done.err
    assert regress("notify --slack SLACK_URL").out == "slack: nothing new\n"
    assert len(hook.requests) == 1


def test_one_channel_that_fails_does_not_silence_another(line, regress, hook, monkeypatch):
    monkeypatch.setenv("BROKEN", "http://127.0.0.1:9/x")
    monkeypatch.setattr("regress.forge.retry.Patience.backoff", lambda self, attempt: 0.0)
    done = regress("notify --slack BROKEN --teams SLACK_URL")
    assert done.status == 4
    assert "cannot be reached" in done.err
    assert done.out == "teams: told of 1 new\n"


def test_dry_run_tells_nobody_and_keeps_nothing(line, regress, hook):
    done = regress("notify --slack SLACK_URL --dry-run")
    assert "would be told" in done.out
    assert "new: +49.5%" in done.out
    assert hook.requests == []
    assert regress("notify --slack SLACK_URL").out == "slack: told of 1 new\n"


def test_older_causes_are_not_told_as_new(line, regress, hook):
    assert regress(f"notify --slack SLACK_URL --since {line.sha(20)}").out == "slack: nothing new\n"
    assert regress(f"notify --slack SLACK_URL --since {line.sha(14)}").out == "slack: told of 1 new\n"


def test_a_broken_budget_is_told_and_its_mending_and_its_return(line, regress, hook):
    with Workspace.open(Path.cwd()) as workspace:
        run = workspace.existing_history.runs()[-1]
        (loaded,) = workspace.existing_history.load([run.id])
        row = next(at for at, key in enumerate(loaded.columns.keys) if key.benchmark.name.endswith("test_sort"))
        limit = float(loaded.columns.stats["median"][row]) / 1.2
    Path("regress.toml").write_text(f'[[budget]]\nbenchmark = "*test_sort"\nlimit = "median < {limit} s"\n')
    assert regress("notify --slack SLACK_URL").out == "slack: told of 2 new\n"
    assert "test_sort · time (median) is" in hook.texts[0]
    assert regress("notify --slack SLACK_URL").out == "slack: nothing new\n"
    line.add(1, sort=1.0)
    regress("ingest results")
    assert "1 over" in regress("notify --slack SLACK_URL").out
    assert "met: " in hook.texts[1]
    line.add(1, sort=1.5)
    regress("ingest results")
    assert "1 back" in regress("notify --slack SLACK_URL").out
    assert "is back: " in hook.texts[2]


def test_silence_is_said_once_and_ends_with_1(line, regress, hook):
    done = regress("notify --slack SLACK_URL --expect-every 24h")
    assert done.status == 1
    said = r"no run of the main branch since 2026-01-\d\d \d\d:\d\d UTC, \d+ h ago; one is expected every 24 h\n"
    assert re.match(said, done.out)
    assert "slack: told of 2 new" in done.out
    again = regress("notify --slack SLACK_URL --expect-every 24h")
    assert (again.status, "nothing new" in again.out) == (1, True)
    assert regress("notify --slack SLACK_URL --expect-every 9999999h").out == "slack: told of 1 over\n"
    assert regress("notify --expect-every 24h").status == 1, "it needs no channel"
    assert regress("notify --expect-every 9999999h").status == 0


@pytest.mark.parametrize("text", ["soon", "-3h", "0", "5 ms"])
def test_what_is_no_time(line, regress, text):
    done = regress(f"notify --expect-every '{text}'")
    assert (done.status, done.err.count("\n")) == ((2, 1) if text != "5 ms" else (1, 0))


ISSUES = "notify --issues github --repository octo/widgets"


def accept(cause: str) -> None:
    Path("regress-accepted.toml").write_text(f'[[accepted]]\ncause = "{cause}"\nreason = "wanted"\nauthor = "Ada"\n')


def test_an_issue_follows_its_cause(line, regress, hub):
    done = regress(f"{ISSUES} --label slow")
    assert (done.status, done.err) == (0, "")
    assert done.out == "issues: created GitHub #100 https://github.com/octo/widgets/issues/100\n"
    issue = hub.issues[100]
    cause = re.match(r"<!-- regress:widgets:([0-9a-f]{8}) -->\n", issue["body"])[1]
    assert issue["title"].startswith("Slower: +49.5%")
    assert issue["labels"] == ["slow"]
    assert "| +49.5%" in issue["body"]
    assert regress(f"{ISSUES} --label slow").out == "issues: nothing new\n"
    accept(cause)
    assert regress(f"{ISSUES} --label slow").out.startswith("issues: closed GitHub #100")
    assert (issue["state"], hub.comments[100][0]["body"]) == ("closed", "Over: accepted.")
    Path("regress-accepted.toml").unlink()
    assert regress(f"{ISSUES} --label slow").out.startswith("issues: reopened GitHub #100")
    assert issue["state"] == "open"
    line.add(12, sort=1.0)
    regress("ingest results")
    assert regress(f"{ISSUES} --label slow").out.startswith("issues: closed GitHub #100")
    assert list(hub.issues) == [100]


def test_a_history_that_was_lost_finds_its_issues_again(line, regress, hub):
    assert "created" in regress(ISSUES).out
    Path(".regress/history.db").unlink()
    regress("ingest results")
    assert regress(ISSUES).out.startswith("issues: kept GitHub #100")
    assert list(hub.issues) == [100]


def test_an_issue_that_could_not_be_opened_is_opened_the_next_time(line, regress, hub):
    hub.script.append(Fault(403, body=b'{"message": "Resource not accessible by integration"}'))
    done = regress(ISSUES)
    assert done.status == 4
    assert "permissions" in done.err
    assert "created GitHub #100" in regress(ISSUES).out


def test_an_issue_that_was_deleted_is_no_trouble(line, regress, hub):
    regress(ISSUES)
    cause = re.match(r"<!-- regress:widgets:([0-9a-f]{8}) -->", hub.issues.pop(100)["body"])[1]
    accept(cause)
    done = regress(ISSUES)
    assert (done.status, done.err) == (0, "")


def test_an_issue_that_was_claimed_and_never_opened_is_opened_later(line, regress, hub):
    with Workspace.open(Path.cwd()) as workspace:
        from regress.work.changes import find_changes

        cause = find_changes(workspace).causes[0].id
        workspace.history.tell("github:issues", f"cause:{cause}", OPEN)
    assert regress(ISSUES).out == "issues: nothing new\n", "another job may be at it"
    assert hub.issues == {}
    with Workspace.open(Path.cwd()) as workspace:
        request = NotifyRequest(webhooks={}, issues="github", repository="octo/widgets")
        later = datetime.now(UTC) + timedelta(hours=2)
        told = notify(workspace, request, os.environ, now=later, patience=Clock().patience())
    assert told.lines[0].startswith("issues: created GitHub #100")


@pytest.fixture
def machines(line, regress, tmp_path, monkeypatch):
    """Comes to a bare machine, as often as it is called: a fresh clone and what the shared branch holds."""
    git = partial(subprocess.run, check=True, capture_output=True)
    remote = tmp_path / "remote.git"
    git(["git", "clone", "--bare", "-q", ".", str(remote)])
    git(["git", "remote", "add", "origin", remote.as_uri()])
    assert regress("history push").status == 0
    count = itertools.count()

    def arrive(line: Line | None = None) -> None:
        if line is not None:
            monkeypatch.chdir(line.project.root)
            git(["git", "push", "-q", "origin", "main"])
            assert regress("ingest results").status == regress("history push").status == 0
        root = tmp_path / f"machine-{next(count)}"
        git(["git", "clone", "-q", remote.as_uri(), str(root)])
        monkeypatch.chdir(root)
        assert regress("history pull").status == 0

    return arrive


def test_bare_machines_know_of_each_other_what_was_told(line, regress, hook, hub, machines):
    both = f"{ISSUES} --slack SLACK_URL"
    machines()
    done = regress(both)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("slack: told of 1 new\nissues: created GitHub #100")
    machines()
    assert regress(both).out == "slack: nothing new\nissues: nothing new\n"
    line.add(12, sort=1.0)
    machines(line)
    assert regress(both).out.startswith("slack: told of 1 over\nissues: closed GitHub #100")
    machines()
    assert regress(both).out == "slack: nothing new\nissues: nothing new\n"
    assert len(hook.requests) == 2


def test_what_a_service_refused_on_one_machine_is_told_by_the_next(line, regress, hook, machines):
    machines()
    hook.script.append(Fault(404, body=b"no_service"))
    assert regress("notify --slack SLACK_URL").status == 4
    machines()
    assert regress("notify --slack SLACK_URL").out == "slack: told of 1 new\n"


def test_a_dry_run_on_a_bare_machine_claims_nothing(line, regress, hook, machines):
    machines()
    assert "would be told" in regress("notify --slack SLACK_URL --dry-run").out
    machines()
    assert regress("notify --slack SLACK_URL").out == "slack: told of 1 new\n"


def test_a_branch_that_cannot_be_asked_tells_nobody(line, regress, hook, machines, tmp_path):
    machines()
    (tmp_path / "remote.git").rename(tmp_path / "gone.git")
    done = regress("notify --slack SLACK_URL")
    assert (done.status, done.err.count("\n"), hook.requests) == (4, 1, [])


def test_issues_on_gitlab(line, regress, monkeypatch):
    with serving(Lab()) as lab:
        monkeypatch.setenv("GITLAB_TOKEN", "glpat-S3cret")
        monkeypatch.setenv("CI_API_V4_URL", lab.url)
        done = regress(f"notify --issues gitlab --repository {lab.repository}")
        assert done.out.startswith("issues: created GitLab #1"), done.err
        line.add(12, sort=1.0)
        regress("ingest results")
        assert "closed GitLab #1" in regress(f"notify --issues gitlab --repository {lab.repository}").out


def test_without_a_token_there_are_no_issues(line, regress):
    done = regress(ISSUES)
    assert (done.status, "there is no token" in done.err) == (4, True)


def told(state: str) -> Notified:
    return Notified("c", "cause:1", 1, state, "", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("state", "recent", "before", "wanted"),
    [
        (OPEN, True, None, ["new"]), (OPEN, False, None, []), (OPEN, True, UNSAID, ["new"]), (OPEN, True, OPEN, []),
        (OPEN, True, "fixed", ["back"]), (OPEN, False, "fixed", ["back"]), ("fixed", True, None, []),
        ("fixed", True, UNSAID, []), ("fixed", True, OPEN, ["over"]), ("accepted", True, "fixed", []),
    ],
)  # fmt: skip
def test_what_is_news_to_a_channel(state, recent, before, wanted):
    known = {"cause:1": told(before)} if before else {}
    assert [how for how, _ in changed([News("cause:1", state, "x", recent=recent)], known)] == wanted


def test_a_cause_that_is_gone_is_withdrawn():
    ((how, one),) = changed([], {"cause:1": told(OPEN)})
    assert (how, one.state) == ("over", "withdrawn")
    assert changed([], {"cause:1": told("withdrawn"), "silence": told(OPEN)}) == []


def test_an_empty_history_is_silent(tmp_path):
    with Workspace.open(tmp_path) as workspace:
        workspace.history.tell("x", "y", "z")
        found = notify(workspace, NotifyRequest(expect_every=3600.0), {})
        assert found.silent
        assert "ever come" in found.lines[0]
        with pytest.raises(UsageError, match="nobody to tell"):
            notify(workspace, NotifyRequest(), {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'slack = "https://hooks.slack.com/{SECRET}"', "is the NAME of an environment variable"),
        ('slak = "X"', "unknown key 'slak'; known here: expect_every, issues"),
        ('issues = "jira"', "issues: "),
        ('expect_every = "soon"', "expect_every: "),
        ('label = ""', "label: "),
    ],
)
def test_a_wrong_configuration_is_one_line_without_the_secret(line, regress, text, words):
    Path("regress.toml").write_text(f"[notify]\n{text}\n")
    done = regress("notify")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "regress.toml:2" in done.err
    assert words in done.err
    assert SECRET not in done.err
