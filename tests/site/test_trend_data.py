"""The data of trend pages: what a script reads is what was measured, and it comes in the pieces that pages need."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np
import pytest

from regress.model import Budget, BudgetResult, BudgetState, Direction, Kind, Metric, written
from regress.site.links import Links
from regress.site.pages import by_environment, places_of
from regress.site.steps import Steps
from regress.site.trend_data import FIRST_PACK, TrendFiles

from .factories import ENVIRONMENT, a_line, make_runs
from .wire_reader import column, signed

LINKS = Links("https://git.example/o/r/commit/{commit}")


class Site:
    """The files that were written, as a script would have them."""

    def __init__(self, *targets: BudgetResult) -> None:
        self.texts: dict[str, str] = {}
        self.files = TrendFiles(self.texts.__setitem__, LINKS, targets)

    def content(self, name: str) -> Any:
        told = re.fullmatch(r'regress\.\w+\((?:"([^"]+)",)?(.*)\);\n', self.texts[name], re.S)
        assert told is not None
        assert told[1] in (None, name)
        return json.loads(told[2])

    def benchmark(self, *lines: Any) -> Any:
        self.scripts = self.files.benchmark(places_of(by_environment(lines)), Steps(()))
        return self.content(self.scripts.benchmark)

    def points(self, page: Any, line: Any) -> Any:
        pack, index = line["at"]
        return (self.content(page["packs"][pack]) if pack else page["points"])[index]

    def values(self, page: Any, line: Any) -> dict[int, float]:
        first, step, text, _ = self.points(page, line)
        places, whole = column(text, first)
        return {p: w * step if step else 1.001**w for p, w in zip(places, whole, strict=True)}


def test_values_come_back_to_a_tenth_of_a_percent_and_holes_stay_holes() -> None:
    values = np.exp(np.random.default_rng(3).normal(-9, 2, 60))
    values[[0, 7, 8, 59]] = math.nan
    site = Site()
    page = site.benchmark(a_line(values))
    ((line,),) = ([*panel["lines"]] for panel in page["panels"])
    found = site.values(page, line)
    assert found == pytest.approx({i: v for i, v in enumerate(values.tolist()) if v == v}, rel=5.01e-4)


def test_exact_values_come_back_exactly() -> None:
    metric = Metric("instructions", "1", Direction.LOWER, Kind.EXACT)
    values = [3.0, 123456789012.0, 0.0, 7.0]
    site = Site()
    page = site.benchmark(a_line(values, metric=metric))
    assert list(site.values(page, page["panels"][0]["lines"][0]).values()) == values
    assert page["panels"][0]["kind"] == "exact"


def test_the_axis_tells_times_tags_and_commits() -> None:
    runs = make_runs(5)
    site = Site()
    page = site.benchmark(a_line([1.0] * 5, runs=runs))
    axis = site.content(page["axes"][0]["file"])
    assert site.scripts.axis == page["axes"][0]["file"]
    expected = [int(run.committed_at.timestamp() // 60) for run in runs.values() if run.committed_at]
    assert np.cumsum([axis["start"], *signed(axis["times"])]).tolist() == expected
    assert axis["n"] == 5
    commits = site.content(axis["commits"])
    assert commits["sha"] == [run.commit[:12] for run in runs.values()]
    assert commits["subject"] == [run.subject for run in runs.values()]
    assert commits["url"] == LINKS.pattern


def test_parameters_are_facets_in_their_natural_order() -> None:
    lines = [
        a_line([1.0, 2.0], variant=f"({n}, {kind!r})", params=(("n", n), ("kind", kind)))
        for n in ("16", "128", "2")
        for kind in ("f4", "c8")
    ]
    (panel,) = Site().benchmark(*lines)["panels"]
    assert panel["params"] == ["n", "kind"]
    assert panel["values"] == [["2", "16", "128"], ["c8", "f4"]]
    for line in panel["lines"]:
        told = [panel["values"][i][value] for i, value in enumerate(line["p"])]
        assert line["v"] == f"({told[0]}, {told[1]!r})"


def test_what_is_not_drawn_at_first_comes_in_packs_of_its_own() -> None:
    size = FIRST_PACK // 3
    lines = [a_line(np.full(size, 1.0 + i), variant=f"({i})") for i in range(8)]
    site = Site()
    page = site.benchmark(*lines)
    told = page["panels"][0]["lines"]
    assert len(page["packs"]) == 2
    assert {line["at"][0] for line in told if line.get("k")} <= {0, 1}
    assert len(page["points"]) == 2
    for line in told:
        found = site.values(page, line)
        assert len(found) == size
        assert found[0] == pytest.approx(1.0 + int(line["v"].strip("()")), rel=1e-3)


def test_few_points_come_all_at_once() -> None:
    page = Site().benchmark(*[a_line([1.0, 2.0], variant=f"({i})") for i in range(12)])
    assert page["packs"] == [""]
    assert len(page["points"]) == 12


def test_what_a_line_went_through_comes_with_its_points() -> None:
    values = [*[1.0] * 900, math.nan]
    lines = [a_line(values, variant=f"({i})", gaps=[(901, "failed", "why")]) for i in range(12)]
    site = Site()
    page = site.benchmark(*lines)
    (panel,) = page["panels"]
    assert {name for line in panel["lines"] for name in line} <= {"v", "p", "at", "k"}
    assert {line["at"][0] for line in panel["lines"] if "k" not in line} == {1}
    for line in panel["lines"]:
        assert site.points(page, line)[3]["failed"] == [[900, 1, 0]]


def test_failures_of_one_reason_are_one_entry() -> None:
    values = [1.0, math.nan, math.nan, math.nan, 1.0]
    gaps = [(2, "failed", "Traceback\nKeyError: 'a'"), (3, "failed", "Traceback\nKeyError: 'a'"), (4, "failed", "")]
    site = Site()
    page = site.benchmark(a_line(values, gaps=gaps))
    (panel,) = page["panels"]
    assert panel["reasons"] == ["KeyError: 'a'", ""]
    assert site.points(page, panel["lines"][0])[3]["failed"] == [[1, 2, 0], [3, 1, 1]]


def test_limits_stand_beside_the_lines_that_they_bound() -> None:
    line = a_line([1.0, 2.0])
    limit = written.limit("p95 < 150 ms")
    budget = Budget(limits=(limit,))
    target = BudgetResult(budget, limit, line.key, ENVIRONMENT, "p95", BudgetState.BREACHED)
    (panel,) = Site(target).benchmark(line)["panels"]
    assert panel["limits"] == [["p95 < 150 ms", 0.15, "max", 0]]


def test_names_depend_on_the_content_alone() -> None:
    first, second, other = Site(), Site(), Site()
    first.benchmark(a_line([1.0, 2.0]))
    second.benchmark(a_line([1.0, 2.0]))
    other.benchmark(a_line([1.0, 2.1]))
    assert first.texts == second.texts
    assert first.texts.keys() != other.texts.keys()


@pytest.mark.parametrize("name", ["</script><script>alert(1)", "a\u2028b", "\ud800", "../../x", "C" * 300])
def test_no_name_leaves_its_string_or_the_folder(name: str) -> None:
    site = Site()
    page = site.benchmark(a_line([1.0, 2.0], name=name))
    assert page["name"] == name
    for file, text in site.texts.items():
        assert re.fullmatch(r"d/[A-Za-z0-9][A-Za-z0-9._-]{0,90}\.js", file)
        assert text.isascii()
