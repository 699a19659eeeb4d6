"""What the page of changes is narrowed by: the choices it offers, and what stands beside each cause for its script."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ..model import Cause, CauseStatus, Environment, StoredRun, Trend
from .axis import newest
from .pages import anchor

Choice = tuple[str, str, int]
Attributes = tuple[tuple[str, str], ...]

#: What became of a cause, and which way it went: (in addresses, for people), in the order of their buttons.
STATUSES = (
    ("open", "Open"), ("accepted", "Accepted"), ("fixed", "Fixed"), ("suspected", "Suspected"),
    ("withdrawn", "Withdrawn"),
)  # fmt: skip
DIRECTIONS = (
    (Trend.REGRESSION.value, "Regressions"), (Trend.IMPROVEMENT.value, "Improvements"),
    (Trend.UNKNOWN.value, "Neither"),
)  # fmt: skip
#: How far back, in addresses, for people and in days.
PERIODS = (("30d", "The last 30 days", 30), ("90d", "The last 90 days", 90), ("1y", "The last year", 365))


@dataclass(frozen=True, slots=True)
class Choices:
    """What the page of changes can be narrowed by.

    statuses, directions  (in addresses, for people, how many causes); a choice without a cause is kept
    environments          (id, label) of each that a cause lies in, by label
    periods               (in addresses, for people, the first day), counted back from the newest commit
    """

    statuses: tuple[Choice, ...] = ()
    directions: tuple[Choice, ...] = ()
    environments: tuple[tuple[str, str], ...] = ()
    periods: tuple[tuple[str, str, str], ...] = ()


def status_of(cause: Cause) -> str:
    """The status by which a cause is found: an open one without a proof is only suspected."""
    suspected = not cause.confirmed and cause.status is CauseStatus.OPEN
    return "suspected" if suspected else cause.status.value


def choices_of(causes: Sequence[Cause], runs: Mapping[int, StoredRun]) -> Choices:
    """The choices among the causes that are on the page."""
    statuses, directions = [status_of(cause) for cause in causes], [cause.trend.value for cause in causes]
    places = {anchor(place): place.label for place in _places(causes)}
    last = newest(runs.values())
    moment = last.moment if last else None
    periods = PERIODS if moment else ()
    return Choices(
        tuple((name, word, statuses.count(name)) for name, word in STATUSES),
        tuple((name, word, directions.count(name)) for name, word in DIRECTIONS),
        tuple(sorted(places.items(), key=lambda item: (item[1], item[0]))),
        tuple((name, word, (moment - timedelta(days)).date().isoformat()) for name, word, days in periods if moment),
    )


def attributes_of(cause: Cause, shown: Collection[str], several: bool) -> Attributes:
    """What a cause is found by, as its attributes; what there is not is left out.

    `size` is the largest change in per cent as it is shown; `env` the ids of its environments, where the page has
    several; `names` the benchmarks that are not among `shown`, one a line.
    """
    names = sorted({change.key.benchmark.name for change in cause.changes} - set(shown))
    found = (
        ("status", status_of(cause)),
        ("dir", cause.trend.value),
        ("size", _size(cause)),
        ("date", cause.when.date().isoformat() if cause.when else ""),
        ("env", " ".join(sorted(anchor(place) for place in _places([cause]))) if several else ""),
        ("names", "\n".join(names)),
    )
    return tuple((name, text) for name, text in found if text)


def _places(causes: Iterable[Cause]) -> set[Environment]:
    return {change.environment for cause in causes for change in cause.changes}


def _size(cause: Cause) -> str:
    share = abs(cause.changes[0].change) if cause.changes else math.nan
    if math.isnan(share):
        return ""
    if math.isinf(share):
        return "Infinity"
    return f"{share * 100:.0f}" if share >= 0.9995 else f"{share * 100:.1f}"
