"""`regress compare`: the table alone, of two sides or of the variants of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from ..errors import UsageError
from .common import echo_report, report_targets, with_workspace, write_reports

if TYPE_CHECKING:
    from ..work.context import Workspace

_FORMATS = ("text", "markdown", "json", "csv")


class _Variants(NamedTuple):
    """`--by`, and the options that are for it alone."""

    by: str | None
    reference: str | None
    runs: int | None
    only: tuple[str, ...]
    metric: str | None
    form: str | None

    def first_given(self) -> str:
        """The first option besides `--by` that was given, "" where none was."""
        names = ("--reference", "--runs", "-k", "--metric", "--format")
        return next((name for name, value in zip(names, self[1:], strict=True) if value), "")


@click.command()
@click.argument("one", metavar="[A]", required=False)
@click.argument("other", metavar="[B]", required=False)
@click.option(
    "--report", "reports", multiple=True, metavar="FORMAT=FILE", help="Also write text, markdown, json, junit or html."
)
@click.option("--changed", is_flag=True, help="Leave out what did not change.")
@click.option("--by", metavar="WHAT", help="Put variants side by side: param:NAME, env:NAME, tag:NAME or suite.")
@click.option("--reference", metavar="VARIANT", help="With --by: what ratios are relative to (default: the fastest).")
@click.option("--runs", type=click.IntRange(2), metavar="N", help="With --by: the last N runs, not one commit's.")
@click.option("-k", "only", multiple=True, metavar="GLOB", help="With --by: only these benchmarks; may be repeated.")
@click.option("--metric", metavar="GLOB", help="With --by: only these metrics.")
@click.option("--format", "form", type=click.Choice(_FORMATS), help="With --by: what to print (default: text).")
@with_workspace
def command(
    workspace: Workspace,
    one: str | None,
    other: str | None,
    reports: tuple[str, ...],
    changed: bool,
    **variants: object,
) -> int:
    """Compare any two commits, tags, baselines, files or runs (run:ID). The status is 0 whatever the table shows.

    With --by the variants of one commit are compared with each other: `regress compare --by param:backend [COMMIT]`
    shows for each benchmark the figure of each variant, its ratio to the reference with an interval, and who wins.
    Without COMMIT it is the newest one that was measured.
    """
    asked = _Variants(**variants)  # type: ignore[arg-type]  # click has checked them
    if asked.by is not None:
        if other is not None or reports or changed:
            raise UsageError("--by compares the variants of one commit", hint="name one commit; print with --format")
        return _side_by_side(workspace, one, asked)
    if given := asked.first_given():
        raise UsageError(f"{given} is for --by alone", hint="say what tells the variants apart: --by param:NAME")
    if one is None or other is None:
        raise UsageError("two sides are needed", hint="write `regress compare A B`, or --by WHAT")
    return _two_sides(workspace, (one, other), reports, changed)


def _two_sides(workspace: Workspace, names: tuple[str, str], reports: tuple[str, ...], changed: bool) -> int:
    from ..report import TextRenderer
    from ..work.check import compare
    from ..work.sides import side_of

    targets = report_targets(reports)
    report = compare(workspace, *(side_of(workspace, name) for name in names))
    if not any(path == "-" for _, path in targets):
        echo_report(TextRenderer(not changed).render(report))
    write_reports(report, targets)
    return 0


def _side_by_side(workspace: Workspace, commit: str | None, asked: _Variants) -> int:
    from ..report.components import FORMATS
    from ..work.components import Question, compare_components

    question = Question(asked.by or "", commit, asked.runs or 0, asked.reference, asked.only, asked.metric or "*")
    click.echo(FORMATS[asked.form or "text"](compare_components(workspace, question)), nl=False)
    return 0
