"""What several verbs share: the options that open a workspace, the writing of reports, tables of text."""

from __future__ import annotations

import functools
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from ..errors import UsageError

if TYPE_CHECKING:
    from ..model import Report
    from ..report import Renderer
    from ..work.confirm import Step


def with_workspace(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Adds `--db` and `-C` and hands the function an open workspace as its first argument."""

    @click.option("--db", metavar="URL", help="The history: a path or postgresql://… (default: .regress/history.db).")
    @click.option(
        "-C", "directory", metavar="DIR", default=".", help="Work in this project instead of the present folder."
    )
    @functools.wraps(function)
    def wrapped(*args: Any, db: str | None, directory: str, **kwargs: Any) -> int | None:
        from ..work.context import Workspace

        with Workspace.open(Path(directory), database=db) as workspace:
            return function(workspace, *args, **kwargs)

    return wrapped


class _Html:
    """The page of `site`, whose templates are loaded only when one is drawn."""

    def render(self, report: Report) -> str:
        """The report as one HTML file."""
        from ..site.report import report_page

        return report_page(report)


def renderers() -> Mapping[str, Renderer]:
    """Every format that a report can be drawn in: those of `report`, and the page of its neighbour `site`."""
    from ..report import RENDERERS

    return {**RENDERERS, "html": _Html()}


def report_targets(values: Sequence[str]) -> list[tuple[str, str]]:
    """`--report FORMAT=FILE` as pairs; UsageError for a format that is not known, before any work is done."""
    targets = []
    known = renderers() if values else {}
    for value in values:
        name, found, path = value.partition("=")
        if not found or not path or name not in known:
            hint = "write FORMAT=FILE with a format of " + ", ".join(known)
            raise UsageError(f"--report {value!r} is not understood", hint=hint)
        targets.append((name, path))
    return targets


_COLOURS = {
    "RED": "red", "regressed": "red", "breached": "red", "failed": "red", "missing": "red", "improved": "green",
    "no regression": "green", "NOT JUDGED": "yellow", "NOTHING COMPARED": "yellow", "TOO LITTLE COMPARED": "yellow",
    "inconclusive": "yellow", "incomparable": "yellow", "warning": "yellow",
}  # fmt: skip
_COLOURED = re.compile("|".join(rf"^{word}\b(?: \(provisional\))?" for word in _COLOURS), re.MULTILINE)


def echo_report(text: str) -> None:
    """Prints a report; on a terminal its first words are coloured, which says nothing that they do not say."""

    def coloured(found: re.Match[str]) -> str:
        word = next(word for word in _COLOURS if found[0].startswith(word))
        return click.style(found[0], fg=_COLOURS[word], bold=word.isupper() or None)

    click.echo(_COLOURED.sub(coloured, text), nl=False)  # click takes the colours away where there is no terminal


def write_reports(report: Report, targets: Sequence[tuple[str, str]]) -> None:
    """Writes a report in each format to its file; "-" is standard output."""
    for name, path in targets:
        text = renderers()[name].render(report)
        if path == "-":
            click.echo(text, nl=False)
        else:
            write_file(Path(path), text)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that is there whole or not at all, however large it is; UsageError where it cannot be written."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            temporary = Path(file.name)
            yield file
        temporary.chmod(0o644)
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_file(path: Path, text: str) -> None:
    """Writes a text whole or not at all; UsageError where that cannot be done."""
    with whole_file(path) as file:
        file.write(text.encode("utf-8"))


def show_step(step: Step) -> None:
    """Each process on a terminal, each pair elsewhere: a log is read later."""
    where = f"{step.suite} · {step.side}" if sys.stderr.isatty() else step.suite
    what = f"pair {step.pair} of at most {step.most} · {where} · {step.open} open · {step.seconds:.1f} s"
    if sys.stderr.isatty():
        say(what)
    elif step.is_last:
        click.echo(what, err=True)


def say(what: str) -> None:
    """One line of a terminal, written over by the next; nothing elsewhere."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{what}", err=True, nl=False)


def plural(number: int, word: str) -> str:
    """`1 run`, `2 runs`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
