"""`regress export`: runs out, as bundles, tables, or figures for others to watch."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from ..plain import printable
from .common import plural, whole_file, with_workspace, write_file

if TYPE_CHECKING:
    from ..work.context import Workspace
    from ..work.export import Selection

_METRICS = ("prometheus", "openmetrics")
_FORMATS = ("bundle", "csv", "jsonl", "parquet", "bmf", *_METRICS)


@click.command()
@click.argument("names", nargs=-1, metavar="[COMMIT|run:ID|BASELINE]…")
@click.option("--format", "kind", type=click.Choice(_FORMATS), help="What to write (default: bundle).")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path),
    help="The file to write, whole or not at all; of bundles a folder: one file a run, named by its digest.",
)  # fmt: skip
@click.option("--benchmark", "benchmarks", multiple=True, metavar="GLOB", help="Only benchmarks that fit.")
@click.option("--metric", "metrics", multiple=True, metavar="GLOB", help="Only metrics that fit.")
@click.option("--environment", "environments", multiple=True, metavar="GLOB", help="Only environments that fit.")
@click.option("--since", metavar="COMMIT|DATE", help="Only from this commit on, or from this day (2026-01-31).")
@click.option(
    "--statistic", "statistics", multiple=True, metavar="NAME",
    help="Of prometheus and openmetrics: centre (default), median, min, quantiles …, or all.",
)  # fmt: skip
@click.option(
    "--push-gateway", "gateway", metavar="VARIABLE|URL",
    help="Send it to a Prometheus Pushgateway: the variable that holds its address, or the address.",
)  # fmt: skip
@click.option("--job", default="regress", show_default=True, help="The job's name at the Pushgateway.")
@with_workspace
def command(workspace: Workspace, kind: str | None, out: Path | None, **given: Any) -> None:
    """Write stored runs: all of them, or those that are named.

    bundle: `ingest` reads it back to the same runs; without --out one text that holds them all, sorted by digest: two
    histories hold the same runs when this text is the same. csv, jsonl, parquet: a row for each benchmark, metric and
    run. bmf, prometheus, openmetrics: the newest run of the main branch, unless another is named.
    """
    from ..work.export import Selection

    metrics = {name: given.pop(name) for name in ("statistics", "gateway", "job")}
    kind = kind or ("prometheus" if metrics["gateway"] else "bundle")
    _refuse_what_means_nothing(kind, out, metrics)
    selection = Selection(**given)
    if kind == "bundle":
        _bundles(workspace, selection, out)
    elif kind == "parquet":
        _parquet(workspace, selection, out)
    elif kind in _METRICS:
        _metrics(workspace, selection, kind, out, metrics)
    else:
        _text(workspace, selection, kind, out)


def _refuse_what_means_nothing(kind: str, out: Path | None, metrics: dict[str, Any]) -> None:
    """UsageError for options that this format does not have, before any work is done."""
    if metrics["statistics"] and kind not in _METRICS:
        raise UsageError(f"--statistic is no option of {kind}", hint="the tables hold all statistics")
    if metrics["gateway"] and kind != "prometheus":
        raise UsageError(f"a Pushgateway takes no {kind}", hint="write --format prometheus")
    if kind == "parquet" and out is None:
        raise UsageError("Parquet is no text", hint="name a file with --out")
    if kind != "bundle" and out is not None and out.is_dir():
        raise UsageError("is a folder, and this format is one file", where=str(out), hint="name a file with --out")
    if kind in _METRICS:
        from ..formats.out_metrics import CHOICES

        if unknown := [name for name in metrics["statistics"] if name not in CHOICES]:
            raise UsageError(f"--statistic {unknown[0]!r} is not known", hint="choose of " + ", ".join(CHOICES))


def _bundles(workspace: Workspace, selection: Selection, out: Path | None) -> None:
    from ..work.export import bundles

    written = 0
    for name, text in bundles(workspace, selection):
        if out is None:
            click.echo(text, nl=False)
        else:
            write_file(out / name, text)
        written += 1
    if out is not None:
        click.echo(f"wrote {plural(written, 'run')} to {printable(str(out))}")


def _text(workspace: Workspace, selection: Selection, kind: str, out: Path | None) -> None:
    from ..work.export import bmf_text, csv_text, jsonl_text

    texts = {"csv": csv_text, "jsonl": jsonl_text, "bmf": lambda *asked: iter([bmf_text(*asked)])}
    parts = texts[kind](workspace, selection)
    if out is None:
        _print(parts)
        return
    with whole_file(out) as file:
        for part in parts:
            file.write(part.encode("utf-8", "replace"))
    click.echo(f"wrote {printable(str(out))}")


def _parquet(workspace: Workspace, selection: Selection, out: Path | None) -> None:
    from ..work.export import write_parquet

    assert out is not None
    with whole_file(out) as file:
        rows = write_parquet(workspace, selection, file)
    click.echo(f"wrote {plural(rows, 'row')} to {printable(str(out))}")


def _metrics(workspace: Workspace, selection: Selection, kind: str, out: Path | None, metrics: dict[str, Any]) -> None:
    from ..formats.out_metrics import CENTRE, openmetrics, prometheus
    from ..work.exposition import exposed

    gateway = _address(metrics["gateway"]) if metrics["gateway"] else None
    found = exposed(workspace, selection, metrics["statistics"] or (CENTRE,))
    text = (openmetrics if kind == "openmetrics" else prometheus)(found)
    if out is not None:
        write_file(out, text)
        click.echo(f"wrote {plural(len(found), 'sample')} to {printable(str(out))}")
    if gateway:
        from ..forge.pushgateway import push

        host = push(gateway, metrics["job"], workspace.project, text)
        click.echo(f"pushed {plural(len(found), 'sample')} to {printable(host)}")
    elif out is None:
        _print([text])


def _address(named: str) -> str:
    """The address, or what the variable of that name holds."""
    if "://" in named:
        return named
    address = os.environ.get(named, "").strip()
    if not address:
        raise UsageError(f"the variable {named} is not set", where="--push-gateway", hint="it holds the address")
    return address


def _print(parts: Iterable[str]) -> None:
    """Text as it is, also on a terminal that does not speak UTF-8."""
    for part in parts:
        sys.stdout.buffer.write(part.encode("utf-8", "replace"))
    sys.stdout.flush()
