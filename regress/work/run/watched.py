"""The resources of a suite while it runs: of its own process tree, of its server apart from it, and of the machine."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from ...model import Course, Metric, SuiteSpec, WatchSpec
from ...suites.watch import Pace, Sampler, apart, busy, courses, figures, probe_of

#: What a server's figures are filed under: the suite's name and this.
SERVER = "server"


class Watch:
    """Watches what is started between entering and leaving; without a specification it does nothing.

    `figures` are (name of the benchmark, its metrics with their values); `courses` are some of them over time, in
    seconds since the first process was started; `busy` says why the figures of this time are not to be trusted, or "".
    `notes` say why a gauge has none. Each process that the tool starts is watched in turn: the last one counts.
    With `one_core` there is `cpu_one` among the figures, too: a program of one thread never takes 80 % of two cores.
    """

    def __init__(self, spec: SuiteSpec, folder: Path, *, one_core: bool = False) -> None:
        self._spec, self._folder, self._one_core = spec, folder, one_core
        self._stack = ExitStack()
        self._samplers: dict[str, Sampler] = {}
        self.figures: list[tuple[str, Sequence[tuple[Metric, float]]]] = []
        self.courses: list[Course] = []
        self.notes: list[str] = []
        self.busy = ""

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        began = min((sampler.started for sampler in self._samplers.values()), default=0.0)
        for name, sampler in sorted(self._samplers.items()):
            besides = [other.watched for other in self._samplers.values() if other is not sampler]
            samples = apart(sampler.watched, besides, sampler.machine_cores)
            drawn = courses(samples, name, sampler.started - began)
            self.courses += drawn
            read = {course.name for course in drawn}
            self.notes += [f"{gauge}: {why}" for gauge, why in sampler.failures if gauge not in read]
            self.figures.append((name, figures(samples, one_core=self._one_core)))
            self.busy = self.busy or (busy(samples) if name == self._spec.name else "")

    def suite(self, pid: int) -> None:
        """The tool was started."""
        self._start(self._spec.name, pid, probes=True)

    def server(self, pid: int) -> None:
        """The system under test was started."""
        self._start(f"{self._spec.name}.{SERVER}", pid, probes=False)

    def _start(self, name: str, pid: int, *, probes: bool) -> None:
        watch: WatchSpec | None = self._spec.watch
        if watch is None:
            return
        if name in self._samplers:
            self._samplers.pop(name).stop()
        asked = [probe_of(gauge, text) for gauge, text in watch.probe] if probes else []
        sampler = Sampler(pid, pace=Pace(watch.interval), probes=asked, disk=self._folder)
        self._samplers[name] = self._stack.enter_context(sampler)
