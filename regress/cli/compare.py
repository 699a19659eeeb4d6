"""`regress compare`: the table alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .common import echo_report, report_targets, with_workspace, write_reports

if TYPE_CHECKING:
    from ..work.context import Workspace


@click.command()
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@click.option(
    "--report", "reports", multiple=True, metavar="FORMAT=FILE", help="Also write text, markdown, json, junit or html."
)
@click.option("--changed", is_flag=True, help="Leave out what did not change.")
@with_workspace
def command(workspace: Workspace, one: str, other: str, reports: tuple[str, ...], changed: bool) -> int:
    """Compare any two commits, tags, baselines, files or runs (run:ID). The status is 0 whatever the table shows."""
    from ..report import TextRenderer
    from ..work.check import compare
    from ..work.sides import side_of

    targets = report_targets(reports)
    report = compare(workspace, side_of(workspace, one), side_of(workspace, other))
    if not any(path == "-" for _, path in targets):
        echo_report(TextRenderer(not changed).render(report))
    write_reports(report, targets)
    return 0
