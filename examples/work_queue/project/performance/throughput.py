"""Many steps at once: how quickly they are taken in, claimed and done (`python -m performance.throughput`)."""

from __future__ import annotations

import time

from work_queue.steps import payload

from .cluster import PODS, STEPS, Cluster, wait_for
from .results import result, write


def main() -> None:
    """Submits all steps, waits until they are done, and writes what it took."""
    payloads = [payload(number) for number in range(STEPS)]
    with Cluster() as cluster:
        cluster.start(PODS)
        began = time.time()
        for text in payloads:
            cluster.store.submit(text)
        submitted = time.time() - began
        whole = wait_for(lambda: cluster.store.count("done") == STEPS)
        times, memory = cluster.store.times(), cluster.memory()
    claimed = max((claim for _, claim, _ in times if claim), default=began) - began
    latencies = [(end - start) * 1000 for start, _, end in times if end]
    write(
        "throughput",
        result("submission", True, submission_per_sec=STEPS / submitted),
        result(
            "claiming",
            whole,
            claiming_per_sec=STEPS / max(claimed, 1e-9),
            latencies_ms=latencies,
            memory_mb=memory / 1e6,
        ),
    )


if __name__ == "__main__":
    main()
