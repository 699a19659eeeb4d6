"""Pruning, compacting, verifying: what keeps the branch small and sound."""

from datetime import timedelta

import pytest

from regress.errors import InputError, UncomparedError
from regress.sync import compact, prune, push, verify
from regress.sync.layout import Tombstone, pack, run_path, tombstone_path
from regress.sync.prune import Policy, tombstone
from tests.factories import ENVIRONMENT, START, make_run
from tests.sync.conftest import files_of, git, put, some_runs, text_of
from tests.sync.test_exchange import fetched, shared


def pruned(clone, count, reason="noise"):
    with clone.branch() as branch:
        runs = clone.history.runs()[:count]
        return prune(clone.history, branch, [tombstone(run.digest, run, reason, "Ada", START) for run in runs])


def test_a_tombstone_keeps_the_summary(ada, remote):
    ada.record(*some_runs(2))
    shared(ada)
    run = ada.history.runs()[0]
    pruned(ada, 1, "the machine was busy")
    text = git(remote, "show", f"regress-history:{tombstone_path(run.digest)}").encode()
    stone = Tombstone.read(text, "")
    assert (stone.digest, stone.reason, stone.author) == (run.digest, "the machine was busy", "Ada")
    assert (stone.commit, stone.environment, stone.points) == (run.commit, ENVIRONMENT.key, 2)
    assert stone.started_at == run.started_at
    assert run_path(run.digest) not in files_of(remote)


def test_policies():
    def stored(minutes, ref="main", machine="box"):
        from regress.model import Environment, Source, StoredRun

        place = Environment.of({"machine": machine})
        at = START + timedelta(minutes=minutes)
        return StoredRun(
            minutes, f"{minutes:064}", "c", "", ref, place, Source("", ""), at, minutes, 1, 0, 0, (), False
        )  # fmt: skip

    runs = [stored(1), stored(2, "slow"), stored(3, machine="other"), stored(4), stored(5, "slow")]

    def gone(named=(), **policy):
        return [run.id for run in Policy(**policy).chosen(runs, named)]

    assert gone(keep_runs=1) == [1, 2, 4]
    assert gone(keep_runs=2) == [1, 2]
    assert gone(refs=("slow",)) == [2, 5]
    assert gone(refs=("s*", "x"), keep_runs=1) == [2]
    assert gone(older_than=START + timedelta(minutes=4)) == [1, 2, 3]
    assert gone(older_than=START + timedelta(minutes=4), keep_runs=1) == [1, 2]
    assert gone(named={runs[0].digest}, keep_runs=1) == [2, 4]


def test_compacting_keeps_every_file_and_the_past(ada, bob, remote):
    git(remote, "config", "receive.denyNonFastForwards", "false")
    ada.record(*some_runs(3))
    shared(ada)
    pruned(ada, 1)
    before = files_of(remote)
    old = git(remote, "rev-parse", "regress-history")
    with ada.branch() as branch:
        done = compact(branch)
    assert done.kept == "regress-history-1"
    assert git(remote, "rev-parse", "regress-history-1") == old
    assert git(remote, "rev-list", "--count", "regress-history") == "1"
    assert files_of(remote) == before
    with bob.branch() as branch:
        assert compact(branch).kept == "regress-history-2"
    assert fetched(bob).runs == 2
    git(remote, "fsck", "--strict")


def test_a_push_that_a_compaction_overtakes_loses_nothing(ada, bob, remote):
    git(remote, "config", "receive.denyNonFastForwards", "false")
    ada.record(*some_runs(2))
    shared(ada)
    late = bob.record(*some_runs(2, start=10))
    with bob.branch() as slow, ada.branch() as branch:
        publish = slow.commit
        seen = []

        def overtaken(tree, change):
            tip = publish(tree, change)
            if not seen:
                seen.append(compact(branch).tip)
            return tip

        slow.commit = overtaken
        done = push(bob.history, slow, late)
    assert (done.runs, done.tries) == (2, 2)
    assert sum(path.startswith("runs/") for path in files_of(remote)) == 4
    assert git(remote, "rev-parse", "regress-history~1") == seen[0]


def test_a_compaction_that_a_push_overtakes_loses_nothing(ada, bob, remote):
    git(remote, "config", "receive.denyNonFastForwards", "false")
    ada.record(*some_runs(2))
    shared(ada)
    bob.record(*some_runs(2, start=10))
    with ada.branch() as branch:
        root = branch.root
        seen = []

        def overtaken(tree, message):
            if not seen:
                seen.append(shared(bob).tip)
            return root(tree, message)

        branch.root = overtaken
        compact(branch)
    assert sum(path.startswith("runs/") for path in files_of(remote)) == 4
    assert git(remote, "rev-parse", "regress-history-1") == seen[0]
    assert git(remote, "rev-list", "--count", "regress-history") == "1"


def test_compacting_what_is_not_there_or_may_not_be(ada, remote):
    with pytest.raises(UncomparedError, match="no branch"), ada.branch() as branch:
        compact(branch)
    ada.record(*some_runs(1))
    shared(ada)
    with pytest.raises(InputError, match="non-fast-forward"), ada.branch() as branch:
        compact(branch)


def test_a_sound_branch(ada):
    one, _ = ada.record(*some_runs(2))
    ada.history.set_baseline("rel", [one], commit="c0", reason="", author="Ada")
    shared(ada)
    with ada.branch() as branch:
        done = verify(branch)
    assert (done.bad, len(done.tree.runs), done.points, done.unknown) == ([], 2, 4, [])


def test_everything_that_can_be_wrong_is_named(ada, remote):
    one, two, three, four = ada.record(*some_runs(4))
    ada.history.set_baseline("rel", [three], commit="c0", reason="", author="Ada")
    shared(ada)
    pruned(ada, 1)
    stone = tombstone_path(one)
    baseline = next(path for path in files_of(remote) if path.startswith("baselines/"))
    other = pack(make_run("cx"))
    text = git(remote, "show", f"regress-history:{baseline}").encode()
    put(remote, {
        run_path(one): other, run_path(two): b"", run_path(three): None, run_path(four): other, stone: b"[]",
        baseline.replace("baselines/rel", "baselines/other"): text + b"\n",
    })  # fmt: skip
    with ada.branch() as branch:
        found = verify(branch).bad
    said = {(bad.where, bad.what.split(":")[0]) for bad in found}
    assert (run_path(one), "the run is there, though it was pruned") in said
    assert (run_path(two), "the run is damaged") in said
    assert any(where == run_path(four) or where == run_path(one) for where, what in said if "one file" in what)
    assert (stone, "the tombstone is damaged") in said
    assert any(where == baseline and "is not there" in what for where, what in said)
    assert any("baselines/other" in where for where, _ in said)


def test_a_damaged_run_can_be_pruned(ada, remote):
    one, _ = ada.record(*some_runs(2))
    shared(ada)
    put(remote, {run_path(one): b"rubbish"})
    with ada.branch() as branch:
        prune(ada.history, branch, [tombstone(one, None, "damaged", "Ada", START)])
    with ada.branch() as branch:
        assert verify(branch).bad == []
    assert one not in ada.digests()
    assert len(text_of(ada.history).splitlines()) == 1
