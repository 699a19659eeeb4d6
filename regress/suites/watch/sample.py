"""One sample: what was seen of a tree of processes, of the machine and of the gauges at one moment.

What could not be read is None, never 0: a system without a counter, a process of another user, the first sample of a
rate. Units are base units, shares are of 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ...units import BYTES, ONE, SECONDS

#: What a sample holds besides its time and the gauges, and in which unit.
COLUMNS: Mapping[str, str] = {
    "cpu": ONE, "cpu_one": ONE, "cpu_time": SECONDS, "rss": BYTES, "processes": ONE, "io_read": BYTES,
    "io_written": BYTES, "context_switches": ONE, "machine_memory": ONE, "disk": ONE, "load": ONE,
    "others": ONE,
}  # fmt: skip
#: Those that only grow, from the beginning of the watch.
GROWING = frozenset({"cpu_time", "io_read", "io_written", "context_switches"})
#: What figures are called besides, so that no gauge may be.
FIGURES = frozenset({"time", "cpu_max", "rss_peak", "rss_mean", "rss_increase", "rss_slope", "processes_max"})
#: Those that people read as a percentage.
SHARES = frozenset({"cpu", "cpu_one", "machine_memory", "disk", "others"})


@dataclass(frozen=True, slots=True)
class Gauge:
    """What one probe found: a number, or None and `why` there is none."""

    name: str
    value: float | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One moment. What grows (times, bytes, switches) counts from the beginning of the watch.

    at                the wall clock, for people and for other logs; it may jump
    seconds           since the beginning, by a clock that does not
    cpu               share of the cores that may be used that the tree took; `cpu_one`: of one core, so 2 is two cores
    cpu_time          seconds of CPU of the tree, user and system
    rss               resident memory of all its processes together; shared pages count in each
    peak              the highest resident memory of any one process so far, as the kernel noted it (Linux)
    processes         how many, those that wait for their parent to ask for their status left out
    io_read           bytes that came from storage; `io_written`: that were written to files
    context_switches  of all threads
    machine_memory    share of the machine's memory in use, or of what the container may use
    disk              share of the file system in use
    load              the system's own average of waiting and running threads over a minute
    others            share of the machine's cores that neither the tree nor this program took
    others_time       the same added up over the seconds since the beginning
    cores             how many cores may be used
    """

    at: datetime
    seconds: float
    cpu: float | None = None
    cpu_one: float | None = None
    cpu_time: float | None = None
    rss: float | None = None
    peak: float | None = None
    processes: float | None = None
    io_read: float | None = None
    io_written: float | None = None
    context_switches: float | None = None
    machine_memory: float | None = None
    disk: float | None = None
    load: float | None = None
    others: float | None = None
    others_time: float | None = None
    cores: float = 1.0
    gauges: tuple[Gauge, ...] = ()

    def value(self, name: str) -> float | None:
        """The figure of a column or a gauge, None where there is none."""
        if name in COLUMNS:
            found: float | None = getattr(self, name)
            return found
        return next((gauge.value for gauge in self.gauges if gauge.name == name), None)
