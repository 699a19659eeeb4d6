"""`regress run`: the suites, on the present commit or on others, into the history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from .common import echo_report, plural, with_workspace, write_file
from .summaries import summary_files, summary_formats

if TYPE_CHECKING:
    from ..model import RunSummary
    from ..work.context import Workspace
    from ..work.run import Plan

_ARGS = "regress.run.args"


class _Passing(click.Command):
    """A command whose words after `--` are another's."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keeps what follows `--` apart, so that it is never taken for a commit."""
        if "--" in args:
            cut = args.index("--")
            args, ctx.meta[_ARGS] = args[:cut], tuple(args[cut + 1 :])
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The usage with the words that are passed on."""
        return [*super().collect_usage_pieces(ctx), "[-- ARGS]"]


@click.command(cls=_Passing)
@click.argument("span", required=False, default="", metavar="[COMMIT|A..B]")
@click.option("--suite", "suites", multiple=True, metavar="NAME", help="Only this suite; may be repeated.")
@click.option("--phase", "phases", multiple=True, metavar="NAME", help="Only suites of this phase; may be repeated.")
@click.option(
    "--include", multiple=True, metavar="GLOB", help="Only benchmarks by name, or suites by name, kind, phase or tag."
)
@click.option("--exclude", multiple=True, metavar="GLOB", help="All but these; what is left out is not run.")
@click.option("--repeat", type=click.IntRange(1), metavar="N", help="So many runs of each suite.")
@click.option("--timeout", metavar="TIME", help="How long one call of a tool may take: 90, 2min.")
@click.option("--set", "settings", multiple=True, metavar="SUITE.KEY=VALUE", help="Another value for a suite's key.")
@click.option("--dry-run", is_flag=True, help="Say what would be run, and run nothing.")
@click.option("--verbose", is_flag=True, help="Show what the tools say while they say it.")
@click.option(
    "--report", "reports", multiple=True, metavar="FORMAT=FILE", help="Also write text, json, markdown, junit or html."
)
@click.option("--reports", "folder", metavar="DIR", help="Write every format into this folder.")
@click.pass_context
@with_workspace
def command(workspace: Workspace, context: click.Context, dry_run: bool, verbose: bool, **given: Any) -> int:
    """Run the suites of the configuration on the present checkout, and store what they measured.

    With COMMIT or A..B the package of those commits is measured by the benchmarks of the present checkout; what a
    range has stored is skipped. A suite that fails does not stop the others. ARGS are added to the tool's command line.

    0 all passed, 1 a suite failed or a target is breached, 2 wrong usage, 3 nothing was measured, 4 unreadable results.
    """
    from ..suites import load_entry_points
    from ..work.run import plan, run, run_span
    from .progress import shown

    request = _request(given, context.meta.get(_ARGS, ()))
    targets = _targets(given.pop("reports"), given.pop("folder"))
    load_entry_points()
    planned = plan(workspace, request)
    if dry_run:
        click.echo("\n".join(_told(planned, request.span)))
        return 0
    with shown(verbose) as show:
        if request.span:
            summary = run_span(workspace, planned, request.span, show)
        else:
            summary = run(workspace, planned, show)
    _write(summary, targets)
    return summary.status


def _request(given: dict[str, Any], args: tuple[str, ...]) -> Any:
    from ..model.written import duration
    from ..work.run import RunRequest

    try:
        timeout = duration(_number(given["timeout"])) if given["timeout"] else None
    except ValueError as error:
        raise UsageError(f"--timeout {given['timeout']!r} {error}") from None
    names = ("span", "suites", "phases", "include", "exclude", "repeat", "settings")
    return RunRequest(args=args, timeout=timeout, **{name: given[name] for name in names})


def _number(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _targets(values: tuple[str, ...], folder: str | None) -> list[tuple[str, str]]:
    """`--report FORMAT=FILE` and `--reports DIR` as pairs; UsageError before any work is done."""
    known = summary_formats()
    files = summary_files() if folder else {}
    targets = [(name, str(Path(str(folder)) / file)) for name, file in files.items()]
    for value in values:
        name, found, path = value.partition("=")
        if not found or not path or name not in known:
            hint = "write FORMAT=FILE with a format of " + ", ".join(known)
            raise UsageError(f"--report {value!r} is not understood", hint=hint)
        targets.append((name, path))
    return targets


def _told(planned: Plan, span: str) -> list[str]:
    """What would be run, in its order."""
    import shlex

    lines = [f"{plural(len(planned.suites), 'suite')} would be run{f' at {span}' if span else ''}"]
    for number, one in enumerate(planned.suites, 1):
        spec = one.spec
        words = spec.command or {"pytest-benchmark": ("pytest",), "asv": ("asv", "run")}.get(spec.kind, (spec.kind,))
        facts = [f"phase {spec.phase}" if spec.phase else "", f"{spec.repeat} times" if spec.repeat > 1 else ""]
        facts += [f"needed by {one.because}" if one.because else "", f"in {spec.cwd}" if spec.cwd != "." else ""]
        facts += [f"after {', '.join(spec.needs)}" if spec.needs else ""]
        facts += [f"requires {', '.join(spec.requires)}" if spec.requires else ""]
        facts += [f"{name}={value}" for name, value in spec.params]
        facts += [f"rounds {spec.rounds}" if spec.rounds else ""]
        facts += ["" if spec.warmup is None else f"warmup {spec.warmup}"]
        facts += [f"server {shlex.join(spec.server.command)}" if spec.server else ""]
        facts += [f"only {', '.join(one.selection.include)}" if one.selection.include else ""]
        facts += [f"without {', '.join(one.selection.exclude)}" if one.selection.exclude else ""]
        lines.append(f"{number}. {' · '.join([spec.name, spec.kind, *filter(None, facts)])}")
        lines.append(f"   {shlex.join([*words, *spec.args])}")
    return [*lines, *(f"not run: {text}" for text in planned.not_run)]


def _write(summary: RunSummary, targets: list[tuple[str, str]]) -> None:
    known = summary_formats()
    if not any(path == "-" for _, path in targets):
        echo_report(known["text"](summary))
    for name, path in targets:
        drawn = known[name](summary)
        if path == "-":
            click.echo(drawn, nl=False)
        else:
            write_file(Path(path), drawn)
