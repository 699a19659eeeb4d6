"""What goes wrong on purpose: the variable FAULT names it, or several with commas between.

get, set           each twelfth operation of the cache waits
simple, complex    each twelfth query of its kind waits, as behind a lock
event              each twelfth event waits before it is stored
slow, tail         each twelfth, each sixtieth request waits
busy-cache         each operation of the cache takes the processor
few-queries        each query waits a little
few-requests       requests wait for each other
misses             the cache is asked for keys that it never had
leak               each request leaves a buffer behind
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections import defaultdict

_kept: list[bytearray] = []
_calls: defaultdict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
_lock = threading.Lock()


def active(name: str) -> bool:
    """Whether this fault was asked for."""
    return name in os.environ.get("FAULT", "").split(",")


def on_get() -> None:
    """Called for each value that the cache is asked for."""
    _now_and_then("get", 0.06)
    _busy()


def on_set() -> None:
    """Called for each value that the cache is given."""
    _now_and_then("set", 0.13)
    _busy()


def suffix() -> str:
    """What a key is asked with."""
    return f":{next(_calls['misses'])}" if active("misses") else ""


def on_simple() -> None:
    """Called for each simple query."""
    _now_and_then("simple", 0.24)
    _each("few-queries", 0.06)


def on_complex() -> None:
    """Called for each complex query."""
    _now_and_then("complex", 0.45)
    _each("few-queries", 0.06)


def on_event() -> None:
    """Called for each event before it is stored."""
    _now_and_then("event", 0.35)


def on_request() -> None:
    """Called for each whole request."""
    _now_and_then("slow", 0.35)
    _now_and_then("tail", 0.45, every=60)
    if active("few-requests"):
        with _lock:
            time.sleep(0.12)
    if active("leak"):
        _kept.append(bytearray(b"\1" * 100_000))


def _now_and_then(name: str, seconds: float, every: int = 12) -> None:
    if active(name) and next(_calls[name]) % every == 0:
        time.sleep(seconds)


def _each(name: str, seconds: float) -> None:
    if active(name):
        time.sleep(seconds)


def _busy() -> None:
    if active("busy-cache"):
        until = time.perf_counter() + 0.006
        while time.perf_counter() < until:
            pass
