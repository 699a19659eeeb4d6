"""Report -> text. A renderer returns text and never opens a file; it draws what was decided and changes none of it.

text      for a terminal, in the manner of benchstat
markdown  for a pull request's comment or a job's summary
junit     for CI servers: a test case for each verdict
json      for programs: `schema` names its version; `read` makes the Report of it again
"""

from __future__ import annotations

from typing import Protocol

from ..model import Report
from .json import JsonRenderer
from .junit import JunitRenderer
from .markdown import MarkdownRenderer
from .reading import read
from .text import TextRenderer


class Renderer(Protocol):
    """Draws a report as text."""

    def render(self, report: Report) -> str:
        """The report as text that ends with a line break."""
        ...


RENDERERS: dict[str, Renderer] = {
    "text": TextRenderer(),
    "markdown": MarkdownRenderer(),
    "json": JsonRenderer(),
    "junit": JunitRenderer(),
}

__all__ = ["RENDERERS", "JsonRenderer", "JunitRenderer", "MarkdownRenderer", "Renderer", "TextRenderer", "read"]
