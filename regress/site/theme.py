"""Where the templates are, and the environment that renders them."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ..errors import RegressError

STYLESHEET = "static/site.css"


@cache
def templates() -> Path:
    """The directory of the templates: inside the installed package, else at the top of the checkout."""
    installed = Path(str(files("regress"))) / "templates"
    places = [installed, Path(__file__).resolve().parents[2] / "templates"]
    for place in places:
        if place.is_dir():
            return place
    raise RegressError("the page templates are missing", where=str(installed), hint="install regress again")


@cache
def environment() -> Environment:
    """Jinja's environment. Everything that is put into a page is escaped, as names and subjects are foreign text."""
    return Environment(
        loader=FileSystemLoader(templates()),
        autoescape=select_autoescape(["html"], default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def stylesheet() -> bytes:
    """The site's one style sheet."""
    return (templates() / STYLESHEET).read_bytes()


def stylesheet_tag() -> str:
    """Eight digits that change with the style sheet, so that a browser never keeps an old one."""
    return hashlib.blake2b(stylesheet(), digest_size=4).hexdigest()
