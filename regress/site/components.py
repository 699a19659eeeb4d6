"""View model of the page of components: variants side by side, the geometric means first, then benchmark by benchmark.

What is compared and who wins was decided before: here it is put in words, and in as many columns as there are variants.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..model import Environment, Kind
from ..model.components import By, Components, Contest, Entry, Group
from ..units import significant
from .hrefs import Hrefs
from .input import SiteInput
from .links import Links
from .pages import metric_label
from .slug import slugs
from .wording import Badge, value

COMPONENTS = "components.html"
# A table of 300 rows x 24 columns is a page of 1.2 MB; whoever has more asks the command line for all of it.
MOST_ROWS = 300
MOST_VARIANTS = 24
#: As many winners are named in the headline.
MOST_WINNERS = 3
KINDS = {"param": "Parameter", "env": "Environment", "tag": "Label", "suite": "Suites"}
NO_WINNER = Badge("No winner", "quiet", 1)


@dataclass(frozen=True, slots=True)
class Cell:
    """One variant in one row: its figure, its ratio to the reference with the interval, where that comes from."""

    figure: str = ""
    ratio: str = ""
    interval: str = ""
    evidence: str = ""
    wins: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A benchmark and metric, or the geometric mean of many; `to` is the reference where the row has one of its own."""

    name: str
    href: str
    variant: str
    figure: str
    environment: str
    cells: tuple[Cell, ...]
    to: str
    badge: Badge
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """One comparison.

    tone     of the headline: good where something wins
    unshown  what the tables leave out, in words
    """

    id: str
    title: str
    by: str
    headline: str
    tone: str
    what: str
    reference: str
    warnings: tuple[str, ...]
    variants: tuple[str, ...]
    means: tuple[Row, ...]
    rows: tuple[Row, ...]
    unshown: str
    command: str


@dataclass(frozen=True, slots=True)
class ComponentsPage:
    """All comparisons that the configuration asks for; `left` are (what was asked, why it cannot be compared)."""

    sections: tuple[Section, ...]
    left: tuple[tuple[str, str], ...]


def components_page(site: SiteInput, hrefs: Hrefs, links: Links) -> ComponentsPage:
    """A section for each comparison, in the order of the configuration."""
    ids = slugs(("", by) for by in site.components)
    sections, left = [], []
    for by, found in site.components.items():
        if isinstance(found, str):
            left.append((by, found))
        else:
            sections.append(_section(f"by-{ids['', by]}", found, hrefs))
    return ComponentsPage(tuple(sections), tuple(left))


def _section(id_: str, found: Components, hrefs: Hrefs) -> Section:
    variants = shown_variants(found)
    several = len({one.environment for one in found.contests}) > 1
    contests = found.contests[:MOST_ROWS]
    return Section(
        id=id_,
        title=_title(found.by),
        by=str(found.by),
        headline=headline(found),
        tone="good" if any(one.winner for one in found.contests) else "quiet",
        what=found.what,
        reference=found.reference,
        warnings=tuple(found.warnings),
        variants=variants,
        means=tuple(_mean(group, found, variants, several) for group in found.groups[:MOST_ROWS]),
        rows=tuple(_row(one, found, variants, several, hrefs) for one in contests),
        unshown=_unshown(found, len(contests), len(variants)),
        command=found.command,
    )


def _title(by: By) -> str:
    return f"{KINDS[by.kind]} {by.name}".strip()


