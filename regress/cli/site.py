"""`regress site`: the pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..plain import printable
from .common import plural, with_workspace

if TYPE_CHECKING:
    from ..work.context import Workspace


@click.command()
@click.option(
    "-o", "--out", default="site", show_default=True, type=click.Path(path_type=Path), help="Where to build it."
)
@with_workspace
def command(workspace: Workspace, out: Path) -> None:
    """Build the static trend site. It opens from disk: no server, no network, no JavaScript needed."""
    from ..work.site import build_site

    built = build_site(workspace, out)
    click.echo(
        f"{plural(built.pages, 'page')}, {built.bytes / 2**20:.1f} MiB: open {printable(str(out / 'index.html'))}"
    )
