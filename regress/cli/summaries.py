"""The formats of a run's summary, and the files that they are written to: those of `report`, and the page of `site`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import RunSummary


def summary_formats() -> Mapping[str, Callable[[RunSummary], str]]:
    """Every format by its name."""
    from ..report.summary_formats import SUMMARY_FORMATS

    return {**SUMMARY_FORMATS, "html": _html}


def summary_files() -> Mapping[str, str]:
    """The name of the file of each format, in a folder of all."""
    from ..report.summary_formats import FILES

    return {**FILES, "html": "run.html"}


def _html(summary: RunSummary) -> str:
    from ..site.run_report import run_page

    return run_page(summary)
