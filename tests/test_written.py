"""Figures, limits and markers as people write them."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.model import TIME, Action, Benchmark, attached, read_beside
from regress.model.written import LIMITED, limit, percentile, quantity, share

SORT = Benchmark("pytest-benchmark", "t.py::test_sort", "[10]")


@pytest.mark.parametrize(
    ("text", "left", "operator", "value", "unit"),
    [
        ("p95 < 150ms", "p95", "<", 0.15, "s"),
        ("p99.9<=1 s", "p99.9", "<=", 1.0, "s"),
        ("success_rate >= 95%", "success_rate", ">=", 0.95, "1"),
        ("peak_rss < 1GB", "peak_rss", "<", 1e9, "B"),
        ("requests > 500/s", "requests", ">", 500.0, "1/s"),
        ("peak memory < 1.5 GiB", "peak memory", "<", 1.5 * 2**30, "B"),
        ("latency.p95 < 150 ms", "latency.p95", "<", 0.15, "s"),
        ("failures <= 0", "failures", "<=", 0.0, ""),
        ("balance > -3", "balance", ">", -3.0, ""),
        ("widgets < 5 boxes", "widgets", "<", 5.0, "boxes"),
        (" mean  <  2e-3 s ", "mean", "<", 2e-3, "s"),
    ],
)
def test_limits(text, left, operator, value, unit):
    read = limit(text)
    assert (read.left, read.operator, read.unit) == (left, operator, unit)
    assert read.value == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", "p95", "p95 = 3", "< 3", "p95 <", "p95 < ", "p95 << 3", "p95 < nan", "p95 < 1e999", 3, None]
)
def test_what_is_no_limit(text):
    with pytest.raises(ValueError):
        limit(text)


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9).filter(bool), st.sampled_from(["<", "<=", ">", ">="]))
def test_headroom_is_positive_within_a_limit_and_negative_beyond_it(figure, bound, operator):
    read = limit(f"x {operator} {bound!r}")
    room = read.headroom(figure)
    assert read.value == bound
    assert read.holds(figure) is ((room > 0) or (figure == bound and "=" in operator))


def test_headroom_from_nothing():
    assert limit("x <= 0").headroom(0.0) == 0
    assert math.isnan(limit("x <= 0").headroom(1.0))
    assert not limit("x <= 0").holds(1e-9)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("p95", 0.95), ("p99.9", 0.999), ("p99_9", 0.999), ("p5", 0.05), ("p0", None), ("p100", None), ("peak", None),
     ("p", None), ("p95.", None), ("mean", None)],
)  # fmt: skip
def test_percentiles(name, expected):
    assert percentile(name) == expected


def test_a_share_has_no_unit():
    assert share("12%") == pytest.approx(0.12)
    with pytest.raises(ValueError, match="is a share"):
        share("50 ns")
    with pytest.raises(ValueError, match="must not be negative"):
        quantity(-1)


# --- beside a test ---


def test_what_the_documentation_shows():
    found = read_beside(
        {"relative": "5%", "absolute": "50 ns", "action": "warn", "p95": "< 150 ms", "requirement": "REQ-7"}, SORT
    )
    assert found.faults == ()
    assert found.rule is not None
    assert (found.rule.relative, found.rule.absolute_unit, found.rule.action) == (0.05, "s", Action.WARN)
    assert found.rule.only == ("pytest-benchmark", "t.py::test_sort[10]")
    assert found.rule.origin_of("relative") == "t.py::test_sort (marker)"
    assert found.budget is not None
    assert (found.budget.limits[0].text, found.budget.requirement) == ("p95 < 150 ms", "REQ-7")
    assert found.budget.action is Action.WARN
    assert found.budget.origin == "t.py::test_sort (marker)"


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ({"relativ": "5%"}, "relativ: is not known here"),
        ({"relative": "5 furlongs"}, "relative: has a unit that is not known"),
        ({"relative": None}, "relative: is not a number"),
        ({"action": "explode"}, "action: is one of fail, warn, ignore"),
        ({"action": ["fail"]}, "action: is one of"),
        ({"statistic": []}, "statistic: is one of"),
        ({"p95": "< soon"}, "p95: is not a number"),
        ({"limits": ["p95 < 3 s", 7]}, "limits: is not a limit"),
        ({"requirement": "REQ-7"}, "requirement: there is no limit"),
        ({"warn": "5%", "relative": 0.1}, "warn: there is no limit"),
        ({"metric": "re:("}, "metric: is not a regular expression"),
        (5, "is no table"),
        (["relative"], "is no table"),
        (None, "is no table"),
    ],
)
def test_a_bad_key_is_a_fault_that_names_it(raw, fault):
    found = read_beside(raw, SORT)
    assert fault in found.faults[0]
    assert len(found.faults) == 1


def test_the_other_keys_hold():
    found = read_beside({"relative": "5%", "min_runs": "many", "p95": "< 1 s"}, SORT)
    assert found.rule is not None
    assert found.rule.relative == 0.05
    assert found.budget is not None
    assert len(found.faults) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=True) | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
KEYS = st.sampled_from(["relative", "absolute", "limit", "limits", "p95", "warn", "metric", "action", "min_runs", "x"])


@given(JSON | st.dictionaries(KEYS, JSON, max_size=5))
def test_reading_never_raises(raw):
    read_beside(raw, SORT)
    attached(json.dumps({"regress": raw}), SORT)


@given(st.text())
def test_an_attachment_of_anything_is_read(text):
    attached(text, SORT)
    attached(f'{{"regress": {text}', SORT)


def test_a_figure_cannot_be_mistaken_for_a_key():
    assert TIME.name not in LIMITED
