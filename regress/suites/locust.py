"""Runs Locust without its web page, once, under the load that the suite's parameters say.

users, spawn_rate, run_time, host   become its options; user_classes: which ones, by their names
any other parameter                 is a label, or a value for `env`

What is not said is as the locustfile or Locust's own configuration has it; but the host is that of the suite's server,
where the server is ready by a URL. Requests that fail are a measurement, not a failure of the suite: a budget on
`success_rate` judges them. A status of the locustfile's own (`environment.process_exit_code`) fails the suite, and what
was measured is kept.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import UsageError
from ..model import SuiteSpec, written
from . import proof
from .process import Ended, Manner, call
from .request import Measured, Proof, Request, SuiteError, Trouble
from .troubles import signal_of, trouble_of

_OPTIONS = {"users": "--users", "spawn_rate": "--spawn-rate", "run_time": "--run-time", "host": "--host"}
_CLASSES = "user_classes"
#: How Locust itself writes a time: 90, 90s, 1h30m.
_TIME = re.compile(r"[0-9]+|(?=.)(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?")
_HOSTS = ("-H", "--host")
_WRONG_WORDS = re.compile(r"^\S+: error: (.+)", re.MULTILINE)
_ERROR = re.compile(r"^\s*((?:\w+\.)*\w*(?:Error|Exception)\b.*)", re.MULTILINE)
#: What it says where it comes to its end, with whatever status.
_WHOLE = "Shutting down (exit code"


class LocustSuite:
    """Locust in a process of its own."""

    name = "locust"

    def run(self, spec: SuiteSpec, request: Request) -> Measured:
        """Puts the load on, once; single requests cannot be chosen, as they are the load together."""
        if not request.interpreter and importlib.util.find_spec("locust") is None:
            hint = "install it beside this program: pip install 'regress[locust]'"
            raise UsageError("locust cannot be imported", where=spec.origin, hint=hint)
        library = proof.subject(spec, request)
        environment = proof.environment(library, request)
        results = request.scratch / "locust"
        shutil.rmtree(results, ignore_errors=True)
        results.mkdir(parents=True)
        statistics = results / "run_stats.csv"
        command = [
            request.python, "-m", "locust", "--headless", "--only-summary", "--exit-code-on-error", "0",
            "--csv", str(results / "run"), "--csv-full-history", *_load(spec, environment.get("LOCUST_HOST", "")),
            *spec.args, *_classes(spec),
        ]  # fmt: skip
        manner = Manner(gently=request.as_it_is, started=request.started)
        folder = request.project / spec.cwd
        ended = call(command, cwd=folder, env=environment, log=request.log, timeout=spec.timeout, manner=manner)
        if ended.status != 0:
            is_whole = statistics.is_file() and _WHOLE in ended.text
            partial = Measured((statistics,), request.log, Proof(()), ended.seconds) if is_whole else None
            raise _failure(spec, ended, request, partial)
        if not statistics.is_file():
            raise SuiteError(Trouble.MISSING, "Locust wrote no statistics", log=request.log)
        return Measured((statistics,), request.log, proof.check(library, request), ended.seconds)

    def kept(self, request: Request) -> Measured | None:
        """None: a load that was cut short is another load."""
        return None

    def source(self, spec: SuiteSpec, project: Path, benchmark: str) -> Path | None:
        """None: a request's name says nothing of files."""
        return None


def _load(spec: SuiteSpec, host: str) -> Iterator[str]:
    """The load as words; `host` is what Locust finds in its environment. Raises UsageError."""
    told = dict(spec.params)
    for name, option in _OPTIONS.items():
        if name in told:
            yield from (option, _time(told[name], spec) if name == "run_time" else told[name])
    is_told = "host" in told or host or any(word.startswith(_HOSTS) for word in spec.args)
    if spec.server and spec.server.ready.startswith("http") and not is_told:
        place = urlsplit(spec.server.ready)
        yield from ("--host", f"{place.scheme}://{place.netloc}")


def _time(text: str, spec: SuiteSpec) -> str:
    """A run time as Locust writes it, of "2 min" or "1h30m"."""
    if _TIME.fullmatch(text):
        return text
    try:
        seconds = written.duration(text)
    except ValueError as error:
        raise UsageError(f"run_time {error}", where=spec.origin_of("params"), hint='write "90 s" or "1h30m"') from None
    if seconds < 1 or not seconds.is_integer():
        what = f"run_time is {seconds:g} s, and Locust counts whole seconds"
        raise UsageError(what, where=spec.origin_of("params"), hint='write "3 s"')
    return f"{seconds:.0f}s"


def _classes(spec: SuiteSpec) -> list[str]:
    return dict(spec.params).get(_CLASSES, "").replace(",", " ").split()


def _failure(spec: SuiteSpec, ended: Ended, request: Request, partial: Measured | None) -> UsageError | SuiteError:
    """Why there is no whole measurement, or what the locustfile has against it."""
    if ended.status is None:
        what = f"more than {spec.timeout:g} s; say how long with run_time, or raise `timeout` of the suite"
        return SuiteError(Trouble.TIMEOUT, what, log=request.log)
    if died := signal_of(ended.status):
        return SuiteError(Trouble.CRASH, f"it died of {died}", log=request.log)
    if partial:
        what = f"the locustfile ended it with status {ended.status}"
        return SuiteError(Trouble.FAILED, what, log=request.log, partial=partial)
    if wrong := _WRONG_WORDS.findall(ended.text):
        hint = "see `params` and `args` of the suite"
        return UsageError(f"Locust does not take its words: {wrong[-1].strip()}", where=spec.origin, hint=hint)
    errors = _ERROR.findall(ended.text)
    said = errors[-1].strip() if errors else ended.last_line
    return SuiteError(trouble_of(said), f"status {ended.status}: {said}", log=request.log)
