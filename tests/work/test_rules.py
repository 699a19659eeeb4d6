"""What holds in a check: rules, budgets, acknowledgements and markers of the head, or of the base for a fork."""

import json
from datetime import date
from pathlib import Path

import pytest

from regress.cli import run
from regress.errors import ConfigError, UsageError
from regress.model import Acknowledgement
from regress.work.accepted import parse_accepted
from regress.work.acknowledgements import acknowledged
from regress.work.beside import markers
from regress.work.context import Workspace
from regress.work.rules import is_fork, merge_base, rules_for, trusted_workspace
from regress.work.sides import from_commit
from tests.factories import ENVIRONMENT, make_key
from tests.project import Project, make_project

BASE = """
max_uncompared = 0.2

[[rule]]
benchmark = "test_algo*"
relative = "10%"

[[budget]]
limit = "median < 1 s"
"""
SORT = make_key("test_algo.py::test_sort", suite="pytest-benchmark")
MD5 = make_key("test_text.py::test_md5", suite="pytest-benchmark")


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    """The usual project, whose last commit on main holds a configuration, with its results in the history."""
    made = make_project(tmp_path / "widgets")
    monkeypatch.chdir(made.root)
    monkeypatch.delenv("REGRESS_DB", raising=False)
    write(made.root, BASE)
    commit(made, "base")
    assert run(["ingest", "results"]) == 0
    return made


def write(root: Path, text: str, name: str = "regress.toml") -> None:
    (root / name).write_text(text, encoding="utf-8")


def commit(project: Project, name: str) -> str:
    project.git("add", "-f", "--all", "*.toml")
    return project.commit(name, f"Rules of {name}", 30)


def mark(project: Project, name: str, benchmark: str, marker: object) -> None:
    """Writes a marker into the results of a commit, as the plug-in would have."""
    path = project.results(name, again=1)
    document = json.loads(path.read_text(encoding="utf-8"))
    for entry in document["benchmarks"]:
        if entry["fullname"] == benchmark:
            entry["extra_info"]["regress"] = marker
    path.write_text(json.dumps(document), encoding="utf-8")
    assert run(["ingest", str(path)]) == 0


def in_force(project: Project, base: str | None = "base", **options):
    with Workspace.open(project.root) as workspace:
        return rules_for(workspace, project.commits[base] if base else None, **options)


# --- elsewhere than in a fork ---


def test_without_a_change_there_is_no_note(project):
    force = in_force(project)
    assert (force.note, force.warnings) == ("", ())
    assert force.rules.policy(SORT, ENVIRONMENT).tolerance.relative == 0.1
    assert [budget.limits[0].text for budget in force.budgets] == ["median < 1 s"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('relative = "10%"', 'relative = "50%"'), "relative of test_algo* 10% -> 50%"),
        (('relative = "10%"', 'relative = "10%"\naction = "warn"'), "action of test_algo* unset -> warn"),
        (("[[rule]]", "[[rule]]\nabsolute = '1 ms'\n[[rule]]"), "absolute of everything unset -> 1 ms"),
        (('[[rule]]\nbenchmark = "test_algo*"\nrelative = "10%"', ""), "relative of test_algo* 10% -> unset"),
        (("median < 1 s", "median < 9 s"), "the budget median < 1 s of everything -> median < 9 s"),
        (("median < 1 s", "mean < 1 s"), "the budget median < 1 s of everything removed; a budget mean < 1 s of"),
        (
            ('limit = "med', 'action = "warn"\nlimit = "med'),
            "action of the budget median < 1 s of everything fail -> warn",
        ),
        (("max_uncompared = 0.2", "max_uncompared = 1"), "max_uncompared 20% -> 100%"),
        (("[[budget]]", '[[metric]]\nname = "bytes"\ndirection = "higher"\n[[budget]]'), "the meaning of bytes"),
        (("[[budget]]", '[renamed]\n"a" = "b"\n[[budget]]'), "the renamed benchmarks"),
        (
            ("max_uncompared = 0.2", "max_uncompared = 0.2\ncommon_shift = 'subtract'"),
            "common_shift report -> subtract",
        ),
    ],
)
def test_a_change_against_the_base_is_one_line(project, change, said):
    assert change[0] in BASE
    write(project.root, BASE.replace(*change))
    force = in_force(project)
    assert force.note.startswith(f"rules changed against the base: {said}")
    assert "\n" not in force.note


