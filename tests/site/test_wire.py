"""The text encoding of columns: what is read back is what was written, at every edge."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.model import Kind
from regress.site.wire import DIGITS, HOLE, MORE, columns, numbers, quantised

from .wire_reader import column, signed

WHOLE = st.integers(-(2**51), 2**51)


@st.composite
def parts(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    places = sorted(draw(st.sets(st.integers(0, 5000), max_size=30)))
    return places, draw(st.lists(WHOLE, min_size=len(places), max_size=len(places)))


@given(st.lists(parts(), max_size=6))
def test_columns_are_read_back(given: list[tuple[list[int], list[int]]]) -> None:
    arrays = [(np.array(places, dtype=np.int64), np.array(values, dtype=np.int64)) for places, values in given]
    for text, (places, values) in zip(columns(arrays), given, strict=True):
        assert column(text, places[0] if places else 0) == (places, values)


@given(st.lists(WHOLE))
def test_numbers_are_read_back(values: list[int]) -> None:
    assert signed(numbers(values)) == values


def test_no_character_needs_an_escape() -> None:
    used = DIGITS + MORE + HOLE
    assert len(set(used)) == len(used) == 87
    assert not set(used) & set("\"'\\<>&` \n")


def test_what_is_usual_takes_one_character() -> None:
    places = np.arange(1000)
    text = columns([(places, np.random.default_rng(0).integers(-10, 11, 1000).cumsum())])[0]
    assert len(text) == 1000
    assert columns([(np.array([3, 9]), np.array([5, 5]))]) == ["A~40"]


@given(st.lists(st.floats(1e-12, 1e12), min_size=1), st.sampled_from(Kind))
def test_what_is_positive_is_kept_to_a_twentieth_of_a_percent(values: list[float], kind: Kind) -> None:
    step, whole = quantised(np.array(values), kind)
    back = whole * step if step else 1.001 ** whole.astype(float)
    tolerance = 1.001**0.5 - 1 + 1e-9
    assert np.allclose(back, values, rtol=tolerance, atol=1e-9 if step else 0)


@pytest.mark.parametrize(
    ("values", "step"),
    [([3.0, 4.0, 2.0**40], 1.0), ([0.25, 0.5], 0.01), ([0.0, 0.0], 1.0), ([-3.0, 0.1], 0.1), ([math.pi, 1.0], 0.0)],
)
def test_exact_values_stay_exact(values: list[float], step: float) -> None:
    found, whole = quantised(np.array(values), Kind.EXACT)
    assert found == step
    if step:
        assert (whole * found).tolist() == pytest.approx(values, rel=1e-15)


def test_noisy_values_with_a_zero_keep_a_scale_of_their_own() -> None:
    step, whole = quantised(np.array([0.0, 2.0, -1.5]), Kind.NOISY)
    assert step == 1e-4
    assert (whole * step).tolist() == pytest.approx([0.0, 2.0, -1.5])
