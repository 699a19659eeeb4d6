"""`regress note`: what is known of a cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..plain import printable
from .common import with_workspace, write_file

if TYPE_CHECKING:
    from ..work.context import Workspace


@click.command()
@click.argument("cause", metavar="CAUSE")
@click.argument("text", metavar="TEXT")
@with_workspace
def command(workspace: Workspace, cause: str, text: str) -> None:
    """Write a note on a cause of `regress changes` into regress-accepted.toml."""
    from ..work.accept import note
    from ..work.accepted import FILE

    entry = note(workspace, cause, text)
    write_file(workspace.root / FILE, entry.text)
    click.echo(f"{printable(entry.summary)}; commit {FILE}")
