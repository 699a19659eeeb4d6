"""Rules: the last one that matches wins, field by field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.judge.rules import Rules
from regress.model import RULE_FIELDS, TIME, Action, Benchmark, Direction, Key, Kind, Metric, Rule
from tests.factories import ENVIRONMENT, make_key

KEY = make_key("bench.sort(10)")


def test_without_rules_the_defaults_differ_by_kind():
    exact = make_key("bench.size", Metric("size", "B", Direction.LOWER, Kind.EXACT))
    rules = Rules()
    assert rules.policy(KEY, ENVIRONMENT).tolerance.relative == 0.10
    assert rules.policy(exact, ENVIRONMENT).tolerance.relative == 0.01
    assert rules.policy(KEY, ENVIRONMENT).origin("relative") == "default"


def test_the_last_match_wins_field_by_field():
    rules = Rules([
        Rule(relative=0.2, statistic="median", origin="a:1"),
        Rule(benchmark="bench.sort*", relative=0.05, origin="a:5"),
        Rule(benchmark="other*", relative=0.9, action=Action.IGNORE, origin="a:9"),
    ])  # fmt: skip
    policy = rules.policy(KEY, ENVIRONMENT)
    assert (policy.tolerance.relative, policy.statistic, policy.action) == (0.05, "median", Action.FAIL)
    assert (policy.origin("relative"), policy.origin("statistic"), policy.origin("action")) == ("a:5", "a:1", "default")
    assert [rule.origin for rule in rules.unused()] == ["a:9"]


def test_a_rule_may_name_the_benchmark_without_its_parameters():
    assert Rules([Rule(benchmark="bench.sort", relative=0.5)]).policy(KEY, ENVIRONMENT).tolerance.relative == 0.5


def test_environment_globs_meet_the_label_or_any_value_of_the_key():
    for pattern in ("box*", "CPython 3.11", "*x86_64*"):
        rules = Rules([Rule(environment=pattern, absolute=1.0)])
        assert rules.policy(KEY, ENVIRONMENT).tolerance.absolute == 1.0, pattern
    assert Rules([Rule(environment="i7*", absolute=1.0)]).policy(KEY, ENVIRONMENT).tolerance.absolute == 0.0


def test_metric_globs():
    rules = Rules([Rule(metric="peak*", absolute=1.0)])
    assert rules.policy(KEY, ENVIRONMENT).tolerance.absolute == 0.0
    assert rules.policy(make_key("b", Metric("peak memory", "B")), ENVIRONMENT).tolerance.absolute == 1.0


WIDE = Key(Benchmark("asv", "bench.sort", "(10)", params=(("n", "10"), ("kind", "list")), group="core"), TIME)


@pytest.mark.parametrize(
    ("selector", "fits"),
    [
        ({"suite": "asv"}, True),
        ({"suite": "pytest*"}, False),
        ({"benchmark": "re:sort"}, True),
        ({"benchmark": "re:^sort"}, False),
        ({"benchmark": r"re:\(1[0-9]\)$"}, True),
        ({"group": "core"}, True),
        ({"group": "re:^$"}, False),
        ({"param": "n=10"}, True),
        ({"param": "n=1"}, False),
        ({"param": "n=1*"}, True),
        ({"param": "re:^kind=(list|tuple)$"}, True),
        ({"tag": "nightly"}, True),
        ({"tag": "weekly"}, False),
        ({"environment": "re:3\\.1[0-9]"}, True),
        ({"metric": "time", "group": "core", "param": "n=10", "tag": "night*"}, True),
        ({"metric": "time", "group": "core", "param": "n=11", "tag": "night*"}, False),
        ({"only": ("asv", "bench.sort(10)")}, True),
        ({"only": ("asv", "bench.sort")}, False),
        ({"only": ("other", "bench.sort(10)")}, False),
    ],
)
def test_every_selector_narrows_and_all_must_hold(selector, fits):
    rules = Rules([Rule(**selector, absolute=1.0)])
    assert (rules.policy(WIDE, ENVIRONMENT, ("nightly",)).tolerance.absolute == 1.0) is fits
    assert bool(rules.matching(WIDE, ENVIRONMENT, ("nightly",))) is fits


def test_without_labels_a_rule_for_one_does_not_match():
    rules = Rules([Rule(tag="nightly", absolute=1.0), Rule(group="core", absolute=2.0)])
    assert rules.policy(KEY, ENVIRONMENT).tolerance.absolute == 0.0


def test_every_field_is_merged_by_itself_with_its_own_line():
    rules = Rules([
        Rule(relative=0.2, false_red=0.05, origin="a:1", origins=(("relative", "a:2"), ("false_red", "a:3"))),
        Rule(min_runs=9, across=True, relative=0.3, origin="a:5", origins=(("relative", "a:8"), ("min_runs", "a:6"))),
    ])  # fmt: skip
    policy = rules.policy(KEY, ENVIRONMENT)
    assert (policy.tolerance.relative, policy.false_red, policy.min_runs, policy.across) == (0.3, 0.05, 9, True)
    lines = {name: policy.origin(name) for name in RULE_FIELDS}
    assert lines == {
        "statistic": "default", "relative": "a:8", "absolute": "default", "false_red": "a:3", "min_runs": "a:6",
        "across": "a:5", "action": "default",
    }  # fmt: skip


def test_an_absolute_tolerance_is_for_metrics_of_its_unit():
    """Otherwise fifty million bytes would be fifty million seconds, and the gate could not fail."""
    memory = make_key("bench.size", Metric("size", "B", Direction.LOWER, Kind.EXACT))
    rules = Rules([Rule(absolute=5e7, absolute_unit="B"), Rule(metric="none", absolute=1.0)])
    assert rules.policy(KEY, ENVIRONMENT).tolerance.absolute == 0.0
    assert rules.policy(memory, ENVIRONMENT).tolerance.absolute == 5e7
    assert rules.applied(KEY, ENVIRONMENT)[0].idle == ("absolute",)
    assert Rules([Rule(absolute=2.0)]).policy(memory, ENVIRONMENT).tolerance.absolute == 2.0


def test_what_stands_beside_a_test_wins_over_all_others():
    near = Rule(only=("asv", "bench.sort(10)"), relative=0.01, origin="bench.sort (marker)")
    rules = Rules([near, Rule(relative=0.5, action=Action.WARN, origin="a:1")])
    policy = rules.policy(KEY, ENVIRONMENT)
    assert (policy.tolerance.relative, policy.origin("relative")) == (0.01, "bench.sort (marker)")
    assert policy.action is Action.WARN
    assert rules.policy(make_key("bench.sort(20)"), ENVIRONMENT).tolerance.relative == 0.5
    assert rules.unused() == []


def test_applied_says_what_each_rule_sets_and_what_goes_over_it():
    rules = Rules([
        Rule(relative=0.2, statistic="min", origin="a:1"),
        Rule(benchmark="other", relative=0.9, origin="a:5"),
        Rule(benchmark="bench.*", relative=0.1, origin="a:9"),
    ])  # fmt: skip
    first, last = rules.applied(KEY, ENVIRONMENT)
    assert (first.rule.origin, first.sets, first.overridden) == ("a:1", ("statistic",), (("relative", "a:9"),))
    assert (last.rule.origin, last.sets, last.overridden) == ("a:9", ("relative",), ())


_FIELDS = st.fixed_dictionaries({
    "relative": st.none() | st.floats(0, 1), "statistic": st.sampled_from([None, "min", "median"]),
    "min_runs": st.none() | st.integers(1, 9), "across": st.sampled_from([None, True, False]),
    "action": st.sampled_from([None, *Action]),
})  # fmt: skip
_RULES = st.lists(
    st.builds(
        lambda pattern, fields: Rule(benchmark=pattern, **fields), st.sampled_from(["*", "a*", "ab", "re:b"]), _FIELDS
    ),
    max_size=6,
)


@given(_RULES, st.sampled_from(["a", "ab", "b", "c"]))
def test_merging_is_what_the_last_matching_rule_says_field_by_field(written, name):
    rules, key = Rules(written), make_key(name)
    policy = rules.policy(key, ENVIRONMENT)
    fitting = [
        rule for rule in written
        if rule.benchmark == "*" or (rule.benchmark == "a*" and name[0] == "a")
        or rule.benchmark == name or (rule.benchmark == "re:b" and "b" in name)
    ]  # fmt: skip
    assert rules.matching(key, ENVIRONMENT) == fitting
    for field, got in (
        ("relative", policy.tolerance.relative), ("statistic", policy.statistic), ("min_runs", policy.min_runs),
        ("across", policy.across), ("action", policy.action),
    ):  # fmt: skip
        said = [getattr(rule, field) for rule in fitting if getattr(rule, field) is not None]
        default = {"relative": 0.1, "statistic": "auto", "min_runs": 5, "across": False, "action": Action.FAIL}[field]
        assert got == (said[-1] if said else default)


def test_twenty_rules_and_thousands_of_series_share_their_policies():
    keys = [make_key(f"bench_{i % 60}.Class{i % 17}.time_x{i}({i % 10})") for i in range(2000)]
    rules = Rules([Rule(benchmark=f"bench_{i}.*", relative=i / 100) for i in range(20)])
    policies = {id(rules.policy(key, ENVIRONMENT)) for key in keys}
    assert len(policies) == 21