def headline(found: Components) -> str:
    """Who wins how often: "of 6, numba wins 3, numpy 1; no winner in 2".

    It never begins with a variant: the page makes the first letter a capital, and names are not to be changed.
    """
    wins = Counter(one.winner for one in found.contests if one.winner)
    total = len(found.contests)
    if not wins:
        return f"no winner in {total:,}" if total > 1 else "no winner"
    if total == 1:
        return f"the winner is {next(iter(wins))}"
    # Variants stand in their natural order; the sort by wins keeps it among equals.
    ranked = sorted((variant for variant in found.variants if wins[variant]), key=lambda variant: -wins[variant])
    parts = [f"of {total:,}", f"{ranked[0]} wins {wins[ranked[0]]:,}"]
    parts += [f"{variant} {wins[variant]:,}" for variant in ranked[1:MOST_WINNERS]]
    others = sum(wins[variant] for variant in ranked[MOST_WINNERS:])
    parts += [f"others {others:,}"] if others else []
    none = total - wins.total()
    return ", ".join(parts) + (f"; no winner in {none:,}" if none else "")


def shown_variants(found: Components) -> tuple[str, ...]:
    """The columns: the first variants, and the reference wherever it stands."""
    shown = list(found.variants[:MOST_VARIANTS])
    if found.reference in found.variants and found.reference not in shown:
        shown[-1] = found.reference
    return tuple(shown)


def _unshown(found: Components, rows: int, variants: int) -> str:
    parts = []
    if rows < len(found.contests):
        parts.append(f"the first {rows:,} of {len(found.contests):,} rows")
    if variants < len(found.variants):
        parts.append(f"{variants} of {len(found.variants):,} variants")
    return f"Shown are {' and '.join(parts)}." if parts else ""


def _row(one: Contest, found: Components, variants: Sequence[str], several: bool, hrefs: Hrefs) -> Row:
    benchmark = one.benchmark
    entries = {entry.variant: entry for entry in one.entries}
    statistic = "" if one.statistic == "value" else f", {one.statistic}"
    suite = f"{benchmark.suite}: " if benchmark.suite else ""
    return Row(
        name=f"{suite}{benchmark.name}",
        href=hrefs.section((benchmark.suite, benchmark.name), one.environment),
        variant=benchmark.variant,
        figure=f"{metric_label(one.metric)}{statistic}",
        environment=_environment(one.environment, several),
        cells=tuple(_cell(entries.get(variant), one, _figure(entries.get(variant), one)) for variant in variants),
        to=_own_reference(one, found),
        badge=_badge(one),
        reason=one.reason,
    )


def _mean(group: Group, found: Components, variants: Sequence[str], several: bool) -> Row:
    entries = {entry.variant: entry for entry in group.entries}
    return Row(
        name=f"{group.suite}: geometric mean" if group.suite else "Geometric mean",
        href="",
        variant="",
        figure=metric_label(group.metric),
        environment=_environment(group.environment, several),
        cells=tuple(_cell(entries.get(variant), group, _count(entries.get(variant))) for variant in variants),
        to=_own_reference(group, found),
        badge=_badge(group),
        reason=group.reason,
    )


def _cell(entry: Entry | None, one: Contest | Group, figure: str) -> Cell:
    if entry is None:
        return Cell()
    wins = bool(one.winner) and entry.variant == one.winner
    if entry.ratio is None:
        return Cell(figure, "reference" if entry.variant == one.reference else "", wins=wins)
    ratio = entry.ratio
    interval = ""
    if math.isfinite(ratio.lo) and math.isfinite(ratio.hi):
        interval = f"{significant(ratio.lo)} to {significant(ratio.hi)}"
    elif one.metric.kind is not Kind.EXACT:
        interval = "no interval"
    return Cell(figure, f"{significant(ratio.value)}×", interval, ratio.evidence, wins)


def _figure(entry: Entry | None, one: Contest) -> str:
    if entry is None:
        return ""
    return value(entry.value, one.metric) if math.isfinite(entry.value) else entry.note


def _count(entry: Entry | None) -> str:
    return f"n = {entry.count:,}" if entry else ""


def _badge(one: Contest | Group) -> Badge:
    return Badge(one.winner, "good", 0) if one.winner else NO_WINNER


def _own_reference(one: Contest | Group, found: Components) -> str:
    return "" if one.reference == found.reference else one.reference


def _environment(environment: Environment, several: bool) -> str:
    return environment.label if several else ""
