"""The verdict line and the findings: silence is never green."""

from dataclasses import replace
from datetime import timedelta

import pytest

from regress.model import Benchmark, Environment, Key, Metric, Outcome
from regress.model.run import Direction
from regress.site import build
from regress.site.links import Links
from regress.site.overview import FEWEST_COMMITS, RECENT_DAYS, headline, in_use, overview
from regress.site.pages import anchor
from regress.site.verdicts import opinion_of

from .factories import ENVIRONMENT, History, make_key, make_report, make_run, make_runs, make_series, make_verdict
from .html_reader import read
from .test_browser import browser  # noqa: F401


def verdicts_of(*outcomes):
    return [make_verdict(make_key(f"b{i}"), 1.0, 1.5, outcome) for i, outcome in enumerate(outcomes)]


@pytest.mark.parametrize(
    ("outcomes", "tone", "text"),
    [
        ((Outcome.REGRESSED, Outcome.UNCHANGED, Outcome.REGRESSED), "bad", "2 regressed"),
        ((Outcome.MISSING, Outcome.FAILED, Outcome.BREACHED), "bad", "1 budget breached, 1 failed, 1 missing"),
        ((Outcome.UNCHANGED, Outcome.IMPROVED), "good", "No regression among 2 comparisons"),
        ((Outcome.UNCHANGED,), "good", "No regression in 1 comparison"),
        ((Outcome.NEW,), "quiet", "First run recorded, nothing to compare with yet"),
        ((Outcome.INCOMPARABLE,), "warn", "Nothing could be judged"),
        ((), "quiet", "No verdict on the newest commit"),
    ],
)
def test_the_verdict_line(outcomes, tone, text):
    line = headline([make_report(verdicts_of(*outcomes))], make_run(1))
    assert (line.tone, line.text) == (tone, text)


def test_no_report_is_not_green():
    assert headline([], None).tone == "quiet"


def test_what_was_not_judged_is_said_beside_a_green_verdict():
    line = headline([make_report(verdicts_of(Outcome.UNCHANGED, Outcome.INCONCLUSIVE))], make_run(1))
    assert line.tone == "good"
    assert line.notes == ("Not judged: 1 of 2.",)


def test_a_verdict_on_an_older_commit_says_so():
    line = headline([make_report(verdicts_of(Outcome.UNCHANGED), make_run(1).commit)], make_run(2))
    assert make_run(2).commit[:10] in line.notes[0]


def test_warnings_and_what_was_not_run_are_told():
    report = make_report([], warnings=["the clone is shallow"], not_run=["asv on mini"])
    assert headline([report], make_run(1)).notes == ("the clone is shallow", "Not run: asv on mini")


def test_many_variants_of_one_benchmark_are_one_finding_led_by_the_worst():
    verdicts = [make_verdict(make_key(variant=f"({i})"), 1.0, 1.0 + i / 10, Outcome.REGRESSED) for i in range(1, 5)]
    page = overview(make_runs(1), [make_report(verdicts)], [], {}, Links())
    (finding,) = page.regressed
    assert finding.worst.variant == "(4)"
    assert [other.variant for other in finding.others] == ["(3)", "(2)", "(1)"]
    assert finding.href == ""


def test_the_worst_throughput_is_the_lowest():
    rate = Metric("requests", "1/s", Direction.HIGHER)
    verdicts = [
        make_verdict(Key(Benchmark("load", name), rate), 100.0, value, Outcome.REGRESSED)
        for name, value in (("a", 90.0), ("b", 20.0))
    ]
    page = overview(make_runs(1), [make_report(verdicts)], [], {}, Links())
    assert [finding.worst.name for finding in page.regressed] == ["b", "a"]


def test_an_opinion_states_its_proof():
    opinion = opinion_of(
        make_verdict(make_key(), 0.010, 0.0145, Outcome.REGRESSED, hint="measure again"), several=False
    )
    assert (opinion.base, opinion.candidate, opinion.change.percent) == ("10 ms", "14.5 ms", "+45.0%")
    proof = dict(opinion.proof)
    assert proof["Smallest visible change"] == "2.1% (12 earlier runs)"
    assert proof["Rule"] == "pyproject.toml:41"
    assert proof["Base"] == "10 ms · 5 runs · n = 50 · 9.90 ms to 10.1 ms"
    assert proof["What to do"] == "measure again"
    assert opinion.environment == ""


def test_a_missing_benchmark_has_no_candidate():
    opinion = opinion_of(make_verdict(make_key(), 1.0, float("nan"), Outcome.MISSING), several=True)
    assert (opinion.candidate, opinion.change.percent) == ("", "")
    assert opinion.environment


def test_an_empty_history():
    page = overview({}, [], [], {}, Links())
    assert page.commit is None
    assert page.counts == (("0", "runs"), ("0", "benchmarks"), ("0", "environments"))
    assert History(n=0).site().reports == []


