"""Who is told of a job while it goes on; whoever shows it decides how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ...model import Report, RunSummary
    from ..confirm import Step as Again
    from ..run import Step


class Mark(StrEnum):
    """What became of a step; DONE says nothing of whether the code is good."""

    DONE = "done"
    RED = "red"
    WARNED = "warned"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Done:
    """A step that has ended, in a line, and what else is to be said below it; `stops`: no other one follows."""

    step: str
    mark: Mark
    words: str
    seconds: float = 0.0
    more: tuple[str, ...] = ()
    stops: bool = False


class Screen(Protocol):
    """What shows a job, and writes its files."""

    def begin(self, step: str, what: str) -> None:
        """A step begins."""

    def end(self, done: Done) -> None:
        """It has ended, or was not begun."""

    def suite(self, step: Step) -> None:
        """A suite begins or has ended."""

    def pair(self, step: Again) -> None:
        """A process of a confirmation has ended."""

    def measured(self, summary: RunSummary, folder: Path | None) -> None:
        """The suites have ended; `folder` is that of the reports."""

    def judged(self, report: Report) -> None:
        """The commit is judged."""

    def write_reports(self, report: Report, folder: Path) -> None:
        """Writes every format of the report into the folder. Raises UsageError."""

    def write(self, path: Path, text: str) -> None:
        """Writes a file whole or not at all. Raises UsageError."""

    def command(self, text: str) -> None:
        """Workflow commands, for the job's own output."""
