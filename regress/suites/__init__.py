"""Runs suites of benchmarks: the benchmarks of the present checkout, with the package of any commit, and the proof.

request            what is asked of a suite, what it gives back, and why it may not
proof              makes every process import the commit's package, and checks that it did
venv               an environment with one commit's package installed, where its path alone is not enough
built              whether that is so: the parts of a package that an install makes
process            one call of a tool, with a log, a time limit, and no child left behind
selection          which benchmarks are run, by globs
troubles           what kind of trouble it was, told by what was said
outcomes           what became of each test of a measured pytest
interpreter        another Python that a suite is measured in, and whether it will do
requirements       what a suite needs before it is run
server             what a suite puts its load on: started, ready, stopped
pytest_benchmark   pytest with pytest-benchmark
asv                asv in the present environment, or in its own
command            any command that leaves results
locust             Locust, without its web page

A suite raises SuiteError where one commit cannot be measured, and ProofError where what was measured is not proven.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from .. import plugins
from ..errors import UsageError
from ..model import SuiteSpec
from .asv import AsvSuite
from .command import CommandSuite
from .locust import LocustSuite
from .proof import Library, library_of
from .pytest_benchmark import PytestSuite
from .request import Installed, Measured, Proof, ProofError, Request, SuiteError, Trouble
from .requirements import unmet
from .selection import Selection
from .server import ServerError, serving
from .troubles import trouble_of

__all__ = [
    "SUITES", "Installed", "Library", "Measured", "Proof", "ProofError", "Request", "Selection", "ServerError", "Suite",
    "SuiteError", "Trouble", "library_of", "load_entry_points", "serving", "suite_of", "trouble_of", "unmet",
]  # fmt: skip


class Suite(Protocol):
    """What runs one kind of suite."""

    name: str

    def run(self, spec: SuiteSpec, request: Request) -> Measured:
        """Runs the benchmarks asked for, once: some by their names, or all.

        One of several that fails does not stop the others. Raises SuiteError where nothing could be measured,
        ProofError, UsageError (a tool is missing).
        """

    def kept(self, request: Request) -> Measured | None:
        """What was measured whole before a call was interrupted, where the tool can tell."""

    def source(self, spec: SuiteSpec, project: Path, benchmark: str) -> Path | None:
        """The file that a benchmark is written in, where its name tells."""


SUITES: dict[str, Suite] = {
    "pytest-benchmark": PytestSuite(),
    "asv": AsvSuite(),
    "command": CommandSuite(),
    "locust": LocustSuite(),
}


def load_entry_points(group: str = "regress.suites") -> None:
    """Add the suites of installed packages: an entry point is an object, or a class that takes no arguments."""
    plugins.extend(SUITES, group, home=__name__, kind="suite")


def suite_of(spec: SuiteSpec) -> Suite:
    """The object that runs a suite of this kind; UsageError where there is none."""
    if spec.kind not in SUITES:
        hint = "one of " + ", ".join(SUITES)
        raise UsageError(f"no suite of the kind {spec.kind!r}", where=spec.origin, hint=hint)
    return SUITES[spec.kind]