def test_the_order_of_rules_is_a_change(project):
    two = '[[rule]]\nbenchmark = "{}"\nrelative = {}\n'
    write(project.root, two.format("a*", 0.1) + two.format("b*", 0.2))
    commit(project, "base")
    write(project.root, two.format("b*", 0.2) + two.format("a*", 0.1))
    assert in_force(project).note == "rules changed against the base: the order of the rules"


def test_acknowledgements_are_compared_too(project):
    entry = '[[accepted]]\nbenchmark = "test_algo*"\nup_to = "+{}%"\nreason = "x"\n'
    write(project.root, entry.format(5), "regress-accepted.toml")
    assert in_force(project).note == "rules changed against the base: acknowledgement of test_algo* 5% added"
    commit(project, "base")
    write(project.root, entry.format(12), "regress-accepted.toml")
    assert in_force(project).note.endswith("up_to of the acknowledgement of test_algo* 5% -> 12%")


def test_many_changes_are_counted(project):
    write(project.root, "".join(f'[[rule]]\nbenchmark = "b{i}"\nrelative = 0.5\n' for i in range(9)))
    assert in_force(project).note.endswith("; and 7 more")


def test_a_base_that_cannot_be_read_is_named_and_does_not_stop_the_head(project):
    write(project.root, "projekt = 1\n")
    commit(project, "broken")
    write(project.root, BASE)
    force = in_force(project, "broken")
    assert force.note.startswith("rules changed against the base, whose own cannot be read: regress.toml:1@")
    assert len(force.rules.all) == 1


def test_without_a_base_nothing_is_said(project):
    assert in_force(project, None).note == ""
    with Workspace.open(project.root) as workspace:
        assert rules_for(workspace, "0" * 40).note == ""


# --- markers ---


def test_a_marker_goes_over_the_configuration(project):
    mark(project, "c5", SORT.benchmark.full, {"relative": "1%", "median": "< 1 ns", "requirement": "REQ-7"})
    with Workspace.open(project.root) as workspace:
        force = rules_for(workspace, None, candidate=from_commit(workspace, project.commits["c5"]))
    policy = force.rules.policy(SORT, ENVIRONMENT)
    assert (policy.tolerance.relative, policy.origin("relative")) == (0.01, "test_algo.py::test_sort (marker)")
    assert [budget.requirement for budget in force.budgets] == ["", "REQ-7"]
    assert force.rules.policy(MD5, ENVIRONMENT).tolerance.relative == 0.1


def test_a_bad_marker_is_a_warning_each_time(project, capfd):
    mark(project, "c5", MD5.benchmark.full, {"relativ": "1%"})
    with Workspace.open(project.root) as workspace:
        force = rules_for(workspace, None, candidate=from_commit(workspace, project.commits["c5"]))
    assert force.warnings[0].startswith("test_text.py::test_md5: its marker: relativ: is not known here")
    assert "test_text.py::test_md5: regress: relativ: is not known here" in "".join(capfd.readouterr())


def test_a_side_out_of_a_file_has_its_markers(project):
    from regress.work.sides import from_file

    mark(project, "c5", SORT.benchmark.full, {"relative": "1%"})
    with Workspace.open(project.root) as workspace:
        found = markers(workspace, from_file(workspace, str(project.root / "results" / "c5-1.json")))
    assert [rule.only[1] for rule in found.rules] == ["test_algo.py::test_sort"]


def sides(project, head, base):
    mark(project, "c5", SORT.benchmark.full, head)
    mark(project, "c3", SORT.benchmark.full, base)
    workspace = Workspace.open(project.root)
    return workspace, {
        side: from_commit(workspace, project.commits[c]) for side, c in (("candidate", "c5"), ("base", "c3"))
    }


def test_a_changed_marker_is_a_changed_rule(project):
    workspace, both = sides(project, {"relative": "50%"}, {"relative": "5%"})
    with workspace:
        note = rules_for(workspace, project.commits["base"], **both).note
    assert note == "rules changed against the base: relative of test_algo.py::test_sort 5% -> 50%"


