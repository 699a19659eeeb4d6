"""Gauges that somebody else knows, such as the depth of a queue: asked beside the samples, and a gap where that fails.

    COMMAND                              its output is a number (the last line of it); no shell between
    https://HOST/stats#queue.depth       a document of JSON, and the way to a number in it; #0.depth of a list
    postgresql://HOST/db#SELECT count(*) FROM jobs     the first column of the first row, through the database's driver
    mysql://USER@HOST/db#SELECT …        with PyMySQL
    sqlite:///queue.db#SELECT …          opened to read alone

A probe that takes longer than TIMEOUT, or fails, is a gap with its reason; the next sample asks again.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from ...errors import UsageError
from .sample import COLUMNS, FIGURES, Gauge

TIMEOUT = 5.0
_MOST_BYTES = 2**20
_MOST_REASONS = 5
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*$")
_WEB = ("http", "https")
_PASSWORD = re.compile(r"(//[^/@:\s]*):[^@/\s]*@")


class GapError(Exception):
    """There is no number this time; the words say why."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What is asked: a `name`, and one of the ways that the module's docstring shows. `shown` hides passwords."""

    name: str
    text: str

    @property
    def shown(self) -> str:
        """The text without the password in an address."""
        return hidden(self.text)


def hidden(text: str) -> str:
    """The text without the passwords of addresses in it."""
    return _PASSWORD.sub(r"\1:***@", text)


def probe_of(name: str, text: str) -> Probe:
    """A probe, looked at as far as that is possible without asking. Raises UsageError."""
    where = f"probe {name!r}"
    if not _NAME.match(name):
        raise UsageError("is no name of a probe", where=where, hint="letters, digits, _ - and ., first a letter")
    if name in COLUMNS or name in FIGURES:
        raise UsageError("is a figure of its own", where=where, hint="choose another name")
    scheme, has_sql = _scheme(text), text.partition("#")[2].strip()
    if scheme in _DATABASES and not has_sql:
        raise UsageError("has no question", where=where, hint=f"write {scheme}://…#SELECT count(*) FROM …")
    if scheme and scheme not in _DATABASES and scheme not in _WEB:
        known = ", ".join((*_WEB, *_DATABASES))
        raise UsageError(f"has an address of the kind {scheme!r}", where=where, hint=f"these are known: {known}")
    if not scheme:
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise UsageError(f"is no command: {str(error).lower()}", where=where) from None
        if not words:
            raise UsageError(
                "is empty", where=where, hint="write NAME=COMMAND, NAME=URL#PATH or NAME=DATABASE#SELECT …"
            )
    return Probe(name, text)


