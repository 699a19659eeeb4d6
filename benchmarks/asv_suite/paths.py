"""Results in, history, verdict, pages: each path by itself, on the same real results."""

import subprocess
import sys
import tempfile
from pathlib import Path

from . import data


class _InFolder:
    """A benchmark with a folder of its own."""

    def setup(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="regress-bench-")
        self.folder = Path(self._temporary.name)

    def teardown(self):
        self._temporary.cleanup()


class Parse:
    """Files to runs."""

    def setup(self):
        self.paths = [str(data.results())]

    def time_asv(self):
        from regress.formats import ReadOptions, documents, read

        for document in documents(self.paths, None):
            for _ in read(document, ReadOptions()):
                pass

    def time_run_digest(self):
        for run in data.runs():
            run.digest()


class Store(_InFolder):
    """Runs into the history and out of it."""

    timeout = 120

    def setup(self):
        super().setup()
        data.runs()
        self.full = data.stored(self.folder)
        self.count = 0

    def time_record(self):
        from regress.history import History

        self.count += 1
        with History.open(str(self.folder / f"{self.count}.db")) as history:
            history.record(data.runs())

    def time_record_known(self):
        from regress.history import History

        with History.open(self.full) as history:
            history.record(data.runs())

    def time_list_runs(self):
        from regress.history import History

        with History.open(self.full) as history:
            history.runs()

    def time_read_all_series(self):
        from regress.history import History

        with History.open(self.full) as history:
            for _ in history.series():
                pass

    def track_bytes_per_point(self):
        points = sum(len(run.columns) for run in data.runs())
        return Path(self.full).stat().st_size / points

    track_bytes_per_point.unit = "B"


class Judge:
    """Two sides to verdicts."""

    def setup(self):
        *_, self.base, self.candidate = data.runs()

    def time_draft_and_decide(self):
        from regress.judge.compare import collect
        from regress.judge.decide import decide
        from regress.judge.draft import draft
        from regress.judge.rules import Rules

        drafts, _ = draft(collect([self.base]), collect([self.candidate]), Rules())
        decide(drafts, {})


class Verbs(_InFolder):
    """Whole commands, start-up included, as a CI job sees them."""

    timeout = 120

    def setup(self):
        super().setup()
        self.database = data.stored(self.folder)
        *_, self.base, self.candidate = data.runs()

    def _regress(self, *args):
        command = [sys.executable, "-m", "regress", *args, "--db", self.database, "-C", str(self.folder)]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def time_help(self):
        subprocess.run([sys.executable, "-m", "regress", "--help"], check=True, stdout=subprocess.DEVNULL)

    def time_show(self):
        self._regress("show")

    def time_check(self):
        self._regress("check", "--commit", self.candidate.commit, "--against", self.base.commit)

    def time_site(self):
        self._regress("site", "-o", str(self.folder / "site"))

    def peakmem_ingest(self):
        from regress.history import History

        with History.open(str(self.folder / "peak.db")) as history:
            history.record(data.runs())
