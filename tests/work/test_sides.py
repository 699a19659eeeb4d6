"""Which runs of a commit speak for it."""

import pytest

from regress.model import BUSY, PART, Environment, Source, StoredRun
from regress.work.sides import PARTIAL, clean_of_each_suite


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


def test_runs_of_a_search_serve_only_where_there_is_nothing_else():
    assert [run.id for run in clean_of_each_suite([a_run(1, "load", PARTIAL), a_run(2, "unit")])] == [2]
    assert [run.id for run in clean_of_each_suite([a_run(1, "load", PARTIAL)])] == [1]
