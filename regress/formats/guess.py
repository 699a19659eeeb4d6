"""What a metric's name says of its unit and direction; a guess, that people accept or correct.

The unit is that of the last words ("claim_latency_ms", "heap mb", "ops_per_sec"), the direction that of any word, and
where several speak the worse one: `failed_ops_per_sec` is better when lower.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..model import Direction
from ..units import BYTES, PER_SECOND, SECONDS, base_of

# The unit that the last word names. "mb" is 10⁶ bytes, as its prefix says; whoever divided by 1024² has to say "MiB".
_LAST = {
    "ns": "ns", "us": "us", "ms": "ms", "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "min",
    "nanoseconds": "ns", "microseconds": "us", "milliseconds": "ms", "msec": "ms", "usec": "us", "minutes": "min",
    "b": "B", "byte": "B", "bytes": "B", "kb": "kB", "mb": "MB", "gb": "GB", "kib": "KiB", "mib": "MiB", "gib": "GiB",
    "percent": "%", "pct": "%", "percentage": "%",
    "rps": "1/s", "qps": "1/s", "tps": "1/s", "iops": "1/s", "hz": "1/s",
}  # fmt: skip
_PER_SECOND = (("per", "s"), ("per", "sec"), ("per", "second"))
_WORSE = frozenset({
    "latency", "duration", "elapsed", "time", "wait", "delay", "lag", "error", "errors", "fail", "failed", "failure",
    "failures", "loss", "lost", "miss", "misses", "memory", "mem", "rss", "heap", "swap", "cpu", "growth", "increase",
    "leak", "backlog", "depth", "overhead", "retries", "retry", "timeout", "timeouts", "dropped", "size",
    "allocations", "gc", "conflicts", "deadlocks",
})  # fmt: skip
_BETTER = frozenset({
    "throughput", "bandwidth", "success", "successes", "successful", "hit", "hits", "preserved", "availability",
    "uptime", "score", "accuracy", "speedup", "efficiency", "completed", "ops", "rps", "qps", "tps", "iops",
})  # fmt: skip
_DIRECTION_OF_UNIT = {SECONDS: Direction.LOWER, BYTES: Direction.LOWER, PER_SECOND: Direction.HIGHER}


@dataclass(frozen=True, slots=True)
class Guess:
    """A unit as people write it ("" where the name says none), a direction, and the words that say so."""

    unit: str
    direction: Direction
    words: tuple[str, ...]


def guess(name: str) -> Guess:
    """What the name of a metric says of it."""
    # claimLatencyMs, claim-latency-ms and claim_latency_ms say the same.
    parts = re.split(r"[^A-Za-z0-9%]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name))
    words = [word.lower() for word in parts if word]
    unit, said = _unit(words)
    worse = next((word for word in words if word in _WORSE), "")
    better = next((word for word in words if word in _BETTER), "")
    if worse or better:
        direction = Direction.LOWER if worse else Direction.HIGHER
    else:
        direction = _DIRECTION_OF_UNIT.get(base_of(unit)[1], Direction.UNKNOWN) if unit else Direction.UNKNOWN
    return Guess(unit, direction, tuple(dict.fromkeys(filter(None, (*said, worse or better)))))


def _unit(words: list[str]) -> tuple[str, tuple[str, ...]]:
    for count in (1, 2):
        if len(words) > count and tuple(words[-count - 1 :])[-2:] in _PER_SECOND:
            return "1/s", (" ".join(words[-2:]),)
    if words and words[-1] in _LAST:
        return _LAST[words[-1]], (words[-1],)
    return "", ()
