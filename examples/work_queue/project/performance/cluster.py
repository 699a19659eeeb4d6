"""Pods on this machine, each a process of its own: started, killed, looked at."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import TracebackType

import psutil
from work_queue.store import Store

STORE = os.environ.get("QUEUE_STORE", "queue.db")
PODS = int(os.environ.get("PODS", "5"))
STEPS = int(os.environ.get("STEPS", "500"))
_PATIENCE = 120.0


class Cluster:
    """The store, emptied, and the pods that work on it. The pods end with it."""

    def __init__(self) -> None:
        self.store = Store(STORE)
        self.store.begin_anew()
        self.pods: list[subprocess.Popen[bytes]] = []

    def start(self, count: int, batch: int = 1) -> None:
        """Starts pods, and waits until each has said that it is alive."""
        expected = self.store.alive() + count
        words = [sys.executable, "-m", "work_queue.pod", STORE]
        for _ in range(count):
            self.pods.append(subprocess.Popen(words, env=os.environ | {"BATCH": str(batch)}))
        if not wait_for(lambda: self.store.alive() == expected):
            raise TimeoutError(f"of {expected} pods only {self.store.alive()} came up")

    def kill(self, place: int) -> None:
        """Ends a pod as the machine would: at once, and it cannot say a word."""
        pod = self.pods.pop(place)
        pod.send_signal(signal.SIGKILL)
        pod.wait()

    def memory(self) -> int:
        """Bytes that all pods hold together."""
        return sum(psutil.Process(pod.pid).memory_info().rss for pod in self.pods)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for pod in self.pods:
            pod.kill()
        for pod in self.pods:
            pod.wait()
        self.store.close()


def wait_for(ready: Callable[[], bool], patience: float = _PATIENCE) -> bool:
    """Waits until something holds; whether it came to hold."""
    end = time.monotonic() + patience
    while not ready():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
