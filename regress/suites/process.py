"""Runs one tool: its words in a log, a time limit, and no child left behind, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

import psutil  # type: ignore[import-untyped]

#: How long a child may take to end by itself, in seconds.
_GRACE = 2.0
#: How long one that may write what it has may take for it.
_PATIENCE = 10.0
_TAIL_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Manner:
    """How a call is made besides: `started` is told its number; `gently`: it may put down what it has before it ends.

    A tool that writes its results at its end is asked to end as by Ctrl-C, and ended only where it does not.
    """

    gently: bool = False
    started: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended: its status (None: it took too long), what it said last, and how long it took."""

    status: int | None
    text: str
    seconds: float

    @property
    def last_line(self) -> str:
        """The last line that is not empty."""
        return next((line.strip() for line in reversed(self.text.splitlines()) if line.strip()), "it said nothing")


def call(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path, timeout: float, manner: Manner = Manner()
) -> Ended:
    """Runs a command; both of its streams are appended to `log`, below the command itself.

    Where this program is interrupted (Ctrl-C, SIGTERM) or the time is over, the whole process tree is ended first.
    """
    started = time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        stream.write(f"$ {' '.join(command)}\n".encode())
        stream.flush()
        start = stream.tell()
        with terminated_as_interrupted():
            process = begin(command, cwd, env, stream)
            tree: list[psutil.Process] = []
            try:
                if manner.started:
                    manner.started(process.pid)
                status: int | None = process.wait(timeout)
            except subprocess.TimeoutExpired:
                status = None
                tree = _ask(process, manner)
            except KeyboardInterrupt:
                tree = _ask(process, manner)
                raise
            finally:
                # Also after a normal end: a tool's helper that outlives it would disturb the next measurement.
                end(process, tree)
    return Ended(status, _since(log, start), time.monotonic() - started)


def begin(command: Sequence[str], cwd: Path, env: Mapping[str, str], stream: IO[bytes]) -> subprocess.Popen[bytes]:
    """Starts a command in a session of its own, both of its streams into `stream`; `end` ends it."""
    return subprocess.Popen(
        command, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip


def _ask(process: subprocess.Popen[bytes], manner: Manner) -> list[psutil.Process]:
    """Asks the process to end as by Ctrl-C, and gives it the time to write what it has; its descendants before that.

    Once it has ended, nobody can say any more which they were.
    """
    tree = _descendants(process)
    if manner.gently:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
    return tree


def _descendants(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        return list(psutil.Process(process.pid).children(recursive=True))
    except psutil.Error:
        return []


def _since(log: Path, start: int) -> str:
    """What was written to the log since `start`, the end of it where that is long."""
    with log.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(start, size - _TAIL_BYTES))
        return stream.read().decode("utf-8", "replace")


def end(process: subprocess.Popen[bytes], known: Sequence[psutil.Process] = ()) -> None:
    """Ends the process, its descendants (also those that were `known` before it ended by itself) and its group.

    asv puts its children into groups of their own, so that the group alone is not the whole tree.
    """
    tree = [*known, *(_descendants(process) if process.poll() is None else [])]
    _signal_group(process.pid, signal.SIGTERM)
    for child in tree:
        _quietly(child.terminate)
    if process.poll() is None:
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    _, alive = psutil.wait_procs(tree, timeout=_GRACE)
    for child in alive:
        _quietly(child.kill)
    _signal_group(process.pid, signal.SIGKILL)


def _quietly(action: Callable[[], None]) -> None:
    with suppress(psutil.Error):
        action()


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """While a child runs, SIGTERM is an interrupt like Ctrl-C, so that the child is ended and the work tree removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
