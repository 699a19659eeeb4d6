"""Times that are nothing but zeros, as a tool with three digits writes them: no warning, nothing red."""

import pytest


@pytest.mark.filterwarnings("error")
def test_a_series_of_zeros_is_judged_without_a_word(project, regress):
    for commit in project.commits:
        for again in range(3):
            project.results(commit, (0, 1, 1), again=again)
    assert regress("ingest results").status == 0
    done = regress("check --commit main --against previous")
    assert (done.status, done.err) == (0, "")
    assert "  0 s" in regress("show main").out
