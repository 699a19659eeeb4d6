"""`regress site`: the pages."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import RegressError
from ..plain import printable
from .common import plural, with_workspace

if TYPE_CHECKING:
    from ..site import Built
    from ..work.context import Workspace
    from ..work.site_scope import SiteRequest

_PORT = 8000


@click.command()
@click.option(
    "-o", "--out", default="site", show_default=True, type=click.Path(path_type=Path), help="Where to build it."
)
@click.option("--title", help="What the site is called (default: the project's name).")
@click.option("--commit-url", metavar="URL", help="Pages of commits, as https://…/{commit} (default: the remote's).")
@click.option("--environment", "environments", multiple=True, metavar="GLOB", help="Only environments that fit.")
@click.option("--since", metavar="COMMIT|DATE", help="Only from this commit on, or from this day (2026-01-31).")
@click.option("--base-url", default="", metavar="URL", help="Where it will be, for the feed and canonical links.")
@click.option("--theme", metavar="DIR", type=click.Path(path_type=Path), help="Your own templates, before ours.")
@click.option("--data", "points", is_flag=True, help="Write every point of each benchmark as CSV too.")
@click.option("--sqlite", is_flag=True, help="Put a copy of the history beside the pages, to download.")
@click.option(
    "--serve", "port", is_flag=False, flag_value=_PORT, type=click.IntRange(0, 65535), metavar="[PORT]",
    help=f"Show it on this machine and build it again when the history changes (port {_PORT}; 0: any).",
)  # fmt: skip
@with_workspace
def command(workspace: Workspace, out: Path, port: int | None, **given: Any) -> None:
    """Build the static trend site. It opens from disk: no server, no network, no JavaScript needed."""
    from ..work.site import build_site
    from ..work.site_scope import SiteRequest

    request = SiteRequest(**given)
    if port is not None:
        _serve(workspace, out, request, port)
        return
    with _bar() as progress:
        built = build_site(workspace, out, request, progress)
    click.echo(f"{_size(built)}: open {printable(str(out / 'index.html'))}")


def _serve(workspace: Workspace, out: Path, request: SiteRequest, port: int) -> None:
    """Shows the site until Ctrl-C; each time that something it is made of changes, it is built again."""
    from ..site.serve import Preview
    from ..work.site import build_site
    from ..work.watch import changes, watched

    stamp = watched(workspace, request.theme)
    with Preview(out, port) as preview:
        seen = stamp()
        with _bar() as progress:
            built = build_site(workspace, out, request, progress)
        click.echo(f"{_size(built)}: {preview.url} (Ctrl-C ends it)")
        workspace.close()
        try:
            for _ in changes(stamp, seen):
                if _rebuild(workspace, out, request):
                    preview.changed()
        except KeyboardInterrupt:
            click.echo("")


def _rebuild(workspace: Workspace, out: Path, request: SiteRequest) -> bool:
    """One more build, under the configuration as it is now; whether it is another site.

    What goes wrong is told in a line, and the old site stays.
    """
    from ..work.context import Workspace
    from ..work.site import build_site

    try:
        with Workspace.open(workspace.root, database=workspace.database) as fresh:
            built = build_site(fresh, out, request)
    except RegressError as error:
        click.echo(f"regress: {error}", err=True)
        return False
    if built.written or built.removed:
        click.echo(f"{_size(built)}, {plural(built.written, 'file')} written")
    return bool(built.written or built.removed)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None] | None]:
    """What shows a bar on standard error, for as long as this lasts; None, and nothing, where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(20), MofNCompleteColumn(),
        console=Console(stderr=True), transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task("reading the history", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description="benchmarks" if done < total else "pages")

        yield show


def _size(built: Built) -> str:
    return f"{plural(built.pages, 'page')}, {built.bytes / 2**20:.1f} MiB"
