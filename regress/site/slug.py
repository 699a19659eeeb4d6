"""File names for benchmarks: ASCII, short, safe on every file system, and the same on every build."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

MAX_LENGTH = 80

# Names that Windows keeps for devices, whatever their extension.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{device}{n}" for device in ("com", "lpt") for n in range(1, 10))}

Named = tuple[str, str]


def slugs(benchmarks: Iterable[Named]) -> dict[Named, str]:
    """A distinct slug for each (suite, name): its ASCII, with eight digits of a hash where that is not the name itself.

    The result does not depend on the order of the benchmarks: all of those that collide (ignoring case) get a hash.
    """
    plain = {benchmark: ascii_of(benchmark[1]) for benchmark in benchmarks}
    taken = Counter(slug.lower() for slug in plain.values())
    return {
        benchmark: slug if slug == benchmark[1] and taken[slug.lower()] == 1 else f"{slug}-{_hash(benchmark)}"
        for benchmark, slug in plain.items()
    }


def ascii_of(name: str) -> str:
    """At most 80 characters of [A-Za-z0-9._-], never hidden, never a path, never a device; not distinct by itself."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    # Note: no leading dot, dash or underscore, as hidden files, options and Jekyll's private pages begin so.
    slug = re.sub(r"[^A-Za-z0-9._-]+|\.{2,}", "-", text)[:MAX_LENGTH].strip("._-")
    return f"{slug}-x" if slug.lower().split(".")[0] in _DEVICES else slug or "benchmark"


def _hash(benchmark: Named) -> str:
    text = "\0".join(benchmark)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
