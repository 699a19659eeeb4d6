"""A spike: users who stand still, three times as many at once, and as many as before."""

from __future__ import annotations

import os

import locust.stats
from locust import LoadTestShape

from perf.locustfile import Student  # noqa: F401

USERS = int(os.environ.get("SPIKE_USERS", "100"))
STILL, HIGH, AFTER = (int(word) for word in os.environ.get("SPIKE_SECONDS", "60 30 90").split())

# Locust's percentiles of the moment look back for ten seconds: the spike would be in them for as long after it.
locust.stats.CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW = 2


class Spike(LoadTestShape):
    """USERS, three times as many, USERS."""

    def tick(self) -> tuple[int, float] | None:
        seconds = self.get_run_time()
        if seconds > STILL + HIGH + AFTER:
            return None
        users = 3 * USERS if STILL <= seconds < STILL + HIGH else USERS
        return users, 3 * USERS