OLD = Environment.of({"machine": "mini", "python": "CPython 3.8"})
OLDEST = Environment.of({"machine": "mini", "python": "CPython 3.7"})


def given_up(n=60):
    """A history of an environment in use and of two that only the first commits were measured in."""
    history = History(n, environments=(ENVIRONMENT, OLD, OLDEST))
    kept = {ENVIRONMENT: n, OLD: 20, OLDEST: 10}
    runs = {id_: run for id_, run in history.runs.items() if run.order <= kept[run.environment]}
    history.runs.clear()
    history.runs.update(runs)
    history.add(make_key("kept"), 1.0)
    for e, environment in enumerate((OLD, OLDEST), 1):
        for name in ("kept", "removed"):
            values = [1.0] * (kept[environment] - (environment == OLD))
            history.series.append(make_series(make_key(name), values, environment=environment, first=e * n + 1))
    return history


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("given-up") / "out"
    build(given_up().site(), out)
    return out


def rows(page):
    return [attrs["href"] for attrs in page.all("a") if "data-bench" in attrs]


def test_the_first_page_has_every_benchmark_once_and_the_environments_in_use_whole(site):
    first, earlier = read(site / "index.html"), read(site / "earlier.html")
    assert rows(first) == [f"b/kept.html#{anchor(ENVIRONMENT)}", f"b/removed.html#{anchor(OLD)}"]
    assert "1 of 2 benchmarks: those that no environment in use has" in first.content
    assert "2 environments that are no longer measured" in first.content
    assert "3 environments" in first.content, "all of them are counted"
    places = [f"b/{name}.html#{anchor(place)}" for place in (OLD, OLDEST) for name in ("kept", "removed")]
    assert sorted(rows(earlier)) == sorted(places)
    assert {anchor(OLD), anchor(OLDEST)} <= set(earlier.ids)
    assert (site / "index.csv").read_text("utf-8").count("\n") == 1 + 5, "the data is whole"


def test_buttons_count_the_rows_of_their_own_page(site):
    for name, stale in (("index.html", 1), ("earlier.html", 2)):
        text = read(site / name).text
        assert f"Stale <b>{stale}</b>" in text


def test_without_such_environments_there_is_no_such_page(tmp_path):
    out = tmp_path / "out"
    build(given_up().site(), out)
    assert (out / "earlier.html").is_file()
    built = build(History(60).site(), out)
    assert not (out / "earlier.html").exists(), "removed with what it was for"
    assert built.pages == len(list(out.rglob("*.html")))
    assert "earlier.html" not in (out / "index.html").read_text("utf-8")


@pytest.mark.parametrize(("days", "behind", "used"), [(1, 29, True), (1, 30, False), (10, 9, True), (10, 10, False)])
def test_an_environment_is_given_up_after_commits_and_days(days, behind, used):
    """A project that measures a commit every ten days does not wait for thirty of them."""
    start = make_run(1).committed_at
    assert days * FEWEST_COMMITS > RECENT_DAYS or days == 1
    history = History(60, environments=(ENVIRONMENT, OLD))
    history.runs.update(
        {id_: replace(run, committed_at=start + timedelta(days * run.order)) for id_, run in history.runs.items()}
    )
    for id_, run in list(history.runs.items()):
        if run.environment == OLD and run.order > 60 - behind:
            del history.runs[id_]
    assert (OLD in in_use(history.runs.values())) is used
    assert ENVIRONMENT in in_use(history.runs.values())


@pytest.mark.browser
@pytest.mark.parametrize("fragment", ["#env={}&q=kept", "#{}"])
def test_the_address_of_an_environment_that_was_given_up_leads_to_it(browser, site, fragment):  # noqa: F811
    page = browser.new_page()
    asked = fragment.format(anchor(OLDEST))
    page.goto((site / "index.html").as_uri() + asked)
    page.wait_for_url(f"**/earlier.html{asked}")
    page.wait_for_selector("html[data-ready='1']", state="attached")
    seen = "[...document.querySelectorAll('a[data-bench]')].filter(a => a.checkVisibility()).map(a => a.textContent)"
    assert page.evaluate(seen) == (["kept"] if "=" in fragment else ["kept", "removed"] * 2)
    page.goto((site / "index.html").as_uri() + f"#env={anchor(ENVIRONMENT)}")
    page.wait_for_selector("html[data-ready='1']", state="attached")
    assert page.evaluate("location.pathname").endswith("/index.html")
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 390])
@pytest.mark.parametrize("name", ["index.html", "earlier.html"])
def test_axe_finds_nothing(browser, site, name, width, scheme):  # noqa: F811
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto((site / name).as_uri())
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.run(page)
    page.close()
    assert found.violations_count == 0, found.generate_report()
