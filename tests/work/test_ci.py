"""`regress ci` on the demo's repository, each job in an empty folder, with a bare remote and a GitHub on loopback."""

from __future__ import annotations

import json
import shutil

import pytest

from regress.history import History
from regress.model import Failure, RunSummary, SuiteState, SuiteSummary
from regress.work.ci.steps import is_left_to_the_check
from tests.forge.scripted import Scripted, serving
from tests.work.ci_demo import play
from tests.work.ci_ground import FIGURES, NUMBER, Ground


@pytest.fixture(scope="module")
def origin(tmp_path_factory) -> Ground:
    """The demo's repository at its remote, with the history of one push."""
    ground = Ground.make(tmp_path_factory.mktemp("origin"))
    ground.push_main("Begin")
    done = ground.push_job(None)
    assert done.status == 0, done.out
    return ground


@pytest.fixture
def ground(origin, tmp_path) -> Ground:
    """The same as a world of one's own."""
    shutil.copytree(origin.author, tmp_path / "author")
    shutil.copytree(origin.remote, tmp_path / "remote.git")
    own = Ground(tmp_path, origin.jobs, origin.minute)
    own.git(own.author, "remote", "set-url", "origin", own.remote.as_uri())
    return own


@pytest.fixture
def forge():
    with serving(Scripted()) as started:
        started.pull(NUMBER)
        yield started


def stored(done) -> list:
    with History.open(str(done.root / ".regress" / "history.db"), create=False) as history:
        return history.runs()


def test_a_push_a_pull_request_that_regresses_and_its_mended_version(tmp_path):
    said: list[str] = []
    ground, forge = play(tmp_path, said.append)
    assert "no shared history yet" in said[0]
    assert "pulled 2 runs" in said[2]
    assert len(forge.comments[NUMBER]) == 1
    assert "::error file=benchmarks/test_writing.py,line=" in said[3]
    summary = (tmp_path / f"summary-{ground.jobs}.md").read_text("utf-8")
    assert "no regression" in summary


def test_a_run_of_a_pull_request_has_its_merge_commit_and_its_tip_and_stays_in_the_job(ground):
    before = ground.shared()
    tip, merge = ground.pull_request("Write the same")
    done = ground.request_job(tip, merge)
    assert done.status == 0, done.out
    own = [run for run in stored(done) if run.commit == merge]
    assert [(run.head, run.ref) for run in own] == [(tip, "faster-sort")]
    assert "– push: only runs of main are shared; this is a pull request of faster-sort" in done.out
    assert ground.shared() == before


def test_the_runs_of_a_pull_request_are_shared_when_they_are_kept(ground):
    before = ground.shared()
    assert ground.request_job(*ground.pull_request("Write the same"), None, "--keep").status == 0
    assert len(ground.shared()) == len(before) + 1


def test_a_fork_s_job_posts_and_pushes_nothing_and_leaves_its_report(ground, forge):
    tip, merge = ground.pull_request("Compare words one by one", test_tokenize=0.030)
    done = ground.request_job(tip, merge, forge, "--reports", "out", "--keep", event="pull_request_fork")
    assert done.status == 1, done.out
    assert forge.writes() == []
    assert "– push: runs of a fork are never shared" in done.out
    assert json.loads((done.root / "out" / "report.json").read_text("utf-8"))["status"] == 1
    assert [run.ref for run in stored(done) if run.commit == merge] == ["mallory:main"]


def test_red_on_main_is_shared_all_the_same(ground):
    before = len(ground.shared())
    ground.push_main("Slow down", test_index=0.8)
    done = ground.push_job(None, "--site", "site")
    assert done.status == 1, done.out
    assert len(ground.shared()) == before + 1, "the next job must know of it"
    assert (done.root / "site" / "index.html").is_file()


def test_a_history_that_cannot_be_pulled_stops_the_job(ground):
    root = ground.checkout("origin/main", branch="main")
    ground.git(root, "remote", "set-url", "origin", (ground.folder / "gone.git").as_uri())
    done = ground.ci(root, ground.variables("push", ground.event("push"), None, GITHUB_REF="refs/heads/main"))
    assert done.status == 4, "an empty history would make everything look new"
    assert "✗ pull:" in done.out
    assert "✓ run" not in done.out
    assert "::error::regress ci: pull:" in done.out
    assert "Traceback" not in done.out


