"""The parts: distributions against scipy, the search against brute force, noise against what made it."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from regress.stats import drift
from regress.stats.accept import Sums, accept, score, threshold, z_of_t
from regress.stats.levels import course
from regress.stats.modes import local_weights, one_mode
from regress.stats.news import _deviate, _of_mean
from regress.stats.noise import (
    clipped,
    levels,
    median,
    phi_of_differences,
    phi_of_residuals,
    running_median,
    running_medians,
    smallest_move,
    successive_spread,
)
from regress.stats.propose import Search, _asked, penalty, propose
from regress.stats.search import Found
from regress.stats.steps import needed

from .noises import changing, drifting, remembering, two_modes, white


@given(st.floats(0, 12), st.floats(4, 400))
@settings(deadline=None)
def test_z_of_t_has_the_tail_of_students_t(t, degrees):
    # logsf, so that far tails are compared and not lost.
    expected = stats.norm.isf(stats.t.sf(t, degrees))
    assert z_of_t(t, degrees) == pytest.approx(expected, abs=0.02 + 0.015 * expected)


@pytest.mark.parametrize("n", [10, 50, 200, 5000])
def test_the_threshold_shares_the_false_cuts_out(n):
    assert 2 * stats.norm.sf(threshold(n)) * max(n, 50) == pytest.approx(0.01)


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.8])
@pytest.mark.parametrize("m", [1, 2, 7, 40])
def test_the_variance_of_a_mean_with_memory(m, phi):
    lag = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))
    assert _of_mean(m, phi) == pytest.approx((phi**lag).sum() / m**2)


def test_needed_falls_as_more_false_alarms_are_allowed():
    asked = [needed(rate) for rate in (0.0, 0.1, 0.5, 1, 2, 5, 50)]
    assert asked == sorted(asked, reverse=True)


def test_spread_sees_through_steps_and_spikes():
    rng = np.random.default_rng(1)
    x = rng.normal(0, 1, 500)
    x[200:] += 30
    x[::40] += 50
    assert successive_spread(x) == pytest.approx(1, rel=0.15)
    assert successive_spread(x[:2]) == 0.0


def test_two_modes_make_it_wide():
    x = two_modes(np.random.default_rng(2), 400, 1.0)
    assert successive_spread(x) > 2


@given(st.lists(st.floats(-1e6, 1e6), min_size=9, max_size=40))
def test_running_median_is_that_of_nine(values):
    x = np.array(values)
    for i in range(4, len(x) - 4):
        assert running_median(x)[i] == np.median(x[i - 4 : i + 5])


@given(st.lists(st.lists(st.floats(-1e6, 1e6), max_size=30), max_size=6))
def test_running_medians_of_many_are_those_of_each(many):
    series = [np.array(values, dtype=float) for values in many]
    for x, found in zip(series, running_medians(series), strict=True):
        assert found.tolist() == running_median(x).tolist()


def test_running_medians_are_whole_where_blocks_of_them_meet():
    x = np.random.default_rng(16).normal(0, 1, 20_000)
    expected = np.median(np.lib.stride_tricks.sliding_window_view(x, 9), axis=1)
    assert running_median(x)[4:-4].tolist() == expected.tolist()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_the_median_is_the_median(values):
    assert median(np.array(values)) == np.median(values)


def test_clipping_draws_a_spike_in_and_leaves_a_level():
    x = np.zeros(40)
    x[7] = 100.0
    x[20:] = 50.0
    drawn = clipped(x, 1.0)
    assert drawn[7] == 3.0
    assert (drawn[20:] == 50.0).all()


def test_smallest_move_is_not_rounding():
    assert smallest_move(np.array([0.1 + 0.2, 0.3, 0.3, 0.7]), 1e-12) == pytest.approx(0.4)
    assert smallest_move(np.array([3.0]), 1e-12) == 0.0


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_phi_is_near_what_made_the_noise_and_not_above(phi):
    x = np.concatenate([remembering(np.random.default_rng(seed), 2000, 1.0, phi) for seed in range(3)])
    stepped = x + 5.0 * (np.arange(len(x)) > 3000)
    assert phi_of_differences(stepped) == pytest.approx(phi, abs=0.06)
    assert phi_of_residuals(x - x.mean(), 1) == pytest.approx(phi, abs=0.06)


def test_rounding_has_no_memory():
    x = np.repeat([0.0, 1e-9, 0.0, 1e-9], 30)
    assert phi_of_residuals(x, 1) == 0.0


def test_levels_are_weighted_means():
    z, w = np.array([1.0, 3.0, 10.0, 20.0]), np.array([3.0, 1.0, 1.0, 1.0])
    assert levels(z, w, [2]).tolist() == [1.5, 1.5, 15.0, 15.0]


def test_two_modes_become_one_and_one_stays():
    rng = np.random.default_rng(3)
    x = two_modes(rng, 300, 1.0)
    single = one_mode(x, x - x.mean())
    assert single is not None
    assert single.std() < 1.3
    for _ in range(20):
        plain = white(rng, 300, 1.0)
        assert one_mode(plain, plain) is None


def test_a_level_that_came_and_stayed_is_no_mode() -> None:
    x = np.random.default_rng(3).normal(0, 0.1, 80)
    stepped = x + np.where(np.arange(80) >= 70, 2.0, 0.0)
    assert one_mode(stepped, stepped - stepped.mean()) is None
    found = course(np.exp(stepped)).steps
    assert [step.index for step in found] == [70]


def test_weights_follow_a_changing_spread_only():
    rng = np.random.default_rng(4)
    assert sum(local_weights(white(rng, 250, 1.0)) is not None for _ in range(30)) <= 12
    x = np.concatenate((rng.normal(0, 0.4, 125), rng.normal(0, 1.5, 125)))
    found = local_weights(x)
    assert found is not None
    assert found[:100].mean() > 4 * found[150:].mean()
    assert local_weights(changing(rng, 40, 1.0)) is None, "too short to tell"


def best_by_hand(z, w, price):
    """The best partition of all, for a handful of points."""
    n, best, where = len(z), -math.inf, []
    for count in range(4):
        for cuts in itertools.combinations(range(3, n - 2), count):
            edges = [0, *cuts, n]
            pieces = list(itertools.pairwise(edges))
            if min(b - a for a, b in pieces) < 3:
                continue
            gain = sum((z[a:b] @ w[a:b]) ** 2 / w[a:b].sum() for a, b in pieces) - price * count
            if gain > best:
                best, where = gain, list(cuts)
    return where


@given(st.integers(0, 2**32 - 1), st.integers(18, 30))
@settings(max_examples=80, deadline=None)
def test_the_search_finds_the_best_partition_where_steps_are_clear(seed, n):
    rng = np.random.default_rng(seed)
    z, w = rng.normal(0, 0.3, n), rng.uniform(0.5, 2, n)
    for c in (rng.integers(5, 8), rng.integers(12, n - 4)):
        z[c:] += rng.choice([-12, 12])
    price = penalty(n, 0.0)
    (found,) = propose([Search(z, w, price)])
    expected = best_by_hand(z, w, price)
    assert found == expected


def test_the_search_takes_series_of_all_lengths_together():
    rng = np.random.default_rng(5)
    searches = []
    for n in [0, 1, 5, 6, 7, 300, 20, 1500]:
        z = rng.normal(0, 1, n)
        z[n // 2 :] += 8
        searches.append(Search(z, np.ones(n), penalty(n, 0.0)))
    found = propose(searches)
    assert found == [propose([one])[0] for one in searches]
    assert [n // 2 in cuts for n, cuts in zip([6, 7, 300, 20, 1500], found[3:], strict=True)] == [True] * 5


def test_a_longer_neighbour_lends_no_window():
    """A window that fits in the longer series alone would find more places in the shorter one."""
    rng = np.random.default_rng(17)
    long = Search(rng.normal(0, 1, 1500), np.ones(1500), 20.0)
    slopes = [np.linspace(0, 4, n) + rng.normal(0, 1, n) for n in range(14, 200)]
    searches = [Search(z, np.ones(len(z)), penalty(len(z), 0.0)) for z in slopes]
    alone = [_asked([one]) for one in searches]
    beside = {one.which: one.at.tolist() for one in _asked([*searches, long])}
    assert [beside.get(i) for i in range(len(searches))] == [one[0].at.tolist() if one else None for one in alone]


def test_a_level_may_be_longer_than_any_window():
    z = np.random.default_rng(6).normal(0, 1, 6000)
    z[5000:] += 1
    (found,) = propose([Search(z, np.ones(6000), penalty(6000, 0.0))])
    assert [abs(c - 5000) <= 6 for c in found] == [True]


def test_accept_keeps_what_a_local_test_keeps():
    rng = np.random.default_rng(7)
    z = rng.normal(0, 1, 200)
    z[100:] += 2
    sums = Sums(z, np.ones(200), 0.0)
    kept, scores = accept(sums, [40, 100, 150], threshold(200))
    assert kept == [100]
    assert scores == [score(sums, 0, 100, 200)]
    assert accept(sums, kept, threshold(200), scores=scores) == (kept, scores)
    assert accept(sums, kept, scores[0] + 1, scores=scores) == ([], [])
    assert score(sums, 0, 100, 200) > 7
    assert score(Sums(z, np.ones(200), 0.6), 0, 100, 200) < score(sums, 0, 100, 200)


def test_a_slope_takes_its_part_of_a_difference():
    z = np.random.default_rng(8).normal(0, 1, 80) + np.linspace(0, 8, 80)
    assert score(Sums(z, np.ones(80), 0.0), 0, 40, 80) < threshold(80)


def test_score_agrees_with_a_t_test_on_much_data():
    rng = np.random.default_rng(9)
    z = rng.normal(0, 1, 80)
    z[40:] += 1
    p = stats.ttest_ind(z[:40], z[40:]).pvalue
    assert score(Sums(z, np.ones(80), 0.0), 0, 40, 80) == pytest.approx(stats.norm.isf(p / 2), rel=0.15)


def test_a_curve_is_fitted_beside_the_levels():
    rng = np.random.default_rng(10)
    bend = drifting(rng, 400, 1.0)
    z = bend + 5.0 * (np.arange(400) >= 200)
    drawn = drift.fitted(z, np.ones(400), [200], 5)
    left = z - drawn
    assert left[200:].mean() - left[:200].mean() == pytest.approx(5, abs=1.0)
    assert (left - levels(left, np.ones(400), [200])).std() < 1.15


def test_less_noise_explained_costs_more():
    z = drifting(np.random.default_rng(11), 300, 1.0)
    w = np.ones(300)
    bent = z - drift.fitted(z, w, [], 3)
    assert drift.criterion(bent, w, [], 3, 0.0) < drift.criterion(z, w, [], 0, 0.0)


def test_the_screen_keeps_the_best_place():
    kept = 0
    for seed in range(40):
        z = np.random.default_rng(seed).normal(0, 1, 160)
        z[70:] += 2
        (found,) = propose([Search(z, np.ones(160), penalty(160, 0.0))])
        gain = [z[:c].sum() ** 2 / c + z[c:].sum() ** 2 / (160 - c) for c in range(3, 158)]
        kept += found == [3 + int(np.argmax(gain))]
    assert kept >= 38


def test_a_step_smaller_than_the_gap_of_two_modes_is_seen():
    rng = np.random.default_rng(14)
    hits = 0
    for _ in range(20):
        y = np.exp(two_modes(rng, 240, 0.01))
        y[120:] *= 1.022
        hits += any(abs(level.start - 120) <= 3 for level in course(y).levels[1:])
    assert hits >= 15


@given(st.integers(0, 2**32 - 1), st.floats(0, 12), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_a_fit_that_may_not_ask_asks_for_no_curve(seed, slope, count):
    rng = np.random.default_rng(seed)
    cuts = sorted(rng.choice(np.arange(5, 75), count, replace=False).tolist())
    z = rng.normal(0, 1, 80) + np.linspace(0, slope, 80)
    (fit,) = drift.fits([drift.equations(z, rng.uniform(0.5, 2, 80), cuts, 5)])
    assert fit.may_ask() or not any(fit.asks(degree, fit.left(degree)) for degree in drift.DEGREES)


def test_fits_explain_what_their_curves_take_away():
    rng = np.random.default_rng(18)
    z, w = rng.normal(0, 1, 90) + np.linspace(-3, 3, 90) ** 2, rng.uniform(0.5, 2, 90)
    for cuts in ([], [30], [30, 60]):
        fits = drift.fits([drift.equations(z, w, cuts, 5), drift.equations(z[::-1].copy(), w, cuts, 5)])
        for degree in drift.DEGREES:
            rest = z - drift.fitted(z, w, cuts, degree)
            rest = rest - levels(rest, w, cuts)
            assert fits[0].left(degree) == pytest.approx(float((rest * rest * w).sum()), rel=1e-6)


def test_news_weigh_memory_as_generalised_least_squares_does():
    phi, m, k = 0.6, 60, 5
    z = remembering(np.random.default_rng(15), m + k, 1.0, phi)
    z[m:] += 3
    found = Found(z, z, np.ones(m + k), 1.0, np.zeros(m + k), 0, phi, [], [])
    lag = np.abs(np.subtract.outer(np.arange(m + k), np.arange(m + k)))
    inverse = np.linalg.inv(phi**lag)
    design = np.stack([np.ones(m + k), np.arange(m + k) >= m], axis=1).astype(float)
    covariance = np.linalg.inv(design.T @ inverse @ design)
    factors = covariance @ design.T @ inverse @ z
    rest = z - design @ factors
    variance = (rest @ inverse @ rest + 6) / (m + k - 3 + 6)
    t = factors[1] / math.sqrt(covariance[1, 1] * variance)
    assert _deviate(found, 0, m, phi, 1.0) == pytest.approx(z_of_t(t, m + k - 3 + 6), rel=0.06)
