"""Which benchmarks of a suite are run: by globs on their names, "re:…", or "tag:MARK"."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..globs import EXPRESSION, matcher

#: What a pattern begins with that is about a mark of a test.
TAG = "tag:"


@dataclass(frozen=True, slots=True)
class Selection:
    """Patterns: a benchmark is run if one of `include` fits it (or there is none), and none of `exclude` does.

    Each is a glob on the full name or on the name without parameters, an expression "re:…" searched in the full
    name, or "tag:MARK", a glob on the marks of a test.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.include or self.exclude)

    def fits(self, name: str, full: str) -> bool:
        """Whether a benchmark is selected, as far as its names tell; marks are known to the tool alone."""
        included = [pattern for pattern in self.include if not pattern.startswith(TAG)]
        return (not included or _any(included, name, full)) and not _any(self.exclude, name, full)

    def expressions(self) -> str:
        """The selection for a process that has none of this program: regular expressions, as JSON."""
        named = {"include": self.include, "exclude": self.exclude}
        return json.dumps({kind: [_expression(pattern) for pattern in listed] for kind, listed in named.items()})

    def for_asv(self) -> str:
        """One expression for asv's `--bench`, which searches it in full names "a.B.time_c(10)"; "" for everything."""
        include = [_within(pattern) for pattern in self.include if not pattern.startswith(TAG)]
        exclude = [_within(pattern) for pattern in self.exclude if not pattern.startswith(TAG)]
        if not include and not exclude:
            return ""
        refused = f"(?!{'|'.join(exclude)})" if exclude else ""
        wanted = f"(?={'|'.join(include)})" if include else ""
        return f"^{refused}{wanted}"


def _any(patterns: Sequence[str], name: str, full: str) -> bool:
    tests = [matcher(pattern) for pattern in patterns if not pattern.startswith(TAG)]
    return any(test(full) or test(name) for test in tests)


def _regex(glob: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in glob)


def _expression(pattern: str) -> tuple[str, str]:
    """What the pattern is about ("tag" or "name"), and an expression that is to be searched in it."""
    if pattern.startswith(TAG):
        return "tag", rf"\A(?:{_regex(pattern.removeprefix(TAG))})\Z"
    if pattern.startswith(EXPRESSION):
        return "name", pattern.removeprefix(EXPRESSION)
    return "name", rf"\A(?:{_regex(pattern)})\Z"


def _within(pattern: str) -> str:
    """An expression that holds at the beginning of a full name which the pattern fits, with or without parameters."""
    if pattern.startswith(EXPRESSION):
        return f".*(?:{pattern.removeprefix(EXPRESSION)})"
    return rf"{_regex(pattern)}(?:\(.*)?$"
