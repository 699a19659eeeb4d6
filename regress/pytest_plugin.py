"""The pytest plug-in: a marker beside tests, and a session that is stored and judged.

The marker `regress` sets rules and budgets beside the test that they are about.

    @pytest.mark.regress(relative="5%", absolute="50 ns", action="warn", p95="< 150 ms", requirement="REQ-7")
    def test_search(benchmark): ...

It writes what the marker says into pytest-benchmark's `extra_info["regress"]`, whence `regress ingest` reads it. A
marker of a test goes before one of its class, and that before one of its module, key by key; what the test itself
writes into `extra_info["regress"]` goes before all. Without pytest-benchmark it does nothing.

    pytest --regress            what pytest-benchmark has just measured goes into the history
    pytest --regress-check      and the session ends with the gate's report, and with its status where no test failed
    pytest --regress-memory     each benchmark is called once more, untimed; its peak memory stands beside its times

Under pytest-xdist pytest-benchmark measures nothing: the session ends at once with 3 and the words. These options do
nothing in a process that `regress` itself measures, which stores what was measured.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Generator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .work.run.inside import Session

MARKER = "regress"
_PLAIN = (str, int, float, bool)
_NOT_COMPARED = 3
_MEMORY = Path(__file__).parent / "suites" / "inject" / "plugin" / "regress_memory.py"
#: Set in processes that this program measures.
_MEASURED = ("REGRESS_OUTCOMES", "REGRESS_PROOF")
_SIDE_BY_SIDE = (
    "regress: pytest-xdist runs the tests side by side, and pytest-benchmark is off then: nothing is measured; "
    "run the benchmarks without it: -n0, or -p no:xdist"
)
_NO_TOOL = "regress: pytest-benchmark is not here, so nothing is measured: pip install 'regress[pytest]'"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options, as far as nobody else has taken their names."""
    group = parser.getgroup("regress", "a history of benchmarks")
    options: tuple[tuple[str, dict[str, Any]], ...] = (
        ("--regress", {"action": "store_true", "help": "Store what pytest-benchmark measures in the history."}),
        ("--regress-check", {"action": "store_true", "help": "Store it, and end with the gate's report and status."}),
        ("--regress-memory", {"action": "store_true", "help": "Call each once more, untimed, for its peak memory."}),
        ("--regress-suite", {"default": "", "metavar": "NAME", "help": "The configured suite that these tests are."}),
        ("--regress-db", {"default": "", "metavar": "URL", "help": "The history (default: as for `regress`)."}),
    )
    for name, words in options:
        try:
            group.addoption(name, **words)
        except ValueError:  # another plug-in has this name: a session without ours must still run
            continue


def _asked(config: pytest.Config, name: str) -> Any:
    return config.getoption(name, default=None)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known, for `--markers` and `--strict-markers`, and listens where the options ask for it."""
    line = (
        f"{MARKER}(relative, absolute, action, p95, limit, …): rules and budgets of this benchmark, for `regress check`"
    )
    config.addinivalue_line("markers", line)
    stored = _asked(config, "regress") is True or _asked(config, "regress_check") is True
    memory = _asked(config, "regress_memory") is True
    if not (stored or memory) or any(os.environ.get(name) for name in _MEASURED):
        return
    if hasattr(config, "workerinput") or getattr(config.option, "dist", "no") not in ("no", None):
        pytest.exit(_SIDE_BY_SIDE, returncode=_NOT_COMPARED)
    if _asked(config, "benchmark_enable") is None:
        raise pytest.UsageError(_NO_TOOL)
    if memory:
        config.pluginmanager.register(_memory_plugin(), "regress-memory")
    if stored:
        config.pluginmanager.register(_Listener(config), "regress-session")


def _memory_plugin() -> ModuleType:
    """The plug-in of measured processes, by its file.

    By its name it would bring a part of this program along, and what garbage collection has to look at while the
    benchmarks are timed would grow by it.
    """
    spec = importlib.util.spec_from_file_location(_MEMORY.stem, _MEMORY)
    if spec is None or spec.loader is None:
        raise pytest.UsageError(f"regress: {_MEMORY} is not there: install this program again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Hands what the markers say to the benchmark fixture, before the test and beneath what the test itself says."""
    said = _said(item)
    benchmark = getattr(item, "funcargs", {}).get("benchmark") if said else None
    if benchmark is None or not isinstance(getattr(benchmark, "extra_info", None), dict):
        yield
        return
    benchmark.extra_info[MARKER] = dict(said)
    yield
    info = benchmark.extra_info  # the test may have put another one there
    own = info.get(MARKER, {}) if isinstance(info, dict) else None
    if isinstance(own, dict):
        info[MARKER] = {**said, **own}


