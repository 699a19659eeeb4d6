"""What kind of trouble it was, told by what was said."""

from __future__ import annotations

import re
import signal

from .request import Trouble

#: The first that is found in an exception's line decides. What cannot connect may also say that it waited too long.
_SIGNS = (
    (Trouble.IMPORT, r"\b(?:ImportError|ModuleNotFoundError|SyntaxError|IndentationError)\b"),
    (
        Trouble.CONNECTION,
        r"\b(?:Connection\w*Error|ConnectError|ConnectTimeout|URLError|gaierror|BrokenPipeError|NewConnectionError"
        r"|RemoteDisconnected|RemoteProtocolError)\b"
        r"|Connection (?:refused|reset|aborted)|Name or service not known|No route to host|Network is unreachable",
    ),
    (Trouble.TIMEOUT, r"\b(?:\w*Timeout\w*|timed out|took too long)\b"),
    (Trouble.ASSERTION, r"\bAssertionError\b|^assert\b|^Failed: "),
)
_KNOWN = [(trouble, re.compile(expression)) for trouble, expression in _SIGNS]
#: How a shell ends whose last command a signal ended: this and the signal's number.
_SHELL = 128


def trouble_of(said: str, otherwise: Trouble = Trouble.FAILED) -> Trouble:
    """The kind of trouble that an exception's line is about ("AssertionError: …")."""
    return next((trouble for trouble, sign in _KNOWN if sign.search(said)), otherwise)


def signal_of(status: int | None, *, of_shell: bool = False) -> str:
    """The signal that a process died of, "SIGSEGV"; "" where none did. A shell tells of its child's by a status."""
    number = -status if status is not None and status < 0 else 0
    if of_shell and status is not None and status > _SHELL:
        number = status - _SHELL
    try:
        return signal.Signals(number).name if number else ""
    except ValueError:
        return f"signal {number}" if status is not None and status < 0 else ""
