"""Pairs of processes to a confirmation: which figure, which way is worse, what a tolerance is, what cannot be told."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.judge.confirm import CHOICES, Pair, judged, statistic_of, trial_headline, trial_status
from regress.model import TIME, Benchmark, Direction, Key, Kind, Metric, Outcome, Tolerance
from regress.model.confirmation import Confirmation, Suspect
from regress.stats.sequential import design

LOOKS = design(0.01)
BENCHMARK = Benchmark("pytest-benchmark", "test_x.py::test_y")
RATE = Metric("rate", "1/s", Direction.HIGHER)
COUNT = Metric("queries", "1", Direction.LOWER, Kind.EXACT)


def suspect(metric=TIME, relative=0.05, absolute=0.0, statistic="auto"):
    return Suspect(Key(BENCHMARK, metric), Tolerance(relative, absolute), statistic)


def pairs(ratio=1.0, noise=0.01, n=15, seed=1, scale=1e-3, name="median"):
    rng = np.random.default_rng(seed)
    base, head = scale * np.exp(rng.normal(0, noise, (2, n)))
    return [Pair({name: float(b)}, {name: float(h * ratio)}) for b, h in zip(base, head, strict=True)]


@pytest.mark.parametrize(
    ("metric", "ratio", "outcome"),
    [
        (TIME, 1.3, Outcome.REGRESSED),
        (TIME, 1.0, Outcome.UNCHANGED),
        (TIME, 0.7, Outcome.IMPROVED),
        (RATE, 0.7, Outcome.REGRESSED),
        (RATE, 1.0, Outcome.UNCHANGED),
        (RATE, 1.4, Outcome.IMPROVED),
        (TIME, 1.05, Outcome.INCONCLUSIVE),
        (Metric("depth", "1", Direction.UNKNOWN), 1.3, Outcome.INCONCLUSIVE),
    ],
)
def test_which_way_is_worse(metric, ratio, outcome):
    said = judged(suspect(metric), pairs(ratio), LOOKS, two_sided=True)
    assert said.outcome is outcome
    assert said.change == pytest.approx(ratio - 1, abs=0.02)
    assert said.lo < said.change < said.hi
    assert said.pairs == 15
    assert said.looks == 3
    assert not said.open
    assert "15 pairs of processes" in said.reason


def test_a_share_of_a_rate_is_taken_downwards():
    """-50 % is beyond a tolerance of 40 %, though a half is a ratio of two."""
    said = judged(suspect(RATE, relative=0.4), pairs(0.5), LOOKS)
    assert said.outcome is Outcome.REGRESSED
    assert "worse than -40.0%" in said.reason
    assert judged(suspect(TIME, relative=1.2), pairs(2.0), LOOKS).outcome is Outcome.UNCHANGED


def test_it_is_open_until_the_last_look():
    doubtful = pairs(1.05, n=5)
    assert judged(suspect(), doubtful, LOOKS).open
    assert judged(suspect(), doubtful[:2], LOOKS).open
    assert judged(suspect(), [], LOOKS).open
    said = judged(suspect(), pairs(1.0, n=5), LOOKS)
    assert (said.outcome, said.open, said.looks, said.pairs) == (Outcome.UNCHANGED, False, 1, 5)


def test_a_small_absolute_change_is_none():
    slower = pairs(1.3, scale=100e-9)
    assert judged(suspect(absolute=0.0), slower, LOOKS).outcome is Outcome.REGRESSED
    said = judged(suspect(absolute=50e-9), slower, LOOKS)
    assert said.outcome is Outcome.UNCHANGED
    assert said.tolerance == pytest.approx(0.5, rel=0.05)


def test_one_pair_decides_an_exact_metric():
    def told(base, head, direction=Direction.LOWER, relative=0.0):
        metric = Metric("queries", "1", direction, Kind.EXACT)
        return judged(suspect(metric, relative), [Pair({"value": base}, {"value": head})], LOOKS)

    assert told(12.0, 12.0).outcome is Outcome.UNCHANGED
    worse = told(12.0, 13.0)
    assert (worse.outcome, worse.pairs, worse.looks, worse.open) == (Outcome.REGRESSED, 1, 1, False)
    assert told(12.0, 11.0).outcome is Outcome.IMPROVED
    assert told(12.0, 13.0, relative=0.1).outcome is Outcome.UNCHANGED
    assert told(12.0, 13.0, Direction.HIGHER).outcome is Outcome.IMPROVED
    assert told(12.0, 13.0, Direction.UNKNOWN).outcome is Outcome.INCONCLUSIVE
    assert told(0.0, 1.0).outcome is Outcome.REGRESSED
    assert told(0.0, 1.0).change == math.inf
    assert told(0.0, 0.0).outcome is Outcome.UNCHANGED


def three(noises, n=5, rounds=(100, 100)):
    """Pairs with a minimum, a median and a mean of such noises."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(n):
        sides = [
            {
                name: float(np.exp(rng.normal(0, noise)))
                for name, noise in zip(("min", "median", "mean"), noises, strict=True)
            }
            for _ in range(2)
        ]
        found.append(Pair(*(side | {"n": float(count)} for side, count in zip(sides, rounds, strict=True))))
    return found


