"""What goes wrong on purpose: the variable FAULT names it, and is asked each time.

slow    each twelfth track that is sent or read waits, as behind a lock
busy    each track takes the processor for longer to be thinned out
leak    each track leaves a buffer behind
errors  each fourth track is refused
down    the server does not listen any more once a track was sent to it
"""

from __future__ import annotations

import os
import time

_kept: list[bytearray] = []
_seen = 0
_read = 0


def active(name: str) -> bool:
    """Whether this fault was asked for."""
    return os.environ.get("FAULT") == name


def on_track() -> None:
    """Called once for each track. Raises RuntimeError for one that is to be refused."""
    global _seen
    _seen += 1
    if active("slow") and _seen % 12 == 0:
        time.sleep(0.12)
    if active("leak"):
        _kept.append(bytearray(b"\1" * 1_500_000))
    if active("errors") and _seen % 4 == 0:
        raise RuntimeError("the store refuses")


def on_thin() -> None:
    """Called once for each track that is thinned out."""
    if active("busy"):
        until = time.perf_counter() + 0.1
        while time.perf_counter() < until:
            pass


def on_read() -> None:
    """Called once for each track that is read."""
    global _read
    _read += 1
    if active("slow") and _read % 12 == 0:
        time.sleep(0.12)
