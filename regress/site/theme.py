"""Where the templates are, and the environment that renders them."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    select_autoescape,
)

from ..errors import RegressError, UsageError

STYLESHEET = "static/site.css"
SCRIPT = "static/site.js"
REPORT_STYLESHEET = "static/report.css"


@cache
def templates() -> Path:
    """The directory of the templates: inside the installed package, else at the top of the checkout."""
    installed = Path(str(files("regress"))) / "templates"
    places = [installed, Path(__file__).resolve().parents[2] / "templates"]
    for place in places:
        if place.is_dir():
            return place
    raise RegressError("the page templates are missing", where=str(installed), hint="install regress again")


def places(theme: Path | None = None) -> list[Path]:
    """Where a template is looked for, in order: the user's own directory, where there is one, then ours."""
    if theme is None:
        return [templates()]
    if not theme.is_dir():
        what = "is no directory of templates" if theme.exists() else "there is no such directory of templates"
        raise UsageError(what, where=str(theme), hint="--theme names a directory with, for example, a base.html")
    return [theme, templates()]


def environment(theme: Path | None = None) -> Environment:
    """Jinja's environment. Everything that is put into a page is escaped, as names and subjects are foreign text.

    With `theme`, templates are looked for there first. One of ours that is there too can still be extended as
    "regress/base.html".
    """
    found = places(theme)
    names = sorted(str(path) for path in theme.rglob("*")) if theme else ()
    return _environment(tuple(place.resolve() for place in found), tuple(names))


# Templates are compiled once for many pages. An edited one is noticed; one that is new in a theme is not, so that the
# names which stand there are part of what is asked for.
@lru_cache(maxsize=8)
def _environment(found: tuple[Path, ...], names: tuple[str, ...]) -> Environment:
    own = PrefixLoader({"regress": FileSystemLoader(templates())})
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(found), own]),
        autoescape=select_autoescape(["html"], default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@contextmanager
def template_faults() -> Iterator[None]:
    """What is wrong with a template, as an error of one line: users write some themselves."""
    try:
        yield
    except TemplateError as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".html")]
        where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "templates"
        if isinstance(error, TemplateSyntaxError):
            where = f"{error.filename or error.name}:{error.lineno}"
        hint = "mend the template, or build without --theme"
        raise UsageError(f"the template is wrong: {error.message or error}", where=where, hint=hint) from None


def stylesheet(theme: Path | None = None) -> bytes:
    """The site's one style sheet: the theme's, where it has one."""
    return _static(STYLESHEET, theme)


def stylesheet_tag(theme: Path | None = None) -> str:
    """Eight digits that change with the style sheet, so that a browser never keeps an old one."""
    return hashlib.blake2b(stylesheet(theme), digest_size=4).hexdigest()


def script(theme: Path | None = None) -> bytes:
    """The site's own script: the theme's, where it has one."""
    return _static(SCRIPT, theme)


def script_tag(theme: Path | None = None) -> str:
    """Eight digits that change with the script."""
    return hashlib.blake2b(script(theme), digest_size=4).hexdigest()


def _static(name: str, theme: Path | None) -> bytes:
    found = [place / name for place in places(theme)]
    return next(path for path in found if path.is_file() or path is found[-1]).read_bytes()


def report_stylesheet() -> str:
    """The styles of a report's page: the site's, and what only a report has."""
    return "\n".join((templates() / name).read_text("utf-8") for name in (STYLESHEET, REPORT_STYLESHEET))
