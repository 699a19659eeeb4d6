"""A remote behind HTTP that asks for a token, as a forge does: git's own server, on loopback."""

import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from regress.errors import InputError
from tests.sync.conftest import git, some_runs, text_of
from tests.sync.test_exchange import fetched, shared

TOKEN = "AUTHORIZATION: basic c2VjcmV0LXRva2Vu"


@pytest.fixture
def server(remote):
    """The address of the remote; `allowed` says what who holds the token may ask for, `busy` answers with 503 first."""
    git(remote, "config", "http.receivepack", "true")

    class Handler(BaseHTTPRequestHandler):
        allowed = ("git-upload-pack", "git-receive-pack")
        busy = 0

        def do_GET(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else self.chunks()
            given = self.headers.get_all("Authorization") or []
            path, _, query = self.path.partition("?")
            if given != [TOKEN.split(": ")[1]]:
                return self.answer(401 if not given else 400)
            if not any(service in self.path for service in Handler.allowed):
                return self.answer(403)
            if Handler.busy:
                Handler.busy -= 1
                return self.answer(503)
            env = {
                "GIT_PROJECT_ROOT": str(remote.parent), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
                "QUERY_STRING": query, "REQUEST_METHOD": self.command, "PATH": "/usr/bin:/bin:/usr/local/bin",
                "CONTENT_TYPE": self.headers.get("Content-Type") or "", "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding") or "",
                "GIT_PROTOCOL": self.headers.get("Git-Protocol") or "", "GIT_CONFIG_GLOBAL": "/dev/null",
                "REMOTE_USER": "ada",
            }  # fmt: skip
            out = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True, check=True).stdout
            head, _, content = out.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
            return self.answer(int(fields.pop("Status", "200").split()[0]), fields, content)

        do_POST = do_GET  # noqa: N815 (the name that the library asks for)

        def chunks(self):
            body = b""
            while self.headers.get("Transfer-Encoding") == "chunked":
                size = int(self.rfile.readline(), 16)
                body += self.rfile.read(size)
                self.rfile.readline()
                if not size:
                    break
            return body

        def answer(self, status, fields=None, content=b""):
            self.send_response(status)
            for name, value in (fields or {}).items():
                self.send_header(name, value)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        Handler.address = f"http://127.0.0.1:{listening.server_port}/{remote.name}"
        yield Handler
        listening.shutdown()
        thread.join()


@pytest.fixture
def behind(ada, server):
    """A clone whose local configuration holds address and token, as a checkout in CI leaves them."""
    git(ada.root, "remote", "set-url", "origin", server.address)
    git(ada.root, "config", f"http.{server.address}.extraheader", TOKEN)
    return ada


def test_the_token_of_the_clone_is_used_once(behind, bob):
    behind.record(*some_runs(3))
    assert shared(behind).runs == 3
    assert fetched(bob).runs == 3
    bob.record(*some_runs(1, start=5))
    shared(bob)
    assert fetched(behind).runs == 1
    assert text_of(bob.history) == text_of(behind.history)


def test_a_token_in_a_file_that_the_configuration_includes(behind, server, tmp_path):
    name = f"http.{server.address}.extraheader"
    git(behind.root, "config", "--unset", name)
    git(behind.root, "config", "--file", str(tmp_path / "credentials"), name, TOKEN)
    git(behind.root, "config", f"includeIf.gitdir:{behind.root}/.git.path", str(tmp_path / "credentials"))
    behind.record(*some_runs(1))
    assert shared(behind).runs == 1


def test_no_token(behind, server):
    git(behind.root, "config", "--unset", f"http.{server.address}.extraheader")
    with pytest.raises(InputError, match=r"fetching failed: .*could not read Username.*contents: write"):
        fetched(behind)


def test_a_token_that_may_only_read(behind, server):
    behind.record(*some_runs(1))
    server.allowed = ("git-upload-pack",)
    with pytest.raises(InputError, match=r"pushing failed: .*403.*contents: write") as caught:
        shared(behind)
    assert "c2VjcmV0" not in str(caught.value)
    assert not fetched(behind).exists


def test_a_server_that_is_busy_for_a_moment(behind, server):
    behind.record(*some_runs(1))
    server.busy = 2
    assert shared(behind).runs == 1
