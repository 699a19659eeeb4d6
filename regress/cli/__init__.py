"""The command line: one verb a file; arguments in, words and an exit status out.

A verb is a module of this package with a click command named `command`. The table below is all that `--help` needs, so
that it imports neither the verbs nor what they use.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import cast

import click

from .. import __version__
from ..errors import RegressError

VERBS = {
    "demo": "Make a small real project with a history, and show what regress does with it.",
    "init": "Write a commented configuration.",
    "run": "Run the suites on the present commit, or on others, and store what they measured.",
    "ci": "Do a whole CI job: history, suites, gate, reports, comment, site.",
    "monitor": "Watch the resources of a command or a process, and its limits, while it runs.",
    "ingest": "Read results (asv, pytest-benchmark, bundles) into the history.",
    "check": "Judge a commit against its baseline; the exit status is the gate.",
    "compare": "Compare any two commits, tags, baselines, files or runs.",
    "scaling": "Show how figures grow with a size, and whether an order of growth grew.",
    "baseline": "Store, list, show, remove and export named baselines.",
    "changes": "Show what changed along the history, when, and by which commit.",
    "rules": "List the rules, or explain why a benchmark is judged as it is.",
    "budgets": "List every target of a commit: limit, value, headroom, state.",
    "calibrate": "Run the present commit many times: noise, false red, and rules that fit.",
    "doctor": "Try the gate: planted slowdowns, broken inputs, and what is written for nothing.",
    "accept": "Accept a cause, or a benchmark's regression, in the repository.",
    "note": "Write a note on a cause into the repository.",
    "explain": "Follow a verdict with a pocket calculator, and recompute it.",
    "show": "Show the commits, one commit's results, or one benchmark's history.",
    "ab": "Compare two commits by measuring both in turn, now; needs no history.",
    "bisect": "Find the commit that made a benchmark slower.",
    "site": "Build the static trend site.",
    "export": "Write stored runs: bundles, tables, figures for monitoring.",
    "history": "Share the history: push, pull, prune, compact, verify.",
    "post": "Post a stored report to a pull request, on GitHub or GitLab.",
    "notify": "Tell people of new causes and broken budgets, nobody twice.",
    "report": "Draw a stored JSON report again in another format.",
    "commits": "Give the history a commit graph where there is no clone.",
}


class LazyGroup(click.Group):
    """A group that imports a verb when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order in which a newcomer needs them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, imported now."""
        if cmd_name not in VERBS:
            return None
        return cast(click.Command, importlib.import_module(f"{__name__}.{cmd_name}").command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of verbs, without importing one."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="regress")
def cli() -> None:
    """A benchmark regression tracker: a history keyed by git commit, a gate, a trend site.

    Exit statuses: 0 passed, 1 slower (or failed, missing, over budget), 2 wrong usage or configuration, 3 nothing or
    too little to compare with, 4 unreadable input, 5 not judged (under --strict).
    """


def run(args: Sequence[str] | None = None) -> int:
    """Runs one command line; the exit status. What goes wrong is one line on standard error."""
    # A command keeps most of what it makes to its end: looking for cycles all the time is a fifth of it.
    gc.set_threshold(200_000, 50, 50)
    try:
        return int(
            cli.main(args=list(args) if args is not None else None, prog_name="regress", standalone_mode=False) or 0
        )
    except RegressError as error:
        click.echo(f"regress: {error}", err=True)
        return error.status
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("regress: interrupted", err=True)
        return 130
    except BrokenPipeError:
        # The reader (a pager, `head`) has gone; Python must not complain about it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def main() -> None:
    """The console script."""
    sys.exit(run())
