"""What GitHub Actions takes from a job without any token: annotations on its output, and the summary in a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..errors import UsageError
from .talk import Annotation

#: GitHub shows ten errors and ten warnings of one step, and drops the others.
MOST_SHOWN = 10
#: A step's summary is dropped altogether beyond this.
MOST_SUMMARY = 1024 * 1024
_WORDS = {"failure": "error", "warning": "warning", "notice": "notice"}


def commands(annotations: Iterable[Annotation]) -> str:
    """The annotations as workflow commands, a line each; foreign text in them can neither end a line nor a value."""
    return "".join(f"{_command(one)}\n" for one in annotations)


def _command(one: Annotation) -> str:
    values = {"file": one.path, "line": str(one.line) if one.line else "", "title": one.title}
    properties = ",".join(f"{name}={_value(value)}" for name, value in values.items() if value)
    return f"::{_WORDS[one.level]} {properties}::{_data(one.message)}"


def _data(text: str) -> str:
    kept = "".join(c if c.isprintable() or c in "\r\n" else " " for c in text)
    return kept.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def add_summary(path: Path, text: str) -> None:
    """Adds a text to the job's summary. Raises UsageError where it cannot be written or would be dropped."""
    try:
        size = path.stat().st_size if path.exists() else 0
        if size + len(text.encode()) > MOST_SUMMARY:
            raise UsageError("the job's summary is full (1 MiB)", where=str(path), hint="write less to it before")
        with path.open("a", encoding="utf-8") as file:
            file.write(text if text.endswith("\n") else text + "\n")
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from None
