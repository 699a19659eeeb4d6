"""`regress report`: a stored report, drawn again."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import InputError, UsageError
from .common import renderers


@click.command()
@click.argument("result", type=click.Path(path_type=Path), metavar="RESULT.json")
@click.option("--format", "format_name", default="text", show_default=True, help="text, markdown, json, junit or html.")
def command(result: Path, format_name: str) -> None:
    """Draw a stored JSON report again in another format."""
    from ..report import read

    known = renderers()
    if format_name not in known:
        raise UsageError(f"no report format {format_name!r}", hint="one of " + ", ".join(known))
    try:
        text = result.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", where=str(result)) from None
    click.echo(known[format_name].render(read(text, str(result))), nl=False)
