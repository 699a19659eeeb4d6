"""The search for a culprit, without a repository: what it names, how soon, and when it says that it cannot tell."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.judge.bisect import Advice, State, advise
from regress.judge.posterior import Field, Noise, Reading, believe
from regress.judge.step import largest_step, runs_needed, smallest_step


def search(field: Field, measure, *, most: int = 60, known=(), noise=None, confidence=0.95) -> tuple[Advice, int]:
    """Follows the advice; `measure(place)` is a value. The last advice and the runs made."""
    readings = list(known)
    for runs in range(most + 1):
        advice = advise(field, readings, noise=noise, confidence=confidence)
        if advice.state is not State.SEARCHING or runs == most:
            return advice, runs
        assert advice.place is not None
        assert field.measurable[advice.place]
        readings.append(Reading(advice.place, measure(advice.place), live=True))
    raise AssertionError


@given(st.data(), st.sampled_from([0.8, 1.1, 1.3, 3.0]), st.sampled_from([1e-9, 1.0, 4e6]))
@settings(max_examples=30, deadline=None)
def test_without_noise_it_is_as_quick_as_plain_bisection(data, step, scale):
    """Four runs of the ends, one for each halving, some again for what a verdict hangs on."""
    length = data.draw(st.integers(1, 100))
    culprit = data.draw(st.integers(1, length))
    advice, runs = search(Field.line(length), lambda place: scale * (step if place >= culprit else 1))
    assert (advice.state, advice.leading) == (State.FOUND, (culprit,))
    assert runs <= math.ceil(math.log2(length)) + 12
    assert advice.belief.after / advice.belief.before == pytest.approx(step)


@given(st.integers(1, 64), st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_with_noise_what_it_names_is_right(culprit, seed):
    """One run in twenty is far off; noise is a fifth of the step."""
    chance = np.random.default_rng(seed)

    def measure(place):
        spike = chance.exponential(0.3) if chance.random() < 0.05 else 0.0
        return math.exp(chance.normal(0, 0.04) + spike) * (1.25 if place >= culprit else 1)

    advice, _ = search(Field.line(64), measure, confidence=0.999, most=100)
    assert advice.state is State.SEARCHING or culprit in advice.leading


def test_how_often_it_is_right_is_what_it_says():
    """At 95 % no more than 5 % of the named are wrong (with room for the luck of 24 tries), at noise of half a step."""
    chance = np.random.default_rng(5)
    wrong = found = 0
    for _ in range(24):
        culprit = int(chance.integers(1, 33))

        def measure(place, culprit=culprit):
            return math.exp(chance.normal(0, 0.1) + (0.2 if place >= culprit else 0))

        advice, _ = search(Field.line(32), measure, most=40, noise=Noise(0.1, 1.6))
        found += advice.state is State.FOUND
        wrong += advice.state is State.FOUND and advice.leading != (culprit,)
    assert found >= 15
    assert wrong <= 3


def test_a_single_disturbed_run_names_nobody():
    """A spike looks like a step whose other side has not been seen yet; it is measured again first."""
    spiked = set()

    def measure(place):
        first = place == 8 and place not in spiked
        spiked.add(place)
        return 1.5 if first or place >= 13 else 1.0

    advice, _ = search(Field.line(16), measure)
    assert (advice.state, advice.leading) == (State.FOUND, (13,))


@pytest.mark.parametrize("begin", range(5, 13))
def test_a_phase_in_which_the_machine_is_slow_names_nobody(begin):
    """Three runs in a row are a third too slow, at whichever moment."""
    made = []

    def measure(place):
        made.append(place)
        return (1.3 if begin <= len(made) < begin + 3 else 1.0) * (1.3 if place >= 3 else 1.0)

    advice, _ = search(Field.line(32), measure)
    assert (advice.state, advice.leading) == (State.FOUND, (3,))


def test_no_step_is_said():
    chance = np.random.default_rng(3)
    advice, runs = search(Field.line(64), lambda place: math.exp(chance.normal(0, 0.03)))
    assert advice.state is State.NO_STEP
    assert runs <= 60


def test_no_step_without_noise_is_said():
    advice, runs = search(Field.line(64), lambda place: 2.0)
    assert advice.state is State.NO_STEP
    assert runs <= 24


def test_the_wrong_way_round_is_a_step_all_the_same():
    """Faster from the culprit on: whether that is better or worse is not this room's question."""
    advice, _ = search(Field.line(20), lambda place: 1.0 if place >= 11 else 1.4)
    assert (advice.state, advice.leading) == (State.FOUND, (11,))
    assert advice.belief.after < advice.belief.before


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_what_cannot_be_measured_makes_a_range(data):
    """The answer holds the culprit, and nothing that could have been told apart from it."""
    length = data.draw(st.integers(2, 40))
    culprit = data.draw(st.integers(1, length))
    broken = data.draw(st.sets(st.integers(1, length - 1)))
    advice, _ = search(Field.line(length, sorted(broken)), lambda place: 1.3 if place >= culprit else 1.0)
    assert advice.state is State.FOUND
    assert culprit in advice.leading
    first, last = advice.leading[0], advice.leading[-1]
    assert advice.leading == tuple(range(first, last + 1))
    assert set(range(first, last)) <= broken
    assert first - 1 not in broken
    assert last not in broken


