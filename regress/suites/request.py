"""What is asked of a suite, and what it gives back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ..errors import RegressError, UncomparedError
from .selection import Selection


class Trouble(StrEnum):
    """Why there is no measurement: each calls for something else."""

    BUILD = "does not install"
    IMPORT = "does not import"
    ASSERTION = "an assertion failed"
    CONNECTION = "cannot connect"
    FAILED = "the benchmark failed"
    TIMEOUT = "took too long"
    CRASH = "crashed"
    MISSING = "left no results"
    UNREADABLE = "left results that cannot be read"


class SuiteError(RegressError):
    """One commit could not be measured; another one may. `trouble` is the kind, `reason` what was said, without both.

    partial  what was measured before it went wrong, where the suite can tell
    """

    status = 3

    def __init__(self, trouble: Trouble, what: str, *, log: Path, partial: Measured | None = None) -> None:
        super().__init__(f"{trouble}: {what}", hint=f"all it said is in {log}")
        self.trouble = trouble
        self.reason = what
        self.partial = partial


class ProofError(UncomparedError):
    """Nothing shows that the package under test was imported from where it should be: the figures are worth nothing."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A virtual environment that one commit's package is installed in.

    root     the folder of the environment
    folders  where the package is imported from, the first one that has it: the environment's own folders, and the
             sources that it was built in where the install is an editable one; all below the root
    """

    root: Path
    folders: tuple[Path, ...]

    @property
    def python(self) -> str:
        """The interpreter that sees the package."""
        return str(self.root / "bin" / "python")


@dataclass(frozen=True, slots=True)
class Request:
    """What to run and where.

    project      the present checkout: benchmarks, configuration and working directory are taken from it
    library      the work tree of the commit that is measured: the package under test is imported from it, by its path
    commit       its full hash
    benchmarks   full names of the benchmarks to run; () is the whole suite
    scratch      a folder for results, proof and log; it may hold those of earlier requests
    variables    what the tool finds in its environment in place of what this process has; None takes a variable away
    installed    the environment that the package is imported from in place of the work tree
    as_it_is     the package is the one that the present environment imports, as if people had typed the command; no
                 proof is asked for
    interpreter  the Python that the benchmarks run in, a command or a path from the project; "" is the one that runs
                 this
    selection    which benchmarks to run by their names and marks, as far as the tool can choose
    log_file     where all is said; None is a file in `scratch`
    started      is told the number of each process that was started, as soon as it is there
    """

    project: Path
    library: Path
    commit: str
    benchmarks: tuple[str, ...]
    scratch: Path
    variables: Mapping[str, str | None] = field(default_factory=dict)
    installed: Installed | None = None
    as_it_is: bool = False
    interpreter: str = ""
    selection: Selection = field(default_factory=Selection)
    log_file: Path | None = None
    started: Callable[[int], None] | None = None

    @property
    def python(self) -> str:
        """The interpreter that the benchmarks run in, and the tool with them unless it can do without."""
        if self.installed:
            return self.installed.python
        if "/" in self.interpreter:  # no command; links stay, as those of a virtual environment lead out of it
            return str(self.project.absolute() / self.interpreter)
        return self.interpreter or sys.executable

    @property
    def log(self) -> Path:
        """What the tool said, one call after the other."""
        return self.log_file or self.scratch / "log.txt"


@dataclass(frozen=True, slots=True)
class Proof:
    """What the measured processes imported of the package under test.

    files    (path inside the work tree or the environment, digest of its content), sorted
    """

    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A measurement: the files with its results, what was said, what was imported, how long it took in seconds.

    failed     (full name, reason) of benchmarks that failed while others did not
    broken     (name, reason) of what failed and is no benchmark: a file that does not import, a test beside them
    durations  (full name, seconds) that each took with all around it, as far as the tool says
    """

    results: tuple[Path, ...]
    log: Path
    proof: Proof
    seconds: float
    failed: tuple[tuple[str, str], ...] = ()
    broken: tuple[tuple[str, str], ...] = ()
    durations: tuple[tuple[str, float], ...] = ()
