"""The team's own results: `results/NAME.json`, with what was configured for the whole file."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from .cluster import PODS, STEPS


def result(name: str, success: bool, **metrics: float | list[float]) -> dict[str, object]:
    """One benchmark of a file."""
    return {"benchmark_name": name, "success": success, "metrics": metrics}


def write(name: str, *benchmarks: dict[str, object]) -> None:
    """Writes the file of a scenario."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    document = {
        "git_commit": commit,
        "written_at": datetime.now(UTC).isoformat(),
        "config": {"pods": PODS, "steps": STEPS, "store": "sqlite"},
        "benchmarks": benchmarks,
    }
    path = Path("results") / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    print(f"{path}: {', '.join(str(each['benchmark_name']) for each in benchmarks)}")
