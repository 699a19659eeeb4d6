"""A `[[tool.regress.suite]]` as people write it: what its keys may say, checked; and from it, a SuiteSpec.

It is apart from the specification itself, as it alone needs pydantic.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ..model import Pairs, written
from ..model.spec import ServerSpec, SuiteSpec, WatchSpec
from .table import PARAM, Strict, leads_out, listed

#: What a suite may require, with an example of each.
REQUIREMENTS = {
    "env": "env:TOKEN", "port": "port:localhost:5432", "command": "command:docker", "module": "module:numpy",
    "file": "file:data/input.bin",
}  # fmt: skip
_SHAPES = {"port": re.compile(r".+:\d{1,5}|\d{1,5}"), "env": re.compile(r"[^=!]+(?:!?=.+)?")}
#: What a suite of the kind "locust" may say beside its other keys; it is part of its `params`.
LOAD = ("users", "spawn_rate", "run_time", "host", "user_classes")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_READY = re.compile(r"https?://\S+|port:(?:[^:\s]+:)?(?:\d{1,5}|\$\{[^}]+\})")


def _inside(value: str) -> str:
    if leads_out(value):
        raise ValueError("must be a folder inside the project")
    return value


def _words(value: Any) -> Any:
    """A command as it is written in a shell, or a list of its words."""
    words = shlex.split(value) if isinstance(value, str) else value
    if not words:
        raise ValueError("is empty: leave it out, or write a command")
    return words


def _results(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if leads_out(value):
            raise ValueError(f"{value!r} leads out of `cwd`: results are found by globs below it")
    return values


def _requirement(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        kind, colon, rest = value.partition(":")
        shaped = rest and (kind not in _SHAPES or _SHAPES[kind].fullmatch(rest))
        if not colon or kind not in REQUIREMENTS or not shaped:
            raise ValueError(f"{value!r} is none of " + ", ".join(REQUIREMENTS.values()))
    return values


def _named(expression: re.Pattern[str], what: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValueError("is a table: { NAME = value }")
        for name, each in value.items():
            if not expression.fullmatch(str(name)):
                raise ValueError(f"{name!r} is no name of {what}")
            if isinstance(each, bool) or not isinstance(each, str | int | float):
                raise ValueError(f"{name} is neither a text nor a number")
        return tuple((str(name), str(each)) for name, each in value.items())

    return read


def _warmup(value: Any) -> int:
    """False is 0, true is 1: as the tool does; above that a number of calls."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and 0 <= value < 2**31:
        return value
    raise ValueError("is true, false or a number of calls")


def _ready(value: Any) -> str:
    """A URL or a port as it is written, or seconds."""
    if isinstance(value, str) and _READY.fullmatch(value):
        return value
    try:
        return f"{written.duration(value):g}"
    except ValueError:
        raise ValueError('is "http://…", "port:8000" or a time such as "2 s"') from None


_Names = Annotated[tuple[str, ...], BeforeValidator(listed)]
_Seconds = Annotated[float, BeforeValidator(written.duration), Field(gt=0)]
_Inside = Annotated[str, AfterValidator(_inside)]
_Command = Annotated[tuple[str, ...], BeforeValidator(_words)]
_Count = Annotated[int, BeforeValidator(written.count)]


class ServerTable(Strict):
    """`server = {command = "…", ready = "http://localhost:8000/", timeout = "30 s"}`."""

    command: _Command
    ready: Annotated[str, BeforeValidator(_ready)]
    timeout: _Seconds = 60.0


class WatchTable(Strict):
    """`watch = true`, or `{interval = "0.5 s", probe = {queue = "https://…#depth"}}`."""

    interval: Annotated[float, BeforeValidator(written.duration), Field(ge=0.05, le=10)] = 0.5
    probe: Annotated[Pairs, BeforeValidator(_named(PARAM, "a probe"))] = ()


def _with_load(value: dict[str, Any]) -> dict[str, Any]:
    """A suite of Locust with the load among its parameters, wherever it was written."""
    load = {name: value[name] for name in LOAD if name in value}
    rest = {name: each for name, each in value.items() if name not in load}
    if isinstance(load.get("user_classes"), list | tuple):
        load["user_classes"] = " ".join(map(str, load["user_classes"]))
    params = rest.get("params", {})
    if not load or not isinstance(params, Mapping):
        return rest
    if twice := sorted(load.keys() & params.keys()):
        raise ValueError(f"`{twice[0]}` stands in `params` too: write it once")
    return {**rest, "params": {**load, **params}}


def _watched(value: Any) -> Any:
    return {} if value is True else None if value is False else value


