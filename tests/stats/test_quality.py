"""The adapters that figures are taken with."""

import numpy as np

from benchmarks import quality


def test_adapters_answer_with_places():
    y = np.exp(np.random.default_rng(1).normal(0, 0.02, 90))
    y[50:] *= 1.3
    assert quality.change_points(y.tolist()) == [50]
    assert quality.confirmed(y.tolist()) == [50]
    assert quality.confirmed(y[:52].tolist()) == []
    assert set(quality.confirmed_05(y.tolist())) <= set(quality.confirmed_2(y.tolist())) <= {50}
    assert quality.confirmed_5([1.0]) == []
