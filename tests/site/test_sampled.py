"""Pictures of what was sampled: all of a course is drawn, its limits stand where they are, and words say the same."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.model import Benchmark, Budget, BudgetResult, BudgetState, Course, Key, Metric
from regress.model.written import limit
from regress.site.sampled import HEIGHT, WIDTH, sampled
from tests.factories import ENVIRONMENT

from .test_pictures import places


def course(values, name="rss", unit="B", of="load", seconds=None, share=False):
    known = [value for value in values if not math.isnan(value)]
    return Course(
        of, name, unit, seconds or [0.5 * i for i in range(len(values))], values, min(known), float(np.mean(known)),
        max(known), len(known), share,
    )  # fmt: skip


def target(text, state=BudgetState.MET, value=math.nan, of="load", failing=False):
    rule = limit(text)
    key = Key(Benchmark("load", of), Metric(rule.left, rule.unit or "1"))
    return BudgetResult(Budget(), rule, key, ENVIRONMENT, "value", state, value, failing=failing)


def picture(*args, targets=(), **fields):
    ((group,),) = (sampled([course(*args, **fields)], targets),)
    return group.pictures[0]


def test_nothing_sampled_is_no_picture_and_one_sample_is_none_either():
    assert sampled([], []) == ()
    assert sampled([course([5.0])], []) == ()


def test_a_suite_and_its_server_stand_apart_on_one_axis_of_time():
    own = course([1.0, 2.0, 3.0], seconds=[4.0, 6.0, 8.0])
    server = course([5.0, 5.0], of="load.server", seconds=[0.0, 10.0])
    first, second = sampled([own, server], [])
    assert [first.name, second.name] == ["load", "load.server"]
    assert [x for x, _ in places(first.pictures[0].line)] == [WIDTH * 4 // 10, WIDTH * 6 // 10, WIDTH * 8 // 10]
    assert {first.pictures[0].end, second.pictures[0].end} == {"10 s"}


def test_the_words_say_what_is_drawn():
    drawn = picture([0.25, 0.5, 0.75], name="cpu", unit="1", share=True, targets=[target("cpu < 80 %", value=0.5)])
    assert (drawn.title, drawn.words) == ("CPU share", "25% to 75%, mean 50%")
    assert drawn.text == "CPU share of load over 1 s: 25% to 75%, mean 50%; limit of cpu < 80 %: met at 50%"
    assert drawn.labels[-1].label == "0 %" or drawn.labels[0].label == "0 %", "a share is seen from zero"
    memory = picture([2.0**20, 2.0**21])
    assert (memory.title, memory.words) == ("Memory (RSS)", "1 MiB to 2 MiB, mean 1.50 MiB")


def test_where_nothing_could_be_read_the_line_is_broken():
    drawn = picture([1.0, 2.0, math.nan, 2.0, 1.0])
    assert drawn.line.count("M") == 2
    assert len(places(drawn.line)) == 4


@pytest.mark.parametrize(
    ("text", "state", "failing", "tone", "said"),
    [
        ("rss_peak < 2 kB", BudgetState.MET, False, "quiet", "limit of rss peak < 2 kB: met at 1.95 KiB"),
        ("rss_peak < 1 kB", BudgetState.BREACHED, True, "bad", "limit of rss peak < 1 kB: breached at 1.95 KiB"),
        ("rss_mean < 1 kB", BudgetState.BREACHED, False, "warn", "rss mean < 1 kB: breached, a warning at 1.95 KiB"),
        ("rss_max < 2 kB", BudgetState.WARNED, False, "warn", "met, but close to it at 1.95 KiB"),
    ],
)
def test_a_limit_is_a_line_at_its_height_and_says_what_became_of_it(text, state, failing, tone, said):
    drawn = picture([0.0, 1000.0, 2000.0], targets=[target(text, state, 2000.0, failing=failing)])
    (line,) = drawn.limits
    assert line.tone == tone
    assert said in line.text
    assert line.text in drawn.text
    ((left, y), (right, same)) = places(line.line)
    assert (left, right, y) == (0, WIDTH, same)
    top = min(height for _, height in places(drawn.line))
    assert (y == top) == ("2 kB" in text), "2 kB is the highest of the values"


def test_a_limit_far_above_is_told_but_does_not_press_the_course_flat():
    drawn = picture([1e6, 2e6], targets=[target("rss_peak < 1 GB")])
    assert [(line.line, line.text) for line in drawn.limits] == [("", "limit of rss peak < 1 GB: met")]
    heights = [y for _, y in places(drawn.line)]
    assert max(heights) - min(heights) > HEIGHT / 4
    assert picture([1e8, 3e8], targets=[target("rss_peak < 1 GB")]).limits[0].line


def test_limits_of_other_figures_and_of_the_server_are_not_drawn():
    others = [target("rss_slope < 1"), target("cpu < 1"), target("rss_peak < 1 GB", of="load.server")]
    nothing = BudgetResult(Budget(), limit("rss_peak < 1 GB"), None, None, "", BudgetState.UNJUDGED)
    assert picture([1.0, 2.0], targets=[*others, nothing]).limits == ()


FIGURES = st.lists(st.one_of(st.just(math.nan), st.floats(-1e9, 1e9)), min_size=2, max_size=60)


@settings(deadline=None)
@given(FIGURES, st.floats(0, 1e9))
def test_whatever_was_sampled_lies_in_the_picture(values, bound):
    if sum(not math.isnan(value) for value in values) < 2:
        return
    drawn = picture(values, targets=[target(f"rss_peak < {bound:f} B")])
    found = places(drawn.line)
    assert len(found) == sum(not math.isnan(value) for value in values)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in found)
    assert 1 <= len(drawn.labels) <= 2
