"""`regress calibrate`: how noisy the benchmarks are, and which rules would fit."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from .common import plural, with_workspace, write_file

if TYPE_CHECKING:
    from ..work.calibrate import Step
    from ..work.context import Workspace

_INTERRUPTED = 130


@click.command()
@click.option("--runs", "count", default=10, show_default=True, metavar="K", help="How many runs to make; at least 3.")
@click.option("-k", "only", multiple=True, metavar="GLOB", help="Only benchmarks whose name fits; may be repeated.")
@click.option("--write", is_flag=True, help="Append the proposed rules to the configuration.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@with_workspace
def command(workspace: Workspace, count: int, only: tuple[str, ...], write: bool, form: str) -> int:
    """Run the present commit K times, and say how noisy each benchmark is and what it can see.

    It is HEAD, or the work tree with its uncommitted changes. Beside the noise stands how often the gate, and the
    rules that are used most, would have been red among these runs of the same code; and rules are proposed. The runs
    go into the history with the label "calibrate". Ctrl-C keeps those that are done and reports on them.
    """
    from ..report.calibrate import FORMATS
    from ..suites import load_entry_points
    from ..work.calibrate import CalibrateRequest, calibrate, written

    load_entry_points()
    found = calibrate(workspace, CalibrateRequest(count, only), _progress)
    _say("")
    click.echo(FORMATS[form](found), nl=False)
    if write and found.interrupted:
        click.echo("nothing is written: the runs were interrupted", err=True)
    elif write and found.proposed:
        path, text = written(workspace, found)
        write_file(path, text)
        click.echo(f"{plural(len(found.proposed), 'rule')} appended to {path}", err=True)
    return _INTERRUPTED if found.interrupted else 0


def _progress(step: Step) -> None:
    """A line for each call of a suite; on a terminal one is written over by the next."""
    what = f"run {step.number} of {step.most} · {step.suite} · {step.trouble or f'{step.seconds:.1f} s'}"
    if sys.stderr.isatty():
        _say(what)
    else:
        click.echo(what, err=True)


def _say(what: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{what}", err=True, nl=False)
