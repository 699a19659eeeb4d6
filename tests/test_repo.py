from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from regress.errors import InputError, UsageError
from regress.repo import Repository

SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Bob",
    "GIT_COMMITTER_EMAIL": "bob@example.org",
}


def git(directory: Path, *args: str, data: bytes = b"", date: int = 1_700_000_000) -> str:
    dates = {"GIT_AUTHOR_DATE": f"{date} +0000", "GIT_COMMITTER_DATE": f"{date} +0000"}
    environment = {**os.environ, **SETTINGS, **dates}
    done = subprocess.run(["git", *args], cwd=directory, input=data, env=environment, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace").strip()


def commit(directory: Path, subject: str | bytes, *, date: int = 1_700_000_000) -> str:
    message = subject.encode() if isinstance(subject, str) else subject
    git(directory, "commit", "--allow-empty", "--allow-empty-message", "-q", "-F", "-", data=message, date=date)
    return git(directory, "rev-parse", "HEAD")


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository without commits. The machine's own settings stay out of what is tested."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"):
        monkeypatch.setenv(name, SETTINGS[name])
    path = tmp_path / "project"
    path.mkdir()
    git(path, "init", "-q", "-b", "main")
    return path


@pytest.fixture
def project(empty: Path) -> Path:
    """main: one - two - merge(two, side) - four; the tag v1 at two, the branch side at its only commit."""
    (empty / "file").write_text("1")
    git(empty, "add", "file")
    commit(empty, "one", date=1_700_000_000)
    git(empty, "checkout", "-q", "-b", "side")
    commit(empty, "side", date=1_700_000_050)
    git(empty, "checkout", "-q", "main")
    commit(empty, "two", date=1_700_000_100)
    git(empty, "tag", "-a", "-m", "first", "v1")
    git(empty, "merge", "-q", "--no-ff", "-m", "merge side", "side", date=1_700_000_200)
    commit(empty, "four", date=1_700_000_300)
    return empty


def opened(path: Path) -> Repository:
    repository = Repository.discover(path)
    assert repository is not None
    return repository


def test_no_repository_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert Repository.discover(tmp_path) is None
    assert Repository.discover(tmp_path / "not" / "there") is None


def test_found_from_a_folder_a_file_and_a_path_that_is_not_there_yet(project: Path) -> None:
    (project / "deep" / "er").mkdir(parents=True)
    for path in (project, project / "deep" / "er", project / "file", project / "deep" / "new" / "x.json"):
        assert opened(path).root == project


def test_a_broken_worktree_is_an_error_and_not_no_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere/at/all\n")
    with pytest.raises(InputError, match="not a git repository"):
        Repository.discover(tmp_path)


def test_a_repository_without_commits(empty: Path) -> None:
    repository = opened(empty)
    assert repository.head() is None
    assert repository.branch() == "main"
    assert repository.refs() == {}
    assert repository.commits([]) == []
    assert repository.default_branch() is None
    assert not repository.is_dirty()
    with pytest.raises(UsageError, match="'HEAD' is no commit"):
        repository.resolve("HEAD")


def test_head_branch_and_refs(project: Path) -> None:
    repository = opened(project)
    assert repository.head() == git(project, "rev-parse", "main")
    assert repository.refs() == {name: git(project, "rev-parse", name) for name in ("main", "side")}
    assert repository.branch() == repository.default_branch() == "main"
    git(project, "checkout", "-q", "--detach", "side")
    assert repository.branch() is None
    assert repository.head() == repository.refs()["side"]


def test_a_tag_of_the_same_name_does_not_change_a_branch_name(project: Path) -> None:
    git(project, "tag", "main", "side")
    repository = opened(project)
    assert repository.branch() == "main"
    assert repository.refs()["main"] == git(project, "rev-parse", "refs/heads/main")


def test_tags_of_both_kinds_name_their_commit(project: Path) -> None:
    first = git(project, "rev-parse", "HEAD")
    git(project, "tag", "light")
    git(project, "tag", "-a", "-m", "a release", "v1.0")
    git(project, "tag", "of-a-tree", "HEAD^{tree}")
    second = commit(project, "later")
    git(project, "tag", "later/one")
    repository = Repository.discover(project)
    assert repository is not None
    assert repository.tags().keys() == {"v1", "light", "v1.0", "later/one"}
    assert {name: at for name, at in repository.tags().items() if name != "v1"} == {
        "light": first, "v1.0": first, "later/one": second
    }  # fmt: skip


def test_resolve_knows_hashes_branches_tags_and_relations(project: Path) -> None:
    repository = opened(project)
    two = git(project, "rev-parse", "v1^{commit}")
    assert git(project, "rev-parse", "v1") != two  # the tag is an object of its own
    for ref in ("v1", "main~2", two, two[:7], "refs/tags/v1"):
        assert repository.resolve(ref) == two


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "-h",
        "--all",
        "--upload-pack=x",
        "main\nside",
        "main\0",
        " main",
        "^main",
        "a\x1b[m",
        "x" * 2000,
        "main..side",
    ],
)
def test_resolve_refuses_what_is_no_reference(project: Path, ref: str) -> None:
    with pytest.raises(UsageError) as caught:
        opened(project).resolve(ref)
    assert str(caught.value).isprintable()


