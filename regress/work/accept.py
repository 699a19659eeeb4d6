"""Accepting what is known and wanted, and noting what is known of a cause: entries of regress-accepted.toml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..globs import matches
from ..model import Cause, CauseStatus, ChangePoint, Trend
from . import accepted
from .acknowledgements import known_cause, size

if TYPE_CHECKING:
    from .context import Workspace


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that is to be written: the file's new text, and in words what it says."""

    text: str
    summary: str


def accept(workspace: Workspace, name: str, reason: str, up_to: str | None, last: str | None) -> Entry:
    """The entry that accepts a cause by its id, or benchmarks by a glob, up to a last day.

    Raises UsageError where there is none such.
    """
    if not reason.strip():
        raise UsageError("an entry needs a reason", hint="say why with --reason")
    limit = None if up_to is None else accepted.share(up_to, "--up-to")
    expires = None if last is None else _day(last)
    cause = known_cause(workspace.existing_history.causes(), name)
    about: dict[str, str] = {}
    if cause is not None:
        about["cause"] = cause.id
    else:
        about = _benchmark(workspace, name, limit)
    if limit is not None:
        about["up_to"] = _percent(limit)
    author = workspace.repository.user() if workspace.repository else ""
    fields: dict[str, str | date] = {**about, "reason": reason, "author": author, "date": datetime.now(UTC).date()}
    if expires:
        fields["expires"] = expires
    what = f"cause {cause.id} ({len(cause.changes)} changes)" if cause else f"{name}, up to {about['up_to']}"
    what += f", until {expires.isoformat()}" if expires else ""
    return Entry(accepted.append(workspace.root, "accepted", fields), f"accepted: {what}")


def note(workspace: Workspace, name: str, text: str) -> Entry:
    """The entry that notes something of a cause."""
    if not text.strip():
        raise UsageError("a note needs a text")
    cause = known_cause(workspace.existing_history.causes(), name)
    if cause is None:
        raise _unknown(name)
    fields = {"cause": cause.id, "text": text}
    return Entry(accepted.append(workspace.root, "note", fields), f"noted: cause {cause.id}")


def _benchmark(workspace: Workspace, name: str, limit: float | None) -> dict[str, str]:
    """An entry for benchmarks; without a limit, what their newest open regression needs and no more."""
    known = {key.benchmark for key in workspace.existing_history.benchmarks()}
    if not any(matches(name, benchmark.full) or matches(name, benchmark.name) for benchmark in known):
        raise _unknown(name)
    if limit is not None:
        return {"benchmark": name}
    newest = _newest(workspace, name)
    if newest is None:
        what = f"{name!r} has no open regression whose size could be taken"
        raise UsageError(what, hint="say how much worse it may be: --up-to 12%")
    cause, worst = newest
    return {"benchmark": name, "until": cause.span.until[:12], "up_to": _percent(size(worst))}


def _newest(workspace: Workspace, name: str) -> tuple[Cause, ChangePoint] | None:
    """The newest open regression that hits such a benchmark, and the worst change of it that does."""
    from .changes import find_changes

    for cause in find_changes(workspace).causes:
        if cause.status is CauseStatus.OPEN and cause.trend is Trend.REGRESSION:
            for change in cause.changes:
                benchmark = change.key.benchmark
                if matches(name, benchmark.full) or matches(name, benchmark.name):
                    return cause, change
    return None


def _unknown(name: str) -> UsageError:
    return UsageError(f"{name!r} is neither a cause nor a benchmark here", hint="`regress changes` lists the causes")


def _percent(share: float) -> str:
    """A limit for people, rounded up so that it still covers what it was made of."""
    return f"+{-(-share * 1000 // 1) / 10:g}%"


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--until {text!r} is not a date", hint="write it as 2026-01-31") from None
    if day < datetime.now().astimezone().date():
        raise UsageError(f"--until {text} is over", hint="name the last day on which it shall hold")
    return day
