"""`regress check`: the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .common import echo_report, report_targets, say, show_step, with_workspace, write_reports

if TYPE_CHECKING:
    from ..work.context import Workspace


@click.command()
@click.option("--commit", default="HEAD", show_default=True, help="The commit to judge.")
@click.option("--against", help="merge-base, level, window:N, previous, a baseline's name, a commit, a file.")
@click.option(
    "--report", "reports", multiple=True, metavar="FORMAT=FILE", help="Also write text, markdown, json, junit or html."
)
@click.option("--all", "everything", is_flag=True, help="List what did not change, too.")
@click.option("--strict", is_flag=True, help="End with 5 when something could not be judged.")
@click.option("--require-baseline", is_flag=True, help="End with 3 when there is nothing to compare with yet.")
@click.option("--confirm", is_flag=True, help="Measure suspects again, both sides in turn, before they are judged.")
@click.option("--fork/--no-fork", default=None, help="Take rules from the merge base (default: as CI says).")
@click.option("--max-distance", type=click.IntRange(0), help="How many commits back a baseline may lie.")
@with_workspace
def command(workspace: Workspace, reports: tuple[str, ...], everything: bool, **given: Any) -> int:
    """Judge a commit against its baseline; the exit status is the gate.

    0 passed, 1 worse, 3 nothing or too little compared, 5 not judged (under --strict). Reports are written first.
    """
    from ..report import TextRenderer
    from ..work.check import CheckRequest, check

    targets = report_targets(reports)
    if given["confirm"]:
        from ..suites import load_entry_points

        load_entry_points()
    try:
        report = check(workspace, CheckRequest(**given), show_step)
    finally:
        say("")
    if not any(path == "-" for _, path in targets):
        echo_report(TextRenderer(everything).render(report))
    write_reports(report, targets)
    return report.status
