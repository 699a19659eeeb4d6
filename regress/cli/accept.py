"""`regress accept`: a regression that is known and wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..plain import printable
from .common import with_workspace, write_file

if TYPE_CHECKING:
    from ..work.context import Workspace


@click.command()
@click.argument("name", metavar="CAUSE|BENCHMARK")
@click.option("--reason", required=True, help="Why; reviewers read it.")
@click.option("--up-to", metavar="SHARE", help="How much worse it may be at most, such as 12%.")
@click.option(
    "--until", "--expires", "last", metavar="DATE", help="The last day on which this holds, such as 2026-01-31."
)
@with_workspace
def command(workspace: Workspace, name: str, reason: str, up_to: str | None, last: str | None) -> None:
    """Accept a cause of `regress changes`, or benchmarks (a glob), in regress-accepted.toml.

    The file belongs into the repository: what is accepted is reviewed like code. `regress check` counts an accepted
    regression as such while it lies within the limit and the last day is not over; then it is red again, and says so.
    """
    from ..work.accept import accept
    from ..work.accepted import FILE

    entry = accept(workspace, name, reason, up_to, last)
    write_file(workspace.root / FILE, entry.text)
    click.echo(f"{printable(entry.summary)}; commit {FILE}")
