"""The whole machine: its memory, one file system, its load, and the time that its cores were busy."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from .allowance import Allowance

#: What psutil counts within user and nice a second time, and the times in which a core had nothing to do.
_TWICE, _IDLE = ("guest", "guest_nice"), ("idle", "iowait")


@dataclass(frozen=True, slots=True)
class State:
    """`busy` (seconds of CPU of all cores since the machine started), and shares of memory and disk, and the load."""

    busy: float
    memory: float
    disk: float | None
    load: float | None


class Machine:
    """Looks at the machine; `disk` is any path on the file system that matters."""

    def __init__(self, allowed: Allowance, disk: Path) -> None:
        self.cores = psutil.cpu_count() or 1
        self._allowed = allowed
        self._disk = os.fspath(disk)

    def read(self) -> State:
        """The machine as it is now. What the hypervisor took away (steal) was busy, too: with others."""
        times = psutil.cpu_times()._asdict()
        busy = sum(spent for name, spent in times.items() if name not in _TWICE and name not in _IDLE)
        disk = load = None
        with suppress(OSError):
            disk = psutil.disk_usage(self._disk).percent / 100
        with suppress(OSError, AttributeError):
            load = os.getloadavg()[0]
        return State(busy, self._allowed.memory_used(), disk, load)
