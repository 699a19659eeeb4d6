"""`regress rules`: which rules there are, and why a benchmark is judged as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from .common import with_workspace

if TYPE_CHECKING:
    from ..work.context import Workspace


@click.command()
@click.argument("words", nargs=-1, metavar="[explain BENCHMARK]")
@click.option("--metric", metavar="GLOB", help="Explain this metric only.")
@click.option("--environment", metavar="GLOB", help="Explain this environment only: its label, or a value of its key.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@with_workspace
def command(
    workspace: Workspace, words: tuple[str, ...], metric: str | None, environment: str | None, form: str
) -> None:
    """List the rules and budgets in order, with how many of the history's series each matches.

    With `explain BENCHMARK`: the merged rule of that benchmark (a glob, or re:EXPRESSION) with the line of every field,
    the rules that match it, in order, with what a later one overrides, and its budgets.
    """
    from ..model import Selector
    from ..report import rules as draw
    from ..work.policies import explained, listed

    if not words:
        if metric or environment:
            raise UsageError(
                "--metric and --environment go with explain", hint="write: regress rules explain BENCHMARK"
            )
        report = listed(workspace)
        click.echo(draw.listed_text(report) if form == "text" else draw.listed_json(report), nl=False)
        return
    if len(words) != 2 or words[0] != "explain":
        raise UsageError(
            f"regress rules {' '.join(words)}: not understood", hint="write: regress rules explain BENCHMARK"
        )
    found = explained(workspace, Selector(benchmark=words[1], metric=metric or "*", environment=environment or "*"))
    click.echo(draw.explained_text(found) if form == "text" else draw.explained_json(found), nl=False)
