"""hyperfine's results (1.6 and later): `hyperfine --export-json FILE`.

    {"results": [{"command": "echo 10", "mean": s, "stddev": s or null, "median": s, "user": s, "system": s,
                  "min": s, "max": s, "times": [s, …], "memory_usage_byte": [bytes, …], "exit_codes": [0, …],
                  "parameters": {"n": "10"}}]}

names       the command, or what --command-name put in its place. Where there are parameters (-L, -P) their values are
            part of the command: they are put back into braces where they stand as a word of their own or behind an
            option of one letter ("make -j4" is "make -j{n}"), and the variant tells them apart: "[n=4]". Where a value
            stands in the command by chance as well, or only within a word, the name is not the same for all values.
            Before 1.11 the file does not name a parameter, and its value stays in the command
time        seconds of whole runs: mean, median, min, max and deviation as the file gives them; quartiles of `times`,
            and percentiles where there are enough, as each time is a single call. n is the number of times, else of
            exit codes. The deviation of a single run is null
user_time, system_time   the mean of the processor's time; there is no more of it in the file
rss_peak    memory_usage_byte, one sample a run (1.20 and later); 0 says that it could not be measured
exit_codes  one that is not 0, which only --ignore-failure lets pass, or null (killed by a signal): the command failed,
            which is a gap without a time
environment the file names no machine, no time and no version: --machine and --commit say what people know

Lossy: warm-up, preparation and shell are not in the file at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ..errors import InputError
from ..model import TIME, Bad, Benchmark, Direction, Environment, Key, Metric, Run, Source
from .document import Document
from .fields import load, mapping, number, shown, text
from .options import ReadOptions
from .rows import RowList
from .sampled import array_of, distribution, percentiles

_STATS = {"min": "min", "median": "median", "mean": "mean", "max": "max", "sd": "stddev"}
_SHARES = (Metric("user_time", "s", Direction.LOWER), "user"), (Metric("system_time", "s", Direction.LOWER), "system")
_RSS = Metric("rss_peak", "B", Direction.LOWER)
_KEYS = (b'"results"', b'"command"', b'"mean"', b'"stddev"', b'"user"', b'"system"')
_UNDATED = "the file says neither when it was measured nor where; name the machine with --machine"


class Hyperfine:
    """hyperfine's JSON, one run a file."""

    name = "hyperfine"
    version = 1

    def detect(self, document: Document) -> float:
        """Sure when the first result has its keys."""
        head = document.data[:65536]
        return 0.9 if all(key in head for key in _KEYS) else 0.0

    def companions(self, document: Document) -> Iterable[bytes]:
        """None: the file stands alone."""
        return ()

    def read(self, document: Document, options: ReadOptions) -> Iterator[Run | Bad]:
        """One run, after a Bad for each command that is at fault."""
        content = load(document)
        results = content.get("results") if isinstance(content, dict) else None
        if not isinstance(results, list):
            raise InputError("no list of results", where=document.path, hint="export again with --export-json")
        rows = RowList()
        faults = []
        for place, entry in enumerate(results):
            result = mapping(entry)
            command = text(result.get("command"))
            where = f"{document.path}: {command or f'result {place + 1}'}"
            said = _add(rows, _benchmark(command, result, options), result) if command else ["it has no command"]
            faults += [Bad(where, what, "the other results are read") for what in said]
        yield from faults
        if not rows.keys and not rows.gaps:
            if not faults:
                yield Bad(document.path, "no results in this file", "run the commands again")
            return
        yield Run(
            commit="",
            environment=Environment.of({}),
            source=Source(document.path, self.name, self.name),
            columns=rows.columns,
            gaps=rows.gaps,
            samples=rows.samples,
            quantiles=rows.quantiles,
            warnings=(_UNDATED,),
        )


def _add(rows: RowList, benchmark: Benchmark, result: Mapping[str, object]) -> Iterator[str]:
    """Add one result; what is wrong with it is said."""
    key = Key(benchmark, TIME)
    if rows.knows(key):
        yield "the command came before in this file, and the first one is taken"
        return
    codes = result.get("exit_codes")
    codes = codes if isinstance(codes, list) else []
    if failed := [code for code in codes if code != 0]:
        code = text(failed[0])
        how = f"with exit code {code}" if code else "by a signal"
        rows.gap(key, "failed", f"{len(failed)} of {len(codes)} runs ended {how}")
        return
    samples = array_of(result.get("times"))
    if samples is None and result.get("times"):
        yield "its times are not all numbers, and are left out"
    figures = {"n": float(len(codes))} if codes else {}
    figures |= distribution(samples) if samples is not None else {}
    figures |= {ours: figure for ours, theirs in _STATS.items() if (figure := number(result.get(theirs))) is not None}
    if figures.get("n") == 1:
        figures.pop("sd", None)
    if not figures.keys() - {"n", "sd"}:
        rows.gap(key, "failed", "it has no time")
        return
    row = rows.add(key, figures | {"iterations": 1.0})
    if samples is not None:
        rows.samples[row] = samples
        if found := percentiles(samples):
            rows.quantiles[row] = found
    yield from _beside(rows, benchmark, result)


def _beside(rows: RowList, benchmark: Benchmark, result: Mapping[str, object]) -> Iterator[str]:
    """The processor's time and the memory of a result."""
    for metric, name in _SHARES:
        if (figure := number(result.get(name))) is not None:
            rows.add(Key(benchmark, metric), {"mean": figure})
    sizes = array_of(result.get("memory_usage_byte"))
    if sizes is not None and (sizes > 0).all():
        row = rows.add(Key(benchmark, _RSS), distribution(sizes))
        rows.samples[row] = sizes
    elif sizes is None and result.get("memory_usage_byte"):
        yield "its memory is not all numbers, and is left out"


def _benchmark(command: str, result: Mapping[str, object], options: ReadOptions) -> Benchmark:
    values = mapping(result.get("parameters"))
    params = {name: text(value) for name, value in sorted(values.items())}
    variant = f"[{','.join(f'{name}={value}' for name, value in params.items())}]" if params else ""
    pairs = tuple((name, shown(value)) for name, value in params.items())
    return Benchmark(options.suite or Hyperfine.name, _template(command, params), variant, params=pairs)


def _template(command: str, params: Mapping[str, str]) -> str:
    """The command with its parameters in braces, the longest value first; each place is replaced once."""
    names = {value: name for name, value in reversed(list(params.items())) if re.search(r"\w", value)}
    if not names:
        return command
    values = "|".join(re.escape(value) for value in sorted(names, key=lambda value: (-len(value), value)))
    # A number is not cut out of a longer one, nor a word out of a word; an option of one letter holds its value.
    found = re.compile(rf"(?:(?<=\s-[A-Za-z])|(?<!\w)(?<!\d\.))(?:{values})(?!\w)(?!\.\d)")
    return found.sub(lambda match: "{" + names[match[0]] + "}", command)
