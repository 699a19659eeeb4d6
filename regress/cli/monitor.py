"""`regress monitor`: the resources of a command, a process or the machine while it runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from ..units import BYTES, SECONDS, human, percent, significant
from .common import plural, write_file

if TYPE_CHECKING:
    from ..suites.watch import Event, Sample
    from ..work.monitor import MonitorRequest, Told, Watched

_FIGURES = ("cpu_time", "rss_peak", "rss_increase", "rss_slope", "io_read", "io_written", "context_switches")


@click.command()
@click.option("--pid", type=click.IntRange(1), help="Watch this process and its descendants until it ends.")
@click.option("--interval", metavar="TIME", default="0.5 s", show_default=True, help="Between samples: 0.05 s to 10 s.")
@click.option("--duration", metavar="TIME", help="Stop after this time; a command is ended then: '90 s', '5 min'.")
@click.option("--csv", type=click.Path(path_type=Path, dir_okay=False), help="Write a row a sample, as it is taken.")
@click.option("--limit", "limits", multiple=True, metavar="LIMIT", help="Such as 'cpu < 70%'; may be repeated.")
@click.option(
    "--probe", "probes", multiple=True, metavar="NAME=…",
    help="A gauge: a command that prints a number, URL#PATH, or DATABASE#SELECT …; may be repeated.",
)  # fmt: skip
@click.option("--disk", type=click.Path(path_type=Path, exists=True), default=".", help="Watch this file system.")
@click.option("--json", "document", metavar="FILE", help="Write the figures as JSON; - is standard output.")
@click.argument("words", nargs=-1, metavar="[-- CMD …]")
def command(words: tuple[str, ...], interval: str, duration: str | None, document: str | None, **given: Any) -> int:
    """Watch the resources of a command or a process with its descendants, and judge limits while it runs.

    Without either it is the machine alone. A broken limit is said at once, and once more when it is kept again. Ends
    with 1 when a limit was broken, else with the command's own status; 130 when interrupted, which ends the command.
    """
    from ..work.monitor import MonitorRequest, monitor
    from ..work.monitor import document as document_of

    seconds, most = _seconds("--interval", interval), None if duration is None else _seconds("--duration", duration)
    request = MonitorRequest(command=words, interval=seconds, duration=most, **given)
    # Beside a command, standard output is the command's own.
    to_stderr = bool(words) or document == "-"
    with _told(request) as told:
        watched = monitor(request, told)
    for line in lines(watched, request):
        click.echo(line, err=to_stderr)
    if document is not None:
        text = json.dumps(document_of(watched, request), indent=1, ensure_ascii=False) + "\n"
        if document == "-":
            click.echo(text, nl=False)
        else:
            write_file(Path(document), text)
    return watched.status


def _seconds(option: str, text: str) -> float:
    from ..model import written

    try:
        return written.duration(text)
    except ValueError as error:
        raise UsageError(f"{option} {text!r} {error}") from None


@contextmanager
def _told(request: MonitorRequest) -> Iterator[Told]:
    """What is said while it runs: limits in lines of their own, and on a terminal a line that lives.

    Beside a command there is no such line: the terminal is the command's.
    """
    from ..work.monitor import Told

    if request.command or not sys.stderr.isatty():
        yield Told(event=lambda event: click.echo(event_line(event), err=True))
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True)
    with Live(console=console, transient=True, auto_refresh=False) as live:
        yield Told(
            sample=lambda sample: live.update(Text(live_line(sample), no_wrap=True, overflow="ellipsis"), refresh=True),
            event=lambda event: console.print(Text(event_line(event))),
        )


def event_line(event: Event) -> str:
    """`14:03:12 after 12.5 s: LIMIT BROKEN cpu < 70%: 83%`."""
    when = f"{event.at.astimezone():%H:%M:%S} after {event.seconds:.1f} s"
    value = shown(event.limit.left, event.value)
    if event.broken:
        return f"{when}: LIMIT BROKEN {event.limit.text}: {value}"
    return f"{when}: limit kept again {event.limit.text}: {value}, broken for {event.lasted:.1f} s"


def live_line(sample: Sample) -> str:
    """One sample on one line."""
    from ..suites.watch import COLUMNS, GROWING

    names = [name for name in COLUMNS if name not in GROWING] + [gauge.name for gauge in sample.gauges]
    parts = [f"{name} {shown(name, value)}" for name in names if (value := sample.value(name)) is not None]
    return f"{sample.seconds:.0f} s · " + " · ".join(parts)


def shown(name: str, value: float | None) -> str:
    """A figure of a column or a gauge for people."""
    from ..suites.watch import COLUMNS, SHARES

    if value is None:
        return "-"
    if name in SHARES:
        return percent(value)
    return human(value, COLUMNS[name]) if name in COLUMNS else significant(value)


def lines(watched: Watched, request: MonitorRequest) -> Iterator[str]:
    """What is said at the end: the limits first, then the figures."""
    from ..plain import printable, table

    yield from (printable(line) for line in _limit_lines(watched))
    yield _headline(watched, request)
    rows = [["", "min", "mean", "max"]]
    rows += [[s.name, *(shown(s.name, figure) for figure in (s.low, s.mean, s.high))] for s in watched.spreads]
    yield from (f"  {line}" for line in table(rows, right=(1, 2, 3)))
    totals = {metric.name: (metric.unit, value) for metric, value in watched.figures}
    rows = [[name, _total(*totals[name])] for name in _FIGURES if name in totals]
    yield from (f"  {line}" for line in table(rows, right=(1,)))
    yield from (f"note: {printable(note)}" for note in _notes(watched))


def _limit_lines(watched: Watched) -> Iterator[str]:
    from ..model import BudgetState

    unjudged = [kept for kept in watched.limits if kept.state is BudgetState.UNJUDGED]
    if unjudged:
        yield f"NOT JUDGED: {len(unjudged)}"
    for kept in watched.limits:
        worst = shown(kept.limit.left, kept.worst)
        if kept.state is BudgetState.BREACHED:
            times = "once" if kept.times == 1 else f"{kept.times} times"
            yield f"breached    {kept.limit.text}: {times}, for {kept.seconds:.1f} s, at worst {worst}"
        elif kept.state is BudgetState.UNJUDGED:
            yield f"not judged  {kept.limit.text}: no sample has a figure of {kept.limit.left}"
        else:
            yield f"met         {kept.limit.text}: at worst {worst}"


def _headline(watched: Watched, request: MonitorRequest) -> str:
    from ..plain import printable

    what = " ".join(" ".join(request.command).split()) or (f"process {request.pid}" if request.pid else "the machine")
    how = {"ended": "", "time": ", until the time was over", "interrupted": ", interrupted"}[watched.ended]
    if watched.command_status:
        status = watched.command_status
        how = f", ended with {status}" if status > 0 else f", ended by signal {-status}"
    return printable(f"{what[:100]}: {human(watched.seconds, SECONDS)}, {plural(len(watched.samples), 'sample')}{how}")


def _total(unit: str, value: float) -> str:
    return f"{human(value, BYTES)}/s" if unit == "B/s" else human(value, unit)


def _notes(watched: Watched) -> Iterator[str]:
    from ..suites.watch import cores_in_words

    allowed = watched.allowance
    if allowed.cores_from != "the machine":
        yield f"cpu is of {cores_in_words(allowed.cores)}, as {allowed.cores_from} allows"
    if allowed.memory_from != "the machine":
        yield f"machine_memory is of {human(allowed.memory, BYTES)}, as {allowed.memory_from} allows"
    if watched.busy:
        yield f"a busy machine: {watched.busy}"
    if watched.left:
        yield f"{plural(watched.left, 'process')} that it started still run".replace("processs", "processes")
    yield from watched.notes
    if watched.fault:
        yield watched.fault
    spent = f"watching took {human(watched.cost * watched.seconds, SECONDS)} of CPU"
    # Of a moment it would be the share that the first and the last sample take.
    yield spent if watched.seconds < 2 else f"{spent}, {watched.cost:.1%} of one core"
