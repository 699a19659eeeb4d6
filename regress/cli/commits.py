"""`regress commits`: the commit graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from ..plain import printable
from .common import plural, with_workspace

if TYPE_CHECKING:
    from ..work.context import Workspace


@click.group(name="commits")
def command() -> None:
    """Give the history a commit graph where there is no clone."""


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@with_workspace
def import_(workspace: Workspace, file: Path) -> None:
    """Read commits from FILE: hash, parents (separated by spaces), time in seconds, separated by tabs.

    Such a file is written by: git log --format='%H%x09%P%x09%ct' --all
    """
    from ..work.commits import import_commits

    try:
        with file.open(encoding="utf-8") as lines:
            added = import_commits(workspace, lines, str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", where=str(file)) from None
    click.echo(f"{plural(added, 'new commit')} from {printable(str(file))}")
