"""Who gets in: the page that the app itself served, at an address that is its own, and nobody else."""

import os
import re
import shutil
import signal
import subprocess
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Error

from rnn_core.runs import queue
from rnn_core.runs.run import RUNNING
from rnn_core.runs.store import Store
from tests.browser.conftest import REBOUND, recording, serve_app, went_out
from tests.browser.walks import CONNECTED
from tests.browser.wire import ask, handshake, rerun, start_button, visit
from tests.runs.workers import PATIENCE, wait_until

TRAIN = "train?data=verdict&epochs=1000&hidden_size=8&max_length=32&threads=1"
UPLOAD = "/_stcore/upload_file/s/a-file"
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


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        *((host, f"http://{host}", 101) for host in ("127.0.0.1:{}", "localhost:{}", "[::1]:{}")),
        ("evil.example:{}", "http://evil.example:{}", 403),
        ("127.0.0.1:{}", "http://localhost:9", 403),  # Streamlit would let it in, and the next
        ("127.0.0.1:{}", None, 403),
    ],
)
def test_only_a_page_of_this_machine_gets_in(shared, host, origin, status):
    origin = origin and origin.format(shared.port)
    assert handshake(shared.port, host.format(shared.port), origin) == status


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
    answer = ask(shared.port, method, UPLOAD, headers, FILE)
    assert (answer.status, answer.body) == (403, b"XSRF token missing or invalid")


def test_an_upload_with_a_token_needs_a_session(shared):
    host = {"Host": f"evil.example:{shared.port}"}
    cookie = ask(shared.port, "GET", "/_stcore/health", host).headers["set-cookie"].split(";")[0]
    token = {"Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2]}
    answer = ask(shared.port, "PUT", UPLOAD, host | FORM | token, FILE)
    assert answer.status == 400
    assert b"Invalid session_id" in answer.body


def test_a_rebound_name_opens_no_page_in_a_browser(shared, page, store):
    """DNS rebinding: the name of another site, pointed at this machine once the browser trusts its page."""
    with page.expect_console_message(lambda message: "response code: 403" in message.text):
        page.goto(f"http://{REBOUND}:{shared.port}/{TRAIN}")
    assert page.locator(CONNECTED).count() == 0
    assert page.get_by_role("button", name=re.compile("training")).count() == 0
    assert not store.runs.all()
    page.goto(f"http://localhost:{shared.port}/cells")
    page.wait_for_selector(CONNECTED)


@pytest.fixture
def other_site():
    """A site on another port of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def test_a_page_of_another_port_starts_nothing(shared, page, other_site, store):
    start = start_button(shared.port, TRAIN)
    page.goto(other_site)
    address, (name, _, query) = f"localhost:{shared.port}", TRAIN.partition("?")
    with pytest.raises(Error, match="no session"):
        page.evaluate(OPEN, [address, list(rerun(query, [start], page_name=name))])
    assert page.evaluate(PUT, address) == "TypeError: Failed to fetch"
    assert not store.runs.all()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to no other group")
def test_who_is_named_starts_a_run_that_outlives_the_server(verdict_cache, tmp_path):
    """By host and origin; the server ends without an error, and says how the run is stopped."""
    shutil.copytree(verdict_cache, tmp_path / "cache")
    named = ["--server.allowedHosts=lab.example", "--server.allowedHosts=127.0.0.1"]
    named += ["--server.address=0.0.0.0", "--server.corsAllowedOrigins=https://films.example"]
    with serve_app(tmp_path, *named) as server:
        lab, localhost = (f"{name}:{server.port}" for name in ("lab.example", "localhost"))
        assert handshake(server.port, localhost, f"http://{localhost}") == 403
        assert handshake(server.port, lab, f"https://{lab}") == 101
        press = start_button(server.port, TRAIN)
        visit(server.port, TRAIN, host=lab, origin="https://films.example", press=press)
        store = Store()
        [run] = store.runs.all()
        wait_until(lambda: store.runs.get(run.id).optimizer_step > 0)

        os.killpg(server.process.pid, signal.SIGINT)  # as a terminal does: to the whole group
        assert server.process.wait(PATIENCE) == 0
        said = server.output.read_text()
        assert "Aborted" not in said
        assert f"Run {run.id} goes on" in said
        assert "python -m rnn_core runs stop --all" in said

        step = store.runs.get(run.id).optimizer_step
        wait_until(lambda: store.runs.get(run.id).optimizer_step > step)
        assert store.runs.get(run.id).state == RUNNING
        queue.stop_all(store)
        wait_until(lambda: not store.runs.active())
        assert store.runs.get(run.id).state == "stopped"


def test_speaking_to_another_machine_is_recorded(tmp_path):
    """`serve_app` sees, at the end of every server of the tests, that the app did not."""
    attempt = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    subprocess.run([sys.executable, "-c", attempt], env=recording(tmp_path), check=False)
    assert went_out(tmp_path) == ["socket.connect 192.0.2.1"]