def _scheme(text: str) -> str:
    """The kind of an address, "" of a command."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+]*)://", text)
    return found[1].lower() if found else ""


class Asker:
    """Asks one probe in a thread of its own, so that a slow answer holds no sample back."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.failures: list[str] = []
        self._way = _way_of(probe)
        self._answer = Gauge(probe.name, None, "not asked yet")
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=f"regress-probe-{probe.name}", daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Asks again, unless an answer is still awaited."""
        self._wanted.set()

    def answer(self) -> Gauge:
        """The answer since the last call; a gap where there is none yet."""
        with self._lock:
            found = self._answer
            self._answer = Gauge(self.probe.name, None, "no answer yet")
        return found

    def close(self) -> None:
        """Ends the thread; one that waits for an answer is left to end with the program."""
        self._closed = True
        self._wanted.set()
        self._thread.join(0.2)

    def _work(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._closed:
                self._way.close()
                return
            gauge = self._once()
            with self._lock:
                self._answer = gauge

    def _once(self) -> Gauge:
        try:
            return Gauge(self.probe.name, _finite(self._way.ask()))
        except GapError as error:
            why = str(error)
        except Exception as error:  # of a driver: each has its own kinds
            why = hidden(f"{type(error).__name__}: {error}".splitlines()[0])
        if why not in self.failures and len(self.failures) < _MOST_REASONS:
            self.failures.append(why)
        return Gauge(self.probe.name, None, why)


def _finite(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise GapError(f"the answer is no number: {value!r:.60}") from None
    if isinstance(value, bool) or not math.isfinite(number):
        raise GapError(f"the answer is no number: {value!r:.60}")
    return number


class _Command:
    def __init__(self, text: str) -> None:
        self._words = shlex.split(text)

    def ask(self) -> Any:
        status, out, err = self._run()
        if status:
            said = err.decode("utf-8", "replace").strip().splitlines()
            raise GapError(f"{self._words[0]} ended with {status}" + (f": {said[-1][:200]}" if said else ""))
        lines = out.decode("utf-8", "replace").strip().splitlines()
        if not lines:
            raise GapError(f"{self._words[0]} printed nothing")
        return lines[-1].strip()

    def _run(self) -> tuple[int, bytes, bytes]:
        try:
            process = subprocess.Popen(
                self._words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise GapError(f"{self._words[0]} cannot be started: {error.strerror}") from None
        with process:
            try:
                out, err = process.communicate(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                # With what it has started itself, which would hold the pipes open.
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                raise GapError(f"{self._words[0]} took longer than {TIMEOUT:g} s") from None
        return process.returncode, out, err

    def close(self) -> None:
        """Nothing is kept open."""


class _Web:
    def __init__(self, text: str) -> None:
        self._url, _, self._path = text.partition("#")

    def ask(self) -> Any:
        try:
            with urllib.request.urlopen(self._url, timeout=TIMEOUT) as answer:
                content = answer.read(_MOST_BYTES + 1)
        except urllib.error.HTTPError as error:
            error.close()
            raise GapError(f"the server answers {error.code}") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise GapError(f"cannot be reached: {hidden(str(reason))}") from None
        if len(content) > _MOST_BYTES:
            raise GapError("the answer is longer than 1 MiB")
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            raise GapError("the answer is no JSON") from None
        return _within(document, self._path)

    def close(self) -> None:
        """Nothing is kept open."""


def _within(document: Any, path: str) -> Any:
    """What stands at the end of a way of names and places: "queues.0.depth"."""
    found, gone = document, ""
    for part in unquote(path).split(".") if path else ():
        gone = f"{gone}.{part}".lstrip(".")
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            raise GapError(f"the answer has no {gone!r}")
    return found


def _sqlite(url: str) -> Any:
    path = url.partition("://")[2].removeprefix("/")
    # To read alone: a path that is wrong must not make an empty database.
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=TIMEOUT, isolation_level=None)


def _postgres(url: str) -> Any:
    driver = _driver("psycopg", "pip install 'psycopg[binary]'")
    return driver.connect(url, autocommit=True, connect_timeout=int(TIMEOUT))


def _mysql(url: str) -> Any:
    driver = _driver("pymysql", "pip install pymysql")
    parts = urlsplit(url)
    return driver.connect(
        host=parts.hostname or "localhost", port=parts.port or 3306, user=unquote(parts.username or ""),
        password=unquote(parts.password or ""), database=parts.path.lstrip("/"), autocommit=True,
        connect_timeout=int(TIMEOUT), read_timeout=int(TIMEOUT),
    )  # fmt: skip


def _driver(name: str, install: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise GapError(f"the driver {name} is not installed: {install}") from None


_DATABASES: dict[str, Callable[[str], Any]] = {
    "sqlite": _sqlite, "postgresql": _postgres, "postgres": _postgres, "mysql": _mysql,
}  # fmt: skip


class _Sql:
    """The connection is kept from one question to the next, and made anew after one that failed."""

    def __init__(self, text: str) -> None:
        self._url, _, self._question = text.partition("#")
        self._connection: Any = None

    def ask(self) -> Any:
        try:
            if self._connection is None:
                self._connection = _DATABASES[_scheme(self._url)](self._url)
            cursor = self._connection.cursor()
            try:
                cursor.execute(self._question)
                row = cursor.fetchone()
            finally:
                cursor.close()
        except Exception:
            self.close()
            raise
        if row is None:
            raise GapError("the question has no answer: no row")
        return row[0]

    def close(self) -> None:
        """Closes the connection, where there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()


def _way_of(probe: Probe) -> _Command | _Web | _Sql:
    scheme = _scheme(probe.text)
    if scheme in _WEB:
        return _Web(probe.text)
    return _Sql(probe.text) if scheme in _DATABASES else _Command(probe.text)
