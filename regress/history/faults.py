"""What a database says when it fails, as one line for people; never with a password or a user's name in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from ..errors import HistoryError

#: What the drivers' messages hold, what to say instead and what to do; the first that is found counts.
_SAYINGS = (
    ("file is not a database", "is not a regress history: not a SQLite database", "name another file with --db"),
    ("malformed", "is damaged", "restore it from a copy, or ingest the results into a new file"),
    ("is locked", "is locked by another process", "wait until that one has ended, then try again"),
    ("readonly database", "cannot be written: it is read-only", "allow writing to the file and its folder"),
    ("unable to open", "cannot be opened", "check that its folder exists and that you may write there"),
    ("is full", "cannot be written: the disk is full", "make room, then try again"),
    (
        "disk i/o error",
        "cannot be read or written: the disk is full or fails",
        "make room; do not use a network folder",
    ),
    ("password authentication failed", "refuses the user or the password", "check both in the URL"),
    ("no password supplied", "asks for a password", "give it in the URL or in PGPASSWORD"),
    ("permission denied", "refuses this user the tables", "ask its owner for the right to read and write"),
    ("read-only transaction", "cannot be written: it is read-only", "name the primary server"),
    ("does not exist", "has no such database, schema or role", "create it first, or correct the URL"),
)
_UNREACHABLE = ("connection failed", "connection refused", "could not connect", "connection timeout", "resolve host")
_LOST = ("server closed the connection", "terminating connection", "connection is closed", "the connection is lost")


def sqlstate(error: BaseException) -> str:
    """The five letters of PostgreSQL's verdict on a statement, or "" where there is none."""
    return str(getattr(getattr(error, "orig", None) or error, "sqlstate", None) or "")


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Driver errors inside become a HistoryError about the history at `url` (shown as it is: without credentials)."""
    try:
        yield
    except Exception as error:
        driver = type(error).__module__.partition(".")[0]
        if not isinstance(error, DBAPIError) and driver not in ("sqlite3", "psycopg"):
            raise
        original = getattr(error, "orig", None) or error
        raise explained(original, url) from error


def explained(error: BaseException, url: str) -> HistoryError:
    """The HistoryError that says what a driver's error means."""
    text = " ".join(str(error).split())
    lower = text.lower()
    for phrase, what, hint in _SAYINGS:
        if phrase in lower:
            return HistoryError(f"the history {what}", where=url, hint=hint)
    if any(phrase in lower for phrase in _UNREACHABLE):
        return HistoryError(
            "the server of the history cannot be reached", where=url, hint="check host, port and network"
        )
    if any(phrase in lower for phrase in _LOST):
        return HistoryError("the server of the history ended the connection", where=url, hint="try again")
    # Note: only the first clause is passed on; what follows may hold a statement's values.
    return HistoryError(f"the history failed: {text.split(' DETAIL:')[0][:200]}", where=url)
