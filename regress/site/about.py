"""View model of the page about the site: rules in force, method, signs, what measured, where the data is."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..judge.rules import Rules
from ..model import (
    RULE_FIELDS,
    TIME,
    Action,
    Benchmark,
    Budget,
    Environment,
    Key,
    Kind,
    Metric,
    Outcome,
    Policy,
    Rule,
    StoredRun,
)
from ..units import human
from .badges import SUITE_BADGE
from .feed import FEED
from .input import SiteInput
from .links import Links
from .records import DATABASE, page_data
from .slug import Named
from .theme import templates
from .wording import BADGES, Badge

SHARES = ("relative", "false_red")
MEANING = {
    Outcome.REGRESSED: "Worse than its baseline, beyond the tolerance of its rule and beyond its noise: both.",
    Outcome.BREACHED: "A budget, an absolute limit, is not kept.",
    Outcome.FAILED: "The benchmark ended with an error, and did not on the base.",
    Outcome.MISSING: "Measured on the base, and not any more.",
    Outcome.INCONCLUSIVE: "Too little was measured to tell a change from noise. It is not green.",
    Outcome.UNJUDGED: "A budget that cannot be judged, most often for too few samples. It is not green.",
    Outcome.INCOMPARABLE: "The two sides differ in more than the code: another processor, or another benchmark.",
    Outcome.IMPROVED: "Better than its baseline, by the same two questions.",
    Outcome.ACCEPTED: "Worse, and somebody has accepted it with a reason and a limit.",
    Outcome.NEW: "Nothing to compare with yet.",
    Outcome.UNCHANGED: "Measured and compared; nothing worth a word.",
}
SIGNS = (
    ("Small picture", "The last fifty commits of a benchmark; the dot is the newest value, a cross is a failure."),
    ("Band", "The interval or the quartiles of the rounds of each run, where the tool tells them."),
    ("Gap in a line", "A commit that was measured there and has no value of this benchmark."),
    ("Dashed upright line", "Something else than the code changed there: processor, Python, the benchmark's source."),
    ("+12.3% slower", "The newest value against its baseline; the word says which way is worse for this metric."),
    ("× and ○", "Failed and skipped."),
    ("Dirty", "Measured with uncommitted changes; such a run never enters a baseline."),
    ("Grey row", "Not measured on the newest commit."),
)  # fmt: skip
METHOD = (
    "Every run of a suite is stored under the commit that it measured, in the order of git's graph, never of dates.",
    "The unit of evidence is the run, not the round: rounds of one process are not independent of each other. The noise"
    " of a series is learned from its earlier runs at its present level, on the same processor.",
    "Two questions decide. Relevant: is the change beyond the tolerance of the rule? Significant: would unchanged code"
    " hardly ever show it? Red needs both, and every verdict states its proof.",
    "What was not judged is said, and never counts as passed.",
    "Changes along the history are steps between levels of a series; steps of many series at one range of commits are"
    " one cause.",
)
#: (pages of the manual, what they say)
MANUAL = (
    ("docs/verdicts.md", "how a verdict is reached, and its arithmetic"),
    ("docs/rules.md", "rules, budgets, markers, what is accepted"),
    ("docs/changes.md", "change points and causes"),
    ("docs/history.md", "where runs are kept, and how they leave it"),
)
#: What the data beside each page is of, and holds.
DATA = {
    "index.html": ("Benchmarks", "Each in each environment, by its worst line"),
    "changes.html": ("Changes", "Every cause with its commits and its worst change"),
    "targets.html": ("Targets", "Every limit with its value and headroom"),
    "runs.html": ("Runs", "Every run with its commit, counts and tool"),
    "machines.html": ("Machines", "Every fact of every environment, and when it held"),
}
#: (command, what it writes)
EXPORT = (
    ("regress export -o DIR", "every stored run as a JSON bundle that can be ingested again"),
    ("regress changes --format csv", "what changed along the history, as JSON too"),
    ("regress budgets --format csv", "every target with its value, as JSON too"),
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule or a budget: what it is for, what it says, the line that it stands on."""

    selects: str
    says: str
    origin: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A version of a tool that measured."""

    name: str
    runs: str
    dates: str


@dataclass(frozen=True, slots=True)
class Vendored:
    """Foreign code that is part of the site."""

    name: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class DataFiles:
    """What data is of, what it holds, and its (format, file)."""

    what: str
    holds: str
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AboutPage:
    """The page about the site."""

    rules: tuple[RuleRow, ...]
    defaults: tuple[RuleRow, ...]
    budgets: tuple[RuleRow, ...]
    method: tuple[str, ...]
    manual: tuple[tuple[str, str], ...]
    outcomes: tuple[tuple[Badge, str], ...]
    signs: tuple[tuple[str, str], ...]
    tools: tuple[Tool, ...]
    export: tuple[tuple[str, str], ...]
    files: tuple[DataFiles, ...]
    vendored: tuple[Vendored, ...]


def about_page(site: SiteInput, hrefs: Mapping[Named, str], links: Links) -> AboutPage:
    """What is in force, how to read the site, and what it was made with."""
    return AboutPage(
        rules=tuple(RuleRow(rule.selects(), rule_words(rule), rule.origin) for rule in site.rules),
        defaults=_defaults(),
        budgets=tuple(RuleRow(budget.selects(), budget_words(budget), budget.origin) for budget in site.limits),
        method=METHOD,
        manual=MANUAL,
        outcomes=tuple((BADGES[outcome], MEANING[outcome]) for outcome in MEANING),
        signs=SIGNS,
        tools=_tools(site.runs.values()),
        export=EXPORT,
        files=_files(site),
        vendored=tuple(vendored(templates() / "static" / "vendor")),
    )


def _files(site: SiteInput) -> tuple[DataFiles, ...]:
    """The files of data of this site."""
    whole = "Every run that is stored, of other branches too"
    return (
        *(DataFiles(what, holds, page_data(page)) for page, (what, holds) in DATA.items()),
        DataFiles("Feed", "The newest confirmed causes", (("Atom", FEED),)),
        DataFiles("Badge", "How the newest commit was judged, as a picture", (("SVG", SUITE_BADGE),)),
        *([DataFiles("History", whole, (("SQLite", DATABASE),))] if site.copy else ()),
    )


def rule_words(rule: Rule) -> str:
    """What a rule sets: "relative 5 %, action warn"."""
    said = {name: getattr(rule, name) for name in RULE_FIELDS}
    return _words({name: value for name, value in said.items() if value is not None}, rule.absolute_unit) or "nothing"


def budget_words(budget: Budget) -> str:
    """What a budget says: its limits, the margin, what demands it."""
    words = [limit.text for limit in budget.limits]
    words += [f"warn within {budget.warn * 100:g} %"] if budget.warn else []
    words += [f"action {budget.action}"] if budget.action is not Action.FAIL else []
    return ", ".join([*words, *filter(None, [budget.requirement])])


def _defaults() -> tuple[RuleRow, ...]:
    """What holds where no rule says anything."""
    rows = []
    for words, kind in (("noisy metrics (times)", Kind.NOISY), ("exact metrics (counts, sizes)", Kind.EXACT)):
        metric = Metric(TIME.name, TIME.unit, TIME.direction, kind)
        policy = Rules().policy(Key(Benchmark("", ""), metric), Environment(()))
        rows.append(RuleRow(words, _words(_said(policy, kind), metric.unit), "default"))
    return tuple(rows)


def _said(policy: Policy, kind: Kind) -> dict[str, object]:
    """The fields of a policy that mean something for a kind of metric: an exact one has no noise to be sure of."""
    noisy: dict[str, object] = {
        "false_red": policy.false_red, "min_runs": policy.min_runs, "across": policy.across,
    }  # fmt: skip
    return {
        "statistic": policy.statistic,
        "relative": policy.tolerance.relative,
        "absolute": policy.tolerance.absolute,
        **(noisy if kind is Kind.NOISY else {}),
        "action": policy.action,
    }


def _words(fields: Mapping[str, object], unit: str) -> str:
    return ", ".join(f"{name} {_shown(name, value, unit)}" for name, value in fields.items())


def _shown(name: str, value: object, unit: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if name in SHARES:
            return f"{value * 100:g} %"
        return human(value, unit) if value and unit else f"{value:g}"
    return str(value)


def _tools(runs: Iterable[StoredRun]) -> tuple[Tool, ...]:
    """What measured, the version seen last first."""
    counts: Counter[str] = Counter()
    dates: dict[str, list[str]] = {}
    for run in runs:
        name = f"{run.source.tool or run.source.format} {run.source.tool_version}".strip() or "not known"
        counts[name] += 1
        dates.setdefault(name, []).append(run.day)
    ordered = sorted(sorted(counts), key=lambda name: max(dates[name]), reverse=True)
    return tuple(Tool(name, f"{counts[name]:,}", _range(sorted(filter(None, dates[name])))) for name in ordered)


def _range(days: list[str]) -> str:
    if not days:
        return "not known"
    return days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"


def vendored(folder: Path) -> list[Vendored]:
    """What the folder's `VENDOR.toml` files say of the code beside them."""
    found = []
    for path in sorted(folder.glob("*/VENDOR.toml")):
        said = tomllib.loads(path.read_text("utf-8"))
        words = [str(said.get(name, "")) for name in ("name", "version", "licence")]
        found.append(Vendored(words[0] or path.parent.name, words[1], words[2]))
    return found
