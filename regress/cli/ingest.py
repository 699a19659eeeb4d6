"""`regress ingest`: results in."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError, UsageError
from ..plain import printable
from .common import plural, with_workspace

if TYPE_CHECKING:
    from ..formats import ReadOptions
    from ..work.context import Workspace
    from ..work.ingest import Ingested, SourceSummary


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--format", "format_name", help="Read as this format instead of telling it from the content.")
@click.option("--mapping", help="Read a team's own JSON or CSV by this [[mapping]] of the configuration.")
@click.option("--commit", help="The commit that was measured, where the file does not say or says it wrong.")
@click.option("--branch", help="The branch that was measured.")
@click.option("--machine", help="The machine's name: part of what tells series apart.")
@click.option("--env", "environment", multiple=True, metavar="KEY=VALUE", help="More of what tells series apart.")
@click.option(
    "--environment",
    "moved",
    multiple=True,
    metavar="FROM=TO",
    help="Join FROM's series to those of TO in the history (globs).",
)
@click.option("--tag", "tags", multiple=True, help="A label of the run.")
@click.option("--suite", help="The suite's name (default: the tool's).")
@click.option("--explain", is_flag=True, help="Say what would be read and what figures are taken for; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")
@with_workspace
def command(workspace: Workspace, paths: tuple[str, ...], as_json: bool, explain: bool, **given: Any) -> int:
    """Read results (of asv, pytest-benchmark, Locust and others, or of one's own) into the history.

    PATH is a file, a folder, a glob, or - for standard input. What is known is not stored again. A file that cannot be
    read is named with its fault and does not stop the others; the exit status is then 4.
    """
    from ..work.ingest import ingest

    options = _options(workspace, given)
    if explain:
        return _explain(workspace, paths, options)
    show = None if as_json else _print_source
    done = ingest(workspace, paths, options, stdin=sys.stdin.buffer, progress=show)
    if as_json:
        click.echo(json.dumps(_document(done), indent=1, ensure_ascii=False))
    else:
        click.echo(_last_line(done))
    return InputError.status if done.bad else 0


def _options(workspace: Workspace, given: dict[str, Any]) -> Any:
    from ..formats import FORMATS, ReadOptions, load_entry_points
    from ..work.ingest import environment_named

    load_entry_points()
    if given["format_name"] and given["format_name"] not in FORMATS:
        raise UsageError(f"no format {given['format_name']!r}", hint="one of " + ", ".join(FORMATS))
    pairs = []
    for text in given["environment"]:
        name, found, value = text.partition("=")
        if not found or not name:
            raise UsageError(f"--env {text!r} is not KEY=VALUE")
        pairs.append((name, value))
    moved = []
    for text in given["moved"]:
        old, found, new = text.partition("=")
        if not found or not old or not new:
            raise UsageError(f"--environment {text!r} is not FROM=TO")
        moved.append((old, environment_named(workspace, new).key))
    return ReadOptions(
        moved=tuple(moved),
        format=given["format_name"],
        commit=workspace.commit_name(given["commit"]) if given["commit"] else None,
        branch=given["branch"],
        machine=given["machine"],
        env=tuple(pairs),
        tags=given["tags"],
        suite=given["suite"],
        mapping=given["mapping"],
    )


def _explain(workspace: Workspace, paths: tuple[str, ...], options: ReadOptions) -> int:
    from ..work.reading import explain_reading
    from .reading import lines

    status = 0
    for told in explain_reading(workspace, paths, options, sys.stdin.buffer):
        for line in lines(told):
            click.echo(printable(line))
        for bad in told.bad:
            click.echo(f"regress: {InputError(bad.what, where=bad.where, hint=bad.hint)}", err=True)
            status = InputError.status
    return status


def _print_source(source: SourceSummary) -> None:
    if source.runs or source.known:
        click.echo(f"{printable(source.path)}: {_counts(source)}")
    for warning in source.warnings:
        click.echo(f"  note: {printable(warning)}")
    for bad in source.bad:
        click.echo(f"regress: {InputError(bad.what, where=bad.where, hint=bad.hint)}", err=True)
    if not (source.runs or source.known or source.bad):
        click.echo(f"{printable(source.path)}: no result in it")


def _counts(source: SourceSummary) -> str:
    if source.unchanged:
        return "unchanged since it was read"
    if not source.runs:
        return f"{plural(source.known, 'run')} already known"
    parts = [f"{source.format}, {plural(source.runs, 'run')}, {plural(source.points, 'point')}"]
    parts += [f"{number:,} {name}" for name in ("failed", "skipped") if (number := getattr(source, name))]
    return ", ".join(parts) + (f", {source.known} already known" if source.known else "")


def _last_line(done: Ingested) -> str:
    parts = [plural(done.total("runs"), "new run"), plural(done.total("points"), "point")]
    parts += [f"{n:,} {name}" for name in ("failed", "skipped", "known", "bad") if (n := done.total(name))]
    return f"{plural(len(done.sources), 'source')}: {', '.join(parts)}"


def _document(done: Ingested) -> dict[str, Any]:
    counts = ("runs", "known", "points", "failed", "skipped")
    return {
        **{name: done.total(name) for name in (*counts, "bad")},
        "sources": [
            {
                "path": source.path,
                "format": source.format,
                **{name: getattr(source, name) for name in counts},
                "unchanged": source.unchanged,
                "warnings": source.warnings,
                "bad": [{"where": bad.where, "what": bad.what, "hint": bad.hint} for bad in source.bad],
            }
            for source in done.sources
        ],
    }
