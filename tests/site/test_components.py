"""Variants side by side on the site: what the view says, who gets the page, and that it comes from a real history."""

import math
from dataclasses import replace

import numpy as np
import pytest

from regress import config
from regress.errors import ConfigError
from regress.history import History as Store
from regress.model import TIME, Benchmark, Direction, Environment, Key, Kind, Metric
from regress.model.components import By, Components, Contest, Entry, Group, Ratio
from regress.site import build
from regress.site.components import MOST_ROWS, MOST_VARIANTS, components_page, headline, shown_variants
from regress.site.hrefs import Hrefs
from regress.site.links import Links
from regress.work.components import parse_by
from regress.work.context import Workspace
from regress.work.site import build_site
from regress.work.site_scope import SiteRequest
from tests.factories import ENVIRONMENT as HERE
from tests.factories import make_run

from .factories import ENVIRONMENT, History, make_key
from .hostile import EVIL, HIT, NAMES, PLACES, WORST
from .html_reader import read

SIZE = Metric("peak_memory", "B", Direction.LOWER, Kind.EXACT)
LIST, HEAP, TREE = (
    Entry("list", 1e-3, 3),
    Entry("heap", 2e-3, 3, Ratio(2.0, 1.5, 2.6, "3 runs that measured both")),
    Entry("tree", 4e-3, 1, Ratio(4.0, evidence="one run")),
)
FAILED = Entry("tree", math.nan, 0, note="failed")


def contest(*entries, winner="", name="bench.push", metric=TIME, reference="list", place=ENVIRONMENT, statistic="min"):
    reason = "95 % intervals of 3 runs" if winner else "intervals of list and heap overlap"
    return Contest(Benchmark("asv", name, "[n=10]"), metric, place, statistic, entries, reference, winner, reason)


def comparison(*contests, by=None, variants=("list", "heap", "tree"), groups=(), **more):
    told = {"what": "4 runs", "command": "regress compare --by param:backend 1f3a9c02d4e5"} | more
    return Components(by or By("param", "backend"), variants[0], variants, contests, groups, **told)


def group(*entries, **more):
    said = {"suite": "", "metric": TIME, "environment": ENVIRONMENT, "reference": "list", "winner": "", "reason": "why"}
    return Group(**said | {"entries": entries} | more)


SAMPLE = comparison(
    contest(LIST, HEAP, TREE, winner="list"),
    contest(LIST, HEAP, FAILED, name="bench.pop"),
    contest(replace(LIST, value=1024), replace(TREE, value=4096), metric=SIZE, statistic="value"),
    groups=(group(replace(LIST, value=math.nan, count=2), replace(HEAP, value=math.nan, count=2), winner="list"),),
    warnings=("careful",),
)


def hostile():
    """Comparisons in which all that can be named is hostile: variants, benchmarks, metrics, machines, reasons."""
    entries = [Entry(name, 1e-3, 3, Ratio(1.5, 1.1, 2.0, EVIL), note=WORST) for name in (*NAMES, EVIL, WORST)]
    entries[0] = replace(entries[0], ratio=None)
    entries[1] = replace(entries[1], value=math.nan, ratio=None)
    names = [entry.variant for entry in entries]
    evil = replace(TIME, name=EVIL)
    contests = [
        replace(contest(*entries, name=name, metric=evil, reference=NAMES[at % 3], place=PLACES[at % 2]),
                winner=names[at % 3] if at % 2 else "", reason=WORST)
        for at, name in enumerate(NAMES)
    ]  # fmt: skip
    groups = [group(*entries, metric=evil, environment=place, suite=EVIL, reason=EVIL) for place in PLACES]
    told = {"what": WORST, "warnings": (EVIL,), "command": EVIL}
    return {
        f"param:{EVIL}": Components(By("param", EVIL), names[0], names, contests, groups, **told),
        f"param:{EVIL} ": Components(By("env", WORST), names[0], names[:3], contests[:2], groups, **told),
        f"tag:{WORST}": EVIL,
    }


def view(found, hrefs=None):
    site = replace(History(0).site(), components=found)
    return components_page(site, Hrefs(hrefs or {}), Links(""))


def section(found, hrefs=None):
    return view({str(found.by): found}, hrefs).sections[0]


