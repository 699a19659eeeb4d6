"""`regress ci` from the command line: what it says it would do for each event, and what it refuses."""

import json
import os
from pathlib import Path

import pytest

from tests.forge.scripted import TOKEN
from tests.project import _ISOLATED

EVENTS = Path(__file__).parent.parent / "forge" / "events"
CI = ("GITHUB_", "GITLAB", "CI_", "GH_TOKEN", "JENKINS_URL", "BUILD_", "JOB_NAME", "CHANGE_", "BRANCH_", "GIT_")
SUITE = """[[suite]]
name = "load"
kind = "command"
command = "true"
"""


@pytest.fixture
def job(monkeypatch, project):
    """Sets the environment of a job; the project has a suite and a remote by name."""
    project.git("remote", "add", "origin", "https://token@forge.example/octo/widgets.git")
    (project.root / "regress.toml").write_text(SUITE, encoding="utf-8")

    def enter(**variables: str) -> None:
        for name in list(os.environ):
            if name.startswith(CI):
                monkeypatch.delenv(name)
        for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
            monkeypatch.setenv(name, _ISOLATED[name])
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    enter()
    return enter


def github(event: str, project, **more: str) -> dict[str, str]:
    return {
        "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event.removesuffix("_fork"), "GITHUB_REPOSITORY": "octo/widgets",
        "GITHUB_EVENT_PATH": str(EVENTS / f"{event}.json"), "GITHUB_SHA": project.commits["c5"],
        "GITHUB_REF": "refs/heads/main", **more,
    }  # fmt: skip


def steps(out: str) -> dict[str, str]:
    """The marks of a dry run by step."""
    return {line.split()[1].rstrip(":"): line[0] for line in out.splitlines()[1:]}


DRY = "ci --dry-run --reports out --site site"


def test_a_push_of_main_does_all_of_it(job, project, regress):
    job(**github("push", project))
    done = regress(DRY)
    assert done.status == 0, done.err
    assert done.out.startswith(f"push of main at {project.commits['c5'][:10]} · GitHub Actions\n")
    assert steps(done.out) == dict.fromkeys(["pull", "run", "check", "reports", "post", "push", "site"], "✓")
    assert "token" not in done.out.replace("no token", "")
    assert not (project.root / ".regress").exists()
    assert not (project.root / "out").exists()


def test_a_pull_request_is_told_and_shares_nothing(job, project, regress):
    job(**github("pull_request", project, GITHUB_TOKEN=TOKEN, GITHUB_REF="refs/pull/42/merge"))
    out = regress(DRY).out
    assert out.startswith("pull request #42 (faster-sort → main) merge commit ")
    assert steps(out)["push"] == steps(out)["site"] == "–"
    assert "one comment, a check" in out
    assert "one comment" not in regress(f"{DRY} --no-comment").out
    assert steps(regress(f"{DRY} --site-always --keep").out)["site"] == "✓"
    assert TOKEN not in out


def test_a_fork_gets_the_rules_of_the_base_and_no_comment(job, project, regress):
    job(**github("pull_request_fork", project, GITHUB_TOKEN=TOKEN, GITHUB_REF="refs/pull/43/merge"))
    out = regress(f"{DRY} --keep").out
    assert "from a fork" in out
    assert "rules and acknowledgements are those of the merge base" in out
    assert "the job that follows posts the report" in out
    assert "– push: no: runs of a fork are never shared" in out


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch"])
def test_scheduled_and_manual_jobs_of_main_are_of_the_history(job, project, regress, event):
    job(**github(event, project))
    assert steps(regress(DRY).out)["push"] == "✓"


def test_a_merge_queue_is_judged_and_not_shared(job, project, regress):
    job(**github("merge_group", project, GITHUB_REF="refs/heads/gh-readonly-queue/main/pr-42"))
    found = steps(regress(DRY).out)
    assert (found["check"], found["push"]) == ("✓", "–")


def test_a_privileged_job_that_follows_a_pull_request_is_refused(job, project, regress):
    job(**github("workflow_run_fork", project, GITHUB_EVENT_NAME="workflow_run"))
    done = regress("ci")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "regress post REPORT.json --from-fork" in done.err


