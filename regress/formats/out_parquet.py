"""Runs as one Parquet file: the rows and columns of `out_table`, in types that say what they are.

text       dictionary-encoded, as a few names come in many rows; an empty one is an empty text, one not known is null
figures    float64, null where there is none
times      timestamps in microseconds, UTC
tags       a list of texts; params a map of texts, quantiles a map of figures

A row group holds whole runs: a large run is one, and small ones share one until it holds `GROUP` rows.
Note: with one group a run, 1,810 runs of 8,599 rows in all are a file of 15.8 MB and not of 0.3: each group has a head.

It needs pyarrow (`pip install 'regress[parquet]'`), which is imported when the first file is begun.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

from ..errors import UsageError
from .out_table import Cell, Column, Sheet, Sort

#: Rows of a row group at least, except the last one.
GROUP = 10_000


def write_parquet(file: IO[bytes], columns: Sequence[Column], sheets: Iterable[Sheet]) -> int:
    """Writes the sheets as they come, each let go when its group is written; how many rows. UsageError: no pyarrow."""
    pa, parquet = _pyarrow()
    schema = pa.schema([(column.name, _type(pa, column.sort)) for column in columns])
    rows = 0
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        group: list[Any] = []
        for sheet in sheets:
            group.append(_batch(pa, schema, sheet))
            rows += group[-1].num_rows
            if sum(batch.num_rows for batch in group) >= GROUP:
                _write(pa, writer, group, schema)
        _write(pa, writer, group, schema)
    return rows


def _write(pa: Any, writer: Any, group: list[Any], schema: Any) -> None:
    """The batches as one row group; the list is empty afterwards."""
    table = pa.Table.from_batches(group, schema)
    if table.num_rows:
        writer.write_table(table, row_group_size=table.num_rows)
    group.clear()


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow  # type: ignore[import-not-found,import-untyped,unused-ignore]
        from pyarrow import parquet  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        raise UsageError("Parquet needs pyarrow", hint="pip install 'regress[parquet]'") from None
    return pyarrow, parquet


def _type(pa: Any, sort: Sort) -> Any:
    text = pa.dictionary(pa.int32(), pa.string())
    types: Mapping[Sort, Any] = {
        Sort.TEXT: text,
        Sort.FIGURE: pa.float64(),
        Sort.TIME: pa.timestamp("us", tz="UTC"),
        Sort.FLAG: pa.bool_(),
        Sort.TEXTS: pa.list_(pa.string()),
        Sort.WORDS: pa.map_(pa.string(), pa.string()),
        Sort.FIGURES: pa.map_(pa.string(), pa.float64()),
    }
    return types[sort]


def _batch(pa: Any, schema: Any, sheet: Sheet) -> Any:
    size = len(sheet["suite"])
    arrays = [
        pa.array(_cells(sheet.get(name), size), kind) for name, kind in zip(schema.names, schema.types, strict=True)
    ]
    return pa.record_batch(arrays, schema=schema)


def _cells(column: list[Cell] | None, size: int) -> list[Any]:
    """The cells as pyarrow takes them: a map is a list of pairs."""
    if column is None:
        return [None] * size
    return [list(cell.items()) if isinstance(cell, dict) else cell for cell in column]
