"""The Atom feed of confirmed causes (RFC 4287), newest first.

An entry's id is made of the cause's, which stays when its estimate moves; it is `updated` at the date of the estimated
commit, so that the same history gives the same feed on every day.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..model import Cause, CauseStatus
from .changes import CauseView, cause_view
from .hrefs import Hrefs
from .input import SiteInput
from .links import Links
from .steps import CAUSES_PAGE

FEED = "changes.xml"
MOST_ENTRIES = 50
ATOM, XHTML = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"
# Drawn once at random; the ids of all feeds and entries are made from it.
NAMESPACE = uuid.UUID("6f0d7c1e-2b5a-4c39-9c0e-8a4d5be1f7a3")
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
# What XML 1.0 has no way to write, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed(site: SiteInput, links: Links) -> str:
    """The feed as a document; its links are relative, and mean `site.base_url` where that is given."""
    causes = [c for c in site.causes if c.id and c.confirmed and c.status is not CauseStatus.WITHDRAWN][:MOST_ENTRIES]
    project = site.project or "Benchmarks"
    root = Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    if site.base_url:
        root.set("xml:base", _clean(site.base_url.rstrip("/") + "/"))
        SubElement(root, "link", rel="self", type="application/atom+xml", href=FEED)
    _text(root, "id", _urn(f"feed {project}"))
    _text(root, "title", f"{project}: changes")
    _text(root, "updated", _moment(max((_when(cause) for cause in causes), default=_newest(site))))
    _text(SubElement(root, "author"), "name", project)
    SubElement(root, "link", rel="alternate", type="text/html", href=CAUSES_PAGE)
    generator = _text(root, "generator", "regress")
    if site.version:
        generator.set("version", _clean(site.version))
    for cause in causes:
        _entry(root, cause, cause_view(cause, Hrefs(), links))
    indent(root, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, "unicode") + "\n"


def _entry(root: Element, cause: Cause, view: CauseView) -> None:
    entry = SubElement(root, "entry")
    _text(entry, "id", _urn(f"cause {cause.id}"))
    change = f"{view.change.percent} {view.change.word}".strip()
    _text(entry, "title", f"{view.trend.word}: {change}, {view.count} · {view.title}")
    _text(entry, "updated", _moment(_when(cause)))
    if view.likely.author:
        _text(SubElement(entry, "author"), "name", view.likely.author)
    SubElement(entry, "link", rel="alternate", type="text/html", href=view.href)
    for term in (cause.trend.value, cause.status.value):
        SubElement(entry, "category", term=term)
    content = SubElement(entry, "content", type="xhtml")
    _content(SubElement(content, "div", {"xmlns": XHTML}), view)


def _content(div: Element, view: CauseView) -> None:
    """The commit, the worst benchmarks, and what people said: as text, whatever it holds."""
    line = SubElement(div, "p")
    line.text = "Commit "
    commit = SubElement(line, "a", href=view.likely.url) if view.likely.url else SubElement(line, "code")
    commit.text = _clean(view.likely.short or "not known")
    commit.tail = _clean(f" {view.likely.subject} ({view.place})".replace("  ", " "))
    hits = SubElement(div, "ul")
    for hit in (*view.hits, *view.more):
        name = " ".join(part for part in (hit.name + hit.variant, hit.metric, hit.environment) if part)
        sure = f", {hit.interval}" if hit.interval else ""
        doubt = f" ({hit.remark})" if hit.remark else ""
        what = f"{hit.change.percent} {hit.change.word}{sure}: {hit.before} → {hit.after}, {name}{doubt}"
        _text(hits, "li", what)
    if view.left:
        _text(div, "p", f"… and {view.left:,} more.")
    said = (("Changed there", ", ".join(view.facts)), (view.status.word, view.reason), ("Note", view.note))
    for term, words in said:
        if words:
            _text(div, "p", f"{term or 'Reason'}: {words}")


def _text(parent: Element, tag: str, text: str) -> Element:
    made = SubElement(parent, tag)
    made.text = _clean(text)
    return made


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def _urn(name: str) -> str:
    return uuid.uuid5(NAMESPACE, _clean(name)).urn


def _when(cause: Cause) -> datetime:
    return _aware(cause.when) if cause.when else UNDATED


def _newest(site: SiteInput) -> datetime:
    """The newest date of the history, for a feed without entries."""
    dates: Sequence[datetime] = [run.moment or UNDATED for run in site.runs.values()]
    return max((_aware(moment) for moment in dates), default=UNDATED)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
