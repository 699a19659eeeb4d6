"""When a request is tried again, and after how long: nothing here sends anything.

GitHub limits by 403 or 429: with `Retry-After` the wait is said; with `x-ratelimit-remaining: 0` the limit ends at
`x-ratelimit-reset` (UTC, seconds since the epoch); a 403 with neither is a missing permission, and final. GitLab
limits by 429 with `Retry-After`. 5xx and broken connections pass by themselves, mostly.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

#: The answers of a server that will be well again.
_PASSING = frozenset({500, 502, 503, 504})
_LIMITED = frozenset({403, 429})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on: the tries of one request, seconds for an answer, and for which a server may ask to wait.

    `first` is the back-off after the first failure; it doubles, and each wait is between half and all of it. The
    clock, the pause and the chance can be replaced, so that a test need not wait.
    """

    tries: int = 5
    timeout: float = 20.0
    longest: float = 90.0
    first: float = 1.0
    pause: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random

    def backoff(self, attempt: int) -> float:
        """Seconds to wait after failure number `attempt`, counted from 1: no two of many jobs come back alike."""
        return min(self.first * 2.0 ** (attempt - 1), self.longest) * (0.5 + self.chance() / 2)


def limited(status: int, headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until a limit ends, by what an answer says; None where it is no limit or does not say."""
    if status not in _LIMITED:
        return None
    asked = retry_after(headers.get("retry-after", ""), now)
    if asked is not None:
        return asked
    if headers.get("x-ratelimit-remaining") == "0":
        try:
            return max(float(headers.get("x-ratelimit-reset", "")) - now, 0.0)
        except ValueError:
            return None
    return None


def is_limit(status: int, headers: Mapping[str, str], message: str) -> bool:
    """Whether an answer refuses for now, and not for good."""
    told = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    return status == 429 or (status == 403 and (told or "secondary rate limit" in message.lower()))


def passes(status: int) -> bool:
    """Whether an answer is of a server that is ill, and did not say no."""
    return status in _PASSING


def retry_after(text: str, now: float) -> float | None:
    """The header as seconds from `now`: it is a number of them, or a date."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            return None
    return max(seconds, 0.0) if seconds < 1e9 else None
