"""Levels as a comparison reads them, and the file that holds those of all series."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.model import ChangeStatus, Direction, Environment, Kind, Metric
from regress.site.axis import Axes
from regress.site.compare import Comparable, group_of
from regress.site.levels import CONFIRMED, OWN, SUSPECTED, Level, Machines, Strand, strands_of
from regress.site.lines import line_of
from regress.site.links import Links
from regress.site.steps import Steps

from .causes import make_cause, make_change
from .factories import ENVIRONMENT, make_key, make_run, make_runs, make_series
from .wire_reader import signed

ENTRIES = Metric("entries", "1", Direction.HIGHER, Kind.EXACT)
SLOW = Environment.of(dict(ENVIRONMENT.key), {"cpu": "Xeon", "cores": "2"})
NAN = float("nan")


def lines(runs, *versions):
    axes = Axes(runs, Links())
    axis = axes.of(versions[0].environment, versions[0].key.benchmark.suite)
    return line_of(list(versions), axis)


def levels(runs, series, causes=()):
    """(first, last, centre, begins) of each level of a line on one machine."""
    line = lines(runs, *series)
    (strand,) = strands_of(line, Steps(causes).of(line), Machines(runs))
    return [(each.first, each.last, each.centre, each.begins) for each in strand.levels]


def test_a_level_is_the_median_between_two_change_points_and_reaches_from_its_first_point_to_its_last():
    values = [1.0, 1.0, 9.0, 1.1, 2.0, 2.2, 2.0, 2.4]
    cause = make_cause("aaaa0001", make_change(at=5), at=5)
    found = levels(make_runs(8), [make_series(make_key(), values)], [cause])
    assert found == [(0, 3, 1.05, 0), (4, 7, 2.1, CONFIRMED)]


def test_a_level_reaches_over_holes_but_between_two_levels_there_is_none():
    values = [1.0, NAN, NAN, 1.0, NAN, 2.0, NAN, 2.0]
    cause = make_cause("aaaa0001", make_change(at=6), at=6)
    found = levels(make_runs(8), [make_series(make_key(), values)], [cause])
    assert found == [(0, 3, 1.0, 0), (5, 7, 2.0, CONFIRMED)], "the fifth commit is in neither"


def test_what_a_level_begins_with_tells_a_suspected_change_and_an_edited_benchmark_apart():
    causes = [make_cause("", make_change(at=4, status=ChangeStatus.SUSPECTED), at=4)]
    series = [
        make_series(make_key(), [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]),
        make_series(make_key(version="2"), [3.0, 3.0], first=7),
    ]
    assert levels(make_runs(8), series, causes) == [(0, 2, 1.0, 0), (3, 5, 2.0, SUSPECTED), (6, 7, 3.0, OWN)]


def test_a_series_without_a_change_has_one_level_and_one_without_values_none():
    assert levels(make_runs(5), [make_series(make_key(), [2.0, 1.0, 3.0], first=2)]) == [(1, 3, 2.0, 0)]
    runs = make_runs(3)
    line = lines(runs, make_series(make_key(), [NAN] * 3, gaps=[(2, "failed", "boom")]))
    assert strands_of(line, (), Machines(runs)) == []


def on_two_machines(exact=False, slow=3):
    """Eight commits, of which the odd ones were measured on another processor, three times as slow."""
    runs = make_runs(8)
    for order in range(1, 2 * slow, 2):
        runs[order] = replace(runs[order], environment=SLOW)
    key = make_key(metric=ENTRIES) if exact else make_key()
    values = [3.0 if order in range(1, 2 * slow, 2) else 1.0 for order in range(1, 9)]
    series = make_series(key, values)
    assert SLOW.digest == ENVIRONMENT.digest, "facts are not part of the key"
    return runs, series


def test_noisy_levels_are_kept_apart_by_processor_and_exact_ones_are_not():
    runs, series = on_two_machines()
    line = lines(runs, series)
    slow, fast = strands_of(line, (), Machines(runs))
    assert slow == Strand("Xeon, 2 cores", (Level(0, 4, 3.0, 0),))
    assert fast == Strand("AMD EPYC 7763, 4 cores", (Level(1, 7, 1.0, 0),)), "the last measured one stands last"
    runs, series = on_two_machines(exact=True)
    (one,) = strands_of(lines(runs, series), (), Machines(runs))
    assert one.machine == ""


def test_a_processor_of_two_points_has_no_level():
    runs, series = on_two_machines(slow=2)
    (fast,) = strands_of(lines(runs, series), (), Machines(runs))
    assert fast.machine.startswith("AMD")


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=12), st.sets(st.integers(2, 12), max_size=4))
def test_levels_part_the_points_whatever_the_steps(values, places):
    runs = make_runs(12)
    causes = [make_cause(f"aaaa{at:04}", make_change(at=at), at=at) for at in sorted(places)]
    found = levels(runs, [make_series(make_key(), values)], causes)
    starts = [0, *sorted(at - 1 for at in places if at <= len(values))]
    assert [first for first, *_ in found] == starts
    for (first, last, centre, _), stop in zip(found, [*starts[1:], len(values)], strict=True):
        assert last == stop - 1
        assert centre == pytest.approx(float(np.median(values[first:stop])))


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("bench_io.Load.time_load", "bench_io"), ("tests/test_a.b.py::Test::test_x", "tests/test_a.b.py"),
        ("plain", "plain"), ("", ""),
    ],
)  # fmt: skip
def test_a_group_is_the_first_part_of_a_name(name, group):
    assert group_of(name) == group


def collected(runs, *groups, causes=()):
    """The files that a comparison of these benchmarks writes, and what its page says."""
    comparable, steps, axes = Comparable(runs), Steps(causes), Axes(runs, Links())
    hrefs, files = {}, {}
    for group in groups:
        made = [line_of([each], axes.of(each.environment, each.key.benchmark.suite)) for each in group]
        comparable.add(made, steps)
        b = group[0].key.benchmark
        hrefs[b.suite, b.name] = f"b/{b.name}-x.html"
    names = {}
    page = comparable.page(hrefs, lambda axis: names.setdefault(axis, f"d/axis-{len(names)}.js"), files.__setitem__)
    return page, files


def content(files):
    ((name, text),) = files.items()
    assert name.startswith("d/steps-")
    assert text.startswith("regress.steps({")
    return json.loads(text.removeprefix("regress.steps(").removesuffix(");\n"))


def test_the_file_holds_every_series_once_and_is_the_same_each_time():
    runs = make_runs(6)
    first = [make_series(make_key("a.x", "(1)"), [1.0] * 6), make_series(make_key("a.x", "(2)"), [1.0] * 3 + [2.0] * 3)]
    second = [make_series(make_key("b", metric=ENTRIES), [7.0] * 6)]
    causes = [make_cause("aaaa0001", make_change(make_key("a.x", "(2)"), at=4), at=4)]
    page, files = collected(runs, first, second, causes=causes)
    found = content(files)
    assert (page.series, page.commits, page.scripts) == (3, 6, (*files, "d/axis-0.js"))
    assert (page.oldest, page.newest, page.environments) == ("2026-01-06", "2026-01-11", ())
    assert found["benchmarks"] == [["a.x", 0, "a.x-x"], ["b", 1, "b-x"]]
    assert found["groups"] == ["a", "b"]
    assert found["variants"] == ["(1)", "(2)", ""]
    assert [metric[:4] for metric in found["metrics"]] == [["time", "s", "noisy", 1], ["entries", "1", "exact", -1]]
    assert [metric[4:] for metric in found["metrics"]] == [["slower", "faster"], ["better", "worse"]]
    assert (found["strands"], found["levels"], signed(found["count"])) == (3, 4, [1, 2, 1])
    assert np.cumsum(signed(found["b"])).tolist() == [0, 0, 1]
    assert signed(found["gap"]) == [0, 0, 1, 0]
    assert signed(found["length"]) == [5, 2, 2, 5]
    assert signed(found["begins"]) == [0, 0, CONFIRMED, 0]
    assert np.cumsum(signed(found["level"])).tolist() == [0, 0, 693, 7], "in steps of 0.1 %, and as they are"
    assert found["scales"] == [0, 1]
    assert collected(runs, first, second, causes=causes)[1] == files


def test_failures_inside_of_a_series_are_told_and_those_outside_are_not():
    series = make_series(make_key(), [NAN, 1.0, NAN, 1.0, NAN], gaps=[(n, "failed", "boom") for n in (1, 3, 5)])
    found = content(collected(make_runs(5), [series])[1])
    ((strand, text),) = found["failed"]
    assert (strand, np.cumsum(signed(text)).tolist()) == (0, [2])


def test_the_commits_of_all_environments_are_numbered_in_one_order():
    other = Environment.of({"system": "macOS"}, {})
    runs = {n: make_run(n) for n in (1, 2, 4)} | {10 + n: make_run(n, id_=10 + n, environment=other) for n in (2, 3)}
    here = replace(make_series(make_key(), [1.0, 1.0, 1.0]), run_ids=np.array([1, 2, 4]))
    there = replace(make_series(make_key(), [1.0, 1.0], environment=other), run_ids=np.array([12, 13]))
    page, files = collected(runs, [here, there])
    found = content(files)
    assert found["commits"] == page.commits == 4
    assert [np.cumsum(signed(order)).tolist() for *_, order in found["axes"]] == [[0, 1, 3], [1, 2]]
    assert [words for _, words in page.environments] == [ENVIRONMENT.label, other.label]


def test_noise_is_told_in_parts_of_a_hundredth_of_a_per_cent_and_never_as_none_where_there_is_some():
    rng = np.random.default_rng(3)
    loud = make_series(make_key("loud"), rng.normal(1, 0.02, 40))
    still = make_series(make_key("still"), rng.normal(1, 1e-6, 40))
    short = make_series(make_key("short"), [1.0, 1.1])
    found = signed(content(collected(make_runs(40), [loud], [short], [still])[1])["noise"])
    assert 150 < found[0] < 270
    assert found[1:] == [0, 1]


def test_a_history_without_values_has_a_page_that_says_so():
    page, files = collected({})
    assert (page.series, page.commits, content(files)["b"]) == (0, 0, "")
