"""Base units in, human units out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.units import base_of, common_scale, human, signed_percent, significant, to_base


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (12.4, "ms", (0.0124, "s")),
        (3, "usec", (3e-6, "s")),
        (3, "µs", (3e-6, "s")),
        (2, "KiB", (2048.0, "B")),
        (2, "kB", (2000.0, "B")),
        (95, "%", (0.95, "1")),
        (7, "ops/s", (7.0, "1/s")),
        (7, "widgets", (7.0, "widgets")),
        (7, "", (7.0, "1")),
        (1, "seconds", (1.0, "s")),
    ],
)
def test_units_are_brought_to_their_base(value, unit, expected):
    number, base = to_base(value, unit)
    assert number == pytest.approx(expected[0])
    assert base == expected[1]


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.0124, "s", "12.4 ms"),
        (1.0, "s", "1 s"),
        (0.9999, "s", "1.00 s"),
        (75.5, "s", "75.5 s"),
        (3.2e-7, "s", "320 ns"),
        (1.5e-11, "s", "0.0150 ns"),
        (0.0, "s", "0 s"),
        (2**20 * 1.2, "B", "1.20 MiB"),
        (17, "B", "17 B"),
        (12345.0, "1/s", "12.3 k/s"),
        (0.953, "1", "0.953"),
        (42, "widgets", "42 widgets"),
        (-0.002, "s", "-2 ms"),
        (math.nan, "s", "-"),
        (math.inf, "s", "-"),
    ],
)
def test_values_for_people(value, unit, shown):
    assert human(value, unit) == shown


@given(st.floats(min_value=1e-12, max_value=1e12), st.sampled_from(["s", "B", "1/s", "1", "apples"]))
def test_what_is_shown_is_the_value_to_three_digits(value, unit):
    shown = human(value, unit)
    number, _, label = shown.partition(" ")
    factor = {"G/s": 1e9, "M/s": 1e6, "k/s": 1e3}.get(label) or base_of(label or "1")[0]
    assert float(number) * factor == pytest.approx(value, rel=0.006)


def test_a_column_keeps_the_digits_of_its_smallest_value():
    assert common_scale([2.0, 0.003, math.nan, 0.0], "s").label == "ms"


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [(0.123, "+12.3%"), (-0.031, "-3.1%"), (2.1, "+210%"), (0.0001, "~0%"), (math.inf, "+∞%"), (math.nan, "-")],
)
def test_changes_carry_their_sign(ratio, shown):
    assert signed_percent(ratio) == shown


def test_counts_are_shown_whole():
    assert significant(123456.0) == "123456"
