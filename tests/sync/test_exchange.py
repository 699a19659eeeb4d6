"""Runs and baselines there and back, and nothing else touched."""

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from regress.formats import dump
from regress.model import Notified
from regress.sync import claim, pull, push, transport
from regress.sync.layout import pack, run_path
from tests.factories import START, make_key, make_run
from tests.sync.conftest import files_of, git, put, some_runs, text_of


def shared(clone, digests=None):
    with clone.branch() as branch:
        return push(clone.history, branch, digests or [run.digest for run in clone.history.runs()])


def fetched(clone):
    with clone.branch() as branch:
        return pull(clone.history, branch)


def test_two_histories_become_one(ada, bob, remote):
    ada.record(*some_runs(3))
    bob.record(*some_runs(3, start=2))
    assert shared(ada).runs == 3
    done = shared(bob)
    assert (done.runs, done.known) == (2, 1)
    assert fetched(ada).runs == 2
    assert fetched(bob).runs == 2
    assert text_of(ada.history) == text_of(bob.history)
    assert len(text_of(ada.history).splitlines()) == 5
    assert sum(path.startswith("runs/") for path in files_of(remote)) == 5
    again = shared(ada)
    assert (again.runs, again.tip) == (0, None)
    assert fetched(ada).runs == 0


def test_everything_of_a_run_comes_back(ada, bob):
    import numpy as np

    from regress.model import Metric

    run = make_run(
        "c1", {make_key("b.one"): {"median": 1.0, "n": 5.0}, make_key("b.two", Metric("mem", "B")): {"value": -0.0}},
        gaps={"b.three": "failed"}, tags=("nightly",), ref="main", head="ab" * 20, level=0.99, warnings=("note",),
        samples={0: np.array([1.0, 2.0])}, quantiles={0: ((0.95, 1.7),)}, attachments={1: '{"a": 1}'},
    )  # fmt: skip
    ada.record(run)
    shared(ada)
    fetched(bob)
    assert text_of(bob.history) == text_of(ada.history)
    stored = bob.history.runs()[0]
    assert (stored.source.path, stored.source.format) == (run.source.path, run.source.format)


def test_baselines_have_the_same_versions_everywhere(ada, bob):
    one, two = ada.record(*some_runs(2))
    ada.history.set_baseline("release/1.0 ä", [one], commit="c0", reason="first", author="Ada")
    shared(ada)
    fetched(bob)
    bob.history.set_baseline("release/1.0 ä", [two], commit="c1", reason="second", author="Bob")
    ada.history.set_baseline("..", [two], commit="c1", reason="", author="Ada")
    shared(ada)
    done = shared(bob)
    assert done.baselines == 1
    fetched(ada)
    fetched(bob)
    assert ada.history.baselines("release/1.0 ä") == bob.history.baselines("release/1.0 ä")
    newest = ada.history.baseline("release/1.0 ä")
    assert newest is not None
    assert (newest.version, newest.reason) == (2, "second")
    assert bob.history.baseline("..") == ada.history.baseline("..")
    bob.history.remove_baseline("..", "Bob")
    shared(bob)
    fetched(ada)
    assert ada.history.baseline("..") is None


