"""A history in a notebook: `with regress.open() as history: history.frame("test_algo*")`. It only reads.

    series    what series there are         frame, polars   their points
    trend     one benchmark, drawn          runs, compare   the runs; two sides beside each other

Names are globs, or "re:…", as everywhere. pandas and matplotlib come with the extra `notebook`; polars is asked for
only by `polars`. What goes wrong is a `RegressError`, whose text is one line that says what to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..work import frames
from ..work.context import DEFAULT_FOLDER, Workspace
from ..work.drawing import drawing
from ..work.export import Selection
from .draw import draw
from .frame import to_pandas, to_polars

if TYPE_CHECKING:
    import pandas  # type: ignore[import-not-found,import-untyped,unused-ignore]
    import polars  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from matplotlib.axes import Axes  # type: ignore[import-not-found,import-untyped,unused-ignore]

    from ..model import Series, StoredRun

__all__ = ["Notebook", "open_notebook"]


class Notebook:
    """An open history. Close it, or use it in a `with` statement.

    With `everything` it shows all runs; without, those of clean trees on the main branch, which the trend site shows.
    """

    def __init__(self, workspace: Workspace, *, everything: bool = False) -> None:
        self._workspace = workspace
        self._everything = everything
        self.url = workspace.existing_history.url

    def __enter__(self) -> Notebook:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<regress history of {self._workspace.project}: {self.url}>"

    def close(self) -> None:
        """Closes the history; a later call opens it again."""
        self._workspace.close()

    def series(self, benchmark: str = "*", metric: str = "*", environment: str = "*") -> pandas.DataFrame:
        """What series there are: suite, benchmark, metric, unit …, and how many points, failed and skipped ones."""
        return to_pandas(frames.series_frame(self._found(benchmark, metric, environment)[0]))

    def frame(
        self, benchmark: str = "*", metric: str = "*", environment: str = "*", *, since: str | None = None
    ) -> pandas.DataFrame:
        """The points, a row each: what it is about, position, commit, date, run, centre, and each statistic.

        `since` is a commit or a day. Figures are in base units; what a tool did not give is NaN.
        """
        return to_pandas(frames.point_frame(*self._found(benchmark, metric, environment, since)))

    def polars(
        self, benchmark: str = "*", metric: str = "*", environment: str = "*", *, since: str | None = None
    ) -> polars.DataFrame:
        """The same as `frame`, for polars."""
        return to_polars(frames.point_frame(*self._found(benchmark, metric, environment, since)))

    def trend(
        self, benchmark: str, *, metric: str | None = None, environment: str = "*", since: str | None = None,
        ax: Axes | None = None,
    ) -> Axes:  # fmt: skip
        """Draws a benchmark, or up to eight, with levels, change points and noise, as the trend site does.

        `metric` None: the time where there is one. Of several environments the one that was measured last is drawn.
        """
        series, runs = self._found(benchmark, "*", environment, since)
        return draw(drawing(series, runs, metric), ax)

    def runs(self) -> pandas.DataFrame:
        """The runs in the order of the history: commit, date, environment, facts, and what they hold."""
        return to_pandas(frames.run_frame(self._runs(Selection())))

    def compare(self, a: str, b: str) -> pandas.DataFrame:
        """Any two commits, tags, baselines, files or runs (run:ID) beside each other, with the verdict on each row."""
        return to_pandas(frames.comparison_frame(self._workspace, a, b))

    def _runs(self, selection: Selection) -> list[StoredRun]:
        return frames.runs_of(self._workspace, selection, everything=self._everything)

    def _found(
        self, benchmark: str, metric: str, environment: str, since: str | None = None
    ) -> tuple[list[Series], list[StoredRun]]:
        environments = () if environment == "*" else (environment,)
        benchmarks, metrics = (() if glob == "*" else (glob,) for glob in (benchmark, metric))
        selection = Selection((), benchmarks, metrics, environments, since)
        runs = self._runs(selection)
        return frames.series_of(self._workspace, selection, runs), runs


def open_notebook(
    path_or_url: str | Path | None = None, *, project: str | Path | None = None, everything: bool = False
) -> Notebook:
    """Opens a history, which must exist.

    `path_or_url` is a database's file, `postgresql://…`, or a project's folder; None is the project that the present
    folder lies in. `project` is the folder whose configuration and repository count; by default that of the database,
    where it lies in a project's .regress, else the present one. With `everything` also runs of branches count.
    """
    named = str(path_or_url) if path_or_url is not None else None
    folder = Path(project) if project is not None else Path()
    if named is not None and "://" not in named:
        place = Path(named)
        if place.is_dir():
            folder, named = place, None
        elif not place.is_file():
            raise UsageError("there is no such history", where=named, hint="name a file, a folder or a URL")
        elif project is None and place.resolve().parent.name == DEFAULT_FOLDER:
            folder = place.resolve().parent.parent
    workspace = Workspace.open(folder, database=named)
    try:
        return Notebook(workspace, everything=everything)
    except BaseException:
        workspace.close()
        raise
