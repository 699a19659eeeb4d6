"""regress-accepted.toml: what people accept and what they note, reviewed with the code.

    [[accepted]]                  # regressions that are known and wanted
    cause = "1f3a9c02"            # a cause of `regress changes`
    reason = "checks its input now"

    [[accepted]]
    benchmark = "bench_core.*"    # or a benchmark: glob; brackets are literal
    metric = "time"               # glob (default: every metric)
    until = "9d9cc5ca473d"        # only against baselines that do not contain this commit yet
    up_to = "+12%"                # how much worse at most
    reason = "…"
    author = "Ada <a@example.org>"
    date = 2026-01-31
    expires = 2026-06-30          # the last day on which it holds

    [[note]]
    cause = "1f3a9c02"
    text = "the compiler of the runner changed on that day"

The file is added to as text: comments, order and spelling of what stands in it stay. It lives here, and not beside the
configuration, as it is written by two verbs and read by those that judge; no other room needs it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ..config.lines import line_of
from ..errors import ConfigError, UsageError
from ..model import Acknowledgement, Cause, CauseStatus, ChangePoint, Note, Trend

FILE = "regress-accepted.toml"
_KEYS = {
    "accepted": ("cause", "benchmark", "metric", "until", "up_to", "reason", "author", "date", "expires"),
    "note": ("cause", "text"),
}
_DATES = ("date", "expires")
_PERCENT = re.compile(r"\s*\+?\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(%?)\s*$")


@dataclass(frozen=True, slots=True)
class Accepted:
    """What stands in the file, as of a day: entries that have expired are marked so, and count no more."""

    entries: tuple[Acknowledgement, ...]
    notes: tuple[Note, ...]
    today: date

    def valid(self) -> list[Acknowledgement]:
        """The entries that hold today."""
        return [entry for entry in self.entries if not entry.expired]

    def applied(self, cause: Cause, merged: Mapping[str, str] | None = None) -> Cause:
        """A cause with its notes, and accepted where an entry says so; `merged`: ids that became part of others."""
        now = merged or {}
        if cause.id:
            texts = [note.text for note in self.notes if now.get(note.cause, note.cause) == cause.id]
            cause = replace(cause, note="; ".join(texts)) if texts else cause
        if cause.status is not CauseStatus.OPEN or not self.entries:
            return cause
        for entry in self.valid():
            named = entry.cause and now.get(entry.cause, entry.cause) == cause.id
            if named and _covers(entry, cause.changes):
                return replace(cause, status=CauseStatus.ACCEPTED, reason=entry.reason)
        return self._by_benchmark(cause)

    def _by_benchmark(self, cause: Cause) -> Cause:
        """Accepted where each of its changes is accepted by its benchmark."""
        if cause.trend is not Trend.REGRESSION:
            return cause
        listed = [e for e in self.valid() if e.benchmark and cause.span.until.startswith(e.until)]
        by = [next((e for e in listed if e.fits(c.key) and e.allows(c.change)), None) for c in cause.changes]
        reasons = list(dict.fromkeys(entry.reason for entry in by if entry is not None and entry.reason))
        if not by or None in by:
            return cause
        return replace(cause, status=CauseStatus.ACCEPTED, reason="; ".join(reasons))


def _covers(entry: Acknowledgement, changes: Sequence[ChangePoint]) -> bool:
    return all(entry.allows(change.change) for change in changes)


def read_accepted(root: Path, today: date | None = None) -> Accepted:
    """What stands in the project's file; nothing where there is none. Raises ConfigError, which names the line."""
    try:
        return parse_accepted((root / FILE).read_bytes(), today)
    except FileNotFoundError:
        return parse_accepted(b"", today)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=FILE) from None


