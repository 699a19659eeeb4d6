"""Watches a command, a process or the machine alone, and judges limits while it runs.

    watched = monitor(MonitorRequest(command=("pytest",), limits=("rss < 1 GB",)), told)

A command is started here, with the standard streams of this program and in its group, so that it lives in the same
terminal; where this program is interrupted, or the time is over, all that is left of its tree is ended.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from ..errors import UsageError
from ..model import BudgetState, Metric
from ..suites.process import terminated_as_interrupted
from ..suites.watch import (
    DEFAULT_INTERVAL,
    Allowance,
    CsvFile,
    Event,
    Guard,
    Kept,
    Pace,
    Probe,
    Sample,
    Sampler,
    Spread,
    busy,
    figures,
    guards,
    probe_of,
    spreads,
)

INTERRUPTED = 130
_HINT = "write NAME=COMMAND, NAME=URL#PATH or NAME=DATABASE#SELECT …"
#: How long a command that heard the same interrupt may take to put down what it has.
_OWN_END = 2.0


@dataclass(frozen=True, slots=True)
class MonitorRequest:
    """What is watched: a `command`, a process `pid`, or neither: the machine alone.

    duration  seconds after which it is over; a command is ended then
    csv       a file for the samples; `probes`: NAME=…, see `regress.suites.watch.probe`
    limits    as they are written
    disk      any path on the file system that is watched
    """

    pid: int | None = None
    command: tuple[str, ...] = ()
    interval: float = DEFAULT_INTERVAL
    duration: float | None = None
    csv: Path | None = None
    limits: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    disk: Path = field(default_factory=lambda: Path("."))


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen. `status` is that of the whole, `command_status` that of a command that ended by itself.

    ended   why it was over: "ended", "time" (the duration), "interrupted"
    left    how many processes of the tree still run
    cost    share of one core that watching took
    fault   why the file of samples is not whole, or ""
    """

    started_at: datetime
    seconds: float
    samples: Sequence[Sample]
    limits: Sequence[Kept]
    allowance: Allowance
    ended: str
    command_status: int | None
    left: int
    cost: float
    interval: float
    notes: Sequence[str]
    fault: str = ""

    @property
    def figures(self) -> list[tuple[Metric, float]]:
        """The metrics, with the share of one core."""
        return figures(self.samples, one_core=True)

    @property
    def spreads(self) -> list[Spread]:
        """Minimum, mean and maximum."""
        return spreads(self.samples)

    @property
    def busy(self) -> str:
        """Why the machine was no place to measure, or ""."""
        return busy(self.samples)

    @property
    def status(self) -> int:
        """130 interrupted, 1 where a limit was broken, else the command's own (128 and its number of a signal).

        Where all that is 0 and the file of samples is not whole: 2.
        """
        if self.ended == "interrupted":
            return INTERRUPTED
        if any(kept.state is BudgetState.BREACHED for kept in self.limits):
            return 1
        status = self.command_status or 0
        return (status if status >= 0 else 128 - status) or (2 if self.fault else 0)


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told what while it runs: each sample, and each event of a limit. Both come from another thread."""

    sample: Callable[[Sample], None] = lambda sample: None
    event: Callable[[Event], None] = lambda event: None


def monitor(request: MonitorRequest, told: Told = Told()) -> Watched:
    """Watches until what is watched has ended, the time is over, or somebody interrupts. Raises UsageError."""
    if request.command and request.pid is not None:
        raise UsageError("a process and a command cannot be watched at once", hint="leave out --pid, or the command")
    if request.duration is not None and request.duration <= 0:
        raise UsageError("--duration must be more than 0")
    pace = Pace(request.interval)
    probes = _probes(request.probes)
    names = [probe.name for probe in probes]
    watching = guards(request.limits, names)
    with ExitStack() as stack:
        table = stack.enter_context(CsvFile(request.csv, names)) if request.csv else None
        stack.enter_context(terminated_as_interrupted())
        return _Watch(request, pace, probes, _Listener(watching, table, told)).run()


def _probes(texts: Sequence[str]) -> list[Probe]:
    found: dict[str, Probe] = {}
    for text in texts:
        name, equals, what = text.partition("=")
        if not equals:
            raise UsageError(f"--probe {text!r} is not understood", hint=_HINT)  # fmt: skip
        if name in found:
            raise UsageError(f"there are two probes {name!r}", hint="give each a name of its own")
        found[name] = probe_of(name, what)
    return list(found.values())


class _Listener:
    """Hands each sample to the limits, the file and whoever is told; a file that cannot be written ends no command."""

    def __init__(self, watching: Sequence[Guard], table: CsvFile | None, told: Told) -> None:
        self.watching, self.table, self.told = watching, table, told
        self.fault = ""

    def __call__(self, sample: Sample) -> None:
        for guard in self.watching:
            event = guard.see(sample)
            if event is not None:
                self.told.event(event)
        self.told.sample(sample)
        if self.table is not None and not self.fault:
            try:
                self.table.write(sample)
            except UsageError as error:
                self.fault = f"{error}; rows are missing from {sample.seconds:.1f} s on"


class _Watch:
    """One watch from its beginning to its end."""

    def __init__(self, request: MonitorRequest, pace: Pace, probes: Sequence[Probe], listen: _Listener) -> None:
        self.request, self.pace, self.probes, self.listen = request, pace, probes, listen
        self.process: subprocess.Popen[bytes] | None = None

    def run(self) -> Watched:
        """Starts, waits, and ends what is left."""
        started_at, started = datetime.now(UTC), time.monotonic()
        pid = self._begin()
        try:
            sampler = Sampler(pid, pace=self.pace, probes=self.probes, disk=self.request.disk, listen=self.listen)
            ended = self._watch(sampler)
        finally:
            self._end_command()
        return Watched(
            started_at=started_at,
            seconds=time.monotonic() - started,
            samples=sampler.samples,
            limits=[guard.kept() for guard in self.listen.watching],
            allowance=sampler.allowance,
            ended=ended,
            command_status=self.process.returncode if self.process and ended == "ended" else None,
            left=_left(sampler) if ended == "ended" else 0,
            cost=sampler.cost,
            interval=self.pace.interval,
            notes=sampler.notes,
            fault=self.listen.fault,
        )

    def _begin(self) -> int | None:
        if not self.request.command:
            return self.request.pid
        try:
            self.process = subprocess.Popen(self.request.command)
        except OSError as error:
            where = self.request.command[0]
            raise UsageError(f"cannot be started: {error.strerror}", where=where) from None
        return self.process.pid

    def _watch(self, sampler: Sampler) -> str:
        """Why it is over. The command's tree is ended before the last sample's files are closed."""
        ended = "interrupted"
        try:
            sampler.start()
            if sampler.tree is not None:
                threading.Thread(target=_wait_for, args=(sampler, self.process), daemon=True).start()
            ended = "ended" if sampler.over.wait(self.request.duration) else "time"
        except KeyboardInterrupt:
            # A command in the same terminal has heard it, too, and may have something to put down.
            with suppress(KeyboardInterrupt):
                if self.process is not None:
                    sampler.over.wait(_OWN_END)
        finally:
            try:
                sampler.stop()
            except BaseException:
                ended = "failed"
                raise
            finally:
                if self.process is not None and ended != "ended" and sampler.tree is not None:
                    sampler.tree.end()
        return ended

    def _end_command(self) -> None:
        """No command is left behind, whatever went wrong before it could be watched."""
        process = self.process
        if process is None:
            return
        try:
            # It has ended, or was ended with its tree; this asks for its status.
            process.wait(0.5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(sampler: Sampler, process: subprocess.Popen[bytes] | None) -> None:
    """Says at once that the process has ended, however long the interval is."""
    tree = sampler.tree
    assert tree is not None
    if process is None:
        with suppress(psutil.Error, ValueError):
            psutil.Process(tree.pid).wait()
            sampler.over.set()
    elif hasattr(os, "waitid"):
        # Not asked for its status yet: until then the system keeps its counters for the last sample.
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            sampler.over.set()
    else:
        process.wait()
        sampler.over.set()


def _left(sampler: Sampler) -> int:
    tree = sampler.tree
    return len([process for process in tree.processes() if process.pid != tree.pid]) if tree else 0


def document(watched: Watched, request: MonitorRequest) -> dict[str, Any]:
    """What was seen as the document that `--json` writes; units are base units, shares are of 1.

    format, version   "regress-monitor", 1
    figures           [{name, unit, value}]: the metrics that a suite would have
    columns           [{name, unit, min, mean, max, n}]
    limits            [{limit, state: met, breached or unjudged, times, seconds, worst}]
    """
    return {
        "format": "regress-monitor",
        "version": 1,
        "command": list(request.command) or None,
        "pid": request.pid,
        "started_at": watched.started_at.isoformat(timespec="milliseconds"),
        "seconds": round(watched.seconds, 3),
        "ended": watched.ended,
        "status": watched.status,
        "command_status": watched.command_status,
        "interval": watched.interval,
        "samples": len(watched.samples),
        "cost": watched.cost,
        "cores": watched.allowance.cores,
        "cores_from": watched.allowance.cores_from,
        "memory": watched.allowance.memory,
        "memory_from": watched.allowance.memory_from,
        "busy": watched.busy,
        "figures": [{"name": m.name, "unit": m.unit, "value": value} for m, value in watched.figures],
        "columns": [
            {"name": s.name, "unit": s.unit, "min": s.low, "mean": s.mean, "max": s.high, "n": s.n}
            for s in watched.spreads
        ],
        "limits": [
            {
                "limit": k.limit.text, "state": k.state.value, "times": k.times, "seconds": k.seconds, "worst": k.worst
            }
            for k in watched.limits
        ],
        "notes": [*watched.notes, *filter(None, [watched.fault])],
    }  # fmt: skip
