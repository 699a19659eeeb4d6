"""How far each framework is covered."""

from __future__ import annotations

from typing import Any

from . import faults
from .store import FRAMEWORKS, Store


def dashboard(store: Store) -> dict[str, Any]:
    """The share of controls without a gap, the worst gaps, and who collects."""
    faults.on("dashboard")
    frameworks = {}
    for name in FRAMEWORKS:
        gaps = store.gaps(name)
        frameworks[name] = {"covered": 1 - len(gaps) / 30, "worst": [title for _, title, _ in gaps[:3]]}
    owners = [{"owner": owner, "pieces": n, "age": round(age, 1)} for owner, n, age in store.by_owner()]
    return {"frameworks": frameworks, "owners": owners}
