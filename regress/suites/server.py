"""The system that a suite puts its load on: started, waited for, stopped with all of its children."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..model import ServerSpec
from . import ready
from .process import begin, end, terminated_as_interrupted
from .request import SuiteError, Trouble

_PAUSE = 0.05


class ServerError(SuiteError):
    """The server did not start, was not ready in time, or had ended before its suite did."""


@contextmanager
def serving(
    spec: ServerSpec, *, cwd: Path, env: Mapping[str, str], log: Path, started: Callable[[int], None] | None = None
) -> Iterator[None]:
    """Runs a server around a suite; its words go to `log`. Raises ServerError, also where it ends by itself."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if not (said := _ask(spec)) and not spec.ready[0].isdigit():
        what = f"something answers at {spec.ready} already: it would be measured in place of this server"
        raise ServerError(Trouble.CONNECTION, what, log=log)
    with log.open("ab") as stream, terminated_as_interrupted():
        stream.write(f"$ {' '.join(spec.command)}\n".encode())
        stream.flush()
        try:
            process = begin(spec.command, cwd, env, stream)
        except OSError as error:
            raise ServerError(Trouble.CRASH, f"cannot run {spec.command[0]}: {error.strerror}", log=log) from None
        try:
            if started:
                started(process.pid)
            _wait(spec, process, log, said)
            yield
            if process.poll() is not None:
                raise ServerError(Trouble.CRASH, _ended(process, "while the suite ran", log), log=log)
        finally:
            end(process)


def _ask(spec: ServerSpec) -> str:
    """Why the server is not ready; "" where it is, and where time alone tells."""
    if spec.ready.startswith("port:"):
        return ready.port(spec.ready.removeprefix("port:"))
    return ready.url(spec.ready) if spec.ready.startswith("http") else ""


def _wait(spec: ServerSpec, process: subprocess.Popen[bytes], log: Path, said: str) -> None:
    by_time = spec.ready[0].isdigit()
    began = time.monotonic()
    limit = float(spec.ready) if by_time else spec.timeout
    while True:
        if process.poll() is not None:
            raise ServerError(Trouble.CRASH, _ended(process, "before it was ready", log), log=log)
        if not by_time and not (said := _ask(spec)):
            return
        if time.monotonic() - began >= limit:
            if by_time:
                return
            raise ServerError(Trouble.TIMEOUT, f"the server was not ready within {limit:g} s: {said}", log=log)
        time.sleep(_PAUSE)


def _ended(process: subprocess.Popen[bytes], when: str, log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return f"the server ended {when}, with status {process.returncode}: {lines[-1] if lines else 'it said nothing'}"
