"""`regress demo`: see everything once, on a small library that is made and measured here."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("demo", short_help="Make a small project, measure it, find its regression.")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path("regress-demo"))
def command(directory: Path) -> None:
    """Make a small library with a history in DIRECTORY (./regress-demo) and measure every commit of it.

    Both suites (pytest-benchmark and asv) run for real, which takes about half a minute. The results are stored, a
    baseline is set, a pull request is checked and found slower, and the trend site is built. Nothing is written
    elsewhere.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ..work.demo import run_demo

    words = Console(highlight=False)
    if not words.is_terminal:
        result = run_demo(directory, say=click.echo, progress=_plain)
    else:
        what = TextColumn("{task.description}", markup=False)
        with Progress(
            BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), what, console=words, transient=True
        ) as bar:
            task = bar.add_task("", total=None)

            def say(text: str) -> None:
                words.print(text, markup=False, soft_wrap=True)

            def progress(done: int, total: int, now: str) -> None:
                bar.update(task, completed=done, total=total, description=now, visible=done < total)

            result = run_demo(directory, say=say, progress=progress)
    click.echo(f"Open {result.site} in a browser, then try, in {result.directory}:\n")
    width = max(len(line) for line, _ in result.commands)
    for line, meaning in result.commands:
        click.echo(f"    {line:<{width}}  {meaning}")


def _plain(done: int, total: int, what: str) -> None:
    """One line for each measurement, for a log."""
    if done < total:
        click.echo(f"[{done + 1:2}/{total}] {what}", err=True)