def test_where_nothing_can_be_measured_it_gives_up():
    advice, runs = search(Field.line(3, [0, 1, 2, 3]), lambda place: 1.0)
    assert (advice.state, runs) == (State.LOST, 0)


@pytest.mark.parametrize("broken", [[0], [8], [0, 8], [0, 1, 7, 8]])
def test_an_end_that_cannot_be_measured_is_no_end(broken):
    advice, _ = search(Field.line(8, broken), lambda place: 1.3 if place >= 5 else 1.0)
    assert (advice.state, advice.leading) == (State.FOUND, (5,))


def test_stored_runs_of_another_machine_count_with_levels_of_their_own():
    stored = [Reading(place, 70.0 if place < 6 else 84.0, "elsewhere") for place in range(11) for _ in range(2)]
    advice, runs = search(Field.line(10), lambda place: 1.0, known=stored)
    assert (advice.state, advice.leading, runs) == (State.FOUND, (6,), 0)
    thin = [Reading(place, 70.0 if place < 6 else 84.0, "elsewhere") for place in (0, 3, 8, 10)]
    belief = believe(Field.line(10), thin)
    assert belief.culprit[3:8].sum() > 0.9


@pytest.mark.parametrize("stored", range(12))
def test_a_search_that_goes_on_ends_where_it_would_have_ended(stored):
    """Stored readings first, then live ones, however few of either."""
    made = []

    def measure(place):
        made.append(Reading(place, 1.3 if place >= 6 else 1.0))
        return made[-1].value

    search(Field.line(8), measure)
    advice, runs = search(Field.line(8), measure, known=made[:stored])
    assert (advice.state, advice.leading) == (State.FOUND, (6,))
    assert runs <= 12


def test_merged_branches_are_searched_on_every_way():
    """0 - 1 - 2 - 5(merge of 4) and 0 - 3 - 4: the culprit 3 reaches 4 and 5, not 1 and 2."""
    field = Field.graph([(), (0,), (1,), (0,), (3,), (2, 4)])
    advice, _ = search(field, lambda place: 1.3 if place in (3, 4, 5) else 1.0)
    assert (advice.state, advice.leading) == (State.FOUND, (3,))


def test_a_line_and_a_graph_of_a_line_are_the_same_field():
    line, graph = Field.line(6, [2]), Field.graph([(), (0,), (1,), (2,), (3,), (4,), (5,)], [2])
    assert (line.slow == graph.slow).all()
    assert line.culprits == graph.culprits
    assert (line.measurable == graph.measurable).all()


def test_probabilities_sum_to_one_and_bad_values_are_left_out():
    belief = believe(Field.line(5), [Reading(0, 1.0), Reading(5, 1.2), Reading(3, 0.0), Reading(3, math.nan)])
    assert belief.culprit.sum() + belief.none == pytest.approx(1)


@given(st.integers(0, 10**6), st.integers(3, 37))
@settings(max_examples=30, deadline=None)
def test_the_largest_step_of_a_series_lies_in_its_range(seed, culprit):
    chance = np.random.default_rng(seed)
    values = np.exp(chance.normal(0, 0.02, 40)) * np.where(np.arange(40) >= culprit, 1.3, 1.0)
    found = largest_step(values, upwards=True)
    assert found is not None
    assert found[0] < culprit <= found[1]
    assert found[1] - found[0] <= 4


def test_a_series_without_a_step_has_no_largest_one():
    flat = np.exp(np.random.default_rng(1).normal(0, 0.03, 60))
    assert largest_step(flat) is None
    assert largest_step(np.array([1.0])) is None
    falling = np.where(np.arange(30) >= 15, 0.7, 1.0)
    assert largest_step(falling, upwards=True) is None
    assert largest_step(falling, upwards=False) == (14, 15)


def test_what_a_search_can_see():
    assert runs_needed(0.25, 0.01, 64, 0.95) == 4 + 6 + 2
    assert runs_needed(0.25, 0.1, 64, 0.95) > 20
    step = smallest_step(0.05, 64, 30, 0.95)
    assert runs_needed(step, 0.05, 64, 0.95) <= 30 < runs_needed(step * 0.98, 0.05, 64, 0.95)
    assert smallest_step(0.05, 64, 5, 0.95) == math.inf
    assert runs_needed(0.0, 0.05, 64, 0.95) == runs_needed(math.nan, 0.05, 64, 0.95) == 10**6
