"""`regress notify`: tells people of the main branch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError, UsageError
from .common import with_workspace

if TYPE_CHECKING:
    from ..work.context import Workspace

_SERVICES = ("slack", "mattermost", "teams", "webhook")


@click.command()
@click.option("--slack", metavar="VARIABLE", help="The variable that holds the address of a Slack webhook.")
@click.option("--mattermost", metavar="VARIABLE", help="The same, of Mattermost.")
@click.option("--teams", metavar="VARIABLE", help="The same, of Microsoft Teams.")
@click.option("--webhook", metavar="VARIABLE", help="The same, of anything that takes JSON.")
@click.option("--issues", type=click.Choice(("github", "gitlab")), help="An issue for each cause, closed at its end.")
@click.option("--label", help="The label of these issues (default: performance).")
@click.option("--since", metavar="COMMIT|DATE", help="Older causes are not told as new.")
@click.option("--expect-every", metavar="TIME", help="Say so, and end with 1, when no run has come for so long: 24h.")
@click.option("--site-url", metavar="URL", help="The trend site, to link to (default: site_url of the configuration).")
@click.option("--repository", default="", metavar="OWNER/NAME", help="Of the issues, in place of what the CI job says.")
@click.option("--dry-run", is_flag=True, help="Say who would be told of what, and tell nobody.")
@with_workspace
def command(workspace: Workspace, expect_every: str | None, dry_run: bool, **given: Any) -> int:
    """Tell people of new causes and broken budgets on the main branch; nobody twice.

    Whom: as asked, else as [tool.regress.notify] says. 0 all was told, 1 no run has come for --expect-every, 4 somebody
    could not be told.
    """
    from ..work.notify import NotifyRequest, notify

    webhooks = {name: given.pop(name) for name in _SERVICES}
    asked = {name: value for name, value in webhooks.items() if value}
    anybody = bool(asked or given["issues"])
    request = NotifyRequest(
        webhooks=asked if anybody else None,
        expect_every=_seconds(expect_every),
        dry_run=dry_run,
        **given | {"issues": given["issues"] or ("" if anybody else None)},
    )
    done = notify(workspace, request, os.environ)
    for line in done.lines:
        click.echo(line)
    for problem in done.problems:
        click.echo(f"regress: not told: {problem}", err=True)
    return InputError.status if done.problems else int(done.silent)


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    from ..model import written

    try:
        seconds = written.duration(text)
    except ValueError as error:
        raise UsageError(f"--expect-every {text!r} {error}") from None
    if seconds <= 0:
        raise UsageError(f"--expect-every {text!r} is no time", hint="write 24h or 90 min")
    return seconds
