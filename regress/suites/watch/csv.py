"""Samples as CSV: one row a sample, written whole as it is taken, so that a program that is killed leaves whole lines.

    time               the wall clock, ISO 8601 with its offset
    seconds            since the beginning, by a clock that does not jump
    cpu … others       the columns of a sample in base units; shares are of 1
    NAME …             the gauges

What could not be read is empty.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from ...errors import UsageError
from .sample import COLUMNS, Sample


class CsvFile:
    """A new file (one that is there is written over) with the columns and these gauges. Raises UsageError."""

    def __init__(self, path: Path, gauges: Sequence[str] = ()) -> None:
        self.path = path
        self._names = (*COLUMNS, *gauges)
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        except OSError as error:
            raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from None
        self._row(["time", "seconds", *self._names])

    def __enter__(self) -> CsvFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._file)

    def write(self, sample: Sample) -> None:
        """One row, with a single write. Raises UsageError where the disk is full."""
        values = [sample.value(name) for name in self._names]
        self._row(
            [
                sample.at.isoformat(timespec="milliseconds"),
                f"{sample.seconds:.3f}",
                *("" if value is None else _digits(value) for value in values),
            ]
        )

    def _row(self, cells: Sequence[str]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(cells)
        line = text.getvalue().encode()
        try:
            written = os.write(self._file, line)
            if written < len(line):
                # The disk took a part: what is there must stay whole lines.
                os.ftruncate(self._file, os.fstat(self._file).st_size - written)
                raise UsageError("cannot be written: the disk is full", where=str(self.path))
        except OSError as error:
            raise UsageError(f"cannot be written: {error.strerror}", where=str(self.path)) from None


def _digits(value: float) -> str:
    """Whole numbers as such, others with six significant digits."""
    return str(int(value)) if float(value).is_integer() else f"{value:.6g}"
