"""Verdicts: the table of outcomes and statuses, and the way from two sides to an opinion."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.judge.compare import collect
from regress.judge.rules import Rules
from regress.judge.verdict import NOT_JUDGED, STATUSES, decide, draft, headline, status_of
from regress.model import Action, Direction, Environment, Kind, Metric, Outcome, Rule
from tests.factories import ENVIRONMENT, make_key, make_run

COUNT = Metric("count", "1", Direction.LOWER, Kind.EXACT)
RATE = Metric("throughput", "1/s", Direction.HIGHER, Kind.NOISY)
VAGUE = Metric("thing", "1", Direction.UNKNOWN, Kind.EXACT)
QUIET = [1.0, 1.01, 0.99, 1.0, 1.02, 1.0, 0.99, 1.01]


def judge(base, candidate, *, rules=(), earlier=None, **options):
    """The verdicts by benchmark; `earlier` maps full names to earlier values."""
    drafts, not_run = draft(collect(base), collect(candidate), Rules(rules))
    past = {}
    for made in drafts:
        name = made.measured.key.benchmark.full
        if earlier and name in earlier:
            place = (made.measured.environment.digest, made.measured.key.unversioned)
            past[place] = np.array(earlier[name])
    return {v.comparison.key.benchmark.full: v for v in decide(drafts, past)}, not_run


def one(base, candidate, **options):
    """The only verdict of a run with one benchmark on each side."""
    metric = options.pop("metric", None) or make_key("x").metric
    values = [{"bench.one": v if isinstance(v, dict) else {"median": v}} for v in (base, candidate)]
    verdicts, _ = judge([make_run("b", values[0], metric=metric)], [make_run("c", values[1], metric=metric)], **options)
    return verdicts["bench.one"]


def test_every_outcome_has_a_status():
    assert set(STATUSES) == set(Outcome)


@pytest.mark.parametrize(
    ("base", "candidate", "outcome"),
    [
        (1.0, 3.0, Outcome.REGRESSED),
        (1.0, 1.05, Outcome.UNCHANGED),
        (3.0, 1.0, Outcome.IMPROVED),
        (1.0, 1.0, Outcome.UNCHANGED),
    ],
)
def test_times_against_a_quiet_history(base, candidate, outcome):
    verdict = one(base, candidate, earlier={"bench.one": QUIET})
    assert verdict.outcome is outcome
    assert not verdict.provisional


def test_beyond_tolerance_but_within_noise_is_inconclusive_and_says_so():
    noisy = [1.0, 1.4, 0.8, 1.3, 0.9, 1.5, 0.7, 1.2]
    verdict = one(1.0, 1.3, earlier={"bench.one": noisy})
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "within the noise" in verdict.reason
    assert verdict.hint


def test_few_runs_make_a_verdict_provisional():
    verdict = one(1.0, 3.0, earlier={"bench.one": [1.0, 1.0]})
    assert (verdict.outcome, verdict.provisional) == (Outcome.REGRESSED, True)


def test_few_runs_and_a_middling_change_are_inconclusive():
    assert one(1.0, 1.15).outcome is Outcome.INCONCLUSIVE


def test_disjoint_intervals_decide_where_there_is_no_history():
    base = {"median": 1.0, "lo": 0.99, "hi": 1.01}
    assert one(base, {"median": 1.15, "lo": 1.14, "hi": 1.16}).outcome is Outcome.REGRESSED
    assert one(base, {"median": 1.15, "lo": 0.8, "hi": 1.5}).outcome is Outcome.INCONCLUSIVE


def test_higher_is_better_turns_the_sign():
    assert one(100.0, 30.0, metric=RATE).outcome is Outcome.REGRESSED
    assert one(30.0, 100.0, metric=RATE).outcome is Outcome.IMPROVED


def test_exact_metrics_have_no_noise():
    assert one({"value": 100}, {"value": 102}, metric=COUNT).outcome is Outcome.REGRESSED
    assert one({"value": 1000}, {"value": 1001}, metric=COUNT).outcome is Outcome.UNCHANGED
    assert one({"value": 0}, {"value": 1}, metric=COUNT).outcome is Outcome.REGRESSED
    assert one({"value": 0}, {"value": 0}, metric=COUNT).outcome is Outcome.UNCHANGED


def test_an_unknown_direction_is_inconclusive_with_the_line_to_add():
    verdict = one({"value": 100}, {"value": 200}, metric=VAGUE)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert 'name = "thing"' in verdict.hint


def test_absolute_and_relative_tolerance_must_both_be_passed():
    rules = [Rule(relative=0.1, absolute=5.0)]
    assert one(1.0, 3.0, rules=rules).outcome is Outcome.UNCHANGED
    assert one(10.0, 30.0, rules=rules).outcome is Outcome.REGRESSED


def test_warn_and_ignore():
    warned = one(1.0, 3.0, rules=[Rule(action=Action.WARN)])
    assert (warned.outcome, warned.failing, status_of([warned])) == (Outcome.REGRESSED, False, 0)
    base, candidate = make_run("b", {"bench.one": 1.0}), make_run("c", {"bench.one": 9.0})
    assert judge([base], [candidate], rules=[Rule(action=Action.IGNORE)])[0] == {}


def test_min_is_compared_only_between_alike_numbers_of_rounds():
    alike = one({"min": 1.0, "median": 2.0, "n": 100}, {"min": 1.0, "median": 2.0, "n": 180})
    apart = one({"min": 1.0, "median": 2.0, "n": 100}, {"min": 1.0, "median": 2.0, "n": 900})
    assert (alike.comparison.statistic, apart.comparison.statistic) == ("min", "median")


def test_a_statistic_that_a_side_lacks_is_incomparable():
    assert one({"median": 1.0}, {"median": 1.0}, rules=[Rule(statistic="mean")]).outcome is Outcome.INCOMPARABLE
    assert one({"min": 1.0}, {"mean": 1.0}).outcome is Outcome.INCOMPARABLE


def test_new_missing_and_not_run():
    base = [make_run("b", {"bench.one": 1.0, "bench.gone": 1.0}), make_run("b", {"t.x": 1.0}, suite="pytest-benchmark")]
    verdicts, not_run = judge(base, [make_run("c", {"bench.one": 1.0, "bench.fresh": 1.0})])
    assert verdicts["bench.gone"].outcome is Outcome.MISSING
    assert verdicts["bench.gone"].failing
    assert verdicts["bench.fresh"].outcome is Outcome.NEW
    assert "t.x" not in verdicts
    assert not_run == [f"pytest-benchmark on {ENVIRONMENT.label}"]


def test_failures_are_red_unless_the_base_failed_too():
    def outcome(base_gap, candidate_gap):
        base = make_run("b", {"bench.one": 1.0} if not base_gap else {}, gaps=base_gap and {"bench.one": base_gap})
        candidate = make_run("c", {}, gaps={"bench.one": candidate_gap})
        verdict = judge([base], [candidate])[0].get("bench.one")
        return verdict and (verdict.outcome, verdict.failing)

    assert outcome(None, "failed") == (Outcome.FAILED, True)
    assert outcome("failed", "failed") == (Outcome.FAILED, False)
    assert outcome("skipped", "failed") == (Outcome.FAILED, True)
    assert outcome(None, "skipped") == (Outcome.MISSING, True)
    assert outcome("skipped", "skipped") is None


def test_what_failed_on_the_base_and_works_now_is_new():
    base = make_run("b", {}, gaps={"bench.one": "failed"})
    verdict = judge([base], [make_run("c", {"bench.one": 1.0})])[0]["bench.one"]
    assert (verdict.outcome, verdict.reason) == (Outcome.NEW, "the base failed")


def test_a_benchmark_whose_source_changed_is_incomparable():
    base = make_run("b", {make_key("bench.one", version="v1"): 1.0})
    candidate = make_run("c", {make_key("bench.one", version="v2"): 3.0})
    assert judge([base], [candidate])[0]["bench.one"].outcome is Outcome.INCOMPARABLE


def test_another_processor_makes_noisy_figures_incomparable_but_not_exact_ones():
    other = Environment(ENVIRONMENT.key, (("cores", "4"), ("cpu", "Other CPU")))

    def outcome(metric):
        base = make_run("b", {make_key("bench.one", metric): 1.0})
        candidate = make_run("c", {make_key("bench.one", metric): 3.0}, environment=other)
        return judge([base], [candidate])[0]["bench.one"]

    assert outcome(make_key("x").metric).outcome is Outcome.INCOMPARABLE
    assert "cpu was 'Test CPU'" in outcome(make_key("x").metric).reason
    assert outcome(COUNT).outcome is Outcome.REGRESSED


def test_several_runs_of_a_side_count_by_their_median():
    base = [make_run("b", {"bench.one": {"median": v}}, minutes=i) for i, v in enumerate((1.0, 1.1, 9.0))]
    verdict = judge(base, [make_run("c", {"bench.one": {"median": 1.1}})])[0]["bench.one"]
    assert verdict.comparison.base.value == 1.1
    assert verdict.comparison.base.runs == 3


def test_environments_are_never_mixed():
    elsewhere = Environment.of({"system": "Darwin"})
    verdicts, not_run = judge(
        [make_run("b", {"bench.one": 1.0})], [make_run("c", {"bench.one": 9.0}, environment=elsewhere)]
    )
    assert verdicts["bench.one"].outcome is Outcome.NEW
    assert len(not_run) == 1


def verdict_of(outcome, failing=None):
    made = one(1.0, 3.0)
    return replace(made, outcome=outcome, failing=STATUSES[outcome][0] == 1 if failing is None else failing)


@pytest.mark.parametrize(
    ("outcomes", "status", "strict"),
    [
        ([Outcome.UNCHANGED], 0, 0),
        ([Outcome.UNCHANGED, Outcome.IMPROVED, Outcome.NEW, Outcome.ACCEPTED], 0, 0),
        ([Outcome.UNCHANGED, Outcome.REGRESSED], 1, 1),
        ([Outcome.UNCHANGED, Outcome.BREACHED], 1, 1),
        ([Outcome.UNCHANGED, Outcome.MISSING], 1, 1),
        ([Outcome.UNCHANGED, Outcome.FAILED], 1, 1),
        ([Outcome.UNCHANGED, Outcome.INCONCLUSIVE], 0, 5),
        ([Outcome.UNCHANGED, Outcome.UNJUDGED], 0, 5),
        ([Outcome.UNCHANGED] * 9 + [Outcome.INCOMPARABLE], 0, 5),
        ([Outcome.UNCHANGED, Outcome.INCOMPARABLE], 3, 3),
        ([Outcome.INCOMPARABLE, Outcome.REGRESSED, Outcome.UNCHANGED], 1, 1),
        ([Outcome.INCOMPARABLE], 3, 3),
        ([Outcome.NEW], 3, 3),
        ([], 3, 3),
    ],
)
def test_statuses(outcomes, status, strict):
    verdicts = [verdict_of(outcome) for outcome in outcomes]
    assert status_of(verdicts) == status
    assert status_of(verdicts, strict=True) == strict


def test_missing_ones_count_towards_what_was_not_compared():
    verdicts = [verdict_of(Outcome.UNCHANGED)] * 7 + [verdict_of(Outcome.INCOMPARABLE)]
    assert status_of(verdicts) == 0
    assert status_of([*verdicts, verdict_of(Outcome.MISSING, failing=False)]) == 3
    assert status_of([*verdicts, verdict_of(Outcome.MISSING, failing=False)], max_uncompared=0.5) == 0


def test_the_headline_never_hides_what_was_not_judged():
    verdicts = [verdict_of(Outcome.UNCHANGED), verdict_of(Outcome.INCONCLUSIVE)]
    assert headline(verdicts, 0) == "NOT JUDGED: 1 · no regression · 1 compared"
    assert headline([*verdicts, verdict_of(Outcome.REGRESSED)], 1).startswith("RED: 1 regressed · NOT JUDGED: 1")
    assert "as warnings only" in headline([verdict_of(Outcome.REGRESSED, failing=False)], 0)
    assert "TOO LITTLE COMPARED" in headline([verdict_of(Outcome.INCOMPARABLE)], 3)


positive = st.floats(min_value=1e-9, max_value=1e9)


@given(positive, positive, st.lists(positive, max_size=12))
def test_red_needs_both_questions(base, candidate, earlier):
    verdict = one(base, candidate, earlier={"bench.one": earlier})
    facts = verdict.comparison
    if verdict.outcome is Outcome.REGRESSED:
        assert facts.change > 0.10
        assert facts.change > facts.noise
    if candidate <= base:
        assert verdict.outcome in (Outcome.UNCHANGED, Outcome.IMPROVED)
    if candidate > base * 1.11:
        assert verdict.outcome in (Outcome.REGRESSED, *NOT_JUDGED)


@given(positive, positive)
def test_the_unit_does_not_change_the_verdict(base, candidate):
    assert one(base, candidate).outcome is one(base * 1024, candidate * 1024).outcome


def test_the_change_from_zero_is_infinite():
    assert one({"value": 0}, {"value": 5}, metric=COUNT).comparison.change == math.inf
