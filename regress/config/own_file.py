"""A JSON file of the team's own, in which limits or settings stand that the configuration takes from there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from ..errors import ConfigError
from .table import leads_out


def _inside(value: str) -> str:
    if leads_out(value):
        raise ValueError("must be a file inside the project")
    return value


InsideFile = Annotated[str, AfterValidator(_inside), Field(min_length=1)]


class OwnFile:
    """What such a file holds, by JMESPath; `at` names the commit that it is of. Raises ConfigError."""

    def __init__(self, name: str, read: Callable[[str], str | None], origin: str, at: str) -> None:
        content = read(name)
        if content is None:
            raise ConfigError(f"there is no file {name}", where=origin, hint="`file` is below the project's root")
        try:
            self._document: Any = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"is no JSON: {error}", where=f"{name}{at}") from None
        self._name = f"{name}{at}"

    def place(self, path: str) -> str:
        """The file and the place in it: what an error names, and a breach of a limit that stands there."""
        return f"{self._name}: {path}"

    def value(self, path: str) -> Any:
        """What the path leads to; None for nothing."""
        import jmespath  # here, as only who has such a file needs it

        try:
            return jmespath.search(path, self._document)
        except jmespath.exceptions.JMESPathError:
            return None

    def error(self, path: str, what: str, origin: str) -> ConfigError:
        """That a path, which stands at `origin`, does not lead to `what`."""
        shown = json.dumps(self.value(path))[:40]
        said = f"leads to no {what} (it is {shown})"
        return ConfigError(said, where=self.place(path), hint=f"see `path` at {origin}")