def state(root: Path) -> dict[str, bytes]:
    """Every file of a clone but its logs of objects: work tree, index, references, configuration."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_the_users_repository_is_as_it_was(ada):
    (ada.root / "file.txt").write_text("changed\n", encoding="utf-8")
    (ada.root / "new.txt").write_text("new\n", encoding="utf-8")
    git(ada.root, "add", "new.txt")
    before = state(ada.root)
    ada.record(*some_runs(2))
    shared(ada)
    fetched(ada)
    assert state(ada.root) == before
    assert git(ada.root, "rev-parse", "--is-shallow-repository") == "false"


def test_hooks_of_the_user_do_not_run(ada, tmp_path):
    hook = ada.root / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    ada.record(*some_runs(1))
    assert shared(ada).runs == 1
    assert not (tmp_path / "ran").exists()


def test_only_the_blobs_that_are_lacking_come(ada, bob):
    ada.record(*some_runs(20))
    shared(ada)
    with bob.branch() as branch:
        tree = branch.fetch()
        store = branch._store.root
        assert blobs(store) == 0
        wanted = sorted(tree.runs.values())[:3]
        assert [oid for oid, _ in branch.read(wanted)] == wanted
        assert blobs(store) == 3


def blobs(store: Path) -> int:
    objects = git(store, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
    return objects.splitlines().count("blob")


@pytest.mark.parametrize("setting", [("uploadpack.allowFilter", "false"), ("protocol.version", "0")])
def test_a_remote_that_does_not_filter(ada, bob, remote, setting):
    git(remote, "config", *setting)
    git(ada.root, "config", *setting)
    ada.record(*some_runs(3))
    shared(ada)
    assert fetched(bob).runs == 3
    assert text_of(ada.history) == text_of(bob.history)


def test_a_shallow_clone_shares_like_any_other(new_clone):
    ada, bob = new_clone("--depth=1"), new_clone()
    ada.record(*some_runs(2))
    assert shared(ada).runs == 2
    assert fetched(bob).runs == 2
    bob.record(*some_runs(1, start=5))
    shared(bob)
    assert fetched(ada).runs == 1


def test_a_partial_clone_and_a_clone_by_path(new_clone, remote, tmp_path):
    ada = new_clone("--filter=blob:none", "--no-checkout")
    ada.record(*some_runs(2))
    assert shared(ada).runs == 2
    bob = new_clone()
    git(bob.root, "remote", "set-url", "origin", "../remote.git")
    assert fetched(bob).runs == 2


def test_a_repository_with_the_longer_hashes(new_clone, tmp_path):
    source = tmp_path / "long"
    git(tmp_path, "init", "-q", "--bare", "--object-format=sha256", str(source))
    ada = new_clone()
    subprocess.run(["rm", "-rf", str(ada.root)], check=True)
    git(tmp_path, "init", "-q", "--object-format=sha256", str(ada.root))
    git(ada.root, "remote", "add", "origin", source.as_uri())
    ada.record(*some_runs(2))
    assert shared(ada).runs == 2
    assert fetched(ada).known == 2


def test_who_signs(ada, remote):
    ada.record(*some_runs(1))
    shared(ada)
    assert git(remote, "log", "-1", "--format=%cn <%ce>", "regress-history") == "regress <regress@localhost>"
    git(ada.root, "config", "user.name", "Ada <the first>")
    git(ada.root, "config", "user.email", "ada@example.org")
    ada.record(*some_runs(1, start=1))
    shared(ada)
    assert git(remote, "log", "-1", "--format=%cn <%ce>", "regress-history") == "Ada the first <ada@example.org>"


def test_a_damaged_run_is_named_and_the_others_come(ada, bob, remote):
    digests = ada.record(*some_runs(3))
    shared(ada)
    other = make_run("cx", {"bench.one": 5.0})
    put(remote, {run_path(digests[0]): b"\x28\xb5\x2f\xfd rubbish", run_path(digests[1]): pack(other)})
    done = fetched(bob)
    assert done.runs == 1
    assert {bad.where for bad in done.bad} == {run_path(digest) for digest in digests[:2]}
    assert bob.digests() == {digests[2]}


def test_a_large_push_is_several_commits(ada, bob, remote, monkeypatch):
    from regress.sync import exchange

    monkeypatch.setattr(exchange, "_AT_ONCE", 2)
    ada.record(*some_runs(5))
    done = shared(ada)
    assert (done.runs, done.tries) == (5, 3)
    assert git(remote, "rev-list", "--count", "regress-history") == "3"
    assert fetched(bob).runs == 5


def test_the_same_runs_in_another_order_give_the_same_text(ada, bob):
    runs = [*some_runs(3), make_run("c9", {"z": 1.0, "bench.one": 3.0, "a": 2.0}, minutes=99)]
    ada.record(*runs)
    bob.record(*reversed(runs))
    assert text_of(ada.history) == text_of(bob.history)
    whole = [dump(run) for _, run in bob.history.whole([run.digest for run in bob.history.runs()])]
    assert len(whole) == 4


def test_a_run_that_one_history_has_pruned_in_the_branch_is_not_pushed_again(ada, bob):
    from regress.sync import prune
    from regress.sync.prune import tombstone
    from tests.factories import START

    digests = ada.record(*some_runs(3))
    shared(ada)
    fetched(bob)
    with ada.branch() as branch:
        stones = [tombstone(run.digest, run, "noise", "Ada", START) for run in ada.history.runs()[:2]]
        done = prune(ada.history, branch, stones)
    assert sorted(done.digests) == sorted(digests[:2])
    assert ada.digests() == {digests[2]}
    again = shared(bob)
    assert (again.runs, again.pruned) == (0, 2)
    assert fetched(bob).removed == 2
    assert bob.digests() == {digests[2]}
    assert text_of(ada.history) == text_of(bob.history)
    ada.record(*some_runs(3))
    assert shared(ada).pruned == 2


def test_a_server_of_the_old_protocol_that_filters(ada, bob, monkeypatch):
    """As git's own server is over ssh, where sshd does not let GIT_PROTOCOL through."""
    monkeypatch.setattr(transport, "_OWN", (*transport._OWN, ("protocol.version", "0")))
    ada.record(*some_runs(3))
    shared(ada)
    done = fetched(bob)
    assert (done.runs, done.bad) == (3, [])
    assert text_of(ada.history) == text_of(bob.history)
    bob.record(*some_runs(2, start=3))
    assert shared(bob).runs == 2
    assert fetched(ada).runs == 2


def test_what_was_told_travels_with_the_branch(ada, bob):
    ada.record(*some_runs(1))
    ada.history.tell("slack", "cause:1", "open")
    ada.history.tell("slack", "cause:1", "fixed")
    shared(ada)
    fetched(bob)
    assert bob.history.told() == ada.history.told()
    assert not bob.history.tell("slack", "cause:1", "fixed")
    assert shared(bob).tip is None, "nothing is new"
    bob.history.tell("slack", "cause:1", "open")
    shared(bob)
    fetched(ada)
    assert ada.history.notified("slack")["cause:1"].number == 3


def test_of_two_jobs_that_would_tell_at_once_the_first_does(ada, bob):
    ada.record(*some_runs(1))
    shared(ada)
    entries = [Notified("slack", f"cause:{n}", 1, "open", "", START + timedelta(seconds=n)) for n in range(3)]
    theirs = [replace(one, told_at=START + timedelta(days=1)) for one in entries[1:]]
    with ada.branch() as first, bob.branch() as second:
        first.fetch()
        assert claim(second, theirs) == theirs
        assert claim(first, entries) == entries[:1]
        assert claim(first, entries) == entries[:1], "asked again after a broken connection: the file is our own"
        assert claim(first, []) == []
