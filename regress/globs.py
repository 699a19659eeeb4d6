"""Globs on names that are full of brackets: only `*` and `?` are special, `[list-10]` means itself.

Where people select things they may also write a regular expression, as "re:…"; it is searched anywhere in the text, as
asv's `--bench` does, so `re:sort$` means a name that ends with sort.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

EXPRESSION = "re:"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": "(.*)", "?": "(.)"}.get(c, re.escape(c)) for c in pattern), re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Whether the whole of `text` fits the glob `pattern`."""
    return pattern == "*" or _compiled(pattern).fullmatch(text) is not None


@cache
def matcher(pattern: str) -> Callable[[str], bool]:
    """The test that a glob, or an expression "re:…", stands for. Raises ValueError where the expression is none.

    The commonest globs need no expression: a plain name, and one that ends with the only star.
    """
    if pattern.startswith(EXPRESSION):
        try:
            search = re.compile(pattern.removeprefix(EXPRESSION)).search
        except (re.error, OverflowError) as error:
            raise ValueError(f"is not a regular expression: {error}") from None
        return lambda text: search(text) is not None
    if "*" not in pattern and "?" not in pattern:
        return lambda text: text == pattern
    start = pattern[:-1]
    if pattern.endswith("*") and "*" not in start and "?" not in start:
        return lambda text: text.startswith(start)
    fullmatch = _compiled(pattern).fullmatch
    return lambda text: fullmatch(text) is not None


def rewrite(pattern: str, replacement: str, text: str) -> str | None:
    """`text` with each `*` or `?` of `replacement` filled by what that of `pattern` met; None where it does not fit.

    rewrite("old.*", "new.*", "old.time_x") -> "new.time_x"
    """
    match = _compiled(pattern).fullmatch(text)
    if match is None:
        return None
    found = iter(match.groups())
    return "".join(next(found, "") if c in "*?" else c for c in replacement)
