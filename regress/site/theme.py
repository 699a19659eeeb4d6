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
TREND_SCRIPT, TREND_STYLESHEET = "static/trend.js", "static/trend.css"
#: uPlot makes formatters of numbers and dates when it is loaded, which takes a browser up to 60 ms, and no trend asks
#: for them: all texts are ours. Within its bundle it meets formatters that are made when they are first used.
_LAZY_INTL = b"""{
NumberFormat: class { constructor(tag) { this.format = n => new Intl.NumberFormat(tag).format(n); } },
DateTimeFormat: class { resolvedOptions() { return { timeZone: "" }; } },
}"""
_UPLOT = "static/vendor/uplot/uPlot.iife.min.js"
#: Files that are served as one, from parts in the order that they need one another. A trend is drawn by its first
#: script; the second answers who points at it, and comes when the picture stands.
BUNDLES = {
    TREND_STYLESHEET: ("static/vendor/uplot/uPlot.min.css", "static/trend_page.css"),
    TREND_SCRIPT: (
        "static/data.js", _UPLOT, *(f"static/trend_{part}.js" for part in ("view", "chart", "labels", "page"))
    ),
    "static/trend-asked.js": tuple(f"static/trend_{part}.js" for part in ("across", "cursor", "save", "controls")),
}  # fmt: skip
REPORT_STYLESHEET, RUN_STYLESHEET = "static/report.css", "static/run.css"


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


class Assets:
    """The site's own style sheets and scripts: each is the theme's, where it has one."""

    def __init__(self, theme: Path | None = None) -> None:
        self._places = places(theme)
        self._hrefs: dict[str, str] = {}

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """(name, content) of every file, in order."""
        for name in _asset_names():
            yield name, self.read(name)

    def read(self, name: str) -> bytes:
        """The content of one file, by its name in the site."""
        if name in BUNDLES:
            return b"\n".join(_inside(part, self._file(part, lean=True)) for part in BUNDLES[name])
        return self._file(name, lean=name.endswith(".css"))

    def _file(self, name: str, *, lean: bool) -> bytes:
        """One file; what somebody else wrote is left as it is."""
        found = [place / name for place in self._places]
        path = next(path for path in found if path.is_file() or path is found[-1])
        ours = path is found[-1] and "/vendor/" not in name
        return _lean(path.read_bytes()) if lean and ours else path.read_bytes()

    def href(self, root: str, name: str) -> str:
        """The address of one file: it changes with the content, so that a browser never keeps an old one."""
        if name not in self._hrefs:
            self._hrefs[name] = f"{name}?v={hashlib.blake2b(self.read(name), digest_size=4).hexdigest()}"
        return f"{root}{self._hrefs[name]}"


def _inside(name: str, content: bytes) -> bytes:
    """A file as it stands in a bundle."""
    return b"var uPlot=(Intl=>{" + content + b"\nreturn uPlot})(" + _LAZY_INTL + b");" if name == _UPLOT else content


def _lean(text: bytes) -> bytes:
    """A script or a style sheet of ours without indents and comments on lines of their own, which no browser needs."""
    lines = (line.strip() for line in text.splitlines())
    return b"\n".join(line for line in lines if line and not _is_comment(line)) + b"\n"


def _is_comment(line: bytes) -> bool:
    return line.startswith(b"//") or (line.startswith(b"/*") and line.find(b"*/") == len(line) - 2)


@cache
def _asset_names() -> tuple[str, ...]:
    """The files that a site is served with; a report of one file has its styles inside."""
    found = (templates() / "static").rglob("*")
    names = (path.relative_to(templates()).as_posix() for path in found if path.suffix in (".css", ".js"))
    left_out = {part for parts in BUNDLES.values() for part in parts if "/trend_" in part}
    left_out |= {REPORT_STYLESHEET, RUN_STYLESHEET}
    return tuple(sorted(({*names} - left_out) | {*BUNDLES}))


def alone(template: str, page: object, *, project: str, version: str, built: str, style: str = "") -> str:
    """A page as one HTML file, with the site's styles and a report's inside; everything foreign in it is escaped.

    `style` is one more style sheet, that of this kind of page.
    """
    sheets = filter(None, (STYLESHEET, REPORT_STYLESHEET, style))
    css = "\n".join((templates() / name).read_text("utf-8") for name in sheets)
    text = environment().get_template(template).render(
        page=page, project=project or "Benchmarks", version=version, built=built, css=css, root="", here="", pages=(),
        canonical="",
    )  # fmt: skip
    # Note: a lone surrogate in a foreign name has no UTF-8; it is shown as a question mark.
    return text.encode("utf-8", "replace").decode("utf-8")
