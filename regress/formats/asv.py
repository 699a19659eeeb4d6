"""asv's result files (format version 2): `results/<machine>/<commit8>-<environment>.json`, one run each.

    {"commit_hash": …, "date": ms, "params": {"machine": …, "os": …, "cpu": …}, "python": "3.11",
     "requirements": {"numpy": "2.1", "six": ""}, "env_vars": {…},
     "result_columns": ["result", "params", "version", "started_at", "duration", "stats_ci_99_a", …, "samples"],
     "results": {"bench.Suite.time_it": [[1.2e-3, NaN, null], [["1", "2", "3"]], "5d41…", 1624932920709, …]},
     "version": 2}

rows        a list in the order of `result_columns`, trailing nulls left out; a whole column may be null
cells       lists over the combinations of `params`, the last parameter fastest; the params are reprs as they were
            when the benchmark ran, and the variant is made of them: "(10, 'list')", addresses masked
null        failed; a null in place of the list: each combination failed. NaN (bare): skipped. Infinity: a fault
statistics  with them a figure is the median and [lo, hi] the 99 % interval of it (NaN or infinite where asv could
            not tell: left out); without them it is the value
benchmarks.json (one folder up) gives type, unit and the names of the parameters; what it does not describe, as it
            describes only the latest suite, follows asv's naming rules (time_, mem_, peakmem_, track_)
machine.json (beside) fills in what the result file leaves out of `params`

Version 1 is refused, as `asv update` rewrites it in place; so is any version that came later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import product
from math import prod

from ..errors import InputError
from ..model import TIME, Bad, Benchmark, Direction, Environment, Key, Kind, Metric, Run, Source
from ..units import base_of
from .asv_rows import Cells, Rows
from .document import Document
from .fields import commit_of, load, mapping, masked, moment, number, python_of, shown, text
from .options import ReadOptions

_VALUE = Metric("value", "1", Direction.UNKNOWN, Kind.NOISY)
_METRICS = {
    "time": TIME,
    "memory": Metric("memory", "B", Direction.LOWER, Kind.EXACT),
    "peakmemory": Metric("peak memory", "B", Direction.LOWER, Kind.NOISY),
}
_NAMED = [
    (re.compile(r"Time[A-Z_].|time_.|Timeraw[A-Z_].|timeraw_."), "time"),
    (re.compile(r"Mem[A-Z_].|mem_."), "memory"),
    (re.compile(r"PeakMem[A-Z_].|peakmem_."), "peakmemory"),
]
_NO_PYTHON = "asv does not say which Python an existing environment has; tell several apart with --env PYTHON=…"
_MACHINE = ("arch", "cpu", "machine", "num_cpu", "os", "ram")

#: More combinations than this in one row are not the parameters of a benchmark.
MAX_CELLS = 1_000_000


class Asv:
    """asv's result files, version 2."""

    name = "asv"
    version = 1

    def detect(self, document: Document) -> float:
        """Sure when the columns are named at the head; an older file is known by its other keys."""
        data = document.data
        if b'"result_columns"' in data[:65536]:
            return 0.95
        return 0.8 if b'"commit_hash"' in data and b'"results"' in data and b'"requirements"' in data else 0.0

    def companions(self, document: Document) -> Iterable[bytes]:
        """The descriptions that differ from asv's naming rules, and the machine."""
        suite = _suite(document, ReadOptions())
        return suite.reduced, repr(sorted(_machine(document).items())).encode()

    def read(self, document: Document, options: ReadOptions) -> Iterator[Run | Bad]:
        """One run, after a Bad for each row or cell that is at fault."""
        content = load(document)
        suite = _suite(document, options)
        if suite.fault:
            yield suite.fault
            suite.fault = None
        if not isinstance(content, dict):
            raise InputError("this is no object", where=document.path, hint="name a result file of asv")
        _check_version(content, document.path)
        columns, results = content.get("result_columns"), content.get("results")
        if not isinstance(columns, list) or "result" not in columns or "params" not in columns:
            raise InputError("no column names", where=document.path, hint="result_columns must name result and params")
        if not isinstance(results, dict):
            raise InputError("no results", where=document.path, hint="expected an object named results")
        rows = Rows(document.path, columns)
        for name, row in results.items():
            rows.add(name, row, suite.cells)
        finished = rows.finish()
        yield from rows.faults
        if not len(finished.columns) and not finished.gaps:
            if not rows.faults:
                yield Bad(document.path, "no results in this file", "run the benchmarks again")
            return
        yield Run(
            commit=commit_of(content.get("commit_hash")),
            environment=_environment(content, document),
            source=Source(document.path, self.name, "asv"),
            columns=finished.columns,
            gaps=finished.gaps,
            started_at=finished.started_at,
            ended_at=finished.ended_at,
            committed_at=moment(_seconds(content.get("date"))),
            level=0.99 if "lo" in finished.columns.stats else None,
            samples=finished.samples,
            growing=True,
            cell_times=finished.times,
            warnings=() if _python(content) else (_NO_PYTHON,),
        )


