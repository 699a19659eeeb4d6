"""View models of causes: the page of all changes, newest first, and the news of the overview."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ..model import Cause, CauseStatus, ChangePoint, Commit, StoredRun, Trend
from .axis import newest
from .choices import Attributes, Choices, attributes_of, choices_of
from .hrefs import Hrefs
from .input import SiteInput
from .links import Links
from .pages import metric_label
from .steps import TRENDS, cause_anchor, cause_href, change_of, interval_of, remark_of
from .wording import Badge, Change, value

# The worst of a cause are what people look for; the first few are seen at once, the others when unfolded.
SEEN_HITS, MOST_HITS = 3, 8
# Older causes than those that are told in full stand on one line each; beyond so many of a kind they are only counted.
MOST_BRIEF = 1_000
EARLIER_CHANGES = "changes-earlier.html"
MOST_NEWS = 8
NEWS_COMMITS = 30
NEWS_DAYS = 90
STATUSES = {
    CauseStatus.OPEN: Badge("", "", 0),
    CauseStatus.ACCEPTED: Badge("Accepted", "quiet", 1),
    CauseStatus.FIXED: Badge("Fixed", "good", 2),
    CauseStatus.WITHDRAWN: Badge("Withdrawn", "quiet", 3),
}
SUSPECTED = Badge("Suspected", "warn", 4)


@dataclass(frozen=True, slots=True)
class CommitLine:
    """A commit of a cause's range; `likely`: the estimated one."""

    short: str
    url: str
    subject: str = ""
    author: str = ""
    likely: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A benchmark that a cause changed; `environment` "" where the cause lies in one only."""

    name: str
    variant: str
    metric: str
    environment: str
    href: str
    before: str
    after: str
    change: Change
    interval: str
    remark: str


@dataclass(frozen=True, slots=True)
class CauseView:
    """A cause as it is shown. `place` says how far its commit is known; `likely` is the estimated one.

    `ends` are the last commit before the range and its last one, where it holds more than one; `commits` all of them,
    where they are few. `hits` are seen at once, `more` when unfolded (`unfold` says what that shows), `left` further
    ones are only counted. `attributes` are what it is found by.
    """

    id: str
    anchor: str
    href: str
    date: str
    trend: Badge
    status: Badge
    title: str
    place: str
    likely: CommitLine
    ends: tuple[CommitLine, ...]
    commits: tuple[CommitLine, ...]
    count: str
    change: Change
    interval: str
    hits: tuple[Hit, ...]
    more: tuple[Hit, ...]
    unfold: str
    left: int
    facts: tuple[str, ...]
    reason: str
    note: str
    attributes: Attributes = ()


@dataclass(frozen=True, slots=True)
class Brief:
    """An older cause on one line; `page` tells it in full, or is that of the benchmark that it changed most."""

    anchor: str
    date: str
    tone: str
    title: str
    page: str
    likely: CommitLine
    size: str
    said: tuple[str, ...]
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Section:
    """Causes of one kind: those `first` are told in full, the others are `brief`; `left` are not on the page.

    `detailed`: so many of them are told in full on the page of earlier changes; `command` shows all of it.
    """

    id: str
    heading: str
    words: str
    total: int
    first: tuple[CauseView, ...]
    brief: tuple[Brief, ...] = ()
    detailed: int = 0
    left: int = 0
    command: str = ""

    @property
    def fold(self) -> str:
        """What unfolding the lines shows."""
        older = f"{len(self.brief):,} older" if self.first else f"All {len(self.brief):,}"
        return f"{older if self.first or not self.left else f'The newest {len(self.brief):,}'}, on one line each"


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """The page of changes; `total` counts all causes, those that are not on the page too.

    `names` are those of the benchmarks that causes are found by: a cause's attribute holds their places in it.
    """

    total: int
    sections: tuple[Section, ...]
    choices: Choices
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class News:
    """What changed lately and is open: at most eight each way, and how many more there are."""

    regressions: tuple[CauseView, ...]
    more_regressions: int
    improvements: tuple[CauseView, ...]
    more_improvements: int


@dataclass(frozen=True, slots=True)
class _Kind:
    """A section: which causes it holds, how many of them are told in full, and how many of those on the first page."""

    id: str
    heading: str
    words: str
    command: str
    most: int
    seen: int
    holds: Callable[[Cause], bool]


def _open(*trends: Trend) -> Callable[[Cause], bool]:
    return lambda cause: cause.confirmed and cause.status is CauseStatus.OPEN and cause.trend in trends


def _status(status: CauseStatus) -> Callable[[Cause], bool]:
    return lambda cause: cause.status is status


# About a hundred causes in full: a page of thousands is slow to open, and is what people leave again.
KINDS = (
    _Kind("regressions", "Open regressions", "", "--only regressions --status open", 40, 20, _open(Trend.REGRESSION)),
    _Kind("others", "Open changes", "Nothing says which way is better.", "--status open", 10, 10, _open(Trend.UNKNOWN)),
    _Kind("improvements", "Improvements", "", "--only improvements --status open", 20, 10, _open(Trend.IMPROVEMENT)),
    _Kind("accepted", "Accepted", "Somebody said why this is as it should be.", "--status accepted", 20, 0,
          _status(CauseStatus.ACCEPTED)),
    _Kind("fixed", "Fixed", "Most of the benchmarks are back at their old level.", "--status fixed", 20, 0,
          _status(CauseStatus.FIXED)),
    _Kind("suspected", "Suspected", "The evidence is still weak: few points, or a step that is small beside the noise.",
          "--status open", 10, 0, lambda cause: not cause.confirmed and cause.status is CauseStatus.OPEN),
    _Kind("withdrawn", "Withdrawn", "Confirmed once; more results have taken the evidence away.", "--status withdrawn",
          10, 0, _status(CauseStatus.WITHDRAWN)),
)  # fmt: skip


def changes_page(site: SiteInput, hrefs: Hrefs, links: Links) -> ChangesPage:
    """The page of all changes: the newest of each kind in full, the others on one line each."""
    return _page(site, False, hrefs, links)


def earlier_changes(site: SiteInput, hrefs: Hrefs, links: Links) -> ChangesPage:
    """The page that tells in full what is older or settled, as far as that is told in full at all."""
    return _page(site, True, hrefs, links)


def _page(site: SiteInput, earlier: bool, hrefs: Hrefs, links: Links) -> ChangesPage:
    kinds = [(kind, [cause for cause in site.causes if kind.holds(cause)]) for kind in KINDS]
    parts = [
        (kind, len(held), *((held[kind.seen : kind.most], []) if earlier else
                            (held[: kind.seen], held[kind.seen : kind.most + MOST_BRIEF])))
        for kind, held in kinds
    ]  # fmt: skip
    choices = choices_of([cause for _, _, full, older in parts for cause in (*full, *older)], site.runs)
    several = len(choices.environments) > 1
    sections = []
    for kind, total, full, older in parts:
        if full or older:
            detailed = min(len(older), kind.most - kind.seen)
            brief = [_brief(cause, kind, i < detailed, hrefs, links, several) for i, cause in enumerate(older)]
            section = Section(
                kind.id, kind.heading, kind.words, len(full) if earlier else total,
                tuple(cause_view(cause, hrefs, links, several) for cause in full), tuple(brief), detailed,
                0 if earlier else total - len(full) - len(brief),
                f"regress changes {kind.command} -n {len(site.causes)}",
            )  # fmt: skip
            sections.append(section)
    return _numbered(ChangesPage(len(site.causes), tuple(sections), choices))


def _numbered(page: ChangesPage) -> ChangesPage:
    """The page with each name of a benchmark once: causes of one day hold the same hundred of them."""
    places: dict[str, int] = {}

    def short(attributes: Attributes) -> Attributes:
        return tuple((name, numbers(text) if name == "names" else text) for name, text in attributes)

    def numbers(text: str) -> str:
        return " ".join(str(places.setdefault(name, len(places))) for name in text.split("\n"))

    sections = tuple(
        replace(
            section,
            first=tuple(replace(cause, attributes=short(cause.attributes)) for cause in section.first),
            brief=tuple(replace(cause, attributes=short(cause.attributes)) for cause in section.brief),
        )
        for section in page.sections
    )
    return replace(page, sections=sections, names=tuple(places))


def on_page(causes: Sequence[Cause]) -> frozenset[str]:
    """The ids of the causes that the page of changes shows."""
    shown = (cause.id for kind in KINDS for cause in [c for c in causes if kind.holds(c)][: kind.most + MOST_BRIEF])
    return frozenset(id_ for id_ in shown if id_)


def news(site: SiteInput, hrefs: Hrefs, links: Links) -> News:
    """What changed within the newest thirty measured commits or ninety days, confirmed and open."""
    is_news = _recent(site.runs)
    fresh = [cause for cause in site.causes if is_news(cause)]
    worse, better = (
        [cause for cause in fresh if _open(trend)(cause)] for trend in (Trend.REGRESSION, Trend.IMPROVEMENT)
    )
    return News(
        tuple(cause_view(cause, hrefs, links) for cause in worse[:MOST_NEWS]),
        len(worse[MOST_NEWS:]),
        tuple(cause_view(cause, hrefs, links) for cause in better[:MOST_NEWS]),
        len(better[MOST_NEWS:]),
    )


def cause_view(cause: Cause, hrefs: Hrefs, links: Links, several: bool = False) -> CauseView:
    """One cause for people; `several`: the page tells of several environments."""
    mixed = len({change.environment for change in cause.changes}) > 1
    hits = tuple(_hit(change, hrefs, mixed) for change in cause.changes[:MOST_HITS])
    known = {commit.hash: commit for commit in cause.commits}
    span = cause.span
    listed = cause.commits if len(cause.commits) == cause.candidates > 1 else ()
    one = cause.candidates == 1
    return CauseView(
        id=cause.id,
        anchor=cause_anchor(cause.id),
        href=cause_href(cause.id),
        date=cause.when.date().isoformat() if cause.when else "",
        trend=TRENDS[cause.trend],
        status=STATUSES[cause.status] if cause.confirmed else SUSPECTED,
        title=_title(cause, known),
        place=_place(cause),
        likely=_commit(known.get(span.estimate, Commit(span.estimate)), cause, links),
        ends=() if one else tuple(_commit(known.get(end, Commit(end)), cause, links) for end in _ends(cause)),
        commits=tuple(_commit(commit, cause, links) for commit in listed),
        count=_count(cause),
        change=change_of(cause.changes[0]) if cause.changes else Change(),
        interval=interval_of(cause.changes[0]) if cause.changes else "",
        hits=hits[:SEEN_HITS],
        more=hits[SEEN_HITS:],
        unfold=_unfold(len(cause.changes) - SEEN_HITS, one),
        left=len(cause.changes) - len(hits),
        facts=cause.facts,
        reason=cause.reason,
        note=cause.note,
        attributes=attributes_of(cause, {hit.name for hit in hits}, several),
    )


def _brief(cause: Cause, kind: _Kind, full: bool, hrefs: Hrefs, links: Links, several: bool) -> Brief:
    """An older cause; `full`: the page of earlier changes tells all of it."""
    known = {commit.hash: commit for commit in cause.commits}
    worst = cause.changes[0] if cause.changes else None
    change = change_of(worst) if worst else Change()
    page = f"{EARLIER_CHANGES}#{cause_anchor(cause.id) or kind.id}" if full else ""
    if worst and not full:
        page = hrefs.section((worst.key.benchmark.suite, worst.key.benchmark.name), worst.environment)
    return Brief(
        cause_anchor(cause.id),
        cause.when.date().isoformat() if cause.when else "date not known",
        TRENDS[cause.trend].tone,
        _title(cause, known),
        page,
        _commit(known.get(cause.span.estimate, Commit(cause.span.estimate)), cause, links),
        f"{change.percent} {change.word}, {_count(cause)}".strip(" ,"),
        tuple(text for text in (cause.reason, cause.note) if text),
        attributes_of(cause, (), several),
    )


def _count(cause: Cause) -> str:
    """How many benchmarks it changed."""
    benchmarks = len({(change.key.benchmark.suite, change.key.benchmark.full) for change in cause.changes})
    return f"{benchmarks:,} benchmark{'' if benchmarks == 1 else 's'}"


def _recent(runs: Mapping[int, StoredRun]) -> Callable[[Cause], bool]:
    """Whether a cause is news, measured by the newest commit and not by today: a site is the same on every day."""
    ordered = sorted(runs.values(), key=lambda run: -run.order)
    commits = set(list(dict.fromkeys(run.commit for run in ordered if run.commit))[:NEWS_COMMITS])
    last = newest(runs.values())
    moment = last.moment if last else None
    since = moment.date() - timedelta(days=NEWS_DAYS) if moment else date.max
    return lambda cause: cause.span.estimate in commits or (cause.when is not None and cause.when.date() >= since)


def _title(cause: Cause, known: Mapping[str, Commit]) -> str:
    """The subject of the likely commit; where it is not known, the benchmark that changed most."""
    commit = known.get(cause.span.estimate)
    if commit and commit.subject:
        return commit.subject
    names = dict.fromkeys(change.key.benchmark.name for change in cause.changes)
    others = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    return f"{next(iter(names), 'Subject not known')}{others}"


def _unfold(more: int, one: bool) -> str:
    """What unfolding a cause shows besides: further changes, and the commits where there are several."""
    changes = f"{more:,} more" if more > 0 else ""
    if one:
        return changes
    return f"{changes}, and the commits it may be" if changes else "The commits it may be"


def _place(cause: Cause) -> str:
    if cause.candidates == 1:
        return "this commit"
    return f"first seen here, one of {cause.candidates:,} commits" if cause.candidates else "first seen here"


def _ends(cause: Cause) -> tuple[str, str]:
    return cause.span.after, cause.span.until


def _commit(commit: Commit, cause: Cause, links: Links) -> CommitLine:
    likely = commit.hash == cause.span.estimate
    return CommitLine(links.short(commit.hash), links.commit(commit.hash), commit.subject, commit.author, likely)


def _hit(change: ChangePoint, hrefs: Hrefs, mixed: bool) -> Hit:
    benchmark, metric = change.key.benchmark, change.key.metric
    return Hit(
        benchmark.name,
        benchmark.variant,
        metric_label(metric),
        change.environment.label if mixed else "",
        hrefs.section((benchmark.suite, benchmark.name), change.environment),
        value(change.before, metric),
        value(change.after, metric),
        change_of(change),
        interval_of(change),
        remark_of(change),
    )
