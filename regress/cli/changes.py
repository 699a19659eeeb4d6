"""`regress changes`: what changed, when, and by which commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from .common import plural, with_workspace

if TYPE_CHECKING:
    from ..work.context import Workspace

_STATUSES = ("open", "accepted", "fixed", "withdrawn")
_FORMATS = ("text", "json", "markdown", "csv")
_ONLY = {"regressions": "regression", "improvements": "improvement"}


@click.command()
@click.option("--since", metavar="COMMIT|DATE", help="Only what changed after a commit, or on a day or later.")
@click.option("--benchmark", metavar="GLOB", help="Only causes that hit such a benchmark.")
@click.option("--only", type=click.Choice(tuple(_ONLY)), help="Only what became worse, or better.")
@click.option("--status", metavar="STATUS,…", help="Only causes that are open, accepted, fixed or withdrawn.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option("--jobs", type=click.IntRange(1), help="Look with so many processes (default: by the amount of work).")
@click.option("-n", "--limit", type=click.IntRange(1), help="How many causes, newest first (text: 20).")
@with_workspace
def command(workspace: Workspace, form: str, jobs: int | None, limit: int | None, **wanted: Any) -> None:
    """Show what changed along the history: each cause with its commits and benchmarks, newest first.

    Changes of many benchmarks at one range of commits are one cause, under an id that stays. Only series with new
    points are looked at again.
    """
    from ..report.changes import CHANGE_FORMATS
    from ..work.causes import Wanted, described, selected
    from ..work.changes import find_changes

    chosen = Wanted(
        since=wanted["since"],
        benchmark=wanted["benchmark"],
        trend=_ONLY.get(wanted["only"] or ""),
        statuses=_statuses(wanted["status"]),
    )
    found = find_changes(workspace, jobs=jobs)
    causes = selected(workspace, found.causes, chosen)
    most = limit or (20 if form == "text" else None)
    click.echo(CHANGE_FORMATS[form](described(workspace, causes[:most])), nl=False)
    if form == "text" and len(causes) > (most or 0):
        click.echo(f"\n… {plural(len(causes) - (most or 0), 'older cause')} more: -n N")
    for warning in found.warnings:
        click.echo(f"regress: warning: {warning}", err=True)


def _statuses(text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    words = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in words if word not in _STATUSES]
    if unknown or not words:
        what = f"--status {text!r} is not understood"
        raise UsageError(what, hint="give one or several, separated by commas, of " + ", ".join(_STATUSES))
    return frozenset(words)
