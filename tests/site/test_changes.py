"""Causes on the site: their page, their feed, the news of the overview, and the marks in the charts."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.model import CauseStatus, ChangeStatus, Commit, Environment
from regress.site import build
from regress.site.axis import Axes, Cut
from regress.site.changes import (
    EARLIER_CHANGES,
    KINDS,
    MOST_HITS,
    MOST_NEWS,
    cause_view,
    changes_page,
    earlier_changes,
    news,
    on_page,
)
from regress.site.choices import Choices, attributes_of
from regress.site.feed import feed
from regress.site.hrefs import Hrefs
from regress.site.lines import line_of
from regress.site.links import Links
from regress.site.pages import anchor
from regress.site.steps import Steps, segments_of, stretches_of
from regress.site.trend import Entry, chart

from .causes import make_cause, make_change, of_every_kind, suspected
from .factories import ENVIRONMENT, History, make_key, make_run, make_runs, make_series, realistic, steps
from .html_reader import read

ATOM = "{http://www.w3.org/2005/Atom}"
LINKS = Links("https://example.org/c/{commit}")
HREFS = Hrefs({("asv", "bench.time_it"): "b/it.html"}, [(("asv", "bench.time_it"), ENVIRONMENT)])
EVIL = "\"'><script>alert(1)</script>&amp;\u202e\x00\x1b[31m</entry>"


def site_of(causes, n=40, **more):
    history = History(n)
    history.add(make_key(), steps(n, (1, 1.0), (20, 1.5)))
    return history.site(causes=causes, **more)


def test_causes_stand_under_what_became_of_them():
    page = changes_page(site_of(of_every_kind()), Hrefs(), LINKS)
    assert {section.id: [cause.id for cause in section.first] for section in page.sections if section.first} == {
        "regressions": ["aaaa0001", "aaaa0002"],
        "others": ["aaaa0007"],
        "improvements": ["aaaa0003"],
    }
    assert {section.id: [cause.anchor for cause in section.brief] for section in page.sections if section.brief} == {
        "accepted": ["c-aaaa0005"],
        "fixed": ["c-aaaa0004"],
        "suspected": [""],
        "withdrawn": ["c-aaaa0006"],
    }


def test_what_is_settled_is_told_in_full_on_a_page_of_its_own():
    site = site_of(of_every_kind())
    page = earlier_changes(site, Hrefs(), LINKS)
    assert {section.id: [cause.id for cause in section.first] for section in page.sections} == {
        "accepted": ["aaaa0005"],
        "fixed": ["aaaa0004"],
        "suspected": [""],
        "withdrawn": ["aaaa0006"],
    }
    assert not any(section.brief or section.detailed or section.left for section in page.sections)
    assert [n for _, _, n in page.choices.statuses] == [0, 1, 1, 1, 1]
    lines = {section.id: section.brief for section in changes_page(site, HREFS, LINKS).sections}
    assert lines["accepted"][0].page == f"{EARLIER_CHANGES}#c-aaaa0005"
    assert lines["suspected"][0].page == f"{EARLIER_CHANGES}#suspected", "it has no id"
    assert earlier_changes(site_of([make_cause("00000001")]), HREFS, LINKS).sections == ()


def test_every_cause_has_one_place():
    for cause in of_every_kind():
        assert sum(kind.holds(cause) for kind in KINDS) == 1, cause.id


def test_older_causes_stand_on_one_line_each_and_are_counted_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr("regress.site.changes.MOST_BRIEF", 100)
    causes = [make_cause(f"{i:08x}", when=make_run(1).committed_at - timedelta(days=20 * i)) for i in range(300)]
    (section,) = changes_page(site_of(causes), Hrefs(), LINKS).sections
    shown = [cause.anchor for cause in (*section.first, *section.brief)]
    assert (len(section.first), len(section.brief), section.detailed) == (20, 120, 20)
    assert shown == [f"c-{cause.id}" for cause in causes[: len(shown)]]
    assert section.left == 300 - len(shown) > 0
    assert section.command == "regress changes --only regressions --status open -n 300"
    assert {f"c-{id_}" for id_ in on_page(causes)} == set(shown)
    (older,) = earlier_changes(site_of(causes), Hrefs(), LINKS).sections
    assert [cause.anchor for cause in older.first] == shown[20:40]
    assert older.total == 20
    assert sum(kind.most for kind in KINDS) <= 220


def test_a_brief_cause_says_what_when_and_how_much():
    causes = [make_cause(f"{i:08x}", note="watched") for i in range(60)]
    page = changes_page(site_of(causes), HREFS, LINKS)
    (section,) = page.sections
    brief = section.brief[0]
    assert (brief.title, brief.date, brief.tone) == ("Change number 20", "2026-01-25", "bad")
    assert (brief.size, brief.likely.author, brief.said) == ("+50.0% slower, 1 benchmark", "Ada", ("watched",))
    assert brief.page == f"{EARLIER_CHANGES}#c-00000014", "in full"
    assert section.brief[20].page == "b/it.html#" + anchor(ENVIRONMENT)
    assert page.names[int(dict(brief.attributes)["names"])] == "bench.time_it"


def test_a_cause_is_found_by_what_is_written_beside_it():
    site = site_of(of_every_kind())
    page = changes_page(site, Hrefs(), LINKS)
    assert page.choices == Choices(
        (("open", "Open", 4), ("accepted", "Accepted", 1), ("fixed", "Fixed", 1), ("suspected", "Suspected", 1),
         ("withdrawn", "Withdrawn", 1)),
        (("regression", "Regressions", 6), ("improvement", "Improvements", 1), ("unknown", "Neither", 1)),
        ((anchor(ENVIRONMENT), ENVIRONMENT.label),),
        (("30d", "The last 30 days", "2026-01-15"), ("90d", "The last 90 days", "2025-11-16"),
         ("1y", "The last year", "2025-02-14")),
    )  # fmt: skip
    found = {section.id: dict((*section.first, *section.brief)[0].attributes) for section in page.sections}
    assert found["regressions"] == {"status": "open", "dir": "regression", "size": "50.0", "date": "2026-02-11"}
    assert found["improvements"] == {"status": "open", "dir": "improvement", "size": "67.0", "date": "2026-02-05"}
    assert found["suspected"]["status"] == "suspected"
    assert "date" not in found["others"]


def test_a_size_is_the_one_that_is_shown_and_names_are_those_that_are_not():
    grown = [make_change(make_key(f"b{i}"), 3.0, 3.1488) for i in range(MOST_HITS + 2)]
    attributes = dict(attributes_of(make_cause("00000001", *grown), {f"b{i}" for i in range(MOST_HITS)}, True))
    assert attributes["size"] == "5.0"
    assert attributes["names"].split("\n") == ["b8", "b9"]
    assert attributes["env"] == anchor(ENVIRONMENT)
    endless = make_cause("00000001", replace(make_change(before=0.0, after=3.0)))
    assert dict(attributes_of(endless, (), False))["size"] == "Infinity"
    assert "size" not in dict(
        attributes_of(make_cause("00000001", make_change(before=1.0, after=float("nan"))), (), False)
    )


def test_a_link_leads_to_a_section_only_where_there_is_one():
    other = Environment.of({"machine": "given up"})
    changes = [make_change(environment=place) for place in (ENVIRONMENT, other)]
    hits = cause_view(make_cause("00000001", *changes, make_change(make_key("gone"))), HREFS, LINKS).hits
    assert [hit.href for hit in hits] == ["b/it.html#" + anchor(ENVIRONMENT), "b/it.html", ""]


def test_a_cause_tells_its_commit_its_size_and_the_worst_of_it():
    dot = ("asv", "bench_matrix.Dot.time_dot")
    view = cause_view(of_every_kind()[1], Hrefs({dot: "b/dot.html"}, [(dot, ENVIRONMENT)]), LINKS)
    assert view.count == "10 benchmarks"
    assert (view.change.percent, view.change.word) == ("+100%", "slower")
    assert view.interval == "+90.0% to +110%"
    assert view.place == "first seen here, one of 3 commits"
    assert [commit.likely for commit in view.commits] == [False, False, True]
    assert len(view.hits) + len(view.more) == MOST_HITS
    assert (view.left, view.unfold) == (2, "7 more, and the commits it may be")
    assert view.hits[0].href.startswith("b/dot.html#env-")
    assert view.title == "bench_matrix.Dot.time_dot", "the commit's subject is not known"
    assert view.likely.url == f"https://example.org/c/{make_run(35).commit}"


def test_a_level_of_zero_and_no_interval_are_told_without_one():
    change = replace(make_change(before=0.0, after=3.0), lo=float("nan"), hi=float("nan"))
    view = cause_view(make_cause("00000001", change), Hrefs(), Links())
    assert (view.change.percent, view.interval, view.hits[0].before) == ("+∞%", "", "0 s")


def test_news_are_open_confirmed_and_recent():
    causes = [make_cause(f"{i:08x}", at=40 - i) for i in range(10)]
    causes += [
        make_cause("better01", make_change(after=0.5, at=30), at=30),
        make_cause("fixed001", at=30, status=CauseStatus.FIXED),
        suspected(),
    ]
    found = news(site_of(causes), Hrefs(), LINKS)
    assert [cause.id for cause in found.regressions] == [f"{i:08x}" for i in range(MOST_NEWS)]
    assert found.more_regressions == 2
    assert [cause.id for cause in found.improvements] == ["better01"]


def test_news_end_after_thirty_commits_and_ninety_days():
    far = make_runs(200)
    at = {110: True, 109: False, 171: True}  # ninety days back, one more, and well within both
    found = news(replace(site_of([make_cause(f"{o:08x}", at=o) for o in at]), runs=far), Hrefs(), LINKS)
    assert {cause.id for cause in found.regressions} == {f"{order:08x}" for order, shown in at.items() if shown}
    slow = {order: make_run(order, committed_at=make_run(order * 10).committed_at) for order in range(1, 41)}
    causes = [make_cause(f"{order:08x}", at=order, when=slow[order].committed_at) for order in (11, 10)]
    found = news(replace(site_of(causes), runs=slow), Hrefs(), LINKS)
    assert [cause.id for cause in found.regressions] == [f"{11:08x}"], "the thirtieth commit from the end, and no more"


def test_no_runs_and_no_causes_are_no_news():
    nothing = news(replace(site_of([]), runs={}), Hrefs(), LINKS)
    assert not nothing.regressions
    assert not nothing.improvements
    assert changes_page(site_of([]), Hrefs(), LINKS).sections == ()


def a_line(values, version_cut=None):
    series = make_series(make_key(), values)
    axis = Axes(make_runs(len(values)), LINKS).of(series.environment, "asv")
    line = line_of([series], axis)
    return replace(line, cuts=(Cut(version_cut, "changed", "changed"),)) if version_cut else line


def test_levels_lie_between_the_steps_newest_first():
    line = a_line([1.0] * 9 + [2.0] * 10 + [1.0] * 11)
    causes = [
        make_cause("00000002", make_change(before=2.0, after=1.0, at=20), at=20),
        make_cause("00000001", make_change(after=2.0, at=10), at=10),
    ]
    found = Steps(causes, {"00000001"}).of(line)
    assert [step.position for step in found] == [9, 19]
    assert [step.href for step in found] == ["../changes.html#c-00000001", ""]
    rows = segments_of(line, found)
    assert [row.level for row in rows] == ["1 s", "2 s", "1 s"]
    assert [row.change.percent for row in rows] == ["−50.0%", "+100%", ""]
    assert [(row.start.commit, row.end.commit) for row in rows] == [
        (make_run(a).commit, make_run(b).commit) for a, b in ((20, 30), (10, 19), (1, 9))
    ]
    assert [(s.first, s.last, s.level) for s in stretches_of(line, found)] == [(0, 9, 1.0), (9, 19, 2.0), (19, 29, 1.0)]


def test_a_level_ends_where_something_else_than_the_code_changed():
    line = a_line([1.0] * 30, version_cut=15)
    steps_found = Steps([make_cause("00000001", make_change(at=10), at=10)]).of(line)
    assert [(s.first, s.last) for s in stretches_of(line, steps_found)] == [(0, 9), (9, 15)]
    before = Steps([make_cause("00000001", make_change(at=20), at=20)]).of(line)
    assert [(s.first, s.last) for s in stretches_of(line, before)] == [(15, 19), (19, 29)]


def test_withdrawn_changes_and_those_off_the_axis_or_of_others_are_not_drawn():
    line = a_line([1.0] * 30)
    other = Environment.of({"machine": "other"})
    causes = [
        make_cause("00000001", make_change(at=10), at=10, status=CauseStatus.WITHDRAWN),
        make_cause("00000002", make_change(at=11, status=ChangeStatus.WITHDRAWN), at=11),
        make_cause("00000003", make_change(at=300), at=300),
        make_cause("00000004", make_change(at=12, environment=other), at=12),
        make_cause("00000005", make_change(make_key("another"), at=12), at=12),
        make_cause("00000006", make_change(at=1), at=1),
    ]
    assert Steps(causes).of(line) == ()
    assert segments_of(line, ()) == stretches_of(line, ()) == []


@given(st.sets(st.integers(2, 40), max_size=12), st.sets(st.integers(1, 39), max_size=4))
def test_segments_cover_a_line_without_overlap(places, cuts):
    line = replace(a_line([1.0] * 40), cuts=tuple(Cut(place, "", "") for place in cuts))
    found = Steps([make_cause(f"{at:08x}", make_change(at=at), at=at) for at in places]).of(line)
    order = {stop.commit: place for place, stop in enumerate(line.axis.stops)}
    spans = [(order[row.start.commit], order[row.end.commit]) for row in segments_of(line, found)][::-1]
    assert len(found) == len(places)
    assert [end for start, end in spans for end in (start, end)] == sorted(end for span in spans for end in span)
    assert sum(end - start + 1 for start, end in spans) == (40 if places else 0)
    drawn = stretches_of(line, found)
    assert all(0 <= s.first < s.last <= 39 for s in drawn)
    assert all(a.last <= b.first for a, b in pairwise(drawn))


def test_the_chart_marks_each_place_once_led_by_the_surest_change():
    line = a_line([1.0] * 30)
    other = replace(line, key=make_key(variant="(2)"))
    weak = make_change(make_key(variant="(2)"), after=9.0, at=10, status=ChangeStatus.SUSPECTED)
    found = Steps([make_cause("00000001", make_change(at=10), weak, at=10)], {"00000001"})
    picture = chart([Entry(line, 1, "(1)", found.of(line)), Entry(other, 2, "(2)", found.of(other))])
    (mark,) = picture.steps
    assert (mark.sign, mark.tone, mark.weak, mark.href) == ("▲", "bad", False, "../changes.html#c-00000001")
    assert mark.title.splitlines()[:2] == [
        "Regression: +50.0% slower · (1)",
        "Regression (suspected): +800% slower · (2)",
    ]
    assert all(stroke.levels for stroke in picture.strokes)
    assert np.isclose(mark.at, 9 / 29 * 100, atol=0.01)


def entries_of(text):
    return ElementTree.fromstring(text.encode()).findall(f"{ATOM}entry")


def test_the_feed_holds_the_confirmed_causes_newest_first():
    text = feed(site_of(of_every_kind(), version="0.1.0"), LINKS)
    root = ElementTree.fromstring(text.encode())
    assert root.tag == f"{ATOM}feed"
    links = [entry.find(f"{ATOM}link").get("href") for entry in entries_of(text)]
    assert links == [f"changes.html#c-aaaa000{i}" for i in (1, 2, 3, 4, 5, 7)]
    assert root.find(f"{ATOM}updated").text == "2026-02-11T12:00:00Z"
    for element in (root, *entries_of(text)):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert element.find(f"{ATOM}id").text.startswith("urn:uuid:")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", element.find(f"{ATOM}updated").text)
    assert root.find(f"{ATOM}author/{ATOM}name").text == "quicksort"
    ids = [entry.find(f"{ATOM}id").text for entry in entries_of(text)]
    assert len(set(ids)) == len(ids)
    first = " ".join(entries_of(text)[0].itertext())
    assert "Change number 37" in first
    assert "seen by Grace" in first
    assert "numpy 2.3 → 2.4" in first


def test_an_entry_keeps_its_id_when_the_estimate_moves_and_the_project_gets_another_name():
    one = entries_of(feed(site_of([make_cause(at=20)]), LINKS))[0]
    other = entries_of(feed(site_of([make_cause(at=23)], project="renamed"), LINKS))[0]
    assert one.find(f"{ATOM}id").text == other.find(f"{ATOM}id").text
    assert one.find(f"{ATOM}updated").text != other.find(f"{ATOM}updated").text


def test_the_feed_has_a_base_only_where_it_is_known():
    assert "xml:base" not in feed(site_of([]), LINKS)
    text = feed(site_of([], base_url="https://example.org/bench"), LINKS)
    assert 'xml:base="https://example.org/bench/"' in text
    assert 'rel="self"' in text


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_feed_can_be_read_whatever_it_holds(name, words):
    change = make_change(make_key(name, words))
    commit = Commit(make_run(20).commit, (), None, words, name)
    cause = make_cause("00000001", change, commits=(commit,), facts=(name,), note=words, reason=name, when=None)
    assert len(entries_of(feed(site_of([cause], project=name, version=words), LINKS))) == 1


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    out = tmp_path_factory.mktemp("changes") / "out"
    build(realistic().site(causes=of_every_kind()), out)
    return out


def test_every_link_to_a_cause_leads_to_it(built):
    ids = set(read(built / "changes.html").ids)
    linked = {
        attrs["href"].partition("#")[2]
        for path in built.rglob("*.html")
        for attrs in read(path).all("a")
        if "changes.html#" in attrs["href"]
    }
    assert {"c-aaaa0001", "c-aaaa0003", "c-aaaa0004"} <= linked <= ids


def test_the_overview_tells_the_news_before_the_findings(built):
    content = read(built / "index.html").content
    order = ["3 regressed, 1 failed", "New regressions 2", "Change number 37", "New improvements 1", "Regressed 3"]
    assert [content.index(word) for word in order] == sorted(content.index(word) for word in order)


def test_a_trend_has_its_marks_and_its_levels_as_a_table(built):
    page = read(built / "b/bench_io.Load.time_load_csv.html")
    assert "Levels and what changed between them" in page.content
    assert "Improvement aaaa0003" in page.content
    assert "since back" in page.content
    flags = [attrs for attrs in page.all("a") if "changes.html#c-" in attrs["href"] and "title" in attrs]
    assert len(flags) == 2
    assert page.text.count('class="level s1"') == 1


def test_two_sites_of_the_same_causes_are_the_same(built, tmp_path):
    build(realistic().site(causes=of_every_kind()), tmp_path / "out")
    for name in ("changes.html", "changes.xml", "index.html"):
        assert (tmp_path / "out" / name).read_bytes() == (built / name).read_bytes()


def test_foreign_text_of_causes_is_inert(tmp_path):
    key = make_key(EVIL, EVIL)
    commit = Commit(make_run(20).commit, (), None, EVIL, EVIL)
    cause = make_cause(
        "00000001", make_change(key, facts=(EVIL,)), commits=(commit,), facts=(EVIL,), note=EVIL, reason=EVIL
    )
    history = History(40)
    history.add(key, 1.0)
    build(history.site(causes=[cause, replace(cause, id="00000002", status=CauseStatus.ACCEPTED)]), tmp_path / "out")
    for path in (tmp_path / "out").rglob("*.html"):
        page = read(path)
        assert not [attrs for attrs in page.all("script") if "src" not in attrs], path
        assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    assert "<script>alert(1)</script>" in read(tmp_path / "out/changes.html").content, "shown as text"
    assert len(entries_of((tmp_path / "out/changes.xml").read_text("utf-8"))) == 2
