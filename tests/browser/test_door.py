"""Who gets in: the page that the app itself served, at an address that is its own, and nobody else."""

import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Error

from rnn_core.data.sources import recommended_config
from rnn_core.runs.run import QUEUED
from tests.browser.conftest import REBOUND, recording, serve_app, went_out
from tests.browser.test_main_job import CONNECTED
from tests.browser.wire import ask, handshake, rerun, start_button, visit

TRAIN = "train?data=verdict&reviews=500&epochs=1&hidden_size=2&embedding_size=2&threads=1"
ELSEWHERE = {
    "another port of localhost": "http://localhost:9",
    "another port of 127.0.0.1": "http://127.0.0.1:9",
    "no origin": None,
    "our address as a password": "http://user:127.0.0.1@localhost",
}
"""Origins that Streamlit would let in, at any host."""
UPLOAD = "/_stcore/upload_file/{session}/a-file"
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="run.zip"\r\n\r\nPK\r\n--x--\r\n'
OPEN = """([address, message]) => new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${address}/_stcore/stream`, ["streamlit"])
    socket.onopen = () => resolve(socket.send(new Uint8Array(message)))
    socket.onerror = () => reject(new Error("no session"))
})"""
PUT = """(address) => fetch(`http://${address}/_stcore/upload_file/s/f`, {
    method: "PUT", headers: { "X-Xsrftoken": "token" }, body: "PK",
}).catch(String)"""


@pytest.fixture(scope="module")
def start(shared):
    return start_button(shared.port, TRAIN)


FOREIGN = ["http://evil.example", "https://evil.example", "null", "http://127.0.0.1:{}.evil.example"]


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        *((host, f"http://{host}", 101) for host in ("127.0.0.1:{}", "localhost:{}", "[::1]:{}")),
        *(
            ("evil.example:{}", origin, 403)
            for origin in ("http://evil.example:{}", None, "http://127.0.0.1:{}")
        ),
        *(("127.0.0.1:{}", origin, 403) for origin in [*ELSEWHERE.values(), *FOREIGN]),
    ],
)
def test_only_a_page_of_this_machine_gets_in(shared, host, origin, status):
    origin = origin and origin.format(shared.port)
    assert handshake(shared.port, host.format(shared.port), origin) == status


def test_a_press_from_our_own_page_asks_for_a_run(shared, start, store):
    at_work = store.create(recommended_config("verdict"))
    assert store.turns.launch_next()  # as if its worker was about to begin, so that the other run waits
    address = f"localhost:{shared.port}"
    visit(shared.port, TRAIN, host=address, origin=f"http://{address}", press=start)
    assert [run.state for run in store.runs.all() if run.id != at_work.id] == [QUEUED]


@pytest.mark.parametrize("path", ["", "train", "_stcore/host-config", "_stcore/metrics", "media/none.png"])
@pytest.mark.parametrize("name", ["127.0.0.1", "evil.example"])
def test_no_page_of_another_origin_may_read_an_answer(shared, path, name):
    headers = {"Host": f"{name}:{shared.port}", "Origin": "http://localhost:9"}
    assert "access-control-allow-origin" not in ask(shared.port, "GET", f"/{path}", headers).headers


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("cookie", ["", "made up", "2|00000000|00000000|1"])
def test_an_upload_without_its_token_is_refused(shared, method, cookie):
    headers = {"Host": f"127.0.0.1:{shared.port}"} | FORM
    if cookie:
        headers |= {"Cookie": f"_streamlit_xsrf={cookie}", "X-Xsrftoken": "2|00000000|11111111|1"}
    answer = ask(shared.port, method, UPLOAD.format(session="s"), headers, FILE)
    assert (answer.status, answer.body) == (403, b"XSRF token missing or invalid")


def test_an_upload_with_a_token_needs_a_session(shared):
    host = {"Host": f"evil.example:{shared.port}"}
    cookie = ask(shared.port, "GET", "/_stcore/health", host).headers["set-cookie"].split(";")[0]
    token = {"Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2]}
    answer = ask(shared.port, "PUT", UPLOAD.format(session="s"), host | FORM | token, FILE)
    assert answer.status == 400
    assert b"Invalid session_id" in answer.body


def test_a_rebound_name_opens_no_page_in_a_browser(shared, page, store):
    """DNS rebinding: the name of another site, pointed at this machine once the browser trusts its page."""
    with page.expect_console_message(lambda message: "response code: 403" in message.text):
        page.goto(f"http://{REBOUND}:{shared.port}/{TRAIN}")
    assert page.locator("[data-test-connection-state=CONNECTED]").count() == 0
    assert page.get_by_role("button", name=re.compile("training")).count() == 0
    assert not store.runs.all()
    page.goto(f"http://localhost:{shared.port}/cells")
    page.wait_for_selector(CONNECTED)


class FreeFilms(BaseHTTPRequestHandler):
    """A site on another port of this machine."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p>Free films")

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture
def other_site():
    with ThreadingHTTPServer(("127.0.0.1", 0), FreeFilms) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def test_a_page_of_another_port_starts_nothing(shared, page, other_site, start, store):
    page.goto(other_site)
    address, (name, _, query) = f"localhost:{shared.port}", TRAIN.partition("?")
    with pytest.raises(Error, match="no session"):
        page.evaluate(OPEN, [address, list(rerun(query, [start], page_name=name))])
    assert page.evaluate(PUT, address) == "TypeError: Failed to fetch"
    assert not store.runs.all()


def test_a_host_and_an_origin_are_named_to_get_in(tmp_path):
    named = ["--server.allowedHosts=lab.example", "--server.allowedHosts=127.0.0.1"]
    named += ["--server.address=0.0.0.0", "--server.corsAllowedOrigins=https://films.example"]
    with serve_app(tmp_path, *named) as server:
        lab, here = (f"{name}:{server.port}" for name in ("lab.example", "127.0.0.1"))
        for host, origin in (
            (lab, f"http://{lab}"),
            (here, "https://films.example"),
            (lab, f"https://{lab}"),
        ):
            assert visit(server.port, "cells", host=host, origin=origin).of("heading")
        localhost = f"localhost:{server.port}"
        assert handshake(server.port, localhost, f"http://{localhost}") == 403


def test_speaking_to_another_machine_is_recorded(tmp_path):
    """`serve_app` sees, at the end of every server of the tests, that the app did not."""
    attempt = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    subprocess.run([sys.executable, "-c", attempt], env=recording(tmp_path), check=False)
    assert went_out(tmp_path) == ["socket.connect 192.0.2.1"]
