"""How far a run of suites is: a live line with the time left on a terminal, a line for each suite elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..plain import printable

if TYPE_CHECKING:
    from rich.progress import Progress

    from ..work.run import Step

_PAUSE = 0.2


@contextmanager
def shown(verbose: bool) -> Iterator[Callable[[Step], None]]:
    """What shows each step of a run while it goes on; with `verbose` also what the tools say."""
    tail = _Tail() if verbose else None
    try:
        if sys.stderr.isatty() and not verbose:
            with _bar() as progress:
                yield _Live(progress).show
        else:
            yield lambda step: _line(step, tail)
    finally:
        if tail:
            tail.stop()


def _line(step: Step, tail: _Tail | None) -> None:
    if tail:
        tail.follow(step.log) if step.state is None else tail.stop()
    if step.state is not None:
        click.echo(_said(step), err=True)


def _said(step: Step) -> str:
    words = f" · {step.words}" if step.words else ""
    return printable(f"[{step.number}/{step.most}] {step.suite} · {step.state}{words} · {step.seconds:.1f} s")


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(24), TimeElapsedColumn(), TextColumn("left"),
        TimeRemainingColumn(),
    )  # fmt: skip
    return Progress(*columns, console=Console(stderr=True), transient=True)


class _Live:
    """A bar for the suite that runs, as long as it took the last time; a line for each that is done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def show(self, step: Step) -> None:
        """One step of the run."""
        if self._thread:
            self._stop.set()
            self._thread.join()
            self._thread = None
        for task in list(self._progress.task_ids):
            self._progress.remove_task(task)
        if step.state is not None:
            self._progress.console.print(_said(step), markup=False, highlight=False)
            return
        name = printable(f"[{step.number}/{step.most}] {step.suite}")
        task = self._progress.add_task(name, total=step.earlier or None)
        self._stop = threading.Event()

        def advance(stop: threading.Event) -> None:
            while not stop.wait(_PAUSE):
                # It may take longer than the last time: then the bar is full, and waits.
                self._progress.advance(task, _PAUSE)

        self._thread = threading.Thread(target=advance, args=(self._stop,), daemon=True)
        self._thread.start()


class _Tail:
    """Copies what is written to a log onto standard error."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def follow(self, log: Path) -> None:
        """Begins with a new log."""
        self.stop()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._copy, args=(log, self._stop), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends, after what is there by now was copied."""
        if self._thread:
            self._stop.set()
            self._thread.join()
            self._thread = None

    def _copy(self, log: Path, stop: threading.Event) -> None:
        place = log.stat().st_size if log.exists() else 0
        ended = False
        while not ended:
            ended = stop.wait(_PAUSE)
            if log.exists():
                with log.open("rb") as file:
                    file.seek(place)
                    data = file.read()
                place += len(data)
                if data:
                    sys.stderr.write(data.decode("utf-8", "replace"))
                    sys.stderr.flush()
