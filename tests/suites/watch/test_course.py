"""Courses: samples over time, thinned so that no spike is lost, and honest where nothing could be read."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regress.suites.watch import MOST, Gauge, Sample, courses

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def samples(values, every=0.1):
    """A sample for each figure, which is both the memory and a gauge."""
    return [Sample(NOW, i * every, rss=value, gauges=(Gauge("queue", value),)) for i, value in enumerate(values)]


def of(found, name):
    return next(course for course in found if course.name == name)


def test_no_sample_has_no_course():
    assert courses([], "load") == []
    assert courses(samples([None, None]), "load") == []


def test_share_memory_and_gauges_have_a_course_and_the_rest_has_none():
    seen = [
        Sample(NOW, i, cpu=None if i == 0 else 0.5, cpu_time=i * 0.5, rss=1e6, load=1.0, gauges=(Gauge("queue", 7.0),))
        for i in range(4)
    ]
    found = courses(seen, "load.server", since=2.0)
    assert [(course.of, course.name, course.unit, course.share) for course in found] == [
        ("load.server", "cpu", "1", True), ("load.server", "rss", "B", False), ("load.server", "queue", "1", False),
    ]  # fmt: skip
    assert of(found, "cpu").seconds == (3.0, 4.0, 5.0), "a rate needs two samples"
    assert of(found, "rss").seconds == (2.0, 3.0, 4.0, 5.0), "counted from when the first process was started"
    assert of(found, "queue").values == (7.0,) * 4
    assert (of(found, "rss").low, of(found, "rss").mean, of(found, "rss").high, of(found, "rss").n) == (1e6,) * 3 + (4,)
    assert (of(found, "cpu").told(0.5), of(found, "rss").told(2.0**20)) == ("50%", "1 MiB")


def test_a_few_samples_stay_as_they_are_with_their_holes():
    (rss, _) = courses(samples([None, 1.0, None, None, 3.0, None]), "load")
    assert rss.seconds == (0.1, 0.2, 0.3, 0.4)
    assert [None if math.isnan(value) else value for value in rss.values] == [1.0, None, None, 3.0]
    assert rss.n == 2


FIGURES = st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=1, max_size=60)


@settings(deadline=None, max_examples=60)
@given(FIGURES, st.integers(1, 60), st.integers(1, 40))
@example([1.0, None], 1, 1000)
@example([1.0] + [None] * 7, 40, 40)
def test_a_course_is_bounded_rises_and_keeps_its_spikes(pattern, stretch, times):
    figures = [value for value in pattern for _ in range(stretch)] * times
    figures = figures[:5_000]
    found = courses(samples(figures), "load")
    known = [value for value in figures if value is not None]
    if not known:
        assert found == []
        return
    course = found[0]
    assert len(course.seconds) == len(course.values) <= MOST
    assert list(course.seconds) == sorted(course.seconds)
    drawn = [value for value in course.values if not math.isnan(value)]
    assert max(drawn) == pytest.approx(max(known), rel=1e-5)
    assert min(drawn) == pytest.approx(min(known), rel=1e-5)
    assert (course.low, course.high, course.n) == (min(known), max(known), len(known))
    places = [i for i, value in enumerate(figures) if value is not None]
    assert course.seconds[0] == pytest.approx(places[0] * 0.1, abs=1e-3)
    assert course.seconds[-1] == pytest.approx(places[-1] * 0.1, abs=1e-3)


def test_one_spike_in_a_long_run_stays_where_it_was():
    figures = [100.0] * 50_000
    figures[31_415] = 9_000.0
    (rss, _) = courses(samples(figures), "load")
    assert len(rss.values) <= MOST
    assert rss.seconds[rss.values.index(9_000.0)] == pytest.approx(3141.5)


def test_a_wide_hole_in_a_long_run_is_seen_and_a_narrow_one_is_closed():
    figures = [float(i % 7) for i in range(6000)]
    figures[100] = None
    figures[3000:3200] = [None] * 200
    (rss, _) = courses(samples(figures), "load")
    (hole,) = [second for second, value in zip(rss.seconds, rss.values, strict=True) if math.isnan(value)]
    assert hole == pytest.approx(300.0)
    assert not [second for second in rss.seconds if 300.0 < second < 319.9]
