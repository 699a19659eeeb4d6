"""`regress ci`: the whole job in one command."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..plain import printable
from .common import echo_report, renderers, say, show_step, with_workspace, write_file
from .progress import shown
from .summaries import summary_files, summary_formats

if TYPE_CHECKING:
    from ..model import Report, RunSummary
    from ..work.ci import CiRequest, Done, Job
    from ..work.confirm import Step as Again
    from ..work.run import Step

_MARKS = {"done": "✓", "red": "✗", "warned": "!", "failed": "✗", "skipped": "–"}
_COLOURS = {"done": "green", "red": "red", "warned": "yellow", "failed": "red", "skipped": None}
#: The steps whose details are folded where the log can do that; those of the others are what the log is read for.
_FOLDED = ("run",)
_FILES = {"json": "report.json", "markdown": "report.md", "html": "report.html", "junit": "junit.xml"}


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@click.option("--no-run", is_flag=True, help="Run nothing: take the results at PATH…, or what the history has.")
@click.option("--suite", "suites", multiple=True, metavar="NAME", help="Only this suite; may be repeated.")
@click.option("--phase", "phases", multiple=True, metavar="NAME", help="Only suites of this phase; may be repeated.")
@click.option("--include", multiple=True, metavar="GLOB", help="Only these benchmarks or suites, as of `regress run`.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="All but these.")
@click.option("--repeat", type=click.IntRange(1), metavar="N", help="So many runs of each suite.")
@click.option("--set", "settings", multiple=True, metavar="SUITE.KEY=VALUE", help="Another value for a suite's key.")
@click.option(
    "--bundle", type=click.Path(path_type=Path), metavar="FILE", help="Only measure, and leave the runs here."
)
@click.option("--no-history", is_flag=True, help="Neither pull nor push the shared history.")
@click.option("--history", "history_url", default="", metavar="URL", help="A server's history in place of the branch.")
@click.option("--keep", is_flag=True, help="Share the runs of this job, though it is not of the main branch.")
@click.option("--against", help="What to compare with, as of `regress check`.")
@click.option("--confirm/--no-confirm", default=None, help="Measure suspects again (default: as configured, else no).")
@click.option("--strict", is_flag=True, help="End with 5 when something could not be judged.")
@click.option("--require-baseline", is_flag=True, help="End with 3 when there is nothing to compare with yet.")
@click.option("--reports", type=click.Path(path_type=Path), metavar="DIR", help="Write all reports into this folder.")
@click.option("--site", type=click.Path(path_type=Path), metavar="DIR", help="Build the site here on the main branch.")
@click.option("--site-always", is_flag=True, help="Build it on other branches, too.")
@click.option("--comment/--no-comment", default=None, help="The comment (default: in pull requests, with a token).")
@click.option("--check/--no-check", default=None, help="The check on the commit (default: likewise).")
@click.option("--key", default="check", show_default=True, help="Tells several comments of one pull request apart.")
@click.option("--dry-run", is_flag=True, help="Say step by step what would be done, and why.")
@click.option("--verbose", is_flag=True, help="Show what the tools say while they say it.")
@with_workspace
def command(workspace: Any, dry_run: bool, verbose: bool, **given: Any) -> int:
    """Do a whole CI job: pull the history, run the suites, judge, report, post, push, build the site.

    What the job is for is found out from the environment of GitHub Actions, GitLab CI or Jenkins, elsewhere from the
    clone. The history is pushed on the main branch only. In parts: `--bundle FILE` in each job of a matrix, then
    `--no-run FILE…` in one that follows.

    The status is that of `regress check` (0, 1, 3, 5); 1 also where a suite failed as a whole, 2 wrong usage, 4 where
    the history could not be pulled or pushed. What cannot be posted is a warning.
    """
    from ..suites import load_entry_points
    from ..work.ci import open_job, run_job

    load_entry_points()
    job = open_job(workspace, _request(given), os.environ)
    if dry_run:
        click.echo("\n".join(_told(job)))
        return 0
    click.echo(printable(job.told()))
    with _Screen.opened(os.environ, verbose) as screen:
        return run_job(workspace, job, os.environ, screen)


def _request(given: dict[str, Any]) -> CiRequest:
    from ..work.ci import CiRequest
    from ..work.run import RunRequest

    names = ("suites", "phases", "include", "exclude", "repeat", "settings")
    run = RunRequest(**{name: given.pop(name) for name in names})
    return CiRequest(run=run, history=not given.pop("no_history"), **given)


def _told(job: Job) -> list[str]:
    """What would be done, step after step."""
    lines = [job.told()]
    for intent in job.intents:
        mark = _MARKS["done" if intent.does else "skipped"]
        why = (f" ({intent.why})" if intent.does else f"no: {intent.why}") if intent.why else ""
        lines.append(f"{mark} {intent.step}: {intent.what if intent.does else ''}{why}")
    return [printable(line) for line in lines]


class _Screen:
    """A log: a line for each step when it has ended; on GitHub the details of a step are folded above it."""

    def __init__(self, on_github: bool, suite: Any) -> None:
        self._on_github = on_github
        self._open = False
        self._suite = suite

    @classmethod
    @contextmanager
    def opened(cls, environ: Mapping[str, str], verbose: bool) -> Iterator[_Screen]:
        """A screen for as long as the job goes on."""
        with shown(verbose) as show:
            yield cls(environ.get("GITHUB_ACTIONS") == "true", show)

    def begin(self, step: str, what: str) -> None:
        """Opens a fold, where the step says much."""
        if self._on_github and step in _FOLDED:
            click.echo(f"::group::{printable(f'{step}: {what}')}")
            self._open = True

    def end(self, done: Done) -> None:
        """Closes it, and says how the step ended."""
        say("")
        if self._open:
            click.echo("::endgroup::")
            self._open = False
        time = "" if done.mark == "skipped" else f" ({done.seconds:.1f} s)"
        mark = click.style(_MARKS[done.mark], fg=_COLOURS[done.mark])
        click.echo(f"{mark} {done.step}: {printable(done.words)}{time}")
        for line in done.more:
            click.echo(f"  {printable(line)}")
        if self._on_github and done.mark in ("warned", "failed"):
            text = printable("; ".join((done.words, *done.more))).replace("%", "%25")
            click.echo(f"::{'error' if done.mark == 'failed' else 'warning'}::regress ci: {done.step}: {text}")

    def suite(self, step: Step) -> None:
        """A suite begins or has ended."""
        self._suite(step)

    def pair(self, step: Again) -> None:
        """A process of a confirmation has ended."""
        show_step(step)

    def measured(self, summary: RunSummary, folder: Path | None) -> None:
        """The summary of the suites, in the log and in the folder."""
        known = summary_formats()
        self._quote(known["text"](summary))
        for name, file in summary_files().items() if folder else ():
            write_file(Path(str(folder)) / file, known[name](summary))

    def judged(self, report: Report) -> None:
        """The report in the log."""
        from ..report import TextRenderer

        self._quote(TextRenderer(False).render(report))

    def write_reports(self, report: Report, folder: Path) -> None:
        """Every format of the report that somebody reads."""
        known = renderers()
        for name, file in _FILES.items():
            write_file(folder / file, known[name].render(report))

    def write(self, path: Path, text: str) -> None:
        """A file, whole or not at all."""
        write_file(path, text)

    def command(self, text: str) -> None:
        """Workflow commands."""
        click.echo(text, nl=False)

    def _quote(self, text: str) -> None:
        """Text with foreign names in it: none of its lines may be taken for a workflow command."""
        token = secrets.token_hex(16)
        if self._on_github:
            click.echo(f"::stop-commands::{token}")
        echo_report(text)
        if self._on_github:
            click.echo(f"::{token}::")
