"""A pod dies with all steps in its hands, and the others take them over (`python -m performance.recovery`)."""

from __future__ import annotations

import time

from work_queue.steps import payload

from .cluster import PODS, STEPS, Cluster, wait_for
from .results import result, write


def main() -> None:
    """Lets one pod claim everything, kills it (SIGKILL), and waits until others have done what it left behind."""
    with Cluster() as cluster:
        for number in range(STEPS):
            cluster.store.submit(payload(number))
        cluster.start(1, batch=STEPS)
        wait_for(lambda: cluster.store.count("claimed") > 0)
        cluster.kill(0)
        began = time.monotonic()
        orphans, done = cluster.store.count("claimed"), cluster.store.count("done")
        cluster.start(PODS - 1)  # well within the lease: until it is over, nobody knows of the death
        before = cluster.memory()
        ended = wait_for(lambda: cluster.store.count("claimed", "ready") == 0)
        seconds = time.monotonic() - began
        preserved = (cluster.store.count("done") - done) / orphans
        growth = cluster.memory() - before
    figures = {
        "recovery_ms_per_step": seconds * 1000 / orphans,
        "preserved": preserved,
        "memory_growth_mb": growth / 1e6,
    }
    write("recovery", result("recovery", ended, orphaned_steps=orphans, **figures))


if __name__ == "__main__":
    main()