def test_a_comparison_in_words_and_figures():
    seen = section(SAMPLE, {("asv", "bench.push"): "b/bench.push.html"})
    assert (seen.title, seen.by, seen.headline) == (
        "Parameter backend", "param:backend", "of 3, list wins 1; no winner in 2",
    )  # fmt: skip
    assert (seen.reference, seen.variants, seen.warnings) == ("list", ("list", "heap", "tree"), ("careful",))
    first, second, third = seen.rows
    assert (first.name, first.href, first.variant) == ("asv: bench.push", "b/bench.push.html", "[n=10]")
    assert (first.figure, first.environment, first.to) == ("time, min", "", "")
    assert [(cell.figure, cell.ratio, cell.interval, cell.wins) for cell in first.cells] == [
        ("1 ms", "reference", "", True), ("2 ms", "2×", "1.50 to 2.60", False), ("4 ms", "4×", "no interval", False),
    ]  # fmt: skip
    assert (first.badge.word, first.badge.tone) == ("list", "good")
    assert (second.badge.word, second.badge.tone, second.href) == ("No winner", "quiet", "")
    assert second.reason == "intervals of list and heap overlap"
    assert (second.cells[2].figure, second.cells[2].ratio) == ("failed", "")
    # An exact metric has no noise: that there is no interval is nothing to say.
    assert [(cell.figure, cell.ratio, cell.interval) for cell in third.cells] == [
        ("1 KiB", "reference", ""), ("", "", ""), ("4 KiB", "4×", ""),
    ]  # fmt: skip
    assert third.figure == "peak memory"


def test_means_say_how_many_they_are_of():
    (mean,) = section(SAMPLE).means
    assert (mean.name, mean.figure, mean.badge.word) == ("Geometric mean", "time", "list")
    assert [(cell.figure, cell.ratio) for cell in mean.cells] == [("n = 2", "reference"), ("n = 2", "2×"), ("", "")]
    found = replace(SAMPLE, groups=[group(LIST, HEAP, suite="asv")])
    assert section(found).means[0].name == "asv: geometric mean"


def test_environments_and_a_reference_of_its_own_are_told_where_they_differ():
    found = comparison(contest(LIST, HEAP), contest(HEAP, TREE, reference="heap", place=PLACES[1]))
    first, second = section(found).rows
    assert (first.environment, first.to) == (ENVIRONMENT.label, "")
    assert (second.environment, second.to) == (PLACES[1].label, "heap")


@pytest.mark.parametrize(
    ("winners", "said"),
    [
        (["a"], "the winner is a"),
        ([""], "no winner"),
        (["", ""], "no winner in 2"),
        (["b", "a", "b", ""], "of 4, b wins 2, a 1; no winner in 1"),
        (["a", "b", "c", "d", "e", "e"], "of 6, e wins 2, a 1, b 1, others 2"),
    ],
)
def test_the_headline(winners, said):
    found = comparison(*(contest(LIST, HEAP, winner=winner) for winner in winners), variants=("a", "b", "c", "d", "e"))
    assert headline(found) == said


def test_what_is_too_much_for_a_page_is_counted_and_the_reference_stays():
    names = [f"v{at}" for at in range(MOST_VARIANTS + 6)]
    found = replace(comparison(*[contest(LIST, HEAP)] * (MOST_ROWS + 5), variants=names), reference=names[-1])
    seen = section(found)
    assert (len(seen.rows), len(seen.variants)) == (MOST_ROWS, MOST_VARIANTS)
    assert shown_variants(found)[-1] == names[-1]
    assert seen.unshown == f"Shown are the first {MOST_ROWS} of {MOST_ROWS + 5} rows and 24 of 30 variants."
    assert section(SAMPLE).unshown == ""


