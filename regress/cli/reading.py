"""What `regress ingest --explain` says of a file, in lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..model import Direction
from ..plain import table
from .common import plural

if TYPE_CHECKING:
    from ..formats import Meaning
    from ..model import Metric
    from ..work.reading import Reading

_MOST = 200
_DECIMAL = ": 10⁶ bytes; say MiB if it was divided by 1024²"


def lines(told: Reading) -> Iterator[str]:
    """The file, how it is read, its counts, its metrics, and a mapping for what nothing reads."""
    if told.by:
        yield f"{told.path}: {told.by}"
        counts = [plural(told.runs, "run"), plural(told.benchmarks, "benchmark"), plural(told.points, "figure")]
        counts += [f"{n:,} {word}" for n, word in ((told.failed, "failed"), (told.skipped, "skipped")) if n]
        yield f"  {', '.join(counts)}"
    known = {meaning.metric.name: meaning for meaning in told.meanings}
    if told.metrics:
        rows = [("metric", "unit", "better", ""), *(_row(one, known.get(one.name)) for one in told.metrics[:_MOST])]
        yield from (f"  {line}".rstrip() for line in table(rows))
        if len(told.metrics) > _MOST:
            yield f"  and {len(told.metrics) - _MOST:,} more"
    if told.proposal:
        yield f"{told.path}: nothing reads it yet; with this in regress.toml (correct it as needed) it is read:"
        yield from (f"    {line}".rstrip() for line in told.proposal.splitlines())


def _row(metric: Metric, meaning: Meaning | None) -> tuple[str, ...]:
    unit = meaning.unit or metric.unit if meaning else metric.unit
    return metric.name, unit, metric.direction.value, _how(metric, meaning) if meaning else ""


def _how(metric: Metric, meaning: Meaning) -> str:
    """How the unit and the direction of a mapped metric are known."""
    words = " and ".join(f"{word!r}" for word in meaning.guess.words)
    said = meaning.said
    if said and (said.unit is not None or said.direction):
        return "as the mapping says"
    if metric.direction is not Direction.UNKNOWN or meaning.unit:
        return f"guessed from {words}{_DECIMAL if meaning.unit == 'MB' else ''}"
    if words:
        direction = "" if meaning.guess.direction is Direction.UNKNOWN else meaning.guess.direction.value
        return f"not said; {words} would be {' '.join(filter(None, (meaning.guess.unit, direction)))} with guess = true"
    return "not said: [[metric]] can"
