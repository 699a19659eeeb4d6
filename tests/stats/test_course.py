"""The public face: what a course is, at its edges and in its properties."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.stats.levels import Course, course, courses

from .noises import KINDS, white


def noisy(seed, n=120, sigma=0.02, kind=white):
    return np.exp(kind(np.random.default_rng(seed), n, sigma))


def starts(found):
    return [level.start for level in found.levels[1:]]


seeds = st.integers(0, 2**32 - 1)


def test_a_step_is_found_where_it_is_with_its_size():
    y = noisy(1, 200)
    y[120:] *= 1.1
    found = course(y)
    (step,) = found.steps
    assert abs(step.index - 120) <= 1
    assert step.lo < 1.1 < step.hi
    assert step.hi / step.lo < 1.03
    assert step.first <= step.index <= step.last
    assert step.after / step.before == pytest.approx(1.1, rel=0.02)
    assert step.confirmed
    assert [(level.start, level.stop) for level in found.levels] == [(0, step.index), (step.index, 200)]
    assert found.sigma == pytest.approx(0.02, rel=0.3)
    assert not found.drift


@given(seeds, st.integers(12, 100), st.sampled_from([0.5, 0.8, 1.25, 2.0, 30.0]))
@settings(max_examples=60, deadline=None)
def test_a_step_far_above_the_noise_is_found_within_one(seed, place, factor):
    y = noisy(seed, 112, 0.01)
    y[place:] *= factor
    found = course(y)
    assert any(abs(c - place) <= 1 for c in starts(found))
    step = min(found.steps, key=lambda step: abs(step.index - place))
    assert step.confirmed
    assert step.lo * 0.99 <= factor <= step.hi * 1.01


@given(seeds, st.floats(-300, 300), st.integers(20, 90))
@settings(max_examples=40, deadline=None)
def test_the_unit_does_not_matter(seed, tens, place):
    y = noisy(seed, 110)
    y[place:] *= 1.2
    one, other = course(y), course(y * 10.0 ** (tens / 2))
    assert starts(one) == starts(other)
    assert [s.confirmed for s in one.steps] == [s.confirmed for s in other.steps]
    assert one.sigma == pytest.approx(other.sigma, rel=1e-6)


@given(seeds, st.integers(30, 90))
@settings(max_examples=40, deadline=None)
def test_a_clear_history_read_backwards_has_the_same_levels(seed, place):
    y = noisy(seed, 120, 0.01)
    y[place:] *= 1.5
    forth, back = starts(course(y)), starts(course(y[::-1]))
    assert any(abs(c - place) <= 1 for c in forth)
    assert any(abs(120 - c - place) <= 1 for c in back)


@given(st.floats(-1e12, 1e12), st.integers(0, 60))
def test_a_constant_has_no_step(value, n):
    found = course([value] * n)
    assert found.steps == ()
    assert len(found.levels) == (n > 0)
    if n:
        assert found.levels[0].centre == pytest.approx(value, rel=1e-12)


@given(st.lists(st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.just(0.0)), max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_floats_give_a_course_that_hangs_together(values):
    found = course(values)
    assert isinstance(found, Course)
    if not np.isfinite(values).any():
        assert found.levels == ()
        return
    assert found.levels[0].start == 0
    assert found.levels[-1].stop == len(values)
    assert all(a.stop == b.start for a, b in zip(found.levels, found.levels[1:], strict=False))
    for step in found.steps:
        assert 0 < step.index < len(values)
        assert step.first <= step.index <= step.last
        assert math.isfinite(step.score)


@pytest.mark.parametrize("n", range(6))
def test_very_short_series_have_one_level_at_most(n):
    found = course([1.0, 1.02, 0.99, 1.01, 1.0][:n])
    assert len(found.levels) == (n > 0)
    assert found.steps == ()


@given(seeds, st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_missing_points_move_no_step(seed, holes):
    y = noisy(seed, 160)
    y[80:] *= 1.3
    gone = np.random.default_rng(holes).random(160) < 0.3
    gone[80] = False
    kept = np.where(gone, np.nan, y)
    dense = course(kept[~gone])
    sparse = course(kept)
    places = np.flatnonzero(~gone)
    assert starts(sparse) == [int(places[c]) for c in starts(dense)]
    assert sparse.levels[-1].stop == 160


def test_a_batch_gives_what_each_gives_alone_bit_for_bit():
    rng = np.random.default_rng(5)
    many = []
    for i in range(90):
        n = int(rng.integers(0, 260))
        y = np.exp(KINDS[i % len(KINDS)](rng, n, 0.02))
        y[n // 2 :] *= rng.choice([1.0, 1.05, 1.3])
        y[rng.random(n) < 0.05] = np.nan
        many.append(y)
    many += [np.zeros(30), np.arange(-10.0, 10.0), np.full(50, 7.0)]
    together = courses(many)
    # repr tells NaN equal and any last bit different.
    assert [repr(found) for found in together] == [repr(course(y)) for y in many]


def test_a_step_is_suspected_at_two_points_and_confirmed_after():
    y = noisy(3, 103)
    y[98:] *= 1.15
    at = {n: [s for s in course(y[:n]).steps if s.index >= 95] for n in (98, 99, 100, 101, 102, 103)}
    assert at[98] == []
    assert [s.confirmed for s in at[100]] == [False]
    assert [s.confirmed for s in at[102]] == [True]
    assert [s.confirmed for s in at[103]] == [True]
    assert len(course(y[:100]).levels) == 1, "what is only suspected parts no levels"


def test_one_spike_is_never_confirmed():
    y = noisy(4, 100)
    for n in (40, 70, 100):
        y[n - 1] *= 3
        assert not any(s.confirmed for s in course(y[:n]).steps)
    assert starts(course(y)) == []


def test_fewer_false_alarms_ask_for_more_evidence():
    y = noisy(6, 105, 0.03)
    y[100:] *= 1.075
    confirmed = [any(s.confirmed for s in course(y, false_alarms=rate).steps) for rate in (0.01, 0.5, 1, 2, 5, 100)]
    assert confirmed == sorted(confirmed)
    assert confirmed[-1]
    assert not confirmed[0]


def test_exact_counters_step_at_once():
    found = course([1000.0] * 9 + [1001.0], exact=True)
    (step,) = found.steps
    assert (step.index, step.before, step.after, step.confirmed) == (9, 1000.0, 1001.0, True)
    assert step.lo == step.hi == pytest.approx(1.001)
    assert (step.first, step.last) == (9, 9)


def test_exact_zero_to_something_has_no_ratio():
    (step,) = course([0.0, 0.0, 0.0, 4.0], exact=True).steps
    assert step.index == 3
    assert math.isnan(step.lo)


def test_a_counter_with_jitter_is_searched_as_noise():
    rng = np.random.default_rng(8)
    y = 5000 + np.round(rng.normal(0, 2, 120))
    assert starts(course(y, exact=True)) == []
    y[60:] += 20
    assert starts(course(y, exact=True)) == [60]


def test_a_nearly_exact_series_that_moves_once_needs_no_flag():
    y = np.full(60, 123456.0)
    y[57:] += 1
    (step,) = course(y).steps
    assert (step.index, step.confirmed) == (57, True)


def test_series_with_zeros_and_negatives_are_compared_as_they_are():
    rng = np.random.default_rng(9)
    y = rng.normal(0, 1, 100)
    y[50:] += 6
    found = course(y)
    (step,) = found.steps
    assert abs(step.index - 50) <= 1
    assert math.isnan(step.lo)
    assert step.after - step.before == pytest.approx(6, abs=1)


def test_weights_make_a_point_of_many_runs_worth_more():
    rng = np.random.default_rng(10)
    runs = np.where(np.arange(80) % 2, 1.0, 16.0)
    y = np.exp(rng.normal(0, 0.04, 80) / np.sqrt(runs))
    y[40:] *= 1.04
    assert course(y, weights=runs).steps[0].score > course(y).steps[0].score + 1


def test_weights_of_another_length_are_refused():
    with pytest.raises(ValueError, match="3 values but 2 weights: give one weight a value"):
        course([1.0, 2.0, 3.0], weights=[1.0, 1.0])


def test_a_named_cut_needs_less_evidence_and_only_there():
    found = {"with": 0, "without": 0, "elsewhere": 0}
    for seed in range(40):
        y = noisy(seed, 120, 0.02)
        y[60:] *= 1.0165
        found["with"] += any(abs(c - 60) <= 1 for c in starts(course(y, cuts=[60])))
        found["without"] += any(abs(c - 60) <= 1 for c in starts(course(y)))
        found["elsewhere"] += bool(starts(course(noisy(seed, 120, 0.02), cuts=[60])))
    assert found["with"] > found["without"] + 5
    assert found["elsewhere"] <= 1


def test_a_cut_that_lies_outside_is_no_cut():
    y = noisy(11, 60)
    assert repr(course(y, cuts=[0, 60, 400])) == repr(course(y))


def test_a_drift_is_a_drift_and_no_stairs():
    y = noisy(12, 300, 0.01) * np.exp(np.linspace(0, 0.2, 300))
    found = course(y)
    assert found.drift
    assert found.steps == ()
    y[150:] *= 1.15
    found = course(y)
    assert found.drift
    assert [abs(step.index - 150) <= 1 for step in found.steps] == [True]
    assert found.steps[0].after / found.steps[0].before == pytest.approx(1.15, rel=0.02)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_of_noise_alone_brings_few_steps_and_hides_few(kind):
    """Forty histories a kind, fixed seeds: what the figures of `benchmarks/quality.py` say at large."""
    rng = np.random.default_rng(13)
    quiet = [np.exp(kind(rng, 200, 0.02)) for _ in range(40)]
    false = sum(len(starts(found)) for found in courses(quiet))
    assert false <= 3, f"{false} in 8,000 points"
    stepped = []
    for y in quiet:
        y = y.copy()
        y[100:] *= 1.12
        stepped.append(y)
    hit = sum(any(abs(c - 100) <= 3 for c in starts(found)) for found in courses(stepped))
    assert hit >= 36
