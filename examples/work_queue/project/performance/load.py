"""A steady load for a while, as on a working day (`python -m performance.load`)."""

from __future__ import annotations

import os
import time

from work_queue.steps import payload

from .cluster import PODS, Cluster, wait_for
from .results import result, write

SECONDS = float(os.environ.get("LOAD_S", "60"))
RATE = float(os.environ.get("RATE", "20"))


def main() -> None:
    """Submits steps at a rate, lets the pods end what they have, and writes how much of it was done."""
    payloads = [payload(number) for number in range(max(1, round(SECONDS * RATE)))]
    with Cluster() as cluster:
        cluster.start(PODS)
        began, first = time.monotonic(), time.time()
        for number, text in enumerate(payloads):
            time.sleep(max(0.0, began + number / RATE - time.monotonic()))
            cluster.store.submit(text)
        wait_for(lambda: cluster.store.count("ready", "claimed") == 0)
        done = cluster.store.count("done")
        last = max((end for _, _, end in cluster.store.times() if end), default=time.time())
        given = len(cluster.store.times())
    write("load", result("steady", True, throughput_per_sec=done / (last - first), success_rate=done / given))


if __name__ == "__main__":
    main()
