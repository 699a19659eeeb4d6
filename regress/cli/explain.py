"""`regress explain`: how a stored verdict follows from the stored runs, and whether it still does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .common import with_workspace

if TYPE_CHECKING:
    from ..work.context import Workspace


@click.command()
@click.argument("benchmark", metavar="BENCHMARK")
@click.option("--commit", help="The newest check of this commit (default: the newest check).")
@click.option("--metric", metavar="GLOB", default="*", help="This metric only.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@with_workspace
def command(workspace: Workspace, benchmark: str, commit: str | None, metric: str, form: str) -> int:
    """Follow a stored verdict from the figures to the outcome, with the numbers put in, and recompute it.

    BENCHMARK is a name, a glob, or re:EXPRESSION. Shown are both sides, every earlier run and how it counted, the
    calculation, the decision, what would change it, and the functions that grew where both sides kept a profile. The
    verdict is recomputed from the stored runs under the present rules: 0 where all are the same, 1 where one differs,
    with the reason.
    """
    from ..report.explain import text
    from ..report.explain_json import as_json
    from ..work.explain import Question, explain

    found = explain(workspace, Question(benchmark, commit, metric))
    click.echo(text(found) if form == "text" else as_json(found), nl=False)
    return 0 if found.same else 1