# --- forks ---


def test_a_fork_is_judged_by_the_rules_of_its_base(project):
    base = BASE + '[[rule]]\nbenchmark = "*md5*"\nrelative = "3%"\n'
    write(project.root, base)
    write(project.root, '[[accepted]]\nbenchmark = "b*"\nup_to = "1%"\n', "regress-accepted.toml")
    commit(project, "base")
    write(project.root, base.replace('"10%"', '"900%"'))
    write(project.root, '[[accepted]]\nbenchmark = "*"\n', "regress-accepted.toml")
    workspace, both = sides(project, {"relative": "500%", "median": "< 1 h"}, {"relative": "4%"})
    with workspace:
        force = rules_for(workspace, project.commits["base"], False, **both)
    policy = force.rules.policy(SORT, ENVIRONMENT)
    assert (policy.tolerance.relative, policy.origin("relative")) == (0.04, "test_algo.py::test_sort (marker)")
    at = project.commits["base"][:10]
    policy = force.rules.policy(MD5, ENVIRONMENT)
    assert (policy.tolerance.relative, policy.origin("relative")) == (0.03, f"regress.toml:12@{at}")
    assert [entry.benchmark for entry in force.accepted.entries] == ["b*"]
    assert [budget.limits[0].text for budget in force.budgets] == ["median < 1 s"]
    assert force.note.startswith(
        f"a fork's pull request: rules and acknowledgements are those of its merge base {at}, without these changes: "
        "relative of test_algo* 10% -> 900%; relative of test_algo.py::test_sort 4% -> 500%; a budget median < 1 h of"
    )


def test_a_note_is_one_line_whatever_a_fork_writes(project):
    write(project.root, BASE + '[[rule]]\nbenchmark = "x\\n\\u001b[31mno regression"\nrelative = 0.5\n')
    note = in_force(project, trusted=False).note
    assert note.isprintable()
    assert "no regression" in note


def test_the_whole_configuration_is_the_bases(project):
    write(project.root, BASE + '[[metric]]\nname = "bytes"\ndirection = "higher"\n')
    with Workspace.open(project.root) as workspace:
        assert workspace.present is not None
        trusted_workspace(workspace, project.commits["base"])
        assert workspace.present is None
        assert workspace.config.metrics == ()
        assert len(workspace.existing_history.runs()) == 7
        force = rules_for(workspace, project.commits["base"], False)
        assert "without these changes: the meaning of bytes" in force.note


def test_a_fork_without_a_known_base_is_not_judged_at_all(project):
    for base in (None, "0" * 40):
        with Workspace.open(project.root) as workspace, pytest.raises(UsageError, match="fetch-depth: 0"):
            rules_for(workspace, base, False)
        if base:
            with Workspace.open(project.root) as workspace, pytest.raises(UsageError, match="fetch-depth: 0"):
                trusted_workspace(workspace, base)


def test_a_fork_whose_base_is_broken_is_wrong_configuration(project):
    write(project.root, "projekt = 1\n")
    commit(project, "broken")
    write(project.root, BASE)
    with pytest.raises(ConfigError, match="unknown key 'projekt'"):
        in_force(project, "broken", trusted=False)


def test_the_merge_base_comes_from_the_graph(project):
    with Workspace.open(project.root) as workspace:
        workspace.learn_commits()
        assert merge_base(workspace, project.commits["s0"]) == project.commits["c3"]


def test_a_fork_cannot_choose_the_branch_that_it_is_compared_with(project):
    project.git("update-ref", "refs/remotes/origin/main", project.commits["c3"])
    project.git("update-ref", "refs/remotes/origin/old", project.commits["c1"])
    write(project.root, 'branch = "old"\n')
    with Workspace.open(project.root) as workspace:
        workspace.learn_commits()
        head = project.commits["c5"]
        assert merge_base(workspace, head) == project.commits["c1"]
        assert merge_base(workspace, head, False, {}) == project.commits["c3"]
        assert merge_base(workspace, head, False, {"GITHUB_BASE_REF": "old"}) == project.commits["c1"]


