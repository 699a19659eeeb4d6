"""What the overview filters and sorts by: the states and numbers of each row, so that no script reads words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..model import Cause, CauseStatus, ChangeStatus, Environment, Outcome
from .lines import Line, Pair
from .noise import learned
from .wording import OPEN, magnitude, worsening

#: The states to choose rows by, in the order of their buttons: (in addresses, for people, what it means).
STATES = (
    ("regressed", "Regressed", "Red by its verdict, or over a budget"),
    ("failed", "Failed", "The newest run failed, or gave no value where its base had one"),
    ("unjudged", "Not judged", "Inconclusive or incomparable: neither red nor green"),
    ("unstable", "Unstable", "Runs of the same code scatter by 10 % or more (one standard deviation)"),
    ("improved", "Improved", "Better by its verdict"),
    ("stale", "Stale", "Not measured at the newest commit of its environment"),
)
#: One run's noise (a standard deviation) from which a benchmark counts as unstable.
UNSTABLE = 0.10

_OF = {
    Outcome.REGRESSED: "regressed", Outcome.BREACHED: "regressed", Outcome.FAILED: "failed",
    Outcome.MISSING: "failed", Outcome.IMPROVED: "improved", **dict.fromkeys(OPEN, "unjudged"),
}  # fmt: skip

Changed = Mapping[tuple[Pair, Environment], str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a row is found and ordered by; texts of numbers, "" where there is none.

    states   names of STATES, separated by blanks
    last     the newest value in its base unit; rows of one metric stand together
    worse    how much worse as a logarithm, so that halving and doubling weigh the same; by size where neither is worse
    noise    the change in units of one run's noise; `sigmas` the same in words: "4.2 σ"
    changed  the day of the newest change point: 2026-03-14
    """

    states: str
    metric: str
    last: str
    worse: str
    noise: str
    sigmas: str
    changed: str

    @property
    def attributes(self) -> tuple[tuple[str, str], ...]:
        """What is written beside the row, by name; what there is not is left out."""
        found = (
            ("states", self.states), ("last", self.last), ("change", self.worse), ("noise", self.noise),
            ("date", self.changed),
        )  # fmt: skip
        return tuple((name, text) for name, text in found if text)


def facts_of(line: Line, changed: Changed) -> Facts:
    """The facts of the row that shows `line`."""
    metric = line.key.metric
    noise = sigmas(line)
    return Facts(
        " ".join(_states(line)),
        metric.name.replace("_", " "),
        _number(line.last),
        _number(_worse(line)),
        _number(noise, 2),
        "" if math.isnan(noise) else f"{noise:.1f} σ" if noise < 9.95 else f"{noise:,.0f} σ",
        changed.get((line.key.unversioned, line.axis.environment), ""),
    )


def sigmas(line: Line) -> float:
    """How many standard deviations of one run the verdict's change is; NaN where no earlier run tells the noise."""
    sigma = learned(line.verdict)
    change = line.verdict.comparison.change if line.verdict else math.nan
    return abs(magnitude(change)) / sigma if sigma > 0 and math.isfinite(change) else math.nan


def last_changes(causes: Iterable[Cause]) -> dict[tuple[Pair, Environment], str]:
    """The day of each series' newest confirmed change; `causes` come newest first."""
    found: dict[tuple[Pair, Environment], str] = {}
    for cause in causes:
        if cause.when and cause.status is not CauseStatus.WITHDRAWN:
            day = cause.when.date().isoformat()
            for change in cause.changes:
                if change.status is ChangeStatus.CONFIRMED:
                    found.setdefault((change.key.unversioned, change.environment), day)
    return found


def state_counts(facts: Iterable[Facts]) -> tuple[tuple[str, str, str, int], ...]:
    """STATES with the number of rows that each holds for."""
    states = [each.states.split() for each in facts]
    return tuple((name, word, what, sum(name in of for of in states)) for name, word, what in STATES)


def _states(line: Line) -> list[str]:
    found = []
    if line.verdict and line.verdict.outcome in _OF:
        found.append(_OF[line.verdict.outcome])
    elif line.failing:
        found.append("failed")
    if learned(line.verdict) >= UNSTABLE:
        found.append("unstable")
    if not line.current and not line.failing:
        found.append("stale")
    return found


def _worse(line: Line) -> float:
    change = line.moved
    return math.nan if math.isnan(change) else worsening(change, line.key.metric) or abs(magnitude(change))


def _number(figure: float, digits: int = 3) -> str:
    # No more than what is shown: rows that read alike keep the order of the build, and a page of 500 rows stays small.
    return f"{figure:.{digits}g}" if math.isfinite(figure) else ""
