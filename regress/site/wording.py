"""Words for numbers and outcomes: a change is told by its sign, a word and a tone, never by colour alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..model import Direction, Metric, Outcome
from ..units import BYTES, PER_SECOND, SECONDS, human, signed_percent

#: Tones are the site's colours: bad, good, warn, quiet (nothing to do), and "" for none.
TONES = ("bad", "good", "warn", "quiet", "")


@dataclass(frozen=True, slots=True)
class Badge:
    """An outcome for people; `rank` orders rows, the worst first."""

    word: str
    tone: str
    rank: int


@dataclass(frozen=True, slots=True)
class Change:
    """A change for people: "+12.3%" and "slower"; `size` orders rows; NaN and empty texts where there is none."""

    percent: str = ""
    word: str = ""
    tone: str = ""
    size: float = math.nan


NO_BADGE = Badge("", "", 7)
BADGES = {
    Outcome.REGRESSED: Badge("Regressed", "bad", 0),
    Outcome.BREACHED: Badge("Budget breached", "bad", 1),
    Outcome.FAILED: Badge("Failed", "bad", 2),
    Outcome.MISSING: Badge("Missing", "bad", 3),
    Outcome.INCONCLUSIVE: Badge("Inconclusive", "warn", 4),
    Outcome.UNJUDGED: Badge("Not judged", "warn", 4),
    Outcome.INCOMPARABLE: Badge("Incomparable", "warn", 4),
    Outcome.IMPROVED: Badge("Improved", "good", 5),
    Outcome.ACCEPTED: Badge("Accepted", "quiet", 6),
    Outcome.NEW: Badge("New", "quiet", 6),
    Outcome.UNCHANGED: Badge("Unchanged", "quiet", 7),
}
RED = (Outcome.REGRESSED, Outcome.BREACHED, Outcome.FAILED, Outcome.MISSING)
OPEN = (Outcome.INCONCLUSIVE, Outcome.UNJUDGED, Outcome.INCOMPARABLE)


def magnitude(change: float) -> float:
    """A change as a signed logarithm, so that doubling and halving weigh the same; 0 for NaN, bounded for ±inf."""
    if math.isnan(change):
        return 0.0
    return math.log1p(min(max(change, -1 + 1e-12), 1e12))


def worsening(change: float, metric: Metric) -> float:
    """How much worse, as a logarithm; negative for better, 0 where the metric's direction is not known."""
    sign = {Direction.LOWER: 1.0, Direction.HIGHER: -1.0, Direction.UNKNOWN: 0.0}[metric.direction]
    return sign * magnitude(change)


def describe(change: float, metric: Metric, tone: str = "") -> Change:
    """`change` (candidate / base - 1) in words."""
    if math.isnan(change):
        return Change()
    return Change(signed_percent(change).replace("-", "−"), _word(change, metric), tone, abs(magnitude(change)))


def value(figure: float, metric: Metric) -> str:
    """A figure of `metric` for people: 12.4 ms."""
    return human(figure, metric.unit)


def _word(change: float, metric: Metric) -> str:
    if abs(change) < 0.0005:
        return "no change"
    if metric.unit == SECONDS and metric.direction is Direction.LOWER:
        return "slower" if change > 0 else "faster"
    if metric.unit == PER_SECOND and metric.direction is Direction.HIGHER:
        return "faster" if change > 0 else "slower"
    if metric.unit == BYTES:
        return "larger" if change > 0 else "smaller"
    if metric.direction is Direction.UNKNOWN:
        return "higher" if change > 0 else "lower"
    return "worse" if worsening(change, metric) > 0 else "better"