def test_a_history_that_cannot_be_pushed_ends_a_green_job_with_4(ground):
    ground.push_main("Tidy")
    hook = ground.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'this branch is protected' >&2\nexit 1\n")
    hook.chmod(0o755)
    done = ground.push_job(None, "--site", "site")
    assert done.status == 4, done.out
    assert "✓ check: no regression" in done.out
    assert "✗ push:" in done.out
    assert "protected" in done.out
    assert (done.root / "site" / "index.html").is_file(), "what comes after it is done all the same"


def test_what_cannot_be_posted_is_a_warning(ground, forge):
    tip, merge = ground.pull_request("Write the same")
    forge.read_only = True
    done = ground.request_job(tip, merge, forge)
    assert done.status == 0, done.out
    assert "! post:" in done.out
    assert "::warning::regress ci: post:" in done.out
    assert "ghs_" not in done.out


def test_a_failing_suite_is_red_and_what_it_did_not_measure_is_no_green(ground):
    (ground.author / "measure.py").write_text("raise SystemExit('ValueError: no figures')\n")
    ground.push_main("Break the suite")
    done = ground.push_job(None, "--reports", "out")
    assert done.status == 1, done.out
    assert "✗ run: FAILED: 1 of 1 suite" in done.out
    assert "– post: there is no report: the commit could not be judged" in done.out


@pytest.mark.parametrize(
    ("names", "runs", "status", "left"),
    [
        (["t"], 1, 1, True),  # the check knows whether it failed on the base, too
        ([], 1, 1, True),  # a target, which the check judges under the rules in force
        (["t", ""], 1, 1, False),
        (["t"], 0, 1, False),  # no run holds the gap
        (["t"], 1, 4, False),
        ([], 1, 0, False),
    ],
)
def test_what_a_check_knows_of_is_left_to_it(names, runs, status, left):
    failures = tuple(Failure(name, "assertion", "no") for name in names)
    state = SuiteState.FAILED if names else SuiteState.PASSED
    suite = SuiteSummary("s", "command", state, runs=runs, failures=failures)
    assert is_left_to_the_check(RunSummary("a" * 40, "", (suite,), status, "")) is left


def test_a_matrix_leaves_bundles_and_a_last_job_merges_them(ground, forge, tmp_path):
    tip, merge = ground.pull_request("Compare words one by one", test_tokenize=0.030)
    for number in (1, 2):
        done = ground.request_job(tip, merge, None, "--bundle", str(tmp_path / "bundles" / f"{number}.json"))
        assert done.status == 0, "the part measures, and does not judge"
        assert "– check: the job that merges the bundles does it" in done.out
    done = ground.request_job(tip, merge, forge, "--no-run", str(tmp_path / "bundles"))
    assert done.status == 1, done.out
    assert "✓ take: took 2 runs" in done.out
    assert len(forge.comments[NUMBER]) == 1
    assert {run.head for run in stored(done) if run.commit == merge} == {tip}


def test_a_checkout_that_is_too_shallow_is_named(ground):
    root = ground.folder / "shallow"
    ground.git(ground.folder, "clone", "--quiet", "--depth=1", ground.remote.as_uri(), str(root))
    ground.push_main("Tidy", test_index=FIGURES["test_index"] * 1.001)
    ground.git(root, "fetch", "--quiet", "--depth=1", "origin", "main")
    ground.git(root, "checkout", "--quiet", "-B", "main", "FETCH_HEAD")
    commit = ground.git(root, "rev-parse", "HEAD")
    more = {"GITHUB_SHA": commit, "GITHUB_REF": "refs/heads/main"}
    done = ground.ci(root, ground.variables("push", ground.event("push"), None, **more))
    assert "fetch-depth: 0" in done.out


def test_a_history_on_a_server_is_the_shared_one_and_the_job_has_its_own(ground, new_postgres):
    url = new_postgres()
    ground.push_main("Tidy")
    done = ground.push_job(None, "--db", url)
    assert done.status == 0, done.out
    with History.open(url) as history:
        assert len(history.runs()) == 1
    tip, merge = ground.pull_request("Compare words one by one", test_tokenize=0.030)
    done = ground.request_job(tip, merge, None, "--db", url)
    assert done.status == 1, done.out
    assert "pulled 1 run" in done.out
    with History.open(url) as history:
        assert merge not in {run.commit for run in history.runs()}
