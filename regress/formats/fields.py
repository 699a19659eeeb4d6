"""Single fields of foreign JSON: parsed without trust, each function giving nothing where there is nothing to give."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from pydantic_core import from_json

from ..errors import InputError
from .document import Document

#: Longest value of a parameter that is kept for facets and axes.
MAX_PARAM = 120

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def load(document: Document) -> object:
    """The JSON value of a document; see `parse`."""
    return parse(document.data, document.path)


def parse(data: bytes, where: str) -> object:
    """The JSON value of some bytes; a bare NaN or Infinity is read as that number. Raises InputError.

    Note: `from_json` with cached strings takes a fifth of the time of `json.loads` on large asv files, refuses
    what is nested deeper than 200 levels, and, unlike other fast parsers, reads the NaN that asv writes.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return from_json(data, cache_strings="all")
    except ValueError as error:
        raise InputError(*_why(data, str(error)), where=where, hint=_HINT) from error


_HINT = "write the file again, or leave it out"


def _why(data: bytes, message: str) -> tuple[str]:
    if not data.strip():
        return ("the file is empty",)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("the text is UTF-16, not UTF-8",)
    if b"\0" in data[:4096]:
        return ("this is a binary file, not JSON",)
    if "recursion limit" in message:
        return ("the JSON is nested too deep",)
    if message.startswith("EOF"):
        return (f"the JSON is cut short: {message}",)
    return (f"this is not JSON: {message}",)


def mapping(value: object) -> dict[str, object]:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """A string or a number as text without blanks around it, else ""."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value) if abs(value) < 1e15 and value == value else ""


def number(value: object) -> float | None:
    """A finite number as a float, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        figure = float(value)
    except OverflowError:
        return None
    return figure if math.isfinite(figure) else None


def masked(name: str) -> str:
    """`name` without memory addresses, which differ in each process: ` at 0x7f3a…` becomes ` at 0x…`."""
    return _ADDRESS.sub(" at 0x…", name) if " at 0x" in name else name


def split_id(fullname: str, param: object = None) -> tuple[str, str]:
    """A test's name and the bracketed id: ("t.py::test_a[x]", "x") -> ("t.py::test_a", "[x]").

    Without `param` the id begins at the first bracket after the file, as no function's name has one, while ids
    may hold brackets and colons themselves.
    """
    if isinstance(param, str) and fullname.endswith(f"[{param}]"):
        cut = len(fullname) - len(param) - 2
    elif fullname.endswith("]"):
        cut = fullname.find("[", fullname.find("::") + 1)
    else:
        cut = len(fullname)
    return (fullname[:cut], fullname[cut:]) if cut > 0 else (fullname, "")


def shown(value: str) -> str:
    """A parameter's value at a length that fits an axis."""
    return value if len(value) <= MAX_PARAM else value[: MAX_PARAM - 1] + "…"


def commit_of(value: object) -> str:
    """A commit's hash in lower case, "" for whatever is none ("unversioned", null)."""
    word = value.strip().lower() if isinstance(value, str) else ""
    return word if _COMMIT.fullmatch(word) else ""


def moment(seconds: float | None) -> datetime | None:
    """Seconds since the epoch as an aware time; None where there is none or it lies outside the calendar."""
    if seconds is None:
        return None
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None


def when(value: object) -> datetime | None:
    """An ISO 8601 time as an aware one in UTC; without an offset it is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value.strip())
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def python_of(implementation: str, version: str) -> str:
    """The environment key of an interpreter: ("CPython", "3.11.7") -> "CPython 3.11"; "" without a version."""
    found = re.match(r"\d+\.\d+(?:t\b)?", version)
    return f"{implementation} {found.group()}" if found and implementation else ""
