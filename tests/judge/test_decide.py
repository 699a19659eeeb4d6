"""From two sides to an opinion: facts, noise, rules."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.judge.centre import Centre
from regress.judge.verdict import NOT_JUDGED, Opinions, status_of
from regress.model import Acknowledgement, Action, Direction, Environment, Kind, Metric, Outcome, Rule
from tests.factories import ENVIRONMENT, make_key, make_run
from tests.judge.sides import QUIET, decision, judge, one

COUNT = Metric("count", "1", Direction.LOWER, Kind.EXACT)
RATE = Metric("throughput", "1/s", Direction.HIGHER, Kind.NOISY)
VAGUE = Metric("thing", "1", Direction.UNKNOWN, Kind.EXACT)


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
    verdict = one(base, candidate, earlier=QUIET)
    assert verdict.outcome is outcome
    assert not verdict.provisional


def test_beyond_the_tolerance_but_within_what_its_runs_show_is_unchanged_and_says_how_blind_it_is():
    noisy = [1.0, 1.4, 0.8, 1.3, 0.9, 1.5, 0.7, 1.2]
    verdict = one(1.0, 1.3, earlier=noisy)
    assert verdict.outcome is Outcome.UNCHANGED
    assert "unchanged code shows as much" in verdict.reason
    assert verdict.comparison.noise > 0.5


def test_between_the_limit_of_one_series_and_that_of_the_run_lies_a_suspect():
    names = [f"bench.n{i}" for i in range(400)]
    spread = np.random.default_rng(1).normal(0, 0.01, (12, 400))
    earlier = [make_run(f"e{i}", dict(zip(names, np.exp(row), strict=True))) for i, row in enumerate(spread)]
    values = dict.fromkeys(names, 1.0) | {"bench.n0": 1.045, "bench.n1": 1.15}
    rules = [Rule(relative=0.02)]
    verdicts, _ = judge([earlier[-1]], [make_run("c", values)], earlier=earlier, rules=rules, centre=Centre("level"))
    suspect, red = verdicts["bench.n0"], verdicts["bench.n1"]
    assert (suspect.outcome, suspect.suspect, suspect.failing) == (Outcome.INCONCLUSIVE, True, False)
    assert "--confirm" in suspect.hint
    assert (red.outcome, red.suspect, red.failing) == (Outcome.REGRESSED, True, True)
    assert red.proof.limit == pytest.approx(0.01 / 400)
    assert red.proof.family == 400


def test_false_red_is_a_rule_and_0_turns_it_off():
    strict = one(1.0, 1.2, earlier=QUIET, rules=[Rule(false_red=1e-12)])
    assert (strict.outcome, strict.proof.limit) == (Outcome.INCONCLUSIVE, 1e-12)
    assert one(1.0, 1.2, earlier=QUIET, rules=[Rule(false_red=0.0)]).proof.limit == 0.005


def test_few_runs_make_a_verdict_provisional():
    verdict = one(1.0, 3.0, earlier=[1.0, 1.0])
    assert (verdict.outcome, verdict.provisional) == (Outcome.REGRESSED, True)


def test_few_runs_and_a_middling_change_are_inconclusive():
    assert one(1.0, 1.15).outcome is Outcome.INCONCLUSIVE


def test_the_intervals_of_both_sides_count_where_there_is_no_history():
    base = {"median": 1.0, "lo": 0.99, "hi": 1.01}
    assert one(base, {"median": 1.5, "lo": 1.49, "hi": 1.51}).outcome is Outcome.REGRESSED
    assert one(base, {"median": 1.5, "lo": 0.8, "hi": 2.5}).outcome is Outcome.INCONCLUSIVE


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
    assert (warned.outcome, warned.failing, status_of(Opinions([warned]))) == (Outcome.REGRESSED, False, 0)
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


positive = st.floats(min_value=1e-9, max_value=1e9)


@given(positive, positive, st.lists(positive, max_size=12))
def test_red_needs_both_questions(base, candidate, earlier):
    verdict = one(base, candidate, earlier=earlier)
    facts = verdict.comparison
    if verdict.outcome is Outcome.REGRESSED:
        assert facts.change > 0.10
        assert verdict.proof.pooled <= verdict.proof.limit <= verdict.proof.alone
    if candidate <= base:
        assert verdict.outcome in (Outcome.UNCHANGED, Outcome.IMPROVED)
    if candidate > base * 1.11:
        silent = verdict.outcome is Outcome.UNCHANGED and len(earlier) >= 5 and verdict.proof.p > verdict.proof.alone
        assert silent or verdict.outcome in (Outcome.REGRESSED, *NOT_JUDGED)


@given(positive, positive)
def test_the_unit_does_not_change_the_verdict(base, candidate):
    assert one(base, candidate).outcome is one(base * 1024, candidate * 1024).outcome


def test_the_change_from_zero_is_infinite():
    assert one({"value": 0}, {"value": 5}, metric=COUNT).comparison.change == math.inf


# --- baselines that cannot poison themselves ---


def level(candidate, earlier, *, base=None, centre="level", **options):
    return one(earlier[-1] if base is None else base, candidate, earlier=earlier, centre=Centre(centre), **options)


def test_a_red_run_on_main_does_not_excuse_the_next():
    earlier = [*QUIET, 1.5]
    red = level(1.5, earlier)
    assert red.outcome is Outcome.REGRESSED
    assert red.proof.held == ("r8",)
    assert red.comparison.base.value == pytest.approx(1.0, rel=0.02)
    assert level(1.0, earlier).outcome is Outcome.UNCHANGED


def test_two_red_runs_do_not_hide_each_other_and_three_are_a_level_of_their_own():
    assert level(1.5, [*QUIET, 1.5, 1.49]).proof.held == ("r8", "r9")
    settled = level(1.5, [*QUIET, 1.5, 1.49, 1.51])
    assert settled.outcome is Outcome.UNCHANGED
    assert settled.proof.past == ("r8", "r9", "r10")


def test_a_red_run_that_the_next_one_came_back_from_stays_in_the_spread():
    back = level(1.0, [*QUIET, 1.5, 1.0])
    assert back.proof.held == ()
    assert len(back.proof.past) == 10
    # It is a spike that can come again, so that the next one is a suspect at most.
    assert level(1.5, [*QUIET, 1.5, 1.0]).outcome is not Outcome.REGRESSED


def test_an_accepted_change_is_the_level_from_its_first_run_on():
    entry = Acknowledgement(benchmark="bench.one", up_to=0.6, reason="worth it")
    verdict = level(1.5, [*QUIET, 1.5], accepted=[entry])
    assert (verdict.outcome, verdict.proof.held, verdict.proof.past) == (Outcome.UNCHANGED, (), ("r8",))


def test_a_pull_request_does_not_answer_for_the_commit_it_left_from():
    assert level(1.5, [*QUIET, 1.5], centre="branch").outcome is Outcome.UNCHANGED
    assert level(1.9, [*QUIET, 1.5], centre="branch").outcome is Outcome.REGRESSED
    assert level(1.5, QUIET, centre="branch").outcome is Outcome.REGRESSED


def test_a_lucky_baseline_makes_nobody_red():
    assert level(1.02, [*QUIET, 0.8], centre="branch").outcome is Outcome.UNCHANGED
    assert level(1.5, [*QUIET, 0.8], centre="branch").outcome is Outcome.REGRESSED


def test_a_window_looks_at_the_last_runs_alone():
    earlier = [*QUIET, *(1.04 * v for v in QUIET[:3])]
    assert one(1.0, 1.0, earlier=earlier, centre=Centre("window", 3)).comparison.base.value == pytest.approx(1.04)


# --- what is accepted ---


def test_what_is_accepted_is_quoted_when_used_exceeded_and_expired():
    def verdict(**fields):
        entry = Acknowledgement(benchmark="bench.*", reason="caching comes in May", origin="f.toml:3", **fields)
        return one(1.0, 1.5, earlier=QUIET, accepted=[entry])

    used = verdict(up_to=0.6)
    assert (used.outcome, used.failing, used.rule) == (Outcome.ACCEPTED, False, "f.toml:3")
    assert "caching comes in May" in used.reason
    exceeded = verdict(up_to=0.1)
    assert exceeded.outcome is Outcome.REGRESSED
    assert "f.toml:3 accepts only 10% (caching comes in May)" in exceeded.reason
    expired = verdict(up_to=0.6, expires=date(2024, 1, 1), expired=True)
    assert (expired.outcome, expired.failing) == (Outcome.REGRESSED, True)
    assert "until 2024-01-01" in expired.reason


# --- what moved together ---


def suite(factor, count=30, *, moved=None, environment=ENVIRONMENT, further=None, **options):
    """A decision on a suite of which `moved` series (default: all) are `factor` slower than their twelve runs."""
    names = [f"bench.n{i}" for i in range(count)]
    noise = np.random.default_rng(7).normal(0, 0.01, (13, count))
    runs = [make_run(f"e{i}", dict(zip(names, np.exp(row), strict=True))) for i, row in enumerate(noise)]
    rows = np.exp(noise[-1]) * np.where(np.arange(count) < (count if moved is None else moved), factor, 1.0)
    for place, more in (further or {}).items():
        rows[place] *= more
    candidate = make_run("c", dict(zip(names, rows, strict=True)), environment=environment)
    facts = {ENVIRONMENT.digest: ENVIRONMENT.facts}
    return decision([runs[11]], [candidate], earlier=runs[:12], centre=Centre("level"), facts=facts, **options)[0]


NEWER = Environment(ENVIRONMENT.key, tuple((k, "3.11.9" if k == "python" else v) for k, v in ENVIRONMENT.facts))


def test_a_slower_import_is_one_finding_and_red():
    (finding,) = suite(1.3).findings
    assert (finding.outcome, finding.failing, finding.moved) == (Outcome.REGRESSED, True, 30)
    assert finding.shift == pytest.approx(0.3, abs=0.02)
    assert status_of(Opinions([], [finding])) == 1


def test_a_slower_machine_is_named_and_nothing_is_red():
    found = suite(1.3, environment=NEWER)
    (finding,) = found.findings
    assert (finding.outcome, finding.failing) == (Outcome.INCOMPARABLE, False)
    assert "Python 3.11.7 → 3.11.9" in finding.reason
    assert {v.outcome for v in found.verdicts} == {Outcome.INCOMPARABLE}
    assert all(v.suspect for v in found.verdicts)


def test_on_a_slower_machine_what_moved_much_further_is_still_red():
    both = suite(1.15, environment=NEWER, further={0: 1.6})
    outcomes = [v.outcome for v in both.verdicts if v.comparison.key.benchmark.full == "bench.n0"]
    assert outcomes == [Outcome.REGRESSED]


def test_a_suite_of_three_has_nothing_in_common():
    found = suite(1.3, count=3)
    assert found.findings == []
    assert {v.outcome for v in found.verdicts} == {Outcome.REGRESSED}


def test_half_a_suite_is_not_the_whole():
    assert suite(1.3, moved=15).findings == []


def test_a_common_shift_is_taken_out_only_where_asked_for():
    found = suite(1.3, subtract=True)
    (finding,) = found.findings
    assert "taken out" in finding.reason
    assert {v.outcome for v in found.verdicts} == {Outcome.UNCHANGED}


def test_a_faster_machine_is_named_too():
    (finding,) = suite(0.7, environment=NEWER).findings
    assert finding.outcome is Outcome.INCOMPARABLE
    assert finding.shift < 0


def test_a_constant_series_that_moves_is_red():
    assert one(1.0, 1.2, earlier=[1.0] * 8).outcome is Outcome.REGRESSED
    assert one(1.0, 1.001, earlier=[1.0] * 8, rules=[Rule(relative=0.0)]).outcome is Outcome.REGRESSED
    assert one({"value": 7}, {"value": 8}, metric=COUNT, earlier=[7.0] * 8).outcome is Outcome.REGRESSED
