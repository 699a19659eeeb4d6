"""Golden cases: a folder each, with the command lines, their input, what they print and how they end.

    tests/cases/NAME/commands      one command line each; "$ " is not written
    tests/cases/NAME/input/        copied into an empty folder in which the commands run (optional)
    tests/cases/NAME/stdout        what all of them print, each after a line "$ regress …"; likewise stderr
    tests/cases/NAME/status        their exit statuses, one a line

`pytest tests/test_cases.py --accept` writes what was got; without it a difference leaves FILE.got beside FILE.
"""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from regress.cli import run

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("case", sorted(p.name for p in CASES.iterdir() if p.is_dir()))
def test_case(case, tmp_path, monkeypatch, capfd, request):
    folder = CASES / case
    if (folder / "input").is_dir():
        shutil.copytree(folder / "input", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REGRESS_DB", raising=False)
    got = {"stdout": "", "stderr": "", "status": ""}
    for line in (folder / "commands").read_text(encoding="utf-8").splitlines():
        got["status"] += f"{run(shlex.split(line)[1:])}\n"
        out, err = capfd.readouterr()
        got["stdout"] += f"$ {line}\n{scrubbed(out, tmp_path)}"
        got["stderr"] += scrubbed(err, tmp_path)
    for name, text in got.items():
        compare(folder / name, text, accept=request.config.getoption("--accept"))


def scrubbed(text: str, folder: Path) -> str:
    """Without what differs between two machines: the folder and the present moment."""
    text = text.replace(str(folder.resolve()), "DIR").replace(str(folder), "DIR").replace(folder.name, "DIR")
    return re.sub(r"by .+ on \d{4}-\d\d-\d\d \d\d:\d\d UTC", "by SOMEBODY on TODAY", text)


def compare(expected: Path, got: str, *, accept: bool) -> None:
    left = expected.with_name(expected.name + ".got")
    wanted = expected.read_text(encoding="utf-8") if expected.exists() else ""
    left.unlink(missing_ok=True)
    if got == wanted:
        return
    if accept:
        expected.write_text(got, encoding="utf-8")
        return
    left.write_text(got, encoding="utf-8")
    assert got == wanted, f"see {left.relative_to(CASES.parent.parent)}, or run with --accept"
