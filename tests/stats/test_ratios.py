"""Intervals of ratios: as wide as they say, with few runs too."""

import math

import numpy as np
import pytest
from scipy import stats

from regress.stats.ratios import around, combined, of_pairs, of_sides, t_point


@pytest.mark.parametrize("degrees", [1, 2, 3, 5, 30, 999])
def test_points_are_those_of_students_t(degrees):
    assert t_point(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=2e-3)


def test_a_broken_number_of_degrees_is_the_next_lower_one():
    assert t_point(1.9) == t_point(1)
    assert t_point(0.2) == t_point(1)
    assert t_point(1e9) == pytest.approx(1.962, abs=0.01)


def test_pairs_are_a_t_test():
    logs = np.array([0.1, 0.14, 0.08, 0.11])
    found = of_pairs(logs)
    low, high = stats.t.interval(0.95, 3, logs.mean(), stats.sem(logs))
    assert (found.lo, found.hi) == pytest.approx((low, high), rel=2e-3)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_the_interval_holds_what_it_says(n):
    rng = np.random.default_rng(n)
    held = [of_pairs(row) for row in 0.05 * rng.standard_normal((2000, n))]
    assert 0.935 < np.mean([one.lo <= 0 <= one.hi for one in held]) < 0.965
    sides = 0.05 * rng.standard_normal((2000, 2, n))
    held = [of_sides(one, other) for one, other in sides]
    assert np.mean([one.lo <= 0 <= one.hi for one in held]) > 0.94


def test_figures_that_agree_are_not_free_of_noise():
    found = of_pairs(np.zeros(3))
    assert found.lo < 0 < found.hi


def test_sums_of_variances():
    assert combined(0.0, [1.0, 1.0], [10, 10], 1).hi == pytest.approx(t_point(20) * math.sqrt(2))
    assert around(1.0, 0.1, 5, 1).centre == 1.0
