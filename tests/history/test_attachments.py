"""What stands beside a test, kept with its run: through the history, through a bundle, under the present names."""

import json

import pytest

from regress.formats import Document, bundle, read
from regress.history import History
from regress.model import presenter
from tests.factories import make_key, make_run

MARK = json.dumps({"regress": {"relative": "5%", "p95": "< 150 ms"}})
PROFILE = json.dumps({"cprofile": [{"label": "regress"}]})


def marked(commit="c1", **fields):
    return make_run(
        commit, {"t.old[1]": 1.0, "t.new[2]": 2.0, "t.none": 3.0}, attachments={0: MARK, 1: PROFILE}, **fields
    )


def test_markers_are_found_without_the_runs(history):
    first, second = history.record([marked(), marked("c2", minutes=1)])
    found = history.attachments([first.run_id, second.run_id], '"regress":')
    assert [(run_id, key.benchmark.full, text) for run_id, key, text in found] == sorted([
        (first.run_id, "t.old[1]", MARK), (second.run_id, "t.old[1]", MARK),
    ])  # fmt: skip
    assert history.attachments([], '"regress":') == []
    assert history.attachments([first.run_id], "100%_") == []


def test_the_digest_does_not_know_of_them(history):
    plain = make_run("c1", {"t.old[1]": 1.0, "t.new[2]": 2.0, "t.none": 3.0})
    assert marked().digest() == plain.digest()
    (stored,) = history.record([marked()])
    (loaded,) = history.load([stored.run_id], samples=True)
    assert loaded.digest() == stored.digest
    assert sorted(loaded.attachments.values()) == sorted([MARK, PROFILE])


def test_a_bundle_carries_them(tmp_path):
    path = tmp_path / "run.json"
    path.write_text(bundle.dump(marked()), encoding="utf-8")
    (again,) = read(Document.of(path))
    assert (again.attachments, again.digest()) == ({0: MARK, 1: PROFILE}, marked().digest())


def test_they_are_found_under_the_present_name(history_url):
    with History.open(history_url) as history:
        (stored,) = history.record([marked()])
    with History.open(history_url, present=presenter([("t.old", "t.fresh")], [])) as history:
        ((_, key, _),) = history.attachments([stored.run_id], '"regress":')
        assert key.benchmark.full == "t.fresh[1]"


def test_the_names_of_all_series(history):
    history.record([marked()])
    names = history.series_names()
    assert [key for key, _ in names] == [make_key("t.new[2]"), make_key("t.none"), make_key("t.old[1]")]
    assert {place.label for _, place in names} == {"box · CPython 3.11 · Linux x86_64"}


@pytest.mark.parametrize("count", [1, 1500])
def test_many_runs_are_asked_for_in_parts(history, count):
    (stored,) = history.record([marked()])
    assert len(history.attachments([stored.run_id, *range(10_000, 10_000 + count)], '"regress":')) == 1
