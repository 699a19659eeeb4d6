"""From history to history, on both engines."""

import pytest

from regress.errors import RegressError
from regress.history import History
from regress.sync import copy_runs
from tests.factories import make_commits, make_run
from tests.sync.conftest import some_runs, text_of


@pytest.fixture
def source(tmp_path):
    with History.open(str(tmp_path / "source.db")) as opened:
        yield opened


def test_the_other_one_gets_what_it_lacks(source, history):
    source.add_commits(make_commits("c0", "c1", "c2"))
    one, *_ = (recorded.digest for recorded in source.record(some_runs(3)))
    source.set_baseline("rel", [one], commit="c0", reason="why", author="Ada")
    history.record(some_runs(1))
    digests = [run.digest for run in source.runs()]
    done = copy_runs(source, history, digests)
    assert (done.runs, done.known, done.baselines, done.bad) == (2, 1, 1, [])
    assert text_of(history) == text_of(source)
    assert history.baselines() == source.baselines()
    assert history.graph().parents == source.graph().parents
    again = copy_runs(source, history, digests)
    assert (again.runs, again.known, again.baselines) == (0, 3, 0)


def test_removed_runs_leave_nothing(history):
    keep, *gone = (one.digest for one in history.record([*some_runs(3), make_run("cx", gaps={"b": "failed"})]))
    assert history.remove_runs([*gone, "ab" * 32]) == 3
    assert [run.digest for run in history.runs()] == [keep]
    assert history.stats()["points"] == 2
    assert sum(len(series) for series in history.series()) == 2
    assert history.commit(make_run("cx").commit) is None
    assert history.remove_runs(gone) == 0
    assert history.remove_runs([]) == 0
    assert [one.known for one in history.record(some_runs(2))] == [True, False]


def test_an_id_that_is_used_again_is_not_taken_for_the_run_that_had_it(history):
    from regress.history import Found

    ids = tuple(one.run_id for one in history.record(some_runs(3)))
    assert history.save_analysis(Found(history.last_look().number, "1", ids))
    history.remove_runs([history.runs()[-1].digest])
    history.record(some_runs(1, start=9))
    assert history.last_look().runs == ()
    assert history.analyses() == {}


def test_baselines_of_elsewhere_take_their_place_by_their_time(history, tmp_path):
    one, two = (recorded.digest for recorded in history.record(some_runs(2)))
    with History.open(str(tmp_path / "elsewhere.db")) as elsewhere:
        early = elsewhere.set_baseline("rel", [one], commit="c0", reason="early", author="Ada")
    history.set_baseline("rel", [two], commit="c1", reason="late", author="Bob")
    assert history.add_baselines([early, early]) == 1
    assert history.add_baselines([early]) == 0
    assert [(b.version, b.reason) for b in history.baselines("rel")] == [(2, "late"), (1, "early")]
    assert history.set_baseline("rel", [one], commit="c0", reason="later", author="Ada").version == 3


def test_a_url_that_leads_nowhere_says_nothing_of_its_password():
    with pytest.raises(RegressError) as caught:
        History.open("postgresql://ada:s3cret@127.0.0.1:9/none")
    assert "s3cret" not in str(caught.value)
