"""Foreign code that the site ships is what its manifest says, and the wheel carries it with its licence."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from regress.site.about import vendored
from regress.site.theme import Assets, templates

VENDOR = templates() / "static" / "vendor"
MANIFESTS = sorted(VENDOR.glob("*/VENDOR.toml"))


def manifest(path):
    return tomllib.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.parent.name)
def test_every_file_is_the_published_one(path):
    said = manifest(path)
    assert said["integrity"].startswith("sha512-")
    for each in said["files"]:
        assert hashlib.sha256((path.parent / each["name"]).read_bytes()).hexdigest() == each["sha256"], each["name"]
    listed = {each["name"] for each in said["files"]} | {"VENDOR.toml"}
    assert {file.name for file in path.parent.iterdir()} == listed, "nothing lies beside them unlisted"
    assert "LICENSE" in listed


def test_the_page_about_the_site_names_it():
    found = {each.name: each for each in vendored(VENDOR)}
    assert (found["uplot"].version, found["uplot"].licence) == ("1.6.32", "MIT")


def test_a_site_is_served_with_it():
    names = {name for name, _ in Assets()}
    assert {"static/vendor/uplot/uPlot.iife.min.js", "static/vendor/uplot/uPlot.min.css"} <= names


def test_the_wheel_carries_templates_and_licences():
    root = Path(__file__).resolve().parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    assert "templates/static/vendor/*/LICENSE" in project["project"]["license-files"]
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"] == {"templates": "regress/templates"}
