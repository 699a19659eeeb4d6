"""What installed packages add to a registry: one shape for formats, suites and whatever else is a literal dict."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TypeVar

from .errors import UsageError

T = TypeVar("T")


def extend(registry: dict[str, T], group: str, *, home: str, kind: str) -> None:
    """Adds the entry points of `group` to `registry`: an object each, or a class that takes no arguments.

    `home` is the package of the built-in ones, whose names nobody may take; `kind` is what they are called in an error.
    """
    for point in entry_points(group=group):
        where = f"entry point {point.name} of {point.dist.name if point.dist else group}"
        if point.name in registry and type(registry[point.name]).__module__.startswith(home + "."):
            raise UsageError(f"the name belongs to a built-in {kind}", where=where, hint="uninstall it or rename it")
        try:
            loaded = point.load()
            registry[point.name] = loaded() if isinstance(loaded, type) else loaded
        except Exception as error:  # a foreign package: whatever it raises is told in one line
            raise UsageError(f"cannot be loaded: {error}", where=where, hint="update or uninstall it") from error