def test_the_page_is_there_only_where_it_is_configured(tmp_path):
    history = History(5)
    history.add(make_key("bench.push"), 1.0)
    bare, wanted = tmp_path / "bare", tmp_path / "wanted"
    without = build(history.site(), bare)
    built = build(history.site(components={"param:backend": SAMPLE, "suite": "nothing is alike"}), wanted)
    assert built.pages == without.pages + 1
    assert not (bare / "components.html").exists()
    assert "components.html" not in (bare / "index.html").read_text("utf-8")
    for path in wanted.rglob("*.html"):
        root = "" if path.parent == wanted else "../"
        assert [a for a in read(path).all("a") if a["href"] == f"{root}components.html"], path
    page = read(wanted / "components.html")
    assert [a["href"] for a in page.all("a") if "aria-current" in a] == ["components.html"]
    assert len(page.ids) == len(set(page.ids))
    for words in (
        "Not compared",
        "suite nothing is alike",
        "ratios to list",
        "1.50 to 2.60",
        "careful",
        "not measured",
    ):
        assert words in page.content
    assert page.content.index("Geometric mean") < page.content.index("bench.pop")
    # A site that is built again without it has the page no more.
    assert build(history.site(), wanted).removed == 1


def test_hostile_names_are_text(tmp_path):
    history = History(3)
    history.add(make_key("bench.push"), 1.0)
    build(history.site(components=hostile()), tmp_path / "out")
    page = read(tmp_path / "out" / "components.html")
    assert not page.all("script", "img", "svg", "iframe")
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    assert f"<script>{HIT}</script>" in page.content
    assert len(page.ids) == len(set(page.ids))
    assert page.all("section")[-1]["aria-labelledby"] == "left-out"


def measured(root, *, environments=(HERE,), key="components = ['param:backend', 'param:nothing']"):
    """A project whose every run of six commits measures two backends, one twice as slow, on each environment."""
    (root / "regress.toml").write_text(f"branch = 'main'\n{key}\n", encoding="utf-8")
    runs = []
    for at in range(6):
        rng = np.random.default_rng(at)
        for place in environments:
            for again in range(3 if at == 5 else 1):
                rows = {
                    Key(Benchmark("asv", "bench.push", f"({name})", params=(("backend", name),)), TIME):
                    cost * 1e-3 * math.exp(0.01 * rng.standard_normal())
                    for name, cost in (("list", 1.0), ("heap", 2.0))
                }  # fmt: skip
                runs.append(make_run(f"c{at}", rows, minutes=100 * at + again, environment=place))
    with Store.open(str(root / ".regress" / "history.db")) as store:
        store.record(runs)


def built_page(root, request=None):
    with Workspace.open(root) as workspace:
        build_site(workspace, root / "out", request or SiteRequest())
    return read(root / "out" / "components.html").content


def test_a_real_history_is_compared_on_its_newest_commit(tmp_path, monkeypatch):
    monkeypatch.delenv("REGRESS_DB", raising=False)
    measured(tmp_path)
    page = built_page(tmp_path)
    assert "the winner is list" in page
    assert "3 runs" in page
    assert "param:nothing no parameter 'nothing' in these runs; there are: backend" in page


def test_environments_that_the_site_leaves_out_are_not_told_of(tmp_path, monkeypatch):
    monkeypatch.delenv("REGRESS_DB", raising=False)
    other = Environment.of({**dict(HERE.key), "machine": "secret-box"}, dict(HERE.facts))
    measured(tmp_path, environments=(HERE, other), key="components = ['param:backend', 'env:machine']")
    assert "secret-box" in built_page(tmp_path)
    page = built_page(tmp_path, SiteRequest(environments=("box",)))
    assert "secret-box" not in page
    assert "the winner is list" in page
    assert "env:machine what it puts side by side was measured in environments that this site leaves out" in page


@pytest.mark.parametrize("by", ["param:backend", "env:python", "tag:a:b", "suite"])
def test_the_configuration_takes_what_the_command_line_takes(tmp_path, by):
    (tmp_path / "regress.toml").write_text(f"components = ['{by}']", encoding="utf-8")
    assert config.load(tmp_path).components == (by,)
    assert str(parse_by(by)) == by


@pytest.mark.parametrize("by", ["'backend'", "'param:'", "'suite:x'", "'colour:red'", "''"])
def test_what_nothing_can_be_compared_by_is_one_line(tmp_path, by):
    (tmp_path / "regress.toml").write_text(f"project = 'x'\ncomponents = [{by}]", encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"regress\.toml:2: components: write param:NAME, env:NAME, tag:NAME or suite"
    ):
        config.load(tmp_path)