def test_a_fork_s_code_never_runs_with_our_rights(job, project, regress):
    job(**github("pull_request_fork", project, GITHUB_EVENT_NAME="pull_request_target"))
    done = regress("ci")
    assert done.status == 2
    assert "use `on: pull_request`" in done.err


def test_gitlab_and_jenkins_and_a_shell(job, project, regress):
    commit = project.commits["c5"]
    of_main = {"CI_COMMIT_SHA": commit, "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}
    job(GITLAB_CI="true", CI_PIPELINE_SOURCE="push", **of_main)
    out = regress(DRY).out
    assert "GitLab CI" in out
    assert steps(out)["push"] == "✓"
    request = {"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "x", "CI_JOB_TOKEN": "job"}
    job(GITLAB_CI="true", CI_PIPELINE_SOURCE="merge_request_event", **{**of_main, "CI_COMMIT_BRANCH": ""}, **request)
    assert "there is no token: set GITLAB_TOKEN" in regress(DRY).out
    job(JENKINS_URL="http://ci", BRANCH_NAME="main", GIT_COMMIT=commit, BRANCH_IS_PRIMARY="true")
    assert steps(regress(DRY).out)["push"] == "✓"
    job(JENKINS_URL="http://ci", BRANCH_NAME="PR-7", CHANGE_ID="7", CHANGE_TARGET="main", GIT_COMMIT=commit)
    out = regress(DRY).out
    assert "Jenkins" in out
    assert steps(out)["push"] == "–"
    job()
    assert "no CI server" in regress(DRY).out
    project.git("remote", "remove", "origin")
    assert "there is no remote origin" in regress(DRY).out


def test_results_that_exist_are_judged_without_a_run(job, project, regress):
    # Untracked, as it stands in .gitignore: nothing is dirty.
    done = regress("ci --no-history --no-run results --site site --reports out")
    assert done.status == 0, done.err
    assert "✓ take: took 7 runs" in done.out
    assert "– pull: --no-history" in done.out
    assert json.loads((project.root / "out" / "report.json").read_text("utf-8"))["status"] == 0
    assert {path.name for path in (project.root / "out").iterdir()} == {
        "report.json",
        "report.md",
        "report.html",
        "junit.xml",
    }
    assert regress("ci --no-history --no-run").status == 0, "what the history has of the commit"
    project.git("checkout", "-q", "slow")
    done = regress("ci --no-history --no-run --site site2")
    assert done.status == 1
    assert "✗ check: RED: 1 regressed" in done.out
    assert not (project.root / "site2").exists()


def test_a_bundle_of_taken_results_holds_the_commit_s_runs(job, project, regress):
    done = regress("ci --no-run results --bundle out/part.json")
    assert done.status == 0, done.err
    text = (project.root / "out" / "part.json").read_text("utf-8")
    assert project.commits["c5"] in text
    assert project.commits["c2"] not in text
    assert "1 source: 1 new run" in regress("ingest --db other.db out/part.json").out


def test_bad_results_end_with_4_and_one_line_each(job, project, regress):
    (project.root / "results" / "broken.json").write_text("{", encoding="utf-8")
    done = regress("ci --no-history --no-run results")
    assert done.status == 4
    assert "✗ take:" in done.out
    assert "broken.json" in done.out
    assert "✓ check" in done.out
    assert "Traceback" not in done.out + done.err


def test_usage(job, project, regress, tmp_path, monkeypatch):
    assert "add --no-run" in regress("ci results").err
    assert regress("ci --bundle x.json --no-run").status == 2
    assert regress("ci --suite nobody --dry-run").status == 2
    done = regress("ci --no-history --no-run")
    assert done.status in (3, 4), "a commit without a run is not green"
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert "no git repository" in regress("ci").err
    done = regress(f"ci -C {tmp_path / 'empty'}")
    assert (done.status, done.err.count("\n")) == (2, 1)


def test_confirm_comes_from_the_configuration(job, project, regress):
    assert "measured again" not in regress(DRY).out
    (project.root / "regress.toml").write_text(f"{SUITE}\n[ci]\nconfirm = true\n", encoding="utf-8")
    assert "measured again" in regress(DRY).out
    assert "measured again" not in regress(f"{DRY} --no-confirm").out
    (project.root / "regress.toml").write_text("[ci]\nconfrim = true\n", encoding="utf-8")
    assert "regress.toml:2: unknown key 'confrim'; known here: confirm" in regress(DRY).err
