"""The history in a notebook, and the page that tells of it."""

import hashlib
import math
import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest

import regress
from regress.cli import run
from regress.errors import RegressError, UsageError
from regress.model import Series
from regress.work.drawing import MOST_LINES, drawing
from tests.factories import ENVIRONMENT, make_key, make_run
from tests.formats.test_out_table import stored
from tests.line import Line
from tests.project import make_project

matplotlib.use("Agg")
import matplotlib.pyplot as plt

PAGE = Path(__file__).parent.parent / "docs" / "notebook.md"


@pytest.fixture(scope="module")
def line(tmp_path_factory) -> Line:
    """Thirty commits; test_sort becomes half as slow again at the twentieth, test_re as fast as that at the 25th."""
    made = Line(tmp_path_factory.mktemp("line") / "widgets")
    made.add(20)
    made.add(5, sort=1.5)
    made.add(5, re=1 / 1.5)
    ingest(made.project.root)
    return made


def ingest(root: Path) -> None:
    assert run(["ingest", "-C", str(root), str(root / "results")]) == 0


@pytest.fixture
def history(line):
    with regress.open(line.project.root) as opened:
        yield opened
    plt.close("all")


@pytest.fixture(scope="module")
def branched(tmp_path_factory) -> Path:
    root = make_project(tmp_path_factory.mktemp("branched") / "widgets").root
    ingest(root)
    return root


def test_series_tell_what_there_is(history):
    found = history.series()
    assert found["points"].tolist() == [30, 30, 30, 30]
    assert set(found["unit"]) == {"s", "1"}
    assert history.series("*sort")["benchmark"].tolist() == ["test_algo.py::test_sort"]
    assert history.series(metric="bytes", environment="*x86_64")["benchmark"].tolist() == ["test_text.py::test_md5"]


def test_a_frame_holds_the_points_in_the_order_of_the_commits(history, line):
    found = history.frame("test_algo*")
    assert found["position"].tolist() == list(range(30))
    assert found["commit"].tolist() == [line.sha(number) for number in range(30)]
    assert str(found["date"].dtype) == "datetime64[us, UTC]"
    assert (found["centre"] == found["median"]).all()
    assert (found["min"] <= found["median"]).all()
    assert found["centre"][20:].mean() / found["centre"][:20].mean() == pytest.approx(1.5, rel=0.02)


def test_since_narrows_and_positions_begin_there(history, line):
    found = history.frame("test_algo*", since=line.sha(25))
    assert (len(found), found["position"].tolist()) == (5, [0, 1, 2, 3, 4])


def test_polars_gives_the_same(history):
    one, other = history.frame("test_text*"), history.polars("test_text*")
    assert other.columns == list(one.columns)
    assert other["benchmark"].to_list() == one["benchmark"].tolist()
    np.testing.assert_array_equal(other["mean"].to_numpy(), one["mean"].to_numpy())
    assert str(other["date"].dtype) == "Datetime(time_unit='us', time_zone='UTC')"
    assert other["date"].to_list() == one["date"].dt.to_pydatetime().tolist()


def test_figures_that_a_tool_did_not_give_are_nan(history):
    found = history.frame("*test_md5")
    assert found[found["metric"] == "bytes"]["median"].isna().all()
    assert (found[found["metric"] == "bytes"]["centre"] == 10800).all()


def test_runs_of_main_alone_unless_everything_is_asked_for(branched):
    with regress.open(branched) as main, regress.open(branched, everything=True) as every:
        assert (len(main.runs()), len(every.runs())) == (6, 7)
        assert (len(main.frame("*sort")), len(every.frame("*sort"))) == (6, 7)
        assert {"commit", "date", "subject", "environment", "fact.cpu"} <= set(main.runs().columns)


def test_compare_says_what_regress_compare_says(branched):
    with regress.open(branched) as history:
        found = history.compare("v1.0", "slow").set_index(["benchmark", "metric"])
        md5 = found.loc["test_text.py::test_md5", "time"]
        assert md5["change"] == pytest.approx(1.5, rel=0.02)
        assert md5["outcome"] == "regressed"
        assert found.loc["test_algo.py::test_sort", "time"]["outcome"] == "unchanged"
        assert history.compare("v1.0", str(branched / "results" / "c5-0.json"))["change"].abs().max() < 0.02


def test_a_trend_shows_points_levels_and_the_change(history):
    axes = history.trend("*::test_sort")
    longest = max(axes.lines, key=lambda drawn: len(drawn.get_xdata()))
    assert np.isfinite(longest.get_ydata()).sum() == 30
    strokes = [drawn.get_ydata() for drawn in axes.lines if drawn.get_color() == "#1d2023"]
    levels = [stroke[0] for stroke in strokes]
    assert len(levels) == 2
    assert levels[1] / levels[0] == pytest.approx(1.5, rel=0.02)
    assert [text.get_text() for text in axes.texts] == ["+50%"]
    assert [drawn.get_xdata()[0] for drawn in axes.lines if drawn.get_marker() == "^"] == [20]
    assert axes.get_ylabel() == "time (µs)"
    assert "test_algo.py::test_sort · CPython 3.11" in axes.get_title(loc="left")


