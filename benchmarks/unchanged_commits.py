"""Thousands of unchanged commits in a row: how often the gate is red, and whether that creeps up as it learns.

    python benchmarks/unchanged_commits.py [--commits 2000] [--series 100] [--hit 0.05] [--seed 1]

One history: the noise of each series is normal, its sigma log-normal (median 1.3 %, as of recorded series), and each
measurement is made 10 to 40 % slower with probability `--hit`. Every commit is judged by `judge.decide` against the
level of the twenty runs before it, as `regress check` judges a commit of the main branch, with the shipped defaults;
what it calls red is held out or let in by its own rules, so that its mistakes feed back.

Prints the share of red commits and of red series, of suspects, and the share of red series among the first and the
last quarter, each with its 95 % interval (Wilson's).
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
EARLIER = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--commits", type=int, default=2000)
    parser.add_argument("--series", type=int, default=100)
    parser.add_argument("--hit", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    seen = replay(options)
    quarter = len(seen) // 4
    each = options.series
    print(f"{len(seen)} unchanged commits, {each} series, {options.hit:.0%} of measurements hit")
    print("commits with a red series   ", share(sum(one["regressed"] > 0 for one in seen), len(seen)))
    for name in ("regressed", "inconclusive"):
        print(f"series {name:20} ", share(sum(one[name] for one in seen), each * len(seen)))
    for name, part in (("first", seen[:quarter]), ("last", seen[-quarter:])):
        print(f"red among the {name} {quarter}:".ljust(28), share(sum(one["regressed"] for one in part), each * quarter))


def replay(options: argparse.Namespace) -> list[Counter[str]]:
    """The outcomes of every commit."""
    from regress.judge.centre import Centre
    from regress.judge.compare import collect
    from regress.judge.decide import Plan, decide
    from regress.judge.draft import draft
    from regress.judge.past import pasts
    from regress.judge.rules import Rules
    from tests.factories import make_key, make_run

    chance = np.random.default_rng(options.seed)
    keys = [make_key(f"bench.n{i}") for i in range(options.series)]
    sigma = np.exp(chance.normal(math.log(0.013), 0.8, options.series))
    runs, seen = [], []
    for number in range(options.commits + EARLIER):
        hit = chance.random(options.series) < options.hit
        values = np.exp(chance.normal(0, sigma)) * np.where(hit, 1 + chance.uniform(0.1, 0.4, options.series), 1.0)
        run = make_run(f"c{number}", {key: {"median": v} for key, v in zip(keys, values.tolist(), strict=True)})
        if len(runs) >= EARLIER:
            drafts, _ = draft(collect([runs[-1]]), collect([run]), Rules())
            earlier = [(f"r{i}", one) for i, one in enumerate(runs[-EARLIER:])]
            past = pasts({made.place: made.measured for made in drafts}, earlier)
            verdicts = decide(drafts, past, Plan(Centre("level"))).verdicts
            seen.append(Counter(verdict.outcome.value for verdict in verdicts))
        runs.append(run)
    return seen


def share(hits: int, of: int) -> str:
    """A share with its 95 % interval (Wilson 1927)."""
    z = 1.96
    p, half = hits / of, z * math.sqrt(hits / of * (1 - hits / of) / of + z * z / (4 * of * of))
    low, high = ((p + z * z / (2 * of) + sign * half) / (1 + z * z / of) for sign in (-1, 1))
    return f"{p:.3%} [{max(low, 0):.3%}, {high:.3%}] ({hits} of {of})"


if __name__ == "__main__":
    main()
