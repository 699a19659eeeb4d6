"""A copy of a history as one file, and the names that its benchmarks had."""

import resource
import sqlite3
import threading

import pytest

from regress.errors import HistoryError, UsageError
from regress.history import History
from regress.model import presenter
from tests.factories import make_run


def values(path):
    with History.open(str(path), create=False) as history:
        return {run.commit: history.load([run.id])[0].columns.stats["value"].tolist() for run in history.runs()}


def test_a_copy_holds_all_and_stands_alone(tmp_path):
    with History.open(str(tmp_path / "history.db")) as history:
        history.record([make_run("c1", {"b.one": 1.5}), make_run("c2", {"b.one": 2.5}, minutes=1)])
        history.copy_to(tmp_path / "copy.sqlite")
        assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.sqlite"]
        with sqlite3.connect(f"file:{tmp_path / 'copy.sqlite'}?mode=ro&immutable=1", uri=True) as copy:
            assert (tmp_path / "copy.sqlite").read_bytes()[18:20] == b"\1\1", "its header asks for no log"
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        history.copy_to(tmp_path / "again.sqlite")
    assert (tmp_path / "copy.sqlite").read_bytes() == (tmp_path / "again.sqlite").read_bytes()
    assert values(tmp_path / "copy.sqlite") == values(tmp_path / "history.db")


def test_a_copy_is_of_one_moment_while_others_write(tmp_path):
    with History.open(str(tmp_path / "history.db")) as history, History.open(str(tmp_path / "history.db")) as other:
        history.record([make_run("c0")])
        writer = threading.Thread(
            target=lambda: [other.record([make_run(f"c{i}", {"a": i, "b": i}, minutes=i)]) for i in range(1, 30)]
        )
        writer.start()
        for i in range(5):
            history.copy_to(tmp_path / f"{i}.sqlite")
        writer.join()
    for i in range(5):
        with History.open(str(tmp_path / f"{i}.sqlite"), create=False) as copy:
            runs = copy.runs()
            assert runs
            assert all(len(copy.load([run.id])[0].columns.keys) == run.points for run in runs)


def test_nothing_is_left_of_a_copy_that_fails(tmp_path):
    with History.open(str(tmp_path / "history.db")) as history:
        history.record([make_run("c1")])
        with pytest.raises(HistoryError):
            history.copy_to(tmp_path / "nowhere" / "copy.sqlite")
        with pytest.raises(UsageError, match="a new file"):
            history.copy_to(tmp_path / "history.db")
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (16384, limits[1]))
        try:
            with pytest.raises(HistoryError):
                history.copy_to(tmp_path / "halfway.sqlite")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert len(history.runs()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["history.db"]


def test_a_server_has_no_file_to_copy(new_postgres, tmp_path):
    with History.open(new_postgres()) as history, pytest.raises(UsageError) as said:
        history.copy_to(tmp_path / "copy.sqlite")
    assert "only a history in SQLite can be copied into a file; ask its server for a dump" in str(said.value)
    assert list(tmp_path.iterdir()) == []


def test_former_names_are_those_that_are_stored(history_url):
    renamed = presenter([("old.*", "new.*"), ("split(1)", "one"), ("split(2)", "two"), ("never", "seen")], ())
    run = make_run("c1", {"old.a(1)": 1.0, "old.a(2)": 1.0, "kept": 1.0, "split(1)": 1.0, "split(2)": 1.0})
    with History.open(history_url) as history:
        history.record([run])
        assert history.former_names() == {}
    with History.open(history_url, present=renamed) as history:
        assert history.former_names() == {
            ("asv", "old.a"): (("asv", "new.a"),), ("asv", "split"): (("asv", "one"), ("asv", "two")),
        }  # fmt: skip
