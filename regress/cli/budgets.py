"""`regress budgets`: every target of a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .common import with_workspace

if TYPE_CHECKING:
    from ..work.context import Workspace

_FORMATS = ("text", "json", "markdown", "csv")


@click.command()
@click.argument("commit", default="HEAD")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
@with_workspace
def command(workspace: Workspace, commit: str, form: str) -> int:
    """List every target of the budgets: requirement, limit, value, headroom, number of samples, state.

    Judged on the runs of COMMIT alone, without a baseline. 0 none is breached, 1 one is (unless its action is warn).
    """
    from ..report.budget_formats import BUDGET_FORMATS
    from ..work.budgets import budgets_of

    report = budgets_of(workspace, commit)
    click.echo(BUDGET_FORMATS[form](report), nl=False)
    return int(report.failing)
