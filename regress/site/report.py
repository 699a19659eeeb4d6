"""A report as one HTML page that stands alone: its style sheet is inside, it needs no script and asks for nothing."""

from __future__ import annotations

import math
import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ..model import Environment, Outcome, Report, SideInfo, Verdict
from ..units import human
from .intervals import ChangeAxis, Strip, axis_of, interval_in_words, strip_of
from .report_budgets import BudgetLine, budget_lines
from .scale import Tick
from .theme import alone
from .verdicts import QUIET, Opinion, opinion_of, severity
from .wording import BADGES, OPEN, RED, Badge

WORDS = {0: "Passed", 1: "Failed", 3: "Too little compared", 5: "Not judged"}
_FIGURE = re.compile(r"[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?%?")
#: The first ones of a group stand open, the others are folded.
SHOWN = 25


@dataclass(frozen=True, slots=True)
class SideLine:
    """One side of the comparison: `role` is what it is here, `what` is what it is called."""

    role: str
    short: str
    subject: str
    what: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A loud verdict: the opinion, all that proves it, its picture."""

    opinion: Opinion
    proof: tuple[tuple[str, str], ...]
    strip: Strip | None


@dataclass(frozen=True, slots=True)
class Group:
    """Loud verdicts of one kind under a heading: the first are shown, the rest is folded."""

    id: str
    title: str
    total: int
    shown: tuple[Finding, ...]
    folded: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some benchmarks were not judged, once for all; `varied`: with other figures, which stand with each."""

    badge: Badge
    text: str
    hint: str
    opinions: tuple[Opinion, ...]
    varied: bool = False


@dataclass(frozen=True, slots=True)
class Pairs:
    """A benchmark that was measured again, in words and as a picture."""

    opinion: Opinion
    strip: Strip | None
    interval: str
    pairs: str
    reason: str


@dataclass(frozen=True, slots=True)
class Folded:
    """Quiet verdicts of one outcome, as a table that is closed at first."""

    id: str
    title: str
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """An environment with its facts."""

    label: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Something that is said of the whole, or of a whole suite."""

    badge: Badge
    text: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportPage:
    """All that the page shows, in its order."""

    tone: str
    word: str
    headline: str
    notes: tuple[Said, ...]
    sides: tuple[SideLine, ...]
    counts: tuple[tuple[str, Badge], ...]
    groups: tuple[Group, ...]
    pairs: tuple[Pairs, ...]
    ticks: tuple[Tick, ...]
    reasons: tuple[Reason, ...]
    not_run: tuple[str, ...]
    budgets: tuple[BudgetLine, ...]
    folded: tuple[Folded, ...]
    warnings: tuple[str, ...]
    places: tuple[Place, ...]
    command: str
    several: bool


def report_page(report: Report) -> str:
    """The report as one HTML file. Everything foreign in it is escaped text."""
    built = moment(report.created_at)
    return alone("report.html", view(report), project=report.project, version=report.version, built=built)


def view(report: Report) -> ReportPage:
    """What the page says of a report."""
    verdicts = sorted(report.verdicts, key=severity)
    loud = [verdict for verdict in verdicts if verdict.outcome not in QUIET]
    several = len({verdict.comparison.environment for verdict in verdicts}) > 1
    again = [verdict for verdict in verdicts if verdict.confirmation]
    axis, narrow = axis_of(loud), axis_of(again)
    tone, word = _tone(report)
    return ReportPage(
        tone=tone,
        word=word,
        headline=report.headline,
        notes=_notes(report),
        sides=_sides(report),
        counts=tuple((f"{n:,}", BADGES[Outcome(name)]) for name, n in report.counts.items()),
        groups=_groups(loud, report, axis, several),
        pairs=tuple(_pairs(verdict, narrow, several) for verdict in again),
        ticks=narrow.ticks,
        reasons=_reasons([verdict for verdict in loud if verdict.outcome in OPEN], several),
        not_run=tuple(report.not_run),
        budgets=budget_lines(report.budgets),
        folded=_folded(verdicts, several),
        warnings=tuple(report.warnings),
        places=_places(verdicts),
        command=report.command,
        several=several,
    )


def _tone(report: Report) -> tuple[str, str]:
    """The colour of the whole and its word. Silence is never green; a comparison that is no gate has no colour."""
    if not report.command:
        return "quiet", "Comparison"
    outcomes = {verdict.outcome for verdict in report.verdicts} | {Outcome(name) for name in report.counts}
    if report.status == 0:
        unjudged = any(result.state.value != "met" for result in report.budgets)
        if outcomes & {*OPEN, *RED} or unjudged or report.findings:
            return "warn", "Passed, with doubts"
        return ("good" if outcomes - {Outcome.NEW} or report.budgets else "quiet"), WORDS[0]
    return ("bad" if report.status not in (3, 5) else "warn"), WORDS.get(report.status, "Failed")


def _notes(report: Report) -> tuple[Said, ...]:
    plain = Badge("", "", 9)
    said = [Said(plain, notice) for notice in report.notices]
    return (*said, *(Said(BADGES[found.outcome], found.reason, tuple(found.facts)) for found in report.findings))


def _sides(report: Report) -> tuple[SideLine, ...]:
    sides = [_side("Candidate", report.candidate, "")]
    if report.baseline:
        far = report.distance
        back = "" if far is None else f"{far} commit{'s' if far != 1 else ''} back"
        sides.append(_side("Baseline", report.baseline, back))
    return tuple(sides)


def _side(role: str, side: SideInfo, back: str) -> SideLine:
    runs = f"{len(side.runs)} run{'s' if len(side.runs) != 1 else ''}"
    called = side.what if side.what not in (side.commit, side.commit[:10]) else ""
    return SideLine(role, side.commit[:10], side.subject, ", ".join(part for part in (called, back, runs) if part))


def _groups(loud: Sequence[Verdict], report: Report, axis: ChangeAxis, several: bool) -> tuple[Group, ...]:
    """What fails, what warns, what is better; what was not judged stands elsewhere, by its reason."""
    red = [verdict for verdict in loud if verdict.failing]
    warned = [verdict for verdict in loud if not verdict.failing and verdict.outcome in RED]
    better = [verdict for verdict in loud if verdict.outcome is Outcome.IMPROVED]
    titles = ("red", "Red", red), ("warned", "As a warning", warned), ("improved", "Improved", better)
    groups = []
    for id_, title, verdicts in titles:
        found = [_finding(verdict, report, axis, several) for verdict in verdicts]
        if found:
            groups.append(Group(id_, title, len(found), tuple(found[:SHOWN]), tuple(found[SHOWN:])))
    return tuple(groups)


def _finding(verdict: Verdict, report: Report, axis: ChangeAxis, several: bool) -> Finding:
    opinion = opinion_of(verdict, several=several)
    if opinion.badge.tone == "bad" and not verdict.failing:
        opinion = replace(opinion, badge=replace(opinion.badge, tone="warn"))
    return Finding(opinion, _proof(verdict, report), strip_of(verdict, axis))


def _proof(verdict: Verdict, report: Report) -> tuple[tuple[str, str], ...]:
    """All that the verdict rests on: what the site says of it, the noise model, the rule's figures, what follows."""
    given, policy, again = verdict.proof, verdict.policy, verdict.confirmation
    lines = list(opinion_of(verdict, several=False).proof)
    if given and math.isfinite(given.sigma):
        held = f"; {len(given.held)} held out, as off the level" if given.held else ""
        lines.append(("One run of unchanged code strays by", f"{given.sigma:.2%} (standard deviation{held})"))
    if given and math.isfinite(given.pooled):
        shared = f", the share of each of {given.family} series" if given.limit < given.alone else ""
        lines.append(("Chance that it is noise", f"p = {given.pooled:.2g}; red at {given.limit:.2g} or below{shared}"))
    if policy:
        floor = policy.tolerance.absolute
        also = f" and {human(floor, verdict.comparison.key.metric.unit)}" if floor else ""
        lines.append(("Tolerance", f"{policy.tolerance.relative * 100:g}%{also}"))
    if again:
        lines.append(("Measured again", f"{again.reason} ({again.pairs} pairs, {interval_in_words(again)})"))
    if report.command:
        words = ["regress", "explain", verdict.comparison.key.benchmark.full, "--commit", report.candidate.reference]
        lines.append(("Follow it", shlex.join(words)))
    return tuple(lines)


