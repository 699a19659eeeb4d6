"""The doctor: tries the gate on copies, breaks its inputs, and looks through what is written down.

scratch   the copies: the history's runs that a check needs, in a file of their own
plant     slowdowns that must be red
broken    inputs broken in turn, each with the outcome and status that the manual states
written   rules, budgets, acknowledgements, renames and settings that match nothing
series    what the history's series tell: ended and renamed ones, constant ones
"""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ...report.doctor import Examination, Line
from . import broken, plant, series, written
from .scratch import Patient

if TYPE_CHECKING:
    from ..context import Workspace

__all__ = ["examine"]


def examine(workspace: Workspace, *, offline: bool = False) -> Examination:
    """All questions in turn; nothing of the project or its history is written to.

    Raises HistoryError where there is a history and it cannot be read.
    """
    started = time.monotonic()
    lines: list[Line] = []
    with closing(Patient.of(workspace)) as patient, tempfile.TemporaryDirectory(prefix="regress-doctor-") as folder:
        tried = plant.lines(patient, Path(folder))
        lines += tried.lines
        lines += broken.lines(patient, tried.specimen, Path(folder))
        lines += written.lines(patient, offline=offline)
        lines += series.lines(patient)
    return Examination(lines, time.monotonic() - started)
