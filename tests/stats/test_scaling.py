"""Orders of growth: planted ones are found, what cannot be told is not called."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.stats.scaling import SURELY_FLAT, Order, fit

SIZES = 16.0 * 4 ** np.arange(6)
TERMS = {
    Order.CONSTANT: lambda n: n * 0 + 1,
    Order.LOG: np.log2,
    Order.LINEAR: lambda n: n,
    Order.LINEAR_LOG: lambda n: n * np.log2(n),
    Order.QUADRATIC: lambda n: n**2,
}


def curve(order, sizes=SIZES, fixed=0.3, scale=1e-6):
    term = TERMS[order](sizes)
    return scale * (term / term[0] + fixed)


def noisy(values, noise, seed):
    return values * np.exp(noise * np.random.default_rng(seed).standard_normal(len(values)))


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e12])
def test_without_noise_every_order_is_found_in_any_unit(order, scale):
    found = fit(SIZES, curve(order, scale=scale))
    assert (found.order, found.firm, found.misfit) == (order, True, False)
    assert found.best.error < 1e-3
    assert found.best.at(SIZES[-1]) == pytest.approx(curve(order, scale=scale)[-1], rel=1e-3)


@settings(max_examples=60, deadline=None)
@given(
    order=st.sampled_from(Order), noise=st.floats(0.02, 0.05), seed=st.integers(0, 10**6), fixed=st.floats(0, 0.5),
    count=st.integers(5, 9), scale=st.floats(1e-9, 1e9),
)  # fmt: skip
def test_planted_orders_are_found_or_left_open_but_not_called_another(order, noise, seed, fixed, count, scale):
    sizes = 10.0 * 4 ** np.arange(count)
    found = fit(sizes, noisy(curve(order, sizes, fixed, scale), noise, seed))
    assert found.order in (order, None)


@pytest.mark.parametrize("noise", [0.02, 0.05])
@pytest.mark.parametrize("order", Order)
def test_rates(order, noise):
    """At six sizes, each four times the last, most are called, and right."""
    found = [fit(SIZES, noisy(curve(order), noise, seed)).order for seed in range(200)]
    assert sum(one is order for one in found) >= (170 if order is Order.CONSTANT else 195)
    assert sum(one not in (order, None) for one in found) <= 1


@pytest.mark.parametrize("noise", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("count", [3, 4, 8])
def test_noise_is_not_called_growth(noise, count):
    sizes = 16.0 * 4 ** np.arange(count)
    found = [fit(sizes, noisy(np.ones(count), noise, seed)) for seed in range(300)]
    assert sum(one.order not in (Order.CONSTANT, None) for one in found) <= 3
    assert sum(one.firm for one in found) == 0 or count > 3


def test_three_sizes_are_called_but_not_firm():
    found = fit(SIZES[:3], curve(Order.QUADRATIC)[:3])
    assert found.order is Order.QUADRATIC
    assert not found.firm


def test_two_that_fit_as_well_are_not_told_apart():
    sizes = np.array([100.0, 110.0, 120.0, 130.0])
    found = fit(sizes, noisy(curve(Order.LINEAR, sizes, 0), 0.02, 1))
    assert found.order is None
    assert not found.firm
    assert found.odds < 20


@pytest.mark.parametrize("power", [1.5, 3, 5])
def test_what_fits_no_order_is_said(power):
    found = fit(SIZES, SIZES**power)
    assert (found.order, found.misfit) == (None, True)
    assert found.exponent == pytest.approx(power)


def test_one_figure_does_not_decide():
    """A linear growth whose largest size no longer fits into the cache; measured."""
    sizes, times = np.array([1e3, 4e3, 16e3, 64e3, 256e3]), np.array([5.75, 22.5, 90.3, 353, 2670])
    found = fit(sizes, times, noise=0.016, degrees=8)
    assert (found.order, found.firm, found.unsteady) == (None, False, True)
    assert fit(sizes[:-1], times[:-1], noise=0.016, degrees=8).order is Order.LINEAR


def test_what_falls_has_no_order():
    found = fit(SIZES, 1 / SIZES)
    assert (found.order, found.falls) == (None, True)
    assert found.hi < 0


def test_growth_too_small_to_matter_is_constant():
    found = fit(SIZES, 1 + 0.05 * SIZES / SIZES[-1], noise=0.0, degrees=4)
    assert found.order is Order.CONSTANT
    assert found.most_growth < SURELY_FLAT


def test_noise_that_could_hide_growth_is_not_called_constant():
    values = np.array([1.0, 1.9, 0.8, 1.6])
    assert fit(SIZES[:4], values).order is None


def test_the_order_of_the_sizes_does_not_matter():
    mixed = np.random.default_rng(1).permutation(len(SIZES))
    values = noisy(curve(Order.LINEAR_LOG), 0.03, 4)
    one, other = fit(SIZES, values), fit(SIZES[mixed], values[mixed])
    assert one.order == other.order
    assert one.best.b == pytest.approx(other.best.b)


def test_sizes_below_one_have_logarithms_too():
    sizes = SIZES / 1000
    for order in (Order.LINEAR, Order.QUADRATIC):
        assert fit(sizes, curve(order, sizes)).order is order


def test_sizes_that_come_twice():
    found = fit(np.repeat(SIZES, 2), np.repeat(curve(Order.LINEAR), 2))
    assert found.order is Order.LINEAR


@given(
    st.lists(st.tuples(st.floats(1e-75, 1e75), st.floats(1e-75, 1e75)), min_size=3, max_size=12),
    st.floats(0, 10), st.floats(0, 100),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_anything_positive_can_be_asked(points, noise, degrees):
    sizes, values = (np.array(column) for column in zip(*points, strict=True))
    if len(np.unique(sizes)) < 3:
        with pytest.raises(ValueError):
            fit(sizes, values)
        return
    with np.errstate(all="ignore"):
        found = fit(sizes, values, noise=noise, degrees=degrees)
    assert len(found.candidates) == 5
    assert all(one.a >= 0 and one.b >= 0 for one in found.candidates)
    assert found.order in (*Order, None)
    assert not math.isnan(found.best.score)


@pytest.mark.parametrize(
    ("sizes", "values"),
    [
        ([1, 2], [1, 2]),
        ([1, 1, 2], [1, 2, 3]),
        ([1, 2, 0], [1, 2, 3]),
        ([1, 2, 3], [1, 0, 3]),
        ([1, 2, 3], [1, math.nan, 3]),
    ],
)
def test_what_cannot_be_fitted(sizes, values):
    with pytest.raises(ValueError):
        fit(np.array(sizes, dtype=float), np.array(values, dtype=float))


def test_orders_have_ranks():
    assert [order.rank for order in Order] == [0, 1, 2, 3, 4]
    assert Order.CONSTANT.formula == ""
