"""`regress baseline`: stored baselines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..plain import printable, table
from .common import plural, with_workspace, write_file

if TYPE_CHECKING:
    from ..model import Baseline
    from ..work.context import Workspace


@click.group(name="baseline")
def command() -> None:
    """Store, list, show, remove and export named baselines."""


@command.command("set")
@click.argument("name")
@click.option("--commit", default="HEAD", show_default=True, help="The commit whose runs it stands for.")
@click.option("--reason", default="", help="Why: shown wherever the baseline is.")
@with_workspace
def set_(workspace: Workspace, name: str, commit: str, reason: str) -> None:
    """Store the runs of a commit under NAME; setting it again adds a version."""
    from ..work.baseline import set_baseline

    click.echo(f"stored {_line(set_baseline(workspace, name, commit, reason))}")


@command.command("list")
@with_workspace
def list_(workspace: Workspace) -> None:
    """List the baselines."""
    from ..work.baseline import list_baselines

    found = list_baselines(workspace)
    rows = [
        [
            b.name,
            f"v{b.version}",
            b.commit[:10],
            b.created_at.date().isoformat(),
            plural(len(b.digests), "run"),
            b.reason,
        ]
        for b in found
    ]
    click.echo("\n".join(table(rows)) if rows else "no baseline yet; `regress baseline set NAME` stores one")


@command.command()
@click.argument("name")
@with_workspace
def show(workspace: Workspace, name: str) -> None:
    """Show every version of a baseline: who, when, why."""
    from ..work.baseline import versions

    for baseline in versions(workspace, name):
        click.echo(_line(baseline))


@command.command()
@click.argument("name")
@with_workspace
def rm(workspace: Workspace, name: str) -> None:
    """Remove a baseline; its versions stay in the history."""
    from ..work.baseline import remove_baseline

    remove_baseline(workspace, name)
    click.echo(f"removed {printable(name)}")


@command.command()
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@with_workspace
def export(workspace: Workspace, name: str, file: Path) -> None:
    """Write a baseline to FILE, which `check --against FILE` reads."""
    from ..formats import bundle
    from ..work.baseline import runs_of

    runs = runs_of(workspace, name)
    write_file(file, bundle.dump_all(runs))
    click.echo(f"wrote {plural(len(runs), 'run')} of {printable(name)} to {printable(str(file))}")


def _line(baseline: Baseline) -> str:
    when = baseline.created_at.strftime("%Y-%m-%d %H:%M")
    what = "removed" if baseline.removed else f"{baseline.commit[:10]}, {plural(len(baseline.digests), 'run')}"
    why = f": {baseline.reason}" if baseline.reason else ""
    return printable(f"{baseline.name} version {baseline.version}: {what}, by {baseline.author} on {when} UTC{why}")
