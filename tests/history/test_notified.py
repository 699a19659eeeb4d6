"""Who was told of what: entries are added, of two that tell at once one does, and two histories can be joined."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import inspect

from regress.history import History
from regress.history.tables import NOTIFIED
from regress.model import UNSAID

V1 = Path(__file__).parent.parent / "testdata" / "history" / "v1.db"


def test_the_newest_entry_of_each_thing_holds(history: History) -> None:
    assert history.notified("slack") == {}
    assert history.tell("slack", "cause:1", "open")
    assert not history.tell("slack", "cause:1", "open"), "it is what it was told last"
    assert history.tell("slack", "cause:1", "fixed")
    assert history.tell("slack", "cause:1", "open")
    assert history.tell("issues", "cause:1", "open", "17")
    assert history.tell("issues", "cause:1", "open", "18"), "another place is news"
    assert history.tell("slack", "cause:2", UNSAID)
    newest = history.notified("slack")
    assert {what: (one.number, one.state) for what, one in newest.items()} == {
        "cause:1": (3, "open"),
        "cause:2": (1, UNSAID),
    }
    assert history.notified("issues")["cause:1"].place == "18"
    assert newest["cause:1"].told_at.tzinfo is not None


def test_of_many_at_once_one_tells(history: History) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda _: history.tell("slack", "cause:1", "open"), range(16)))
    assert won.count(True) == 1


def test_two_histories_become_the_same(history: History, tmp_path: Path) -> None:
    history.tell("slack", "cause:1", "open")
    with History.open(str(tmp_path / "other.db")) as other:
        other.tell("slack", "cause:2", "open")
        assert other.add_told(history.told()) == 1
        assert other.add_told(history.told()) == 0
        assert history.add_told(other.told()) == 1
        assert history.told() == other.told()
        assert not other.tell("slack", "cause:1", "open")


def test_an_older_history_gets_the_table(tmp_path: Path) -> None:
    path = tmp_path / "v1.db"
    shutil.copy(V1, path)
    with History.open(str(path)) as old, History.open(str(tmp_path / "new.db")) as new:
        assert old.tell("slack", "cause:1", "open")
        assert [one.what for one in old.told()] == ["cause:1"]
        columns = [
            {column["name"]: (str(column["type"]), column["nullable"]) for column in found}
            for found in (inspect(each._database._engine).get_columns(NOTIFIED.name) for each in (old, new))
        ]
        assert columns[0] == columns[1]
        assert inspect(old._database._engine).get_unique_constraints(NOTIFIED.name)
