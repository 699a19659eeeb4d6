"""Takes a sample every so often, in a thread of this program, for as long as something runs.

The sampler costs at most MOST_COST of one core: where a sample takes long (many processes, a short interval), the
interval is stretched until that holds, and the sampler says so. No sample is made up for one that was missed.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from ...errors import UsageError
from .allowance import Allowance, allowance
from .apart import Watched
from .machine import Machine
from .probe import Asker, Probe
from .sample import Gauge, Sample
from .tree import Tree, Usage

SHORTEST, DEFAULT_INTERVAL, LONGEST = 0.05, 0.5, 10.0
#: The share of one core that sampling may take.
MOST_COST = 0.01
#: CPU times are counted in steps of 10 ms: a rate over less than this many seconds would be mostly rounding.
_LEAST_WINDOW = 0.25
_PATIENCE = 10.0
#: Some samples cost more than those before them.
_HEADROOM = 1.15

Listener = Callable[[Sample], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often: every `interval` seconds (0.05 to 10), stretched so that it takes at most `most_cost` of a core."""

    interval: float = DEFAULT_INTERVAL
    most_cost: float = MOST_COST

    def __post_init__(self) -> None:
        if not SHORTEST <= self.interval <= LONGEST:
            raise UsageError(
                f"an interval of {self.interval:g} s", hint=f"choose one from {SHORTEST} s to {LONGEST:g} s"
            )

    def wait(self, cost: float) -> float:
        """Seconds from one sample to the next where one costs `cost` seconds of CPU."""
        return min(max(self.interval, cost * _HEADROOM / self.most_cost), LONGEST)


