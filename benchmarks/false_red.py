"""How often a run of unchanged code is red when slow neighbours hit some of its measurements, without `--confirm`.

    python benchmarks/false_red.py [--series 10 100 1000] [--runs 1000] [--earlier 11] [--hit 0.05] [--seed 1]

Simulated: the noise of each series is normal, its sigma log-normal (median 1.3 %, as of recorded series); each
measurement, earlier ones too, is made 10 to 40 % slower with probability `--hit`. Every run comes with earlier runs of
its own, so that runs are independent. The limit of a series is .005; that of the family shares 1 % among its series.

Prints for each number of series, once without and once with the tail that is learned from all of them: the share of
runs with a series below the family's limit (with its 95 % interval, Wilson's), the share of series between the two
limits and below that of the series, the smallest change that half of the series can see at either limit, and the share
of series that are red, and not green, when they are made 10 and 50 % slower.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
FALSE_RED, LIMIT = 0.01, 0.005
SLOWER = (0.1, 0.5)
ROUNDS, WITHIN = 20, 0.02


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--series", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--earlier", type=int, default=11)
    parser.add_argument("--hit", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    for series in options.series:
        chance = np.random.default_rng([options.seed, series])
        both = [one_run(chance, series, options.earlier, options.hit) for _ in range(options.runs)]
        for name in ("without", "with"):
            print(f"{series} series, {options.earlier} earlier runs, {name} tail: " + line([one[name] for one in both]))


def one_run(chance: np.random.Generator, series: int, earlier: int, hit: float) -> dict[str, dict[str, float]]:
    """What is said of one run of unchanged code, without and with the tail."""
    from regress.stats.gate import predict

    sigma = np.exp(chance.normal(np.log(0.013), 0.8, series))
    made = predict(measured(chance, sigma, earlier, hit), measured(chance, sigma, 1, hit))
    return {"without": figures(made), "with": figures(made.with_tail(made.learn_tail()))}


def figures(made) -> dict[str, float]:
    p, family = made.p(), FALSE_RED / len(made.value)
    found = {f"{part} at +{by:.0%}": made.p(made.value * (1 + by)) for by in SLOWER for part in ("red", "not green")}
    return {
        "red": float((p < family).any()),
        "between": float(((p < LIMIT) & (p >= family)).mean()),
        "below": float((p < LIMIT).mean()),
        "series": float(np.median(made.visible(LIMIT))),
        "family": float(np.median(made.visible(family))),
        **{name: float((q < (family if name.startswith("red") else LIMIT)).mean()) for name, q in found.items()},
    }


def measured(chance: np.random.Generator, sigma: np.ndarray, runs: int, hit: float) -> Mapping[str, np.ndarray]:
    """Runs of every series: their minimum, median and mean, of rounds that scatter by 2 %."""
    shape = (len(sigma), runs)
    level = sigma[:, None] * chance.normal(size=shape) + (chance.random(shape) < hit) * np.log(
        chance.uniform(1.1, 1.4, shape)
    )
    error = WITHIN / np.sqrt(ROUNDS) * chance.normal(size=(3, *shape))
    lowest = level - 1.9 * WITHIN + 2.3 * error[0]
    figures = {"min": lowest, "median": level + 1.25 * error[1], "mean": level + error[2]}
    mean = np.exp(figures["mean"])
    return {name: np.exp(x) for name, x in figures.items()} | {"sd": mean * WITHIN, "n": np.full(shape, float(ROUNDS))}


def line(figures: list[dict[str, float]]) -> str:
    from benchmarks.gate_quality import interval

    reds = int(sum(one["red"] for one in figures))
    low, high = interval(reds, len(figures))
    mean = {name: float(np.mean([one[name] for one in figures])) for name in figures[0]}
    return (
        f"red runs {mean['red']:.4f} ({low:.4f} to {high:.4f}), series between the limits {mean['between']:.5f}, "
        f"below .005 {mean['below']:.5f}; visible {mean['series']:.1%} and for the family {mean['family']:.1%}; "
        + ", ".join(f"{name} {share:.3f}" for name, share in mean.items() if " at " in name)
    )


if __name__ == "__main__":
    main()
