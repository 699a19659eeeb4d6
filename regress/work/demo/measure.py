"""Runs the demo's two suites on one commit, with everything that they write kept inside the demo's folder."""

from __future__ import annotations

import importlib.util
import json
import os
import site
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ...errors import InputError, UsageError

MACHINE = "demo"
# A socket's path may have some 100 characters; asv's fork server puts one into the folder for temporary files.
_LONGEST = 60
_FOREIGN = {
    "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTHONOPTIMIZE", "PYTHONSTARTUP",
}  # fmt: skip


def require_tools() -> None:
    """Raises UsageError where pytest-benchmark or asv is not installed beside this program."""
    tools = {"pytest_benchmark": "pytest-benchmark", "asv": "asv"}
    missing = [name for module, name in tools.items() if importlib.util.find_spec(module) is None]
    if missing:
        hint = "install both: pip install 'regress[demo]'"
        raise UsageError(f"the demo runs real benchmarks, and {' and '.join(missing)} cannot be imported", hint=hint)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the demo measures: the project's folder, and the one work tree that shows commit after commit."""

    project: Path
    tree: Path

    @property
    def private(self) -> Path:
        """The folder for what nobody needs to see: the home that asv writes to, temporary files, the log."""
        return self.project / ".demo"

    @property
    def log(self) -> Path:
        """What the two tools wrote, in order."""
        return self.private / "log.txt"

    def prepare(self) -> None:
        """Makes the private folders and tells asv of this machine, in a home of its own."""
        home = self.private / "home"
        for folder in (home, self.private / "tmp", self.project / "results" / "pytest"):
            folder.mkdir(parents=True, exist_ok=True)
        self._call([sys.executable, "-m", "asv", "machine", "--yes"], self.project)
        # The name becomes part of every series: a container's random host name would tell nobody anything.
        file = home / ".asv-machine.json"
        stored = json.loads(file.read_text(encoding="utf-8"))
        known: dict[str, str] = next((value for key, value in stored.items() if key != "version"), {})
        file.write_text(json.dumps({MACHINE: {**known, "machine": MACHINE}, "version": 1}), encoding="utf-8")

    def pytest(self, number: int) -> Path:
        """Runs the pytest-benchmark suite on the commit in the tree; the file with the results."""
        out = self.project / "results" / "pytest" / f"{number:04}.json"
        # The tool reads the commit from the present directory: it runs in the tree, with the project's benchmarks.
        self._call(
            [
                sys.executable, "-m", "pytest", "-q", "-p", "pytest_benchmark.plugin", "-p", "no:cacheprovider",
                "-c", str(self.project / "pyproject.toml"), "--rootdir", str(self.project),
                str(self.project / "benchmarks"), f"--benchmark-json={out}", "--benchmark-max-time=0.1",
                "--benchmark-min-rounds=9", "--benchmark-warmup=off",
            ],
            self.tree,
        )  # fmt: skip
        return out

    def asv(self, commit: str) -> None:
        """Runs the asv suite on the commit in the tree; the results are added to the folder that asv keeps."""
        launch = "forkserver" if len(str(self.private)) < _LONGEST else "spawn"
        self._call(
            [
                sys.executable, "-m", "asv", "run", "--python=same", f"--set-commit-hash={commit}",
                f"--machine={MACHINE}", f"--launch-method={launch}", "--show-stderr",
            ],
            self.project,
        )  # fmt: skip

    def _environment(self) -> dict[str, str]:
        """This process's environment, without what would lead a tool out of the demo's folder."""
        kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        source, home = str(self.tree / "src"), str(self.private / "home")
        own = {
            "HOME": home,
            "XDG_CACHE_HOME": home,
            "XDG_CONFIG_HOME": home,
            "PYTHONUSERBASE": site.getuserbase(),  # else a new HOME hides tools installed with `pip install --user`
            "TMPDIR": str(self.private / "tmp"),
            "PYTHONPATH": source,
            "ASV_PYTHONPATH": source,
            "QUILL_SOURCE": source,
            # Beside saving litter: two commits within a second can leave a .pyc that Python takes for the newer file's.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        return {**kept, **own}

    def _call(self, command: list[str], directory: Path) -> None:
        done = subprocess.run(
            command, cwd=directory, env=self._environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        text = done.stdout.decode("utf-8", "replace")
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n{text}\n")
        if done.returncode:
            last = next((line for line in reversed(text.splitlines()) if line.strip()), "no message")
            what = f"{command[2]} ended with status {done.returncode}: {last.strip()}"
            raise InputError(what, where=str(directory), hint=f"all it said is in {self.log}")
