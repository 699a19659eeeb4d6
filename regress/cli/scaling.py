"""`regress scaling`: orders of growth, the loads that meet budgets, orders that grew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .common import with_workspace

if TYPE_CHECKING:
    from ..work.context import Workspace

_FORMATS = ("text", "markdown", "json")


@click.command()
@click.argument("benchmark", required=False)
@click.argument("commit", required=False)
@click.option("--over", metavar="PARAM", help="The parameter that is the size or the load (default: the only one).")
@click.option("--metric", metavar="GLOB", default="*", help="Only these metrics.")
@click.option(
    "--against", metavar="WHAT",
    help="Hold it against merge-base, previous, level, or another commit; 'default' is what the configuration says.",
)  # fmt: skip
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
@with_workspace
def command(
    workspace: Workspace,
    benchmark: str | None,
    commit: str | None,
    over: str | None,
    form: str,
    **given: str | None,
) -> int:
    """Show how figures grow with a size: constant, log n, linear, n log n or quadratic, and how sure that is.

    BENCHMARK is a name, a glob, or re:EXPRESSION; without COMMIT it is the newest one that was measured. The largest
    load that still meets each budget is named. With --against, an order that has surely grown since the other commit is
    a regression: 1 where one has, 0 otherwise, 3 where nothing can be held against the other.
    """
    from ..report.scaling import FORMATS
    from ..work.scaling import Question, scaling

    against = "" if given["against"] == "default" else given["against"]
    found = scaling(workspace, Question(benchmark, over, given["metric"] or "*", commit, against))
    click.echo(FORMATS[form](found), nl=False)
    return found.status
