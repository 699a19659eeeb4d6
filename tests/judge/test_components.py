"""Variants side by side: who wins, how sure, and what is never taken for the same."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.judge.components import Material, components, natural
from regress.judge.ratios import Asked, Lane, levelled, mean_lane, ratios
from regress.judge.rules import Rules
from regress.model import Benchmark, Direction, Environment, Key, Kind, Metric, Rule
from regress.model.components import By, env_name, label, params_of, plain_value, without
from tests.factories import make_run

TIME = Metric("time", "s", Direction.LOWER, Kind.NOISY)
RATE = Metric("rate", "1/s", Direction.HIGHER, Kind.NOISY)
BLANK = Metric("what", "1", Direction.UNKNOWN, Kind.NOISY)
BY = By("param", "x")


def key(value, name="b", metric=TIME, **fields):
    return Key(Benchmark("asv", name, f"({value})", params=(("x", str(value)),), **fields), metric)


def runs_of(*rows):
    return [make_run("c1", row, minutes=at) for at, row in enumerate(rows)]


def contest(*rows, past=(), by=BY, reference=None, rules=()):
    found = components(Material(runs_of(*rows), runs_of(*past)), by, Rules(rules), reference)
    assert len(found.contests) == 1
    return found.contests[0]


def test_the_slow_one_of_three_runs_loses():
    one = contest(*({key("a"): 1.0 + d, key("b"): 2.0 + d} for d in (0.0, 0.01, 0.02)))
    assert one.winner == "a"
    assert [entry.variant for entry in one.entries] == ["a", "b"]
    assert one.entries[0].ratio is None
    assert one.entries[1].ratio.lo < 2 < one.entries[1].ratio.hi
    assert one.entries[1].ratio.evidence == "3 runs that measured both"


def test_more_is_better_where_the_metric_says_so():
    rows = [{key("a", metric=RATE): 1.0 + d, key("b", metric=RATE): 2.0 + d} for d in (0.0, 0.01, 0.02)]
    assert contest(*rows).winner == "b"


def test_without_a_direction_nobody_wins():
    rows = [{key("a", metric=BLANK): 1.0 + d, key("b", metric=BLANK): 2.0 + d} for d in (0.0, 0.01, 0.02)]
    one = contest(*rows)
    assert (one.winner, one.reason) == ("", "nothing says which way is better")
    assert one.entries[1].ratio is not None


def test_one_run_and_no_history_says_so():
    one = contest({key("a"): 1.0, key("b"): 9.0})
    assert one.winner == ""
    assert one.entries[1].ratio.value == pytest.approx(9)
    assert math.isnan(one.entries[1].ratio.lo)
    assert one.reason.startswith("no interval: one run")


def test_two_runs_are_little():
    rows = [{key("a"): 1.0, key("b"): 1.1}, {key("a"): 1.0, key("b"): 1.12}]
    assert contest(*rows).winner == ""
    assert contest(*rows).entries[1].ratio.hi > 1.15


def test_history_on_another_processor_is_no_evidence():
    rows = {key("a"): 1.0, key("b"): 2.0}
    past = [make_run(f"p{at}", {key("a"): 1.0, key("b"): 2.0 + at / 100}, minutes=at) for at in range(8)]
    same = components(Material(runs_of(rows), past), BY, Rules())
    assert same.contests[0].entries[1].ratio.evidence == "8 earlier runs"
    elsewhere = Environment.of(dict(past[0].environment.key), {"cpu": "Other", "cores": "4"})
    moved = [make_run(f"p{at}", {key("a"): 1.0, key("b"): 2.0}, environment=elsewhere) for at in range(8)]
    other = components(Material(runs_of(rows), moved), BY, Rules())
    assert other.contests[0].winner == ""


def test_what_failed_is_shown_as_failed():
    run = make_run("c1", {key("a"): 1.0, key("b"): 2.0}, gaps={key("c"): "failed"})
    one = components(Material([run]), BY, Rules()).contests[0]
    assert [(e.variant, e.note) for e in one.entries] == [("a", ""), ("b", ""), ("c", "failed")]


def test_figures_of_zero_have_no_ratio():
    one = contest({key("a"): 0.0, key("b"): 1.0, key("c"): 2.0})
    assert one.entries[[e.variant for e in one.entries].index("a")].ratio is None


def test_a_rule_says_which_figure_counts():
    rows = [{key("a"): {"min": 1.0, "mean": 5.0}, key("b"): {"min": 2.0, "mean": 4.0}}]
    assert contest(*rows).statistic == "min"
    assert contest(*rows, rules=[Rule(statistic="mean")]).statistic == "mean"


def test_unlike_rounds_are_not_compared_by_their_smallest():
    rows = [{key("a"): {"min": 1.0, "median": 1.1, "n": 5.0}, key("b"): {"min": 1.0, "median": 1.2, "n": 500.0}}]
    assert contest(*rows).statistic == "median"


def test_names_that_differ_in_more_than_parameters_are_left_out():
    hidden = [Key(Benchmark("asv", "b", f"({v}, {h})", params=(("x", v),)), TIME) for v in "ab" for h in "12"]
    found = components(Material(runs_of(dict.fromkeys(hidden, 1.0))), BY, Rules())
    assert (found.contests, found.unclear) == ([], 1)
    apart = components(Material(runs_of(dict.fromkeys(hidden[:1] + hidden[2:3], 1.0), {hidden[1]: 2.0})), BY, Rules())
    assert apart.unclear == 1


def test_means_are_of_the_same_benchmarks_for_all():
    """c is in one benchmark alone, a fast one: it must not have the best mean."""
    rows = [
        {key("a", "fast"): 1.0 + d, key("b", "fast"): 1.5 + d, key("c", "fast"): 2.0 + d,
         key("a", "slow"): 100.0 + d, key("b", "slow"): 200.0 + d}
        for d in (0.0, 0.001, 0.002)
    ]  # fmt: skip
    found = components(Material(runs_of(*rows)), BY, Rules())
    (group,) = found.groups
    assert [(e.variant, e.count) for e in group.entries] == [("a", 2), ("b", 2)]
    assert group.winner == "a"
    assert group.entries[1].ratio.value == pytest.approx(math.sqrt(3.0), rel=1e-2)


def test_means_where_every_variant_lacks_something():
    rows = {key("a", name): 1.0 for name in ("p", "q", "r")} | {key("b", name): 2.0 for name in ("p", "q")}
    found = components(Material(runs_of(rows | {key("c", "r"): 0.1})), BY, Rules())
    assert found.reference == "a", "c is faster, but in one benchmark alone"
    (group,) = found.groups
    assert [(e.variant, e.count) for e in group.entries] == [("a", 2), ("b", 2)]


def test_a_contest_without_the_reference_has_its_own():
    rows = {key(v, name): 1.0 + at for at, v in enumerate("abc") for name in ("p", "q")}
    found = components(Material(runs_of(rows | {key("d", "r"): 3.0, key("e", "r"): 1.5})), BY, Rules())
    assert [one.reference for one in found.contests] == ["a", "a", "e"]
    assert [entry.ratio and entry.ratio.value for entry in found.contests[-1].entries] == [None, pytest.approx(2)]


def test_no_mean_of_one_benchmark():
    rows = {key("a", "p"): 1.0, key("b", "p"): 1.0, key("c", "q"): 1.0, key("d", "q"): 1.0}
    assert components(Material(runs_of(rows)), BY, Rules()).groups == []


def test_a_pair_tells_more_than_the_runs_beside_it():
    """The second run measured one side alone, in another mood."""
    known = np.zeros(12)
    (ratio,) = ratios([Asked(Lane(np.log([2.0, 9.0]), known), Lane(np.array([0.0, np.nan]), known))])
    assert ratio.value == pytest.approx(2)


def test_means_by_suite():
    rows = {
        Key(Benchmark(suite, name, f"({v})", params=(("x", v),)), TIME): 1.0
        for suite in ("s", "t") for name in ("m", "n") for v in "ab"
    }  # fmt: skip
    found = components(Material(runs_of(rows)), BY, Rules())
    assert [(group.suite, group.entries[0].count) for group in found.groups] == [("", 4), ("s", 2), ("t", 2)]


@pytest.mark.parametrize("variants", [2, 3, 5])
def test_between_equals_one_in_twenty_wins(variants):
    rng = np.random.default_rng(variants)
    names = [chr(97 + at) for at in range(variants)]
    rows = [
        {key(v, f"b{at}"): math.exp(0.05 * rng.standard_normal()) for at in range(400) for v in names} for _ in range(5)
    ]
    found = components(Material(runs_of(*rows)), BY, Rules())
    assert sum(bool(one.winner) for one in found.contests) <= 0.075 * 400


def test_intervals_from_history_hold_what_they_say():
    rng = np.random.default_rng(7)
    sigma = 0.03
    asked = [
        Asked(Lane(rng.normal(0, sigma, 1), rng.normal(0, sigma, 12)), Lane(np.zeros(1), np.zeros(12)))
        for _ in range(800)
    ]
    found = ratios(asked)
    assert 0.92 < np.mean([one.lo <= 1 <= one.hi for one in found]) < 0.99


def test_a_step_in_the_history_is_no_noise():
    past = np.concatenate([np.full(10, 2.0), np.zeros(10)]) + 0.01 * np.random.default_rng(1).standard_normal(20)
    (kept,) = levelled([past])
    assert np.isnan(kept[:10]).all()
    assert np.isfinite(kept[10:]).all()
    (ratio,) = ratios([Asked(Lane(np.zeros(1), kept), Lane(np.zeros(1), np.zeros(20)))])
    assert ratio.hi < 1.06


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(st.floats(1e-9, 1e9) | st.none(), min_size=4, max_size=4), min_size=1, max_size=5),
    st.floats(1e-3, 1e3),
)
def test_the_unit_does_not_matter(table, factor):
    def lanes(scale):
        return [np.log([math.nan if v is None else v * scale for v in row]) for row in table]

    def asked(scale):
        rows = lanes(scale)
        return [Asked(Lane(row, row), Lane(rows[0], rows[0])) for row in rows]

    for one, other in zip(ratios(asked(1.0)), ratios(asked(factor)), strict=True):
        assert (one is None) == (other is None)
        if one and other:
            assert one.value == pytest.approx(other.value, rel=1e-6)
            assert math.isnan(one.lo) == math.isnan(other.lo)
            assert math.isnan(one.lo) or one.lo <= one.value <= one.hi


def test_a_run_that_lacks_a_lane_stands_by_the_others():
    nan = math.nan
    lane = mean_lane([Lane(np.array([0.0, nan]), np.empty(0)), Lane(np.array([10.0, 11.0]), np.empty(0))])
    # The means are 0 and 10.5; of the second run only the latter is known, and it strays by half.
    assert lane.own == pytest.approx([5.25 - 0.25, 5.25 + 0.5])


@pytest.mark.parametrize(
    ("one", "params", "rest"),
    [
        (
            Benchmark("s", "b", "('list', 10)", params=(("x", "'list'"), ("n", "10"))),
            {"x": "'list'", "n": "10"},
            "b[n=10]",
        ),
        (Benchmark("s", "b", "{n=10, x=list}"), {"n": "10", "x": "list"}, "b[n=10]"),
        (Benchmark("s", "BM", "/8/1024"), {"arg1": "8", "arg2": "1024"}, "BM[arg1=8, arg2=1024]"),
        (Benchmark("s", "t", "[list-10]"), {}, "t"),
        (Benchmark("s", "t"), {}, "t"),
    ],
)
def test_parameters_and_what_is_left(one, params, rest):
    assert dict(params_of(one)) == params
    assert without(one, "x").full == rest


def test_values_labels_and_names():
    assert [plain_value(v) for v in ("'a'", '"b"', "c", "'", "''")] == ["a", "b", "c", "'", ""]
    assert label(("x", "variant=fast"), "variant") == "fast"
    assert label(("variant:slow",), "variant") == "slow"
    assert (label(("x",), "x"), label((), "x"), label(("xy",), "x")) == ("x", "no x", "no x")
    environment = Environment.of({"matrix.numpy": "2", "python": "CPython 3.11"})
    assert [env_name(environment, name) for name in ("numpy", "matrix.numpy", "python", "gone")] == [
        "matrix.numpy", "matrix.numpy", "python", None,
    ]  # fmt: skip


def test_numbers_sort_by_size():
    assert sorted(["v10", "v9", "1e", "b", "10", "9"], key=natural) == ["1e", "9", "10", "b", "v9", "v10"]


@given(st.text(), st.text())
def test_any_two_texts_sort(one, other):
    assert natural(one) <= natural(other) or natural(other) <= natural(one)
