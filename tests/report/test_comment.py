"""The comment: the verdict first, all that is red with its proof, a stated rest, and nothing foreign that acts."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from regress.model import BudgetState, Outcome, SideInfo
from regress.report.comment import MOST_BYTES, Around, comment
from regress.report.markdown import code, escape
from tests.factories import make_key, sha
from tests.report.test_report import report, verdict
from tests.site.reports import rich_report, target

MARK = "<!-- regress:widgets:check -->"
AROUND = Around(MARK, lambda suite, name: f"https://x.io/b/{len(name)}.html", "https://x.io/", "https://x.io/run", "")
HOSTILE = (
    "<script>alert(1)</script>|`x` ``` @octocat @org/team #12 GH-1 [a](http://b) ![i](https://evil.example/p.png) "
    "**bold** https://evil.example www.evil.example </details> <!-- regress:widgets:check --> \\| $x$ \x1b[31m\n"
    "# heading\n/close\n::error::x\u202e\r\n- [ ] task"
)


def test_the_marker_and_the_verdict_come_first():
    lines = comment(rich_report(), AROUND).splitlines()
    assert lines[:2] == [
        MARK, "### 🔴 RED: 2 regressed, 1 failed, 1 missing · NOT JUDGED: 3 · 22 compared",
    ]  # fmt: skip


def test_what_is_red_is_in_sight_with_its_proof_and_the_rest_is_folded():
    text = comment(rich_report(), AROUND)
    open_part = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    for needed in ("bench_sort.Sort.time_sort", "+46.0% worse", "p = 1.5e-07", "pyproject.toml:41", "2 commits back",
                   "Budgets: 1 breached", "171 ms", "This change also edits", "regress check --commit"):  # fmt: skip
        assert needed in open_part, needed
    for folded in ("time_save", "peakmem", "time_accepted", "asv on mini", "uncommitted", "two more runs"):
        assert folded in text
        assert folded not in open_part, folded
    assert text.count("<details>") == text.count("</details>") == len(re.findall("<summary>.*?</summary>", text))


def test_links_lead_to_the_site_and_the_report():
    text = comment(rich_report(), AROUND)
    assert "[`bench_merge.time_merge`](https://x.io/b/22.html)" in text
    assert text.endswith("[The whole report](https://x.io/run) · [Trends](https://x.io/)\n")
    assert "](" not in comment(rich_report())


@pytest.mark.parametrize(
    "bad", ["javascript:alert(1)", "https://x.io/a b", "https://x.io/)", "https://x/\n", "x" * 9999]
)
def test_what_is_no_address_is_no_link(bad):
    text = comment(rich_report(), Around(href=lambda suite, name: bad, site=bad, report=bad))
    assert "](" not in text


def test_the_same_report_gives_the_same_comment():
    assert comment(rich_report(), AROUND) == comment(rich_report(), AROUND)


def test_all_is_well():
    fine = report(verdict("a", Outcome.UNCHANGED, 1, 1), status=0, headline="no regression · 1 compared")
    text = comment(fine, AROUND)
    assert "### 🟢 no regression · 1 compared" in text
    assert "worse" not in text.split("<details>")[0]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_thousands_of_anything_are_counted(outcome):
    many = [verdict(f"bench.case_{i}({'x' * 100})", outcome, hint=f"do {i}") for i in range(3000)]
    text = comment(report(*many), AROUND)
    assert len(text.encode()) < MOST_BYTES
    left = [
        int(n.replace(",", "")) for n in re.findall(r"and ([\d,]+) more: see \[the report\]\(https://x.io/run\)", text)
    ]
    shown = sum(line.startswith(f"| {outcome.value} |") for line in text.splitlines())
    assert shown > 10
    assert 3000 - shown in left


def test_everything_too_much_at_once_stays_below_the_limit():
    awful = "\N{PILE OF POO}&<" * 3000
    many = [
        verdict(f"{awful}{outcome}{n}", outcome, reason=awful, hint=f"{n}{awful}")
        for outcome in Outcome
        for n in range(300)
    ]
    key = make_key(awful)
    budgets = [target(state, key, 1.0, 0.1, failing=state is BudgetState.BREACHED, reason=awful)
               for state in BudgetState for _ in range(200)]  # fmt: skip
    side = SideInfo(awful, "", awful)
    lines = {"notices": [awful] * 50, "warnings": [awful] * 500, "not_run": [awful] * 500}
    words = {"headline": awful, "command": awful, "candidate": side, "baseline": side}
    text = comment(report(*many, **lines, **words, budgets=budgets), AROUND)
    assert len(text.encode()) < MOST_BYTES
    assert text.count("<details>") == text.count("</details>")


def hostile_report():
    key = make_key(HOSTILE, suite=HOSTILE)
    said = [verdict(HOSTILE, outcome, 1.0, 2.0, reason=HOSTILE, hint=HOSTILE, rule=HOSTILE) for outcome in Outcome]
    budget = target(BudgetState.BREACHED, key, 1.0, 0.1, failing=True, reason=HOSTILE)
    side = SideInfo(HOSTILE, sha("c"), HOSTILE, reference=HOSTILE)
    return report(*said, headline=HOSTILE, notices=(HOSTILE,), warnings=(HOSTILE,), not_run=(HOSTILE,), command=HOSTILE,
                  candidate=side, baseline=side, budgets=[budget])  # fmt: skip


def outside_code(text: str) -> str:
    """What is left when the code spans are taken out, as CommonMark pairs them."""
    return re.sub(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", text)


def test_foreign_text_is_inert():
    text = comment(hostile_report(), AROUND)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert [line for line in text.splitlines() if line.startswith("<!--")] == [MARK]
    for line in text.splitlines():
        bare = outside_code(line)
        assert not re.search(r"(?<!\\)<(?!/?(details|summary)>|!-- regress:widgets:check -->$)", bare), line
        assert not re.search(r"[@#](?=\w)", bare), line
        assert not re.search(r"https?://(?!x\.io/|\u200b)", bare), line
        assert not re.search(r"www\.", bare), line
        assert not re.search(r"(?<!\\)\]\((?!https://x\.io/)", bare), line
        assert not re.match(r"\s*(/|# |- \[[ x]\]|::)", line), line
    tables = [line for line in text.splitlines() if line.startswith("| regressed")]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 7 for line in tables)


def markup(text):
    """The links, images and pieces of HTML that a reader of Markdown finds."""
    found = []

    def walk(tokens):
        for token in tokens:
            if token.type in ("html_inline", "html_block"):
                found.extend(re.findall(r"<[^>]*>?", token.content))
            if token.type in ("link_open", "image"):
                found.append(token.attrs.get("href") or token.attrs.get("src"))
            if token.type in ("heading_open", "hr", "fence", "code_block"):
                found.append(token.type)
            walk(token.children or [])

    walk(MarkdownIt("commonmark").enable("table").parse(text))
    return found


def test_a_reader_of_markdown_finds_no_markup_but_ours():
    ours = {MARK, "<details>", "</details>", "<summary>", "</summary>", "heading_open"}
    found = markup(comment(hostile_report(), AROUND))
    assert {one for one in found if not one.startswith("https://x.io/")} == ours
    assert found.count("heading_open") == 1
    plain = markup(comment(rich_report(), AROUND))
    assert {one for one in plain if not one.startswith("https://x.io/")} == ours


@given(st.text(alphabet=st.sampled_from("<>![]()`|\\*_~#@&-:/ \nax.\t$"), min_size=1, max_size=50))
@settings(max_examples=300, deadline=None)
def test_no_name_is_markup(name):
    made = report(verdict(name, reason=name, hint=name), headline=name, warnings=(name,), command=name)
    plain = report(verdict("x", reason="x", hint="x"), headline="x", warnings=("x",), command="x")
    assert [re.sub(r"\d+\.html", "", one) for one in markup(comment(made, AROUND))] == [
        re.sub(r"\d+\.html", "", one) for one in markup(comment(plain, AROUND))
    ]


def test_a_name_cannot_end_a_cell_or_a_span():
    for name in ("a\\|b", "a|b", "`|`", "\\`|", "``` | ```"):
        span = code(name)
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", span)) == 0, span


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_name_changes_the_shape_of_the_comment(name):
    def shape(text):
        return [
            re.sub(r"\s+", "", line)[:12] for line in text.splitlines() if line.startswith(("<", "#", "|---", "| ---"))
        ]

    plain = comment(report(verdict("plain", reason="plain", hint="plain")), AROUND)
    odd = comment(report(verdict(name or "x", reason=name, hint=name)), AROUND)
    assert shape(odd) == shape(plain)
    assert len(odd.splitlines()) == len(plain.splitlines())


@given(st.text(alphabet=st.sampled_from("@#:/w.`<&x \\|[]()!$"), max_size=40))
@settings(max_examples=200, deadline=None)
def test_escaped_text_neither_mentions_nor_links(text):
    shown = escape(text)
    assert not re.search(r"[@#]\w|://(?!\u200b)|www\.|(?<!\\)[`|\[\]]", shown.replace("\\\\", "§"))


def test_a_change_without_a_number_is_drawn():
    odd = [verdict("zero", base=0.0, candidate=1.0), verdict("gone", Outcome.MISSING, 1.0, math.nan)]
    assert "`gone`" in comment(report(*odd, baseline=None, distance=None))
