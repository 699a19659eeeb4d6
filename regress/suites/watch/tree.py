"""A process and all its descendants, looked for anew each time.

A process is known by its number and by when it was started, so that a number that is used again is another process.
One that leaves the tree since its parent has ended is followed on, with its children; one that did so between two looks
is not found.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]

from ...errors import UsageError
from .account import Account
from .threads import threads_of

_GRACE = 2.0
_HAS_IO = hasattr(psutil.Process, "io_counters")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a tree uses: `cpu_time` (s), bytes and switches since the watch began; memory and processes now."""

    cpu_time: float
    rss: int | None
    peak: int | None
    processes: int | None
    io_read: float | None
    io_written: float | None
    context_switches: float


class Tree:
    """The tree below the process `pid`. UsageError where there is none, or where it may not be looked at."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.notes: list[str] = []
        self.ended = False
        where = f"process {pid}"
        try:
            self._root = psutil.Process(pid)
            # What this program has started itself is watched from its birth.
            self._from_zero = self._root.ppid() == os.getpid()
            if self._root.status() == psutil.STATUS_ZOMBIE and not self._from_zero:
                raise UsageError("has ended already; its parent has not asked for its status", where=where)
            if self._root.status() != psutil.STATUS_ZOMBIE:
                self._root.cpu_times(), self._root.memory_info()
        except (psutil.NoSuchProcess, ValueError, OverflowError):
            raise UsageError("there is no such process", where=where, hint="name one that is running") from None
        except psutil.AccessDenied:
            hint = "watch it as its owner, or as an administrator"
            raise UsageError("is another user's and may not be looked at", where=where, hint=hint) from None
        self._seen: dict[psutil.Process, None] = {}
        self._orphans: set[psutil.Process] = set()
        self._cpu: Account[psutil.Process] = Account()
        self._read: Account[psutil.Process] = Account()
        self._written: Account[psutil.Process] = Account()
        self._switches: Account[tuple[psutil.Process, int]] = Account()
        self._io: dict[psutil.Process, tuple[float, float]] = {}
        self._first_peaks: dict[psutil.Process, int] | None = None
        self._peak: int | None = None

    def processes(self) -> list[psutil.Process]:
        """The process and its descendants as they are now; those that have been seen and left the tree, too."""
        found: dict[psutil.Process, None] = {}
        # Note: a fresh object each time, since psutil compares a child's start with its parent's, and both are told by
        # the wall clock: after a jump backwards the children of an object made before it would seem to be strangers.
        root = _again(self._root)
        if root is not None:
            found |= dict.fromkeys(_with_descendants(root))
        for lost in [process for process in self._seen if process not in found]:
            orphan = _again(lost)
            if orphan is not None:
                self._orphans.add(orphan)
                found |= dict.fromkeys(_with_descendants(orphan))
        self._orphans &= found.keys() | self._seen.keys()
        self._seen = found
        return list(found)

    def read(self) -> Usage:
        """What the tree uses now. `ended` is set once the process itself has gone, or is a zombie."""
        alive = False
        times: dict[psutil.Process, tuple[float, float]] = {}
        memory: dict[psutil.Process, int] = {}
        switches: dict[tuple[psutil.Process, int], tuple[float, float]] = {}
        peaks: dict[psutil.Process, int] = {}
        for process in self.processes():
            with suppress(psutil.Error), process.oneshot():
                zombie = process.status() == psutil.STATUS_ZOMBIE
                alive = alive or (process == self._root and not zombie)
                spent = process.cpu_times()
                times[process] = (spent.user + spent.system, spent.children_user + spent.children_system)
                if not zombie:
                    memory[process] = process.memory_info().rss
                    self._read_io(process)
                    _read_threads(process, switches, peaks)
        self.ended = self.ended or not alive
        self._io = {process: used for process, used in self._io.items() if process in times}
        self._note_peaks(peaks)
        zero, orphans = self._from_zero, self._orphans
        read = self._read.update({p: (0.0, used[0]) for p, used in self._io.items()}, from_zero=zero, orphans=orphans)
        written = self._written.update(
            {p: (0.0, used[1]) for p, used in self._io.items()}, from_zero=zero, orphans=orphans
        )
        return Usage(
            cpu_time=self._cpu.update(times, from_zero=zero, orphans=orphans),
            rss=sum(memory.values()) if memory else None,
            peak=self._peak,
            processes=len(memory) or None,
            io_read=read if self._knows_io else None,
            io_written=written if self._knows_io else None,
            context_switches=self._switches.update(switches, from_zero=zero),
        )

    _knows_io = False

    def _read_io(self, process: psutil.Process) -> None:
        """Bytes of one process; what a process has inherited from its children is in them already (Linux)."""
        if not _HAS_IO:
            return self._note("this system does not tell the bytes that a process reads and writes")
        try:
            found = process.io_counters()
        except psutil.AccessDenied:
            return self._note("bytes read and written of another user's processes may not be looked at")
        except (NotImplementedError, OSError):
            return self._note("this system does not tell the bytes that a process reads and writes")
        self._knows_io = True
        self._io[process] = (found.read_bytes, found.write_bytes)
        return None

    def _note_peaks(self, peaks: dict[psutil.Process, int]) -> None:
        """Keeps the highest memory of one process, unless it was reached before the watch began."""
        if self._first_peaks is None:
            self._first_peaks = {} if self._from_zero else peaks
        fresh = [peak for process, peak in peaks.items() if peak > self._first_peaks.get(process, 0)]
        if fresh:
            self._peak = max(self._peak or 0, *fresh)

    def _note(self, what: str) -> None:
        if what not in self.notes:
            self.notes.append(what)

    def end(self) -> None:
        """Ends all that is left of the tree: it is asked first, and killed where it does not listen."""
        try:
            self._everyone(psutil.Process.terminate, _GRACE)
        finally:
            # Also where somebody is impatient. Twice, for what was started meanwhile.
            for _ in range(2):
                self._everyone(psutil.Process.kill, _GRACE)

    def _everyone(self, action: Callable[[psutil.Process], None], seconds: float) -> None:
        alive = self.processes()
        for process in alive:
            with suppress(psutil.Error):
                action(process)
        psutil.wait_procs(alive, timeout=seconds)


def _again(process: psutil.Process) -> psutil.Process | None:
    """The same process, looked up anew; None where it has gone or its number is another's by now."""
    try:
        found = psutil.Process(process.pid)
    except psutil.Error:
        return None
    return found if found == process else None


def _with_descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return [process]


def _read_threads(
    process: psutil.Process,
    switches: dict[tuple[psutil.Process, int], tuple[float, float]],
    peaks: dict[psutil.Process, int],
) -> None:
    threads = threads_of(process.pid)
    if threads is None:
        with suppress(psutil.Error, NotImplementedError, AttributeError):
            found = process.num_ctx_switches()
            switches[process, 0] = (found.voluntary + found.involuntary, 0.0)
        return
    for number, count in threads.switches.items():
        switches[process, number] = (count, 0.0)
    if threads.peak is not None:
        peaks[process] = threads.peak
