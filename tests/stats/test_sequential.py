"""The looks: limits that are fixed beforehand, errors that hold, pairs that a neighbour spoilt."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks import confirm_design
from regress.stats.sequential import Call, centre_of, design, look, student_point, trimmed

TOLERANCE = math.log1p(0.05)


@pytest.mark.parametrize("degrees", [4, 7, 10, 14])
@pytest.mark.parametrize("p", [0.05, 0.01, 1e-4, 1e-6])
def test_the_points_of_student_are_those_of_scipy(p, degrees):
    assert stats.t.sf(student_point(p, degrees), degrees) == pytest.approx(p, rel=0.02)


@given(alpha=st.floats(1e-7, 0.2), most=st.integers(1, 60))
def test_no_design_spends_more_than_it_has(alpha, most):
    looks = design(alpha, most)
    assert looks.pairs[-1] == most
    assert list(looks.pairs) == sorted(set(looks.pairs))
    assert sum(looks.red) == pytest.approx(alpha)
    assert sum(looks.green) == pytest.approx(0.05)
    assert looks.red[-1] > 0


def test_an_error_too_small_for_five_pairs_is_spent_later():
    assert design(0.01).red[0] > 0
    assert design(0.0001).red[0] == 0
    told = look(np.full(5, 1.0) + np.arange(5) * 1e-3, design(0.0001), TOLERANCE)
    assert told.call is Call.OPEN
    assert told.lo == -math.inf
    assert told.centre == pytest.approx(1.002)


def test_the_three_answers_and_none():
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.01, 15)
    looks = design(0.01)
    assert look(noise + math.log(1.2), looks, TOLERANCE).call is Call.REGRESSED
    assert look(noise, looks, TOLERANCE).call is Call.UNCHANGED
    assert look(noise - math.log(1.2), looks, TOLERANCE, two_sided=True).call is Call.IMPROVED
    assert look(noise + TOLERANCE, looks, TOLERANCE).call is Call.OPEN
    assert look(noise[:4], looks, TOLERANCE).call is Call.OPEN


def test_without_a_tolerance_no_change_cannot_be_proven():
    noise = np.random.default_rng(2).normal(0, 0.01, 15)
    assert look(noise - noise.mean(), design(0.01), 0.0).call is Call.OPEN


def test_an_improvement_is_worth_more_pairs_only_when_asked_for():
    """The first five say surely not worse, and perhaps better by more than the tolerance."""
    five = np.array([-0.12, -0.02, -0.09, -0.04, -0.06])
    assert look(five, design(0.01), TOLERANCE).call is Call.UNCHANGED
    assert look(five, design(0.01), TOLERANCE, two_sided=True).call is Call.OPEN


def test_pairs_beyond_a_look_wait_for_the_next_one():
    rng = np.random.default_rng(3)
    ratios = rng.normal(0.04, 0.03, 9)
    assert look(ratios, design(0.01), TOLERANCE) == look(ratios[:5], design(0.01), TOLERANCE)


def test_a_figure_that_is_missing_is_no_pair():
    with pytest.raises(ValueError, match="without a figure"):
        look(np.array([0.1, math.nan, 0.1, 0.1, 0.1]), design(0.01), TOLERANCE)


def test_a_spoilt_pair_on_each_side_hides_nothing_at_the_second_look():
    ratios = np.random.default_rng(4).normal(math.log(1.15), 0.01, 10)
    ratios[2], ratios[7] = 2.0, -2.0
    told = look(ratios, design(0.01), TOLERANCE)
    assert told.call is Call.REGRESSED
    assert told.centre == pytest.approx(math.log(1.15), abs=0.02)


def test_figures_that_are_rounded_alike_still_have_an_error():
    told = look(np.full(5, 0.0), design(0.01), TOLERANCE)
    assert told.lo < 0 < told.hi


@given(st.lists(st.floats(-0.5, 0.5), min_size=5, max_size=40), st.floats(-0.5, 0.5))
def test_a_shift_moves_the_interval_and_nothing_else(ratios, shift):
    looks = design(0.01, 40)
    values = np.array(ratios[: looks.pairs[-1]])
    here, there = look(values, looks, 0.1), look(values + shift, looks, 0.1)
    if math.isfinite(here.centre):
        assert there.centre - here.centre == pytest.approx(shift, abs=1e-9)
        assert there.hi - there.centre == pytest.approx(here.hi - here.centre, abs=1e-6)


@given(st.lists(st.floats(-0.5, 0.5), min_size=5, max_size=15))
def test_sides_that_change_places_change_the_sign(ratios):
    looks = design(0.01)
    here, there = look(np.array(ratios), looks, 0.05), look(-np.array(ratios), looks, 0.05)
    assert there.centre == pytest.approx(-here.centre, abs=1e-12)
    assert (here.call is Call.REGRESSED) == (there.call is Call.IMPROVED)


@pytest.mark.parametrize("n", [5, 10, 15, 30])
def test_many_trials_at_once_are_the_same_arithmetic(n):
    x = np.random.default_rng(n).normal(0, 0.02, (20, n))
    centre, error, degrees = confirm_design.centres(x)
    assert degrees == n - 2 * trimmed(n) - 1
    for row in range(20):
        assert centre_of(x[row]) == pytest.approx((centre[row], error[row], degrees))


#: Noise whose ratios are as far up as down, as interleaved sides make it: the error holds.
HOLDS = [family for family in confirm_design.FAMILIES if family.__name__ not in ("skewed_down", "ar(0.4) of pairs")]


@pytest.mark.parametrize("family", HOLDS, ids=lambda family: family.__name__)
@pytest.mark.parametrize(("alpha", "trials"), [(0.01, 20_000), (0.001, 60_000)])
def test_false_red_at_the_tolerance_itself(family, alpha, trials):
    """1.6 times the error and what chance adds at most: pairs that remember cost more than independent ones."""
    x = family(np.random.default_rng(5), trials)
    if family.__name__ == "skewed_up":
        x = x - np.median(confirm_design.centres(family(np.random.default_rng(6), trials))[0])
    red, _, _ = confirm_design.Tally(x, design(alpha)).calls(TOLERANCE, TOLERANCE)
    assert red.sum() <= stats.poisson.ppf(1 - 1e-4, 1.6 * alpha * trials)


def test_what_it_sees_and_how_soon():
    """Pairs of 2 % noise: 5 % beyond the tolerance is red, no change is green, the latter after six pairs or so."""
    tally = confirm_design.Tally(confirm_design.normal(np.random.default_rng(7), 5000), design(0.001))
    assert tally.calls(math.log(1.05) + TOLERANCE, TOLERANCE)[0].mean() > 0.97
    _, green, pairs = tally.calls(0.0, TOLERANCE)
    assert green.mean() > 0.99
    assert pairs.mean() < 7
