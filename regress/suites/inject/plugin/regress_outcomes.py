"""A plug-in of the measured pytest: says what became of each test at once, and leaves out what is not wanted.

    REGRESS_OUTCOMES  a file; a line of JSON is appended for each test that ended:
                      {"id": …, "outcome": "passed"|"failed"|"skipped", "reason": …, "seconds": …, "timed": true}
                      and for what could not be collected {"id": "tests/test_x.py", "outcome": "broken", "reason": …}
    REGRESS_SELECT    {"include": [["name"|"tag", expression], …], "exclude": […]}; what it leaves out is deselected

pytest-benchmark keeps the figures of a test that fails after it was timed, and of one that is interrupted in the
middle of its rounds; a result is whole only where the line says "passed". It stands alone, as the process may run
another Python without this program.
"""

import json
import os
import re
from typing import Any, Dict, List  # noqa: UP035

_FILE = os.environ.get("REGRESS_OUTCOMES", "")
_SELECT = json.loads(os.environ.get("REGRESS_SELECT", "") or "{}")


class _Outcomes:
    """Collects the phases of each test, and writes its line when the last of them is over."""

    def __init__(self) -> None:
        self.open: Dict[str, Dict[str, Any]] = {}  # noqa: UP006

    def pytest_runtest_setup(self, item: Any) -> None:
        """Remembers whether the test is timed at all: any other one says nothing of a benchmark."""
        self.open[item.nodeid] = {"timed": "benchmark" in getattr(item, "fixturenames", ())}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """One phase of one test is over."""
        said = self.open.setdefault(report.nodeid, {"timed": True})
        said["seconds"] = said.get("seconds", 0.0) + report.duration
        if report.outcome != "passed" and said.get("outcome") != "failed":
            said["outcome"] = report.outcome
            said["reason"] = _reason(report)
        if report.when == "teardown":
            said = self.open.pop(report.nodeid)
            _write(dict({"outcome": "passed", "reason": ""}, id=report.nodeid, **said))

    def pytest_collectreport(self, report: Any) -> None:
        """A file that does not import takes its tests with it."""
        if report.failed:
            _write({"id": report.nodeid, "outcome": "broken", "reason": _reason(report)})

    def pytest_collection_modifyitems(self, config: Any, items: List[Any]) -> None:  # noqa: UP006
        """Deselects what is not to be run."""
        if not _SELECT.get("include") and not _SELECT.get("exclude"):
            return
        kept: List[Any] = []  # noqa: UP006
        left: List[Any] = []  # noqa: UP006
        for item in items:
            (kept if _is_wanted(item) else left).append(item)
        if left:
            config.hook.pytest_deselected(items=left)
            items[:] = kept


def _is_wanted(item: Any) -> bool:
    include, exclude = _SELECT.get("include") or [], _SELECT.get("exclude") or []
    return (not include or _fits(item, include)) and not _fits(item, exclude)


def _fits(item: Any, expressions: List[List[str]]) -> bool:  # noqa: UP006
    names = {"name": [item.nodeid, item.nodeid.partition("[")[0]], "tag": [mark.name for mark in item.iter_markers()]}
    return any(re.search(expression, text, re.DOTALL) for about, expression in expressions for text in names[about])


def _reason(report: Any) -> str:
    """The exception in a line, as pytest's own summary has it."""
    longrepr = getattr(report, "longrepr", None)
    crash = getattr(longrepr, "reprcrash", None)
    if crash is not None:
        return str(crash.message).splitlines()[0] if crash.message else ""
    if isinstance(longrepr, tuple) and len(longrepr) == 3:
        return str(longrepr[2])
    lines = [line.strip() for line in str(longrepr or "").splitlines() if line.strip()]
    errors = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (errors or lines or [""])[-1]


def _write(said: Dict[str, Any]) -> None:  # noqa: UP006
    with open(_FILE, "a", encoding="utf-8") as file:
        file.write(json.dumps(said) + "\n")


def pytest_configure(config: Any) -> None:
    """Takes part in the process that reports; the workers of xdist report to it."""
    if not _FILE or hasattr(config, "workerinput"):
        return
    if getattr(config.option, "dist", "no") not in ("no", None):
        _write({"id": "", "outcome": "xdist", "reason": ""})
    config.pluginmanager.register(_Outcomes(), "regress-outcomes-of-tests")
