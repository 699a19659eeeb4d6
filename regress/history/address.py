"""Where a history is: a path or a URL in, what to show and what to connect to out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from ..errors import HistoryError, UsageError

_KINDS = "use a path, sqlite:///PATH or postgresql://HOST/NAME"


@dataclass(frozen=True, slots=True)
class Address:
    """`shown` has no credentials; `path` is the file of a SQLite history, None for a server."""

    shown: str
    path: Path | None = None
    read_only: bool = False
    server: URL | None = field(default=None, repr=False)

    def target(self) -> URL:
        """What SQLAlchemy connects to. A file is never made by connecting: `prepare` does that on purpose."""
        if self.path is None:
            assert self.server is not None
            return self.server
        mode = "ro" if self.read_only else "rw"
        return URL.create("sqlite", database=f"file:{quote(str(self.path))}", query={"uri": "true", "mode": mode})

    def prepare(self, create: bool) -> None:
        """Makes the file and its folder, or says why there is none. A server's database has to exist."""
        if self.path is None:
            return
        if self.path.is_dir():
            raise HistoryError("the history is a directory", where=self.shown, hint="name a file in it")
        if self.path.exists():
            return
        if not create or self.read_only:
            raise HistoryError("there is no history yet", where=self.shown, hint="record a run first: regress ingest")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch()
        except OSError as error:
            # A file where a folder is needed: the system says "File exists", of a path that does not.
            above = isinstance(error, FileExistsError | NotADirectoryError)
            reason = "its folder is a file" if above else error.strerror or type(error).__name__
            hint = "name a place that can be written with --db"
            raise HistoryError(f"the history cannot be created: {reason}", where=self.shown, hint=hint) from error


def address_of(url: str) -> Address:
    """Reads a bare path, `sqlite:///PATH` (with `?mode=ro` to only read) or `postgresql://…`."""
    if "://" not in url:
        return _file(url)
    scheme = url.partition("://")[0]
    if scheme not in ("sqlite", "postgres", "postgresql", "postgresql+psycopg"):
        raise UsageError(f"no history can be kept at {scheme}://", hint=_KINDS)
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1) if scheme == "postgres" else url)
        if scheme != "sqlite":
            return _server(parsed)
    except (ArgumentError, ValueError) as error:
        # Note: the library's message may quote the URL, so it is not passed on.
        raise HistoryError(f"this is no {scheme}:// URL", hint=_KINDS) from error
    read_only = parsed.query.get("mode") == "ro"
    return _file((parsed.database or "").removeprefix("file:"), read_only)


def _file(path: str, read_only: bool = False) -> Address:
    if not path or path == ":memory:":
        raise HistoryError("a history needs a file", hint=_KINDS)
    try:
        # Absolute, so that a later change of directory does not lead the pool to another file.
        absolute = Path(path).expanduser().absolute()
    except RuntimeError as error:
        raise HistoryError("the home directory of the history's path is unknown", where=path, hint=_KINDS) from error
    return Address(f"sqlite:///{path}", absolute, read_only)


def _server(parsed: URL) -> Address:
    host = parsed.host or str(parsed.query.get("host", ""))
    port = f":{parsed.port}" if parsed.port else ""
    shown = f"postgresql://{host}{port}/{parsed.database or ''}"
    return Address(shown, server=parsed.set(drivername="postgresql+psycopg"))
