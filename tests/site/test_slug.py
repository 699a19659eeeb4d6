"""File names: safe, short, distinct, and the same in whatever order the benchmarks come."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.site.slug import MAX_LENGTH, ascii_of, slugs

NAMES = st.text(max_size=120) | st.text("ab./\\-_: ", max_size=10)


@given(st.lists(st.tuples(st.sampled_from(["asv", "pytest-benchmark"]), NAMES), unique=True, max_size=12))
def test_slugs_are_safe_distinct_and_independent_of_order(benchmarks):
    found = slugs(benchmarks)
    assert len({slug.lower() for slug in found.values()}) == len(benchmarks)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", slug) for slug in found.values())
    assert all(".." not in slug and len(slug) <= MAX_LENGTH + 11 for slug in found.values())
    assert slugs(reversed(benchmarks)) == found


def test_a_plain_name_is_its_own_slug():
    assert slugs([("asv", "bench_core.Core.time_dot")]) == {
        ("asv", "bench_core.Core.time_dot"): "bench_core.Core.time_dot"
    }


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("../../etc/passwd", "etc-passwd-"),
        ("tests/test_x.py::test_sort", "tests-test_x.py-test_sort-"),
        ("Zählen", "Zahlen-"),
        ("測試", "benchmark-"),
        ("", "benchmark-"),
        ("_private", "private-"),
        ("CON", "CON-x-"),
        ("nul.txt", "nul.txt-x-"),
        ("x" * 500, "x" * 80 + "-"),
        ("lone \ud800 surrogate", "lone-surrogate-"),
    ],
)
def test_a_changed_name_gets_a_hash(name, start):
    slug = slugs([("asv", name)])["asv", name]
    assert re.fullmatch(re.escape(start) + "[0-9a-f]{8}", slug)


def test_names_that_differ_by_case_or_suite_only_do_not_collide():
    benchmarks = [("asv", "time_X"), ("asv", "time_x"), ("pytest", "time_x"), ("asv", "time_y")]
    found = slugs(benchmarks)
    assert len({slug.lower() for slug in found.values()}) == 4
    assert found["asv", "time_y"] == "time_y"


def test_ascii_of_never_hides_a_file():
    assert not ascii_of(".htaccess").startswith(".")
