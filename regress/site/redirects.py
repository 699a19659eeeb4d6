"""Pages at the addresses of renamed benchmarks that lead to where the benchmark is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .slug import Named, slugs


@dataclass(frozen=True, slots=True)
class Redirect:
    """What a renamed benchmark's page says: `old` name, and (name, file beside it) of what it became, often one."""

    file: str
    old: str
    targets: tuple[tuple[str, str], ...]


def redirects(former: Mapping[Named, Sequence[Named]], hrefs: Mapping[Named, str], folder: str) -> Iterator[Redirect]:
    """A page for each former name whose own page there is no more, and whose present one there is.

    Its file is the one that the old name had beside the others. No page of a benchmark is ever stood upon, not on a
    file system that ignores case either.
    """
    taken = {href.lower() for href in hrefs.values()}
    names = slugs({*former, *hrefs})
    for old in sorted(former):
        targets = tuple((new[1], hrefs[new].removeprefix(f"{folder}/")) for new in former[old] if new in hrefs)
        file = f"{folder}/{names[old]}.html"
        if targets and old not in hrefs and file.lower() not in taken:
            taken.add(file.lower())
            yield Redirect(file, old[1], targets)
