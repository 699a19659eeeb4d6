"""Links to commits, made from an address that the user gives."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from ..errors import UsageError

PLACEHOLDER = "{commit}"


@dataclass(frozen=True, slots=True)
class Links:
    """How commits are shown and linked; `pattern` "" links nothing."""

    pattern: str = ""

    def __post_init__(self) -> None:
        # Note: a pattern such as "javascript:…" would run in the visitor's browser, so only web addresses pass.
        web = self.pattern.lower().startswith(("https://", "http://"))
        if self.pattern and not (web and PLACEHOLDER in self.pattern):
            raise UsageError(
                f"not an address of commits: {self.pattern!r}",
                where="commit_url",
                hint=f'write it like "https://github.com/owner/name/commit/{PLACEHOLDER}"',
            )

    def commit(self, commit: str) -> str:
        """The address of `commit`, or ""."""
        return self.pattern.replace(PLACEHOLDER, quote(commit, safe="")) if self.pattern and commit else ""

    def short(self, commit: str) -> str:
        """The first ten digits, as shown to people."""
        return commit[:10]


def site_address(text: str) -> str:
    """The address that a site will have, with a slash at its end; UsageError where it is no web address."""
    try:
        parts = urlsplit(text)
        web = parts.scheme.lower() in ("https", "http") and bool(parts.hostname)
    except ValueError:
        web = False
    if not web or parts.query or parts.fragment or not text.isprintable() or " " in text:
        hint = 'write it like "https://owner.github.io/name/"'
        raise UsageError(f"not an address of a site: {text!r}", where="--base-url", hint=hint)
    return text.rstrip("/") + "/"
