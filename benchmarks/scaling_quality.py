"""How often an order of growth is called right: planted orders with noise, by how many sizes there are.

    python benchmarks/scaling_quality.py [--times 400] [--changes] [--spikes]

Prints for each noise and number of sizes (a factor of 4, or 2, apart, from 16 on) a line an order: how many of a
hundred are called what, `-` for none. A planted curve is y = a + b f(n) with a fixed part of 0 to 50 % of the cost of
the smallest size; each figure has normal relative noise of its own. With `--changes`: how often it is said that the
order grew between two commits of the same order, and of orders that differ by one step, by two, or by one downwards.
With `--spikes` one figure in twenty is 10 to 40 % slow besides.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from regress.judge.scaling import grew  # noqa: E402
from regress.stats.scaling import Fit, Order, fit  # noqa: E402

NOISES, COUNTS, FACTORS = (0.0, 0.02, 0.05, 0.10), (4, 6, 8), (4, 2)
NAMES = [*Order, None]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=400)
    parser.add_argument("--changes", action="store_true")
    parser.add_argument("--spikes", action="store_true")
    options = parser.parse_args()
    source = Source(np.random.default_rng(1), spikes=options.spikes)
    print("\n".join(changes(source, options.times) if options.changes else calls(source, options.times)))


class Source:
    """Curves with noise."""

    def __init__(self, rng: np.random.Generator, *, spikes: bool) -> None:
        self.rng = rng
        self.spikes = spikes

    def planted(self, order: Order, sizes: np.ndarray, noise: float) -> Fit:
        """The fit of one planted curve."""
        logs = np.log2(sizes)
        ones = np.ones_like(sizes)
        term = dict(zip(Order, (ones, logs, sizes, sizes * logs, sizes**2), strict=True))[order]
        values = (term / term[0] + self.rng.uniform(0, 0.5)) * np.exp(noise * self.rng.standard_normal(len(sizes)))
        if self.spikes:
            hit = self.rng.random(len(sizes)) < 0.05
            values = np.where(hit, values * self.rng.uniform(1.1, 1.4, len(sizes)), values)
        return fit(sizes, values)


def calls(source: Source, times: int) -> list[str]:
    """The confusion matrices."""
    lines = []
    for factor in FACTORS:
        for count in COUNTS:
            sizes = 16.0 * factor ** np.arange(count)
            for noise in NOISES:
                lines += ["", f"{count} sizes, each {factor} times the last, noise {noise:.0%}"]
                lines.append(f"{'':10}" + "".join(f"{name or '-':>11}" for name in NAMES))
                for order in Order:
                    found = Counter(source.planted(order, sizes, noise).order for _ in range(times))
                    shares = "".join(f"{100 * found[name] / times:>11.1f}" for name in NAMES)
                    lines.append(f"{order.value:10}{shares}")
    return lines[1:]


def changes(source: Source, times: int) -> list[str]:
    """How often the order is said to have grown, by how many steps it has."""
    lines = [f"{'sizes':>6}{'factor':>7}{'noise':>7}" + "".join(f"{f'{s} steps':>10}" for s in (0, 1, 2, -1))]
    for factor in FACTORS:
        for count in COUNTS:
            sizes = 16.0 * factor ** np.arange(count)
            for noise in NOISES:
                cells = [share(source, times, sizes, noise, steps) for steps in (0, 1, 2, -1)]
                lines.append(f"{count:>6}{factor:>7}{noise:>7.0%}" + "".join(f"{100 * c:>10.2f}" for c in cells))
    return lines


def share(source: Source, times: int, sizes: np.ndarray, noise: float, steps: int) -> float:
    """The share of pairs of commits of which it is said."""
    pairs = [(one, other) for one in Order for other in Order if other.rank - one.rank == steps]
    said = 0
    for at in range(times):
        fits = [source.planted(order, sizes, noise) for order in pairs[at % len(pairs)]]
        said += grew(fits[0], fits[1], (float(sizes[0]), float(sizes[-1])))
    return said / times


if __name__ == "__main__":
    main()
