"""Where the trend site shows a benchmark or a cause: for comments and messages, which have nothing but addresses."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import RegressError, UsageError

if TYPE_CHECKING:
    from .context import Workspace

Pages = Callable[[str, str], str]


def site_root(workspace: Workspace, asked: str | None) -> str:
    """The site's address with a slash at its end, as asked for or configured; "" where there is none."""
    from ..forge import is_web_address

    address = workspace.config.site_url if asked is None else asked
    if not address:
        return ""
    if not is_web_address(address) or "?" in address or "#" in address:
        hint = 'write it like "https://owner.github.io/name/"'
        raise UsageError(f"not an address of a site: {address!r}", where="--site-url or site_url", hint=hint)
    return address.rstrip("/") + "/"


def benchmark_pages(workspace: Workspace, root: str) -> Pages:
    """The page of a benchmark by suite and name, "" for one that the history does not know, or without a site."""
    from ..site.build import PAGES
    from ..site.slug import slugs

    named: dict[tuple[str, str], str] = {}
    if root:
        with suppress(RegressError):  # a job that only posts may have no history, and then no links
            keys = workspace.existing_history.benchmarks()
            named = slugs({(key.benchmark.suite, key.benchmark.name) for key in keys})

    def page(suite: str, name: str) -> str:
        slug = named.get((suite, name))
        return f"{root}{PAGES}/{slug}.html" if slug else ""

    return page


def cause_page(root: str, cause: str) -> str:
    """Where the site tells of a cause, "" without a site."""
    from ..site.steps import cause_href

    return root + cause_href(cause) if root else ""
