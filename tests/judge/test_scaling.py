"""Sizes, budgets over sizes, orders that grew."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.judge.budgets import judge_budgets
from regress.judge.rules import Rules
from regress.judge.scaling import against, curves, grew, known_sizes, with_loads
from regress.model import Benchmark, Budget, Direction, Key, Kind, Metric
from regress.model.scaling import Growth, size_of
from regress.model.written import limit
from regress.stats.scaling import Order, fit
from tests.factories import make_run

TIME = Metric("time", "s", Direction.LOWER, Kind.NOISY)
RATE = Metric("rate", "1/s", Direction.HIGHER, Kind.NOISY)
SIZES = (10, 100, 1000, 10_000)


def key(size, metric=TIME, **fields):
    return Key(Benchmark("asv", "b", f"({size})", params=(("n", str(size)),), **fields), metric)


def run(values, sizes=SIZES, metric=TIME, **fields):
    return make_run("c1", {key(n, metric): v for n, v in zip(sizes, values, strict=True)}, **fields)


def loads(values, *limits, sizes=SIZES):
    runs = [run(values, sizes)]
    found, _ = curves(runs, [], "n", Rules())
    budgets = [Budget(limits=tuple(map(limit, limits)))]
    (curve,) = with_loads(found, judge_budgets(budgets, runs), "n")
    return curve.loads


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("10", 10), ("10.5", 10.5), ("1k", 1e3), ("2K", 2e3), ("3M", 3e6), ("1G", 1e9), ("10_000", 1e4),
        ("10,000", 1e4), ("1e6", 1e6), ("1E6", 1e6), ("1.5e3", 1500), ("64KiB", 65536), ("64 kB", 64e3),
        ("1MiB", 2**20),
        ("2**10", 1024), ("2^20", 2**20), ("'10'", 10), ("np.int64(7)", 7), (" 5 ", 5), (".5", 0.5), ("5.", 5),
        ("0", None), ("-1", None), ("1m", None), ("ten", None), ("", None), ("1 2", None), ("nan", None), ("inf", None),
        ("10_00", None), ("9**999", None), ("1e999", None), ("٣", None), ("True", None), ("[1]", None),
    ],
)  # fmt: skip
def test_sizes(text, size):
    assert size_of(text) == size


@given(st.text(max_size=30))
def test_any_text_is_a_size_or_none(text):
    size = size_of(text)
    assert size is None or 0 < size < math.inf


@given(st.integers(1, 10**15))
def test_numbers_are_themselves(number):
    assert (
        size_of(str(number)) == size_of(f"{number:_}") == size_of(f"{number:,}") == size_of(repr(str(number))) == number
    )


def test_a_budget_is_met_up_to_a_size_between_two():
    (load,) = loads([1.0, 10.0, 100.0, 1000.0], "value < 30 s")
    assert load.between == (100, 1000)
    assert load.upto == pytest.approx(300)
    assert not load.whole


def test_a_budget_that_nothing_breaks():
    (load,) = loads([1.0, 2.0, 3.0, 4.0], "value < 30 s")
    assert (load.whole, load.upto, load.between, load.breached) == (True, 10_000, (), False)


def test_a_budget_that_the_smallest_breaks():
    (load,) = loads([100.0, 200.0, 300.0, 400.0], "value < 30 s")
    assert (load.whole, load.breached) == (False, True)
    assert math.isnan(load.upto)


def test_a_larger_size_that_meets_it_again_is_said_and_does_not_count():
    (load,) = loads([1.0, 100.0, 1.0, 1.0], "value < 10 s")
    assert load.upto == pytest.approx(10 * 10**0.5)
    assert load.note == "met again at a larger size"


def test_throughput_that_falls():
    runs = [run([1000.0, 900.0, 500.0, 100.0], metric=RATE)]
    found, _ = curves(runs, [], "n", Rules())
    (curve,) = with_loads(found, judge_budgets([Budget(limits=(limit("rate > 300/s"),))], runs), "n")
    assert curve.loads[0].between == (1000, 10_000)
    assert 1000 < curve.loads[0].upto < 10_000
    assert curve.fit.falls


def test_what_was_not_judged_is_not_met():
    (load,) = loads([1.0, 2.0, 3.0, 4.0], "p95 < 30 s")
    assert (load.whole, load.breached) == (False, False)
    assert "neither samples nor p95" in load.note


def test_limits_of_nothing_and_through_zero():
    (load,) = loads([-2.0, -1.0, 1.0, 2.0], "value < 0 s")
    assert load.between == (100, 1000)
    assert 100 <= load.upto <= 1000
    (load,) = loads([0.0, 0.0, 1.0, 2.0], "value <= 0 s")
    assert load.upto == 100


@given(st.lists(st.floats(0.01, 1e3), min_size=4, max_size=4), st.floats(0.01, 1e3))
def test_the_named_load_lies_between_what_met_and_what_broke_it(values, most):
    (load,) = loads(values, f"value < {most!r}")
    met = [n for n, value in zip(SIZES, values, strict=True) if value < most]
    if load.whole:
        assert len(met) == 4
    elif math.isnan(load.upto):
        assert values[0] >= most
    else:
        low, high = load.between
        assert low <= load.upto <= high
        assert low in met
        assert high not in met


def of(order, seed=0, noise=0.01, scale=1.0):
    n = np.array([10.0, 40, 160, 640, 2560])
    terms = {Order.CONSTANT: n * 0 + 1, Order.LINEAR: n / 10, Order.LINEAR_LOG: n * np.log2(n), Order.QUADRATIC: n**2}
    return fit(n, scale * terms[order] * np.exp(noise * np.random.default_rng(seed).standard_normal(5)))


def test_an_order_grew():
    span = (10.0, 2560.0)
    assert grew(of(Order.LINEAR), of(Order.QUADRATIC, scale=1e-6), span)
    assert not grew(of(Order.LINEAR), of(Order.LINEAR, scale=1e6), span), "slower, but in the same order"
    assert not grew(of(Order.QUADRATIC), of(Order.LINEAR), span)
    assert not grew(of(Order.LINEAR), of(Order.QUADRATIC), (10.0, 10.5)), "too short a stretch to drift apart"


def test_three_sizes_convict_nobody():
    few = [fit(np.array([1.0, 10, 100]), values) for values in (np.array([1.0, 10, 100]), np.array([1.0, 100, 10_000]))]
    assert [one.order for one in few] == [Order.LINEAR, Order.QUADRATIC]
    assert not grew(*few, (1.0, 100.0))


def test_an_order_that_grew_in_words():
    base, _ = curves([run([1.0, 10.0, 100.0, 1000.0])], [], "n", Rules())
    head, _ = curves([run([1.0, 100.0, 1e4, 1e6])], [], "n", Rules())
    (found,) = against(head, base, Rules())
    assert (found.growth, found.reason, found.failing) == (Growth.GREW, "linear before, quadratic now", True)
    (found,) = against(base, head, Rules())
    assert (found.growth, found.failing) == (Growth.SHRANK, False)
    (found,) = against(base, base, Rules())
    assert found.growth is Growth.SAME


def test_more_throughput_is_no_regression():
    base, _ = curves([run([1.0, 1.0, 1.0, 1.0], metric=RATE)], [], "n", Rules())
    head, _ = curves([run([1.0, 10.0, 100.0, 1e3], metric=RATE)], [], "n", Rules())
    (found,) = against(head, base, Rules())
    assert (found.growth, found.failing) == (Growth.GREW, False)


def test_sizes_that_do_not_overlap_prove_nothing():
    base, _ = curves([run([1.0, 2.0, 4.0, 8.0], (1, 2, 4, 8))], [], "n", Rules())
    head, _ = curves([run([1.0, 100.0, 1e4, 1e6])], [], "n", Rules())
    (found,) = against(head, base, Rules())
    assert found.growth is Growth.UNSURE


def test_names_that_say_more_than_the_parameters_are_left_out():
    hidden = {
        Key(Benchmark("asv", "b", f"({n}, {h})", params=(("n", str(n)),)), TIME): 1.0 for n in SIZES for h in "12"
    }
    assert curves([make_run("c1", hidden)], [], "n", Rules()) == ([], 1)


def test_the_parameters_that_are_sizes():
    both = {
        Key(Benchmark("asv", "b", f"({n}, {w})", params=(("n", str(n)), ("w", w), ("few", "1"))), TIME): 1.0
        for n in SIZES for w in "ab"
    }  # fmt: skip
    assert known_sizes([make_run("c1", both)]) == ["n"]
