"""Bundles: read back to the very same run, or refused with a reason."""

import json
import lzma

import numpy as np
import pytest
from hypothesis import given, settings

from regress.formats import Document, dump, dump_all, read
from tests.factories import make_run

from .samples import TESTDATA, document, fault, only, read_all
from .strategies import runs, spoiled

RUN = make_run(
    "c1",
    {"bench.sort(1)": {"median": 0.1, "lo": 0.09, "hi": 0.3}, "bench.read": {"median": 1 / 3}},
    gaps={"bench.write": "failed"},
    samples={0: np.array([0.1, 0.2])},
    quantiles={1: ((0.95, 0.25),)},
    attachments={1: '{"cprofile": []}'},
    level=0.99,
    head="a" * 40,
    ref="main",
    tags=("nightly",),
)


def same(one, other):
    """Everything a bundle carries, compared field by field, beyond what the digest covers."""
    assert other.digest() == one.digest()
    times = ("started_at", "ended_at", "committed_at")
    for name in ("commit", "head", "ref", "dirty", "level", "tags", "environment", "warnings", *times):
        assert getattr(other, name) == getattr(one, name), name
    assert other.environment.facts == one.environment.facts
    assert other.environment.host == one.environment.host
    assert other.columns.keys == tuple(one.columns.keys)
    for mine, theirs in zip(one.columns.keys, other.columns.keys, strict=True):
        assert (mine.benchmark.params, mine.benchmark.group) == (theirs.benchmark.params, theirs.benchmark.group)
        for field in ("name", "unit", "direction", "kind"):
            assert getattr(mine.metric, field) == getattr(theirs.metric, field)
    for name, column in one.columns.stats.items():
        np.testing.assert_array_equal(other.columns.stats[name], column)
    assert [(g.key, g.status, g.reason) for g in other.gaps] == [(g.key, g.status, g.reason) for g in one.gaps]
    assert {k: v.tolist() for k, v in other.samples.items()} == {k: v.tolist() for k, v in one.samples.items()}
    assert dict(other.quantiles) == dict(one.quantiles)
    assert dict(other.attachments) == dict(one.attachments)


@given(runs())
@settings(max_examples=150, deadline=None)
def test_any_run_comes_back_as_it_was(run):
    text = dump(run)
    assert text.count("\n") == 1
    assert text.endswith("\n")
    (back,) = read(document(text.encode()))
    same(run, back)


@pytest.mark.parametrize("path", sorted(p for p in TESTDATA.glob("pytest-benchmark/*/*.json*")), ids=str)
def test_real_runs_come_back_as_they_were(path):
    run = only(Document.of(path))
    same(run, only(dump(run).encode()))


def test_a_run_of_asv_comes_back_without_the_promise_to_grow():
    run = only(Document.of(next(TESTDATA.glob("asv/0.6.6/results/fixture/8*.json"))))
    back = only(dump(run).encode())
    same(run, back)
    assert run.growing
    assert not back.growing
    assert back.source.tool == "asv"
    assert back.source.format == "bundle"


def test_several_runs_are_lines_of_one_file_and_files_can_be_joined():
    other = make_run("c2", {"bench.sort": 2.0})
    found, faults = read_all(dump_all([RUN, other]).encode())
    assert not faults
    assert [run.digest() for run in found] == [RUN.digest(), other.digest()]
    assert dump_all([RUN, other]) == dump(RUN) + dump(other)


def test_a_damaged_line_costs_its_own_run_alone():
    text = dump(RUN) + dump(RUN)[:-30] + "\n" + dump(make_run("c2"))
    found, (bad,) = read_all(text.encode())
    assert len(found) == 2
    assert bad.where.endswith(":2")


def test_a_bundle_may_be_laid_out_for_people_and_compressed():
    text = json.dumps(json.loads(dump(RUN)), indent=2).encode()
    same(RUN, only(text))
    same(RUN, only(lzma.compress(text)))


def test_a_newer_version_is_refused_with_what_to_do():
    content = json.loads(dump(RUN)) | {"version": 2}
    bad = fault(content)
    assert "version 2" in bad.what
    assert "update regress" in bad.hint


def damaged(path, value):
    content = json.loads(dump(RUN))
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return content


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), None),
        (("run",), None),
        (("run", "commit"), 3),
        (("run", "dirty"), "no"),
        (("run", "started_at"), "yesterday"),
        (("run", "level"), float("inf")),
        (("rows", "benchmark"), [0, 0]),
        (("rows", "benchmark"), [0]),
        (("rows", "metric"), [0, 9]),
        (("rows", "metric"), [0, -1]),
        (("rows", "benchmark"), [False, 1]),
        (("stats", "median"), [1.0]),
        (("stats", "median"), [float("inf"), 1.0]),
        (("stats", "median"), [10**400, 1.0]),
        (("stats", "median"), ["1", 1.0]),
        (("stats", "p95"), [1.0, 1.0]),
        (("stats", "median"), [None, None]),
        (("metrics", 0, "direction"), "sideways"),
        (("benchmarks", 0, "params"), [["a"]]),
        (("samples",), {"7": [1.0]}),
        (("samples",), {"x": [1.0]}),
        (("quantiles",), {"0": [[0.5]]}),
        (("quantiles",), {"0": [[0.5, float("nan")]]}),
        (("attachments",), {"0": {}}),
        (("environment", "key"), {"a": "b"}),
        (("gaps", "status"), []),
    ],
    ids=str,
)
def test_damage_is_one_line_and_no_run(path, value):
    assert fault(damaged(path, value)).what


@given(spoiled(json.loads(dump(RUN))))
@settings(max_examples=200, deadline=None)
def test_no_damage_raises(content):
    read_all(content, format="bundle")


def test_a_missing_part_is_named():
    content = json.loads(dump(RUN))
    del content["rows"]
    assert "'rows' is missing" in fault(content).what


def test_what_no_run_may_hold_is_not_written():
    with pytest.raises(ValueError):
        dump(make_run("c1", {"bench.sort": float("inf")}))


def test_the_order_of_rows_is_no_part_of_a_run():
    rows = {"bench.a": 1.0, "bench.b": 2.0, "bench.c": {"median": 3.0}}
    turned = make_run("c1", dict(reversed(rows.items())))
    assert turned.digest() == make_run("c1", rows).digest()
    assert turned.digest() != make_run("c1", rows | {"bench.a": 2.0, "bench.b": 1.0}).digest()
