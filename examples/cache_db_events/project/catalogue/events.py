"""Events for others, written by a thread of their own to a stream of Redis."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future

import redis

from . import faults

STREAM = "events"
_Item = tuple["Future[None]", dict[str, str]]


class Events:
    """Takes events at once, and stores them soon. `batch`: how many at most go out together."""

    def __init__(self, client: redis.Redis, batch: int = 1) -> None:
        self._client, self._batch = client, batch
        self._queue: queue.Queue[_Item | None] = queue.Queue()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def publish(self, kind: str, **fields: object) -> Future[None]:
        """Hands an event over; the future is done when it is stored."""
        done: Future[None] = Future()
        self._queue.put((done, {"kind": kind} | {name: str(value) for name, value in fields.items()}))
        return done

    def close(self) -> None:
        """Stores what was handed over, and ends."""
        self._queue.put(None)
        self._thread.join()

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            faults.on_event()
            done, fields = item
            try:
                self._client.xadd(STREAM, fields)
                done.set_result(None)
            except redis.RedisError as error:
                done.set_exception(error)
