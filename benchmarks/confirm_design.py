"""What the looks of a confirmation are worth: how often they are wrong and how often they see, by simulation.

    python benchmarks/confirm_design.py [--trials 100000] [--seed 1]

Each trial is fifteen pairs of processes of one of twelve families of noise. *false red*: share of *regressed* where the
true change is just the tolerance (the worst case: for any smaller one it is less), as a multiple of the error allowed;
*power*: share of *regressed* where it is 5 or 10 % beyond; *green*: share of *unchanged* where nothing changed and the
tolerance is 5 %; *false green*: share of *unchanged* where the true change is the tolerance; pairs: measured on
average. With `--tolerances` the first two are counted at tolerances of 0, 2, 5 and 10 % (they differ by chance
alone, as all is reckoned in logarithms). True is the centre that is reported: the trimmed mean, as fifteen pairs of
that family give it in the median.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from regress.stats import sequential

Floats = NDArray[np.float64]
Family = Callable[[np.random.Generator, int], Floats]

PAIRS = 15
ALPHAS = (0.01, 0.001, 0.0001)


def normal(rng: np.random.Generator, trials: int) -> Floats:
    return rng.normal(0, 0.02, (trials, PAIRS))


def heavy(rng: np.random.Generator, trials: int) -> Floats:
    return rng.standard_t(2.5, (trials, PAIRS)) * 0.015


def spikes(rng: np.random.Generator, trials: int) -> Floats:
    """5 % of the processes, on either side, are 10 to 40 % slow."""
    x = rng.normal(0, 0.014, (trials, PAIRS, 2))
    x += (rng.random(x.shape) < 0.05) * np.log1p(rng.uniform(0.1, 0.4, x.shape))
    return x[:, :, 0] - x[:, :, 1]


def slow_tails(rng: np.random.Generator, trials: int) -> Floats:
    """Either side is skewed, as times are."""
    x = rng.exponential(0.02, (trials, PAIRS, 2))
    return x[:, :, 0] - x[:, :, 1]


def skewed_up(rng: np.random.Generator, trials: int) -> Floats:
    return rng.gamma(2, 0.014, (trials, PAIRS))


def skewed_down(rng: np.random.Generator, trials: int) -> Floats:
    """The base alone has slow tails: the ratios themselves are skewed, and no interleaving mends that."""
    return -rng.gamma(2, 0.014, (trials, PAIRS))


def two_modes(rng: np.random.Generator, trials: int) -> Floats:
    x = rng.normal(0, 0.005, (trials, PAIRS, 2)) + 0.12 * (rng.random((trials, PAIRS, 2)) < 0.3)
    return x[:, :, 0] - x[:, :, 1]


def even_modes(rng: np.random.Generator, trials: int) -> Floats:
    x = rng.normal(0, 0.002, (trials, PAIRS, 2)) + 0.12 * (rng.random((trials, PAIRS, 2)) < 0.5)
    return x[:, :, 0] - x[:, :, 1]


def remembering(phi: float) -> Family:
    """AR(1) noise of the log ratios themselves, which swapped sides do not take away."""

    def family(rng: np.random.Generator, trials: int) -> Floats:
        return autoregressive(rng, (trials, PAIRS), phi, 0.02)

    family.__name__ = f"ar({phi:g}) of pairs"
    return family


def machine(rng: np.random.Generator, trials: int) -> Floats:
    """AR(1) noise of the machine in time; the sides swap order."""
    x = autoregressive(rng, (trials, 2 * PAIRS), 0.8, 0.03) + rng.normal(0, 0.01, (trials, 2 * PAIRS))
    return in_turn(x)


def bursts(rng: np.random.Generator, trials: int) -> Floats:
    """A neighbour slows down one to twelve processes in a row."""
    x = rng.normal(0, 0.012, (trials, 2 * PAIRS))
    start, length = rng.integers(0, 2 * PAIRS, (trials, 1)), rng.integers(1, 13, (trials, 1))
    place = np.arange(2 * PAIRS)
    x += ((place >= start) & (place < start + length)) * rng.uniform(0.05, 0.4, x.shape)
    return in_turn(x)


def autoregressive(rng: np.random.Generator, shape: tuple[int, int], phi: float, sigma: float) -> Floats:
    x = rng.normal(0, sigma, shape)
    for i in range(1, shape[1]):
        x[:, i] = phi * x[:, i - 1] + math.sqrt(1 - phi * phi) * x[:, i]
    return x


def in_turn(x: Floats) -> Floats:
    """Head less base of processes measured base, head, head, base, and so on."""
    return (x[:, 1::2] - x[:, ::2]) * np.where(np.arange(PAIRS) % 2, -1, 1)


FAMILIES: tuple[Family, ...] = (
    normal, heavy, spikes, slow_tails, skewed_up, skewed_down, two_modes, even_modes, remembering(0.2),
    remembering(0.4), machine, bursts,
)  # fmt: skip


def centres(x: Floats) -> tuple[Floats, Floats, int]:
    """`sequential.centre_of` for many trials at once; a test holds the two together."""
    n = x.shape[1]
    cut = sequential.trimmed(n)
    ordered = np.sort(x, axis=1)
    centre = ordered[:, cut : n - cut].mean(axis=1)
    ordered[:, :cut], ordered[:, n - cut :] = ordered[:, [cut]], ordered[:, [n - cut - 1]]
    spread = np.maximum(ordered.std(axis=1, ddof=1), sequential.LEAST_SPREAD)
    return centre, sequential.CAUTION * spread / ((1 - 2 * cut / n) * math.sqrt(n)), n - 2 * cut - 1


class Tally:
    """The calls of many trials under one design."""

    def __init__(self, x: Floats, looks: sequential.Looks) -> None:
        self.looks = looks
        self.seen = [centres(x[:, :n]) for n in looks.pairs]

    def calls(self, change: float, tolerance: float) -> tuple[Floats, Floats, Floats]:
        """Which trials were called regressed, which unchanged, and the pairs of each, with a true change."""
        trials = len(self.seen[0][0])
        red, green = np.zeros(trials, bool), np.zeros(trials, bool)
        pairs = np.full(trials, self.looks.pairs[-1], float)
        for at, (centre, error, degrees) in enumerate(self.seen):
            open_ = ~(red | green)
            far = sequential.student_point(self.looks.red[at], degrees) if self.looks.red[at] else math.inf
            near = sequential.student_point(self.looks.green[at], degrees)
            now_red = open_ & (centre + change - far * error > tolerance)
            now_green = open_ & ~now_red & (centre + change + near * error < tolerance)
            pairs[now_red | now_green] = self.looks.pairs[at]
            red |= now_red
            green |= now_green
        return red, green, pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tolerances", action="store_true")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    tolerances = (0.0, 0.02, 0.05, 0.1) if options.tolerances else (0.05,)
    for alpha in ALPHAS:
        print(f"\nerror {alpha:g}: looks {sequential.design(alpha)}")
        print(f"{'noise':16} {'false red / error':>22} power +5%  +10%  green  false green  pairs")
        for family in FAMILIES:
            print(row(family, rng, options.trials, alpha, tolerances))


def row(family: Family, rng: np.random.Generator, trials: int, alpha: float, tolerances: tuple[float, ...]) -> str:
    looks = sequential.design(alpha)
    truth = float(np.median(centres(family(rng, 200_000))[0])) if family in (skewed_up, skewed_down) else 0.0
    wrong, strong, stronger = [], [], []
    for tolerance in tolerances:
        tally, limit = Tally(family(rng, trials) - truth, looks), math.log1p(tolerance)
        wrong.append(float(tally.calls(limit, limit)[0].mean()) / alpha)
        strong.append(float(tally.calls(math.log(1.05) + limit, limit)[0].mean()))
        stronger.append(float(tally.calls(math.log(1.10) + limit, limit)[0].mean()))
    limit = math.log1p(0.05)
    _, green, pairs = tally.calls(0.0, limit)
    false_green = float(tally.calls(limit, limit)[1].mean())
    shown = "/".join(f"{value:.2f}" for value in wrong)
    return (
        f"{family.__name__:16} {shown:>22} {np.mean(strong):9.2f} {np.mean(stronger):5.2f} {green.mean():6.2f} "
        f"{false_green:12.3f} {pairs.mean():6.1f}"
    )


if __name__ == "__main__":
    main()