def _pairs(verdict: Verdict, axis: ChangeAxis, several: bool) -> Pairs:
    again = verdict.confirmation
    assert again is not None
    interval = interval_in_words(again) if not math.isnan(again.change) else "no figure"
    pairs = f"{again.pairs} pair{'s' if again.pairs != 1 else ''}" + (", still open" if again.open else "")
    return Pairs(opinion_of(verdict, several=several), strip_of(verdict, axis), interval, pairs, again.reason)


def _reasons(doubtful: Sequence[Verdict], several: bool) -> tuple[Reason, ...]:
    """Each reason once, whatever figures it names, the commonest first, with all that it is the reason of."""
    groups: dict[tuple[Outcome, str, str], list[Opinion]] = defaultdict(list)
    for verdict in doubtful:
        bare = _FIGURE.sub("0", verdict.reason)
        groups[verdict.outcome, bare, verdict.hint].append(opinion_of(verdict, several=several))
    reasons = []
    for (outcome, _, hint), opinions in sorted(groups.items(), key=lambda item: -len(item[1])):
        texts = list(dict.fromkeys(opinion.reason for opinion in opinions))
        reasons.append(Reason(BADGES[outcome], _in_common(texts), hint, tuple(opinions), len(texts) > 1))
    return tuple(reasons)


def _in_common(texts: Sequence[str]) -> str:
    """Texts that differ in their figures alone as one; `…` stands where they differ."""
    figures = [set(column) for column in zip(*(_FIGURE.findall(text) for text in texts), strict=True)]
    places = iter(figures)
    return _FIGURE.sub(lambda found: found[0] if len(next(places)) == 1 else "…", texts[0])


def _folded(verdicts: Sequence[Verdict], several: bool) -> tuple[Folded, ...]:
    groups: dict[Outcome, list[Verdict]] = {outcome: [] for outcome in QUIET}
    for verdict in verdicts:
        if verdict.outcome in groups:
            groups[verdict.outcome].append(verdict)
    return tuple(
        Folded(outcome.value, BADGES[outcome].word, tuple(opinion_of(verdict, several=several) for verdict in group))
        for outcome, group in groups.items()
        if group
    )


def _places(verdicts: Iterable[Verdict]) -> tuple[Place, ...]:
    found: dict[Environment, Environment] = {}
    for verdict in verdicts:
        place = verdict.comparison.environment
        found.setdefault(place, place)
    ordered = sorted(found.values(), key=lambda place: (place.label, place.digest))
    return tuple(Place(place.label, (*place.key, *place.facts)) for place in ordered)


def moment(created_at: str) -> str:
    """`2026-03-14 09:26 UTC`, or as it is written where that is no time."""
    try:
        return datetime.fromisoformat(created_at).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    except ValueError:
        return created_at
