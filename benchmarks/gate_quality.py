"""How often the gate is wrong on pairs of runs whose answer is known: false alarms and power, by family of noise.

    python benchmarks/gate_quality.py FILE [FILE …] [--how gate] [--earlier 11]

A FILE holds a JSON object a line (it may end in .gz): `family` of noise, `effect` (0, or .05 for 5 % slower), and the
runs `history`, `baseline`, `candidate` in the shape that `quality.gate` takes. All pairs of all files are pooled; the
figure of a column is the mean over families, each with its 95 % interval (Wilson's, of its pairs).

Prints a line a family: the share of false alarms, then the share found at each size. Answers are those of
`quality.gate`, or with the shipped defaults: `shipped` (red) and `suspect` (inconclusive).
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
Cell = tuple[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument(
        "--how", default="gate", choices=("gate", "shipped", "suspect"), help="a function of quality.py"
    )
    parser.add_argument("--earlier", type=int, default=11, help="use only the last so many runs before the candidate")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    cells: defaultdict[Cell, list[bool]] = defaultdict(list)
    for file in options.files:
        pairs = list(read(file))
        for pair, hit in zip(pairs, answers(pairs, options.how, options.earlier), strict=True):
            cells[pair["family"], pair["effect"]].append(hit)
    print("\n".join(table(cells)))


def read(file: Path) -> Iterator[dict]:
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        yield from map(json.loads, lines)


def answers(pairs: Sequence[Mapping], how: str, earlier: int) -> list[bool]:
    """What the gate says of each pair."""
    from benchmarks import quality

    gate = getattr(quality, how)
    return [gate(pair["baseline"], pair["candidate"], pair["history"][-earlier + 1 :]) for pair in pairs]


def table(cells: Mapping[Cell, Sequence[bool]]) -> Iterator[str]:
    """A heading, a line a family, and the mean over families."""
    effects = sorted({effect for _, effect in cells})
    families = sorted({family for family, _ in cells})
    yield f"{'':10}" + "".join(f"{'false' if not effect else f'{effect:.0%}':>22}" for effect in effects)
    for family in families:
        hits = [cells[family, effect] for effect in effects]
        yield f"{family:10}" + "".join(figure(share(one), *interval(sum(one), len(one))) for one in hits)
    means = [over_families([cells[family, effect] for family in families]) for effect in effects]
    yield f"{'mean':10}" + "".join(figure(mean, mean - half, mean + half) for mean, half in means)


def figure(mean: float, low: float, high: float) -> str:
    return f"{mean:.4f} {low:.3f} to {high:.3f}".rjust(22)


def share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)


def over_families(cells: Iterable[Sequence[bool]]) -> tuple[float, float]:
    """The mean of the families' shares, and the half-width of its 95 % interval."""
    shares = [(share(hits), len(hits)) for hits in cells]
    variance = sum(p * (1 - p) / n for p, n in shares) / len(shares) ** 2
    return float(np.mean([p for p, _ in shares])), 1.96 * math.sqrt(variance)


def interval(hits: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval for a share."""
    p = hits / count
    middle = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    return max(middle - half, 0.0), min(middle + half, 1.0)


if __name__ == "__main__":
    main()
