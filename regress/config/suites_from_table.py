"""`[[tool.regress.suites_from]]`: keys of suites whose values stand in a JSON file of the team's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, ValidationError

from ..errors import ConfigError
from ..model import SuiteSpec
from .mapping_table import JmesPath
from .own_file import InsideFile, OwnFile
from .suite_table import LOAD, changed
from .table import Strict


class SettingTable(Strict):
    """One value of the file, and the key of a suite that it is."""

    path: Annotated[JmesPath, Field(min_length=1)]
    suite: str = Field(min_length=1)
    key: str = Field(min_length=1)


class SuitesFromTable(Strict):
    """Settings of suites that stand in a JSON file of the team's own."""

    file: InsideFile
    map: list[SettingTable] = Field(min_length=1)

    def applied(
        self, suites: Sequence[SuiteSpec], read: Callable[[str], str | None], origin: str, at: str
    ) -> list[SuiteSpec]:
        """The suites with these values; the origin of a key is its place in the file. Raises ConfigError."""
        own = OwnFile(self.file, read, origin, at)
        found = list(suites)
        for entry in self.map:
            value = own.value(entry.path)
            if not isinstance(value, str | int | float):
                raise own.error(entry.path, "text, number or flag", origin)
            names = [suite.name for suite in found]
            if entry.suite not in names:
                hint = "suites are: " + ", ".join(names) if names else "there is no [[suite]] at all"
                raise ConfigError(f"there is no suite {entry.suite!r}", where=origin, hint=hint)
            found = [
                _set(suite, entry.key, value, own.place(entry.path)) if suite.name == entry.suite else suite
                for suite in found
            ]
        return found


def _set(suite: SuiteSpec, key: str, value: Any, place: str) -> SuiteSpec:
    outer = key.partition(".")[0]
    param = key.removeprefix("params.") if key.startswith("params.") or key in LOAD else ""
    if key in dict(suite.origins) or param in dict(suite.params):
        line = suite.origin_of("params" if param else key)
        raise ConfigError(f"{key} stands in the suite {suite.name!r} too", where=line, hint=f"remove it, or {place}")
    try:
        made = changed(suite, key, value)
    except KeyError:
        raise ConfigError(f"a suite has no key {key!r}", where=place) from None
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{key}: {message} (it is {value!r})", where=place) from None
    return replace(made, origins=tuple(sorted({**dict(made.origins), outer: place}.items())))
