"""Thousands of unchanged commits in a row: how often the gate is red, and whether that creeps up as it learns.

    python benchmarks/unchanged_commits.py [--commits 2000] [--series 100] [--hit 0.05] [--seed 1] [--confirm]

One history: the noise of each series is normal, its sigma log-normal (median 1.3 %, as of recorded series), and each
measurement is made 10 to 40 % slower with probability `--hit`. Every commit is judged by `judge.decide` against the
level of the twenty runs before it, as `regress check` judges a commit of the main branch, with the shipped defaults;
what it calls red is held out or let in by its own rules, so that its mistakes feed back. With `--confirm` the suspects
are measured again in simulated pairs, of the same noise and as often hit, and judged by `judge.confirm`.

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
    parser.add_argument("--confirm", action="store_true")
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
        print(
            f"red among the {name} {quarter}:".ljust(28), share(sum(one["regressed"] for one in part), each * quarter)
        )


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
    again = np.random.default_rng(options.seed + 1000)
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
            decision = decide(drafts, past, Plan(Centre("level")))
            if options.confirm:
                decision = measured_again(decision, dict(zip(keys, sigma.tolist(), strict=True)), options.hit, again)
            seen.append(Counter(verdict.outcome.value for verdict in decision.verdicts))
        runs.append(run)
    return seen


def measured_again(decision, sigma, hit, chance):  # type: ignore[no-untyped-def]
    """The decision after its suspects were measured again, up to fifteen pairs of unchanged code each."""
    from regress.judge.confirm import Pair, judged
    from regress.judge.confirmed import place_of, with_confirmations
    from regress.model import Suspect
    from regress.stats.sequential import PAIRS, design

    suspects = [verdict for verdict in decision.verdicts if verdict.suspect]
    if not suspects:
        return decision
    looks = design(0.01 / len(suspects))
    found = {}
    for verdict in suspects:
        key = verdict.comparison.key
        count = PAIRS[-1]
        sides = np.exp(chance.normal(0, sigma[key], (2, count)))
        sides *= np.where(chance.random((2, count)) < hit, 1 + chance.uniform(0.1, 0.4, (2, count)), 1.0)
        pairs = [Pair({"median": base}, {"median": head}) for base, head in sides.T.tolist()]
        suspect = Suspect(key, verdict.policy.tolerance)
        for most in PAIRS:
            said = judged(suspect, pairs[:most], looks)
            if not said.open:
                break
        found[place_of(verdict.comparison)] = said
    return with_confirmations(decision, found, ())


def share(hits: int, of: int) -> str:
    """A share with its 95 % interval (Wilson 1927)."""
    z = 1.96
    p, half = hits / of, z * math.sqrt(hits / of * (1 - hits / of) / of + z * z / (4 * of * of))
    low, high = ((p + z * z / (2 * of) + sign * half) / (1 + z * z / of) for sign in (-1, 1))
    return f"{p:.3%} [{max(low, 0):.3%}, {high:.3%}] ({hits} of {of})"


if __name__ == "__main__":
    main()
