"""`regress export`: runs out, as bundles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UncomparedError
from ..plain import printable
from .common import plural, with_workspace, write_file

if TYPE_CHECKING:
    from ..work.context import Workspace


@click.command()
@click.argument("names", nargs=-1, metavar="[COMMIT|run:ID|BASELINE]…")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="A folder: one file a run, named by its digest.")
@with_workspace
def command(workspace: Workspace, names: tuple[str, ...], out: Path | None) -> None:
    """Write stored runs as bundles that `ingest` reads back to the same runs; all of them when none is named.

    Without --out they go to standard output, as one file that holds them all, sorted by digest: two histories hold the
    same runs when this text is the same.
    """
    from ..formats import bundle
    from ..work.export import digests_of, whole_runs

    digests = digests_of(workspace, names)
    if not digests:
        raise UncomparedError("the history holds no run to export", hint="`regress ingest PATH` reads results into it")
    if out is None:
        for _, run in whole_runs(workspace, digests):
            click.echo(bundle.dump(run), nl=False)
        return
    for digest, run in whole_runs(workspace, digests):
        write_file(out / f"{digest[:16]}.json", bundle.dump(run))
    click.echo(f"wrote {plural(len(digests), 'run')} to {printable(str(out))}")
