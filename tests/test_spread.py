"""The spread from one value to the next."""

import numpy as np
import pytest

from regress.stats.spread import successive_sigma


def test_normal_noise_gives_its_sigma():
    noise = np.random.default_rng(1).normal(0, 0.02, 4000)
    assert successive_sigma(np.exp(noise)) == pytest.approx(0.02, rel=0.05)


def test_steps_and_outliers_hardly_move_it():
    rng = np.random.default_rng(2)
    values = np.exp(rng.normal(0, 0.02, 400))
    values[100:] *= 3.0
    values[200:] /= 2.0
    values[50] *= 40.0
    assert successive_sigma(values) == pytest.approx(0.02, rel=0.15)


def test_too_few_values_say_nothing():
    assert successive_sigma(np.array([1.0, 1.1, np.nan, 1.0, 1.2, 0.0])) is None


def test_the_unit_does_not_matter():
    values = np.exp(np.random.default_rng(3).normal(0, 0.05, 50))
    assert successive_sigma(values * 1e-9) == pytest.approx(successive_sigma(values))
