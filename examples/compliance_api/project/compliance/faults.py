"""What goes wrong on purpose: the variable FAULT names it, or several, and is asked each time.

authentication, evidence, search, dashboard, chat    the request waits, as for another service: twice what is allowed
simple, complex, aggregation, bulk                    so does the query
slow     each request of a load waits twice as long as the average may be
errors   each second request of a load is refused
leak     each request leaves a buffer behind
busy     beside the server three processes for each core never rest
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

#: Seconds: more than twice each limit.
_WAITS = {
    "authentication": 1.05, "evidence": 2.1, "search": 1.65, "dashboard": 3.1, "chat": 6.1,
    "simple": 0.42, "complex": 4.1, "aggregation": 0.62, "bulk": 4.1,
}  # fmt: skip
_SLOW = 4.1
_LEAK_BYTES = 30_000_000
_SPIN = """
import os, time
until = time.time() + 12
while time.time() < until and os.getppid() == PARENT:
    sum(range(9999))
"""
_kept: list[bytes] = []
_seen = 0


def active(name: str) -> bool:
    """Whether this fault was asked for."""
    return name in os.environ.get("FAULT", "").split()


def on(name: str) -> None:
    """Called where the thing of this name is done."""
    if active(name):
        time.sleep(_WAITS[name])


def on_request() -> None:
    """Called once for each request. Raises RuntimeError for one that is to be refused."""
    global _seen
    _seen += 1
    number = _seen
    if active("leak") and len(_kept) < 12:
        _kept.append(b"\1" * _LEAK_BYTES)
    if active("slow"):
        time.sleep(_SLOW)
    if active("errors") and number % 2:
        raise RuntimeError("the store refuses")


def on_start() -> None:
    """Called once, when the server starts."""
    if active("busy"):
        for _ in range(3 * (os.cpu_count() or 1)):
            subprocess.Popen([sys.executable, "-S", "-c", _SPIN.replace("PARENT", str(os.getpid()))])
