"""Faults that the variable FAULT plants, `FAULT=slow-claim,leak`: real sleep, memory, busy loops and errors.

The service asks at the places where such things happen to people. Without the variable nothing is done.
"""

from __future__ import annotations

import os
import time

_PLANTED = frozenset(filter(None, os.environ.get("FAULT", "").split(",")))
#: Where each one strikes, and by how much: seconds of sleep, bytes of memory, empty steps submitted with one.
SLEEPS = {"slow-submit": 0.25, "slow-claim": 2.0, "stalled": 11.0, "slow-step": 3.0, "slow-recovery": 9.5}
HELD = {"leak": 300_000_000, "leak-in-recovery": 450_000_000}
FLOOD = 8000
#: Busy children of each process, so that they also take a machine that others use, too.
BURNERS = 3

_held: list[bytearray] = []
_burning: set[int] = set()


class PlantedError(Exception):
    """What a planted error raises."""


def planted(name: str) -> bool:
    """Whether this fault is planted."""
    return name in _PLANTED


def sleep(name: str) -> None:
    """Sleeps where the fault is planted."""
    if planted(name):
        time.sleep(SLEEPS[name])


def hold(name: str) -> None:
    """Takes memory for good, and writes to every page of it, once in a process."""
    if planted(name) and not _held:
        _held.append(bytearray(HELD[name]))
        _held[0][::4096] = b"x" * len(range(0, HELD[name], 4096))


def fail(name: str, number: int) -> None:
    """Raises for every second number."""
    if planted(name) and number % 2:
        raise PlantedError(f"{name}: step {number}")


def burn(name: str) -> None:
    """Starts children that compute for nothing until this process ends, once in a process."""
    parent = os.getpid()
    if not planted(name) or parent in _burning:
        return
    _burning.add(parent)
    for _ in range(BURNERS):
        if os.fork() == 0:
            os.setsid()  # some systems share processors out by session, not by process
            while os.getppid() == parent:
                sum(range(10_000))
            os._exit(0)


def more(name: str) -> int:
    """How many empty steps to submit with one."""
    return FLOOD if planted(name) else 0
