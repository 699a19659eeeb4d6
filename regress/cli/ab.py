"""`regress ab`: two commits against each other, now, on this machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from .common import echo_report, say, show_step, with_workspace

if TYPE_CHECKING:
    from ..work.context import Workspace

_FEWEST, _MOST = 3, 300
_FORMATS = ("text", "json", "markdown")


@click.command()
@click.argument("base")
@click.argument("head", required=False)
@click.option("-k", "only", multiple=True, metavar="GLOB", help="Only benchmarks whose name fits; may be repeated.")
@click.option(
    "--pairs", default=15, show_default=True, type=click.IntRange(_FEWEST, _MOST),
    help="Pairs of processes at most; there is a look after each third.",
)  # fmt: skip
@click.option("--tolerance", default="5%", show_default=True, help="How much worse is too much: 5% or 0.05.")
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(_FORMATS), help="What to print.")
@with_workspace
def command(
    workspace: Workspace, base: str, head: str | None, only: tuple[str, ...], pairs: int, tolerance: str, form: str
) -> int:
    """Compare BASE with HEAD by measuring both in turn; needs no history and stores nothing.

    Without HEAD it is the working tree as it is, with uncommitted changes of tracked files. The present checkout's
    benchmarks run with each side's package in pairs of processes, until each is decided: regressed, improved,
    unchanged (surely not worse by the tolerance), or inconclusive. 0 no regression, 1 regressed, 3 nothing compared.
    """
    from ..report.ab import FORMATS
    from ..suites import load_entry_points
    from ..work.confirm import ABRequest, compare

    load_entry_points()
    request = ABRequest(base, head, only, pairs, _share(tolerance))
    say("looking for benchmarks …")
    try:
        trial = compare(workspace, request, show_step)
    finally:
        say("")
    drawn = FORMATS[form](trial)
    if form == "text":
        echo_report(drawn)
    else:
        click.echo(drawn, nl=False)
    return trial.status


def _share(given: str) -> float:
    """`5%` or `0.05` as .05."""
    match = re.fullmatch(r"\s*(\d*\.?\d+)\s*(%?)\s*", given)
    share = float(match[1]) / (100 if match[2] else 1) if match else -1.0
    if not 0 <= share <= 1:
        raise UsageError(f"--tolerance {given!r} is no share", hint="write 5% or 0.05")
    return share
