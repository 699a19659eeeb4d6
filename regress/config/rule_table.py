"""Rules and budgets as people write them in the configuration: what their keys may say, checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from ..model import SELECTORS, Action, Budget, Limit, written
from .mapping_table import JmesPath
from .own_file import InsideFile, OwnFile
from .table import Strict

Share = Annotated[float, BeforeValidator(written.share)]
Glob = Annotated[str, BeforeValidator(written.selector)]
Act = Annotated[Action, BeforeValidator(written.action)]


class SelectorTable(Strict):
    """What a rule or a budget is about."""

    benchmark: Glob = "*"
    suite: Glob = "*"
    group: Glob = "*"
    param: Glob = "*"
    metric: Glob = "*"
    environment: Glob = "*"
    tag: Glob = "*"


class RuleTable(SelectorTable):
    """`[[tool.regress.rule]]`."""

    statistic: Annotated[str, BeforeValidator(written.statistic)] | None = None
    relative: Share | None = None
    absolute: Annotated[tuple[float, str], BeforeValidator(written.quantity)] | None = None
    false_red: Annotated[float, BeforeValidator(written.probability)] | None = None
    min_runs: Annotated[int, BeforeValidator(written.count)] | None = None
    across: Annotated[bool, BeforeValidator(written.flag)] | None = None
    action: Act | None = None


_Limit = Annotated[Limit, BeforeValidator(written.limit)]


class _PromiseTable(SelectorTable):
    """What a budget says beside its limits."""

    warn: Share = 0.0
    requirement: str = ""
    action: Act = Action.FAIL

    def of_limits(self, limits: tuple[Limit, ...], origin: str) -> Budget:
        """The budget with these limits, which stand at `origin`."""
        said = {name: getattr(self, name) for name in (*SELECTORS, "warn", "requirement", "action")}
        return Budget(**said, limits=limits, origin=origin)


class BudgetTable(_PromiseTable):
    """`[[tool.regress.budget]]`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    limit: _Limit | None = None
    limits: tuple[_Limit, ...] = ()

    @model_validator(mode="after")
    def _has_a_limit(self) -> BudgetTable:
        if self.limit is None and not self.limits:
            raise ValueError('has no limit: write limit = "p95 < 150ms"')
        return self

    def budget(self, origin: str) -> Budget:
        """What the program uses."""
        return self.of_limits(((self.limit,) if self.limit else ()) + self.limits, origin)


def _template(value: str) -> str:
    if value.count("{}") != 1:
        raise ValueError('has no {} for the number: write "p95 < {} ms"')
    written.limit(value.replace("{}", "1"))
    return value


class LimitTable(_PromiseTable):
    """One number of a file, and the limit that it is."""

    path: Annotated[JmesPath, Field(min_length=1)]
    limit: Annotated[str, AfterValidator(_template)]


class BudgetsFromTable(Strict):
    """Limits that stand in a JSON file of the team's own."""

    file: InsideFile
    map: list[LimitTable] = Field(min_length=1)

    def budgets(self, read: Callable[[str], str | None], origin: str, at: str) -> Iterator[Budget]:
        """A budget for each number, whose origin is its place in the file. Raises ConfigError."""
        own = OwnFile(self.file, read, origin, at)
        for entry in self.map:
            value = own.value(entry.path)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise own.error(entry.path, "number", origin)
            limit = written.limit(entry.limit.replace("{}", f"{value!r}"))
            yield entry.of_limits((limit,), own.place(entry.path))
