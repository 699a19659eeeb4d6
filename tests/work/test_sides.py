"""Which runs of a commit speak for it."""

from dataclasses import replace

import pytest

from regress.errors import UncomparedError
from regress.model import BUSY, PART, BaselineSpec, Environment, SideInfo, Source, StoredRun
from regress.work.basis import find
from regress.work.context import Workspace
from regress.work.sides import PARTIAL, Chosen, clean_of_each_suite
from tests.factories import make_run


def a_run(number, suite, *tags, dirty=False):
    where = Environment.of({"system": "x"})
    return StoredRun(
        number, str(number), "c", "", "main", where, Source("f", "x"), None, 1, 1, 0, 0, (suite,), dirty, tags=tags
    )


@pytest.mark.parametrize("tag", [BUSY, PART])
def test_a_suite_with_no_other_run_is_not_left_out_for_the_run_of_another_suite(tag):
    runs = [a_run(1, "load", tag), a_run(2, "unit"), a_run(3, "unit", tag)]
    assert [run.id for run in clean_of_each_suite(runs)] == [1, 2]


def test_clean_trees_go_first_within_each_suite():
    runs = [a_run(1, "load", dirty=True), a_run(2, "load"), a_run(3, "unit", dirty=True)]
    assert [run.id for run in clean_of_each_suite(runs)] == [2, 3]


@pytest.mark.parametrize(("tags", "again"), [((BUSY,), False), ((PART,), False), ((), True)])
def test_a_commit_is_no_baseline_of_itself_for_a_busy_run_more(tmp_path, monkeypatch, tags, again):
    """The status of a check must not hang on how busy the machine was."""
    monkeypatch.chdir(tmp_path)
    with Workspace.open(tmp_path) as workspace:
        (first,) = workspace.history.record([make_run("c1", {"a": 1.0})])
        workspace.history.set_baseline("base", [first.digest], commit="c1", reason="", author="")
        workspace.history.record([replace(make_run("c1", {"a": 1.1}, minutes=9), tags=tags)])
        runs = workspace.history.runs()
        candidate = Chosen(SideInfo("c1", "c1"), (), runs)
        if again:
            assert find(workspace, BaselineSpec("named", "base"), candidate).side is not None
            return
        with pytest.raises(UncomparedError, match="the candidate itself"):
            find(workspace, BaselineSpec("named", "base"), candidate)


def test_runs_of_a_search_serve_only_where_there_is_nothing_else():
    assert [run.id for run in clean_of_each_suite([a_run(1, "load", PARTIAL), a_run(2, "unit")])] == [2]
    assert [run.id for run in clean_of_each_suite([a_run(1, "load", PARTIAL)])] == [1]
