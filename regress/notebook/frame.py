"""Columns as data frames; pandas and polars are imported when the first one is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ..errors import UsageError

if TYPE_CHECKING:
    import pandas  # type: ignore[import-not-found,import-untyped,unused-ignore]
    import polars  # type: ignore[import-not-found,import-untyped,unused-ignore]

    from ..work.frames import Frame


def needed(module: str, package: str, extra: str) -> Any:
    """A module that not everybody has installed; UsageError that says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise UsageError(f"this needs {package}", hint=f"pip install {extra}") from None


def to_pandas(frame: Frame) -> pandas.DataFrame:
    """A pandas.DataFrame; moments are aware, in UTC."""
    library = needed("pandas", "pandas", "'regress[notebook]'")
    made: pandas.DataFrame = library.DataFrame(frame)
    for name, column in frame.items():
        if column.dtype.kind == "M":
            made[name] = made[name].dt.tz_localize("UTC")
        elif column.dtype.kind == "O":
            made[name] = made[name].astype("str")
    return made


def to_polars(frame: Frame) -> polars.DataFrame:
    """A polars.DataFrame; moments are aware, in UTC."""
    library = needed("polars", "polars", "polars")
    columns = []
    for name, column in frame.items():
        if column.dtype.kind == "M":
            series = library.Series(name, column, dtype=library.Datetime("us")).dt.replace_time_zone("UTC")
        elif column.dtype.kind == "O":
            series = library.Series(name, column.tolist(), dtype=library.String)
        else:
            series = library.Series(name, column)
        columns.append(series)
    made: polars.DataFrame = library.DataFrame(columns)
    return made