class SuiteTable(Strict):
    """The keys of a suite."""

    name: str = ""
    kind: str
    args: tuple[str, ...] = ()
    cwd: _Inside = "."
    package: _Names = ()
    source: _Inside = ""
    timeout: _Seconds = 600.0
    environment: Literal["path", "venv"] = "path"
    install: _Command = ()
    command: _Command = ()
    results: Annotated[_Names, AfterValidator(_results)] = ()
    format: str = ""
    mapping: str = ""
    env: Annotated[Pairs, BeforeValidator(_named(_VARIABLE, "a variable"))] = ()
    python: str = ""
    phase: str = ""
    needs: _Names = ()
    requires: Annotated[_Names, AfterValidator(_requirement)] = ()
    tags: _Names = ()
    repeat: _Count = 1
    default: Annotated[bool, BeforeValidator(written.flag)] = True
    expected: Literal["", "failing"] = ""
    rounds: _Count | None = None
    warmup: Annotated[int, BeforeValidator(_warmup)] | None = None
    params: Annotated[Pairs, BeforeValidator(_named(PARAM, "a parameter"))] = ()
    server: ServerTable | None = None
    watch: Annotated[WatchTable | None, BeforeValidator(_watched)] = None
    memory: Annotated[bool, BeforeValidator(written.flag)] = False

    @model_validator(mode="before")
    @classmethod
    def _workload(cls, value: Any) -> Any:
        """`workload` is another word for `params`."""
        if isinstance(value, dict) and "workload" in value:
            if "params" in value:
                raise ValueError("`workload` and `params` are the same: write one of them")
            value = {("params" if key == "workload" else key): each for key, each in value.items()}
        return _with_load(value) if isinstance(value, dict) and value.get("kind") == "locust" else value

    @model_validator(mode="after")
    def _fits_together(self) -> SuiteTable:
        if self.install and self.environment != "venv":
            raise ValueError('`install` is used with environment = "venv" alone')
        if self.python and self.environment == "venv":
            what = 'environment = "venv" installs each commit for the Python that runs this program'
            raise ValueError(f"{what}: leave `python` out, and install and run it in that one")
        if self.kind == "command" and not self.command:
            raise ValueError('kind = "command" needs a `command`')
        if self.kind != "command" and (self.command or self.results or self.format or self.mapping):
            word = next(name for name in ("command", "results", "format", "mapping") if getattr(self, name))
            raise ValueError(f'`{word}` is used with kind = "command" alone')
        if self.kind == "command" and (self.rounds or self.warmup is not None):
            raise ValueError('`rounds` and `warmup` say nothing to kind = "command"; put them into the command')
        if self.kind == "locust" and (self.rounds or self.warmup is not None):
            raise ValueError('`rounds` and `warmup` say nothing to kind = "locust"; say `users` and `run_time`')
        if self.memory and self.kind != "pytest-benchmark":
            own = "; asv measures it by benchmarks of its own: peakmem_" if self.kind == "asv" else ""
            raise ValueError(f'`memory` is used with kind = "pytest-benchmark" alone{own}')
        return self

    def spec(self, origin: str, origins: Pairs = ()) -> SuiteSpec:
        """The suite as the program uses it."""
        server = ServerSpec(**self.server.model_dump()) if self.server else None
        watch = WatchSpec(**self.watch.model_dump()) if self.watch else None
        told = self.model_dump(exclude={"server", "watch"}) | {"name": self.name or self.kind}
        return SuiteSpec(**told, server=server, watch=watch, origin=origin, origins=origins)


def changed(spec: SuiteSpec, key: str, value: Any) -> SuiteSpec:
    """A suite with one key set to another value; `env.NAME`, `params.NAME`, `server.KEY` set one of a table.

    Raises ValueError (a ValidationError is one), or KeyError for a key that no suite has.
    """
    document = _document(spec)
    outer, dot, inner = key.partition(".")
    outer = "params" if outer == "workload" else outer
    if spec.kind == "locust" and outer in LOAD:
        outer, dot, inner = "params", ".", key
    if outer not in SuiteTable.model_fields:
        raise KeyError(outer)
    if dot:
        if outer not in ("env", "params", "server", "watch"):
            raise KeyError(key)
        document[outer] = {**(document.get(outer) or {}), inner: value}
    else:
        document[outer] = value
    return SuiteTable.model_validate(document).spec(spec.origin, spec.origins)


def _document(spec: SuiteSpec) -> dict[str, Any]:
    """A suite as a table that reads back as it: what has its default value is left out."""
    defaults = {name: field.default for name, field in SuiteTable.model_fields.items()}
    told = {name: getattr(spec, name) for name in defaults if getattr(spec, name) != defaults[name]}
    for name in ("env", "params"):
        if name in told:
            told[name] = dict(told[name])
    if spec.server:
        told["server"] = {field.name: getattr(spec.server, field.name) for field in fields(spec.server)}
    if spec.watch:
        told["watch"] = {"interval": f"{spec.watch.interval:g} s", "probe": dict(spec.watch.probe)}
    return told
