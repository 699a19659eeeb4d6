"""Scales, paths, sparklines and charts: what is drawn is what was measured."""

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.site import path
from regress.site.scale import PERCENT, bounds, nice, y_scale
from regress.site.sparkline import HEIGHT, sparkline
from regress.site.trend import MOST_POINTS, Entry, chart

from .factories import ENVIRONMENT, a_line, make_run, make_runs, steps

FIGURES = st.lists(st.floats(-1e12, 1e12).filter(lambda v: v == 0 or abs(v) > 1e-12), min_size=1, max_size=30)


def places(data: str) -> list[tuple[int, int]]:
    """The absolute points of path data as this package writes it."""
    found = []
    for part in re.findall(r"M([^M]*)", data.replace("z", "")):
        start, *rest = re.split("[lh]", part)
        at = np.array([int(number) for number in start.split()])
        found.append(tuple(at.tolist()))
        numbers = [int(number) for number in rest[0].split()] if "l" in part else []
        for step in zip(numbers[::2], numbers[1::2], strict=True):
            at = at + step
            found.append(tuple(at.tolist()))
    return found


@given(FIGURES)
def test_bounds_hold_all_values_and_are_never_empty(figures):
    values = np.array(figures)
    lo, hi = bounds(values)
    assert lo <= values.min()
    assert values.max() <= hi
    assert hi - lo > 0


@given(FIGURES, st.sampled_from(["s", "B", "1/s", "1", "widgets", PERCENT]))
def test_ticks_lie_in_the_picture_are_few_and_read_differently(figures, unit):
    scale = y_scale(np.array(figures), unit)
    assert 2 <= len(scale.ticks) <= 12
    assert all(-0.1 <= tick.at <= 100.1 for tick in scale.ticks)
    assert len({tick.label for tick in scale.ticks}) == len(scale.ticks)


def test_one_per_cent_of_noise_fills_no_chart():
    lo, hi = bounds(np.array([0.0100, 0.0101]))
    assert hi - lo > 0.0009


def test_ticks_are_in_human_units():
    assert [tick.label for tick in y_scale(np.array([0.0101, 0.0139]), "s").ticks] == [
        "10 ms",
        "11 ms",
        "12 ms",
        "13 ms",
        "14 ms",
    ]
    assert y_scale(np.array([2.0**20, 3 * 2.0**20]), "B").ticks[-1].label.endswith(" MiB")


@pytest.mark.parametrize(("step", "expected"), [(0.9, 1), (1, 1), (1.1, 2), (2.2, 2.5), (3, 5), (6, 10), (0.03, 0.05)])
def test_nice_steps(step, expected):
    assert nice(step) == pytest.approx(expected)


@given(st.lists(st.tuples(st.integers(0, 9600), st.integers(0, 3200)), min_size=1, max_size=40), st.data())
def test_a_path_goes_through_its_points_and_only_there(points, data):
    breaks = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(points) - 1, max_size=len(points) - 1)), dtype=bool
    )
    x, y = np.array(points, dtype=float).T
    drawn = path.line(x, y, breaks)
    assert places(drawn) == points
    assert drawn.count("M") == 1 + breaks.sum()


def test_nothing_drawn_of_nothing():
    none = np.array([])
    assert path.line(none, none, np.array([], dtype=bool)) == ""


