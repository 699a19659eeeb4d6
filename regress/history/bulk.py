"""Many rows at once: the fastest way that each engine has.

SQLite takes statements of hundreds of rows, half as much work as one row each, and the index by run is made anew behind
a load that is larger than what is there. PostgreSQL takes a binary COPY, whose rows NumPy lays out.
Rows come sorted by their primary key: each page is written once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, func, select

from .engine import is_sqlite
from .tables import POINT, RUN

#: Rows that are Python objects at a time.
BLOCK_ROWS = 20_000
#: A load larger than this is worth a new index, and leaves a log that is worth emptying.
LARGE = 50_000
#: Rows of one statement on SQLite (times 14 columns, it allows 32,766 values).
STATEMENT_ROWS = 250

_COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TAIL = b"\xff\xff"


@dataclass(frozen=True, slots=True)
class Points:
    """Points to be written: `order` is the rows to take, by series and run; the other arrays are by row."""

    series: NDArray[np.int64]
    runs: NDArray[np.int64]
    stats: Mapping[str, NDArray[np.float64]]
    order: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.order)

    @property
    def names(self) -> list[str]:
        """The columns."""
        return ["series_id", "run_id", *self.stats]

    def blocks(self) -> Iterator[list[NDArray[Any]]]:
        """The columns of BLOCK_ROWS rows at a time, in order."""
        for start in range(0, len(self.order), BLOCK_ROWS):
            rows = self.order[start : start + BLOCK_ROWS]
            yield [self.series[rows], self.runs[rows], *(column[rows] for column in self.stats.values())]


def write_points(connection: Connection, points: Points) -> None:
    """Writes points of runs that have none yet."""
    if not len(points):
        return
    if not is_sqlite(connection):
        _copy_points(connection, points)
        return
    stored = connection.execute(select(func.coalesce(func.sum(RUN.c.points), 0))).scalar_one()
    rebuilt = POINT.indexes if len(points) > LARGE and 2 * len(points) > stored else ()
    for index in rebuilt:
        index.drop(connection)
    _insert_points(connection, points)
    for index in rebuilt:
        index.create(connection)


def write_rows(connection: Connection, table: Table, names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    """Writes the rows of another table that hangs on new runs; values go to the driver as they are."""
    if is_sqlite(connection):
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        while block := list(islice(rows, BLOCK_ROWS)):
            connection.exec_driver_sql(statement, block)
        return
    first = next(rows, None)
    if first is None:
        return
    with _cursor(connection).copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
        copy.write_row(first)
        for row in rows:
            copy.write_row(row)


def _insert_points(connection: Connection, points: Points) -> None:
    names = points.names
    width = len(names)
    step = STATEMENT_ROWS * width
    for block in points.blocks():
        # Value by value in the order of the statement. SQLite stores NaN as NULL, and whole numbers as integers.
        flat: list[Any] = [None] * (len(block[0]) * width)
        for place, column in enumerate(block):
            flat[place::width] = column.tolist()
        whole = len(flat) // step * step
        if whole:
            values = [tuple(flat[at : at + step]) for at in range(0, whole, step)]
            connection.exec_driver_sql(_statement(names, STATEMENT_ROWS), values)
        if whole < len(flat):
            connection.exec_driver_sql(_statement(names, (len(flat) - whole) // width), tuple(flat[whole:]))


def _statement(names: Sequence[str], rows: int) -> str:
    marks = f"({', '.join('?' * len(names))})"
    return f"INSERT INTO point ({', '.join(names)}) VALUES {', '.join([marks] * rows)}"


def _copy_points(connection: Connection, points: Points) -> None:
    """COPY into a temporary table, then one INSERT, which turns NaN into NULL: COPY's rows stay of one length so."""
    names = points.names
    kinds = ["int8", "int8", *("float8" for _ in points.stats)]
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE incoming ({columns}) ON COMMIT DROP")
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in zip(names, kinds, strict=True):
        layout += [(f"{name} size", ">i4"), (name, ">i8" if kind == "int8" else ">f8")]
    with _cursor(connection).copy(f"COPY incoming ({', '.join(names)}) FROM STDIN (FORMAT binary)") as copy:
        copy.write(_COPY_HEAD)
        for block in points.blocks():
            rows = np.empty(len(block[0]), dtype=layout)
            rows["fields"] = len(names)
            for name, column in zip(names, block, strict=True):
                rows[f"{name} size"] = 8
                rows[name] = column
            copy.write(rows.tobytes())
        copy.write(_COPY_TAIL)
    taken = ["series_id", "run_id", *(f"nullif({name}, 'NaN')" for name in points.stats)]
    connection.exec_driver_sql(
        f"INSERT INTO point ({', '.join(names)}) SELECT {', '.join(taken)} FROM incoming "
        "ORDER BY series_id, run_id ON CONFLICT DO NOTHING"
    )


def _cursor(connection: Connection) -> Any:
    """A cursor of psycopg on this transaction."""
    driver: Any = connection.connection.driver_connection
    return driver.cursor()
