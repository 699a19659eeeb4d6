"""Locust's CSV files as tables: a header whose names are compared in small letters, and rows that fit it.

The figures that are left out are "", "N/A" and "None".
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import InputError
from .document import Document

_NOTHING = ("", "N/A", "None")
#: Names of columns in files that came before version 1, after their documentation: none was at hand.
_OLDER = {"# requests": "request count", "# failures": "failure count", "requests failed/s": "failures/s"}
_AGAIN = "run Locust again, or leave the file out"

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: the names of its columns, and its rows, which are read as they are asked for, and once."""

    names: tuple[str, ...]
    lines: Iterator[tuple[int, list[str]]]

    @property
    def rows(self) -> Iterator[tuple[bool, tuple[int, Cells]]]:
        """Each row: whether it is the last one; its line and its cells by the columns' names.

        A row with more or fewer cells than the header has none. Raises InputError where the rest cannot be read.
        """
        present = next(self.lines, None)
        while present:
            following = next(self.lines, None)
            line, cells = present
            fits = len(cells) == len(self.names)
            yield following is None, (line, dict(zip(self.names, cells, strict=True)) if fits else {})
            present = following


def table_of(document: Document) -> Table:
    """The table of a document. Raises InputError where it is no text, or holds nothing."""
    lines = _lines(document)
    header = next(lines, None)
    if header is None:
        raise InputError("the file is empty", where=document.path, hint=_AGAIN)
    names = tuple(_name(cell) for cell in header[1])
    if len(set(names)) < len(names):
        raise InputError("its header names a column twice", where=document.path, hint=_AGAIN)
    return Table(names, lines)


def _lines(document: Document) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, each with the line that it ends at.

    Note: a history of an hour has some 40 MB, and as a list of cells ten times as much.
    """
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(document.data), encoding="utf-8-sig", newline=""))
    try:
        for cells in reader:
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        what = f"line {reader.line_num} is no CSV: {error}"
        raise InputError(what, where=document.path, hint=_AGAIN) from error
    except UnicodeDecodeError as error:
        what = f"the text is not UTF-8, behind line {reader.line_num}"
        raise InputError(what, where=document.path, hint="write it as UTF-8: PYTHONUTF8=1 locust …") from error


def _name(cell: str) -> str:
    name = cell.strip().lower()
    return _OLDER.get(name, name)


def figure_of(cells: Cells, name: str) -> float:
    """A figure of a row, NaN where it says that there is none. Raises ValueError where it is not one, or negative."""
    text = _cell(cells, name).strip()
    if text in _NOTHING:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{name} is {text!r:.40}, which is no figure")
    return value


def count_of(cells: Cells, name: str) -> int:
    """A count of a row. Raises ValueError where it is not one."""
    value = figure_of(cells, name)
    if not value.is_integer() or value > 2**53:
        raise ValueError(f"{name} is {_cell(cells, name)!r:.40}, which is no count")
    return int(value)


def _cell(cells: Cells, name: str) -> str:
    if not cells:
        raise ValueError("it has not as many cells as the header")
    if name not in cells:
        raise ValueError(f"it has no {name}")
    return cells[name]
