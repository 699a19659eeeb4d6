"""The gate's noise model: levels of error that hold, on noise whose law is known, and the edges that users meet."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from benchmarks import false_red, gate_quality, quality
from regress.stats import sigma
from regress.stats.gate import Tail, predict
from regress.stats.spikes import stand_out
from regress.stats.student import normal_tail, student_limit, student_tail

SERIES = 20_000


def row(*values):
    return np.array([values], dtype=float)


def normal(rng, runs, noise=0.01, series=SERIES):
    return {"value": np.exp(noise * rng.normal(size=(series, runs)))}


def neighbours(rng, runs, series, noise=0.02, share=0.05):
    hit = rng.random((series, runs)) < share
    return {
        "value": np.exp(noise * rng.normal(size=(series, runs))) * np.where(hit, rng.uniform(1.1, 1.4, hit.shape), 1)
    }


def at_most(share, alpha, count):
    """Whether a share of `count` draws says nothing against alpha."""
    return share <= alpha + 4 * np.sqrt(alpha / count)


@given(st.floats(-8, 12), st.floats(3, 400))
@settings(deadline=None)
def test_the_tail_is_students(t, degrees):
    # Far out with three degrees the chance is a few percent too small: better than any noise is known.
    expected = stats.t.sf(t, degrees)
    far = expected < 1e-4
    near = 0.003 if degrees >= 5 else 0.015
    assert student_tail(np.array(t), np.array(degrees)) == pytest.approx(expected, rel=0.3 if far else near)


@given(st.floats(1e-6, 0.05), st.floats(3, 400))
@settings(deadline=None)
def test_the_limit_is_the_inverse_of_the_tail(alpha, degrees):
    limit = student_limit(alpha, np.array([degrees]))
    assert student_tail(limit, np.array([degrees]))[0] == pytest.approx(alpha, rel=1e-3)
    assert limit[0] == pytest.approx(stats.t.isf(alpha, degrees), rel=0.03)


def test_the_normal_tail_goes_far():
    z = np.array([0.0, 1.0, 6.0, 20.0])
    assert normal_tail(z) == pytest.approx(stats.norm.sf(z), rel=1e-9)


@pytest.mark.parametrize("runs", [3, 5, 8, 11, 30])
@pytest.mark.parametrize("noise", [0.003, 0.013, 0.05])
def test_false_alarms_stay_below_the_level(runs, noise):
    rng = np.random.default_rng([runs, int(noise * 1000)])
    p = predict(normal(rng, runs, noise), normal(rng, 1, noise)).p()
    # The prior knows of noise around 1.5 %: where a machine is louder, a few runs are believed a little too well.
    slack = 2.5 if noise == 0.05 and runs < 8 else 1.25
    for alpha in (0.05, 0.005, 0.0005):
        assert at_most((p < alpha).mean(), slack * alpha, SERIES)


def test_with_many_runs_the_level_is_met_and_not_undercut():
    rng = np.random.default_rng(5)
    p = predict(normal(rng, 30), normal(rng, 1)).p()
    assert (p < 0.05).mean() == pytest.approx(0.05, rel=0.15)
    assert (p < 0.005).mean() == pytest.approx(0.005, rel=0.3)


def test_a_minimum_that_leans_to_the_worse_side_keeps_the_level():
    rng = np.random.default_rng(6)

    def draw(runs):
        shape = (SERIES, runs)
        return 1 + 0.002 * (rng.exponential(size=shape) + rng.normal(size=shape))

    past, new = draw(11), draw(1)
    assert (predict({"min": past}, {"min": new}).p() < 0.005).mean() < 0.0075
    assert (predict({"value": past}, {"value": new}).p() < 0.005).mean() > 0.008


@pytest.mark.parametrize("runs", [11, 30])
def test_the_level_holds_far_out_where_runs_differ_a_little_more_than_their_rounds_say(runs):
    rng = np.random.default_rng([17, runs])
    noise = np.exp(rng.normal(np.log(0.013), 0.8, SERIES))
    past, new = (false_red.measured(rng, noise, n, 0.0) for n in (runs, 1))
    p = predict(past, new).p()
    for alpha in (0.005, 0.0005):
        assert at_most((p < alpha).mean(), 1.8 * alpha, SERIES)


@given(st.lists(st.floats(0.5, 2), min_size=2, max_size=15), st.floats(0.5, 2), st.floats(1e-9, 1e9))
@settings(deadline=None, max_examples=60)
def test_the_unit_does_not_matter(past, new, unit):
    one = predict({"value": row(*past)}, {"value": row(new)})
    other = predict({"value": row(*past) * unit}, {"value": row(new * unit)})
    assert other.p() == pytest.approx(one.p(), rel=1e-6)
    assert other.limit(0.005) == pytest.approx(one.limit(0.005) * unit, rel=1e-6)


@given(st.lists(st.floats(0.5, 2), min_size=2, max_size=15), st.floats(0.5, 2))
@settings(deadline=None, max_examples=60)
def test_a_rate_is_judged_as_its_inverse_is(past, new):
    time = predict({"value": row(*past)}, {"value": row(new)})
    rate = predict({"value": 1 / row(*past)}, {"value": row(1 / new)}, worse=-1)
    assert rate.p() == pytest.approx(time.p(), rel=1e-6)
    assert rate.limit(0.005) == pytest.approx(1 / time.limit(0.005), rel=1e-6)


@given(st.lists(st.floats(0.9, 1.1) | st.floats(1, 3), min_size=1, max_size=30), st.floats(1e-6, 0.05))
@settings(deadline=None, max_examples=100)
def test_the_chance_of_the_limit_is_the_level_and_chances_fall(past, alpha):
    made = predict({"value": row(*past)}, {"value": row(1)})
    limit = made.limit(alpha)
    assert made.p(limit) == pytest.approx(alpha, rel=2e-3)
    assert made.visible(alpha) == pytest.approx(limit / made.centre - 1, rel=1e-6)
    chances = [float(made.p(made.centre * factor)[0]) for factor in (0.5, 0.9, 1, 1.01, 1.1, 2, 10)]
    assert chances == sorted(chances, reverse=True)


def test_few_runs_are_wide_and_provisional_and_never_silent():
    rng = np.random.default_rng(8)
    past, new = normal(rng, 11, series=500), normal(rng, 1, series=500)
    widths = []
    for runs in (1, 2, 3, 4, 5, 11):
        made = predict({"value": past["value"][:, :runs]}, new)
        assert made.provisional.all() == (runs < 5)
        assert np.isfinite(made.p()).all()
        widths.append(np.median(made.visible(0.005)))
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 0.2
    assert predict({"value": past["value"][:, :1]}, {"value": np.full((500, 1), 2.0)}).p().max() < 0.005


def test_without_earlier_runs_the_baseline_is_the_centre_and_the_prior_the_noise():
    made = predict({"value": np.zeros((1, 0))}, {"value": row(1.1)}, base={"value": row(1.0)})
    assert made.centre == pytest.approx(1.0)
    assert made.provisional.all()
    assert 0.005 < made.p()[0] < 0.5


def test_without_any_run_nothing_is_known():
    made = predict({"value": np.zeros((1, 0))}, {"value": row(1.1)})
    assert np.isnan(made.p()).all()
    assert np.isnan(made.limit(0.005)).all()
    assert not (made.p() < 0.005).any()


def test_a_baseline_of_another_level_is_the_centre_and_the_noise_stays():
    past = {"value": row(1, 1.01, 0.99, 1, 1.02, 0.98, 1.01)}
    made = predict(past, {"value": row(1.5)}, base={"value": row(1.5)})
    assert made.centre == pytest.approx(1.5)
    assert made.p() == pytest.approx(0.5)
    assert made.sigma == pytest.approx(predict(past, {"value": row(1.5)}).sigma)
    assert made.spread == pytest.approx(made.sigma * np.sqrt(2))


def test_what_the_rounds_say_stands_in_for_runs_that_are_missing():
    alike = {"mean": row(1, 1.001, 0.999), "sd": row(0.004, 0.004, 0.004), "n": row(20, 20, 20)}
    new = {"mean": row(1), "sd": row(0.004), "n": row(20)}
    known = predict(alike, new)
    unknown = predict({"mean": alike["mean"]}, {"mean": new["mean"]})
    assert known.within == pytest.approx(0.004 / np.sqrt(20), rel=1e-3)
    assert known.visible(0.005) < unknown.visible(0.005)
    assert np.isnan(unknown.within).all()
    # Runs that agree better than their rounds allow do so by luck.
    lucky = predict({**alike, "sd": row(0.1, 0.1, 0.1)}, {**new, "sd": row(0.1)})
    assert lucky.sigma > 0.1 / np.sqrt(20)


def test_a_candidate_whose_rounds_scatter_wildly_is_believed_less():
    past = {"mean": row(1, 1.01, 0.99, 1, 1.01, 0.99), "sd": row(*[0.02] * 6), "n": row(*[5] * 6)}
    calm = predict(past, {"mean": row(1.1), "sd": row(0.02), "n": row(5)})
    wild = predict(past, {"mean": row(1.1), "sd": row(0.2), "n": row(5)})
    assert calm.p()[0] < 1e-3 < 0.05 < wild.p()[0]


def test_the_statistic_with_the_least_noise_is_chosen():
    rng = np.random.default_rng(9)
    rounds = 1 + rng.exponential(0.05, size=(200, 12, 30))
    figures = {"min": rounds.min(2), "median": np.median(rounds, axis=2), "mean": rounds.mean(2)}
    made = predict({k: v[:, :11] for k, v in figures.items()}, {k: v[:, 11:] for k, v in figures.items()})
    assert (made.statistic == "min").mean() > 0.95
    rounds = np.exp(0.01 * rng.normal(size=rounds.shape)) * np.where(rng.random(rounds.shape) < 0.05, 3, 1)
    figures = {"median": np.median(rounds, axis=2), "mean": rounds.mean(2)}
    made = predict({k: v[:, :11] for k, v in figures.items()}, {k: v[:, 11:] for k, v in figures.items()})
    assert (made.statistic == "median").mean() > 0.95


def test_minima_of_other_numbers_of_rounds_are_not_compared():
    past = {"min": row(1, 1, 1, 1, 1), "median": row(1, 1.1, 0.9, 1, 1.1), "n": row(10, 10, 10, 10, 10)}
    new = {"min": row(1), "median": row(1)}
    assert predict(past, {**new, "n": row(20)}).statistic == ["min"]
    assert predict(past, {**new, "n": row(21)}).statistic == ["median"]
    assert predict(past, {**new, "n": row(4)}).statistic == ["median"]


def test_for_a_rate_the_extreme_is_the_maximum():
    past = {"min": row(50, 90, 70, 80, 60), "max": row(100, 101, 100, 99, 100)}
    assert predict(past, {"min": row(70), "max": row(70)}, worse=-1).statistic == ["max"]


def test_spikes_among_the_earlier_runs_neither_move_the_centre_nor_hide_each_other():
    clean = [1, 1.01, 0.99, 1.0, 1.02, 0.98, 1.01, 1.0, 0.99]
    made = predict({"value": row(*clean, 1.4, 1.35)}, {"value": row(1)})
    assert made.spikes.tolist() == [2]
    assert made.centre == pytest.approx(1, abs=0.005)
    assert made.sigma < 0.02
    assert np.nanmax(made.distances) == pytest.approx(np.log(1.4), abs=0.01)
    # They can come again: the bound reaches beyond them.
    assert made.visible(0.005)[0] > 0.4
    assert predict({"value": row(*clean)}, {"value": row(1)}).visible(0.005)[0] < 0.06


def test_normal_noise_has_hardly_any_spikes_and_half_of_the_runs_are_no_spikes():
    rng = np.random.default_rng(10)
    for runs in (5, 11, 40):
        assert stand_out(rng.normal(size=(SERIES, runs))).any(axis=1).mean() < 0.003
    assert not stand_out(row(1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2)).any()
    assert not stand_out(row(1, 1, 1, 9)).any()


def test_missing_runs_are_left_out():
    gaps = predict({"value": row(1, np.nan, 1.02, np.inf, 0.99, 1.0, 1.01)}, {"value": row(1.1)})
    plain = predict({"value": row(1, 1.02, 0.99, 1.0, 1.01)}, {"value": row(1.1)})
    assert gaps.earlier.tolist() == [5]
    assert gaps.p() == pytest.approx(plain.p())


def test_a_missing_candidate_is_never_judged():
    made = predict({"value": row(1, 1.01)}, {"value": row(np.nan)})
    assert made.statistic == [""]
    assert np.isnan(made.p()).all()
    assert predict({"min": row(1)}, {"max": row(1)}).statistic == [""]


def test_values_that_are_not_positive_are_judged_on_their_own_scale():
    past = {"value": row(0.0, 1.0, -1.0, 0.5, -0.5, 0.2)}
    assert predict(past, {"value": row(0.1)}).p()[0] > 0.2
    assert predict(past, {"value": row(50.0)}).p()[0] < 1e-6
    below = predict({"value": row(*[-1, -1.01, -0.99, -1, -1.02])}, {"value": row(-0.5)})
    assert below.p()[0] < 1e-4
    assert below.limit(0.005)[0] > -1


def test_a_constant_series_still_has_a_little_noise():
    made = predict({"value": row(*[7.0] * 11)}, {"value": row(7.0)})
    assert made.p()[0] == pytest.approx(0.5)
    assert 1e-4 < made.visible(0.005)[0] < 2e-3
    assert made.p(np.array([7.14]))[0] < 1e-6


def test_a_candidate_of_three_runs_is_judged_by_their_median():
    past = {"value": row(1, 1.01, 0.99, 1, 1.02, 0.98, 1.01, 1, 0.99, 1.35, 1)}
    single, three = predict(past, {"value": row(1.1)}), predict(past, {"value": row(1.1, 1.1, 1.1)})
    assert three.p()[0] < single.p()[0] / 2
    assert predict(past, {"value": row(1, 1.4, 1)}).p()[0] > 0.3


class TestTail:
    @pytest.mark.parametrize("runs", [11, 30])
    def test_a_bound_at_a_small_level_holds_where_neighbours_hit(self, runs):
        rng = np.random.default_rng(runs)
        made = predict(neighbours(rng, runs, SERIES), neighbours(rng, 1, SERIES))
        known = made.with_tail(made.learn_tail())
        assert known.tail.share == pytest.approx(0.043, abs=0.006)
        for alpha in (0.005, 0.0005):
            assert at_most((known.p() < alpha).mean(), 1.3 * alpha, SERIES)
            assert (made.p() < alpha).mean() > 2 * alpha
        assert 0.3 < np.median(known.visible(0.005)) < 0.45

    def test_runs_of_unchanged_code_are_rarely_red(self):
        rng = np.random.default_rng(12)
        red = 0
        for _ in range(60):
            made = predict(neighbours(rng, 11, 100), neighbours(rng, 1, 100))
            red += bool((made.with_tail(made.learn_tail()).p() < 0.01 / 100).any())
        assert red <= 4

    def test_what_chance_brings_is_no_tail(self):
        rng = np.random.default_rng(13)
        made = predict(normal(rng, 11), normal(rng, 1))
        tail = made.learn_tail()
        assert tail.spikes == 0
        assert made.with_tail(tail).p() == pytest.approx(made.p())

    def test_spikes_that_go_by_the_noise_are_counted_in_sigmas(self):
        rng = np.random.default_rng(14)
        noise = np.repeat([0.001, 0.02], 500)
        runs, hit = np.full(1000, 11), rng.random((1000, 11)) < 0.05
        by_noise = np.where(hit, 15 * noise[:, None] * rng.uniform(0.8, 1.2, hit.shape), np.nan)
        by_ratio = np.where(hit, 0.3 * rng.uniform(0.8, 1.2, hit.shape), np.nan)
        scaled, plain = Tail.of(by_noise, runs, noise), Tail.of(by_ratio, runs, noise)
        assert (scaled.sigmas, plain.sigmas) == (True, False)
        assert scaled.further(np.array([0.05, 0.05]), np.array([0.001, 0.02])) == pytest.approx([0, 1], abs=0.05)
        assert plain.further(np.array([0.05, 0.05]), np.array([0.001, 0.02])) == pytest.approx([1, 1], abs=0.05)

    def test_series_that_are_hit_unalike_are_believed_themselves(self):
        rng = np.random.default_rng(15)
        runs, noise = np.full(1000, 20), np.full(1000, 0.01)
        alike = np.where(rng.random((1000, 20)) < 0.05, 0.3, np.nan)
        some = np.where(rng.random((1000, 20)) < np.repeat([0.0, 0.25], [800, 200])[:, None], 0.3, np.nan)
        one, other = Tail.of(alike, runs, noise), Tail.of(some, runs, noise)
        assert one.weight > 100 > 20 > other.weight
        assert other.shares(np.array([0.0, 5.0]), np.array([20.0, 20.0]))[1] > 0.15

    @given(st.lists(st.floats(0.01, 2), min_size=1, max_size=60))
    @settings(deadline=None, max_examples=60)
    def test_the_chance_falls_with_the_distance(self, distances):
        tail = Tail.of(np.array([distances]), np.array([1000]), np.array([0.01]))
        far = np.linspace(0, 5, 101)
        chance = tail.further(far, np.full(101, 0.01))
        assert (np.diff(chance) <= 1e-12).all()
        assert ((chance >= 0) & (chance <= 1)).all()

    def test_without_series_there_is_none(self):
        made = predict({"value": np.zeros((0, 5))}, {"value": np.zeros((0, 1))})
        assert made.with_tail(made.learn_tail()).p().shape == (0,)


def test_the_noise_of_a_few_runs_lies_between_them_and_the_prior():
    seen = np.array([0.001, 0.1])
    few = sigma.learn(seen**2 * 1, np.array([1.0, 1.0]), np.full(2, np.nan))
    many = sigma.learn(seen**2 * 50, np.array([50.0, 50.0]), np.full(2, np.nan))
    assert 5 * seen[0] < few.sigma[0] < sigma.TYPICAL
    assert sigma.TYPICAL < few.sigma[1] < seen[1]
    assert many.sigma == pytest.approx(seen, rel=0.05)
    assert (many.degrees > 40).all()


class TestQuality:
    @staticmethod
    def pairs(effect, count=40):
        rng = np.random.default_rng(16)

        def run(level=1.0):
            rounds = level * np.exp(0.01 * rng.normal(size=20))
            low, high = np.percentile(rounds, [25, 75])
            summary = {"min": rounds.min(), "median": np.median(rounds), "mean": rounds.mean(), "rounds": 20}
            return {"stats": {**summary, "stddev": rounds.std(ddof=1), "iqr": high - low}}

        history = [[run() for _ in range(10)] for _ in range(count)]
        return [
            {"family": "iid", "effect": effect, "history": past, "baseline": run(), "candidate": run(1 + effect)}
            for past in history
        ]

    def test_a_slower_run_is_found_and_an_equal_one_is_not(self):
        for effect, least, most in ((0.0, 0, 1), (0.05, 40, 40)):
            hits = [quality.gate(p["baseline"], p["candidate"], p["history"]) for p in self.pairs(effect)]
            assert least <= sum(hits) <= most

    def test_the_batch_answers_as_the_gate_does(self):
        pairs = self.pairs(0.007)
        each = [quality.gate(p["baseline"], p["candidate"], p["history"]) for p in pairs]
        assert gate_quality.answers(pairs, "gate", 11) == each
        assert 0 < sum(each) < len(each)

    def test_the_table_has_a_line_a_family_and_the_mean(self):
        lines = list(gate_quality.table({("iid", 0.0): [False] * 99 + [True], ("iid", 0.05): [True] * 100}))
        assert [line.split()[0] for line in lines] == ["false", "iid", "mean"]
        assert gate_quality.interval(1, 100) == pytest.approx((0.0018, 0.0545), abs=0.0005)
