"""A `[[tool.regress.mapping]]` as people write it: what its keys may say, checked; and from it, a MappingSpec."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ..model import Direction, Kind, MappingSpec, MetricPath
from .table import PARAM, Strict, listed


def _path(value: str) -> str:
    """A JMESPath, with "$." in front where it begins at the whole file, or "@key"."""
    import jmespath  # here, as only who maps needs it

    if value in ("", "@key"):
        return value
    try:
        jmespath.compile(value.removeprefix("$."))
    except jmespath.exceptions.JMESPathError as error:
        said = str(error).partition("\n")[0].rstrip(":")
        raise ValueError(f'is no path: {said}; a name with a dash or blank is written "a-b" within quotes') from None
    return value


JmesPath = Annotated[str, AfterValidator(_path)]


def _named(value: dict[str, str]) -> dict[str, str]:
    for name in value:
        if not PARAM.fullmatch(name):
            raise ValueError(f"{name!r} is no name: letters, digits, _ . and -")
    return value


JmesPaths = Annotated[dict[str, JmesPath], AfterValidator(_named)]


class FigureTable(Strict):
    """One metric: where its number stands, and what it means."""

    path: JmesPath
    unit: str | None = None
    direction: Direction | None = None
    kind: Kind | None = None


def _figure(value: Any) -> Any:
    """A path alone is a table with nothing else."""
    return {"path": value} if isinstance(value, str) else value


class MappingTable(Strict):
    """The table; see MappingSpec for what its keys mean."""

    name: str = Field(min_length=1)
    files: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    each: JmesPath = ""
    benchmark: JmesPath = ""
    params: JmesPaths = Field(default_factory=dict)
    environment: JmesPaths = Field(default_factory=dict)
    success: JmesPath = ""
    timestamp: JmesPath = ""
    commit: JmesPath = ""
    metrics: JmesPath = ""
    figures: dict[str, Annotated[FigureTable, BeforeValidator(_figure)]] = Field(default_factory=dict)
    guess: bool = False

    @model_validator(mode="before")
    @classmethod
    def _one_by_one(cls, value: Any) -> Any:
        """Metrics may be one path or a table of them: apart, so that what is wrong is said of the right one."""
        if isinstance(value, dict) and isinstance(value.get("metrics"), dict) and "figures" not in value:
            return {("figures" if key == "metrics" else key): each for key, each in value.items()}
        return value

    def spec(self, origin: str) -> MappingSpec:
        """What the program uses."""
        plain = self.model_dump(exclude={"figures", "params", "environment"})
        return MappingSpec(
            **plain,
            params=tuple(self.params.items()),
            environment=tuple(self.environment.items()),
            figures=tuple(MetricPath(name, **table.model_dump()) for name, table in self.figures.items()),
            origin=origin,
        )