def test_a_fork_cannot_bring_its_own_history(project):
    write(project.root, 'database = "evil.db"\n' + BASE)
    with Workspace.open(project.root) as workspace:
        assert workspace.database == "evil.db"
        trusted_workspace(workspace, project.commits["base"])
        assert workspace.database == str(workspace.root / ".regress" / "history.db")
    with Workspace.open(project.root, database="mine.db") as workspace:
        trusted_workspace(workspace, project.commits["base"])
        assert workspace.database == "mine.db"


def test_the_budgets_of_a_fork_are_those_of_its_base(project, tmp_path, monkeypatch, capsys):
    write(project.root, BASE.replace("median < 1 s", "median < 1 ns"))
    commit(project, "base")
    project.git("update-ref", "refs/remotes/origin/main", project.commits["base"])
    write(project.root, BASE.replace("median < 1 s", "median < 9 s"))
    assert run(["budgets", project.commits["c5"]]) == 0
    for name, value in event(tmp_path, pull("mallory/lib")).items():
        monkeypatch.setenv(name, value)
    project.git("update-ref", "refs/remotes/origin/main", project.commits["base"])
    assert run(["budgets", project.commits["c5"]]) == 0  # at c5, where it forked, there was no budget yet
    assert run(["ingest", str(project.results("base"))]) == 0
    capsys.readouterr()
    assert run(["budgets", "HEAD"]) == 1
    assert "a fork's pull request: rules and acknowledgements are those of its merge base" in capsys.readouterr().out


def event(tmp_path: Path, content: object) -> dict[str, str]:
    path = tmp_path / "event.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return {"GITHUB_EVENT_PATH": str(path), "GITHUB_EVENT_NAME": "pull_request"}


def pull(head: object, base: object = "octo/lib") -> dict[str, object]:
    end = {"repo": head and {"full_name": head}, "sha": "a" * 40}
    return {"pull_request": {"number": 7, "head": end, "base": {"repo": {"full_name": base}}}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (pull("octo/lib"), False),
        (pull("Octo/Lib"), False),
        (pull("mallory/lib"), True),
        (pull(None), True),
        ({"push": {}}, True),
        ("not json", True),
        ([], True),
        ({"pull_request": {}}, True),
    ],
)
def test_github_tells_its_jobs(tmp_path, content, expected):
    assert is_fork(event(tmp_path, content)) is expected


def test_other_places(tmp_path):
    assert not is_fork({})
    assert is_fork({"GITHUB_EVENT_PATH": str(tmp_path / "gone"), "GITHUB_EVENT_NAME": "pull_request_target"})
    assert not is_fork({"GITHUB_EVENT_PATH": str(tmp_path / "gone"), "GITHUB_EVENT_NAME": "push"})
    gitlab = {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "7"}
    gitlab |= {"CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "m/lib", "CI_MERGE_REQUEST_PROJECT_PATH": "octo/lib"}
    assert is_fork(gitlab)
    assert not is_fork(gitlab | {"CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "octo/lib"})


# --- acknowledgements ---


def test_an_expired_entry_allows_nothing_and_is_still_there(project):
    text = b'[[accepted]]\nbenchmark = "a"\nup_to = 0.1\nexpires = 2026-03-31\n[[accepted]]\nbenchmark = "b"\n'
    last, after = (parse_accepted(text, date(2026, month, day)) for month, day in ((3, 31), (4, 1)))
    assert [entry.expired for entry in last.entries] == [False, False]
    assert [entry.expired for entry in after.entries] == [True, False]
    assert [entry.benchmark for entry in after.valid()] == ["b"]
    assert last.entries[0].allows(0.05)
    assert not after.entries[0].allows(0.05)
    assert after.entries[0].covers(0.05)
    assert not after.entries[0].covers(0.2)
    with Workspace.open(project.root) as workspace:
        quoted = acknowledged(workspace, project.commits["c3"], after)
    assert [(entry.benchmark, entry.expired, entry.origin) for entry in quoted] == [
        ("a", True, "regress-accepted.toml:1"), ("b", False, "regress-accepted.toml:5"),
    ]  # fmt: skip


def test_an_acknowledgement_is_valid_unless_it_is_said():
    assert Acknowledgement(benchmark="a").allows(9.0)
