"""Rules: the last one that matches wins, field by field."""

from regress.judge.rules import Rules
from regress.model import Action, Direction, Kind, Metric, Rule
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
