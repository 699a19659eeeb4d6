"""A push to a real server on loopback."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from regress.errors import RegressError
from regress.forge import Patience
from regress.forge.pushgateway import push

TEXT = 'a_seconds{name="é"} 1.0\n'


class Gateway(BaseHTTPRequestHandler):
    """Answers with the next of the statuses, and keeps what it was asked."""

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers), body))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        said = json.dumps({"message": f"I was sent {self.server.echo}"}).encode() if status >= 400 else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args):
        pass


@pytest.fixture
def gateway():
    server = HTTPServer(("127.0.0.1", 0), Gateway)
    server.asked, server.statuses, server.echo = [], [], "figures"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def sent(gateway, job="regress", project="widgets", login="", tail="", tries=3):
    waits = []
    host = f"127.0.0.1:{gateway.server_port}"
    patience = Patience(tries=tries, pause=waits.append)
    return push(f"http://{login}{host}{tail}", job, project, TEXT, patience), waits


def test_the_text_arrives_as_it_is(gateway):
    assert sent(gateway)[0] == f"127.0.0.1:{gateway.server_port}"
    path, headers, body = gateway.asked[0]
    assert path == "/metrics/job/regress/project/widgets"
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert body.decode() == TEXT
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    ("job", "project", "path"),
    [
        ("nightly", "a b", "/metrics/job/nightly/project/a%20b"),
        ("a/b", "é", "/metrics/job@base64/YS9i/project/%C3%A9"),
        ("..", "", "/metrics/job@base64/Li4/project@base64/="),
    ],
)
def test_job_and_project_are_the_grouping_key(gateway, job, project, path):
    sent(gateway, job, project, tail="/below/")
    assert gateway.asked[0][0] == "/below" + path


def test_a_gateway_that_is_ill_is_asked_again(gateway):
    gateway.statuses += [503, 500]
    waits = sent(gateway)[1]
    assert (len(gateway.asked), len(waits)) == (3, 2)


def test_a_password_is_sent_and_never_told(gateway):
    gateway.statuses += [401]
    gateway.echo = "s/cret"
    with pytest.raises(RegressError, match=r"answered 401: I was sent \*\*\*; write the address as") as raised:
        sent(gateway, login="ada:s%2Fcret@")
    assert gateway.asked[0][1]["Authorization"] == "Basic " + base64.b64encode(b"ada:s/cret").decode()
    told = f"{raised.value} {raised.value!r}"
    assert not any(secret in told for secret in ("s/cret", "s%2Fcret", "ada"))


def test_a_refusal_is_one_line(gateway):
    gateway.statuses += [400]
    with pytest.raises(RegressError, match="answered 400: I was sent figures; does another job push"):
        sent(gateway)
    assert len(gateway.asked) == 1


@pytest.mark.parametrize("address", ["ftp://x", "gateway:9091", "http://", "http://x/?a=b", "http://x/#a"])
def test_an_address_that_is_none(address):
    with pytest.raises(RegressError, match="the address of the Pushgateway"):
        push(address, "regress", "widgets", TEXT)


def test_nobody_there():
    with pytest.raises(RegressError, match=r"the Pushgateway at 127\.0\.0\.1:1: cannot be reached"):
        push("http://127.0.0.1:1", "regress", "widgets", TEXT, Patience(tries=1))
