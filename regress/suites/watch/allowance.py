"""How many cores and how much memory a process may use: the machine's, or less in a container.

Read from the control groups of Linux, version 2 (`cpu.max`, `memory.max`, `memory.current`) and version 1
(`cpu.cfs_quota_us`, `memory.limit_in_bytes`, `memory.usage_in_bytes`), at every level from the process's own group
up to where they are mounted, as the tightest holds; and from the set of processors that the process is bound to.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import psutil  # type: ignore[import-untyped]


@dataclass(frozen=True, slots=True)
class Allowance:
    """`cores` (may be a fraction) and `memory` (bytes); `cores_from` and `memory_from` say in words what sets them.

    `group`: the folder of the control group whose limit of memory holds, None where the machine's own memory is it.
    """

    cores: float
    memory: int
    cores_from: str = "the machine"
    memory_from: str = "the machine"
    group: Path | None = None

    def memory_used(self) -> float:
        """The share of the memory that is in use; what can be given back at once (file caches) is not."""
        used = _group_usage(self.group) if self.group else None
        if used is not None:
            return used / self.memory
        machine = psutil.virtual_memory()
        return float((machine.total - machine.available) / machine.total)


def allowance(pid: int | None = None, root: Path = Path("/")) -> Allowance:
    """What the process `pid` (None: this one) may use. `root` is where /proc and the mounts are looked for."""
    cores, cores_from = float(psutil.cpu_count() or 1), "the machine"
    memory, memory_from, group = int(psutil.virtual_memory().total), "the machine", None
    with suppress(AttributeError, psutil.Error, OSError):
        bound = len(psutil.Process(pid).cpu_affinity())
        if 0 < bound < cores:
            cores, cores_from = float(bound), "the processors it is bound to"
    for folder in _groups(pid, root):
        quota = _quota(folder)
        if quota is not None and quota < cores:
            cores, cores_from = quota, f"the control group {_shown(folder, root)}"
        limit = _memory_limit(folder)
        if limit is not None and limit < memory:
            memory, memory_from, group = limit, f"the control group {_shown(folder, root)}", folder
    return Allowance(cores, memory, cores_from, memory_from, group)


def _shown(folder: Path, root: Path) -> str:
    return "/" + os.fspath(folder.relative_to(root))


def _groups(pid: int | None, root: Path) -> Iterator[Path]:
    """The folders of the control groups that a process lies in, each with those above it."""
    own = _lines(root / "proc" / str(pid or "self") / "cgroup")
    mounts = [line.split() for line in _lines(root / "proc/self/mountinfo")]
    for line in own:
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        for mount in mounts:
            if "-" not in mount or len(mount) < 6:
                continue
            kind, options = mount[mount.index("-") + 1], mount[-1].split(",")
            wanted = set(names.split(",")) if names else set()
            if kind == ("cgroup" if wanted else "cgroup2") and wanted <= set(options):
                yield from _upwards(root / mount[4].lstrip("/"), mount[3], path)


def _upwards(mounted: Path, mount_root: str, path: str) -> Iterator[Path]:
    """From the group at `path` up to the mount. A container may see the path of outside: then the mount alone."""
    try:
        below = PurePosixPath(path).relative_to(mount_root)
    except ValueError:
        below = PurePosixPath()
    folder = mounted / below
    if ".." in below.parts or not folder.is_dir():
        folder = mounted
    while True:
        yield folder
        if folder == mounted:
            return
        folder = folder.parent


def _quota(folder: Path) -> float | None:
    """Cores per second of time, None without a limit."""
    words = _word(folder / "cpu.max").split()
    if not words:
        words = [_word(folder / "cpu.cfs_quota_us"), _word(folder / "cpu.cfs_period_us")]
    try:
        quota, period = (float(word) for word in words)
    except ValueError:
        return None  # "max", or no such file
    return quota / period if quota > 0 and period > 0 else None


def _memory_limit(folder: Path) -> int | None:
    text = _word(folder / "memory.max") or _word(folder / "memory.limit_in_bytes")
    return int(text) if text.isdigit() and int(text) > 0 else None


def _group_usage(folder: Path) -> float | None:
    """Bytes in use in a control group without what of its file caches can be given back."""
    for current, cache in (("memory.current", "inactive_file"), ("memory.usage_in_bytes", "total_inactive_file")):
        text = _word(folder / current)
        if text.isdigit():
            stat = dict(line.split(maxsplit=1) for line in _lines(folder / "memory.stat") if " " in line)
            with suppress(ValueError):
                return max(0.0, int(text) - float(stat.get(cache, 0)))
    return None


def _word(path: Path) -> str:
    return next(iter(_lines(path)), "").strip()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def cores_in_words(cores: float) -> str:
    """`2 cores`, `0.5 of a core`."""
    if math.isclose(cores, 1):
        return "1 core"
    return f"{cores:g} cores" if cores > 1 else f"{cores:.2g} of a core"
