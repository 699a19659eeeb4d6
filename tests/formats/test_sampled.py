"""The figures of raw samples."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.formats.sampled import array_of, distribution, percentiles

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=1, max_size=20))
def test_all_figures_are_finite_and_in_order(values):
    found = distribution(np.array(values))
    assert all(np.isfinite(figure) for figure in found.values())
    assert found["n"] == len(values)
    order = [found[name] for name in ("min", "q1", "median", "q3", "max") if name in found]
    slack = 1e-12 * max(map(abs, values))
    assert all(low <= high + slack for low, high in pairwise(order))
    assert (min(values), max(values)) == (found["min"], found["max"])


def test_what_overflows_is_left_out():
    found = distribution(np.array([1.7e308, 1.7e308, -1.7e308]))
    assert "sd" not in found
    assert found["max"] == 1.7e308
    assert "mean" not in distribution(np.array([1.7e308, 1.7e308]))


def test_a_single_sample_has_no_deviation():
    assert distribution(np.array([2.0])) == dict.fromkeys(("min", "q1", "median", "q3", "max", "mean"), 2.0) | {
        "n": 1.0
    }


@pytest.mark.parametrize(("n", "shares"), [(1, []), (99, []), (100, [0.95]), (499, [0.95]), (500, [0.95, 0.99])])
def test_percentiles_need_samples(n, shares):
    assert [share for share, _ in percentiles(np.arange(float(n)))] == shares


@pytest.mark.parametrize(
    "values", [None, {}, [], 1.0, "1", [True], [None], [1.0, "2"], [10**400], [float("nan")], [1e999]]
)
def test_what_is_no_list_of_finite_numbers_is_none(values):
    assert array_of(values) is None