@pytest.mark.parametrize(
    ("noises", "name"), [((0.001, 0.05, 0.05), "min"), ((0.05, 0.001, 0.05), "median"), ((0.05, 0.05, 0.001), "mean")]
)
def test_the_least_noisy_figure_is_compared(noises, name):
    assert statistic_of(suspect(), three(noises)) == name
    assert judged(suspect(), three(noises, 15), LOOKS).statistic == name


def test_minima_of_different_numbers_of_rounds_are_not_compared():
    assert statistic_of(suspect(), three((0.001, 0.01, 0.05), rounds=(100, 40))) == "median"
    assert statistic_of(suspect(statistic="min"), three((0.001, 0.01, 0.05), rounds=(100, 40))) == "min"


@given(shift=st.floats(0.2, 5.0), seed=st.integers(0, 1000))
def test_the_choice_knows_nothing_of_the_outcome(shift, seed):
    rng = np.random.default_rng(seed)
    figures = np.exp(rng.normal(0, 0.02, (5, 2, 3)))

    def made(factor):
        names = CHOICES[:3]
        return [Pair(dict(zip(names, b, strict=True)), dict(zip(names, h * factor, strict=True))) for b, h in figures]

    assert statistic_of(suspect(), made(1.0)) == statistic_of(suspect(), made(shift))


def test_the_choice_stays_as_the_first_look_made_it():
    """Ten pairs more in which another figure is quieter change nothing."""
    early, late = three((0.001, 0.05, 0.05), 5), three((0.5, 0.0001, 0.05), 10)
    assert judged(suspect(), early + late, LOOKS).statistic == "min"


def test_what_cannot_be_compared_says_why():
    assert "hold no figure" in judged(suspect(), [Pair({"q1": 1.0}, {"q1": 1.0})] * 5, LOOKS).reason
    assert "hold no max" in judged(suspect(statistic="max"), pairs(n=5), LOOKS).reason
    said = judged(suspect(), [*pairs(n=4), Pair({"median": 0.0}, {"median": 1.0})], LOOKS)
    assert said.outcome is Outcome.INCONCLUSIVE
    assert "not above zero" in said.reason
    assert not said.open


def test_what_it_was_computed_from_is_kept():
    found = judged(suspect(), pairs(1.3), LOOKS)
    again = [Pair({found.statistic: b}, {found.statistic: h}) for b, h in zip(found.base, found.head, strict=True)]
    assert judged(suspect(statistic=found.statistic), again, LOOKS) == found


def told(*outcomes, looks=1):
    return [Confirmation(Key(BENCHMARK, TIME), outcome, "because", looks=looks) for outcome in outcomes]


@pytest.mark.parametrize(
    ("found", "status", "headline"),
    [
        (told(Outcome.UNCHANGED, Outcome.REGRESSED), 1, "RED: 1 regressed · 1 unchanged"),
        (told(Outcome.FAILED, looks=0), 1, "RED: 1 failed · NOTHING COMPARED"),
        (told(Outcome.UNCHANGED, Outcome.IMPROVED), 0, "no regression · 1 improved, 1 unchanged"),
        (told(Outcome.INCONCLUSIVE), 0, "NOT JUDGED: 1 · no regression"),
        (told(Outcome.INCOMPARABLE, looks=0), 3, "NOT JUDGED: 1 · NOTHING COMPARED"),
        ([], 3, "NOTHING COMPARED"),
    ],
)  # fmt: skip
def test_the_first_line_and_the_status(found, status, headline):
    assert trial_status(found) == status
    assert trial_headline(found) == headline
