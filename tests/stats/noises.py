"""Noise of the kinds that benchmarks show, in relative sigmas: what detection has to live with."""

import numpy as np


def white(rng, n, sigma):
    return rng.normal(0, sigma, n)


def spiky(rng, n, sigma):
    return rng.normal(0, sigma, n) + (rng.random(n) < 0.05) * rng.uniform(0.2, 1.0, n)


def two_modes(rng, n, sigma):
    return rng.normal(0, sigma, n) + 6 * sigma * (rng.random(n) < 0.3)


def remembering(rng, n, sigma, phi=0.6):
    x = rng.normal(0, sigma, n)
    for i in range(1, n):
        x[i] = phi * x[i - 1] + x[i] * np.sqrt(1 - phi**2)
    return x


def changing(rng, n, sigma):
    return rng.normal(0, 1, n) * sigma * np.repeat(rng.uniform(0.3, 2.0, n // 25 + 1), 25)[:n]


def drifting(rng, n, sigma):
    return rng.normal(0, sigma, n) + 3 * sigma * np.sin(np.linspace(0, 5, n))


KINDS = [white, spiky, two_modes, remembering, changing, drifting]
