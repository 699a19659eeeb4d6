"""Globs in which brackets are literal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.globs import matcher, matches, rewrite


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "anything", True),
        ("test_y[list-10]", "test_y[list-10]", True),
        ("test_y[list-*]", "test_y[list-10]", True),
        ("test_y[ab]", "test_ya", False),
        ("bench.*", "bench.Core.time_x(1, 'a')", True),
        ("bench.*", "xbench.y", False),
        ("te?t", "test", True),
        ("test", "test2", False),
    ],
)
def test_matching(pattern, text, expected):
    assert matches(pattern, text) is expected


def test_a_rename_carries_over_what_the_star_met():
    assert rewrite("old.*", "new.*", "old.time_x") == "new.time_x"
    assert rewrite("old", "new", "old") == "new"
    assert rewrite("old", "new", "older") is None


@given(st.text())
def test_a_name_without_wildcards_matches_itself_alone(text):
    literal = text.replace("*", "").replace("?", "")
    assert matches(literal, literal)
    assert not matches(literal, literal + "x")


@given(st.text(alphabet="ab*?.[]( ", max_size=8), st.text(alphabet="ab.[]( ", max_size=8))
def test_a_compiled_glob_is_the_glob(pattern, text):
    assert matcher(pattern)(text) is matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("re:sort", "bench.time_sort(10)", True),
        ("re:^time", "bench.time_sort", False),
        ("re:sort$", "bench.time_sort", True),
        ("re:n=1(0|2)$", "n=12", True),
        ("re:", "anything", True),
        ("re*", "re:sort", True),
    ],
)
def test_expressions_are_searched(pattern, text, expected):
    assert matcher(pattern)(text) is expected


def test_what_is_no_expression_says_so():
    with pytest.raises(ValueError, match="is not a regular expression"):
        matcher("re:(")
