"""Figures to embed elsewhere: SVG badges and sparklines of the suite and of each benchmark, each a file of its own.

A badge is two words in boxes, as people know them from READMEs. Its widths come from a table of character widths, and
`textLength` makes the text fit whatever font is there. A sparkline is the overview's picture; it has the colours of
both schemes in it. Both say in their `<title>` what they show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

from ..model import Outcome, Report
from ..plain import printable
from .overview import EnvironmentRows
from .pages import Row
from .pulse import pulse
from .slug import Named
from .sparkline import HEIGHT, WIDTH, Sparkline
from .verdicts import old_news
from .wording import BADGES, OPEN, RED

SUITE_BADGE, SUITE_SPARK, BADGE_FOLDER, SPARK_FOLDER = "badge.svg", "spark.svg", "badge", "spark"
SUITE_LABEL = "benchmarks"
MOST_SHOWN, MOST_TITLE = 40, 80
PADDING = 6
#: White text has a contrast of 6:1 or more on each.
LABEL_COLOUR = "#3b4148"
COLOURS = {"bad": "#b3261e", "good": "#0b6b66", "warn": "#835300", "quiet": "#565c64", "": "#565c64"}
#: Widths of characters in pixels, of Verdana and its free cousins at 11 pixels.
_WIDTHS = {
    3.4: "Iijl'",
    3.8: " ,./:;\\|·",
    4.4: "-f!()[]rt",
    5.4: '"*_`sJ',
    6.1: "?Lczkvxy",
    6.7: "FPTYaoµ",
    7.1: "0123456789$EKSbdeghnpqu{}",
    7.7: "ABCRVXZNU",
    8.5: "&DGHOQ▲▼",
    9.2: "#+<=>^w~−×≤∞",
    9.6: "M",
    10.8: "%m@W…",
}
_WIDTH_OF = {character: width for width, characters in _WIDTHS.items() for character in characters}
_NARROW, _WIDE = 7.5, 11.0


def figures(
    rows: Iterable[EnvironmentRows], hrefs: Mapping[Named, str], reports: Sequence[Report]
) -> Iterator[tuple[str, str]]:
    """(file, SVG) of every figure. Of a benchmark's rows the first one counts: the environment measured last."""
    rows = sorted(rows, key=lambda each: each.benchmark)
    said, tone = suite_words(reports)
    yield SUITE_BADGE, badge(SUITE_LABEL, said, tone)
    whole = pulse((f"{each.environment.digest} {each.benchmark[0]}", each.latest.recent) for each in rows)
    if whole:
        yield SUITE_SPARK, spark(SUITE_LABEL, whole, tone)
    seen: set[Named] = set()
    for each in rows:
        if each.benchmark not in seen and each.benchmark in hrefs:
            seen.add(each.benchmark)
            file = hrefs[each.benchmark].rpartition("/")[2].removesuffix(".html") + ".svg"
            yield f"{BADGE_FOLDER}/{file}", badge(each.row.name, *row_words(each.row))
            if each.row.spark:
                yield f"{SPARK_FOLDER}/{file}", spark(each.row.name, each.row.spark, each.row.badge.tone)


def suite_words(reports: Sequence[Report]) -> tuple[str, str]:
    """What the suite's badge says, and its tone. Silence is never green: what was not judged is said."""
    counts = Counter(v.outcome for report in reports for v in report.verdicts if not old_news(v))
    red = [f"{counts[outcome]:,} {BADGES[outcome].word.lower()}" for outcome in RED if counts[outcome]]
    judged = sum(counts[outcome] for outcome in (Outcome.UNCHANGED, Outcome.IMPROVED, Outcome.ACCEPTED))
    unsure = sum(counts[outcome] for outcome in OPEN)
    if red:
        return ", ".join(red), "bad"
    if judged:
        return "no regression" + (f", {unsure:,} not judged" if unsure else ""), "good"
    if unsure:
        return "not judged", "warn"
    return ("first run recorded" if counts[Outcome.NEW] else "no verdict"), "quiet"


def row_words(row: Row) -> tuple[str, str]:
    """What a benchmark's badge says, and its tone: the newest value with its change, or what went wrong."""
    outcome, change = row.badge, row.change
    if outcome.word in (BADGES[Outcome.FAILED].word, BADGES[Outcome.MISSING].word):
        return outcome.word.lower(), outcome.tone
    said = ""
    if outcome.word == BADGES[Outcome.UNCHANGED].word:
        return f"{row.last}, unchanged", "good"
    if change.percent and change.word != "no change":
        said = f" {'▼' if change.percent.startswith('−') else '▲'} {change.percent} {change.word}"
    doubt = f", {outcome.word.lower()}" if outcome.word and outcome.tone in ("warn", "quiet") else ""
    if row.stale:
        doubt += ", stale"
    return f"{row.last}{said}{doubt}", outcome.tone


def badge(label: str, message: str, tone: str = "quiet") -> str:
    """A badge; a long label loses its beginning, as the end of a benchmark's name tells most."""
    title = f"{_tail(label, MOST_TITLE)}: {printable(message)}"
    left, right = _tail(label, MOST_SHOWN), printable(message)
    lengths = round(text_width(left)), round(text_width(right))
    a, b = (length + 2 * PADDING for length in lengths)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{a + b}" height="20" role="img">'
        f"<title>{escape(title)}</title>"
        f'<path fill="{LABEL_COLOUR}" d="M4 0h{a - 4}v20H4a4 4 0 0 1-4-4V4a4 4 0 0 1 4-4z"/>'
        f'<path fill="{COLOURS[tone]}" d="M{a} 0h{b - 4}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4h-{b - 4}z"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">'
        f"{_words(left, PADDING, lengths[0])}{_words(right, a + PADDING, lengths[1])}</g></svg>\n"
    )


def spark(name: str, picture: Sparkline, tone: str = "") -> str:
    """A sparkline as a file: the picture of the overview, with the colours of both schemes."""
    ink, dark = ("#565c64", "#b4bac2") if picture.stale else ("#0b62a8", "#6db3ff")
    red = ".x,.d" if tone == "bad" else ".x"
    paths = ((("", picture.line)), (' class="x"', picture.failed), (' class="d"', picture.dot))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH // 2}" height="{HEIGHT // 2}"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{escape(_tail(name, MOST_TITLE))}: '
        f"{escape(printable(picture.text))}</title>"
        f"<style>path{{fill:none;stroke:{ink};stroke-width:3.5;stroke-linecap:round;stroke-linejoin:round}}"
        f".d{{stroke-width:13}}{red}{{stroke:#b3261e}}"
        f"@media(prefers-color-scheme:dark){{path{{stroke:{dark}}}{red}{{stroke:#ff9482}}}}</style>"
        + "".join(f'<path{kind} d="{path}"/>' for kind, path in paths if path)
        + "</svg>\n"
    )


def text_width(text: str) -> float:
    """How wide a text is in pixels, in a badge's font."""
    return sum(map(_width, text))


def _width(character: str) -> float:
    return _WIDTH_OF.get(character) or (_WIDE if east_asian_width(character) in "WF" else _NARROW)


def _words(text: str, x: int, length: int) -> str:
    return f'<text x="{x}" y="14" textLength="{length}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'


def _tail(text: str, most: int) -> str:
    """The end of a foreign text, without what would drive the line of text or break the XML."""
    clean = printable(text)
    return clean if len(clean) <= most else f"…{clean[1 - most :]}"