class Sampler:
    """Watches the process `pid` with its descendants, or with None the machine alone, between `start` and `stop`.

    pace     how often
    probes   gauges that are asked beside it, each in a thread of its own
    disk     any path on the file system that is watched
    listen   is given each sample as it is taken, in the sampler's thread; what it raises is raised by `stop`
    """

    def __init__(
        self,
        pid: int | None,
        *,
        pace: Pace = Pace(),
        probes: Sequence[Probe] = (),
        disk: Path = Path("."),
        listen: Listener | None = None,
    ) -> None:
        self.pace = pace
        self.tree = Tree(pid) if pid is not None else None
        self.allowance: Allowance = allowance(pid)
        self.samples: list[Sample] = []
        #: Set when the process has ended, and when sampling failed.
        self.over = threading.Event()
        self._machine = Machine(self.allowance, disk)
        self._askers = [Asker(probe) for probe in probes]
        self._listen = listen
        self._marks: deque[tuple[float, float, float]] = deque()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="regress-sampler", daemon=True)
        self._failure: BaseException | None = None
        self._spent = self._one_cost = self._widest = 0.0
        self._started = self._first_busy = self._first_own = 0.0

    def __enter__(self) -> Sampler:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self.stop()
        except Exception:
            if error is None:
                raise

    def start(self) -> None:
        """Takes the first sample, here, and begins to take more."""
        self._started = time.monotonic()
        self._first_busy, self._first_own = self._machine.read().busy, time.process_time()
        self._take()
        self._thread.start()

    def stop(self) -> None:
        """Takes a last sample and ends the thread; once is enough, twice is harmless."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._thread.is_alive():
            # Not for ever: a file system that has gone may hold the thread back.
            self._thread.join(_PATIENCE)
        for asker in self._askers:
            asker.close()
        if self._failure is None and not self._thread.is_alive():
            self._take()
        if self._failure is not None:
            raise self._failure

    @property
    def started(self) -> float:
        """When it was started, by the clock that does not jump (`time.monotonic`)."""
        return self._started

    @property
    def watched(self) -> Watched:
        """Its samples, by the clock that it shares with all others."""
        return Watched(self._started, self.samples)

    @property
    def machine_cores(self) -> int:
        """The cores of the machine, whoever may use them."""
        return self._machine.cores

    @property
    def cost(self) -> float:
        """The share of one core that sampling took so far."""
        elapsed = time.monotonic() - self._started
        return self._spent / elapsed if elapsed > 0 else 0.0

    @property
    def notes(self) -> list[str]:
        """What the reader of the figures must know: what could not be read, and an interval that was stretched."""
        notes = list(self.tree.notes) if self.tree else []
        if self._widest > self.pace.interval * 1.05:
            notes.append(
                f"one sample costs {self._one_cost * 1e3:.1f} ms of CPU: they were taken up to {self._widest:.2g} s "
                f"apart instead of {self.pace.interval:g} s, to stay below {self.pace.most_cost:.0%} of a core"
            )
        return notes + [f"{name}: {why}" for name, why in self.failures]

    @property
    def failures(self) -> list[tuple[str, str]]:
        """Each gauge that could not be read at some time, and why."""
        return [(asker.probe.name, why) for asker in self._askers for why in asker.failures]

    def _run(self) -> None:
        try:
            due = time.monotonic()
            while True:
                wait = self.pace.wait(self._one_cost)
                self._widest = max(self._widest, wait)
                # What a slow sample has missed is not made up for.
                due = max(due + wait, time.monotonic())
                if self._stopping.wait(due - time.monotonic()):
                    return
                self._take()
        except BaseException as error:
            self._failure = error
            self.over.set()

    def _take(self) -> None:
        began = time.thread_time()
        sample = self._sample()
        self.samples.append(sample)
        if self._listen is not None:
            self._listen(sample)
        cost = time.thread_time() - began
        self._spent += cost
        # The first ones read what is cached later: the mean forgets them.
        self._one_cost = cost if not self._one_cost else 0.8 * self._one_cost + 0.2 * cost
        if self.tree is not None and self.tree.ended:
            self.over.set()

    def _sample(self) -> Sample:
        usage = self.tree.read() if self.tree else None
        state = self._machine.read()
        seconds = time.monotonic() - self._started
        own = time.process_time() - self._first_own
        busy = state.busy - self._first_busy - own - (usage.cpu_time if usage else 0.0)
        cores, others = self._rates(seconds, usage.cpu_time if usage else 0.0, busy)
        gauges = tuple(self._gauge(asker) for asker in self._askers)
        return Sample(
            at=datetime.now(UTC),
            seconds=seconds,
            machine_memory=state.memory,
            disk=state.disk,
            load=state.load,
            others=None if others is None else max(0.0, others) / self._machine.cores,
            others_time=busy / self._machine.cores,
            cores=self.allowance.cores,
            gauges=gauges,
            **(self._of_tree(usage, cores) if usage else {}),
        )

    def _of_tree(self, usage: Usage, cores: float | None) -> dict[str, float | None]:
        return {
            "cpu": None if cores is None else cores / self.allowance.cores,
            "cpu_one": cores,
            "cpu_time": usage.cpu_time,
            "rss": usage.rss,
            "peak": usage.peak,
            "processes": usage.processes,
            "io_read": usage.io_read,
            "io_written": usage.io_written,
            "context_switches": usage.context_switches,
        }

    def _rates(self, seconds: float, spent: float, busy: float) -> tuple[float | None, float | None]:
        """Cores that the tree and the others took, since the latest sample that is long enough ago."""
        marks = self._marks
        while len(marks) > 1 and seconds - marks[1][0] >= _LEAST_WINDOW:
            marks.popleft()
        marks.append((seconds, spent, busy))
        since = seconds - marks[0][0]
        if len(marks) == 1 or since <= 0:
            return None, None
        return (spent - marks[0][1]) / since, (busy - marks[0][2]) / since

    @staticmethod
    def _gauge(asker: Asker) -> Gauge:
        """The newest answer; the probe is asked again, so that there is one at the next sample."""
        gauge = asker.answer()
        asker.ask()
        return gauge
