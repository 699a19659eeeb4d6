"""What is installed finds its templates: from a wheel that was built from the sdist, and from a checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.project import make_project

ROOT = Path(__file__).parent.parent
SHOW = "from regress.site.theme import templates; print(templates())"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """A wheel made as a packager would: the sdist first, the wheel out of it."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


def test_the_wheel_holds_code_templates_and_licence(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "regress/templates/index.html" in names
    assert "regress/templates/static/site.css" in names
    assert "regress/py.typed" in names
    assert any(name.endswith("/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "docs/"))]


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A folder into which the wheel was installed."""
    target = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    return target


def python(code: str, package_in: Path, cwd: Path) -> str:
    """Runs code with the package of one folder: neither the present folder nor an editable install comes first."""
    command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(package_in)!r}); {code}"]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_templates_are_found_in_the_wheel_and_in_the_checkout(installed, tmp_path):
    assert Path(python(SHOW, installed, tmp_path)) == installed / "regress" / "templates"
    assert Path(python(SHOW, ROOT, tmp_path)) == ROOT / "templates"


def test_an_installed_program_builds_a_site(installed, tmp_path):
    project = make_project(tmp_path / "widgets")
    for line in ("ingest results", "site"):
        python(f"from regress.cli import run; sys.exit(run({line.split()!r}))", installed, project.root)
    assert "test_algo.py::test_sort" in (project.root / "site" / "index.html").read_text(encoding="utf-8")
