"""regress: a benchmark regression tracker.

In Python, `regress.open()` opens a history to read: see `regress.notebook`. It is loaded when it is first touched.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

#: The public names, and where each is: importing the package loads none of them.
_PUBLIC = {
    "Notebook": ("regress.notebook", "Notebook"),
    "RegressError": ("regress.errors", "RegressError"),
    "open": ("regress.notebook", "open_notebook"),
}


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
