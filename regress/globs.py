"""Globs on names that are full of brackets: only `*` and `?` are special, `[list-10]` means itself."""

from __future__ import annotations

import re
from functools import cache


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": "(.*)", "?": "(.)"}.get(c, re.escape(c)) for c in pattern), re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Whether the whole of `text` fits `pattern`."""
    return pattern == "*" or _compiled(pattern).fullmatch(text) is not None


def rewrite(pattern: str, replacement: str, text: str) -> str | None:
    """`text` with each `*` or `?` of `replacement` filled by what that of `pattern` met; None where it does not fit.

    rewrite("old.*", "new.*", "old.time_x") -> "new.time_x"
    """
    match = _compiled(pattern).fullmatch(text)
    if match is None:
        return None
    found = iter(match.groups())
    return "".join(next(found, "") if c in "*?" else c for c in replacement)
