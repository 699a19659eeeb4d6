"""The manual is tested: its `$ regress …` lines run, and its tables are those of the code.

`pytest tests/test_docs.py --accept` writes the parts of docs/reference.md that are drawn from the code.
"""

import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

from regress import config
from regress.cli import VERBS, cli, run
from regress.judge.verdict import STATUSES
from tests.project import make_project

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
REFERENCE = ROOT / "docs" / "reference.md"


def commands(page: Path) -> list[str]:
    """The lines after `$ ` in the console blocks of a page."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.name)
def test_what_the_manual_shows_works(page, tmp_path, monkeypatch, capfd):
    project = make_project(tmp_path / "widgets")
    monkeypatch.chdir(project.root)
    monkeypatch.delenv("REGRESS_DB", raising=False)
    run(["ingest", "results"])
    for line in commands(page):
        if line.startswith("regress "):
            status = run(shlex.split(line)[1:])
            # A check of the branch that is slower ends with 1, as it must.
            assert status == (1 if " check " in f"{line} " and "slow" in line else 0), (
                f"{line}: {capfd.readouterr().err}"
            )
        else:
            subprocess.run(["bash", "-c", line], check=True, cwd=project.root)


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def described(name: str, command: click.Command) -> list[str]:
    """A verb and its options as a section of the reference."""
    context = click.Context(command, info_name=f"regress {name}")
    if isinstance(command, click.Group):
        own = [f"### regress {name}", "", " ".join((command.help or "").split()), ""]
        return own + [line for sub, inner in command.commands.items() for line in described(f"{name} {sub}", inner)]
    usage = " ".join(context.get_usage().removeprefix("Usage: ").split()).replace(" [OPTIONS]", "")
    paragraphs = [" ".join(part.split()) for part in (command.help or "").split("\n\n")]
    lines = [f"### regress {name}", "", f"`{usage}`", "", *(line for part in paragraphs for line in (part, ""))]
    records = [o.get_help_record(context) for o in command.params if isinstance(o, click.Option)]
    for names, text in filter(None, records):
        lines.append(f"- `{names}`: {' '.join(text.split())}")
    return [*lines, ""]


def drawn() -> dict[str, list[str]]:
    """The parts of the reference that the code says."""
    verbs = [line for name in VERBS for line in described(name, cli.get_command(click.Context(cli), name))]
    outcomes = ["| outcome | status | under `--strict` |", "|---|---|---|"]
    outcomes += [f"| {outcome.value} | {usual} | {strict} |" for outcome, (usual, strict) in STATUSES.items()]
    keys = re.findall(r"^    .*$|^$", (config.__doc__ or "").split("\n\n", 1)[1], re.MULTILINE)
    written = [
        re.sub(r"\[tool\.regress\.(\w+\]+)", r"[\1             ", line[4:]).rstrip()
        for line in "\n".join(keys).strip("\n").splitlines()
    ]
    return {"verbs": verbs, "outcomes": outcomes, "configuration": ["```toml", *written, "```"]}


def test_the_reference_is_that_of_the_code(request):
    text = REFERENCE.read_text(encoding="utf-8")
    wanted = text
    for name, lines in drawn().items():
        body = "\n".join(lines).strip("\n")
        pattern = rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end -->)"
        wanted = re.sub(pattern, lambda m, body=body: f"{m[1]}\n{body}\n\n{m[2]}", wanted, count=1, flags=re.DOTALL)
    if request.config.getoption("--accept"):
        REFERENCE.write_text(wanted, encoding="utf-8")
    assert REFERENCE.read_text(encoding="utf-8") == wanted, "docs/reference.md is stale: run with --accept"


def test_the_configuration_that_the_reference_shows_is_one(tmp_path):
    shown = re.search(r"```toml\n(.*?)```", REFERENCE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "regress.toml").write_text(shown[1], encoding="utf-8")
    (tmp_path / "performance_config.json").write_text(
        '{"thresholds": {"login_ms": 150}, "workload": {"size": 9}}', encoding="utf-8"
    )
    loaded = config.load(tmp_path)
    tables = (loaded.rules, loaded.budgets, loaded.metrics, loaded.mappings, loaded.suites, loaded.renamed)
    assert [len(table) for table in tables] == [1, 2, 1, 1, 1, 1]


def test_every_key_of_the_configuration_is_in_its_docstring():
    models = (
        config._ConfigModel, config.RuleTable, config.BudgetTable, config.BudgetsFromTable, config._MetricModel,
        config.MappingTable, config._SuiteModel, config.ServerTable, config.NotifyModel, config._HistoryModel,
    )  # fmt: skip
    for model in models:
        for key in model.model_fields:
            assert re.search(rf"\b{key}\b", config.__doc__ or ""), key
