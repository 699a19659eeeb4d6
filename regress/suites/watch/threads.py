"""What Linux tells of each thread of a process, and psutil of the main one alone: context switches.

Beside it the highest resident memory that the kernel has noted, which stands in the same file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

_SWITCHES = re.compile(rb"^(?:non)?voluntary_ctxt_switches:\s*(\d+)", re.MULTILINE)
_PEAK = re.compile(rb"^VmHWM:\s*(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Threads:
    """`switches` by the number of the thread; `peak` in bytes, None of a process that has ended."""

    switches: Mapping[int, int]
    peak: int | None


def threads_of(pid: int, proc: str = "/proc") -> Threads | None:
    """The threads of a process; None where the system does not tell them in this way."""
    folder = f"{proc}/{pid}/task"
    switches: dict[int, int] = {}
    peak = None
    try:
        numbers = os.listdir(folder)
    except OSError:
        return None
    for number in numbers:
        try:
            with open(f"{folder}/{number}/status", "rb", buffering=0) as file:
                text = file.read(8192)
        except OSError:
            continue  # it has ended since
        switches[int(number)] = sum(int(count) for count in _SWITCHES.findall(text))
        if peak is None and (found := _PEAK.search(text)):
            peak = int(found[1]) * 1024
    return Threads(switches, peak)