def _said(item: pytest.Item) -> dict[str, Any]:
    """The keys of all markers of a test, the nearest one first to be heard."""
    said: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers(MARKER))):
        said.update({key: _plain(value) for key, value in marker.kwargs.items()})
        if marker.args:
            said["without a name"] = _plain(list(marker.args))  # no key of ours: whoever reads it will say so
    return said


def _plain(value: Any) -> Any:
    """A value that can be written as JSON; of any other its type, as its repr might look like a limit."""
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, _PLAIN) else f"({type(value).__name__})"


class _Listener:
    """Hears what becomes of each test, and stores and judges the session at its end."""

    def __init__(self, config: pytest.Config) -> None:
        from datetime import UTC, datetime

        self.config = config
        self.began = datetime.now(UTC)
        self.outcomes: dict[str, tuple[str, str]] = {}
        self.timed: set[str] = set()
        self.left_out = False
        self.lines: list[str] = []

    def pytest_deselected(self) -> None:
        """Some tests are left out on purpose."""
        self.left_out = True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remembers which tests are benchmarks."""
        self.timed = {item.nodeid for item in session.items if "benchmark" in getattr(item, "fixturenames", ())}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of a test is over; what went wrong in any of them counts."""
        before = self.outcomes.get(report.nodeid, ("passed", ""))[0]
        if before == "passed":
            crash = getattr(report.longrepr, "reprcrash", None)
            said = str(getattr(crash, "message", "")).partition("\n")[0]
            self.outcomes[report.nodeid] = (report.outcome, said)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stores and judges; the status of the session is the gate's where no test failed."""
        from .errors import RegressError
        from .report import TextRenderer
        from .work.context import Workspace
        from .work.run.inside import check_session, ingest_session

        if _asked(self.config, "collectonly"):
            return
        try:
            with Workspace.open(self.config.rootpath, database=_asked(self.config, "regress_db") or None) as workspace:
                self.lines += ingest_session(workspace, self._session())
                if _asked(self.config, "regress_check") is True:
                    report = check_session(workspace)
                    self.lines += ["", *TextRenderer().render(report).splitlines()]
                    self._end(session, report.status)
        except RegressError as error:
            self.lines.append(f"regress: {error}")
            self._end(session, error.status)

    def _end(self, session: pytest.Session, status: int) -> None:
        if status:
            self.lines.append(f"regress ends with status {status}")
        if session.exitstatus in (0, 5) and status:
            session.exitstatus = status

    def _session(self) -> Session:
        from .work.run.inside import Session

        passed = frozenset(name for name, (outcome, _) in self.outcomes.items() if outcome == "passed")
        failed = {name: said or "it failed" for name, (outcome, said) in self.outcomes.items() if outcome == "failed"}
        failed = {name: said for name, said in failed.items() if name in self.timed}
        is_part = self.left_out or any("::" in word for word in self.config.args)
        suite = _asked(self.config, "regress_suite") or ""
        return Session(_document(self.config), passed, failed, is_part, suite, self.began)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Says what was stored and judged."""
        if self.lines:
            terminalreporter.section("regress")
            for line in self.lines:
                terminalreporter.write_line(line)


def _document(config: pytest.Config) -> Any:
    """What pytest-benchmark would write with `--benchmark-json`, None where it measured nothing."""
    held: Any = config
    benchmarks = list(held._benchmarksession.benchmarks)
    if not benchmarks:
        return None
    commit = held.hook.pytest_benchmark_generate_commit_info(config=config)
    machine = held._benchmarksession.get_machine_info()
    return held.hook.pytest_benchmark_generate_json(
        config=config, benchmarks=benchmarks, include_data=True, machine_info=machine, commit_info=commit
    )
