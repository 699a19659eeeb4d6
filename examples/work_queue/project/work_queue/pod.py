"""A pod: `python -m work_queue.pod STORE`. It claims steps and does them until it is ended.

A thread says every third of a lease that the pod is alive; a pod that is killed says no more, and the next living pod
that finds nothing to do takes its steps back.
"""

from __future__ import annotations

import os
import sys
import threading
import time

from . import faults
from .steps import work
from .store import Step, Store

LEASE = float(os.environ.get("LEASE_S", "5"))
#: How many steps a pod claims at once.
BATCH = int(os.environ.get("BATCH", "1"))
_POLL = 0.02


class Pod:
    """One process that works."""

    def __init__(self, path: str) -> None:
        self.number = os.getpid()
        self.store = Store(path)
        self._beats = Store(path)
        self._looked = time.monotonic()

    def run(self) -> None:
        """Works for good."""
        faults.hold("leak")
        self._beats.beat(self.number)
        threading.Thread(target=self._alive, daemon=True).start()
        while True:
            if not self.turn():
                time.sleep(_POLL)

    def turn(self) -> bool:
        """Claims and does what is ready; whether there was anything."""
        faults.sleep("stalled")
        faults.sleep("slow-claim")
        steps = self.store.claim(self.number, BATCH)
        for step in steps:
            self.do(step)
        if not steps:
            self._take_back()
        return bool(steps)

    def do(self, step: Step) -> None:
        """Does one step and notes what became of it."""
        try:
            faults.hold("leak-in-recovery")
            faults.fail("errors", step.number)
            faults.sleep("slow-step")
            self.store.finish(self.number, step, work(step.payload))
        except faults.PlantedError as error:
            self.store.finish(self.number, step, str(error), "failed")

    def _alive(self) -> None:
        while True:
            time.sleep(LEASE / 3)
            self._beats.beat(self.number)

    def _take_back(self) -> None:
        """Looks for steps of dead pods, now and then."""
        if time.monotonic() - self._looked < LEASE / 3:
            return
        self._looked = time.monotonic()
        faults.sleep("slow-recovery")
        self.store.take_back(LEASE)


if __name__ == "__main__":
    Pod(sys.argv[1]).run()