def test_a_trend_is_drawn_on_the_axes_that_are_given(history):
    _, given = plt.subplots()
    assert history.trend("test_text.py::test_re", ax=given) is given
    assert [text.get_text() for text in given.texts] == ["-33%"]


def test_lines_that_lie_far_apart_are_drawn_in_per_cent_of_their_own(history):
    axes = history.trend("*")
    assert "each line's median" in axes.get_ylabel()
    assert len(axes.get_legend().get_texts()) == 3, "bytes are another metric"
    assert {"+50%", "-33%"} <= {text.get_text() for text in axes.texts}


def test_foreign_names_are_no_formulas_of_the_picture(tmp_path):
    made = Line(tmp_path / r"wid$g\frac{ets")
    made.add(4)
    for path in (made.project.root / "results").iterdir():
        path.write_text(path.read_text().replace("test_sort", r"test_sort[$\\frac{-$]"))
    ingest(made.project.root)
    with regress.open(made.project.root) as opened:
        several = opened.trend("*")
        several.figure.savefig(tmp_path / "x.png")
        assert "[$" in several.get_legend().get_texts()[0].get_text()
        axes = opened.trend("*sort*")
        axes.figure.savefig(tmp_path / "y.png")
        assert "[$" in axes.get_title(loc="left")
    plt.close("all")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda h: h.frame("nothing"), "no benchmark fits nothing"),
        (lambda h: h.frame("re:("), "is not a regular expression"),
        (lambda h: h.series(environment="windows"), "no environment fits 'windows'"),
        (lambda h: h.trend("*md5", metric="memory"), "there is no metric 'memory'; there are: bytes, time"),
        (lambda h: h.compare("HEAD", "nowhere"), "nowhere"),
        (lambda h: h.frame(since="2031-01-01"), "nothing was measured since"),
    ],
)
def test_what_cannot_be_is_one_line(history, call, words):
    with pytest.raises(RegressError) as raised:
        call(history)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_more_lines_than_colours_are_refused():
    run_ids = np.array([1], dtype=np.int64)
    series = [
        Series(make_key(f"bench.x({number})"), ENVIRONMENT, run_ids, {"value": np.array([1.0])})
        for number in range(MOST_LINES + 1)
    ]
    runs = [stored(make_run())]
    with pytest.raises(UsageError, match="9 lines cannot be told apart; narrow it down to 8"):
        drawing(series, runs, None)
    assert len(drawing(series[1:], runs, None).lines) == MOST_LINES
    with pytest.raises(UsageError, match="there is no point to draw"):
        drawing([], [], None)


def test_where_a_history_is(line, branched, monkeypatch, tmp_path):
    database = line.project.root / ".regress" / "history.db"
    with regress.open(database) as opened:
        assert repr(opened).startswith("<regress history of widgets: sqlite:///")
        assert len(opened.runs()) == 30
    monkeypatch.chdir(branched)
    monkeypatch.delenv("REGRESS_DB", raising=False)
    with regress.open() as opened:
        assert len(opened.runs()) == 6
    with regress.open(f"sqlite:///{database}", project=line.project.root) as opened:
        assert len(opened.runs()) == 30
    for missing in (tmp_path / "none.db", tmp_path):
        with pytest.raises(RegressError):
            regress.open(missing)
    assert not list(tmp_path.iterdir()), "nothing is made"


def test_nothing_is_written(line):
    database = line.project.root / ".regress" / "history.db"
    before = hashlib.sha256(database.read_bytes()).hexdigest()
    with regress.open(line.project.root) as opened:
        opened.series(), opened.frame(), opened.runs(), opened.compare("HEAD~5", "HEAD"), opened.trend("*sort")
    plt.close("all")
    assert hashlib.sha256(database.read_bytes()).hexdigest() == before


def test_without_pandas_one_line_says_what_to_install(history, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match=r"this needs pandas; pip install 'regress\[notebook\]'"):
        history.runs()
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(UsageError, match="this needs polars; pip install polars"):
        history.polars()


def test_importing_the_package_loads_nothing():
    heavy = ("pandas", "matplotlib", "polars", "numpy", "sqlmodel", "git", "pyarrow", "jinja2")
    code = f"import sys, regress; print([m for m in {heavy} if m in sys.modules], 'open' in dir(regress))"
    code += "; regress.open; print([m for m in ('pandas', 'matplotlib', 'polars') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[] True", "[]"]
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = regress.nothing
    assert regress.RegressError is RegressError


def test_the_page_is_true(line, monkeypatch, capsys, tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    monkeypatch.chdir(line.project.root)
    monkeypatch.delenv("REGRESS_DB", raising=False)
    names: dict[str, object] = {}
    try:
        exec(compile(blocks[0], str(PAGE), "exec"), names)
        assert (line.project.root / "trend.png").read_bytes().startswith(b"\x89PNG")
    finally:
        (line.project.root / "trend.png").unlink(missing_ok=True)
        plt.close("all")
    out = capsys.readouterr().out
    assert "test_algo.py::test_sort" in out
    assert "unchanged" in out
    assert math.isfinite(names["points"]["centre"].mean())


def test_the_page_names_what_there_is():
    page = PAGE.read_text(encoding="utf-8")
    for name in ("series", "frame", "polars", "trend", "runs", "compare"):
        assert f"`{name}(" in page
        assert callable(getattr(regress.Notebook, name))
