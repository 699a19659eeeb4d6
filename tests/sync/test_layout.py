"""What the files are called and hold."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.errors import InputError
from regress.model import Baseline, Notified
from regress.sync.layout import (
    Tombstone,
    Tree,
    baseline_file,
    notified_file,
    pack,
    read_baseline,
    read_notified,
    run_path,
    unpack,
)
from tests.factories import START, make_run
from tests.sync.conftest import some_runs

NAMES = st.text(min_size=1).filter(str.strip)


def test_a_run_there_and_back():
    for run in some_runs(3):
        assert unpack(pack(run), run.digest()).digest() == run.digest()


def test_the_same_run_is_the_same_file():
    one = make_run("c1", {"a": 1.0, "b": 2.0})
    other = make_run("c1", {"b": 2.0, "a": 1.0})
    assert one.digest() == other.digest()
    assert pack(one) == pack(other)


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_changed_byte_is_never_taken_for_the_run(place, byte):
    run = make_run("c1", {"bench.one": 1.0})
    whole = pack(run)
    data = bytearray(whole)
    place %= len(data)
    data[place] = byte
    if bytes(data) == whole:
        return
    try:
        found = unpack(bytes(data), run.digest())
    except InputError:
        return
    # What is left to change are labels, which are no part of a run's identity.
    assert found.digest() == run.digest()


@pytest.mark.parametrize("cut", [0, 1, 10, -1])
def test_a_file_that_is_cut_short(cut):
    run = make_run("c1")
    with pytest.raises(InputError, match="damaged"):
        unpack(pack(run)[:cut], run.digest())


def test_a_file_with_something_behind_it():
    run = make_run("c1")
    with pytest.raises(InputError, match="frame"):
        unpack(pack(run) + b"more", run.digest())


def test_a_bomb_is_refused(monkeypatch):
    from regress.sync import layout

    monkeypatch.setattr(layout, "MAX_BYTES", 1000)
    with pytest.raises(InputError, match="larger"):
        unpack(layout.zstd.compress(b"0" * 10_000), "0" * 64)


@given(NAMES, st.text(), st.booleans())
def test_a_baseline_there_and_back(name, reason, removed):
    one = Baseline(name, 0, ("ab" * 32,), "c1", reason, "Ada", datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC), removed)
    path, data = baseline_file(one)
    assert path.count("/") == 2
    folder = path.split("/")[1]
    assert folder.isascii()
    assert folder.strip(".") == folder
    assert read_baseline(data, path) == one
    with pytest.raises(InputError, match="damaged"):
        read_baseline(data + b" ", path)


def test_a_tombstone_there_and_back():
    stone = Tombstone("ab" * 32, "noise", "Ada", START, "c1", (("python", "3.11"),), START, 7)
    assert Tombstone.read(stone.text(), stone.path) == stone
    with pytest.raises(InputError, match="tombstone is damaged"):
        Tombstone.read(b"{}", stone.path)


@given(st.text(), st.text(), st.text())
def test_what_was_told_there_and_back(channel, what, place):
    one = Notified(channel, what, 3, "open", place, START)
    path, data = notified_file(one)
    assert path.count("/") == 2
    assert read_notified(data, path) == one
    with pytest.raises(InputError, match="place of something else"):
        read_notified(data, path.replace("/3.", "/4."))
    with pytest.raises(InputError, match="told is damaged"):
        read_notified(data[:-3], path)


def test_a_tree_sorts_its_files():
    digest = "ab" + "cd" * 31
    named = f"baselines/rel/{digest}.json"
    tree = Tree.of("t", {
        run_path(digest): "1", f"pruned/ab/{digest[2:]}.json": "2", named: "3", f"notified/{digest}/1.json": "4",
        "regress-history.json": "5", "runs/ab/short.zst": "6",
    })  # fmt: skip
    assert tree.runs == {digest: "1"}
    assert tree.pruned == {digest: "2"}
    assert tree.baselines == {named: "3"}
    assert tree.notified == {f"notified/{digest}/1.json": "4"}
    assert tree.unknown == ["runs/ab/short.zst"]
