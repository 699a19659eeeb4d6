"""`regress post`: a stored report, where its readers are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from .common import with_workspace

if TYPE_CHECKING:
    from ..work.context import Workspace

#: How it ends under --strict-post where something could not be posted: as any input that cannot be reached.
_NOT_POSTED = InputError.status


@click.command()
@click.argument("report", type=click.Path(path_type=Path), metavar="REPORT.json")
@click.option("--comment/--no-comment", default=None, help="One comment, updated in place (default: in pull requests).")
@click.option("--check/--no-check", default=None, help="A check on the commit, with a conclusion (default: no).")
@click.option("--summary/--no-summary", default=None, help="The job's summary (default: on GitHub Actions).")
@click.option("--annotations/--no-annotations", default=None, help="Errors at benchmarks' lines (default: likewise).")
@click.option("--from-fork", is_flag=True, help="The report was left by a fork's job, and this one follows it.")
@click.option("--key", default="check", show_default=True, help="Tells several comments of one pull request apart.")
@click.option("--site-url", metavar="URL", help="The trend site, to link to (default: site_url of the configuration).")
@click.option("--report-url", metavar="URL", help="Where the whole report is (default: this job's page).")
@click.option("--repository", default="", metavar="OWNER/NAME", help="In place of what the CI job says.")
@click.option("--number", type=click.IntRange(1), help="The pull request, in place of what the CI job says.")
@click.option("--strict-post", is_flag=True, help="End with 4 when something could not be posted.")
@click.option("--dry-run", is_flag=True, help="Say what would be posted, and post nothing.")
@with_workspace
def command(workspace: Workspace, report: Path, strict_post: bool, **given: Any) -> int:
    """Post a stored report (of `check --report json=FILE`) to GitHub or GitLab.

    The token comes from GITHUB_TOKEN or GITLAB_TOKEN, all else from the CI job's environment. What cannot be posted is
    a warning: the verdict is that of `regress check`, and stays so. 0 also for a red report, 4 for one that cannot be
    read.
    """
    from ..work.post import PostRequest, post

    done = post(workspace, PostRequest(report, **given), os.environ)
    for line in done.lines:
        click.echo(line)
    click.echo(done.output, nl=False)
    for problem in done.problems:
        click.echo(f"regress: warning: not posted: {problem}", err=True)
    return _NOT_POSTED if done.problems and strict_post else 0
