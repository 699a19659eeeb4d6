"""Where the pages of benchmarks are, and which of their sections there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..model import Environment
from .pages import anchor
from .slug import Named


class Hrefs(dict[Named, str]):
    """The page of each benchmark; `sections` are the environments that it has a section for."""

    def __init__(self, pages: Mapping[Named, str] = {}, sections: Collection[tuple[Named, Environment]] = ()) -> None:
        super().__init__(pages)
        self._sections = frozenset((benchmark, anchor(environment)) for benchmark, environment in sections)

    def section(self, benchmark: Named, environment: Environment) -> str:
        """The section of an environment; the page itself where it has none, and "" where there is no page.

        A change may lie before what a site shows of an environment, or in one that the site leaves out.
        """
        page, id_ = self.get(benchmark, ""), anchor(environment)
        return f"{page}#{id_}" if page and (benchmark, id_) in self._sections else page