def test_resolve_says_what_to_do(project: Path) -> None:
    repository = opened(project)
    with pytest.raises(UsageError, match=r"'v2' is no commit, branch or tag of .*; see `git branch -a`"):
        repository.resolve("v2")
    with pytest.raises(UsageError, match="names a file or a tree"):
        repository.resolve("main:file")
    with pytest.raises(UsageError, match="is no commit"):
        repository.resolve("0" * 39 + "1")


def test_a_branch_that_only_the_remote_has(project: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", project.as_uri(), "clone")
    repository = opened(tmp_path / "clone")
    assert "side" not in repository.refs()
    assert repository.resolve("side") == repository.refs()["origin/side"] == git(project, "rev-parse", "side")
    assert "origin/HEAD" not in repository.refs()
    assert "origin" not in repository.refs()


def test_the_default_branch(project: Path, tmp_path: Path) -> None:
    git(project, "branch", "-m", "main", "trunk")
    assert opened(project).default_branch() is None
    git(tmp_path, "clone", "-q", project.as_uri(), "clone")
    assert opened(tmp_path / "clone").default_branch() == "trunk"
    git(project, "config", "init.defaultBranch", "trunk")
    assert opened(project).default_branch() == "trunk"
    git(project, "config", "init.defaultBranch", "not-here")
    git(project, "branch", "master", "side")
    assert opened(project).default_branch() == "master"


def test_commits_hold_parents_dates_authors_and_subjects(project: Path) -> None:
    found = {c.subject: c for c in opened(project).commits(["main"])}
    assert set(found) == {"one", "side", "two", "merge side", "four"}
    assert found["merge side"].parents == (found["two"].hash, found["side"].hash)
    assert found["one"].parents == ()
    assert found["four"].author == "Ada"
    date = found["four"].committed_at
    assert date is not None
    assert date.isoformat() == "2023-11-14T22:18:20+00:00"


def test_commits_come_only_once(project: Path) -> None:
    repository = opened(project)
    everything = repository.commits(["main", "side"])
    assert len(everything) == len({c.hash for c in everything}) == 5
    known = {c.hash for c in everything}
    assert repository.commits(["main"], known) == []
    fresh = commit(project, "five")
    assert [c.hash for c in repository.commits(["main"], known)] == [fresh]
    assert [c.subject for c in repository.commits(["side"], [])] == ["side", "one"]


def test_hashes_that_this_clone_does_not_have_are_left_out(project: Path) -> None:
    repository = opened(project)
    foreign = ["1" * 40, "2" * 40]
    assert len(repository.commits(["main", *foreign], foreign)) == 5
    assert repository.commits(foreign) == []


@pytest.mark.parametrize("tip", ["--all", "^main", "main\nside", ""])
def test_a_tip_that_git_would_take_for_an_option_is_refused(project: Path, tip: str) -> None:
    with pytest.raises(UsageError, match="is not a reference"):
        opened(project).commits([tip])


SUBJECTS = {
    "two\nlines\n\nand a body": "two lines",
    "tab\tand \x1b[31mcolour": "tab\tand \x1b[31mcolour",
    "%H%x00%s": "%H%x00%s",
    r"a\0b \x00": r"a\0b \x00",
    "Grüße, 世界 🎉": "Grüße, 世界 🎉",
    "<script>alert('\"')</script>": "<script>alert('\"')</script>",
    "": "",
}


@pytest.mark.parametrize(("message", "subject"), SUBJECTS.items())
def test_unusual_subjects(project: Path, message: str, subject: str) -> None:
    before = commit(project, message)
    commit(project, "after")
    found = {c.hash: c for c in opened(project).commits(["main"])}
    assert len(found) == 7
    assert found[before].subject == subject


def test_a_latin_1_commit_that_says_so_is_read_as_it_was_meant(project: Path) -> None:
    git(project, "config", "i18n.commitEncoding", "ISO-8859-1")
    made = commit(project, b"caf\xe9")
    assert {c.hash: c.subject for c in opened(project).commits(["main"])}[made] == "café"


def test_a_latin_1_commit_that_does_not_say_so_stays_readable(project: Path) -> None:
    tree = git(project, "rev-parse", "main^{tree}").encode()
    raw = b"tree %s\nauthor \xe9 <a@b> 1 +0000\ncommitter \xe9 <a@b> 1 +0000\n\ncaf\xe9\n" % tree
    made = git(project, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", data=raw)
    (found,) = opened(project).commits([made])
    assert (found.author, found.subject) == ("\N{REPLACEMENT CHARACTER}", "caf\N{REPLACEMENT CHARACTER}")


def test_a_commit_with_nul_bytes_and_one_with_an_impossible_date(project: Path) -> None:
    tree, who = git(project, "rev-parse", "main^{tree}"), "A <a@b>"
    text = f"tree {tree}\nauthor {who} 1 +0000\ncommitter {who} 1 +0000\n\nsub\0ject\0more\n"
    nul = git(project, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", data=text.encode())
    text = f"tree {tree}\nparent {nul}\nauthor {who} 1 +0000\ncommitter {who} 99999999999999999 +0000\n\nlater\n"
    late = git(project, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", data=text.encode())
    found = {c.hash: c for c in opened(project).commits([late])}
    assert set(found) == {nul, late}
    assert found[late].subject == "later"
    assert found[nul].subject == "sub"


@pytest.fixture
def shallow(project: Path, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", "--depth", "2", project.as_uri(), "shallow")
    return tmp_path / "shallow"


def test_a_shallow_clone_is_named(project: Path, shallow: Path) -> None:
    repository = opened(shallow)
    assert repository.is_shallow()
    assert not opened(project).is_shallow()
    for ref in (git(project, "rev-parse", "v1^{commit}"), "main~3", "v9"):
        with pytest.raises(UsageError, match="fetch-depth: 0"):
            repository.resolve(ref)


def test_the_edge_of_a_shallow_clone_keeps_its_true_parents(project: Path, shallow: Path) -> None:
    true = {c.hash: c.parents for c in opened(project).commits(["main"])}
    found = {c.hash: c.parents for c in opened(shallow).commits(["HEAD"])}
    assert len(found) == 2
    assert found == {hash_: true[hash_] for hash_ in found}
    assert any(parent not in found for parents in found.values() for parent in parents)


def test_dirty_means_tracked_files(project: Path) -> None:
    repository = opened(project)
    (project / "new").write_text("x")
    assert not repository.is_dirty()
    (project / "file").write_text("changed")
    assert repository.is_dirty()


def test_looking_runs_nothing_of_the_repository(project: Path, tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{proof}'\n")
    trap.chmod(0o755)
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "pre-commit"):
        (project / ".git" / "hooks" / hook).write_bytes(trap.read_bytes())
        (project / ".git" / "hooks" / hook).chmod(0o755)
    git(project, "config", "core.fsmonitor", str(trap))
    git(project, "config", "log.showSignature", "true")
    git(project, "config", "gpg.program", str(trap))
    git(project, "config", "core.pager", str(trap))
    repository = opened(project)
    repository.is_dirty()
    repository.commits(["main"])
    with repository.worktree(tmp_path / "tree", "side"):
        pass
    assert not proof.exists()


def test_looking_takes_no_lock_and_changes_no_file(project: Path) -> None:
    os.utime(project / "file", (1, 1))  # git would refresh its index now
    before = {path: path.stat().st_mtime_ns for path in sorted((project / ".git").rglob("*"))}
    repository = opened(project)
    repository.is_dirty()
    repository.commits(["main"], ["1" * 40])
    repository.refs()
    assert {path: path.stat().st_mtime_ns for path in sorted((project / ".git").rglob("*"))} == before


def test_the_variables_of_a_hook_do_not_lead_elsewhere(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    repository = Repository.discover(project)
    assert repository is not None
    assert repository.root == project
    assert repository.head() is not None
    assert os.environ["GIT_DIR"] == str(other / ".git")


def test_git_that_is_missing_is_said_in_a_line(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))
    with pytest.raises(InputError, match="git is not installed"):
        Repository.discover(project)


def test_an_unsafe_directory_passes_gits_own_message_on(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own switch for its own tests
    with pytest.raises(InputError, match=r"dubious ownership.*safe\.directory") as caught:
        Repository.discover(project)
    assert str(caught.value).isprintable()


def test_a_bare_repository(project: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", project.as_uri(), "bare.git")
    repository = opened(tmp_path / "bare.git")
    assert repository.bare
    assert repository.head() == git(project, "rev-parse", "main")
    assert not repository.is_dirty()
    assert len(repository.commits(["main"])) == 5


def test_a_worktree_shows_one_commit_after_the_other(project: Path, tmp_path: Path) -> None:
    repository = opened(project)
    (project / "file").write_text("2")
    git(project, "commit", "-qam", "five")
    path = tmp_path / "tree"
    with repository.worktree(path, "main") as tree:
        assert (path / "file").read_text() == "2"
        (path / "file").write_text("local")
        (path / "litter").write_text("x")
        tree.checkout("v1")
        assert (path / "file").read_text() == "1"
        assert tree.head() == repository.resolve("v1")
        assert repository.branch() == "main"
    assert not path.exists()
    assert git(project, "worktree", "list").count("\n") == 0


def test_a_worktree_is_removed_after_a_fault(project: Path, tmp_path: Path) -> None:
    repository = opened(project)
    with pytest.raises(RuntimeError), repository.worktree(tmp_path / "tree", "side"):
        raise RuntimeError
    assert not (tmp_path / "tree").exists()
    with repository.worktree(tmp_path / "tree", "side"):
        pass


def test_who_works_here(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(project, "config", "user.name", "Zoë 1 +0200")
    git(project, "config", "user.email", "z@example.org")
    assert opened(project).user() == "Zoë 1 +0200 <z@example.org>"
    git(project, "config", "user.useConfigOnly", "true")
    git(project, "config", "--unset", "user.email")
    monkeypatch.setenv("LOGNAME", "somebody")
    assert opened(project).user() == "somebody"


def test_the_remote_without_credentials(project: Path) -> None:
    repository = opened(project)
    assert repository.remote_url() == repository.commit_url() == ""
    git(project, "remote", "add", "up", "https://github.com/o/up.git")
    assert repository.remote_url() == "https://github.com/o/up.git"
    git(project, "remote", "add", "origin", "https://me:ghp_secret@github.com/o/r.git")
    assert repository.remote_url() == "https://github.com/o/r.git"
    assert repository.commit_url() == "https://github.com/o/r/commit/{commit}"
    git(project, "config", "url.https://tok:en@github.com/.insteadOf", "gh:")
    git(project, "remote", "set-url", "origin", "gh:o/r")
    assert repository.remote_url() == "https://github.com/o/r"
