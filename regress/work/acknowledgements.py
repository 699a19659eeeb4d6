"""What may be worse in a check: the entries of regress-accepted.toml as far as they hold against its baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..judge.noise import SIGMAS
from ..model import Acknowledgement, Cause, ChangePoint, KnownCause, Trend
from .accepted import Accepted, read_accepted
from .causes import find

if TYPE_CHECKING:
    from .context import Workspace


def acknowledged(workspace: Workspace, base: str, accepted: Accepted | None = None) -> list[Acknowledgement]:
    """What may be worse than the commit `base`, by benchmark: entries for causes stand for each of their benchmarks.

    An entry holds only while the base lies before the change: behind it, another step of the same size is a new one.
    Entries that have expired are there too, marked so: they allow nothing, and are quoted. `accepted` is what is in
    force, where that is not what stands in the working tree.
    """
    entries: list[Acknowledgement] = [*(accepted or read_accepted(workspace.root)).entries]
    if any(entry.cause for entry in entries):
        known = workspace.existing_history.causes()
        entries = [one for entry in entries for one in _by_benchmark(known, entry)]
    if not any(entry.until for entry in entries):
        return entries
    contained = workspace.graph.ancestors(base) or {base}
    return [e for e in entries if not e.until or not any(commit.startswith(e.until) for commit in contained)]


def _by_benchmark(known: Sequence[KnownCause], entry: Acknowledgement) -> list[Acknowledgement]:
    """An entry for a cause as one for each of its benchmarks, each up to what was seen of it."""
    if not entry.cause:
        return [entry]
    cause = known_cause(known, entry.cause)
    if cause is None or cause.trend is not Trend.REGRESSION:
        return []
    return [
        replace(
            entry,
            benchmark=change.key.benchmark.full,
            metric=change.key.metric.name,
            until=cause.span.until,
            up_to=size(change) if entry.up_to is None else entry.up_to,
        )
        for change in cause.changes
    ]


def size(change: ChangePoint) -> float:
    """How large a change may look in a check of one run against another: its interval, and the noise of both runs."""
    noise = 0.0 if math.isnan(change.noise) else SIGMAS * math.sqrt(2) * change.noise
    return max(abs(end) for end in (change.change, *change.interval) if end == end) + noise


def known_cause(known: Sequence[KnownCause], name: str) -> Cause | None:
    """A stored cause by its id, or by that of one that became part of it."""
    found = find([one.cause for one in known], name)
    by_id = {one.cause.id: one for one in known}
    while found is not None and by_id[found.id].merged in by_id:
        found = by_id[by_id[found.id].merged].cause
    return found
