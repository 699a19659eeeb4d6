"""Tables as files: CSV for spreadsheets and JSON for programs, with numbers as numbers.

CSV as RFC 4180 says, in UTF-8: a heading, commas, fields quoted where needed. A text that begins as a formula would be
one in a spreadsheet, so an apostrophe goes before it; numbers are never touched, and neither is anything in JSON.
JSON: {"columns": […], "data": [[…], …]}, which `pandas.read_json(file, orient="split")` reads.
A number that is not known, or not finite, is an empty field and null.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

Field = str | int | float
#: A text, a number, a yes or no, several texts, or nothing.
Cell = str | int | float | bool | tuple[str, ...] | None
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BETWEEN = "; "
PART = 1000


@dataclass(frozen=True, slots=True)
class Table:
    """The data of a page: a name for each column, and the rows."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]


def as_csv(table: Table) -> str:
    """The table as CSV."""
    return "".join(csv_parts(table.columns, map(fields, table.rows)))


def csv_parts(columns: Sequence[str], rows: Iterable[Sequence[Field]]) -> Iterator[str]:
    """A CSV file of rows of `fields`, some lines at a time: a table may be larger than memory."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    part: list[Sequence[Field]] = [columns]
    left = iter(rows)
    while part:
        writer.writerows(part)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        part = list(islice(left, PART))


def fields(cells: Sequence[Cell]) -> list[Field]:
    """The cells of a row as they stand in CSV."""
    return [_field(cell) for cell in cells]


def as_json(table: Table) -> str:
    """The table as JSON, a row a line."""
    rows = ",\n".join(_json([_plain(cell) for cell in row]) for row in table.rows)
    return f'{{"columns":{_json(table.columns)},"data":[\n{rows}\n]}}\n'


def moment(when: datetime | None) -> str:
    """A moment as ISO 8601 with its offset, "" where it is not known."""
    return when.isoformat(timespec="seconds") if when else ""


def _field(cell: Cell) -> Field:
    plain = _plain(cell)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, list):
        plain = BETWEEN.join(plain)
    if isinstance(plain, str):
        return f"'{plain}" if plain.startswith(FORMULA) and not _is_number(plain) else plain
    return "" if plain is None else plain


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and text.isascii() and text.strip() == text
    except ValueError:
        return False


def _plain(cell: Cell) -> str | int | float | bool | list[str] | None:
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    return list(cell) if isinstance(cell, tuple) else cell


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
