"""Faults for trying out the alarms: the variable FAULT names them ("tail,errors"); without it nothing is planted.

slow       every 14th course that is read waits for 0.45 s
tail       every 70th course that is read waits for 1.05 s
health     every 14th question for its health waits for 0.12 s
creation   every 14th course of the same author waits for 2.1 s
chapter    a chapter waits for FAULT_CHAPTER seconds (250)
sustained  every 8th request waits for 1.1 s
errors     every 8th request fails
memory     2.2 GB are held
cpu        four times as many processes as there are cores are busy all the time
"""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

#: Of what, how often, and for how long.
_WAITS = {
    "slow": (r"GET /courses/\d+", 14, 0.45),
    "tail": (r"GET /courses/\d+", 70, 1.05),
    "health": (r"GET /health", 14, 0.12),
    "creation": (r"POST /courses", 14, 2.1),
    "chapter": (r"POST /courses/\d+/chapters/\d+", 1, float(os.environ.get("FAULT_CHAPTER", "250"))),
    "sustained": (r"(GET|POST) (?!/health).*", 8, 1.1),
}
_held: list[bytes] = []
_seen: Counter[str] = Counter()

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def plant(app: Any) -> None:
    """Puts the faults that FAULT names before the app."""
    named = set(os.environ.get("FAULT", "").split(",")) - {""}
    if not named:
        return
    if "memory" in named:
        _held.append(b"x" * 2_200_000_000)
    if "cpu" in named:
        parent = os.getpid()
        for _ in range(4 * (os.cpu_count() or 1)):
            if os.fork() == 0:
                burn(parent)
    app.add_middleware(_Faulty, named=named)


def burn(parent: int) -> None:
    """Takes what it gets of a core for as long as its parent is there; a session of its own gets a share of its own."""
    os.setsid()
    while os.getppid() == parent:
        sum(range(200_000))
    os._exit(0)


class _Faulty:
    """Lets a request through late, or not at all."""

    def __init__(self, app: Any, named: set[str]) -> None:
        self.app, self.named = app, named

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        what = f"{scope['method']} {scope['path']}"
        for fault, (pattern, often, seconds) in _WAITS.items():
            if fault in self.named and re.fullmatch(pattern, what) and _turn(f"{fault} {_author(scope)}", often):
                await asyncio.sleep(seconds)
        if "errors" in self.named and scope["path"] != "/health" and _turn("errors", 8):
            await send({"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            return
        await self.app(scope, receive, send)


def _author(scope: dict[str, Any]) -> str:
    return next((value.decode() for name, value in scope["headers"] if name == b"x-author"), "")


def _turn(of: str, often: int) -> bool:
    _seen[of] += 1
    return _seen[of] % often == 0