class Suite:
    """What the files of one expansion share: the descriptions of benchmarks, and the keys made of them."""

    def __init__(self, described: Mapping[str, object], options: ReadOptions, fault: Bad | None) -> None:
        self.options = options
        self.fault = fault
        self._described = {name: mapping(entry) for name, entry in described.items() if isinstance(entry, dict)}
        self._cells: dict[tuple[str, object], list[Cells]] = {}

    @cached_property
    def reduced(self) -> bytes:
        """What the descriptions add to what the names say already, as bytes."""
        told = []
        for name, entry in sorted(self._described.items()):
            type_, unit, names = text(entry.get("type")), text(entry.get("unit")), entry.get("param_names")
            if type_ != _type_of(name, {}) or type_ not in _METRICS or names:
                told.append((name, type_, unit, names))
        return repr(told).encode("utf-8", "surrogatepass")

    def cells(self, name: str, version: object, params: object) -> Cells:
        """The keys of one row, made once for each name, version and list of parameters. Raises ValueError."""
        made = self._cells.setdefault((name, version if isinstance(version, str) else text(version)), [])
        for cells in made:
            if cells.params == params:
                return cells
        cells = self._make(name, version if isinstance(version, str) else text(version), params)
        made.append(cells)
        return cells

    def _make(self, name: str, version: str, params: object) -> Cells:
        lists = _checked(params)
        described = self._described.get(name, {})
        type_ = _type_of(name, described)
        metric = _METRICS.get(type_, _VALUE)
        names = _names(described.get("param_names"), len(lists))
        factor = 1.0
        if metric is _VALUE:
            unit = text(described.get("unit"))
            factor, base = base_of("1" if unit == "unit" else unit)
            metric = replace(metric, unit=base)
        keys: list[Key] = []
        for values in product(*lists):
            variant = f"({', '.join(values)})" if values else ""
            pairs = tuple(zip(names, map(shown, values), strict=True))
            benchmark = Benchmark(self.options.suite or "asv", name, variant, version, pairs)
            keys.append(Key(benchmark, metric))
        first: dict[Key, int] = {}
        for i, key in enumerate(keys):
            first.setdefault(key, i)
        distinct = None if len(first) == len(keys) else list(first.values())
        return Cells(params, tuple(keys), factor, distinct)


def _checked(params: object) -> list[list[str]]:
    """The parameters as lists of reprs without addresses."""
    if params is None:
        return []
    if not isinstance(params, list) or not all(isinstance(values, list) for values in params):
        raise ValueError("its params are not lists")
    if prod(map(len, params)) > MAX_CELLS:
        raise ValueError(f"its params have more than {MAX_CELLS:,} combinations")
    if not all(isinstance(value, str) for values in params for value in values):
        raise ValueError("its params are not strings")
    return [[masked(value) for value in values] for values in params]


def _names(names: object, count: int) -> list[str]:
    if isinstance(names, list) and len(names) == count and all(isinstance(name, str) for name in names):
        return names
    return [f"param{i + 1}" for i in range(count)]


def _type_of(name: str, described: Mapping[str, object]) -> str:
    """The type as described, else as the last part of the name says, else "track"."""
    if type_ := text(described.get("type")):
        return {"timeraw": "time", "peakmem": "peakmemory", "mem": "memory"}.get(type_, type_)
    last = name.rpartition(".")[2]
    return next((type_ for pattern, type_ in _NAMED if pattern.match(last)), "track")


def _suite(document: Document, options: ReadOptions) -> Suite:
    """The suite of a document: one object for all files that stand under the same benchmarks.json."""
    file = document.parent_sibling("benchmarks.json") or document.sibling("benchmarks.json")

    def make() -> Suite:
        try:
            return Suite(mapping(load(file)) if file else {}, options, None)
        except InputError as error:
            hint = "types and units follow the names of the benchmarks now; run `asv run` to write it again"
            return Suite({}, options, Bad(error.where, error.what, hint))

    return document.shelf.once(("asv", file.path if file else "", options.suite), make)


def _machine(document: Document) -> dict[str, str]:
    """What machine.json says, as far as it is used; nothing where there is none or it is broken."""
    file = document.sibling("machine.json")

    def make() -> dict[str, str]:
        try:
            content = mapping(load(file)) if file else {}
        except InputError:
            content = {}
        return {name: text(content.get(name)) for name in _MACHINE}

    return document.shelf.once(("asv machine", file.path if file else ""), make)


def _check_version(content: Mapping[str, object], path: str) -> None:
    version = content.get("version")
    if version == 1:
        raise InputError("asv's result format 1 is not read", where=path, hint="run `asv update`, which upgrades it")
    if version != 2:
        said = "no format version" if version is None else f"unknown format version {text(version) or '?'} of asv"
        raise InputError(said, where=path, hint="version 2 is read; update regress or asv")


def _seconds(milliseconds: object) -> float | None:
    figure = number(milliseconds)
    return None if figure is None else figure / 1000


def _python(content: Mapping[str, object]) -> str:
    """The interpreter: "3.9" and "python3.9" are CPython 3.9, "pypy3.9" is PyPy 3.9; "" where asv does not say.

    In an existing environment asv writes the path of the executable, which may say nothing of its version and may
    be another one on each machine, so that it is no key.
    """
    word = re.split(r"[/\\]", text(content.get("python")) or text(mapping(content.get("params")).get("python")))[-1]
    found = re.fullmatch(r"(python|pypy)?(\d.*?)(\.exe)?", word.lower())
    return python_of("PyPy" if found[1] == "pypy" else "CPython", found[2]) if found else ""


def _environment(content: Mapping[str, object], document: Document) -> Environment:
    """Machine, system, Python and the declared matrix; the machine as it was when the benchmarks ran."""
    params = mapping(content.get("params"))
    machine = {name: text(params.get(name)) or value for name, value in _machine(document).items()}
    system, _, kernel = machine["os"].partition(" ")
    key = {
        "system": system,
        "arch": machine["arch"],
        "python": _python(content),
        "machine": machine["machine"] or document.folder,
    }
    for declared in (mapping(content.get("requirements")), mapping(content.get("env_vars"))):
        # An empty version asks for the latest one, which is a choice that splits series like any other.
        key |= {f"matrix.{name}": text(value) or "*" for name, value in declared.items() if value is not None}
    facts = {"cpu": machine["cpu"], "cores": machine["num_cpu"], "ram": machine["ram"], "kernel": kernel.strip()}
    return Environment.of(key, facts)
