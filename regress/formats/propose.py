"""A mapping for a file that no format knows: where its results seem to stand, written out for the configuration."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from ..model import MappingSpec, Pairs
from .document import Document
from .fields import load, number
from .mapped import KEY, is_table, table

_PLAIN = re.compile(r"[A-Za-z_]\w*")
_NAMES = (
    "benchmark_name",
    "benchmark",
    "test_name",
    "name",
    "test",
    "scenario",
    "operation",
    "endpoint",
    "phase",
    "id",
)
_SUCCESS = ("success", "passed", "ok", "succeeded", "status")
_TIMES = ("timestamp", "started_at", "start_time", "datetime", "date", "time", "created_at")
_COMMITS = ("git_commit", "commit", "commit_hash", "sha", "git_sha", "revision")
_FIGURES = ("metrics", "results", "stats", "measurements", "values")
_PARAMS = ("params", "parameters", "config", "configuration")
_MOST_PARAMS = 6
_DEEP = 4


def propose(document: Document) -> MappingSpec | None:
    """A mapping that reads figures out of the file; None where no number is in it. Raises InputError."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", PurePath(document.name).stem).strip("-").lower() or "results"
    if is_table(document):
        rows = table(document)
        return _of_entry(stem, document.name, "", rows[0] if rows else {}, {}, keyed=False)
    root = load(document)
    for each, entries, keyed in _collections(root):
        entry = next((one for one in entries if isinstance(one, dict) and _figures(one)), None)
        if entry is not None:
            return _of_entry(stem, document.name, each, entry, root, keyed=keyed)
    return _of_entry(stem, document.name, "", root, root, keyed=False) if isinstance(root, dict) else None


def toml(spec: MappingSpec) -> str:
    """The mapping as a table of regress.toml."""
    lines = ["[[mapping]]", f"name = {json.dumps(spec.name)}", f"files = {json.dumps([*spec.files])}"]
    for key in ("each", "benchmark", "params", "environment", "success", "timestamp", "commit", "metrics"):
        value = getattr(spec, key)
        if isinstance(value, tuple) and value:
            inner = ", ".join(f"{name} = {json.dumps(path)}" for name, path in value)
            lines.append(f"{key} = {{ {inner} }}")
        elif value:
            lines.append(f"{key} = {json.dumps(value)}")
    return "\n".join([*lines, "guess = true", ""])


def _collections(root: object, way: str = "", depth: int = 0) -> Iterator[tuple[str, Sequence[object], bool]]:
    """Where several results may stand, lists before objects of objects, the outer before the inner."""
    if isinstance(root, list):
        yield way, root, False
        return
    if not isinstance(root, dict) or depth > _DEEP:
        return
    for name, value in root.items():
        if isinstance(value, list) and value:
            yield _joined(way, name), value, False
    for name, value in root.items():
        if isinstance(value, dict) and len(value) > 1 and all(isinstance(one, dict) for one in value.values()):
            yield _joined(way, name), list(value.values()), True
    for name, value in root.items():
        if isinstance(value, dict):
            yield from _collections(value, _joined(way, name), depth + 1)


def _of_entry(
    name: str, file: str, each: str, entry: dict[str, object], root: object, *, keyed: bool
) -> MappingSpec | None:
    texts = [key for key, value in entry.items() if isinstance(value, str)]
    title = KEY if keyed else next((key for key in _NAMES if key in texts), texts[0] if each and texts else "")
    figures = next((key for key in _FIGURES if isinstance(entry.get(key), dict) and _figures(entry[key])), "")
    if not _figures(entry[figures] if figures else entry):
        return None
    top = root if isinstance(root, dict) else {}
    return MappingSpec(
        name, (file,), each, _quoted(title) if title and title != KEY else title,
        params=_params(entry, top if each else {}),
        success=next((key for key in _SUCCESS if isinstance(entry.get(key), bool)), ""),
        timestamp=_first(_TIMES, entry, top),
        commit=_first(_COMMITS, entry, top),
        metrics=figures,
        guess=True,
    )  # fmt: skip


def _params(entry: dict[str, object], top: dict[str, object]) -> Pairs:
    """Scalars of an object that is called parameters or configuration, of the result or of the file."""
    for where, prefix in ((entry, ""), (top, "$.")):
        for key in _PARAMS:
            inner = where.get(key)
            if isinstance(inner, dict):
                scalars = [name for name, value in inner.items() if isinstance(value, str | int | float)]
                named = [name for name in scalars if _PLAIN.fullmatch(name)][:_MOST_PARAMS]
                return tuple((name, f"{prefix}{key}.{name}") for name in named)
    return ()


def _first(names: Sequence[str], entry: dict[str, object], top: dict[str, object]) -> str:
    for where, prefix in ((entry, ""), (top, "$.")):
        for name in names:
            if isinstance(where.get(name), str) or number(where.get(name)) is not None:
                return f"{prefix}{name}"
    return ""


def _figures(value: object) -> bool:
    """Whether an object holds any number."""
    if not isinstance(value, dict):
        return False
    return any(number(one) is not None or _figures(one) for one in value.values())


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else json.dumps(name)


def _joined(way: str, name: str) -> str:
    return f"{way}.{_quoted(name)}" if way else _quoted(name)
