"""The verbs in a real repository: what they print, and how they end."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest

from regress.cli import VERBS


def test_ingest_says_what_became_of_each_source(project, regress):
    done = regress("ingest results")
    assert done.status == 0
    assert "results/c0-0.json: pytest-benchmark, 1 run, 4 points" in done.out
    assert done.out.splitlines()[-1] == "7 sources: 7 new runs, 28 points"
    assert (project.root / ".regress" / ".gitignore").read_text() == "*\n"
    again = regress("ingest results")
    assert again.out.splitlines()[-1] == "7 sources: 0 new runs, 0 points, 7 known"


def test_ingest_as_json(project, regress):
    document = json.loads(regress("ingest results --json").out)
    assert (document["runs"], document["points"], document["known"], document["bad"]) == (7, 28, 0, 0)
    assert {"failed", "skipped", "sources"} <= set(document)
    assert len(document["sources"]) == 7


def test_a_bad_file_is_named_and_does_not_stop_the_others(project, regress):
    (project.root / "results" / "broken.json").write_text('{"machine_info": {')
    done = regress("ingest results")
    assert done.status == 4
    assert done.err.startswith("regress: results/broken.json: ")
    assert len(done.err.splitlines()) == 1
    assert "7 new runs" in done.out
    assert regress("ingest results").status == 4, "its fault is said again the next time"


def test_ingest_overrides(project, regress):
    project.results("c0", id="unversioned")
    done = regress("ingest results/c0-0.json")
    assert done.status == 4
    assert "names no commit; say which with --commit REF" in done.err
    done = regress("ingest results/c0-0.json --commit v1.0 --branch main --machine m1 --env db=pg16 --tag nightly")
    assert done.status == 0
    shown = regress("show v1.0")
    assert "m1" in shown.out
    assert "pg16" in shown.out
    assert "nightly" in shown.out
    assert project.commits["c3"] in shown.out


def test_standard_input(project, regress, monkeypatch):
    import io

    raw = (project.root / "results" / "c1-0.json").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert "1 new run" in regress("ingest -").out


def test_check_on_main_compares_with_the_level_there(ingested, regress):
    ingested.git("checkout", "-q", ingested.commits["c4"])
    done = regress("check")
    assert done.status == 1
    assert done.out.startswith("RED: 1 regressed")
    assert "test_algo.py::test_sort" in done.out
    assert f"the parent · {ingested.commits['c3'][:10]}" in done.out
    ingested.git("checkout", "-q", "main")
    mended = regress("check")
    assert mended.status == 0
    assert "4 unchanged" in mended.out, "the red commit before is held out, so that this one is back at the level"
    beside = regress("check --against previous")
    assert beside.status == 0
    assert "1 improved" in beside.out, "beside that commit alone it is better"


def test_check_of_a_branch_compares_with_its_merge_base(ingested, regress):
    ingested.git("checkout", "-q", "slow")
    done = regress("check")
    assert done.status == 1
    assert "test_text.py::test_md5" in done.out
    assert f"the merge base · {ingested.commits['c3'][:10]} Tidy · 1 run, 1 commit back" in done.out
    assert "test_sort" not in done.out


def test_the_command_that_a_report_names_repeats_it(ingested, regress):
    first = regress("check --commit slow")
    command = next(line for line in first.out.splitlines() if line.startswith("repeat: "))
    again = regress(command.removeprefix("repeat: regress "))
    assert again.status == 1
    assert "test_text.py::test_md5" in again.out


def test_an_unmeasured_merge_base_is_replaced_by_its_nearest_measured_ancestor(project, regress):
    (project.root / "results" / "c3-0.json").unlink()
    (project.root / "results" / "c2-0.json").unlink()
    regress("ingest results")
    done = regress("check --commit slow")
    assert "2 before the merge base" in done.out
    assert project.commits["c1"][:10] in done.out
    assert "3 commits back" in done.out
    too_far = regress("check --commit slow --max-distance 1")
    assert too_far.status == 3
    assert too_far.out.startswith("NOTHING COMPARED")


def test_the_first_run_is_recorded_and_passes(project, regress):
    regress("ingest results/c5-0.json")
    done = regress("check")
    assert (done.status, done.out.splitlines()[0][:18]) == (0, "first run recorded")
    assert regress("check --require-baseline").status == 3


def test_a_commit_without_results_is_told(project, regress):
    regress("ingest results/c0-0.json")
    done = regress("check")
    assert done.status == 3
    assert "no run of commit" in done.err
    assert "regress ingest PATH" in done.err


def test_reports_are_written_before_the_end(ingested, regress):
    done = regress("check --commit slow --report json=out/r.json --report markdown=out/r.md --report text=out/r.txt")
    assert done.status == 1
    document = json.loads((ingested.root / "out" / "r.json").read_text())
    assert (document["schema"], document["outcome"], document["counts"]["regressed"]) == (1, "failed", 1)
    assert (ingested.root / "out" / "r.md").read_text().startswith("### 🔴 RED: 1 regressed")
    drawn = regress("report out/r.json --format text")
    assert drawn.out == (ingested.root / "out" / "r.txt").read_text() == done.out
    assert regress("report out/r.json --format markdown").out == (ingested.root / "out" / "r.md").read_text()


def test_a_report_to_standard_output_stands_alone(ingested, regress):
    assert json.loads(regress("check --commit slow --report json=-").out)["status"] == 1


def test_an_unknown_report_format_is_refused_before_any_work(ingested, regress):
    done = regress("check --report pdf=x.pdf")
    assert done.status == 2
    assert "text, markdown, json" in done.err


def test_rules_of_the_configuration_decide(ingested, regress):
    path = ingested.root / "regress.toml"
    path.write_text('[[rule]]\nbenchmark = "test_text.py::*"\naction = "warn"\n')
    done = regress("check --commit slow")
    assert done.status == 0
    assert "1 worse, as warnings only" in done.out
    path.write_text('[[rule]]\nbenchmark = "test_txt.py::*"\naction = "warn"\n')
    done = regress("check --commit slow")
    assert done.status == 1
    assert "the rule at regress.toml:1 (test_txt.py::*) matches nothing" in done.out


def test_a_wrong_configuration_ends_with_2(ingested, regress):
    (ingested.root / "regress.toml").write_text("[[rule]]\nrelativ = 0.1\n")
    done = regress("check")
    assert done.status == 2
    assert done.err.startswith("regress: regress.toml:2: unknown key 'relativ'; known here: absolute,")


def test_baselines(ingested, regress):
    assert "no baseline yet" in regress("baseline list").out
    done = regress("baseline set release --commit v1.0 --reason 'the first release'")
    assert done.status == 0
    assert "release version 1" in done.out
    assert regress("check --commit slow --against release").status == 1
    assert regress("check --against release").status == 0
    regress("baseline set release --commit main --reason again")
    shown = regress("baseline show release").out
    assert "version 2" in shown.splitlines()[0]
    assert "the first release" in shown
    assert "v2" in regress("baseline list").out
    done = regress("baseline export release release.json")
    assert done.status == 0
    assert regress("check --commit slow --against release.json").status == 1
    assert regress("baseline rm release").status == 0
    assert "no baseline yet" in regress("baseline list").out
    assert regress("baseline rm release").status == 2
    assert regress("baseline set previous").status == 2
    assert "removed" in regress("baseline show release").out


def test_a_baseline_is_never_the_candidate_itself(ingested, regress):
    done = regress("check --commit v1.0 --against v1.0")
    assert done.status == 3
    assert "the baseline is the candidate itself" in done.err


def test_compare_takes_whatever_names_runs(ingested, regress):
    regress("baseline set release --commit v1.0")
    for one, other in [
        ("v1.0", "slow"),
        ("release", "slow"),
        ("run:4", "slow"),
        ("results/c3-0.json", "results/s0-0.json"),
        (ingested.commits["c3"][:8], "slow"),
    ]:
        done = regress(f"compare {one} {other}")
        assert done.status == 0, done.err
        assert "+150% worse" in done.out, (one, other)
        assert "test_algo.py::test_sort" in done.out, "what did not change is in the table too"
    assert "test_sort" not in regress("compare v1.0 slow --changed").out


def test_two_runs_of_one_commit_can_be_compared(ingested, regress):
    ingested.results("c3", (1, 3, 1), again=1)
    regress("ingest results")
    ids = [line.split()[1] for line in regress("show v1.0").out.splitlines() if line.startswith("run ")]
    assert len(ids) == 2
    assert "+200% worse" in regress(f"compare run:{ids[0]} run:{ids[1]}").out


@pytest.mark.parametrize("name", ["nonsense", "run:999", "--", "v9.9"])
def test_a_side_that_means_nothing_is_told(ingested, regress, name):
    done = regress(f"compare {name} slow")
    assert done.status == 2
    assert done.out == ""


def test_show(ingested, regress):
    listed = regress("show").out
    assert (
        ingested.commits["c5"][:10] in listed.splitlines()[1] or ingested.commits["s0"][:10] in listed.splitlines()[1]
    )
    assert listed.splitlines()[-1] == "7 commits, 28 points"
    commit = regress("show slow").out
    assert commit.startswith(f"commit {ingested.commits['s0']}")
    assert "test_text.py::test_md5" in commit
    benchmark = regress("show test_algo.py::test_sort").out
    assert benchmark.startswith("benchmark test_algo.py::test_sort")
    assert "█" in benchmark
    assert "+19" in benchmark or "+20" in benchmark
    assert regress("show --commit slow").out == commit
    assert regress("show --benchmark test_algo.py::test_sort").out == benchmark
    assert regress("show --benchmark slow").status == 2
    suggestion = regress("show test_sort")
    assert suggestion.status == 2
    assert "did you mean test_algo.py::test_sort?" in suggestion.err


def test_a_rename_is_followed_by_show_and_check(ingested, regress):
    path = ingested.root / "results" / "c5-0.json"
    shutil.copy(path, ingested.root / "new.json")
    text = (ingested.root / "new.json").read_text().replace("test_algo.py::test_sort", "test_algo.py::test_order")
    ingested.git("checkout", "-q", "main")
    ingested.commit("c6", "Rename", 30)
    (ingested.root / "new.json").write_text(text.replace(ingested.commits["c5"], ingested.commits["c6"]))
    regress("ingest new.json")
    before = regress("check")
    assert (before.status, "1 missing" in before.out) == (1, True)
    (ingested.root / "regress.toml").write_text('[renamed]\n"*::test_sort" = "*::test_order"\n')
    after = regress("check")
    assert (after.status, "missing" in after.out) == (0, False)
    assert ingested.commits["c0"][:10] in regress("show test_algo.py::test_order").out


def test_export_and_ingest_give_the_same_history(ingested, regress, tmp_path):
    assert regress("export -o bundles").status == 0
    assert len(list((ingested.root / "bundles").iterdir())) == 7
    other = f"--db {tmp_path / 'other.db'}"
    assert "7 new runs" in regress(f"ingest bundles {other}").out
    assert "7 known" in regress("ingest bundles").out
    assert regress(f"show {other}").out == regress("show").out
    (ingested.root / "one.json").write_text(regress("export slow").out)
    assert "1 known" in regress("ingest one.json").out


def test_site(ingested, regress):
    done = regress("site -o public")
    assert done.status == 0
    assert "open public/index.html" in done.out
    page = (ingested.root / "public" / "index.html").read_text()
    assert "test_algo.py::test_sort" in page
    assert ingested.commits["s0"][:10] not in page, "a branch is not on the site of main"


def test_init_writes_a_configuration_that_works_and_says_what_comes_next(ingested, regress):
    done = regress("init")
    assert done.status == 0
    assert "regress check" in done.out
    assert regress("check").status == 0
    assert regress("init").status == 2


def test_commits_import_orders_a_history_without_a_clone(project, regress, tmp_path, monkeypatch):
    log = project.git("log", "--format=%H%x09%P%x09%ct", "--all")
    bare = tmp_path / "elsewhere"
    bare.mkdir()
    monkeypatch.chdir(bare)
    (bare / "commits.tsv").write_text(log + "\n")
    regress(f"ingest {project.root / 'results'}")
    by_date = regress(f"check --commit {project.commits['c4']}")
    assert "git does not know the candidate" in by_date.out
    assert "7 new commits" in regress("commits import commits.tsv").out
    done = regress(f"check --commit {project.commits['s0'][:8]}")
    assert done.status == 1
    assert f"the parent · {project.commits['c3'][:10]}" in done.out


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("abc\tdef\t12\n", "'abc' is not a full commit hash"),
        ("a" * 40 + "\t\tnoon\n", "'noon' is not a time"),
        ("a" * 40 + "\n", "1 fields"),
        ("", "holds no commit"),
        ("\xff\xfe", "is not"),
    ],
)
def test_a_bad_commit_file_is_told_by_line(project, regress, text, what):
    (project.root / "commits.tsv").write_bytes(text.encode("latin-1"))
    done = regress("commits import commits.tsv")
    assert done.status == 4
    assert done.err.startswith("regress: commits.tsv")
    assert what in done.err or "cannot be read" in done.err
    assert len(done.err.splitlines()) == 1


def test_the_database_is_chosen_by_option_environment_and_configuration(project, regress, monkeypatch, tmp_path):
    regress(f"ingest results/c0-0.json --db {tmp_path / 'a.db'}")
    assert not (project.root / ".regress").exists()
    monkeypatch.setenv("REGRESS_DB", str(tmp_path / "a.db"))
    assert "1 commit," in regress("show").out
    monkeypatch.delenv("REGRESS_DB")
    (project.root / "regress.toml").write_text(f'database = "{tmp_path / "a.db"}"\n')
    assert "1 commit," in regress("show").out


def test_reading_makes_no_history(project, regress):
    done = regress("show")
    assert done.status == 4
    assert "regress ingest" in done.err
    assert not (project.root / ".regress").exists()


def test_another_folder_by_option(ingested, regress, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert regress("show -C widgets").out.splitlines()[-1] == "7 commits, 28 points"
    assert regress("show -C nowhere").status == 2


def test_the_same_on_postgresql(project, regress, new_postgres):
    url = new_postgres()
    assert "7 new runs" in regress(f"ingest results --db '{url}'").out
    assert regress(f"check --commit slow --db '{url}'").status == 1
    assert regress(f"baseline set release --commit v1.0 --db '{url}'").status == 0
    assert regress(f"check --commit slow --against release --db '{url}'").status == 1
    assert regress(f"show --db '{url}'").out.splitlines()[-1] == "7 commits, 28 points"
    assert regress(f"site --db '{url}'").status == 0


def test_every_verb_explains_itself(regress):
    for verb in VERBS:
        done = regress(f"{verb} --help")
        assert done.status == 0
        assert done.out.startswith(f"Usage: regress {verb}")


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from regress.cli import run; run(['--help']);"
        "heavy = {'sqlmodel', 'sqlalchemy', 'git', 'jinja2', 'numpy', 'pydantic', 'rich'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_closed_pipe_is_no_error(ingested):
    command = f"{sys.executable} -m regress show --all | head -n 1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_unknown_verb_or_option_ends_with_2(regress):
    assert regress("frobnicate").status == 2
    assert regress("check --frobnicate").status == 2


def test_a_foreign_database_is_left_alone(project, regress):
    (project.root / "other.db").touch()
    with sqlite3.connect(project.root / "other.db") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = (project.root / "other.db").read_bytes()
    done = regress("ingest results --db other.db")
    assert done.status == 4
    assert len(done.err.splitlines()) == 1
    assert (project.root / "other.db").read_bytes() == before


def test_a_folder_that_cannot_be_written_is_told(project, regress):
    (project.root / "file").write_text("")
    done = regress("ingest results --db file/history.db")
    assert done.status == 4
    assert "file/history.db" in done.err
    (project.root / ".regress").write_text("in the way")
    assert regress("ingest results").status == 4
    done = regress("site -o file/site --db nothing.db")
    assert done.status == 4


@pytest.mark.skipif(os.name != "posix", reason="git's shallow clones by file URL")
def test_a_shallow_clone_is_named(project, regress, tmp_path, monkeypatch):
    clone = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{project.root}", clone], check=True)
    monkeypatch.chdir(clone)
    regress(f"ingest {project.root / 'results' / 'c4-0.json'} {project.root / 'results' / 'c5-0.json'}")
    done = regress("check")
    assert done.status in (0, 3)
    assert "fetch-depth: 0" in done.out


def test_a_repository_without_commits(tmp_path, regress, monkeypatch):
    empty = tmp_path / "empty"
    subprocess.run(["git", "init", "-q", str(empty)], check=True)
    monkeypatch.chdir(empty)
    (empty / "x.json").write_text("{}")
    done = regress("ingest x.json")
    assert done.status == 4
    done = regress("check")
    assert done.status in (2, 4)
    assert len(done.err.splitlines()) == 1


def test_a_metric_may_be_described_after_it_was_stored(ingested, regress):
    before = regress("show 'test_text.py::test_md5'").out
    assert "bytes" in before
    (ingested.root / "regress.toml").write_text('[[metric]]\nname = "bytes"\nunit = "kB"\ndirection = "lower"\n')
    assert "10.3 MiB" in regress("show test_text.py::test_md5").out
    again = regress("ingest results").out.splitlines()[-1]
    assert again == "7 sources: 0 new runs, 0 points, 7 known", "the same measurement is never stored twice"
    assert regress("check").status == 0
