"""What runs of one commit say of each series, and how often each kind of gate would have been red among them.

Every run is judged against all others by the gate's own functions (leave one out). Beside it stand the rules that are
used most, a mean, median or minimum more than 10 % worse than in the run before, so that people see what they had.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...judge.centre import Centre
from ...judge.compare import Measured, Place, change, collect
from ...judge.decide import Plan, decide
from ...judge.draft import Draft, draft
from ...judge.noise import ALONE, Reading, read
from ...judge.past import Group, Past, pasts
from ...judge.rules import Rules
from ...model import Direction, Kind, Outcome, Run
from ...report.calibrate import SHOWN, Rate, Steadiness, percent

Round = tuple[Run, ...]
"""What one run of all suites gave."""

Floats = NDArray[np.float64]

#: What many gates in use call too slow, against the run before.
POPULAR = ("mean", "median", "min")
_POPULAR_LIMIT = 0.10
_LEVEL = Centre("level")
#: What many series are named by in a remark.
_MOST_NAMES = 3


def steadiness(rounds: Sequence[Round], rules: Rules) -> tuple[list[Steadiness], int]:
    """What the rounds say of each series, sorted by name; and how many noisy series share the gate's error."""
    measured = collect(run for runs in rounds for run in runs)
    newest = _newest(rounds)
    readings = read(_drafts(newest, newest, rules), _pasts(measured, rounds), _LEVEL)
    family = sum(len(reading.drafts) for reading in readings)
    seen = {place: found for reading in readings for place, found in _of_reading(reading, family)}
    result = []
    for place, cell in sorted(measured.items(), key=lambda item: (item[0][1], item[0][0])):
        if not cell.rows:
            continue
        statistic, sigma, visible, shared = seen.get(place, ("", math.nan, math.nan, math.nan))
        exact = cell.key.metric.kind is Kind.EXACT
        result.append(Steadiness(
            cell.key, cell.environment, len(cell.rows), _noise(cell), statistic, sigma, 0.0 if exact else visible,
            0.0 if exact else shared, rules.policy(cell.key, cell.environment, cell.tags).tolerance.relative,
            exact and _differs(cell),
        ))  # fmt: skip
    return result, family


def _newest(rounds: Sequence[Round]) -> Round:
    """The last run of each suite in each environment: one may have failed in the last round."""
    found: dict[tuple[str, ...], Run] = {}
    for runs in rounds:
        for run in runs:
            suites = sorted({key.benchmark.suite for key in run.columns.keys})
            found[run.environment.digest, *suites] = run
    return tuple(found.values())


def _drafts(base: Round, candidate: Round, rules: Rules) -> list[Draft]:
    return draft(collect(base), collect(candidate), rules)[0]


def _pasts(measured: Mapping[Place, Measured], rounds: Sequence[Round]) -> dict[Group, Past]:
    """The rounds as earlier runs of the noisy cells."""
    noisy = {place: cell for place, cell in measured.items() if cell.rows and cell.key.metric.kind is Kind.NOISY}
    named = [(str(number), run) for number, runs in enumerate(rounds) for run in runs]
    return pasts(noisy, named)


def _of_reading(reading: Reading, family: int) -> Iterator[tuple[Place, tuple[str, float, float, float]]]:
    """Of each series the statistic taken, the noise of a run, and what is seen alone and as one of the family."""
    shared = np.full(len(reading.drafts), math.nan)
    wanted = [made.policy.false_red / family if made.policy.false_red else ALONE for made in reading.drafts]
    limits = np.minimum(np.array(wanted), ALONE)
    for rows, at, made in reading.parts:
        knowing = made.with_tail(made.learn_tail())
        for limit in np.unique(limits[rows]).tolist():
            found = np.fmax(made.visible(limit), knowing.visible(limit))[at]
            shared[rows] = np.where(limits[rows] == limit, np.fmax(shared[rows], found), shared[rows])
    for row, made_of in enumerate(reading.drafts):
        figures = float(reading.sigma[row]), float(reading.visible[row]), float(shared[row])
        yield made_of.place, (reading.statistic[row], *figures)


def _noise(cell: Measured) -> dict[str, float]:
    """The standard deviation of each statistic from run to run: of its logarithm, or as a share of the mean."""
    found = {}
    for name in SHOWN:
        values = np.array([row[name] for row in cell.rows if name in row])
        if not len(values):
            continue
        if len(values) < 2:
            found[name] = math.nan
        elif (values > 0).all():
            found[name] = float(np.std(np.log(values), ddof=1))
        else:
            middle = abs(float(values.mean()))
            found[name] = float(values.std(ddof=1)) / middle if middle else math.nan
    return found


