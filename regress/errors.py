"""What can go wrong, in a few kinds. Each message says what is wrong, where, and what to do next.

The kind fixes the exit status (see `regress/judge/verdict.py` for the statuses of a check):

    UsageError       2  the command line or the configuration is wrong
    InputError       4  something that was to be read cannot be read
    UncomparedError  3  there is a history, but nothing in it to compare with

A `RegressError` that reaches the command line is printed as one line, never as a traceback.
"""

from __future__ import annotations


class RegressError(Exception):
    """Something the user can mend. `what` went wrong, `where`, and the `hint` that says what to do."""

    status = 2

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return one_line(self.what, where=self.where, hint=self.hint)


class UsageError(RegressError):
    """The command line asks for what cannot be: an unknown baseline, a bad reference, clashing options."""


class ConfigError(UsageError):
    """The configuration is wrong; `where` names file and line."""


class InputError(RegressError):
    """A file, a database or a repository cannot be read as what it should be."""

    status = 4


class HistoryError(InputError):
    """The history cannot be opened or written: locked, read-only, newer than this program, not a history."""


class UncomparedError(RegressError):
    """There is a history, but nothing in it that the candidate could be compared with."""

    status = 3


def one_line(what: str, *, where: str = "", hint: str = "") -> str:
    """`where: what; hint` on one line, whatever line breaks or control characters the parts hold."""
    text = f"{where}: {what}" if where else what
    if hint:
        text = f"{text.rstrip('.')}; {hint}"
    return "".join(c if c.isprintable() else " " for c in text)