def parse_accepted(content: bytes, today: date | None = None) -> Accepted:
    """What such a file says, as of a day. Raises ConfigError, which names the line."""
    day = today or datetime.now().astimezone().date()
    try:
        text = content.decode("utf-8")
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"is not TOML: {error}", where=FILE) from None
    for name, entries in document.items():
        if name not in _KEYS or not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            hint = "write [[accepted]] and [[note]]"
            raise ConfigError(f"{name!r} is not known here", where=f"{FILE}:{line_of(text, (name,))}", hint=hint)
    accepted = [_entry(raw, text, row, day) for row, raw in enumerate(document.get("accepted", []))]
    notes = [_note(raw, text, row) for row, raw in enumerate(document.get("note", []))]
    return Accepted(tuple(accepted), tuple(notes), day)


def _entry(raw: dict[str, Any], text: str, row: int, today: date) -> Acknowledgement:
    _check(raw, "accepted", text, row)
    if ("cause" in raw) == ("benchmark" in raw):
        where = f"{FILE}:{line_of(text, ('accepted', row))}"
        raise ConfigError("an entry names either a cause or a benchmark", where=where)
    fields = dict(raw)
    if "up_to" in fields:
        fields["up_to"] = _share(fields["up_to"], f"{FILE}:{line_of(text, ('accepted', row, 'up_to'))}")
    expires = fields.get("expires")
    expired = isinstance(expires, date) and expires < today
    return Acknowledgement(**fields, origin=f"{FILE}:{line_of(text, ('accepted', row))}", expired=expired)


def _note(raw: dict[str, Any], text: str, row: int) -> Note:
    _check(raw, "note", text, row)
    where = f"{FILE}:{line_of(text, ('note', row))}"
    if raw.keys() != set(_KEYS["note"]):
        raise ConfigError("a note needs a cause and a text", where=where)
    return Note(raw["cause"], raw["text"], where)


def _check(raw: Mapping[str, Any], kind: str, text: str, row: int) -> None:
    for key, value in raw.items():
        where = f"{FILE}:{line_of(text, (kind, row, key))}"
        if key not in _KEYS[kind]:
            raise ConfigError(f"unknown key {key!r}", where=where, hint="known here: " + ", ".join(_KEYS[kind]))
        if key in _DATES:
            # A datetime is a date, too, and cannot be compared with one.
            if not isinstance(value, date) or isinstance(value, datetime):
                raise ConfigError(f"{key} is not a date", where=where, hint=f"write {key} = 2026-01-31, unquoted")
        elif key != "up_to" and (not isinstance(value, str) or (not value and key in ("cause", "benchmark"))):
            raise ConfigError(f"{key} is not a text", where=where, hint=f'write {key} = "…"')


def _share(value: object, where: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf"):
        return float(value)
    if isinstance(value, str):
        return share(value, "up_to", where)
    raise ConfigError("up_to is not a share", where=where, hint='write up_to = "+12%"')


def share(text: str, what: str, where: str = "") -> float:
    """`12%` and `+12%` as 0.12, and 0.12 as itself. Raises UsageError (of a file: ConfigError)."""
    found = _PERCENT.match(text)
    if not found:
        kind = ConfigError if where else UsageError
        raise kind(f"{what} {text!r} is not a share such as 12%", where=where)
    return float(found[1]) / (100 if found[2] else 1)


def append(root: Path, kind: str, fields: Mapping[str, str | date]) -> str:
    """The file's text with one more entry; what stands in it is not touched. Fields without a value are left out."""
    path = root / FILE
    read_accepted(root)  # nothing is added to a file that cannot be read
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if not before:
        before = "# What is accepted and noted of changes in performance; `regress changes` lists them.\n"
    lines = [f"[[{kind}]]"]
    for name, value in fields.items():
        if value:
            lines.append(f"{name} = {quoted(value) if isinstance(value, str) else value.isoformat()}")
    gap = "\n" if before.endswith("\n") else "\n\n"
    return before + gap + "\n".join(lines) + "\n"


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def quoted(text: str) -> str:
    """Text as a TOML string on one line."""
    # Half a surrogate pair cannot be written at all; it becomes a question mark.
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return '"' + "".join(_ESCAPES.get(c, c if c.isprintable() or c == " " else f"\\U{ord(c):08X}") for c in clean) + '"'
