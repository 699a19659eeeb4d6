"""`regress doctor`: a gate that is tried, so that it is known to close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .common import with_workspace

if TYPE_CHECKING:
    from ..work.context import Workspace


@click.command()
@click.option("--offline", is_flag=True, help="Ask nothing of the network.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@with_workspace
def command(workspace: Workspace, offline: bool, form: str) -> int:
    """Try the gate: plant slowdowns that must be red, break inputs, look for what is written for nothing.

    All of it on copies in a scratch folder: nothing in the history or the project is changed. One line a question:
    ok, warning or fault, with what to do. 0 no fault, 1 a fault was found.
    """
    from ..report.doctor import FORMATS
    from ..work.doctor import examine

    found = examine(workspace, offline=offline)
    click.echo(FORMATS[form](found), nl=False)
    return found.status
