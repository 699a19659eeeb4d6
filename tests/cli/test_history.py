"""`regress history`: words and statuses."""

import shutil
import subprocess

import pytest

from tests.cli.conftest import Done


def git(*args: str, **more) -> str:
    return subprocess.run(["git", *args], check=True, capture_output=True, text=True, **more).stdout.strip()


@pytest.fixture
def remote(project, tmp_path):
    """A bare remote of the project, which filters."""
    bare = tmp_path / "remote.git"
    git("clone", "-q", "--bare", str(project.root), str(bare))
    git("-C", str(bare), "config", "uploadpack.allowFilter", "true")
    project.git("remote", "add", "origin", str(bare))
    return bare


@pytest.fixture
def here(remote, ingested):
    """The ingested project with a remote."""
    return ingested


def clone(remote, tmp_path, monkeypatch):
    git("clone", "-q", str(remote), str(tmp_path / "other"))
    monkeypatch.chdir(tmp_path / "other")


def fine(done: Done) -> str:
    assert done.status == 0, done.err
    return done.out


def test_push_and_pull(here, remote, regress, tmp_path, monkeypatch):
    assert "no such branch yet" in fine(regress("history pull"))
    out = fine(regress("history push"))
    assert out.startswith("pushed 6 runs to ")
    assert "1 run not pushed: of other branches or uncommitted changes; --all" in out
    assert "6 known" in fine(regress("history push"))
    assert "pushed 1 run " in fine(regress("history push slow"))
    fine(regress("baseline set rel --commit v1.0"))
    assert "and 1 baseline" in fine(regress("history push"))
    export = fine(regress("export"))
    clone(remote, tmp_path, monkeypatch)
    assert fine(regress("history pull")).startswith("pulled 7 runs and 1 baseline from ")
    assert "pulled 0 runs" in fine(regress("history pull"))
    assert fine(regress("export")) == export
    assert "rel" in fine(regress("baseline list"))
    # The commits are known, too, so that a check works at once.
    assert regress("check --commit origin/slow --against rel").status in (0, 1, 5)


def test_prune_compact_verify_stats(here, remote, regress):
    fine(regress("history push --all"))
    assert "7 runs, 0 of them not in the branch" in fine(regress("history stats"))
    assert "would prune 2 runs" in fine(regress("history prune --keep-runs 5 --dry-run"))
    assert "pruned 2 runs of the branch, and 2 runs here" in fine(regress("history prune --keep-runs 5 --reason old"))
    assert "nothing pruned" in fine(regress("history prune --older-than 2000-01-01"))
    assert "began anew with 5 runs; the past is regress-history-1" in fine(regress("history compact"))
    assert "5 runs, 20 points, 2 pruned" in fine(regress("history verify"))
    fine(regress("ingest results"))
    assert git("-C", str(remote), "rev-list", "--count", "regress-history") == "1"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("history prune", "say so with"),
        ("history prune --older-than soon", "no age and no date"),
        ("history prune --run abcd", "no run of the branch"),
        ("history pull elsewhere.db", "no URL of a history"),
        ("history push --remote none", "no remote 'none'; there is origin"),
        ("history push --branch a..b", "cannot be the name of a branch"),
        ("history push --branch main", "is no history"),
        ("history pull ftp://host/x", "no history can be kept at ftp://"),
    ],
)
def test_what_is_wrong_is_one_line(here, regress, line, said):
    fine(regress("history push"))
    done = regress(line)
    assert done.status in (2, 3, 4)
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_outside_of_a_repository(regress, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = regress("history pull")
    assert done.status == 2
    assert "no git repository" in done.err


def test_damage_is_named_and_ends_with_4(here, remote, regress, tmp_path, monkeypatch):
    fine(regress("history push"))
    path = git("-C", str(remote), "ls-tree", "-r", "--name-only", "regress-history", "runs/").splitlines()[0]
    stream = (
        "commit refs/heads/regress-history\ncommitter E <e> 1767225600 +0000\ndata 1\nx\n"
        f"from refs/heads/regress-history^0\nM 100644 inline {path}\ndata 3\nbad\nM 100644 inline x.txt\ndata 1\ny\n"
    )
    git("-C", str(remote), "fast-import", "--quiet", input=stream)
    clone(remote, tmp_path, monkeypatch)
    done = regress("history pull")
    assert done.status == 4
    assert path in done.err
    assert "pulled 5 runs" in done.out
    assert "note: x.txt is no file of a history: ignored" in done.out
    done = regress("history verify")
    assert done.status == 4
    assert "1 fault" in done.out
    fine(regress(f"history prune --run {path[5:].replace('/', '')[:12]} --reason damaged"))
    assert "all well" in fine(regress("history verify"))


def test_another_history_by_its_url(here, regress, tmp_path, new_postgres):
    url = new_postgres()
    assert "pushed 6 runs to postgresql://" in fine(regress(f"history push '{url}'"))
    export = fine(regress("export"))
    assert "6 known" in fine(regress(f"history push '{url}'"))
    assert "pushed 1 run " in fine(regress(f"history push '{url}' --all"))
    assert "pulled 7 runs from" in fine(regress(f"history pull '{url}' --db {tmp_path / 'again.db'}"))
    assert fine(regress(f"export --db {tmp_path / 'again.db'}")) == export


def test_a_password_is_not_said(here, regress):
    done = regress("history push postgresql://ada:s3cret@127.0.0.1:9/none")
    assert done.status == 4
    assert "s3cret" not in done.out + done.err


def test_branch_and_remote_as_configured(here, remote, regress, tmp_path):
    here.git("remote", "rename", "origin", "upstream")
    text = '[history]\nbranch = "bench/history"\nremote = "upstream"\n'
    (here.root / "regress.toml").write_text(text, encoding="utf-8")
    fine(regress("history push"))
    assert "bench/history" in git("-C", str(remote), "branch")
    (here.root / "regress.toml").write_text("[history]\nbrnch = 1\n", encoding="utf-8")
    done = regress("history pull")
    assert "regress.toml:2: unknown key 'brnch'; known here: branch, remote" in done.err


def test_a_shallow_clone_says_why_runs_stay(here, remote, regress, tmp_path, monkeypatch):
    git("clone", "-q", "--depth=1", remote.as_uri(), str(tmp_path / "shallow"))
    shutil.copytree(here.root / "results", tmp_path / "shallow" / "results")
    monkeypatch.chdir(tmp_path / "shallow")
    fine(regress("ingest results"))
    out = fine(regress("history push"))
    assert "pushed 1 run " in out
    assert "6 runs not pushed" in out
    assert "this clone is shallow" in out
