"""Real results for the benchmarks, unpacked once for each process."""

import atexit
import functools
import shutil
import tarfile
import tempfile
from pathlib import Path

ARCHIVE = Path(__file__).parent.parent / "data" / "numpy-slice.tar.xz"


@functools.cache
def results() -> Path:
    """An asv results folder: 24 files of numpy, in a temporary folder that goes at the end."""
    folder = Path(tempfile.mkdtemp(prefix="regress-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder / "results"


@functools.cache
def runs() -> list:
    """The runs of those files."""
    from regress.formats import ReadOptions, documents, read
    from regress.model import Run

    found = []
    for document in documents([str(results())], None):
        found += [item for item in read(document, ReadOptions()) if isinstance(item, Run)]
    return found


def stored(folder: Path) -> str:
    """The URL of a new history in `folder` that holds those runs."""
    from regress.history import History

    url = str(folder / "history.db")
    with History.open(url) as history:
        history.record(runs())
    return url