def _differs(cell: Measured) -> bool:
    return any(len({row[name] for row in cell.rows if name in row}) > 1 for name in ("value", "median", "min", "mean"))


# --- false red ---


def false_red(rounds: Sequence[Round], rules: Rules, proposed: Rules) -> list[Rate]:
    """How often the gate would have been red under the rules in force and the proposed ones, and the usual rules."""
    rates = [_gate("the gate, rules in force", rounds, rules)]
    if len(proposed.all) != len(rules.all):
        rates.append(_gate("the gate, rules proposed", rounds, proposed))
    rates += [rate for name in POPULAR if (rate := _popular(name, rounds)).judged]
    return rates


def _gate(name: str, rounds: Sequence[Round], rules: Rules) -> Rate:
    """Each round against all others, as a check would judge it."""
    red = judged = suspects = red_runs = 0
    for number, runs in enumerate(rounds):
        others = [*rounds[:number], *rounds[number + 1 :]]
        drafts = _drafts(others[-1], runs, rules)
        said = decide(drafts, _pasts(collect(runs), others), Plan(centre=_LEVEL))
        outcomes = [verdict.outcome for verdict in said.verdicts]
        of_suites = [finding.outcome for finding in said.findings]
        judged += sum(outcome in (*_FINE, Outcome.REGRESSED, Outcome.INCONCLUSIVE) for outcome in outcomes)
        red += outcomes.count(Outcome.REGRESSED)
        suspects += outcomes.count(Outcome.INCONCLUSIVE)
        red_runs += Outcome.REGRESSED in (*outcomes, *of_suites)
    return Rate(name, red, judged, red_runs, len(rounds), suspects)


_FINE = (Outcome.UNCHANGED, Outcome.IMPROVED)


def _popular(statistic: str, rounds: Sequence[Round]) -> Rate:
    """Each round against the one before: red where the statistic of a noisy metric is more than 10 % worse."""
    red = judged = red_runs = 0
    for before, now in pairwise(rounds):
        one, other = collect(before), collect(now)
        found = [
            _worse(cell, one[place].rows[0][statistic], cell.rows[0][statistic]) > _POPULAR_LIMIT
            for place, cell in other.items()
            if _has(cell, statistic) and place in one and _has(one[place], statistic)
        ]
        judged += len(found)
        red += sum(found)
        red_runs += any(found)
    name = f"{statistic} > {_POPULAR_LIMIT:.0%} worse than in the run before"
    return Rate(name, red, judged, red_runs, max(len(rounds) - 1, 0))


def _has(cell: Measured, statistic: str) -> bool:
    metric = cell.key.metric
    judged = metric.kind is Kind.NOISY and metric.direction is not Direction.UNKNOWN
    return judged and bool(cell.rows) and statistic in cell.rows[0]


def _worse(cell: Measured, before: float, now: float) -> float:
    moved = change(before, now)
    return -moved if cell.key.metric.direction is Direction.HIGHER else moved


# --- what the reader must know ---


def remarks(series: Sequence[Steadiness]) -> list[str]:
    """Exact metrics that moved, metrics that never did and are called noisy, benchmarks that see next to nothing."""
    lines = []
    if moved := [one for one in series if one.moved]:
        lines.append(
            f"{_names(moved)}: an exact metric differed between runs of the same code, and the gate will call that a "
            'change; say kind = "noisy" under [[metric]]'
        )
    many = [one for one in series if one.runs >= _MOST_NAMES and one.key.metric.kind is Kind.NOISY]
    if still := [one for one in many if one.noise and all(share == 0 for share in one.noise.values())]:
        metrics = ", ".join(sorted({one.key.metric.name for one in still}))
        lines.append(f'{_names(still)}: the same in every run; say kind = "exact" for {metrics} under [[metric]]')
    if blunt := [one for one in series if one.visible > 1]:
        worst = max(one.visible for one in blunt)
        lines.append(
            f"{_names(blunt)}: not even twice as slow would be seen (up to {percent(worst)}); "
            'more rounds, a quieter machine, or action = "warn"'
        )
    return lines


def _names(series: Sequence[Steadiness]) -> str:
    names = list(dict.fromkeys(one.key.benchmark.full for one in series))
    left = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {left} more" if left > 0 else "")