@given(st.integers(2, 400), st.integers(4, 60), st.randoms(use_true_random=False))
def test_a_thinned_line_keeps_its_ends_its_extremes_and_its_wide_holes(points, most, random):
    x = np.cumsum([1.0 if random.random() < 0.97 else 500.0 for _ in range(points)])
    y = np.array([random.random() for _ in range(points)])
    breaks = np.diff(x) > 1
    thin_x, thin_y, thin_breaks = path.thinned(x, y, breaks, most)
    assert len(thin_x) <= max(most, 2)
    assert len(thin_breaks) == len(thin_x) - 1
    assert {y.min(), y.max()} <= set(thin_y.tolist())
    assert set(zip(thin_x.tolist(), thin_y.tolist(), strict=True)) <= set(zip(x.tolist(), y.tolist(), strict=True))
    if len(x) > most:
        width = (x[-1] - x[0]) / (most // 2)
        for i, broken in enumerate(thin_breaks):
            between = (x[:-1] >= thin_x[i]) & (x[:-1] < thin_x[i + 1])
            assert broken == bool((breaks & between & (np.diff(x) > width)).any())


def test_a_sparkline_shows_a_step_that_was_mended_and_marks_failures():
    line = a_line(steps(60, (1, 1.0), (40, 3.0), (50, 1.0)), gaps=())
    spark = sparkline(line)
    heights = [y for _, y in places(spark.line)]
    assert len(heights) == 50
    assert max(heights) - min(heights) > HEIGHT / 2
    assert not spark.failed
    values = np.ones(60)
    values[29] = math.nan
    failed = sparkline(a_line(values, gaps=[(30, "failed", "no room"), (5, "failed", "too old to be seen")]))
    assert failed.failed.count("M") == 1
    assert failed.line.count("M") == 2
    assert failed.text.endswith("1 failed")


def test_a_sparkline_of_a_benchmark_that_is_no_longer_measured_is_stale():
    line = a_line([1.0] * 10, runs=make_runs(100))
    spark = sparkline(line)
    assert spark.stale
    assert len(places(spark.line)) == 10


@pytest.mark.parametrize("values", [[1.0], [0.0, 0.0], [-1.0, 1.0], [1e-300, 1e300], [5.0] * 3])
def test_odd_values_are_drawn(values):
    line = a_line(values)
    drawn = chart([Entry(line, 1, "")])
    assert drawn is not None
    assert "nan" not in repr(drawn).lower()
    assert sparkline(line).dot


def test_a_chart_begins_with_the_first_value_and_ends_with_the_newest_commit():
    values = [math.nan] * 10 + [1.0] * 10
    drawn = chart([Entry(a_line(values, runs=make_runs(30)), 1, "")])
    assert drawn is not None
    assert drawn.x_ticks[0].label == "2026-01-16"
    assert drawn.x_ticks[-1].label == "2026-02-04"
    assert places(drawn.strokes[0].line)[0][0] == 0
    assert places(drawn.strokes[0].line)[-1][0] < 5000


def test_gaps_are_gaps_and_failures_are_marked_with_their_reason():
    values = np.ones(10)
    values[4] = math.nan
    drawn = chart([Entry(a_line(values, gaps=[(5, "failed", "Traceback\nMemoryError: full")]), 1, "")])
    assert drawn is not None
    assert drawn.strokes[0].line.count("M") == 2
    (mark,) = drawn.failed
    assert "MemoryError: full" in mark.title


def test_lines_far_apart_are_drawn_in_per_cent_of_their_own_median():
    lines = [a_line(np.r_[np.ones(9), 1.5] * size, variant=f"({size})") for size in (1e-6, 1.0)]
    drawn = chart([Entry(line, i, line.key.benchmark.variant) for i, line in enumerate(lines, 1)])
    assert drawn is not None
    assert drawn.strokes[0].line == drawn.strokes[1].line
    assert all(tick.label.endswith(" %") for tick in drawn.y_ticks)
    assert "median" in drawn.note
    assert abs(drawn.strokes[0].end - drawn.strokes[1].end) >= 5


def test_numbers_at_the_ends_keep_apart_and_inside():
    lines = [a_line([1.0, 1.0 + i / 1e4], variant=str(i)) for i in range(8)]
    drawn = chart([Entry(line, i, str(i)) for i, line in enumerate(lines, 1)])
    assert drawn is not None
    ends = sorted(stroke.end for stroke in drawn.strokes)
    assert all(after - before >= 5.4 for before, after in itertools.pairwise(ends))
    assert ends[0] >= 0
    assert ends[-1] <= 100


def test_a_spike_of_a_long_history_is_drawn():
    values = np.ones(3000)
    values[1234] = 9.0
    drawn = chart([Entry(a_line(values), 1, "")])
    assert drawn is not None
    heights = places(drawn.strokes[0].line)
    assert len(heights) <= MOST_POINTS
    top = min(heights, key=lambda place: place[1])
    assert top[0] == pytest.approx(1234 / 2999 * 9600, abs=1)


def test_the_band_is_the_noise_around_the_level():
    random = np.random.default_rng(1)
    line = a_line(1 + 0.01 * random.standard_normal(200))
    assert line.noise == pytest.approx(0.01, rel=0.3)
    drawn = chart([Entry(line, 1, "")])
    assert drawn is not None
    assert drawn.strokes[0].band.startswith("M0 ")
    assert "Nineteen of twenty" in drawn.note
    quiet = chart([Entry(a_line([1.0] * 50), 1, "")])
    assert quiet is not None
    assert quiet.strokes[0].band == quiet.note == ""


def test_a_changed_cpu_is_a_labelled_cut():
    runs = make_runs(10)
    newer = type(ENVIRONMENT)(ENVIRONMENT.key, (("cpu", "Newer CPU"),))
    runs |= {order: make_run(order, environment=newer) for order in (8, 9, 10)}
    drawn = chart([Entry(a_line(np.ones(10), runs=runs), 1, "")])
    assert drawn is not None
    (cut,) = drawn.cuts
    assert cut.label == "CPU Newer CPU"
    assert cut.title == "CPU: AMD EPYC 7763 → Newer CPU"
