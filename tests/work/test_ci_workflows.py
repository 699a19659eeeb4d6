"""action.yml, the workflows and the templates: they parse, what they call exists, and the action's own words run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from regress.cli import VERBS, cli
from regress.config import load
from tests.work.ci_ground import Ground

ROOT = Path(__file__).parent.parent.parent
ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
GITLAB = ROOT / "docs" / "examples" / "gitlab-ci.yml"
PAGES = [ROOT / "docs" / name for name in ("ci.md",)]


def blocks(page: Path) -> list[str]:
    """The YAML that a page shows."""
    return re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def parsed(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def scripts(document: Any) -> list[str]:
    """Every script in a document, of GitHub's or GitLab's."""
    found = []
    if isinstance(document, dict):
        for name, value in document.items():
            if name == "run" and isinstance(value, str):
                found.append(value)
            elif name in ("script", "before_script", "after_script"):
                found += [value] if isinstance(value, str) else value
            else:
                found += scripts(value)
    elif isinstance(document, list):
        for value in document:
            found += scripts(value)
    return found


def uses(document: Any) -> list[dict[str, Any]]:
    """Every step that uses an action."""
    if isinstance(document, dict):
        own = [document] if isinstance(document.get("uses"), str) else []
        return own + [step for value in document.values() for step in uses(value)]
    return [step for value in document for step in uses(value)] if isinstance(document, list) else []


DOCUMENTS = [(path.name, parsed(path)) for path in (ACTION, *WORKFLOWS, GITLAB)]
DOCUMENTS += [(f"{page.name} {n}", yaml.safe_load(text)) for page in PAGES for n, text in enumerate(blocks(page))]


@pytest.mark.parametrize(("name", "document"), DOCUMENTS, ids=[name for name, _ in DOCUMENTS])
def test_every_command_line_of_ours_is_one(name, document):
    assert document
    for script in scripts(document):
        for line in script.splitlines():
            if not line.strip().startswith("regress "):
                continue
            words = shlex.split(line, comments=True)
            words = words[: words.index("||")] if "||" in words else words
            assert words[1] in VERBS, line
            # As it is parsed, without being run: an option that is not there is an error.
            command = cli.get_command(click.Context(cli), words[1])
            command.make_context(words[1], words[2:])


@pytest.mark.parametrize(("name", "document"), DOCUMENTS, ids=[name for name, _ in DOCUMENTS])
def test_every_use_of_the_action_gives_inputs_that_it_has(name, document):
    known = parsed(ACTION)
    for step in uses(document):
        if step["uses"] == "./" or re.match(r"\w+/regress@", step["uses"]):
            assert set(step.get("with", {})) <= set(known["inputs"])
        else:
            assert re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]), step["uses"]
    for reference in re.findall(r"steps\.regress\.outputs\.(\w+)", str(document)):
        assert reference in known["outputs"]


def test_the_action_takes_its_inputs_from_the_environment_and_knows_all_of_them():
    document = parsed(ACTION)
    text = ACTION.read_text("utf-8")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(document["inputs"])
    for script in scripts(document):
        assert "${{" not in script, "in the script an input would be code"
    steps = {step.get("id") for step in document["runs"]["steps"]}
    assert set(re.findall(r"steps\.(\w+)\.", str(document["outputs"]))) <= steps


def test_the_manual_s_workflow_takes_six_lines_of_ours():
    [first, *_] = blocks(PAGES[0])
    steps = next(iter(yaml.safe_load(first)["jobs"].values()))["steps"]
    text = yaml.safe_dump([step for step in steps if "regress@" in step.get("uses", "")])
    assert len(text.splitlines()) <= 6


def test_a_job_that_is_privileged_never_checks_a_pull_request_out():
    for path in WORKFLOWS:
        document = parsed(path)
        on = document.get("on", document.get(True))
        assert "pull_request_target" not in on
        if "workflow_run" in on:
            for step in uses(document):
                assert "ref" not in step.get("with", {}) or not step["uses"].startswith("actions/checkout")
            commands = [script for script in scripts(document) if "regress " in script]
            assert all("--from-fork" in script for script in commands)
            assert "write" not in document["permissions"].get("contents", "")


def test_this_project_s_own_suites_are_configured():
    assert [suite.name for suite in load(ROOT).suites] == ["asv", "pytest-benchmark"]


@pytest.fixture
def action(tmp_path):
    """Runs the action's own words in a job for a push of main, with some inputs; its outputs beside how it ended."""
    ground = Ground.make(tmp_path)
    step = next(step for step in parsed(ACTION)["runs"]["steps"] if step.get("id") == "ci")
    defaults = {name: str(one.get("default", "")) for name, one in parsed(ACTION)["inputs"].items()}
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, words in (
        ("regress", f"{shlex.quote(sys.executable)} -m regress"),
        ("python", shlex.quote(sys.executable)),
    ):
        (tools / name).write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        (tools / name).chmod(0o755)

    def play(**inputs: str) -> tuple[int, str, dict[str, str]]:
        root = ground.checkout("origin/main", branch="main")
        given = defaults | {name.replace("_", "-"): value for name, value in inputs.items()}
        variables = ground.variables("push", ground.event("push"), None, GITHUB_REF="refs/heads/main")
        variables |= {"PATH": f"{tools}:{variables['PATH']}", "GITHUB_OUTPUT": str(root / "outputs.txt")}
        for name, text in step["env"].items():
            variables[name] = re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: given[found[1]], text)
        variables["GITHUB_TOKEN"] = ""
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]], cwd=root, env=variables,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False,
        )  # fmt: skip
        assert not list(tmp_path.rglob("pwned")), "an input is no code"
        lines = (root / "outputs.txt").read_text("utf-8").splitlines() if (root / "outputs.txt").exists() else []
        return done.returncode, done.stdout, dict(line.split("=", 1) for line in lines)

    return play


def test_the_action_s_words_run_and_leave_its_outputs(action):
    status, out, outputs = action(site="public", suites="writing", args="--against 'level' --key 'two words'")
    assert status == 0, out
    assert outputs == {"status": "0", "report": "./regress-reports/report.json", "site": "./public"}
    status, out, outputs = action(suites="nobody; touch pwned $(touch pwned)")
    assert (status, outputs["status"], outputs["report"]) == (2, "2", "")
    assert "there is no suite" in out
    status, out, outputs = action(bundle="part.json", confirm="false")
    assert (status, outputs["report"]) == (0, ""), out
    status, out, outputs = action(results="none/*.json other")
    assert outputs["status"] == "4", out
    assert "no file matches this pattern" in out
